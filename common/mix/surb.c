#include "mix/surb.h"

#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/blake2b.h"
#include "crypto/x25519.h"

_Static_assert(MIX_SURB_BYTES == 298, "mix.md");
_Static_assert(MIX_SURB_BYTES + MIX_ADDRESS_BYTES + 2 + MIX_REQUEST_BYTES == (int)MIX_EXIT_BYTES,
               "content of kind 1");

static void put_endpoint(struct writer *writer, const struct mix_endpoint *endpoint)
{
    writer_put(writer, endpoint->address, sizeof endpoint->address);
    writer_be16(writer, endpoint->port);
}

static void take_endpoint(struct cursor *cursor, struct mix_endpoint *endpoint)
{
    cursor_copy(cursor, endpoint->address, sizeof endpoint->address);
    endpoint->port = cursor_be16(cursor);
}

void mix_surb_key(uint8_t key[static MIX_WIDE_KEY_BYTES],
                  const uint8_t k[static MIX_SURB_KEY_BYTES])
{
    static const char label_a[] = "reunion-mix-surb-a", label_b[] = "reunion-mix-surb-b";
    blake2b(key, BLAKE2B_BYTES_MAX, k, MIX_SURB_KEY_BYTES,
            &(struct hash_part){label_a, sizeof label_a - 1}, 1);
    blake2b(key + BLAKE2B_BYTES_MAX, BLAKE2B_BYTES_MAX, k, MIX_SURB_KEY_BYTES,
            &(struct hash_part){label_b, sizeof label_b - 1}, 1);
}

/* The alpha that the last hop receives. */
static void find_last_alpha(uint8_t alpha[static MIX_ALPHA_BYTES], const struct mix_keys *keys,
                            size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        x25519(alpha, keys[i].blind, alpha);
}

int mix_surb_make(uint8_t surb[static MIX_SURB_BYTES], struct mix_surb_secrets *secrets,
                  const struct mix_endpoint *first, const struct mix_hop *hops, size_t count,
                  const struct random_source *random)
{
    struct mix_keys keys[MIX_HOPS_MAX];
    uint8_t header[MIX_HEADER_BYTES];
    int err = mix_header_make(header, keys, hops, count, random);
    if (!err) {
        *secrets = (struct mix_surb_secrets){.count = count};
        random_fill(random, secrets->key, sizeof secrets->key);
        for (size_t i = 0; i < count; i++)
            memcpy(secrets->payload_keys[i], keys[i].payload, sizeof keys[i].payload);
        memcpy(secrets->last_alpha, header, MIX_ALPHA_BYTES);
        find_last_alpha(secrets->last_alpha, keys, count);

        struct writer writer = {.at = surb};
        put_endpoint(&writer, first);
        writer_put(&writer, header, sizeof header);
        writer_put(&writer, secrets->key, sizeof secrets->key);
        INVARIANT(writer.bytes == MIX_SURB_BYTES);
    }
    secret_wipe(keys, sizeof keys);
    return err;
}

int mix_surb_use(uint8_t packet[static MIX_PACKET_BYTES], struct mix_endpoint *first,
                 const uint8_t surb[static MIX_SURB_BYTES], const uint8_t *content, size_t bytes)
{
    uint8_t payload[MIX_PAYLOAD_BYTES], k[MIX_SURB_KEY_BYTES], key[MIX_WIDE_KEY_BYTES];
    int err = mix_content_put(payload, content, bytes);
    if (err)
        return err;
    struct cursor cursor = cursor_over(surb, MIX_SURB_BYTES);
    take_endpoint(&cursor, first);
    cursor_copy(&cursor, packet, MIX_HEADER_BYTES);
    cursor_copy(&cursor, k, sizeof k);
    INVARIANT(!cursor_finish(&cursor));
    mix_surb_key(key, k);
    mix_wide(payload, sizeof payload, key);
    memcpy(packet + MIX_HEADER_BYTES, payload, sizeof payload); /* encrypted: no secret is left */
    secret_wipe(k, sizeof k);
    secret_wipe(key, sizeof key);
    return 0;
}

int mix_surb_open(uint8_t content[static MIX_CONTENT_BYTES_MAX], size_t *bytes,
                  const struct mix_surb_secrets *secrets,
                  const uint8_t payload[static MIX_PAYLOAD_BYTES])
{
    uint8_t block[MIX_PAYLOAD_BYTES], key[MIX_WIDE_KEY_BYTES];
    const uint8_t *found = NULL;
    size_t length = 0;
    memcpy(block, payload, sizeof block);
    /* Each mix took a layer off that nobody had put on. */
    for (size_t i = secrets->count; i-- > 0;)
        mix_wide(block, sizeof block, secrets->payload_keys[i]);
    mix_surb_key(key, secrets->key);
    mix_wide_inverse(block, sizeof block, key);
    int err = mix_content_find(&found, &length, block);
    if (!err) {
        memcpy(content, found, length);
        *bytes = length;
    }
    secret_wipe(block, sizeof block);
    secret_wipe(key, sizeof key);
    return err;
}

void mix_handle(uint8_t handle[static MIX_HANDLE_BYTES],
                const uint8_t session_public[static MIX_KEY_BYTES])
{
    static const char label[] = "reunion-mix-client";
    uint8_t digest[32]; /* of a public key */
    const struct hash_part parts[] = {{label, sizeof label - 1}, {session_public, MIX_KEY_BYTES}};
    blake2b(digest, sizeof digest, NULL, 0, parts, 2);
    memcpy(handle, digest, MIX_HANDLE_BYTES);
}

void mix_exit_write(uint8_t content[static MIX_EXIT_BYTES], const struct mix_exit *exit)
{
    struct writer writer = {.at = content};
    writer_put(&writer, exit->surb, sizeof exit->surb);
    put_endpoint(&writer, &exit->server);
    writer_put(&writer, exit->request, sizeof exit->request);
    INVARIANT(writer.bytes == MIX_EXIT_BYTES);
}

void mix_exit_read(struct mix_exit *exit, const uint8_t content[static MIX_EXIT_BYTES])
{
    struct cursor cursor = cursor_over(content, MIX_EXIT_BYTES);
    cursor_copy(&cursor, exit->surb, sizeof exit->surb);
    take_endpoint(&cursor, &exit->server);
    cursor_copy(&cursor, exit->request, sizeof exit->request);
    INVARIANT(!cursor_finish(&cursor));
}
