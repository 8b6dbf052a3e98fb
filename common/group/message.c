#include "group/message.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/seal.h"

enum { SIGNATURE_AT = GROUP_MEMBER_BYTES, BODY_AT = SIGNATURE_AT + GROUP_SIGNATURE_BYTES };

static const char signed_label[] = "reunion-group-message";
enum {
    SIGNED_LABEL_BYTES = sizeof signed_label - 1,
    SIGNED_BYTES = SIGNED_LABEL_BYTES + 2 * GROUP_KEY_BYTES + GROUP_BLIND_BYTES + GROUP_BODY_BYTES,
};

_Static_assert(GROUP_M_BYTES == GROUP_INNER_BYTES + (int)SEAL_BYTES && GROUP_M_BYTES == 464,
               "groups.md");
_Static_assert(GROUP_COPY_BYTES == 544, "groups.md");
_Static_assert((int)GROUP_SIGNATURE_BYTES == (int)crypto_sign_BYTES, "Ed25519");

static bool is_well_formed(const struct group_part *part)
{
    return part->parts > 0 && part->parts <= GROUP_PARTS_MAX && part->part < part->parts &&
           part->bytes <= GROUP_TEXT_BYTES_MAX;
}

int group_body_write(uint8_t body[static GROUP_BODY_BYTES], const struct group_part *part)
{
    struct writer writer = {.at = body};
    if (!is_well_formed(part))
        return -EINVAL;
    writer_u8(&writer, part->type);
    writer_be32(&writer, part->epoch);
    writer_be64(&writer, part->number);
    writer_be64(&writer, part->time_s);
    writer_u8(&writer, part->part);
    writer_u8(&writer, part->parts);
    writer_be16(&writer, part->bytes);
    writer_put(&writer, part->text, part->bytes);
    writer_zeros(&writer, GROUP_BODY_BYTES - writer.bytes);
    return 0;
}

/* The fields of a body, whatever they say; the text where it fits. */
static void read_fields(struct group_part *part, const uint8_t body[static GROUP_BODY_BYTES])
{
    struct cursor cursor = cursor_over(body, GROUP_BODY_BYTES);
    memset(part, 0, sizeof *part);
    part->type = cursor_u8(&cursor);
    part->epoch = cursor_be32(&cursor);
    part->number = cursor_be64(&cursor);
    part->time_s = cursor_be64(&cursor);
    part->part = cursor_u8(&cursor);
    part->parts = cursor_u8(&cursor);
    part->bytes = cursor_be16(&cursor);
    if (part->bytes <= GROUP_TEXT_BYTES_MAX)
        cursor_copy(&cursor, part->text, part->bytes);
}

int group_body_read(struct group_part *part, const uint8_t body[static GROUP_BODY_BYTES])
{
    struct group_part read;
    read_fields(&read, body);
    bool good = is_well_formed(&read);
    if (good)
        *part = read;
    secret_wipe(&read, sizeof read);
    return good ? 0 : -EBADMSG;
}

/* What is signed: the key, its members, t and the body. */
static void put_signed(uint8_t out[static SIGNED_BYTES], const struct group_key *key,
                       const uint8_t t[static GROUP_BLIND_BYTES],
                       const uint8_t body[static GROUP_BODY_BYTES])
{
    struct writer writer = {.at = out};
    writer_put(&writer, signed_label, SIGNED_LABEL_BYTES);
    writer_put(&writer, key->public_key, sizeof key->public_key);
    writer_put(&writer, key->list_hash, sizeof key->list_hash);
    writer_put(&writer, t, GROUP_BLIND_BYTES);
    writer_put(&writer, body, GROUP_BODY_BYTES);
    INVARIANT(writer.bytes == SIGNED_BYTES);
}

