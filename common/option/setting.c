#include "option/setting.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool setting_at(const struct setting_table *table, size_t number, struct setting_entry *entry)
{
    size_t left = number;
    for (size_t i = 0; i < table->section_count; i++) {
        const struct setting_section *section = &table->sections[i];
        if (left < section->rows->count) {
            const struct setting *row = &section->rows->rows[left];
            unsigned commands = row->commands && section->commands
                                    ? row->commands & section->commands
                                    : row->commands | section->commands;
            *entry = (struct setting_entry){row, number, commands};
            return true;
        }
        left -= section->rows->count;
    }
    return false;
}

static bool is_name(const char *name, const char *typed, size_t length)
{
    return name && strlen(name) == length && memcmp(name, typed, length) == 0;
}

bool setting_find(const struct setting_table *table, const char *name, size_t length,
                  struct setting_entry *entry)
{
    struct setting_entry at;
    for (size_t i = 0; setting_at(table, i, &at); i++)
        if (is_name(at.row->name, name, length) || is_name(at.row->alias, name, length)) {
            *entry = at;
            return true;
        }
    return false;
}

enum { TYPED_BYTES_MAX = 48, APART_MAX = 3 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters and dashes, whichever case and line they come in. */
static int plain_letter(char letter)
{
    return letter == '_' ? '-' : tolower((unsigned char)letter);
}

/* Levenshtein's distance: how many letters have to come, go or change. */
static size_t distance(const char *name, const char *typed, size_t length)
{
    size_t row[TYPED_BYTES_MAX + 1];
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; name[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t changed = diagonal + (plain_letter(typed[j - 1]) != name[i - 1]);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[length];
}

bool setting_is_meant(const char *name, const char *typed, size_t length, size_t *apart)
{
    if (!name || length < 2 || length > TYPED_BYTES_MAX)
        return false;
    size_t here = distance(name, typed, length);
    /* Of a short name a letter or two are most of it. */
    if (here >= *apart || here * 3 > strlen(name))
        return false;
    *apart = here;
    return true;
}

const char *setting_near(const struct setting_table *table, const char *name, size_t length)
{
    const char *nearest = NULL;
    size_t apart = APART_MAX + 1;
    struct setting_entry at;
    for (size_t i = 0; setting_at(table, i, &at); i++) {
        if (setting_is_meant(at.row->name, name, length, &apart))
            nearest = at.row->name;
        if (setting_is_meant(at.row->alias, name, length, &apart))
            nearest = at.row->alias;
    }
    for (size_t i = 0; length >= 3 && !nearest && setting_at(table, i, &at); i++)
        if (strncmp(at.row->name, name, length) == 0)
            nearest = at.row->name;
    return nearest;
}

void setting_variable(const struct setting_table *table, const struct setting *setting,
                      char name[static SETTING_VARIABLE_BYTES])
{
    int length = snprintf(name, SETTING_VARIABLE_BYTES, "%s%s", table->prefix, setting->name);
    INVARIANT(length > 0 && length < SETTING_VARIABLE_BYTES);
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
}

bool setting_is_list(const struct setting *setting)
{
    return setting->form == FORM_TEXTS || setting->form == FORM_STRINGS;
}
