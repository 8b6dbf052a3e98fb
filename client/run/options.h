/* The options of programs that take part in sessions. */
#ifndef REUNION_RUN_OPTIONS_H
#define REUNION_RUN_OPTIONS_H

#include "cli/complaint.h"
#include "cli/shared_options.h"

enum run_command { COMMAND_RENDEZVOUS = 1, COMMAND_CHECK = 2 };

struct run_options {
    struct options shared;
    struct secret_text message;
    const char *message_file;
    struct setting_strings servers; /* after parsing at least one */
    struct option_bucket_hash bucket;
    const char *place;           /* its name; NULL: the common one */
    uint8_t place_tag[ID_BYTES]; /* after parsing; zeros: the common one */
    bool reference;
    int64_t duration_s; /* 0: drawn, or with `no_linger` until stopped */
    int64_t expect;     /* 0: nobody in particular */
    bool no_linger, background;
    int64_t jobs; /* 0: one for each processor */
    int64_t max_peers;
    int64_t effort, max_effort;
    const char *state_file;
};

/* Rows for them. */
extern const struct setting_rows message_rows;
extern const struct setting_rows place_rows; /* servers and buckets */
extern const struct setting_rows stay_rows;  /* how long and how hard */

/* What help says of messages. */
extern const char *const message_paragraphs[];
enum { MESSAGE_PARAGRAPHS = 2 };

/* What no row of these can say; without servers and buckets. Returns: 0, -EINVAL. */
MUST_CHECK int run_options_check(const struct run_options *options,
                                 char complaint[static OPTIONS_COMPLAINT_BYTES]);

/* Wipe the secrets among them that are not shared. */
void run_options_clear(struct options *options);

#endif
