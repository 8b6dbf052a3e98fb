/* The challenge of a server, which must be the same for all its users. */
#ifndef REUNION_TRANSPORT_CHALLENGE_H
#define REUNION_TRANSPORT_CHALLENGE_H

#include <stdbool.h>

#include "base/err.h"
#include "transport/transport.h"

/* Asks the server what it asks of those who post; `apart`: as somebody else. Returns: 0 and
 * `shown`, whose `known` tells whether the server knows of stamps; as the verbs. */
typedef int challenge_asker(struct transport *transport, bool apart, struct transport_asked *shown);

/* From now on so much work is asked for, for that challenge. */
void challenge_note(struct transport *transport, uint32_t effort,
                    const uint8_t challenge[static STAMP_CHALLENGE_BYTES]);

/* A stamp was refused as wrong: learn what is asked for instead.
 * Returns: -EDQUOT (`asked` says it); -EPROTO (there are no stamps, or it is for this challenge
 * that the stamp was); as the verbs. */
MUST_CHECK int challenge_learn(struct transport *transport, challenge_asker *ask);

/* As the verb compare_challenge. `replaced` is the transport's: whether the challenge was replaced
 * by the one that others are shown, since the two last agreed. */
MUST_CHECK int challenge_compare(struct transport *transport, bool *replaced, challenge_asker *ask);

#endif
