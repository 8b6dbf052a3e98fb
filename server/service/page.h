/* Pages of a bucket's content in a fixed order, all of one moment, and their cursors. */
#ifndef REUNION_SERVICE_PAGE_H
#define REUNION_SERVICE_PAGE_H

#include "service/state.h"

/* DESIGN: a reader is given a *span*: what became visible from one position to another, in the
 * order of the content's tree, page by page. Positions tell order of arrival, so a cursor hides
 * them: it is encrypted with a keyed hash of itself, of the bucket, of the run's nonce for that,
 * and of what is being read. One that does not fit all of these is as good as none, whoever made
 * it. Work for one page is bounded in bytes and in entries looked at; a page may therefore be
 * short, or empty, and not be the last. */

struct span {
    size_t from, to;
    bool begun;     /* `after` counts */
    uint64_t after; /* the order of the last entry given */
};

/* What is wanted of a span. */
struct page_rules {
    uint8_t purpose;   /* of the cursor: PAGE_FEED, or the kind of record */
    const uint8_t *to; /* ID_BYTES: addressees of records, besides everybody; NULL: any */
    size_t bytes_max;  /* of a page; one entry is given in any case */
    bool framed;       /* each with its kind before it */
    uint64_t client;   /* whose brief cursors these are: see struct t1_reader */
    bool brief;        /* a T1's feed in packets: `to` names it, all T1s are wanted, records come
                        * without their addressees, and cursors have BRIEF_CURSOR_BYTES */
};

enum { PAGE_FEED = 0, PAGE_LOOKED_AT_MAX = 16384 };

/* Seal a span of a bucket into a cursor, of FEED_CURSOR_BYTES unless the rules want a brief one.
 * Deterministic. */
void page_seal(const struct service *service, const struct bucket *bucket,
               const struct page_rules *rules, const struct span *span, uint8_t *cursor);

/* The span of a cursor; one of nothing yet, at the beginning, if there is none or it is none of
 * this bucket, run and purpose. */
struct span page_open(const struct service *service, const struct bucket *bucket,
                      const struct page_rules *rules, const uint8_t *cursor);

static inline bool span_is_done(const struct span *span)
{
    return span->from == span->to;
}

/* Copy a page of a span, and move the span behind it; it is done with the last one.
 * Returns: 0 (the blob is the caller's), -ENOMEM. */
MUST_CHECK int page_copy(const struct content *content, const struct page_rules *rules,
                         struct span *span, struct blob *page);

#endif
