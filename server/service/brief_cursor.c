#include "service/brief_cursor.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"

enum { ROUNDS = 4, HALF_BYTES = BRIEF_CURSOR_BYTES / 2 };

#define BEGUN (UINT32_C(1) << 31)

_Static_assert(HALF_BYTES == crypto_shorthash_BYTES, "a round's function");
_Static_assert(BRIEF_CURSOR_BYTES == 4 + 4 + 8, "from and whether it has begun, to, after");

struct round_keys {
    uint8_t of[ROUNDS][crypto_shorthash_KEYBYTES];
};

static void keys_of(struct round_keys *keys, const struct service *service,
                    const struct bucket *bucket, const struct page_rules *rules)
{
    uint8_t client[8];
    crypto_generichash_state state;
    crypto_generichash_init(&state, service->cursor_key, CURSOR_KEY_BYTES, sizeof *keys);
    crypto_generichash_update(&state, bucket->bucket_hash, ID_BYTES);
    crypto_generichash_update(&state, bucket->feed_nonce, FEED_NONCE_BYTES);
    crypto_generichash_update(&state, rules->to, ID_BYTES);
    put_be64(client, rules->client);
    crypto_generichash_update(&state, client, sizeof client);
    crypto_generichash_final(&state, (uint8_t *)keys, sizeof *keys);
}

/* One half is changed by the other. */
static void mix(uint8_t half[static HALF_BYTES], const uint8_t other[static HALF_BYTES],
                const uint8_t key[static crypto_shorthash_KEYBYTES])
{
    uint8_t mask[crypto_shorthash_BYTES];
    crypto_shorthash(mask, other, HALF_BYTES, key);
    for (size_t i = 0; i < HALF_BYTES; i++)
        half[i] ^= mask[i];
}

void brief_cursor_seal(uint8_t cursor[static BRIEF_CURSOR_BYTES], const struct service *service,
                       const struct bucket *bucket, const struct page_rules *rules,
                       const struct span *span)
{
    struct round_keys keys;
    INVARIANT(span->from < BEGUN && span->to < BEGUN);
    put_be32(cursor, (uint32_t)span->from | (span->begun ? BEGUN : 0));
    put_be32(cursor + 4, (uint32_t)span->to);
    put_be64(cursor + 8, span->begun ? span->after : 0);
    keys_of(&keys, service, bucket, rules);
    for (size_t i = 0; i < ROUNDS; i++)
        mix(cursor + (i % 2 ? HALF_BYTES : 0), cursor + (i % 2 ? 0 : HALF_BYTES), keys.of[i]);
    secret_wipe(&keys, sizeof keys);
}

/* Whether a bucket's feed has such a span. One that has not begun is all that was seen. */
static bool is_possible(const struct span *span, const struct bucket *bucket)
{
    if (span->to > bucket_feed_length(bucket))
        return false;
    return span->begun ? span->from < span->to : span->from == span->to && span->after == 0;
}

struct span brief_cursor_open(const uint8_t cursor[static BRIEF_CURSOR_BYTES],
                              const struct service *service, const struct bucket *bucket,
                              const struct page_rules *rules)
{
    struct round_keys keys;
    uint8_t plain[BRIEF_CURSOR_BYTES];
    memcpy(plain, cursor, sizeof plain);
    keys_of(&keys, service, bucket, rules);
    for (size_t i = ROUNDS; i-- > 0;)
        mix(plain + (i % 2 ? HALF_BYTES : 0), plain + (i % 2 ? 0 : HALF_BYTES), keys.of[i]);
    secret_wipe(&keys, sizeof keys);
    struct cursor at = cursor_over(plain, sizeof plain);
    uint32_t from = cursor_be32(&at);
    struct span span = {.from = from & ~BEGUN, .begun = from & BEGUN};
    span.to = cursor_be32(&at);
    span.after = cursor_be64(&at);
    return is_possible(&span, bucket) ? span : (struct span){0};
}
