#include "cli/json_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "cli/output_lock.h"
#include "cli/utf8.h"
#include "cli/write_all.h"

/* What one byte of a text takes at most. */
enum { ESCAPED_BYTES = 6 };

struct json_line {
    size_t bytes, room;
    bool full;
    char text[];
};

static void put(struct json_line *line, const char *bytes, size_t count)
{
    /* Two places are kept for the end. */
    if (line->full || count > line->room - 2 - line->bytes) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->bytes, bytes, count);
    line->bytes += count;
}

static void put_constant(struct json_line *line, const char *text)
{
    put(line, text, strlen(text));
}

static void put_key(struct json_line *line, const char *key)
{
    put_constant(line, ",\"");
    put_constant(line, key);
    put_constant(line, "\":");
}

static void put_unit(struct json_line *line, uint32_t unit)
{
    char escaped[8];
    snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(unit & 0xffff));
    put_constant(line, escaped);
    secret_wipe(escaped, sizeof escaped);
}

/* All that is not plain ASCII is escaped: a terminal that shows the line takes no harm. */
static void put_character(struct json_line *line, uint32_t character)
{
    char plain = (char)character;
    if (character == '"' || character == '\\' || character < 0x20 || character == 0x7f) {
        put_unit(line, character);
    } else if (character < 0x7f) {
        put(line, &plain, 1);
    } else if (character < 0x10000) {
        put_unit(line, character);
    } else {
        put_unit(line, 0xd800 + ((character - 0x10000) >> 10));
        put_unit(line, 0xdc00 + (character & 0x3ff));
    }
}

int json_line_open(struct json_line **line, const char *event)
{
    return json_line_open_for(line, event, 0);
}

int json_line_open_for(struct json_line **line, const char *event, size_t text_bytes)
{
    size_t room = JSON_LINE_BYTES_MAX + ESCAPED_BYTES * text_bytes;
    struct json_line *made = secret_alloc(sizeof *made + room);
    if (!made)
        return -ENOMEM;
    made->room = room;
    char begin[32];
    snprintf(begin, sizeof begin, "{\"v\":%d", JSON_LINE_VERSION);
    put_constant(made, begin);
    json_line_word(made, "event", event);
    *line = made;
    return 0;
}

enum { REPLACEMENT = 0xfffd }; /* of a byte that is no UTF-8 */

void json_line_text(struct json_line *line, const char *key, const uint8_t *text, size_t bytes)
{
    put_key(line, key);
    put(line, "\"", 1);
    uint32_t character;
    for (size_t at = 0, taken; at < bytes; at += taken) {
        taken = utf8_next(&character, text + at, bytes - at);
        put_character(line, taken > 0 ? character : REPLACEMENT);
        taken = taken > 0 ? taken : 1;
    }
    put(line, "\"", 1);
}

void json_line_word(struct json_line *line, const char *key, const char *text)
{
    json_line_text(line, key, (const uint8_t *)text, strlen(text));
}

void json_line_number(struct json_line *line, const char *key, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, number);
    put_key(line, key);
    put_constant(line, digits);
}

void json_line_flag(struct json_line *line, const char *key, bool flag)
{
    put_key(line, key);
    put_constant(line, flag ? "true" : "false");
}

void json_line_null(struct json_line *line, const char *key)
{
    put_key(line, key);
    put_constant(line, "null");
}

int json_line_write(struct json_line *line, int fd)
{
    int err = line->full ? -EMSGSIZE : 0;
    if (!err) {
        line->text[line->bytes++] = '}';
        line->text[line->bytes++] = '\n';
        output_lock();
        err = write_all(fd, line->text, line->bytes);
        output_unlock();
    }
    secret_free(line);
    return err;
}
