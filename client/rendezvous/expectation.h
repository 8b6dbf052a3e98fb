/* When enough is enough: a run that expects so many messages, and how it leaves. */
#ifndef REUNION_RENDEZVOUS_EXPECTATION_H
#define REUNION_RENDEZVOUS_EXPECTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

/* DESIGN: a pure decision. Having had the messages and stored all its answers, a run could go. It
 * stays a random while, so that who watches it does not see by the time of its leaving which of the
 * exchanges before made it leave. That it leaves before its --duration can be seen all the same:
 * who wants to hide that as well expects nobody, and stays. */

enum {
    EXPECTATION_LINGER_MS_MIN = 30 * 1000,
    EXPECTATION_LINGER_MS_MAX = 150 * 1000,
};

struct expectation {
    size_t wanted;  /* messages; 0: nobody is expected, and nothing ends the run */
    bool no_linger; /* go at once */
    bool lingering; /* it has everything, and `leave_ms` is set */
    int64_t leave_ms;
};

enum expectation_next {
    EXPECTATION_STAY,
    EXPECTATION_LINGER, /* once: from now on until `leave_ms` */
    EXPECTATION_LEAVE,
};

/* What to do, having had so many messages and with so many answers of one's own not yet stored, at
 * `now_ms` of a monotonic clock. The time to linger is uniform between the two bounds above. */
enum expectation_next expectation_look(struct expectation *expectation, size_t messages,
                                       size_t owed, int64_t now_ms,
                                       const struct random_source *random);

/* Whether more came than expected: somebody else knows the passphrase. */
bool expectation_is_exceeded(const struct expectation *expectation, size_t messages);

/* Whether so many messages are a success. */
bool expectation_is_met(const struct expectation *expectation, size_t messages);

#endif
