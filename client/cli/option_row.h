/* One option of a program as a row of a table, by which command lines are read and help is written.
 */
#ifndef REUNION_CLI_OPTION_ROW_H
#define REUNION_CLI_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DESIGN: one row for each option, and a place for its value in the program's struct of options.
 * What reads the rows knows no option by name, so a new one is a row, a member, and the code that
 * heeds it. The manual pages and completions in client/installed are written by hand; a test holds
 * them against the rows. Rows stand in sections, and a program's table is a list of those: of its
 * own, and of the ones in options.h that programs share. What no single row can say (two options
 * that do not go together) is said by the program. */

/* The type of a value and of the member that takes it. */
enum option_form {
    OPTION_SWITCH,      /* bool; without a value */
    OPTION_NUMBER,      /* int64_t: a decimal number from `min` to `max` */
    OPTION_SECONDS,     /* the same, of seconds; also of minutes (m), hours (h) or days (d) */
    OPTION_TEXT,        /* const char *: argv's own */
    OPTION_INPUT,       /* the same: the path of a file to be read, see inputs.h */
    OPTION_DESCRIPTOR,  /* as OPTION_NUMBER: an open descriptor to be read; -1: not given */
    OPTION_TEXTS,       /* struct option_texts: may be given up to `max` times */
    OPTION_SECRET,      /* struct secret_text: moved out of argv */
    OPTION_BUCKET_HASH, /* struct option_bucket_hash: a bucket's hash in hexadecimal digits */
};

/* For a section: it goes with all commands, and where one is missing. */
#define COMMANDS_ALL (~0u)

struct option_row {
    const char *name; /* without the dashes */
    enum option_form form;
    size_t offset;     /* in the program's struct of options */
    const char *value; /* how the value is called, FILE where it names a file; NULL for a switch */
    const char *brief; /* for help and completions: a few words without a full stop */
    const char *alias; /* a second name, or NULL */
    char letter;       /* of the short form, or 0 */
    int64_t min, max;  /* of a number; `max` also of how often a text may be given */
    unsigned commands; /* that it goes with: a bit for each, see program_table.h; 0: all */
    const char *wants; /* what a good value is, for who gave another: "--x wants …"; or NULL */
};

struct option_rows {
    const struct option_row *rows;
    size_t count;
};

/* Rows under a heading where options are listed. */
struct option_section {
    const char *title; /* NULL: goes on under the one before */
    const struct option_rows *rows;
    unsigned commands; /* an option goes with those that both this and its row name */
};

#endif
