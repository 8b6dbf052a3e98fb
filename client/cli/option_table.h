/* Every option of the command line, once: parsing, help, manual page and completions read this. */
#ifndef REUNION_CLI_OPTION_TABLE_H
#define REUNION_CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DESIGN: one row for each option, and a place for its value in struct options. What reads the rows
 * knows no option by name, so a new one is a row, a member, and the code that heeds it. What no
 * single row can say (two options that do not go together) is in options.c. */

/* What the program can be asked to do; a row may belong to several. */
enum command { COMMAND_MEET = 1, COMMAND_CHECK = 2 };

/* The type of a value and of the member that takes it. */
enum option_form {
    OPTION_SWITCH, /* bool; without a value */
    OPTION_NUMBER, /* int64_t: a decimal number from `min` to `max` */
    OPTION_TEXT,   /* const char *: argv's own */
    OPTION_TEXTS,  /* struct option_texts: may be given up to `max` times */
    OPTION_SECRET, /* struct secret_text: moved out of argv */
    OPTION_LINK,   /* struct option_link: a bucket's link in hexadecimal digits */
};

/* The heading an option stands under where options are listed. */
enum option_group {
    GROUP_WORDS,
    GROUP_PLACE,
    GROUP_WAY,
    GROUP_STAY,
    GROUP_OUTPUT,
    GROUP_COUNT,
};

/* What a shell offers as a value. */
enum option_hint { HINT_NONE, HINT_FILE, HINT_URL };

struct option_row {
    const char *name;  /* without the dashes */
    const char *alias; /* a second name, or NULL */
    char letter;       /* of the short form, or 0 */
    enum option_form form;
    size_t offset;    /* in struct options */
    int64_t min, max; /* of a number; `max` also of how often a text may be given */
    enum option_group group;
    unsigned commands; /* enum command, or-ed */
    enum option_hint hint;
    const char *value; /* how the value is called, or NULL for a switch */
    const char *wants; /* what a good value is, for who gave another: "--x wants …"; or NULL */
    const char *brief; /* for a completion: a few words without a full stop */
    const char *help;  /* for help and manual: sentences, broken into lines where shown */
};

extern const struct option_row option_rows[];
extern const size_t option_count;

/* A group's heading. */
const char *option_group_title(enum option_group group);

#endif
