/* Help and manual page of a program's settings, from its table. */
#ifndef REUNION_OPTION_SETTINGS_HELP_H
#define REUNION_OPTION_SETTINGS_HELP_H

#include <stdio.h>

#include "option/setting.h"

struct exit_code_text {
    const char *code, *meaning; /* a number, and words without a full stop */
};

/* Write all flags in their groups, as --help shows them. */
void settings_help(const struct setting_table *table, FILE *to);

/* Write all settings as sections of a manual page, in roff with the macros of man(7). */
void settings_manual(const struct setting_table *table, FILE *to);

/* Write a list of exit codes for --help, and as a section of a manual page. */
void exit_codes_help(const struct exit_code_text *codes, size_t count, FILE *to);
void exit_codes_manual(const struct exit_code_text *codes, size_t count, FILE *to);

#endif
