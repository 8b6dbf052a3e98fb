#include "base/hex.h"

#include <sodium.h>
#include <string.h>

void hex_encode(char *text, const uint8_t *data, size_t bytes)
{
    sodium_bin2hex(text, 2 * bytes + 1, data, bytes);
}

int hex_decode(uint8_t *data, size_t bytes, const char *text)
{
    size_t digits = strlen(text);
    if (digits != 2 * bytes || strspn(text, "0123456789abcdef") != digits)
        return -EBADMSG;
    INVARIANT(sodium_hex2bin(data, bytes, text, digits, NULL, NULL, NULL) == 0);
    return 0;
}
