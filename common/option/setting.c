#include "option/setting.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const struct setting *setting_find(const struct setting_table *table, const char *name,
                                   size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
            return row;
    }
    return NULL;
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

const struct setting *setting_near(const struct setting_table *table, const char *name,
                                   size_t length)
{
    const struct setting *nearest = NULL;
    size_t apart = APART_MAX + 1;
    if (length < 2 || length > TYPED_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < table->count; i++) {
        size_t here = distance(table->rows[i].name, name, length);
        /* Of a short name a letter or two are most of it. */
        if (here < apart && here * 3 <= strlen(table->rows[i].name)) {
            apart = here;
            nearest = &table->rows[i];
        }
    }
    for (size_t i = 0; i < table->count && !nearest; i++)
        if (length >= 3 && strncmp(table->rows[i].name, name, length) == 0)
            nearest = &table->rows[i];
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
    return setting->form == FORM_TEXTS;
}
