/* Whether a bucket can be one that everybody is offered: spec "Buckets". */
#ifndef REUNION_MEET_BUCKET_CHECK_H
#define REUNION_MEET_BUCKET_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "meet/transport.h"

/* A server that gave each client a bucket of its own would have to show it in the bucket's time,
 * its sequence number or a link that is not the hash of both; hence these bounds. */
struct bucket_bounds {
    uint64_t tolerance_s;       /* between the server's clock and ours */
    uint64_t open_window_s_max; /* what a server can advertise at most */
    uint32_t sequence_max;
};

enum bucket_verdict {
    BUCKET_GOOD,
    BUCKET_LINK_WRONG,    /* the link is not the hash of the id */
    BUCKET_SEQUENCE_HIGH, /* so many buckets in one second */
    BUCKET_IN_FUTURE,
    BUCKET_TOO_OLD,
};

/* A bucket somebody else chose, whatever its age: one to look for others in. */
enum bucket_verdict bucket_check_standing(const struct transport_bucket *bucket,
                                          const struct bucket_bounds *bounds, int64_t now_s);

/* The bucket one's own T1 was put in, having been offered first at `asked_s`: it also must not be
 * older than a bucket that takes T1s, `open_window_s` being what the server advertises. */
enum bucket_verdict bucket_check_own(const struct transport_bucket *bucket,
                                     const struct bucket_bounds *bounds, uint64_t open_window_s,
                                     int64_t asked_s, int64_t now_s);

#endif
