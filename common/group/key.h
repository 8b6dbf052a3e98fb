/* Keys of groups: an epoch's key pair with its members, and fresh public keys made of it. */
#ifndef REUNION_GROUP_KEY_H
#define REUNION_GROUP_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Source: groups.md of the specification, "Group" and "Becoming one of them". Any thread. */

enum {
    GROUP_KEY_BYTES = 32,    /* of X25519, and of hashes */
    GROUP_MEMBER_BYTES = 32, /* A: an Ed25519 public key */
    GROUP_SEED_BYTES = 32,   /* of an Ed25519 key pair */
    GROUP_BLIND_BYTES = 16,  /* t */
    GROUP_MEMBERS_MAX = 64,
    GROUP_PAYLOAD_BYTES = 96, /* what inviter and newcomer tell each other when they meet */
    GROUP_MAILBOX_ID_BYTES = 16,
};

/* A key pair that its members share. Secret; the caller wipes it. */
struct group_key {
    uint8_t public_key[GROUP_KEY_BYTES]; /* G */
    uint8_t secret_key[GROUP_KEY_BYTES]; /* Gs */
    uint32_t epoch;
    uint8_t list_hash[GROUP_KEY_BYTES]; /* L */
    size_t count;
    uint8_t members[GROUP_MEMBERS_MAX][GROUP_MEMBER_BYTES]; /* sorted, each once */
};

/* Make a key of its secret, and 1 to GROUP_MEMBERS_MAX different members in any order, who stand
 * one behind the other.
 * Returns: 0, -EINVAL (their number, or one stands twice; `key` is untouched then). */
MUST_CHECK int group_key_make(struct group_key *key, const uint8_t secret[static GROUP_KEY_BYTES],
                              uint32_t epoch, const uint8_t *members, size_t count);

bool group_key_has(const struct group_key *key, const uint8_t member[static GROUP_MEMBER_BYTES]);

/* H(G || A): the order of members where one of them has to act. */
void group_rank(uint8_t rank[static GROUP_KEY_BYTES],
                const uint8_t group_public[static GROUP_KEY_BYTES],
                const uint8_t member[static GROUP_MEMBER_BYTES]);

/* The member with the smallest rank under `key`, but for `gone_count` ones that stand one behind
 * the other; belongs to `key`. NULL if there is no other. */
const uint8_t *group_key_first(const struct group_key *key, const uint8_t *gone, size_t gone_count);

/* H(G || all A's, sorted): what members compare aloud. */
void group_key_fingerprint(uint8_t fingerprint[static GROUP_KEY_BYTES],
                           const struct group_key *key);

/* The fresh public key G' = X25519(g, G) of a `t`. */
void group_blinded(uint8_t blinded[static GROUP_KEY_BYTES], const struct group_key *key,
                   const uint8_t t[static GROUP_BLIND_BYTES]);

/* The point that takes the place of the shared point of a seal to that key. `ephemeral` is the
 * seal's E. Always both multiplications. */
void group_opening_point(uint8_t point[static GROUP_KEY_BYTES], const struct group_key *key,
                         const uint8_t t[static GROUP_BLIND_BYTES],
                         const uint8_t ephemeral[static GROUP_KEY_BYTES]);

/* masked = t ^ the mask of r: u from t, and t from u. */
void group_mask(uint8_t masked[static GROUP_BLIND_BYTES], const struct group_key *key,
                const uint8_t t[static GROUP_BLIND_BYTES],
                const uint8_t r[static GROUP_BLIND_BYTES]);

/* A member's key pair is that of an Ed25519 seed. */
void group_member_make(uint8_t member[static GROUP_MEMBER_BYTES],
                       const uint8_t seed[static GROUP_SEED_BYTES]);

/* Whether a string can be a member's key: one that libsodium converts to X25519.
 * Returns: 0, -EINVAL. */
MUST_CHECK int group_member_check(const uint8_t member[static GROUP_MEMBER_BYTES]);

/* The key that one member shares with another in an epoch: to send the state that follows it.
 * Returns: 0, -EINVAL (no member's key, or one's own; `key` is untouched then). */
MUST_CHECK int group_pair_key(struct group_key *key,
                              const uint8_t own_seed[static GROUP_SEED_BYTES],
                              const uint8_t other[static GROUP_MEMBER_BYTES],
                              const uint8_t group_public[static GROUP_KEY_BYTES], uint32_t epoch);

/* What two people tell each other when they meet. */
struct group_introduction {
    uint8_t member[GROUP_MEMBER_BYTES];
    uint8_t mailbox_id[GROUP_MAILBOX_ID_BYTES];
    uint8_t x_public[GROUP_KEY_BYTES];
};

void group_introduction_write(uint8_t payload[static GROUP_PAYLOAD_BYTES],
                              const struct group_introduction *introduction);
/* Returns: 0, -EBADMSG (another form, or no member's key; `introduction` is untouched then). */
MUST_CHECK int group_introduction_read(struct group_introduction *introduction,
                                       const uint8_t payload[static GROUP_PAYLOAD_BYTES]);

/* The key of a meeting: `x_secret` is that of one's own X, `own` and `other` what both told.
 * Returns: 0, -EINVAL (the other's X is of small order, or both are the same member; `key` is
 * untouched then). */
MUST_CHECK int group_meeting_key(struct group_key *key,
                                 const uint8_t x_secret[static GROUP_KEY_BYTES],
                                 const struct group_introduction *own,
                                 const struct group_introduction *other);

#endif
