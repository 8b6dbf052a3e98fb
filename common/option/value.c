#include "option/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"

struct unit {
    const char *name; /* NULL: the end of a list */
    uint64_t factor;
};

/* Smaller ones first. */
static const struct unit times[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {NULL, 0}};
static const struct unit short_times[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {NULL, 0}};
static const struct unit sizes[] = {{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};
static const struct unit none[] = {{NULL, 0}};

static const char *const levels[] = {"error", "warning", "info", "debug"};
_Static_assert(LOG_DEBUG == sizeof levels / sizeof levels[0] - 1, "a level without a name");

static const struct unit *units_of(const struct setting *setting)
{
    switch (setting->form) {
    case FORM_SECONDS:
        return times;
    case FORM_MS:
        return short_times;
    case FORM_BYTES:
        return sizes;
    default:
        return none;
    }
}

/* Reading */

/* Decimal digits and perhaps a unit. Returns: 0, -EINVAL. */
static int parse_number(const char *text, const struct unit *units, uint64_t *number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno)
        return -EINVAL;
    if (*end != '\0') {
        while (units->name && strcmp(units->name, end) != 0)
            units++;
        if (!units->name || value > UINT64_MAX / units->factor)
            return -EINVAL;
        value *= units->factor;
    }
    *number = value;
    return 0;
}

static int assign_number(const struct setting *setting, uint64_t *to, const char *text)
{
    uint64_t value;
    if (parse_number(text, units_of(setting), &value) || value < setting->min ||
        value > setting->max || (setting->allows && !setting->allows(value)))
        return -EINVAL;
    *to = value;
    return 0;
}

static int assign_mode(uint64_t *to, const char *text)
{
    size_t digits = strspn(text, "01234567");
    if (digits < 3 || digits > 4 || text[digits] != '\0')
        return -EINVAL;
    uint64_t mode = strtoull(text, NULL, 8);
    if (mode > 0777)
        return -EINVAL;
    *to = mode;
    return 0;
}

static int assign_level(uint64_t *to, const char *text)
{
    for (uint64_t level = LOG_ERROR; level <= LOG_DEBUG; level++)
        if (strcmp(text, levels[level]) == 0) {
            *to = level;
            return 0;
        }
    return -EINVAL;
}

static bool is_good(const struct setting *setting, const char *text)
{
    return !setting->fault || !setting->fault(text);
}

static int assign_text(struct setting_text *to, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof to->text)
        return -EINVAL;
    memcpy(to->text, text, length + 1);
    return 0;
}

static int add_text(struct setting_texts *to, const char *text)
{
    if (to->count == SETTING_TEXTS_MAX || assign_text(&to->items[to->count], text))
        return -EINVAL;
    to->count++;
    return 0;
}

static int assign_string(const char **to, const char *text)
{
    if (*to)
        return -EEXIST;
    *to = text;
    return 0;
}

static int add_string(struct setting_strings *to, const char *text)
{
    if (to->count == SETTING_TEXTS_MAX)
        return -ENOSPC;
    to->text[to->count++] = text;
    return 0;
}

int value_assign(const struct setting *setting, void *place, const char *text)
{
    switch (setting->form) {
    case FORM_SWITCH:
        *(bool *)place = true;
        return 0;
    case FORM_TEXT:
        return is_good(setting, text) ? assign_text(place, text) : -EINVAL;
    case FORM_TEXTS:
        return is_good(setting, text) ? add_text(place, text) : -EINVAL;
    case FORM_STRING:
        return assign_string(place, text);
    case FORM_STRINGS:
        return add_string(place, text);
    case FORM_TAKEN: /* argv's own, which may be written to */
        return setting->take(place, (char *)(uintptr_t)text);
    case FORM_NUMBER:
    case FORM_SECONDS:
    case FORM_MS:
    case FORM_BYTES:
        return assign_number(setting, place, text);
    case FORM_MODE:
        return assign_mode(place, text);
    case FORM_LEVEL:
        return assign_level(place, text);
    case FORM_HEX:
        return hex_decode(place, setting->max, text) ? -EINVAL : 0;
    }
    return -EINVAL;
}

