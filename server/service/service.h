/* The operations of the server, independent of HTTP. */
#ifndef REUNION_SERVICE_SERVICE_H
#define REUNION_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "bucket/bucket.h"
#include "bucket/waiters.h"
#include "mailbox/mailboxes.h"
#include "service/blob.h"
#include "service/histogram.h"
#include "service/post.h"
#include "store/store.h"
#include "wire/sizes.h"

/* DESIGN: all live buckets have their headers in one table, and as many of them their contents as
 * fit into a bound. Readers take its lock shared and copy out what they give; where a content is
 * not there they read it back from the store, without the lock, and take it exclusively to put it
 * in place (cache_pin.h). The writer's thread takes it exclusively twice for each commit: to stage,
 * and, after the store has committed without the lock, to publish. Nobody holds it for longer than
 * memory takes, and a writer goes before readers that come later. Then the writer's thread wakes
 * the waiters of the buckets that got something and completes the posts. A timer's thread ends
 * waits and has the writer close and expire buckets, and tidy up after them. Every function may be
 * called by any thread, unless told. */

struct service_settings {
    struct bucket_rules rules;
    uint32_t link_buckets_max; /* opened in one window */
    size_t waiters_max;        /* of connections, and as many of packets */
    size_t feed_bytes_max;     /* of one answer, of lists too; at least one record is given */
    uint64_t stored_bytes_max; /* see store_bytes; one commit may go beyond it */
    struct mailbox_rules mailboxes;
    /* The key pair that tokens and deliveries are sealed to, which outlives the service; NULL
     * where no mailboxes are served. */
    const uint8_t *box_public, *box_secret;
};

struct service;

/* Load the store and start the threads. The store becomes the service's in any case; clock and
 * random must outlive it.
 * Returns: 0, -EBADMSG (the store's content breaks the rules), -EIO, -EAGAIN, -ENOMEM. */
MUST_CHECK int service_start(struct service **service, const struct service_settings *settings,
                             struct store *store, const struct clock_source *clock,
                             const struct random_source *random);

/* End all waiting, now and for the future: feeds answer at once. */
void service_end_waits(struct service *service);

/* Commit what is submitted, refuse what comes then, end the threads. Reading goes on working. Once,
 * by one thread. */
void service_stop(struct service *service);

/* Release a stopped service and close its store; NULL is fine. */
void service_free(struct service *service);

/* The service's clock: unix time, and the one that waits are measured by. */
int64_t service_now_s(const struct service *service);
int64_t service_now_ms(const struct service *service);

/* Writing. Returns: 0 (`done` will be called), -ECANCELED (stopping). */
MUST_CHECK int service_submit(struct service *service, struct post *post);

/* The same of a T1 or a link that comes with a stamp: it is checked first, by a thread of its own.
 * `client` is a keyed hash of the client's address, by which checks take turns; the nonce is
 * copied. Returns: 0, -ECANCELED, -ENOSPC (too many stamps wait to be checked). */
MUST_CHECK int service_submit_stamped(struct service *service, struct post *post,
                                      const uint8_t nonce[static STAMP_NONCE_BYTES],
                                      uint64_t client);

/* What is asked at this moment of those who post to a place (NULL: the common one). */
struct stamp_terms {
    uint8_t challenge[STAMP_CHALLENGE_BYTES];
    uint32_t t1_effort, link_effort;
    int64_t until_s;                /* unix time at which the next challenge begins */
    int64_t t1_free_s, link_free_s; /* seconds until nothing is asked, if nothing more comes */
};

void service_stamp_terms(struct service *service, const uint8_t *place, struct stamp_terms *terms);

/* The effort asked for a T1 in a place, and how many T1s stand there in each class. */
void service_classes(struct service *service, const uint8_t *place, uint32_t *effort,
                     uint32_t classes[static STAMP_CLASSES]);

/* Reading. A blob that is given is the caller's to free. All may give -ENOMEM, and -EIO (the store
 * cannot be read back); those that name a bucket -ENOENT (unknown, or of the other kind) and
 * -EKEYEXPIRED (past its lifetime). */

MUST_CHECK int service_bucket(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                              struct bucket_facts *facts);

/* The live buckets of a place (NULL: the common one), newest first, that are older than `after`,
 * which is in that place (NULL: all), at most `capacity`; not those that are ahead of the clock. */
MUST_CHECK int service_buckets(struct service *service, const uint8_t *place, const uint8_t *after,
                               struct bucket_facts *facts, size_t capacity, size_t *count,
                               bool *more);

