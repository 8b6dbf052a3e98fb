#include "option/settings.h"

#include <ctype.h>
#include <string.h>

#include "option/value.h"

void settings_defaults(const struct settings *settings)
{
    for (size_t i = 0; i < settings->table->count; i++) {
        const struct setting *row = &settings->table->rows[i];
        if (row->preset)
            INVARIANT(value_assign(row, (char *)settings->values + row->offset, row->preset) == 0);
    }
}

/* A list from a better source replaces the one that stands; within a source it grows. */
static void begin_source(const struct setting *setting, void *place, enum setting_origin *stands,
                         enum setting_origin origin)
{
    if (*stands != origin && setting_is_list(setting))
        ((struct setting_texts *)place)->count = 0;
    *stands = origin;
}

static int complain_of_value(const struct setting *setting, const char *text, const char *where,
                             FILE *complaints)
{
    fprintf(complaints, "%s needs ", where);
    value_describe(setting, complaints);
    fputs(", not \"", complaints);
    for (size_t i = 0; text[i] && i < 60; i++)
        fputc(isprint((unsigned char)text[i]) ? text[i] : '?', complaints);
    const char *fault = setting->fault ? setting->fault(text) : NULL;
    fprintf(complaints, fault && *fault ? "\": %s; see --help\n" : "\"; see --help\n", fault);
    return -EINVAL;
}

int settings_give(const struct settings *settings, const struct setting *setting,
                  enum setting_origin origin, const char *text, const char *where, FILE *complaints)
{
    union {
        struct setting_texts texts;
        uint64_t number;
        uint8_t bytes[SETTING_HEX_BYTES_MAX];
    } unused = {.texts = {.count = 0}};
    if (origin < setting->from) {
        fprintf(complaints, "%s cannot be set there; see --help\n", where);
        return -EINVAL;
    }
    enum setting_origin *stands = &settings->origins[setting - settings->table->rows];
    void *place = &unused;
    if (*stands <= origin) {
        place = (char *)settings->values + setting->offset;
        begin_source(setting, place, stands, origin);
    }
    return value_assign(setting, place, text) ? complain_of_value(setting, text, where, complaints)
                                              : 0;
}

/* What stands behind a "=" may be a secret in the wrong place. */
static void complain_of_name(const char *given, const char *what, FILE *complaints)
{
    size_t length = strcspn(given, "=");
    fprintf(complaints, "\"%.*s\" %s", (int)(length < 60 ? length : 60), given, what);
}

static void complain_of_flag(const struct setting_table *table, const char *given, FILE *complaints)
{
    size_t dashes = strspn(given, "-");
    const char *name = given + dashes;
    const struct setting *near = dashes > 0 ? setting_near(table, name, strcspn(name, "=")) : NULL;
    complain_of_name(given, "is not a flag", complaints);
    if (near)
        fprintf(complaints, "; did you mean --%s?\n", near->name);
    else
        fputs("; see --help\n", complaints);
}

/* Flags */

/* The setting of a flag "--name" or "--name=value"; `*value` is what is behind the "=", or NULL. */
static const struct setting *find_flag(const struct setting_table *table, const char *argument,
                                       const char **value)
{
    size_t length = strcspn(argument, "=");
    *value = argument[length] ? argument + length + 1 : NULL;
    return strncmp(argument, "--", 2) == 0 ? setting_find(table, argument + 2, length - 2) : NULL;
}

static int give_flag(const struct settings *settings, const struct setting *setting,
                     const char *value, FILE *complaints)
{
    char where[SETTING_VARIABLE_BYTES];
    snprintf(where, sizeof where, "--%s", setting->name);
    bool takes_value = setting->form != FORM_ACTION;
    if (takes_value == (value != NULL))
        return settings_give(settings, setting, ORIGIN_FLAG, value, where, complaints);
    fprintf(complaints, "%s needs ", where);
    value_describe(setting, complaints);
    fputs("; see --help\n", complaints);
    return -EINVAL;
}

/* Whether the next word is what belongs to a flag, as far as can be said of one that is unknown. */
static bool is_value_next(const struct setting *setting, int argc, char *const *argv, int i)
{
    if (i + 1 >= argc)
        return false;
    return setting ? setting->form != FORM_ACTION : strncmp(argv[i + 1], "--", 2) != 0;
}

/* The flags that have a short form, as other programs have it. */
static const char *long_form(const char *flag)
{
    return strcmp(flag, "-h") == 0 ? "--help" : strcmp(flag, "-V") == 0 ? "--version" : flag;
}

