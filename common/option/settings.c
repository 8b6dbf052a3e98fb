#include "option/settings.h"

#include <ctype.h>
#include <string.h>

#include "option/value.h"

enum { SHOWN_BYTES_MAX = 60 };

void settings_defaults(const struct settings *settings)
{
    struct setting_entry at;
    for (size_t i = 0; setting_at(settings->table, i, &at); i++)
        if (at.row->preset)
            INVARIANT(value_assign(at.row, (char *)settings->values + at.row->offset,
                                   at.row->preset) == 0);
}

/* What a better source says replaces what stands; within a source a list grows. */
static void begin_source(const struct setting *setting, void *place, enum setting_origin *stands,
                         enum setting_origin origin)
{
    if (*stands != origin && setting->form == FORM_TEXTS)
        ((struct setting_texts *)place)->count = 0;
    else if (*stands != origin && setting->form == FORM_STRINGS)
        ((struct setting_strings *)place)->count = 0;
    else if (*stands != origin && setting->form == FORM_STRING)
        *(const char **)place = NULL;
    *stands = origin;
}

static void quote(const char *text, FILE *to)
{
    fputs(", not \"", to);
    for (size_t i = 0; text[i] && i < SHOWN_BYTES_MAX; i++)
        fputc(isprint((unsigned char)text[i]) ? text[i] : '?', to);
    fputc('"', to);
}

static bool may_be_shown(const struct setting_table *table, const char *text)
{
    return !table->is_typed || strspn(text, "0123456789.-+") == strlen(text);
}

/* Programs that people type say it themselves, below whatever is wrong. */
static const char *advice(const struct setting_table *table)
{
    return table->is_typed ? "" : "; see --help";
}

static void complain_of_value(const struct setting_table *table, const struct setting *setting,
                              const char *text, const char *where, FILE *complaints)
{
    fprintf(complaints, "%s needs ", where);
    value_describe(setting, complaints);
    if (may_be_shown(table, text))
        quote(text, complaints);
    else
        fprintf(complaints, ", not a text of %zu characters", strlen(text));
    const char *fault = setting->fault ? setting->fault(text) : NULL;
    fprintf(complaints, "%s%s%s\n", fault && *fault ? ": " : "", fault ? fault : "", advice(table));
}

static int complain(const struct setting_table *table, const struct setting *setting, int err,
                    const char *text, const char *where, FILE *complaints)
{
    switch (err) {
    case -EINVAL:
        complain_of_value(table, setting, text, where, complaints);
        break;
    case -EEXIST:
        fprintf(complaints, "%s is given twice, and only one is taken\n", where);
        break;
    case -ENOSPC:
        fprintf(complaints, "%s can be given no more than %d times\n", where, SETTING_TEXTS_MAX);
        break;
    case -EMSGSIZE:
        fprintf(complaints, "the value of %s is over %llu bytes long\n", where,
                (unsigned long long)setting->max);
        break;
    default:
        return err;
    }
    return -EINVAL;
}

int settings_give(const struct settings *settings, const struct setting_entry *entry,
                  enum setting_origin origin, const char *text, const char *where, FILE *complaints)
{
    union {
        struct setting_texts texts;
        struct setting_strings strings;
        const char *string;
        uint64_t number;
        uint8_t bytes[SETTING_HEX_BYTES_MAX];
    } unused = {.texts = {.count = 0}};
    const struct setting *setting = entry->row;
    if (origin < setting->from) {
        fprintf(complaints, "%s cannot be set there; see --help\n", where);
        return -EINVAL;
    }
    enum setting_origin *stands = &settings->origins[entry->number];
    void *place = &unused;
    if (*stands <= origin) {
        place = (char *)settings->values + setting->offset;
        begin_source(setting, place, stands, origin);
    }
    int err = value_assign(setting, place, text);
    return err ? complain(settings->table, setting, err, text, where, complaints) : 0;
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
    const char *near = dashes > 0 ? setting_near(table, name, strcspn(name, "=")) : NULL;
    complain_of_name(given, "is not a flag", complaints);
    if (near)
        fprintf(complaints, "; did you mean --%s?\n", near);
    else
        fprintf(complaints, "%s\n", advice(table));
}

/* Flags */

/* How far the words have been read. */
struct reading {
    const struct settings *settings;
    int argc, next;
    char *const *argv;
    FILE *complaints;
};

/* The setting of which `name`, of `length` bytes, is a name, or where names may be shortened the
 * only one whose name begins so. Returns: how many settings it could be; 1 if `*entry` is it. */
static size_t find_name(const struct setting_table *table, const char *name, size_t length,
                        struct setting_entry *entry)
{
    struct setting_entry at;
    size_t found = 0;
    if (setting_find(table, name, length, entry))
        return 1;
    for (size_t i = 0; table->is_typed && length > 0 && setting_at(table, i, &at); i++)
        if (strncmp(at.row->name, name, length) == 0 ||
            (at.row->alias && strncmp(at.row->alias, name, length) == 0)) {
            *entry = at;
            found++;
        }
    return found;
}

static bool find_letter(const struct setting_table *table, char letter, struct setting_entry *entry)
{
    for (size_t i = 0; setting_at(table, i, entry); i++)
        if (entry->row->letter == letter)
            return true;
    return false;
}

