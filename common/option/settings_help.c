#include "option/settings_help.h"

static bool begins_group(const struct setting_table *table, size_t i)
{
    return i == 0 || table->rows[i].group != table->rows[i - 1].group;
}

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