/* A T1's stamp (zeros: it has none) and the challenge that this is for. */
struct reported_stamp {
    struct stamp stamp;
    uint8_t challenge[STAMP_CHALLENGE_BYTES];
};

/* One T1, the hash of its bucket and, unless `total_of` is NULL, its stamp. Returns: 0, -ENOENT. */
MUST_CHECK int service_t1(struct service *service, const uint8_t id[static ID_BYTES],
                          uint8_t bytes[static RECORD_T1_BYTES],
                          uint8_t bucket_hash[static ID_BYTES], struct reported_stamp *total_of);

/* At most `capacity` T1s of a bucket by id, those behind `after` (NULL: from the first), into
 * `t1s`, RECORD_T1_BYTES each, and whether there are more. */
MUST_CHECK int service_some_t1s(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                                const uint8_t *after, uint8_t *t1s, size_t capacity, size_t *count,
                                bool *more, struct bucket_facts *facts);

/* The T1s of a bucket, by id, and, if the facts say that it is closed, a tag that names their set.
 */
MUST_CHECK int service_t1s(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                           struct blob *t1s, struct bucket_facts *facts,
                           uint8_t tag[static ID_BYTES]);

/* What the T1s of a bucket paid: the number of challenges (1), each with its hour (8) and 32 bytes;
 * then for each T1, by id, STAMPS_T1_BYTES: id, hour (8), nonce, effort (4); zeros without a stamp.
 * They are those behind the T1 `after` (NULL: from the first), as many as fit with the challenges
 * of their own into `bytes_max`, at least one; `*more` says whether T1s are left. */
enum { STAMPS_T1_BYTES = ID_BYTES + 8 + STAMP_NONCE_BYTES + 4 };

MUST_CHECK int service_stamps(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                              const uint8_t *after, size_t bytes_max, struct blob *stamps,
                              bool *more);

/* The bucket of links that is open, and whether it is full or not. Returns: 0, -ENOENT (none is).
 */
MUST_CHECK int service_current_links(struct service *service, struct bucket_facts *facts);

/* All slots of a bucket of links, LINK_BUCKET_BYTES, and, if the facts say that it is closed, a
 * tag that names them. */
MUST_CHECK int service_links(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                             struct blob *slots, struct bucket_facts *facts,
                             uint8_t tag[static ID_BYTES]);

/* `count` slots of a bucket of links from `first` on, LINK_BLOB_BYTES each; there have to be as
 * many. */
MUST_CHECK int service_some_links(struct service *service,
                                  const uint8_t bucket_hash[static ID_BYTES], size_t first,
                                  size_t count, uint8_t *slots, struct bucket_facts *facts);

/* Between the pages of a feed or list: random to look at, for one bucket and one run of the server,
 * and nobody else's. */
enum { FEED_CURSOR_BYTES = 33 };
struct feed_cursor {
    uint8_t bytes[FEED_CURSOR_BYTES];
};

/* The same for the feed of one T1, in 16 bytes. One that is of another T1, client, bucket or run is
 * the beginning. */
enum { BRIEF_CURSOR_BYTES = 16 };
struct brief_cursor {
    uint8_t bytes[BRIEF_CURSOR_BYTES];
};

/* The T2s or T3s of a bucket, all or, with `to`, those to that T1 and those to everybody, in pages
 * of one moment, in an order that tells nothing of when they came. `after` is the cursor behind the
 * page before, NULL or another one the beginning; `*next` goes on where `*more` is true, and a page
 * may be short before that. Returns: also -EBADMSG (no cursor of this list). */
MUST_CHECK int service_records(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                               enum record_kind kind, const uint8_t *to,
                               const struct feed_cursor *after, struct blob *records,
                               struct feed_cursor *next, bool *more);

/* Mailboxes. Their posts are post_mailbox and what follows it. */

/* Whether mailboxes are served. */
bool service_has_mailboxes(const struct service *service);

/* The id of the mailbox that a read key opens. */
void service_mailbox_id(uint8_t id[static MAILBOX_ID_BYTES],
                        const uint8_t read_key[static READ_KEY_BYTES]);

/* Make `post` a delivery of these bytes, whatever they are. What they carry is put into `copy`,
 * which has to stay until `done`. Its outcome does not tell what became of it. */
void service_take_delivery(const struct service *service, struct post *post,
                           uint8_t copy[static COPY_BYTES], const uint8_t *delivery, size_t bytes);

/* At most `capacity` copies of a mailbox with numbers above `after`, COPY_BYTES each, and how that
 * goes on. Returns: 0 (perhaps nothing), -ENOENT (none is open), -EKEYEXPIRED (it was closed),
 * -ENOMEM. */
