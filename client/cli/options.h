/* Parsing of command lines by tables of options, and the options that programs share. */
#ifndef REUNION_CLI_OPTIONS_H
#define REUNION_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/defaults.h"
#include "cli/option_row.h"
#include "cli/option_value.h"
#include "cli/secret_text.h"
#include "wire/sizes.h"

enum { OPTIONS_TEXTS_MAX = 16 };

/* Texts of an option that may be repeated, in the order given; argv's own. */
struct option_texts {
    const char *text[OPTIONS_TEXTS_MAX];
    size_t count;
};

struct option_bucket_hash {
    bool given;
    uint8_t bucket_hash[ID_BYTES];
};

/* What programs share; a program's own struct begins with it. Zeros and NULL: not given. */
struct options {
    unsigned command; /* its bit; 0: none was named where one is needed */
    bool help, version;
    uint64_t given; /* on the command line: a bit for each of the program's options, by number */
    bool no_config;
    struct defaults defaults;
    bool json, verbose;
    struct secret_text passphrase;
    const char *passphrase_file;
    int64_t passphrase_fd;          /* -1: not given */
    struct secret_text environment; /* no option: what REUNION_PASSPHRASE held */
    bool generate, confirm;
    const char *ca_file, *pin, *proxy, *box_client_key;
    bool insecure_http;
    int64_t tolerance_s, sequence_max; /* -1: the usual */
};

/* Rows for them. */
extern const struct option_rows passphrase_rows, generate_rows, confirm_rows; /* where it is from */
extern const struct option_rows connection_rows;                              /* TLS and proxies */
extern const struct option_rows bounds_rows; /* what buckets are taken */
extern const struct option_rows output_rows; /* with help and version */

struct program;

/* Read the command line into a program's options. Secrets are moved out of argv as they are met.
 * Needs: secret_init; room for the program's options_bytes.
 * Returns: 0 and options to be cleared; -EINVAL and why in `complaint` (which never quotes what
 * could be a secret); -ENOMEM. Nothing is to be cleared after an error. */
MUST_CHECK int options_parse(const struct program *program, struct options *options, int argc,
                             char **argv, char complaint[static OPTIONS_COMPLAINT_BYTES]);

/* Wipe the secrets among a program's options. */
void options_clear(const struct program *program, struct options *options);

#endif
