/* Cursors of 16 bytes, for a feed that is read in packets. */
#ifndef REUNION_SERVICE_BRIEF_CURSOR_H
#define REUNION_SERVICE_BRIEF_CURSOR_H

#include "service/page.h"

/* DESIGN: there is no room for a tag beside a span. So the span, in 16 bytes, goes through a keyed
 * permutation of 16 bytes: four Feistel rounds with SipHash-2-4 (Luby and Rackoff, "How to
 * construct pseudorandom permutations from pseudorandom functions", 1988), under keys made of the
 * run's key, the bucket, the nonce of its feed, the T1 whose feed it is and the client that reads
 * it. A cursor looks random, and one that was made for anything else becomes a span at random, of
 * which almost none is possible: one in 2^62, but for spans that have begun; there as many as the
 * feed's length squared, of 2^63. */

/* Seal a span of the feed of the T1 `rules->to`, for `rules->client`. Deterministic. Any thread. */
void brief_cursor_seal(uint8_t cursor[static BRIEF_CURSOR_BYTES], const struct service *service,
                       const struct bucket *bucket, const struct page_rules *rules,
                       const struct span *span);

/* The span of a cursor; one of nothing yet, at the beginning, if it is none of this feed. Any
 * thread. */
struct span brief_cursor_open(const uint8_t cursor[static BRIEF_CURSOR_BYTES],
                              const struct service *service, const struct bucket *bucket,
                              const struct page_rules *rules);

#endif
