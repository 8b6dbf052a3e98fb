#include "option/settings_help.h"

#include <string.h>

#include "option/roff.h"

static bool begins_group(const struct setting_table *table, size_t i)
{
    return i == 0 || table->rows[i].group != table->rows[i - 1].group;
}

/* Help */

void settings_help(const struct setting_table *table, FILE *to)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *setting = &table->rows[i];
        if (begins_group(table, i))
            fprintf(to, "\n%s\n", setting->group);
        fprintf(to, "  --%s%s%s\n      %s", setting->name, setting->value ? " " : "",
                setting->value ? setting->value : "", setting->help);
        if (setting->preset)
            fprintf(to, " (default %s)", setting->preset);
        fputc('\n', to);
    }
}

void exit_codes_help(const struct exit_code_text *codes, size_t count, FILE *to)
{
    fputs("\nExit codes\n", to);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "  %s  %s\n", codes[i].code, codes[i].meaning);
}

/* The manual page */

/* A sentence from words that begin like the table's: small, without a full stop. */
static void sentence(const char *text, FILE *to)
{
    bool starts_with_name = text[0] == ':' || strncmp(text, "T2", 2) == 0;
    char first[2] = {text[0], '\0'};
    if (!starts_with_name && *first >= 'a' && *first <= 'z')
        *first = (char)(*first - 'a' + 'A');
    roff_text(to, first);
    roff_text(to, text + 1);
    fputs(".\n", to);
}

static void option(const struct setting_table *table, const struct setting *setting, FILE *to)
{
    char variable[SETTING_VARIABLE_BYTES];
    fputs(".TP\n\\fB\\-\\-", to);
    roff_text(to, setting->name);
    fputs("\\fR", to);
    if (setting->value)
        fprintf(to, " \\fI%s\\fR", setting->value);
    fputc('\n', to);
    sentence(setting->help, to);
    if (setting->more) {
        roff_text(to, setting->more);
        fputc('\n', to);
    }
    if (setting->preset) {
        fputs("Default: ", to);
        roff_text(to, setting->preset);
        fputs(".\n", to);
    }
    if (setting->from == ORIGIN_FLAG)
        return;
    setting_variable(table, setting, variable);
    fputs("Variable: ", to);
    roff_text(to, variable);
    fputs(".\n", to);
}

void settings_manual(const struct setting_table *table, FILE *to)
{
    for (size_t i = 0; i < table->count; i++) {
        if (begins_group(table, i)) {
            fputs(".SS ", to);
            roff_text(to, table->rows[i].group);
            fputc('\n', to);
        }
        option(table, &table->rows[i], to);
    }
}

void exit_codes_manual(const struct exit_code_text *codes, size_t count, FILE *to)
{
    fputs(".SH EXIT STATUS\n", to);
    for (size_t i = 0; i < count; i++) {
        fprintf(to, ".TP\n%s\n", codes[i].code);
        sentence(codes[i].meaning, to);
    }
}
