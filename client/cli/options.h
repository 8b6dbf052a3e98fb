/* The command line, read by the rows of option_table.h. */
#ifndef REUNION_CLI_OPTIONS_H
#define REUNION_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "cli/option_table.h"
#include "cli/secret_text.h"

enum {
    OPTIONS_JOBS_MAX = 256,
    OPTIONS_DURATION_S_MAX = 1000000000,
    OPTIONS_TEXTS_MAX = 16,
    OPTIONS_PEERS_MAX = 65536,
    OPTIONS_FD_MAX = 1048576,
    OPTIONS_EXPECT_MAX = 4096,
};

/* Texts of an option that may be repeated, in the order given; argv's own. */
struct option_texts {
    const char *text[OPTIONS_TEXTS_MAX];
    size_t count;
};

struct option_link {
    bool given;
    uint8_t link[ID_BYTES];
};

/* Zeros and NULL: not given. */
struct options {
    enum command command;
    bool help, version;
    struct option_texts servers; /* after parsing at least one */
    struct secret_text message;
    const char *message_file;
    struct secret_text passphrase;
    const char *passphrase_file;
    int64_t passphrase_fd;          /* -1: not given */
    struct secret_text environment; /* no option: what REUNION_PASSPHRASE held */
    bool generate, confirm;
    struct option_link bucket;
    int64_t duration_s; /* 0: until stopped */
    int64_t expect;     /* 0: nobody in particular */
    bool no_linger;
    int64_t jobs;      /* 0: one for each processor */
    int64_t max_peers; /* 0: the usual limit */
    const char *ca_file, *pin, *proxy;
    bool insecure_http;
    const char *state_file;
    bool reference;
    bool json;
    bool verbose;
};

enum { OPTIONS_COMPLAINT_BYTES = 256 };

/* Read the command line. Passphrase and message are moved out of argv as they are met.
 * Needs: secret_init.
 * Gives: 0 and options to be cleared; -EINVAL and why in `complaint` (which never quotes what
 * could be a secret); -ENOMEM. Nothing is to be cleared after an error. */
MUST_CHECK int options_parse(struct options *options, int argc, char **argv,
                             char complaint[static OPTIONS_COMPLAINT_BYTES]);

/* Wipe the secrets among them. */
void options_clear(struct options *options);

#endif
