/* Help on a program's settings, from its table, and on its exit codes. */
#ifndef REUNION_OPTION_SETTINGS_HELP_H
#define REUNION_OPTION_SETTINGS_HELP_H

#include <stdio.h>

#include "option/setting.h"

/* Write all flags in their groups, as --help shows them. */
void settings_help(const struct setting_table *table, FILE *to);

/* Write a line of a list of exit codes. */
void help_exit_code(FILE *to, int code, const char *meaning);

/* Write words from `column` on, in lines of 79 columns; those that follow begin at `indent`. */
void help_text(FILE *to, const char *text, int column, int indent);

#endif
