/* The command line. */
#ifndef REUNION_CLI_OPTIONS_H
#define REUNION_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "cli/secret_text.h"

enum options_wish { WISH_RUN, WISH_HELP, WISH_VERSION };

enum { OPTIONS_JOBS_MAX = 256, OPTIONS_DURATION_S_MAX = 1000000000 };

struct options {
    enum options_wish wish;
    const char *server; /* argv's, or a constant */
    struct secret_text message;
    struct secret_text passphrase;
    bool has_bucket;
    uint8_t bucket[ID_BYTES];
    int64_t duration_s; /* 0: until stopped */
    unsigned jobs;      /* 0: one for each processor */
    bool reference;
    bool verbose;
};

enum { OPTIONS_COMPLAINT_BYTES = 256 };

/* Read the command line. Passphrase and message are moved out of argv before anything else is
 * looked at. Needs: secret_init.
 * Gives: 0 and options to be cleared; -EINVAL and why in `complaint` (which never quotes what
 * could be a secret); -ENOMEM. Nothing is to be cleared after an error. */
MUST_CHECK int options_parse(struct options *options, int argc, char **argv,
                             char complaint[static OPTIONS_COMPLAINT_BYTES]);

/* Wipe the secrets among them. */
void options_clear(struct options *options);

/* What --help prints. */
extern const char options_help[];

#endif
