/* Help on a program's settings, from its table. */
#ifndef REUNION_OPTION_SETTINGS_HELP_H
#define REUNION_OPTION_SETTINGS_HELP_H

#include <stdio.h>

#include "option/setting.h"

struct exit_code_text {
    const char *code, *meaning; /* a number, and words without a full stop */
};

/* Write all flags in their groups, as --help shows them. */
void settings_help(const struct setting_table *table, FILE *to);

/* Write a list of exit codes for --help. */
void exit_codes_help(const struct exit_code_text *codes, size_t count, FILE *to);

#endif
