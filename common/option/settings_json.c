#include "option/settings_json.h"

#include <inttypes.h>
#include <string.h>

#include "option/value.h"

/* DESIGN: types are strict, so that what a file means never depends on what a library makes of it:
 * a number is an integer, or a string with a unit; what may be repeated is an array, of one, too.
 * Past that a value is text, and goes the way of the flags. */

enum { WHERE_BYTES = SETTING_TEXT_BYTES + 80 };

static bool is_number(const struct setting *setting)
{
    return setting->form == FORM_NUMBER || setting->form == FORM_SECONDS ||
           setting->form == FORM_MS || setting->form == FORM_BYTES;
}

static int complain_of_type(const struct setting *setting, const char *where, FILE *complaints)
{
    fprintf(complaints, "%s needs ", where);
    value_describe(setting, complaints);
    fputs(setting->form == FORM_SWITCH ? ", but true or false"
          : setting_is_list(setting)   ? ", as an array of strings"
          : is_number(setting)         ? ", as an integer or a string"
                                       : ", as a string",
          complaints);
    fputc('\n', complaints);
    return -EINVAL;
}

static int give_each(const struct settings *settings, const struct setting_entry *entry,
                     const json_t *array, const char *where, FILE *complaints)
{
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++)
        if (!json_is_string(json_array_get(array, i)))
            return complain_of_type(entry->row, where, complaints);
    int err = 0;
    for (size_t i = 0; i < count && !err; i++)
        err = settings_give(settings, entry, ORIGIN_FILE,
                            json_string_value(json_array_get(array, i)), where, complaints);
    return err;
}

int settings_give_json(const struct settings *settings, const struct setting_entry *entry,
                       const json_t *value, const char *where, FILE *complaints)
{
    const struct setting *setting = entry->row;
    char digits[24];
    if (setting_is_list(setting) && json_array_size(value) > 0)
        return give_each(settings, entry, value, where, complaints);
    if (setting->form == FORM_SWITCH && json_is_false(value))
        return 0;
    if (setting->form == FORM_SWITCH ? json_is_true(value)
                                     : setting->form != FORM_TEXTS && json_is_string(value))
        return settings_give(settings, entry, ORIGIN_FILE, json_string_value(value), where,
                             complaints);
    if (!is_number(setting) || !json_is_integer(value))
        return complain_of_type(setting, where, complaints);
    snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return settings_give(settings, entry, ORIGIN_FILE, digits, where, complaints);
}

static int give_key(const struct settings *settings, const char *key, const json_t *value,
                    const char *name, FILE *complaints)
{
    char where[WHERE_BYTES];
    struct setting_entry entry;
    if (!setting_find(settings->table, key, strlen(key), &entry)) {
        const char *near = setting_near(settings->table, key, strlen(key));
        fprintf(complaints, "a key in %s is not a setting: %.60s; ", name, key);
        fprintf(complaints, near ? "did you mean %s?\n" : "see --help\n", near);
        return -EINVAL;
    }
    snprintf(where, sizeof where, "\"%s\" in %s", key, name);
    if (entry.row->from > ORIGIN_FILE) {
        fprintf(complaints, "%s cannot be set there; see --help\n", where);
        return -EINVAL;
    }
    return settings_give_json(settings, &entry, value, where, complaints);
}

int settings_read_json(const struct settings *settings, const char *text, size_t bytes,
                       const char *name, FILE *complaints)
{
    json_error_t error;
    const char *key;
    json_t *value, *object = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    int err = 0;
    if (!object) {
        fprintf(complaints, "%s is not well-formed JSON: %s, line %d, column %d\n", name,
                error.text, error.line, error.column);
        return -EINVAL;
    }
    if (!json_is_object(object)) {
        fprintf(complaints, "%s needs a JSON object with settings as keys\n", name);
        err = -EINVAL;
    }
    json_object_foreach(object, key, value) if (give_key(settings, key, value, name, complaints))
        err = -EINVAL;
    json_decref(object);
    return err;
}