/* Writing */

/* In the largest unit that leaves no remainder. */
static void print_number(uint64_t number, const struct unit *units, FILE *to)
{
    struct unit best = {"", 1};
    for (; units->name; units++)
        if (number && number % units->factor == 0)
            best = *units;
    fprintf(to, "%" PRIu64 "%s", number / best.factor, best.name);
}

static void print_text(const struct setting_text *text, FILE *to)
{
    fputs(text->text[0] ? text->text : "-", to);
}

static void print_texts(const struct setting_texts *texts, FILE *to)
{
    for (size_t i = 0; i < texts->count; i++)
        fprintf(to, "%s%s", i ? " " : "", texts->items[i].text);
    if (texts->count == 0)
        fputc('-', to);
}

static void print_hex(const uint8_t *bytes, size_t count, FILE *to)
{
    char text[2 * SETTING_HEX_BYTES_MAX + 1];
    INVARIANT(count <= SETTING_HEX_BYTES_MAX);
    hex_encode(text, bytes, count);
    fputs(text, to);
}

void value_print(const struct setting *setting, const void *value, FILE *to)
{
    switch (setting->form) {
    case FORM_TEXT:
        print_text(value, to);
        break;
    case FORM_TEXTS:
        print_texts(value, to);
        break;
    case FORM_NUMBER:
    case FORM_SECONDS:
    case FORM_MS:
    case FORM_BYTES:
        print_number(*(const uint64_t *)value, units_of(setting), to);
        break;
    case FORM_MODE:
        fprintf(to, "%04" PRIo64, *(const uint64_t *)value);
        break;
    case FORM_HEX:
        print_hex(value, setting->max, to);
        break;
    case FORM_LEVEL:
        fputs(levels[*(const uint64_t *)value], to);
        break;
    case FORM_SWITCH:
    case FORM_STRING:
    case FORM_STRINGS:
    case FORM_TAKEN:
        break; /* nobody reports them */
    }
}

static void describe_text(const struct setting *setting, FILE *to)
{
    if (setting->takes)
        fputs(setting->takes, to);
    else
        fprintf(to, "%s of 1 to %d bytes", setting->value, SETTING_TEXT_BYTES - 1);
}

void value_describe(const struct setting *setting, FILE *to)
{
    switch (setting->form) {
    case FORM_TEXT:
        describe_text(setting, to);
        break;
    case FORM_TEXTS:
        describe_text(setting, to);
        fprintf(to, ", at most %d of them", SETTING_TEXTS_MAX);
        break;
    case FORM_NUMBER:
    case FORM_SECONDS:
    case FORM_MS:
    case FORM_BYTES:
        if (setting->takes) {
            fprintf(to, "%s %s", setting->value, setting->takes);
            break;
        }
        fprintf(to, "%s from ", setting->value);
        print_number(setting->min, units_of(setting), to);
        fputs(" to ", to);
        print_number(setting->max, units_of(setting), to);
        break;
    case FORM_MODE:
        fprintf(to, "%s, 3 or 4 octal digits up to 0777", setting->value);
        break;
    case FORM_HEX:
        fprintf(to, "%s, %d lower-case hexadecimal digits", setting->value, 2 * (int)setting->max);
        break;
    case FORM_LEVEL:
        fprintf(to, "%s, one of %s, %s, %s and %s", setting->value, levels[0], levels[1], levels[2],
                levels[3]);
        break;
    case FORM_SWITCH:
        fputs("no value", to);
        break;
    case FORM_STRING:
    case FORM_STRINGS:
    case FORM_TAKEN:
        fputs(setting->takes ? setting->takes : setting->value, to);
        break;
    }
}
