#include "cli/text_member.h"

#include "base/hex.h"
#include "base/secret.h"
#include "cli/utf8.h"

int text_member_put(struct json_line *line, const uint8_t *text, size_t bytes)
{
    if (utf8_is_valid(text, bytes)) {
        json_line_text(line, "text", text, bytes);
        return 0;
    }
    char *digits = secret_alloc(2 * bytes + 1);
    if (!digits)
        return -ENOMEM;
    hex_encode(digits, text, bytes);
    json_line_word(line, "hex", digits);
    secret_free(digits);
    return 0;
}
