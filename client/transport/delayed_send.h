/* T2s and T3s whose sending is delayed until a reference client can process them. */
#ifndef REUNION_TRANSPORT_DELAYED_SEND_H
#define REUNION_TRANSPORT_DELAYED_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "transport/pool_answer.h"
#include "transport/transport.h"

/* DESIGN: a reference client works in rounds. It asks for T1s, computes a group action for each
 * new one, posts its T2s, asks for T2s, then for T3s. A T2 that it sees before the T1 gets a
 * dummy for ever, and a T3 that it sees before its T2 is lost. We are fast enough to fall into
 * the middle of such a round. So
 *
 *   - a T2 to an elder, a party whose T1 stood before ours, waits until the elder has posted a new
 *     T2: its next round begins with our T1. (A party that came after us has seen our T1. Of two
 *     clients of our kind one is the elder and does not wait, so both make progress.)
 *   - a T3 waits longer than a client needs from asking for T2s to asking for T3s.
 *
 * An elder that never posts is gone, so each wait has a limit. */

struct delayed_send {
    struct delayed_letter *letters;
    size_t count, room;
    struct pool_answer elders;     /* T1s */
    struct pool_answer t2s_before; /* what stood soon after our T1 did */
    bool has_t2s_before;
};

/* Begin anew with what the server answered to our T1; `elders` is taken over. */
void delayed_send_begin(struct delayed_send *delayed, struct pool_answer *elders);

/* Note the T2s that are there; the first time after delayed_send_begin counts. Returns: 0, -ENOMEM.
 */
MUST_CHECK int delayed_send_note_t2s(struct delayed_send *delayed, const struct pool_answer *t2s);

/* Whether a T1 stood when ours came. */
bool delayed_send_is_elder(const struct delayed_send *delayed,
                           const uint8_t t1[static RECORD_T1_BYTES]);

/* Keep a T2 or T3 from now on. Returns: 0, -ENOMEM. */
MUST_CHECK int delayed_send_add(struct delayed_send *delayed, enum record_kind kind,
                                const struct transport_letter *letter, bool to_elder,
                                int64_t now_ms);

/* Copy the bodies of letters that may go to `bodies`, at most `capacity`, and mark them.
 * Returns: how many. */
size_t delayed_send_ready(struct delayed_send *delayed, enum record_kind kind,
                          const struct pool_answer *t2s, int64_t now_ms,
                          uint8_t (*bodies)[RECORD_BODY_BYTES], size_t capacity);

/* The marked letters are gone for good, or (not `posted`) are kept to be asked for again. */
void delayed_send_settle(struct delayed_send *delayed, bool posted);

/* Forget everything; one of zeros is an empty one. */
void delayed_send_clear(struct delayed_send *delayed);

#endif
