#include "group/key.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/blake2b.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"

_Static_assert((int)GROUP_KEY_BYTES == (int)X25519_BYTES && (int)GROUP_KEY_BYTES == (int)HASH_BYTES,
               "groups.md");
_Static_assert((int)GROUP_MEMBER_BYTES == (int)crypto_sign_PUBLICKEYBYTES &&
                   (int)GROUP_SEED_BYTES == (int)crypto_sign_SEEDBYTES,
               "members are keys of Ed25519");

static const uint8_t base_point[X25519_BYTES] = {9};
static const uint8_t introduction_mark[] = {'r', 'g', '1'};

/* Insertion into a sorted list. Returns: 0, -EINVAL (it stands there). */
static int insert(struct group_key *key, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    size_t at = key->count;
    while (at > 0) {
        int order = memcmp(key->members[at - 1], member, GROUP_MEMBER_BYTES);
        if (order == 0)
            return -EINVAL;
        if (order < 0)
            break;
        at--;
    }
    memmove(key->members + at + 1, key->members + at, (key->count - at) * GROUP_MEMBER_BYTES);
    memcpy(key->members[at], member, GROUP_MEMBER_BYTES);
    key->count++;
    return 0;
}

int group_key_make(struct group_key *key, const uint8_t secret[static GROUP_KEY_BYTES],
                   uint32_t epoch, const uint8_t *members, size_t count)
{
    struct group_key made = {.epoch = epoch};
    int err = count > 0 && count <= GROUP_MEMBERS_MAX ? 0 : -EINVAL;
    for (size_t i = 0; !err && i < count; i++)
        err = insert(&made, members + i * GROUP_MEMBER_BYTES);
    if (err)
        return err;
    memcpy(made.secret_key, secret, sizeof made.secret_key);
    x25519(made.public_key, secret, base_point);
    hash_bytes(made.list_hash, made.members, made.count * GROUP_MEMBER_BYTES);
    *key = made;
    secret_wipe(&made, sizeof made);
    return 0;
}

void group_rank(uint8_t rank[static GROUP_KEY_BYTES],
                const uint8_t group_public[static GROUP_KEY_BYTES],
                const uint8_t member[static GROUP_MEMBER_BYTES])
{
    const struct hash_part parts[] = {{group_public, GROUP_KEY_BYTES},
                                      {member, GROUP_MEMBER_BYTES}};
    hash_parts(rank, parts, 2);
}

static bool stands_in(const uint8_t member[static GROUP_MEMBER_BYTES], const uint8_t *list,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(list + i * GROUP_MEMBER_BYTES, member, GROUP_MEMBER_BYTES) == 0)
            return true;
    return false;
}

bool group_key_has(const struct group_key *key, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    return stands_in(member, key->members[0], key->count);
}

const uint8_t *group_key_first(const struct group_key *key, const uint8_t *gone, size_t gone_count)
{
    uint8_t best[GROUP_KEY_BYTES], rank[GROUP_KEY_BYTES];
    const uint8_t *first = NULL;
    for (size_t i = 0; i < key->count; i++) {
        if (stands_in(key->members[i], gone, gone_count))
            continue;
        group_rank(rank, key->public_key, key->members[i]);
        if (!first || memcmp(rank, best, sizeof best) < 0) {
            memcpy(best, rank, sizeof best);
            first = key->members[i];
        }
    }
    return first;
}

void group_key_fingerprint(uint8_t fingerprint[static GROUP_KEY_BYTES], const struct group_key *key)
{
    const struct hash_part parts[] = {{key->public_key, GROUP_KEY_BYTES},
                                      {key->members, key->count * GROUP_MEMBER_BYTES}};
    hash_parts(fingerprint, parts, 2);
}

/* g = BLAKE2b-256(key Gs, label || t) */
static void make_blind(uint8_t blind[static GROUP_KEY_BYTES], const struct group_key *key,
                       const uint8_t t[static GROUP_BLIND_BYTES])
{
    static const char label[] = "reunion-group-blind";
    const struct hash_part parts[] = {{label, sizeof label - 1}, {t, GROUP_BLIND_BYTES}};
    blake2b(blind, GROUP_KEY_BYTES, key->secret_key, GROUP_KEY_BYTES, parts, 2);
}

void group_blinded(uint8_t blinded[static GROUP_KEY_BYTES], const struct group_key *key,
                   const uint8_t t[static GROUP_BLIND_BYTES])
{
    uint8_t blind[GROUP_KEY_BYTES];
    make_blind(blind, key, t);
    x25519(blinded, blind, key->public_key);
    secret_wipe(blind, sizeof blind);
}

void group_opening_point(uint8_t point[static GROUP_KEY_BYTES], const struct group_key *key,
                         const uint8_t t[static GROUP_BLIND_BYTES],
                         const uint8_t ephemeral[static GROUP_KEY_BYTES])
{
    uint8_t blind[GROUP_KEY_BYTES], half[GROUP_KEY_BYTES];
    make_blind(blind, key, t);
    x25519(half, key->secret_key, ephemeral);
    x25519(point, blind, half);
    secret_wipe(blind, sizeof blind);
    secret_wipe(half, sizeof half);
}

