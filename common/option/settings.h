/* The settings of a program in force: read from flags, environment and file by its table. */
#ifndef REUNION_OPTION_SETTINGS_H
#define REUNION_OPTION_SETTINGS_H

#include <stdio.h>

#include "option/setting.h"

/* DESIGN: sources are read in any order; what a better one has set stays. But a wrong value is an
 * error wherever it stands, used or not. Everything that is wrong is a line in `complaints`, which
 * says where it stands. One thread. */

/* A table, and where the values go. */
struct settings {
    const struct setting_table *table;
    void *values;                 /* the struct that the rows' offsets are of */
    enum setting_origin *origins; /* one for each row, by its number in the table */
    unsigned command;             /* the bit of the one that flags go with; 0: any */
    const char *command_name;     /* its name, or NULL of what is done without one */
};

enum { SETTINGS_OPERANDS_MAX = 2 };

/* Where words stand among the flags that belong to none. */
struct settings_operands {
    int at[SETTINGS_OPERANDS_MAX], count; /* the first ones' places in argv */
};

/* Give every setting that has a default that value; `values` and `origins` have only zeros before.
 */
void settings_defaults(const struct settings *settings);

/* Give a setting the value that `text` spells, from a source which complaints call `where`, unless
 * a better source has set it. A wrong value is a complaint in any case. Returns: 0; -EINVAL,
 * -ENOMEM without a complaint (the setting is untouched). */
MUST_CHECK int settings_give(const struct settings *settings, const struct setting_entry *entry,
                             enum setting_origin origin, const char *text, const char *where,
                             FILE *complaints);

/* Read the flags argv[1] and following. A word that belongs to none goes to `operands`, or is wrong
 * if that is NULL. Returns: 0; -EINVAL (something is wrong; the other flags are set nevertheless);
 * -ENOMEM. */
MUST_CHECK int settings_read_flags(const struct settings *settings, int argc, char *const *argv,
                                   struct settings_operands *operands, FILE *complaints);

/* Read the variables that begin with the table's prefix; `environment` is as `environ` has it.
 * Returns: 0, -EINVAL (likewise). */
MUST_CHECK int settings_read_environment(const struct settings *settings, char *const *environment,
                                         FILE *complaints);

/* Whether nobody has given the setting of that name, which the table has, a value. */
bool settings_is_default(const struct setting_table *table, const enum setting_origin *origins,
                         const char *name);

/* Write all settings that not flags alone set, and where each came from. */
void settings_report(const struct setting_table *table, const void *values,
                     const enum setting_origin *origins, FILE *to);

#endif
