#include "wire/bucket_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "crypto/hash.h"

bool bucket_window_is_good(uint64_t window_s)
{
    return window_s == 600 || window_s == 1200 || window_s == 1800 || window_s == 3600;
}

bool bucket_id_is_on_grid(const struct bucket_id *id, uint64_t window_s)
{
    return id->created % window_s == 0;
}

bool bucket_id_equal(const struct bucket_id *a, const struct bucket_id *b)
{
    return a->created == b->created && a->sequence == b->sequence &&
           memcmp(a->place, b->place, ID_BYTES) == 0;
}

bool place_is_common(const uint8_t tag[static ID_BYTES])
{
    static const uint8_t zeros[ID_BYTES];
    return memcmp(tag, zeros, ID_BYTES) == 0;
}

void bucket_id_pack(uint8_t binary[static BUCKET_ID_BINARY_BYTES], const struct bucket_id *id)
{
    put_be64(binary, id->created);
    put_be32(binary + 8, id->sequence);
}

void bucket_id_unpack(struct bucket_id *id, const uint8_t binary[static BUCKET_ID_BINARY_BYTES])
{
    struct cursor cursor = cursor_over(binary, BUCKET_ID_BINARY_BYTES);
    *id = (struct bucket_id){0};
    id->created = cursor_be64(&cursor);
    id->sequence = cursor_be32(&cursor);
}

void bucket_id_hash(uint8_t bucket_hash[static ID_BYTES], const struct bucket_id *id, char kind)
{
    static const char common[] = "reunion-bucket-v1", other[] = "reunion-bucket-v2";
    bool is_common = place_is_common(id->place);
    uint8_t binary[BUCKET_ID_BINARY_BYTES];
    bucket_id_pack(binary, id);
    hash_parts(bucket_hash,
               (struct hash_part[]){{is_common ? common : other, sizeof common - 1},
                                    {&kind, 1},
                                    {id->place, is_common ? 0 : ID_BYTES},
                                    {binary, sizeof binary}},
               4);
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
    *id = (struct bucket_id){.created = created, .sequence = (uint32_t)sequence};
    return 0;
}
