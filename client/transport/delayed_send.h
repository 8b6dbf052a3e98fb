/* Letters that a reference client could not understand yet, kept until it can. */
#ifndef REUNION_TRANSPORT_DELAYED_SEND_H
#define REUNION_TRANSPORT_DELAYED_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "transport/pool_answer.h"
#include "transport/transport.h"

/* DESIGN: a reference client goes in rounds: it asks for T1s, works on the new ones for as long as
 * a group action for each of them takes, then posts its T2s and asks for T2s, then for T3s. A T2
 * that it sees before the T1 gets a dummy for ever, and a T3 before its T2 is lost; we are fast
 * enough to fall into the middle of such a round. So
 *
 *   - a T2 to an elder, whose T1 stood when ours came, waits until the elder has posted a T2 since:
 *     its next round begins with our T1. (Who came after us has seen ours. Of two of our kind one
 *     is the elder's and does not wait, so both go on.)
 *   - a T3 waits for longer than a client takes from asking for T2s to asking for T3s.
 *
 * An elder that never posts is gone, so waiting has an end. */

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
