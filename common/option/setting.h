/* One setting of a program as a row of a table, by which it is read, checked and explained. */
#ifndef REUNION_OPTION_SETTING_H
#define REUNION_OPTION_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: a new setting is a row, a member of the program's struct of settings, and the code that
 * heeds it. Nothing else knows settings by name, but the manual page, which is written by hand; a
 * test holds it against the table. Any thread, for tables never change. */

enum { SETTING_TEXTS_MAX = 16, SETTING_TEXT_BYTES = 1024, SETTING_VARIABLE_BYTES = 64 };

/* Where a value came from; a greater one has precedence. */
enum setting_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_FLAG };

struct setting_text {
    char text[SETTING_TEXT_BYTES]; /* empty: not set */
};

struct setting_texts {
    struct setting_text items[SETTING_TEXTS_MAX];
    size_t count;
};

enum setting_form {
    FORM_TEXT,    /* struct setting_text */
    FORM_TEXTS,   /* struct setting_texts: may be repeated */
    FORM_NUMBER,  /* uint64_t */
    FORM_SECONDS, /* uint64_t; "90", "90s", "15m", "24h", "7d" */
    FORM_MS,      /* uint64_t of milliseconds; "250ms", "1s" */
    FORM_BYTES,   /* uint64_t; "4096", "64K", "4M", "1G" */
    FORM_MODE,    /* uint64_t; "0660" */
    FORM_HEX,     /* `max` bytes, at most SETTING_HEX_BYTES_MAX, in hexadecimal digits */
    FORM_LEVEL,   /* enum log_level in a uint64_t */
    FORM_ACTION,  /* bool, without a value: do that instead of serving */
};

enum { SETTING_HEX_BYTES_MAX = 32 };

struct setting {
    const char *group; /* a heading */
    const char *name;  /* of the flag, without the dashes, and of the file's key */
    enum setting_form form;
    size_t offset;            /* in the program's struct of settings */
    const char *preset;       /* the default, as it would be given; NULL: none */
    const char *value;        /* how help names the value */
    const char *help;         /* a line */
    uint64_t min, max;        /* of numbers */
    enum setting_origin from; /* the least source that may set it */

    /* Of texts: what is wrong with one, in words that may be empty, or NULL if it is good; and what
     * complaints say it should be. NULL: any is good. */
    const char *(*fault)(const char *text);
    const char *takes;
    bool (*allows)(uint64_t number); /* of numbers with gaps, which have a `takes` too; or NULL */
};

/* All settings of a program. */
struct setting_table {
    const struct setting *rows;
    size_t count;
    const char *prefix; /* of the environment's variables: "REUNION_" */

    /* Variables that begin with `prefix` and are other programs'; one that ends with "_" stands for
     * all that begin so. Ends with NULL. */
    const char *const *others;
};

/* Whether a setting may be repeated: struct setting_texts. */
bool setting_is_list(const struct setting *setting);

/* The setting with the name of `length` bytes, or NULL. */
const struct setting *setting_find(const struct setting_table *table, const char *name,
                                   size_t length);

/* The setting whose name is nearest to what was typed: a few letters apart, or what it begins
 * with. Returns: NULL if none is near. */
const struct setting *setting_near(const struct setting_table *table, const char *name,
                                   size_t length);

/* The environment variable of a setting, REUNION_LISTEN for "listen". */
void setting_variable(const struct setting_table *table, const struct setting *setting,
                      char name[static SETTING_VARIABLE_BYTES]);

#endif
