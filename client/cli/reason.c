#include "cli/reason.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/print.h"
#include "cli/utf8.h"

const char *reason_word(int err)
{
    switch (err) {
    case -EHOSTUNREACH:
        return "unreachable";
    case -EPROTO:
        return "nonsense";
    case -ENOENT:
        return "no-bucket";
    case -EKEYEXPIRED:
        return "bucket-over";
    case -EAGAIN:
    case -ENOSPC:
        return "busy";
    default:
        return "not-taken";
    }
}

static void make_ascii(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            *text = '?';
}

void reason_put_server(struct json_line *line, const char *url)
{
    char plain[PRINT_BYTES];
    snprintf(plain, sizeof plain, "%s", url);
    if (!utf8_is_valid((const uint8_t *)plain, strlen(plain)))
        make_ascii(plain);
    json_line_word(line, "server", plain);
}

void reason_put(struct json_line *line, const char *word, const char *where, const char *text)
{
    char detail[PRINT_BYTES];
    if (where)
        snprintf(detail, sizeof detail, "at %s: %s", where, text);
    if (where && !utf8_is_valid((const uint8_t *)detail, strlen(detail)))
        make_ascii(detail);
    json_line_word(line, "reason", word);
    json_line_word(line, "detail", where ? detail : text);
}
