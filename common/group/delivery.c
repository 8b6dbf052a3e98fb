#include "group/delivery.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/seal.h"
#include "crypto/x25519.h"

_Static_assert(GROUP_TOKEN_BYTES == GROUP_MAILBOX_ID_BYTES + (int)SEAL_BYTES, "groups.md");
_Static_assert(GROUP_DELIVERY_BYTES == 656 && GROUP_DIVIDE_BYTES == 866, "groups.md");

int group_token_make(uint8_t token[static GROUP_TOKEN_BYTES],
                     const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES],
                     const uint8_t server_public[static GROUP_KEY_BYTES],
                     const uint8_t ephemeral[static GROUP_KEY_BYTES])
{
    return seal_make(token, mailbox_id, GROUP_MAILBOX_ID_BYTES, server_public, ephemeral);
}

/* A token for a mailbox id, with fresh randomness. */
static int draw_token(struct group_recipient *recipient,
                      const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES],
                      const uint8_t server_public[static GROUP_KEY_BYTES],
                      const struct random_source *random)
{
    uint8_t ephemeral[GROUP_KEY_BYTES];
    random_fill(random, ephemeral, sizeof ephemeral);
    int err = group_token_make(recipient->token, mailbox_id, server_public, ephemeral);
    secret_wipe(ephemeral, sizeof ephemeral);
    return err;
}

int group_division_address(struct group_division *division, const struct group_key *key,
                           const uint8_t t[static GROUP_BLIND_BYTES], const uint8_t *mailbox_ids,
                           size_t count, const struct random_source *random)
{
    int err = count <= GROUP_RECIPIENTS ? 0 : -EINVAL;
    for (size_t i = 0; !err && i < GROUP_RECIPIENTS; i++) {
        struct group_recipient *recipient = &division->recipients[i];
        uint8_t nobody[GROUP_MAILBOX_ID_BYTES];
        if (i < count) {
            err = draw_token(recipient, mailbox_ids + i * GROUP_MAILBOX_ID_BYTES,
                             division->server_public, random);
            if (!err)
                group_mask(recipient->u, key, t, recipient->token);
        } else {
            random_fill(random, nobody, sizeof nobody);
            err = draw_token(recipient, nobody, division->server_public, random);
            random_fill(random, recipient->u, sizeof recipient->u);
        }
    }
    return err;
}

void group_division_write(uint8_t content[static GROUP_DIVIDE_BYTES],
                          const struct group_division *division)
{
    struct writer writer = {.at = content};
    writer_put(&writer, division->address, sizeof division->address);
    writer_be16(&writer, division->port);
    writer_put(&writer, division->server_public, sizeof division->server_public);
    writer_put(&writer, division->blinded, sizeof division->blinded);
    writer_put(&writer, division->message, sizeof division->message);
    for (size_t i = 0; i < GROUP_RECIPIENTS; i++) {
        const struct group_recipient *recipient = &division->recipients[i];
        writer_put(&writer, recipient->token, sizeof recipient->token);
        writer_put(&writer, recipient->u, sizeof recipient->u);
    }
    INVARIANT(writer.bytes == GROUP_DIVIDE_BYTES);
}

/* Whether nothing can be sealed to a public key. */
static bool has_small_order(const uint8_t public_key[static GROUP_KEY_BYTES])
{
    static const uint8_t any[X25519_BYTES] = {8};
    uint8_t point[X25519_BYTES];
    x25519(point, any, public_key);
    return sodium_is_zero(point, sizeof point);
}

int group_division_read(struct group_division *division, const uint8_t *content, size_t bytes)
{
    struct group_division read;
    struct cursor cursor = cursor_over(content, bytes);
    if (bytes != GROUP_DIVIDE_BYTES)
        return -EMSGSIZE;
    cursor_copy(&cursor, read.address, sizeof read.address);
    read.port = cursor_be16(&cursor);
    cursor_copy(&cursor, read.server_public, sizeof read.server_public);
    cursor_copy(&cursor, read.blinded, sizeof read.blinded);
    cursor_copy(&cursor, read.message, sizeof read.message);
    for (size_t i = 0; i < GROUP_RECIPIENTS; i++) {
        cursor_copy(&cursor, read.recipients[i].token, sizeof read.recipients[i].token);
        cursor_copy(&cursor, read.recipients[i].u, sizeof read.recipients[i].u);
    }
    INVARIANT(!cursor_finish(&cursor));
    if (has_small_order(read.blinded) || has_small_order(read.server_public))
        return -EBADMSG;
    *division = read;
    return 0;
}

int group_copy_make(uint8_t copy[static GROUP_COPY_BYTES], const struct group_division *division,
                    size_t recipient, const uint8_t ephemeral[static GROUP_KEY_BYTES])
{
    enum { SEALED_AT = GROUP_R_BYTES + GROUP_BLIND_BYTES };
    const struct group_recipient *to = &division->recipients[recipient];
    int err = seal_make(copy + SEALED_AT, division->message, sizeof division->message,
                        division->blinded, ephemeral);
    if (err)
        return err;
    memcpy(copy, to->token, GROUP_R_BYTES);
    memcpy(copy + GROUP_R_BYTES, to->u, sizeof to->u);
    return 0;
}

int group_delivery_make(uint8_t delivery[static GROUP_DELIVERY_BYTES],
                        const uint8_t token[static GROUP_TOKEN_BYTES],
                        const uint8_t copy[static GROUP_COPY_BYTES],
                        const uint8_t server_public[static GROUP_KEY_BYTES],
                        const uint8_t ephemeral[static GROUP_KEY_BYTES])
{
    uint8_t plain[GROUP_TOKEN_BYTES + GROUP_COPY_BYTES];
    memcpy(plain, token, GROUP_TOKEN_BYTES);
    memcpy(plain + GROUP_TOKEN_BYTES, copy, GROUP_COPY_BYTES);
    int err = seal_make(delivery, plain, sizeof plain, server_public, ephemeral);
    secret_wipe(plain, sizeof plain);
    return err;
}