/* What comes with a flag: the next word, if `value` is NULL and it takes one. */
static int give_flag(struct reading *reading, const struct setting_entry *entry, const char *value)
{
    const struct settings *settings = reading->settings;
    const struct setting *setting = entry->row;
    char where[SETTING_VARIABLE_BYTES];
    bool takes_value = setting->form != FORM_SWITCH;
    snprintf(where, sizeof where, "--%s", setting->name);
    if (takes_value && !value && reading->next < reading->argc)
        value = reading->argv[reading->next++];
    if (settings->command && entry->commands && !(entry->commands & settings->command)) {
        const char *command = settings->command_name;
        fprintf(reading->complaints, "%s does not go with%s %s\n", where, command ? "" : "out",
                command ? command : "a command");
        return -EINVAL;
    }
    if (takes_value == (value != NULL))
        return settings_give(settings, entry, ORIGIN_FLAG, value, where, reading->complaints);
    fprintf(reading->complaints, "%s needs ", where);
    value_describe(setting, reading->complaints);
    fprintf(reading->complaints, "%s\n", advice(settings->table));
    return -EINVAL;
}

/* "--name" or "--name=value". Of an unknown flag the next word may be the value, as far as can be
 * said. */
static int read_long(struct reading *reading, const char *word)
{
    struct setting_entry entry;
    size_t length = strcspn(word, "=");
    size_t found = find_name(reading->settings->table, word + 2, length - 2, &entry);
    if (found == 1)
        return give_flag(reading, &entry, word[length] ? word + length + 1 : NULL);
    if (!word[length] && reading->next < reading->argc && reading->argv[reading->next][0] != '-')
        reading->next++;
    if (found == 0)
        complain_of_flag(reading->settings->table, word, reading->complaints);
    else
        complain_of_name(word, "is how several flags begin\n", reading->complaints);
    return -EINVAL;
}

/* "-v", "-t5", "-vt5". */
static int read_short(struct reading *reading, const char *word)
{
    struct setting_entry entry;
    for (const char *at = word + 1; *at; at++) {
        if (!find_letter(reading->settings->table, *at, &entry)) {
            complain_of_flag(reading->settings->table, word, reading->complaints);
            return -EINVAL;
        }
        bool takes_value = entry.row->form != FORM_SWITCH;
        int err = give_flag(reading, &entry, takes_value && at[1] ? at + 1 : NULL);
        if (err || takes_value)
            return err;
    }
    return 0;
}

static int read_operand(struct reading *reading, struct settings_operands *operands)
{
    int number = reading->next - 1;
    if (!operands) {
        complain_of_flag(reading->settings->table, reading->argv[number], reading->complaints);
        return -EINVAL;
    }
    if (operands->count < SETTINGS_OPERANDS_MAX)
        operands->at[operands->count++] = number;
    return 0;
}

int settings_read_flags(const struct settings *settings, int argc, char *const *argv,
                        struct settings_operands *operands, FILE *complaints)
{
    struct reading reading = {settings, argc, 1, argv, complaints};
    bool are_over = false;
    int err = 0;
    while (reading.next < argc && err != -ENOMEM) {
        const char *word = argv[reading.next++];
        bool is_flag = !are_over && word[0] == '-' && word[1];
        int wrong = 0;
        if (is_flag && operands && strcmp(word, "--") == 0)
            are_over = true;
        else if (is_flag)
            wrong = word[1] == '-' ? read_long(&reading, word) : read_short(&reading, word);
        else
            wrong = read_operand(&reading, operands);
        err = wrong ? wrong : err;
    }
    return err;
}

/* The environment */

static bool find_variable(const struct setting_table *table, const char *name, size_t length,
                          struct setting_entry *entry)
{
    char variable[SETTING_VARIABLE_BYTES];
    for (size_t i = 0; setting_at(table, i, entry); i++) {
        setting_variable(table, entry->row, variable);
        if (strlen(variable) == length && memcmp(variable, name, length) == 0)
            return true;
    }
    return false;
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
static int give_variable(const struct settings *settings, const struct setting_entry *entry,
                         const char *value, FILE *complaints)
{
    static const char separators[] = " ,";
    char where[SETTING_VARIABLE_BYTES], item[SETTING_TEXT_BYTES + 1];
    int err = 0;
    setting_variable(settings->table, entry->row, where);
    if (!setting_is_list(entry->row))
        return settings_give(settings, entry, ORIGIN_ENVIRONMENT, value, where, complaints);
    value += strspn(value, separators);
    do {
        size_t length = strcspn(value, separators);
        snprintf(item, sizeof item, "%.*s", (int)length, value);
        err = settings_give(settings, entry, ORIGIN_ENVIRONMENT, item, where, complaints);
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
    const char *near = setting_near(table, name, strcspn(name, "="));
    struct setting_entry entry;
    complain_of_name(given, "in the environment is not a setting", complaints);
    if (near && setting_find(table, near, strlen(near), &entry) &&
        entry.row->from <= ORIGIN_ENVIRONMENT && given[prefix_bytes + strcspn(name, "=")]) {
        setting_variable(table, entry.row, variable);
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
        struct setting_entry entry;
        if (!find_variable(table, name, length, &entry) || name[length] != '=') {
            complain_of_variable(table, name, complaints);
            err = -EINVAL;
        } else if (give_variable(settings, &entry, name + length + 1, complaints)) {
            err = -EINVAL;
        }
    }
    return err;
}

/* Report */

bool settings_is_default(const struct setting_table *table, const enum setting_origin *origins,
                         const char *name)
{
    struct setting_entry entry;
    INVARIANT(setting_find(table, name, strlen(name), &entry));
    return origins[entry.number] == ORIGIN_DEFAULT;
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
    struct setting_entry at;
    for (size_t i = 0; setting_at(table, i, &at); i++) {
        if (at.row->from == ORIGIN_FLAG)
            continue;
        fprintf(to, "%-24s %-12s ", at.row->name, names[origins[i]]);
        value_print(at.row, (const char *)values + at.row->offset, to);
        fputc('\n', to);
    }
}
