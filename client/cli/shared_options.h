/* The options that programs share, and where their values go. */
#ifndef REUNION_CLI_SHARED_OPTIONS_H
#define REUNION_CLI_SHARED_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/secret_text.h"
#include "option/settings.h"
#include "wire/sizes.h"

enum { OPTIONS_MAX = 64 };

struct option_bucket_hash {
    bool given;
    uint8_t bucket_hash[ID_BYTES];
};

/* Where the texts stand that options point to. Zeros: nothing. */
struct defaults {
    json_t *file;
    char *servers; /* REUNION_SERVER's, cut at the blanks */
};

/* What programs share; a program's own struct begins with it. Zeros and NULL: not given. */
struct options {
    unsigned command; /* its bit; 0: none was named where one is needed */
    bool help, version;
    enum setting_origin origins[OPTIONS_MAX]; /* by the option's number in the program's table */
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
    const char *mixes, *route; /* the net file's path; names with commas between them */
    int64_t cover_s;           /* 0: none */
    int64_t tolerance_s, sequence_max;
};

/* As setting.h wants it, for a struct secret_text: move it out of argv. The last one counts.
 * Returns: 0, -EMSGSIZE, -ENOMEM. */
int option_take_secret(void *place, char *text);

/* Rows for them. */
extern const struct setting_rows passphrase_rows, generate_rows,
    confirm_rows;                                 /* where it is from */
extern const struct setting_rows connection_rows; /* TLS and proxies */
extern const struct setting_rows mix_rows;        /* the mix chain */
extern const struct setting_rows bounds_rows;     /* what buckets are taken */
extern const struct setting_rows output_rows;     /* with help and version */

#endif
