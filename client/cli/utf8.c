#include "cli/utf8.h"

size_t utf8_next(uint32_t *character, const uint8_t *text, size_t bytes)
{
    /* By length: the mark of the first byte, its mask, the smallest character that needs it. */
    static const struct {
        uint8_t mark, mask;
        uint32_t smallest;
    } forms[] = {{0x00, 0x80, 0}, {0xc0, 0xe0, 0x80}, {0xe0, 0xf0, 0x800}, {0xf0, 0xf8, 0x10000}};
    for (size_t length = 1; length <= 4 && length <= bytes; length++) {
        if ((text[0] & forms[length - 1].mask) != forms[length - 1].mark)
            continue;
        uint32_t value = text[0] & (uint8_t)~forms[length - 1].mask;
        for (size_t i = 1; i < length; i++) {
            if ((text[i] & 0xc0) != 0x80)
                return 0;
            value = value << 6 | (text[i] & 0x3f);
        }
        if (value < forms[length - 1].smallest || value > 0x10ffff ||
            (value >= 0xd800 && value <= 0xdfff))
            return 0;
        *character = value;
        return length;
    }
    return 0;
}

bool utf8_is_valid(const uint8_t *text, size_t bytes)
{
    uint32_t character;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = utf8_next(&character, text + at, bytes - at);
        if (length == 0)
            return false;
    }
    return true;
}