int settings_read_flags(const struct settings *settings, int argc, char *const *argv,
                        FILE *complaints)
{
    int err = 0;
    for (int i = 1; i < argc; i++) {
        const char *value, *flag = long_form(argv[i]);
        const struct setting *setting = find_flag(settings->table, flag, &value);
        if (!value && is_value_next(setting, argc, argv, i))
            value = argv[++i];
        if (!setting) {
            complain_of_flag(settings->table, flag, complaints);
            err = -EINVAL;
        } else if (give_flag(settings, setting, value, complaints)) {
            err = -EINVAL;
        }
    }
    return err;
}

/* The environment */

static const struct setting *find_variable(const struct setting_table *table, const char *name,
                                           size_t length)
{
    char variable[SETTING_VARIABLE_BYTES];
    for (size_t i = 0; i < table->count; i++) {
        setting_variable(table, &table->rows[i], variable);
        if (strlen(variable) == length && memcmp(variable, name, length) == 0)
            return &table->rows[i];
    }
    return NULL;
}

static bool is_others_variable(const struct setting_table *table, const char *name, size_t length)
{
    for (const char *const *other = table->others; *other; other++) {
        size_t bytes = strlen(*other);
        bool stands_for_all = (*other)[bytes - 1] == '_';
        if ((bytes == length || (stands_for_all && bytes < length)) &&
            memcmp(*other, name, bytes) == 0)
            return true;
    }
    return false;
}

/* One value, or several with spaces or commas between them. */
static int give_variable(const struct settings *settings, const struct setting *setting,
                         const char *value, FILE *complaints)
{
    static const char separators[] = " ,";
    char where[SETTING_VARIABLE_BYTES], item[SETTING_TEXT_BYTES + 1];
    int err = 0;
    setting_variable(settings->table, setting, where);
    if (!setting_is_list(setting))
        return settings_give(settings, setting, ORIGIN_ENVIRONMENT, value, where, complaints);
    value += strspn(value, separators);
    do {
        size_t length = strcspn(value, separators);
        snprintf(item, sizeof item, "%.*s", (int)length, value);
        err = settings_give(settings, setting, ORIGIN_ENVIRONMENT, item, where, complaints);
        value += length;
        value += strspn(value, separators);
    } while (*value && !err);
    return err;
}

static void complain_of_variable(const struct setting_table *table, const char *given,
                                 FILE *complaints)
{
    size_t prefix_bytes = strlen(table->prefix);
    char variable[SETTING_VARIABLE_BYTES];
    const char *name = given + prefix_bytes;
    const struct setting *near = setting_near(table, name, strcspn(name, "="));
    complain_of_name(given, "in the environment is not a setting", complaints);
    if (near && near->from <= ORIGIN_ENVIRONMENT && given[prefix_bytes + strcspn(name, "=")]) {
        setting_variable(table, near, variable);
        fprintf(complaints, "; did you mean %s?\n", variable);
    } else {
        fputs("; see --help\n", complaints);
    }
}

int settings_read_environment(const struct settings *settings, char *const *environment,
                              FILE *complaints)
{
    const struct setting_table *table = settings->table;
    int err = 0;
    for (; *environment; environment++) {
        const char *name = *environment;
        size_t length = strcspn(name, "=");
        if (strncmp(name, table->prefix, strlen(table->prefix)) != 0 ||
            is_others_variable(table, name, length))
            continue;
        const struct setting *setting = find_variable(table, name, length);
        if (!setting || name[length] != '=') {
            complain_of_variable(table, name, complaints);
            err = -EINVAL;
        } else if (give_variable(settings, setting, name + length + 1, complaints)) {
            err = -EINVAL;
        }
    }
    return err;
}

/* Report */

bool settings_is_default(const struct setting_table *table, const enum setting_origin *origins,
                         const char *name)
{
    const struct setting *setting = setting_find(table, name, strlen(name));
    INVARIANT(setting);
    return origins[setting - table->rows] == ORIGIN_DEFAULT;
}

void settings_report(const struct setting_table *table, const void *values,
                     const enum setting_origin *origins, FILE *to)
{
    static const char *const names[] = {
        [ORIGIN_DEFAULT] = "default",
        [ORIGIN_FILE] = "file",
        [ORIGIN_ENVIRONMENT] = "environment",
        [ORIGIN_FLAG] = "flag",
    };
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        if (row->from == ORIGIN_FLAG)
            continue;
        fprintf(to, "%-24s %-12s ", row->name, names[origins[i]]);
        value_print(row, (const char *)values + row->offset, to);
        fputc('\n', to);
    }
}
