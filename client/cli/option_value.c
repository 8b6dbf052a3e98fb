#include "cli/option_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/shared_options.h"

enum { SHOWN_BYTES_MAX = 32 }; /* of a number that is no good */

int options_complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint, OPTIONS_COMPLAINT_BYTES, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* How many seconds a unit of time has; without one, a second. Returns: 0 (no such unit). */
static int64_t seconds_in(const char *unit)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].seconds;
    return 0;
}

static int parse_number(int64_t *value, const char *text, const struct option_row *row)
{
    size_t digits = strspn(text, "0123456789");
    int64_t factor = row->form == OPTION_SECONDS ? seconds_in(text + digits) : text[digits] == 0;
    if (digits == 0 || digits > 18 || factor == 0)
        return -EINVAL;
    int64_t number = strtoll(text, NULL, 10);
    if (number > row->max / factor || number * factor < row->min)
        return -EINVAL;
    *value = number * factor;
    return 0;
}

/* Returns: 0, -ENOSPC (given too often). */
static int add_text(struct option_texts *texts, const char *text, const struct option_row *row)
{
    INVARIANT(row->max <= OPTIONS_TEXTS_MAX);
    if (texts->count == (size_t)row->max)
        return -ENOSPC;
    texts->text[texts->count++] = text;
    return 0;
}

static int assign_bucket_hash(struct option_bucket_hash *link, const char *text)
{
    link->given = true;
    return hex_decode(link->bucket_hash, ID_BYTES, text) ? -EINVAL : 0;
}

/* Returns: 0; -EINVAL, -EMSGSIZE, -ENOSPC (no good value); -ENOMEM. */
static int assign(struct options *options, const struct option_row *row, char *value)
{
    void *member = (char *)options + row->offset;
    switch (row->form) {
    case OPTION_SWITCH:
        *(bool *)member = true;
        return 0;
    case OPTION_NUMBER:
    case OPTION_SECONDS:
    case OPTION_DESCRIPTOR:
        return parse_number(member, value, row);
    case OPTION_TEXT:
    case OPTION_INPUT:
        *(const char **)member = value;
        return 0;
    case OPTION_TEXTS:
        return add_text(member, value, row);
    case OPTION_SECRET:
        return secret_text_move_argument(member, value);
    case OPTION_BUCKET_HASH:
        return assign_bucket_hash(member, value);
    }
    return -EINVAL;
}

/* A number is shown again; any other text could be a secret that stands in a wrong place. */
static int complain_value(const char *where, const struct option_row *row, const char *value,
                          char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    size_t bytes = strlen(value);
    bool number = bytes > 0 && bytes <= SHOWN_BYTES_MAX && strspn(value, "0123456789.-+") == bytes;
    if (row->form == OPTION_BUCKET_HASH)
        return options_complain(complaint, "%s wants %s; what was given has %zu characters", where,
                                row->wants, bytes);
    return options_complain(complaint, "%s wants %s%s%s", where, row->wants,
                            number       ? ", and not "
                            : bytes == 0 ? ", and not an empty text"
                                         : "",
                            number ? value : "");
}

int option_give(struct options *options, const struct option_row *row, char *value,
                const char *where, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int err = assign(options, row, value);
    switch (err) {
    case -EINVAL:
        return complain_value(where, row, value, complaint);
    case -EMSGSIZE:
        return options_complain(complaint, "the value of %s is over %d bytes long", where,
                                SECRET_TEXT_BYTES_MAX);
    case -ENOSPC:
        return options_complain(complaint, "%s can be given no more than %d times", where,
                                (int)row->max);
    default:
        return err;
    }
}