void group_mask(uint8_t masked[static GROUP_BLIND_BYTES], const struct group_key *key,
                const uint8_t t[static GROUP_BLIND_BYTES],
                const uint8_t r[static GROUP_BLIND_BYTES])
{
    static const char label[] = "reunion-group-mask";
    uint8_t mask[GROUP_BLIND_BYTES];
    const struct hash_part parts[] = {{label, sizeof label - 1}, {r, GROUP_BLIND_BYTES}};
    blake2b(mask, sizeof mask, key->secret_key, GROUP_KEY_BYTES, parts, 2);
    for (size_t i = 0; i < sizeof mask; i++)
        masked[i] = t[i] ^ mask[i];
    secret_wipe(mask, sizeof mask);
}

void group_member_make(uint8_t member[static GROUP_MEMBER_BYTES],
                       const uint8_t seed[static GROUP_SEED_BYTES])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(member, secret, seed);
    secret_wipe(secret, sizeof secret);
}

int group_member_check(const uint8_t member[static GROUP_MEMBER_BYTES])
{
    uint8_t converted[X25519_BYTES];
    return crypto_sign_ed25519_pk_to_curve25519(converted, member) ? -EINVAL : 0;
}

/* A key of two members from the secret z that they share. */
static int two_members_key(struct group_key *key, const uint8_t z[static X25519_BYTES],
                           const struct hash_part *parts, size_t parts_count, uint32_t epoch,
                           const uint8_t one[static GROUP_MEMBER_BYTES],
                           const uint8_t other[static GROUP_MEMBER_BYTES])
{
    uint8_t secret[GROUP_KEY_BYTES], members[2][GROUP_MEMBER_BYTES];
    int zero = sodium_is_zero(z, X25519_BYTES);
    declassify(&zero, sizeof zero); /* a property of the other's public key */
    if (zero)
        return -EINVAL;
    blake2b(secret, sizeof secret, z, X25519_BYTES, parts, parts_count);
    memcpy(members[0], one, GROUP_MEMBER_BYTES);
    memcpy(members[1], other, GROUP_MEMBER_BYTES);
    int err = group_key_make(key, secret, epoch, members[0], 2);
    secret_wipe(secret, sizeof secret);
    return err;
}

int group_pair_key(struct group_key *key, const uint8_t own_seed[static GROUP_SEED_BYTES],
                   const uint8_t other[static GROUP_MEMBER_BYTES],
                   const uint8_t group_public[static GROUP_KEY_BYTES], uint32_t epoch)
{
    static const char label[] = "reunion-group-pair";
    uint8_t own[GROUP_MEMBER_BYTES], pair[crypto_sign_SECRETKEYBYTES], secret[X25519_BYTES];
    uint8_t converted[X25519_BYTES], z[X25519_BYTES];
    const struct hash_part parts[] = {{label, sizeof label - 1}, {group_public, GROUP_KEY_BYTES}};
    if (crypto_sign_ed25519_pk_to_curve25519(converted, other))
        return -EINVAL;
    crypto_sign_seed_keypair(own, pair, own_seed);
    declassify(own, sizeof own);
    int failed = crypto_sign_ed25519_sk_to_curve25519(secret, pair);
    INVARIANT(!failed);
    x25519(z, secret, converted);
    int err = two_members_key(key, z, parts, 2, epoch, own, other);
    secret_wipe(pair, sizeof pair);
    secret_wipe(secret, sizeof secret);
    secret_wipe(z, sizeof z);
    return err;
}

void group_introduction_write(uint8_t payload[static GROUP_PAYLOAD_BYTES],
                              const struct group_introduction *introduction)
{
    struct writer writer = {.at = payload};
    writer_put(&writer, introduction_mark, sizeof introduction_mark);
    writer_put(&writer, introduction->member, sizeof introduction->member);
    writer_put(&writer, introduction->mailbox_id, sizeof introduction->mailbox_id);
    writer_put(&writer, introduction->x_public, sizeof introduction->x_public);
    writer_zeros(&writer, GROUP_PAYLOAD_BYTES - writer.bytes);
}

int group_introduction_read(struct group_introduction *introduction,
                            const uint8_t payload[static GROUP_PAYLOAD_BYTES])
{
    struct group_introduction read;
    struct cursor cursor = cursor_over(payload, GROUP_PAYLOAD_BYTES);
    const uint8_t *mark = cursor_take(&cursor, sizeof introduction_mark);
    cursor_copy(&cursor, read.member, sizeof read.member);
    cursor_copy(&cursor, read.mailbox_id, sizeof read.mailbox_id);
    cursor_copy(&cursor, read.x_public, sizeof read.x_public);
    if (cursor.failed || memcmp(mark, introduction_mark, sizeof introduction_mark) != 0 ||
        !sodium_is_zero(cursor.at, cursor.left) || group_member_check(read.member))
        return -EBADMSG;
    *introduction = read;
    return 0;
}

int group_meeting_key(struct group_key *key, const uint8_t x_secret[static GROUP_KEY_BYTES],
                      const struct group_introduction *own, const struct group_introduction *other)
{
    static const char label[] = "reunion-group-meeting";
    uint8_t z[X25519_BYTES];
    const struct hash_part parts[] = {{label, sizeof label - 1}};
    x25519(z, x_secret, other->x_public);
    int err = two_members_key(key, z, parts, 1, 0, own->member, other->member);
    secret_wipe(z, sizeof z);
    return err;
}
