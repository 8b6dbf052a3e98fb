#include "wire/bucket_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "crypto/hash.h"

void bucket_id_pack(uint8_t binary[static BUCKET_ID_BINARY_BYTES], const struct bucket_id *id)
{
    put_be64(binary, id->created);
    put_be32(binary + 8, id->sequence);
}

void bucket_id_unpack(struct bucket_id *id, const uint8_t binary[static BUCKET_ID_BINARY_BYTES])
{
    struct cursor cursor = cursor_over(binary, BUCKET_ID_BINARY_BYTES);
    id->created = cursor_be64(&cursor);
    id->sequence = cursor_be32(&cursor);
}

void bucket_id_link(uint8_t link[static ID_BYTES], const struct bucket_id *id, char kind)
{
    static const char domain[] = "reunion-bucket-v1";
    uint8_t binary[BUCKET_ID_BINARY_BYTES];
    bucket_id_pack(binary, id);
    hash_parts(
        link,
        (struct hash_part[]){{domain, sizeof domain - 1}, {&kind, 1}, {binary, sizeof binary}}, 3);
}

void bucket_id_print(char text[static BUCKET_ID_TEXT_BYTES], const struct bucket_id *id)
{
    snprintf(text, BUCKET_ID_TEXT_BYTES, "%" PRIu64 "-%" PRIu32, id->created, id->sequence);
}

/* Decimal digits up to `limit`, without leading zeros; moves `text` behind them. */
static int parse_decimal(uint64_t *value, const char **text, uint64_t limit)
{
    const char *at = *text;
    uint64_t sum = 0;
    if (*at < '0' || *at > '9' || (at[0] == '0' && at[1] >= '0' && at[1] <= '9'))
        return -EBADMSG;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (sum > (limit - digit) / 10)
            return -EBADMSG;
        sum = sum * 10 + digit;
    }
    *value = sum;
    *text = at;
    return 0;
}

int bucket_id_parse(struct bucket_id *id, const char *text)
{
    uint64_t created, sequence;
    if (parse_decimal(&created, &text, UINT64_MAX) || *text++ != '-' ||
        parse_decimal(&sequence, &text, UINT32_MAX) || *text != '\0')
        return -EBADMSG;
    *id = (struct bucket_id){created, (uint32_t)sequence};
    return 0;
}
