/* The description of a program that command-line parsing and documents need. */
#ifndef REUNION_CLI_PROGRAM_TABLE_H
#define REUNION_CLI_PROGRAM_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/complaint.h"
#include "cli/outcome.h"
#include "option/setting.h"

struct options;

/* DESIGN: a program is a table of what it can be asked, in words, and the function that does it.
 * Everything between main and that function works by the table. */

/* What a program can be asked to do: the first word of its command line. Its number in the table is
 * the number of its bit. */
struct command_row {
    const char *name;    /* NULL, for the first alone: it is what is done without such a word */
    const char *brief;   /* for a completion, as in a row of an option; with a name */
    const char *operand; /* how the argument it takes is called, or NULL for none; it is secret */
    size_t offset;       /* of the struct secret_text it is moved to */
};

/* What computes, where a program does rendezvous. */
struct program_engine {
    const char *(*name)(void);
    bool (*is_as_wished)(void); /* if not, that has been reported */
};

struct program {
    const char *name;
    const char *purpose; /* sentences, for help */
    const struct command_row *commands;
    size_t command_count;
    struct setting_table table;
    const char *const *paragraphs; /* of help, below the options */
    size_t paragraph_count;
    const struct outcome_row *outcomes;
    size_t outcome_count;
    const struct program_engine *engine; /* or NULL */
    unsigned default_server; /* commands whose servers may come from elsewhere, see defaults.h */

    size_t options_bytes; /* of its struct of options, which begins with struct options */
    /* Look at what was parsed as a whole and fill in what was left out. Returns: 0, or -EINVAL by
     * options_complain. */
    int (*complete)(struct options *options, char complaint[static OPTIONS_COMPLAINT_BYTES]);
    void (*clear)(struct options *options); /* the secrets of its own, or NULL */
    enum outcome (*run)(struct options *options);
};

/* Whether something is done without the name of a command; whether any has a name. */
bool program_has_default(const struct program *program);
bool program_has_commands(const struct program *program);

#endif
