/* Messages of a group: a signed part, sealed to a fresh public key. */
#ifndef REUNION_GROUP_MESSAGE_H
#define REUNION_GROUP_MESSAGE_H

#include <stdint.h>

#include "base/err.h"
#include "group/key.h"

/* Source: groups.md of the specification, "Message". Any thread. */

enum {
    GROUP_TEXT_BYTES_MAX = 295, /* of one part */
    GROUP_PARTS_MAX = 64,
    GROUP_LONG_TEXT_BYTES_MAX = GROUP_PARTS_MAX * GROUP_TEXT_BYTES_MAX,
    GROUP_BODY_BYTES = 320,
    GROUP_SIGNATURE_BYTES = 64,
    GROUP_INNER_BYTES = GROUP_MEMBER_BYTES + GROUP_SIGNATURE_BYTES + GROUP_BODY_BYTES,
    GROUP_M_BYTES = GROUP_INNER_BYTES + 48,
    GROUP_R_BYTES = 16,
    GROUP_COPY_BYTES = GROUP_R_BYTES + GROUP_BLIND_BYTES + GROUP_M_BYTES + 48,
};

enum group_type {
    GROUP_TEXT = 1,
    GROUP_STATE = 2,
    GROUP_LEAVE = 3,
    GROUP_RENAMED = 4,
    GROUP_MOVED = 5,
};

/* A part of a message. `type` is a number from outside, which need not be one of enum group_type.
 */
struct group_part {
    uint8_t type;
    uint32_t epoch;
    uint64_t number; /* of the message: what its author wrote under that G, from 0 */
    uint64_t time_s;
    uint8_t part;  /* from 0 */
    uint8_t parts; /* 1 to GROUP_PARTS_MAX */
    uint16_t bytes;
    uint8_t text[GROUP_TEXT_BYTES_MAX];
};

/* The body of a part; zeros stand behind its text.
 * Returns: 0, -EINVAL (the part is not one that group_body_read takes; `body` is untouched then).
 */
MUST_CHECK int group_body_write(uint8_t body[static GROUP_BODY_BYTES],
                                const struct group_part *part);
/* Returns: 0, -EBADMSG (no or too many parts, a part beyond them, or a text that is too long;
 * `part` is untouched then). */
MUST_CHECK int group_body_read(struct group_part *part,
                               const uint8_t body[static GROUP_BODY_BYTES]);

/* inner = A || signature || body. */
void group_sign(uint8_t inner[static GROUP_INNER_BYTES], const struct group_key *key,
                const uint8_t seed[static GROUP_SEED_BYTES],
                const uint8_t t[static GROUP_BLIND_BYTES],
                const uint8_t body[static GROUP_BODY_BYTES]);

/* M: a part signed under `key`, and sealed to the fresh public key of `t`. `t` and `ephemeral` are
 * random, and for this one part.
 * Returns: 0, -EINVAL (as group_body_write, or the epoch is not the key's; `message` is untouched
 * then). */
MUST_CHECK int group_message_make(uint8_t message[static GROUP_M_BYTES],
                                  const struct group_key *key,
                                  const uint8_t seed[static GROUP_SEED_BYTES],
                                  const uint8_t t[static GROUP_BLIND_BYTES],
                                  const uint8_t ephemeral[static GROUP_KEY_BYTES],
                                  const struct group_part *part);

/* What an opened copy says, and what of it holds. */
struct group_opened {
    uint8_t t[GROUP_BLIND_BYTES];
    uint8_t author[GROUP_MEMBER_BYTES];
    uint8_t inner[GROUP_INNER_BYTES];
    bool is_member;   /* the author is one of the key's members */
    bool is_signed;   /* by the author, under this key, for these members and this t */
    bool is_of_epoch; /* of the key */
    bool is_well_formed;
    struct group_part part; /* where it is well formed */
};

/* Open a copy with one key. It is to be taken only where all four flags hold (group_opened_check);
 * tests look at each of them.
 * Returns: 0, -EBADMSG (not for this key; `opened` has t alone then). */
MUST_CHECK int group_copy_open(struct group_opened *opened, const struct group_key *key,
                               const uint8_t copy[static GROUP_COPY_BYTES]);

/* Returns: 0, -EACCES (not a member, or not signed by it), -EBADMSG (another epoch, or not well
 * formed). */
MUST_CHECK int group_opened_check(const struct group_opened *opened);

#endif