void group_sign(uint8_t inner[static GROUP_INNER_BYTES], const struct group_key *key,
                const uint8_t seed[static GROUP_SEED_BYTES],
                const uint8_t t[static GROUP_BLIND_BYTES],
                const uint8_t body[static GROUP_BODY_BYTES])
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES], text[SIGNED_BYTES];
    put_signed(text, key, t, body);
    crypto_sign_seed_keypair(inner, pair, seed);
    crypto_sign_detached(inner + SIGNATURE_AT, NULL, text, sizeof text, pair);
    memcpy(inner + BODY_AT, body, GROUP_BODY_BYTES);
    secret_wipe(pair, sizeof pair);
    secret_wipe(text, sizeof text);
}

int group_message_make(uint8_t message[static GROUP_M_BYTES], const struct group_key *key,
                       const uint8_t seed[static GROUP_SEED_BYTES],
                       const uint8_t t[static GROUP_BLIND_BYTES],
                       const uint8_t ephemeral[static GROUP_KEY_BYTES],
                       const struct group_part *part)
{
    uint8_t body[GROUP_BODY_BYTES], inner[GROUP_INNER_BYTES], blinded[GROUP_KEY_BYTES];
    int err = part->epoch == key->epoch ? group_body_write(body, part) : -EINVAL;
    if (err)
        return err;
    group_sign(inner, key, seed, t, body);
    group_blinded(blinded, key, t);
    err = seal_make(message, inner, sizeof inner, blinded, ephemeral);
    secret_wipe(body, sizeof body);
    secret_wipe(inner, sizeof inner);
    return err;
}

/* Open a seal to the fresh public key of t. */
static int open_blinded(uint8_t *plaintext, const uint8_t *sealed, size_t bytes,
                        const struct group_key *key, const uint8_t t[static GROUP_BLIND_BYTES],
                        const uint8_t blinded[static GROUP_KEY_BYTES])
{
    uint8_t point[GROUP_KEY_BYTES];
    group_opening_point(point, key, t, sealed);
    int err = seal_open_with(plaintext, sealed, bytes, blinded, point);
    secret_wipe(point, sizeof point);
    return err;
}

/* What of an opened inner part holds. */
static void judge(struct group_opened *opened, const struct group_key *key)
{
    uint8_t text[SIGNED_BYTES];
    const uint8_t *body = opened->inner + BODY_AT;
    memcpy(opened->author, opened->inner, sizeof opened->author);
    put_signed(text, key, opened->t, body);
    opened->is_member = group_key_has(key, opened->author);
    opened->is_signed = !crypto_sign_verify_detached(opened->inner + SIGNATURE_AT, text,
                                                     sizeof text, opened->author);
    read_fields(&opened->part, body);
    opened->is_of_epoch = opened->part.epoch == key->epoch;
    opened->is_well_formed = is_well_formed(&opened->part);
    secret_wipe(text, sizeof text);
}

int group_copy_open(struct group_opened *opened, const struct group_key *key,
                    const uint8_t copy[static GROUP_COPY_BYTES])
{
    uint8_t blinded[GROUP_KEY_BYTES], message[GROUP_M_BYTES];
    struct cursor cursor = cursor_over(copy, GROUP_COPY_BYTES);
    const uint8_t *r = cursor_take(&cursor, GROUP_R_BYTES);
    const uint8_t *u = cursor_take(&cursor, GROUP_BLIND_BYTES);
    memset(opened, 0, sizeof *opened);
    group_mask(opened->t, key, u, r);
    group_blinded(blinded, key, opened->t);
    int err = open_blinded(message, cursor.at, cursor.left, key, opened->t, blinded);
    if (!err)
        err = open_blinded(opened->inner, message, sizeof message, key, opened->t, blinded);
    if (!err) {
        /* The reader shows what it opened, or counts it. */
        declassify(opened, sizeof *opened);
        judge(opened, key);
    }
    return err;
}

int group_opened_check(const struct group_opened *opened)
{
    if (!opened->is_member || !opened->is_signed)
        return -EACCES;
    return opened->is_of_epoch && opened->is_well_formed ? 0 : -EBADMSG;
}
