#include "group/mailbox.h"

#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/seal.h"

void group_mailbox_id(uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                      const uint8_t read_key[static GROUP_READ_KEY_BYTES])
{
    static const char label[] = "reunion-mailbox";
    uint8_t digest[HASH_BYTES];
    const struct hash_part parts[] = {{label, sizeof label - 1}, {read_key, GROUP_READ_KEY_BYTES}};
    hash_parts(digest, parts, 2);
    memcpy(id, digest, GROUP_MAILBOX_ID_BYTES);
    secret_wipe(digest, sizeof digest);
}

int group_delivery_open(uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES],
                        uint8_t copy[static GROUP_COPY_BYTES], const uint8_t *delivery,
                        size_t bytes, const uint8_t server_public[static GROUP_KEY_BYTES],
                        const uint8_t server_secret[static GROUP_KEY_BYTES])
{
    uint8_t plain[GROUP_TOKEN_BYTES + GROUP_COPY_BYTES], id[GROUP_MAILBOX_ID_BYTES];
    const uint8_t *token = plain, *inside = plain + GROUP_TOKEN_BYTES;
    if (bytes != GROUP_DELIVERY_BYTES)
        return -EMSGSIZE;
    int err = seal_open(plain, delivery, bytes, server_public, server_secret);
    if (err)
        return err;
    err = seal_open(id, token, GROUP_TOKEN_BYTES, server_public, server_secret);
    bool same = secret_equal(inside, token, GROUP_R_BYTES);
    declassify(&same, sizeof same); /* whether the copy is kept shows it */
    if (!err && !same)
        err = -EBADMSG;
    if (!err) {
        memcpy(mailbox_id, id, sizeof id);
        memcpy(copy, inside, GROUP_COPY_BYTES);
    }
    secret_wipe(plain, sizeof plain);
    secret_wipe(id, sizeof id);
    return err;
}
