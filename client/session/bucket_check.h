/* Checks whether a bucket can be one that everybody is offered: spec "Buckets". */
#ifndef REUNION_SESSION_BUCKET_CHECK_H
#define REUNION_SESSION_BUCKET_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "transport/transport.h"

/* A server that gave each client a bucket of its own would have to show it in the bucket's time,
 * its sequence number or a link that is not the hash of both. Times are on a grid: a bucket's is
 * the beginning of its window. Of buckets of T1s the number is no ground for refusal: being alone
 * in one tells nothing about who met. Of those of links it is: who reads one shows which invitation
 * was opened. */
struct bucket_bounds {
    uint64_t tolerance_s;  /* between the server's clock and ours */
    uint32_t sequence_max; /* of buckets of links; one of T1s with a higher one is crowded */
};

enum bucket_verdict {
    BUCKET_GOOD,
    BUCKET_HASH_WRONG,    /* the hash is not that of the id */
    BUCKET_ELSEWHERE,     /* of T1s: it is not that of the id in this place */
    BUCKET_WINDOW_ODD,    /* the server's window is none that there is */
    BUCKET_OFF_GRID,      /* its time is not the beginning of a window */
    BUCKET_SEQUENCE_HIGH, /* so many buckets of links in one hour */
    BUCKET_IN_FUTURE,
    BUCKET_TOO_OLD,
    BUCKET_NOT_CURRENT, /* of links: asked again, the server names another */
};

/* A bucket of T1s somebody else chose, whatever its age: one to look for others in. It may be of a
 * server of before, and off the grid then. */
enum bucket_verdict bucket_check_standing(const struct transport_bucket *bucket,
                                          const struct bucket_bounds *bounds, int64_t now_s);

/* The bucket one's own T1 was put in, having been offered first at `asked_s`: it is also on the
 * grid of the window that the server advertises, and not older than a bucket that takes T1s. */
enum bucket_verdict bucket_check_own(const struct transport_bucket *bucket,
                                     const struct bucket_bounds *bounds, uint64_t open_window_s,
                                     int64_t asked_s, int64_t now_s);

/* Whether so many buckets of T1s were opened in one window that meeting takes longer. */
bool bucket_is_crowded(const struct transport_bucket *bucket, const struct bucket_bounds *bounds);

/* A bucket of links, whatever its age. */
enum bucket_verdict bucket_check_links(const struct transport_bucket *bucket,
                                       const struct bucket_bounds *bounds, int64_t now_s);

/* The one that a link was put in: it is of the hour that is now, or was when the server was asked.
 */
enum bucket_verdict bucket_check_own_links(const struct transport_bucket *bucket,
                                           const struct bucket_bounds *bounds, int64_t asked_s,
                                           int64_t now_s);

/* The bucket that links go to, as told to somebody else after one was put into `own`. The server
 * may have filled that meanwhile, or its hour may have ended: then it is the next one. Returns:
 * BUCKET_GOOD, BUCKET_NOT_CURRENT. */
enum bucket_verdict bucket_check_current_links(const struct transport_bucket *own,
                                               const struct transport_bucket *current);

#endif