MUST_CHECK int service_mailbox(struct service *service, const uint8_t id[static MAILBOX_ID_BYTES],
                               uint64_t after, size_t capacity, struct blob *copies,
                               struct mailbox_page *page);

/* Have `waiter->wake` called when there is a copy above `after`, or the mailbox is gone, or for
 * certain at its deadline; perhaps before this returns. It is cancelled as one of a feed.
 * Returns: 0, -ENOSPC (too many wait); it is not called then. */
MUST_CHECK int service_mailbox_wait(struct service *service,
                                    const uint8_t id[static MAILBOX_ID_BYTES], uint64_t after,
                                    struct waiter *waiter);

/* Feeds. */

/* What became visible after `after`, as frames, and the cursor behind it. NULL, a cursor of another
 * bucket or of an earlier run is the beginning.
 * Returns: 0 (perhaps nothing: 0 bytes), -EBADMSG (no place of this feed). */
MUST_CHECK int service_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                            const struct feed_cursor *after, struct blob *frames,
                            struct feed_cursor *next);

/* Who reads the feed of one T1. A client whose address is not proven gets the beginning each time,
 * which is never nothing: so only one that has received an answer there can wait. */
struct t1_reader {
    const uint8_t *t1_id; /* ID_BYTES */
    uint64_t client;      /* a keyed hash of its address; 0: none is known */
};

/* The same for one T1: all T1s of the bucket, and those T2s and T3s that are for that T1 or for
 * everybody, without their addressees; at most `bytes_max` bytes, but one record in any case.
 * `next` may be `after`. */
MUST_CHECK int service_t1_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                               const struct t1_reader *reader, const struct brief_cursor *after,
                               size_t bytes_max, struct blob *frames, struct brief_cursor *next);

/* Have `waiter->wake` called when there is something after `after`, or for certain at its deadline;
 * perhaps before this returns.
 * Returns: 0, -ENOSPC (too many wait); it is not called then. */
MUST_CHECK int service_feed_wait(struct service *service,
                                 const uint8_t bucket_hash[static ID_BYTES],
                                 const struct feed_cursor *after, struct waiter *waiter);

/* The same with a cursor of service_t1_feed. What is new may be for another T1; the caller then
 * waits again, behind it. When waits have been ended (service_end_waits) it is called at once. */
MUST_CHECK int service_t1_feed_wait(struct service *service,
                                    const uint8_t bucket_hash[static ID_BYTES],
                                    const struct t1_reader *reader,
                                    const struct brief_cursor *after, struct waiter *waiter);

/* Wake a waiter whom service_feed_wait was given, if it still waits. Any thread. */
void service_feed_cancel(struct service *service, struct waiter *waiter);

/* What an operator watches; nothing here is about one client, bucket or record. */
struct service_counts {
    /* Now. */
    size_t waiting; /* feed requests */
    size_t buckets_live;
    size_t places_live;    /* but for the common one */
    size_t buckets_cached; /* whose content is in memory */
    size_t cached_bytes;   /* of such content */
    uint64_t stored_bytes; /* see store_bytes */
    size_t mailboxes, mailbox_copies, mailbox_bytes;
    uint32_t t1_effort, link_effort; /* asked for */

    /* Since the start. */
    uint64_t commits; /* that succeeded; probes and mere time among them if they wrote something */
    uint64_t commit_failures;
    uint64_t posts; /* handed to the writer and done, whatever came of them */
    uint64_t t1s_stored, records_stored, links_stored;
    uint64_t deliveries; /* to mailboxes, whatever came of them */
    uint64_t copies_stored;
    uint64_t buckets_opened, buckets_expired;
    uint64_t evicted_reads;         /* contents of buckets read back from the store */
    uint64_t evicted_read_failures; /* that could not be */
    uint64_t stamps_checked;        /* computations of checks */
    uint64_t stamps_raised;
    uint64_t refused_buckets;             /* posts refused as too many buckets live … */
    uint64_t refused_places;              /* … or places … */
    uint64_t refused_window;              /* … or links came in this hour … */
    uint64_t refused_stored;              /* … or as too much is stored */
    uint64_t refused_sender;              /* records refused as their sender has too many */
    struct histogram_counts commit_posts; /* posts that a commit completed, or failed */
    struct histogram_counts commit_ms;    /* how long the store took for it */
};

/* Any thread; the numbers need not be of one moment. */
struct service_counts service_counts(struct service *service);

#endif
