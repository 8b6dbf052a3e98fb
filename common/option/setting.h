/* One setting of a program as a row of a table, by which it is read, checked and explained. */
#ifndef REUNION_OPTION_SETTING_H
#define REUNION_OPTION_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: a new setting is a row, a member of the program's struct of settings, and the code that
 * heeds it. Nothing else knows settings by name, but the manual page and the completions, which are
 * written by hand; a test holds them against the table. What no single row can say, such as two
 * options that do not go together, is said by the program. Any thread, for tables never change. */

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

/* Texts that stay with whoever gave them, in the order given. */
struct setting_strings {
    const char *text[SETTING_TEXTS_MAX];
    size_t count;
};

enum setting_form {
    FORM_SWITCH,  /* bool, without a value */
    FORM_TEXT,    /* struct setting_text */
    FORM_TEXTS,   /* struct setting_texts: may be repeated */
    FORM_STRING,  /* const char *: the given text itself; NULL: not set. May not be repeated */
    FORM_STRINGS, /* struct setting_strings: may be repeated */
    FORM_TAKEN,   /* what `take` makes of it; from flags alone */
    FORM_NUMBER,  /* uint64_t, or int64_t where it cannot be over INT64_MAX; so the next five */
    FORM_SECONDS, /* "90", "90s", "15m", "24h", "7d" */
    FORM_MS,      /* milliseconds; "250ms", "1s" */
    FORM_BYTES,   /* "4096", "64K", "4M", "1G" */
    FORM_MODE,    /* "0660" */
    FORM_LEVEL,   /* enum log_level */
    FORM_HEX,     /* `max` bytes, at most SETTING_HEX_BYTES_MAX, in hexadecimal digits */
};

enum { SETTING_HEX_BYTES_MAX = 32 };

struct setting {
    const char *group; /* a heading */
    const char *name;  /* of the flag, without the dashes, and of the file's key */
    enum setting_form form;
    size_t offset;            /* in the program's struct of settings */
    const char *preset;       /* the default, as it would be given; NULL: none */
    const char *value;        /* how help names the value: FILE for one; NULL of a switch */
    const char *help;         /* a few words, without a full stop */
    uint64_t min, max;        /* of numbers */
    enum setting_origin from; /* the least source that may set it */
    const char *alias;        /* a second name of the flag; NULL: none */
    char letter;              /* of a short flag; 0: none */
    unsigned commands; /* that it goes with, a bit for each; 0: all, and where none is named */
    bool is_input;     /* the value names a file, or an open descriptor, that is read */

    /* Of texts: what is wrong with one, in words that may be empty, or NULL if it is good; and what
     * complaints say it should be. NULL: any is good. */
    const char *(*fault)(const char *text);
    const char *takes;
    bool (*allows)(uint64_t number); /* of numbers with gaps, which have a `takes` too; or NULL */

    /* Of FORM_TAKEN: give `place` what `text` says, and perhaps overwrite that.
     * Returns: 0, -EINVAL, -EEXIST (one was given before), -EMSGSIZE, -ENOMEM. */
    int (*take)(void *place, char *text);
};

/* Rows that tables share. */
struct setting_rows {
    const struct setting *rows;
    size_t count;
};

#define SETTING_ROWS(name, array)                                                                  \
    const struct setting_rows name = {array, sizeof array / sizeof *array}

struct setting_section {
    const struct setting_rows *rows;
    unsigned commands; /* a row goes with those that both name; 0: as the row says */
};

/* All settings of a program. */
struct setting_table {
    const struct setting_section *sections;
    size_t section_count;
    const char *prefix; /* of the environment's variables: "REUNION_"; NULL: it is not read */

    /* Variables that begin with `prefix` and are other programs'; one that ends with "_" stands for
     * all that begin so. Ends with NULL. */
    const char *const *others;

    /* Flags are typed by people: a name may be shortened, and no complaint repeats a value but a
     * number, as any other could be a secret in the wrong place. */
    bool is_typed;
};

/* A row in its table. */
struct setting_entry {
    const struct setting *row;
    size_t number;     /* counted through all sections */
    unsigned commands; /* that it goes with; 0: all, and where none is named */
};

/* The entry of that number. Returns: whether there is one. */
bool setting_at(const struct setting_table *table, size_t number, struct setting_entry *entry);

/* Whether a setting may be repeated. */
bool setting_is_list(const struct setting *setting);

/* The setting with the name or second name of `length` bytes. Returns: whether there is one. */
bool setting_find(const struct setting_table *table, const char *name, size_t length,
                  struct setting_entry *entry);

/* The name that is nearest to what was typed: a few letters apart, or what it begins with.
 * Returns: NULL if none is near. */
const char *setting_near(const struct setting_table *table, const char *name, size_t length);

/* Whether `name` is what somebody meant who typed `length` bytes, and nearer than `*apart` letters,
 * which is then the distance. */
bool setting_is_meant(const char *name, const char *typed, size_t length, size_t *apart);

/* The environment variable of a setting, REUNION_LISTEN for "listen". */
void setting_variable(const struct setting_table *table, const struct setting *setting,
                      char name[static SETTING_VARIABLE_BYTES]);

#endif
