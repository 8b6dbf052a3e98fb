#include "cli/display.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/utf8.h"

static const char escaped_mark[] = "escaped:";
static const char hex_mark[] = "hex:";

/* What can move the cursor, end a line, or reorder or hide what stands around it: controls, the
 * line and paragraph separators, and the bidirectional marks, embeddings, overrides and isolates.
 */
static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x61c ||
           character == 0x200e || character == 0x200f ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* Of no width and not seen, besides those above: two names may differ in them alone. */
static bool is_unseen(uint32_t character)
{
    return character == 0xad || character == 0x34f ||
           (character >= 0x180b && character <= 0x180f) ||
           (character >= 0x200b && character <= 0x200d) ||
           (character >= 0x2060 && character <= 0x206f) ||
           (character >= 0xfe00 && character <= 0xfe0f) || character == 0xfeff ||
           (character >= 0xfff9 && character <= 0xfffb) ||
           (character >= 0xe0000 && character <= 0xe0fff);
}

/* As in a line of text: blanks of every width. */
static bool is_blank(uint32_t character)
{
    return character == 0x20 || character == 0xa0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200a) || character == 0x202f ||
           character == 0x205f || character == 0x3000;
}

bool display_is_name(const uint8_t *name, size_t bytes)
{
    uint32_t character = ' ';
    if (!utf8_is_valid(name, bytes))
        return false;
    for (size_t at = 0, taken; at < bytes; at += taken) {
        taken = utf8_next(&character, name + at, bytes - at);
        if (is_control(character) || is_unseen(character) || (at == 0 && is_blank(character)))
            return false;
    }
    return !is_blank(character);
}

static bool begins_with(const uint8_t *text, size_t bytes, const char *mark)
{
    return bytes >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0;
}

static bool is_plain(const uint8_t *text, size_t bytes)
{
    uint32_t character;
    for (size_t at = 0; at < bytes; at += utf8_next(&character, text + at, bytes - at)) {
        utf8_next(&character, text + at, bytes - at);
        if (is_control(character))
            return false;
    }
    return !begins_with(text, bytes, escaped_mark) && !begins_with(text, bytes, hex_mark);
}

static size_t put_hex(char *out, const uint8_t *text, size_t bytes)
{
    size_t length = (size_t)sprintf(out, "%s", hex_mark);
    for (size_t i = 0; i < bytes; i++)
        length += (size_t)sprintf(out + length, "%02x", text[i]);
    return length;
}

static size_t put_escaped(char *out, const uint8_t *text, size_t bytes)
{
    size_t length = (size_t)sprintf(out, "%s", escaped_mark);
    uint32_t character;
    for (size_t at = 0, taken; at < bytes; at += taken) {
        taken = utf8_next(&character, text + at, bytes - at);
        if (character == '\\') {
            length += (size_t)sprintf(out + length, "\\\\");
        } else if (!is_control(character)) {
            memcpy(out + length, text + at, taken);
            length += taken;
        } else {
            length += (size_t)sprintf(out + length, character < 0x80 ? "\\x%02x" : "\\u{%x}",
                                      (unsigned)character);
        }
    }
    return length;
}

size_t display_line(char *out, const uint8_t *payload, size_t payload_bytes)
{
    size_t bytes = payload_bytes;
    while (bytes > 0 && payload[bytes - 1] == ' ')
        bytes--;
    size_t length;
    if (!utf8_is_valid(payload, bytes)) {
        length = put_hex(out, payload, bytes);
    } else if (is_plain(payload, bytes)) {
        memcpy(out, payload, bytes);
        length = bytes;
    } else {
        length = put_escaped(out, payload, bytes);
    }
    out[length++] = '\n';
    return length;
}
