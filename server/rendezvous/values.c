#include "rendezvous/values.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "daemon/client_address.h"

struct unit {
    char letter;
    uint64_t factor;
};

/* Smaller ones first. */
static const struct unit times[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 0}};
static const struct unit sizes[] = {{'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}, {0, 0}};
static const struct unit none[] = {{0, 0}};

static const char *const levels[] = {"error", "warning", "info", "debug"};
_Static_assert(LOG_DEBUG == sizeof levels / sizeof levels[0] - 1, "a level without a name");

static const struct unit *units_of(const struct setting *setting)
{
    return setting->form == FORM_SECONDS ? times : setting->form == FORM_BYTES ? sizes : none;
}

void *value_place(const struct setting *setting, struct config *config)
{
    return (char *)config + setting->offset;
}

static const void *value_of(const struct setting *setting, const struct config *config)
{
    return (const char *)config + setting->offset;
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
        while (units->letter && units->letter != *end)
            units++;
        if (!units->letter || end[1] != '\0' || value > UINT64_MAX / units->factor)
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

static int assign_text(struct config_text *to, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof to->text)
        return -EINVAL;
    memcpy(to->text, text, length + 1);
    return 0;
}

static int add_text(struct config_texts *to, const char *text)
{
    if (to->count == CONFIG_TEXTS_MAX || assign_text(&to->items[to->count], text))
        return -EINVAL;
    to->count++;
    return 0;
}

static int add_network(struct config_texts *to, const char *text)
{
    struct proxies unused = {.count = 0};
    return proxies_add(&unused, text) ? -EINVAL : add_text(to, text);
}

int value_assign(const struct setting *setting, struct config *config, const char *text)
{
    void *place = value_place(setting, config);
    switch (setting->form) {
    case FORM_TEXT:
        return is_good(setting, text) ? assign_text(place, text) : -EINVAL;
    case FORM_TEXTS:
        return is_good(setting, text) ? add_text(place, text) : -EINVAL;
    case FORM_NETWORKS:
        return add_network(place, text);
    case FORM_NUMBER:
    case FORM_SECONDS:
    case FORM_BYTES:
        return assign_number(setting, place, text);
    case FORM_MODE:
        return assign_mode(place, text);
    case FORM_SALT:
        return hex_decode(place, SALT_BYTES, text) ? -EINVAL : 0;
    case FORM_LEVEL:
        return assign_level(place, text);
    case FORM_ACTION:
        *(bool *)place = true;
        return 0;
    }
    return -EINVAL;
}

/* Writing */

/* In the largest unit that leaves no remainder. */
static void print_number(uint64_t number, const struct unit *units, FILE *to)
{
    struct unit best = {'\0', 1};
    for (; units->letter; units++)
        if (number && number % units->factor == 0)
            best = *units;
    fprintf(to, "%" PRIu64, number / best.factor);
    if (best.letter)
        fputc(best.letter, to);
}

static void print_text(const struct config_text *text, FILE *to)
{
    fputs(text->text[0] ? text->text : "-", to);
}

static void print_texts(const struct config_texts *texts, FILE *to)
{
    for (size_t i = 0; i < texts->count; i++)
        fprintf(to, "%s%s", i ? " " : "", texts->items[i].text);
    if (texts->count == 0)
        fputc('-', to);
}

static void print_salt(const uint8_t salt[static SALT_BYTES], FILE *to)
{
    char text[2 * SALT_BYTES + 1];
    hex_encode(text, salt, SALT_BYTES);
    fputs(text, to);
}

void value_print(const struct setting *setting, const struct config *config, FILE *to)
{
    const void *value = value_of(setting, config);
    switch (setting->form) {
    case FORM_TEXT:
        print_text(value, to);
        break;
    case FORM_TEXTS:
    case FORM_NETWORKS:
        print_texts(value, to);
        break;
    case FORM_NUMBER:
    case FORM_SECONDS:
    case FORM_BYTES:
        print_number(*(const uint64_t *)value, units_of(setting), to);
        break;
    case FORM_MODE:
        fprintf(to, "%04" PRIo64, *(const uint64_t *)value);
        break;
    case FORM_SALT:
        print_salt(value, to);
        break;
    case FORM_LEVEL:
        fputs(levels[*(const uint64_t *)value], to);
        break;
    case FORM_ACTION:
        break;
    }
}

static void describe_text(const struct setting *setting, FILE *to)
{
    if (setting->takes)
        fputs(setting->takes, to);
    else
        fprintf(to, "%s of 1 to %d bytes", setting->value, CONFIG_TEXT_BYTES - 1);
}

void value_describe(const struct setting *setting, FILE *to)
{
    switch (setting->form) {
    case FORM_TEXT:
        describe_text(setting, to);
        break;
    case FORM_TEXTS:
        describe_text(setting, to);
        fprintf(to, ", at most %d of them", CONFIG_TEXTS_MAX);
        break;
    case FORM_NETWORKS:
        fprintf(to, "%s, at most %d of them", setting->value, CONFIG_TEXTS_MAX);
        break;
    case FORM_NUMBER:
    case FORM_SECONDS:
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
    case FORM_SALT:
        fprintf(to, "%s, %d lower-case hexadecimal digits", setting->value, 2 * SALT_BYTES);
        break;
    case FORM_LEVEL:
        fprintf(to, "%s, one of %s, %s, %s and %s", setting->value, levels[0], levels[1], levels[2],
                levels[3]);
        break;
    case FORM_ACTION:
        fputs("no value", to);
        break;
    }
}
