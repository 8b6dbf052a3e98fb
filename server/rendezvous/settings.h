/* The table of settings, from which parsing, checks, help and the manual page are made. */
#ifndef REUNION_RENDEZVOUS_SETTINGS_H
#define REUNION_RENDEZVOUS_SETTINGS_H

#include "rendezvous/config.h"

enum setting_form {
    FORM_TEXT,     /* struct config_text */
    FORM_TEXTS,    /* struct config_texts: may be repeated */
    FORM_NETWORKS, /* the same, each an address or network */
    FORM_NUMBER,   /* uint64_t */
    FORM_SECONDS,  /* uint64_t; "90", "90s", "15m", "24h", "7d" */
    FORM_BYTES,    /* uint64_t; "4096", "64K", "4M", "1G" */
    FORM_MODE,     /* uint64_t; "0660" */
    FORM_SALT,     /* SALT_BYTES in hexadecimal digits */
    FORM_LEVEL,    /* enum log_level in a uint64_t */
    FORM_ACTION,   /* bool, without a value: do that instead of serving */
};

struct setting {
    const char *group; /* a heading */
    const char *name;  /* of the flag, without the dashes, and of the file's key */
    enum setting_form form;
    size_t offset;      /* in struct config */
    const char *preset; /* the default, as it would be given; NULL: none */
    const char *value;  /* how help names the value */
    const char *help;   /* a line */
    const char *more;   /* further sentences for the manual page; NULL: none */
    uint64_t min, max;  /* of numbers */
    enum origin from;   /* the least source that may set it */

    /* Of texts: what is wrong with one, in words that may be empty, or NULL if it is good; and what
     * complaints say it should be. NULL: any is good. */
    const char *(*fault)(const char *text);
    const char *takes;
    bool (*allows)(uint64_t number); /* of numbers with gaps, which have a `takes` too; or NULL */
};

/* Whether a setting may be repeated: struct config_texts. */
bool setting_is_list(const struct setting *setting);

extern const struct setting settings[];
extern const size_t setting_count;

/* The setting with the name of `length` bytes, or NULL. */
const struct setting *setting_find(const char *name, size_t length);

/* The setting whose name is nearest to what was typed: a few letters apart, or what it begins
 * with. Returns: NULL if none is near. */
const struct setting *setting_near(const char *name, size_t length);

enum { VARIABLE_BYTES = 64 };

/* The environment variable of a setting, REUNION_LISTEN for "listen". */
void setting_variable(const struct setting *setting, char name[static VARIABLE_BYTES]);

/* Give a setting the value that `text` spells, from a source which complaints call `where`, unless
 * a better source has set it. A wrong value is a line in `complaints` in any case. Returns: 0,
 * -EINVAL (the setting is untouched). */
MUST_CHECK int setting_give(const struct setting *setting, struct config *config,
                            enum origin origin, const char *text, const char *where,
                            FILE *complaints);

#endif
