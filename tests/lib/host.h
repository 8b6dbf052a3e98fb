/* A service in the test's hands: its clocks, its store, and posts that wait for their commit. */
#ifndef REUNION_TESTS_LIB_HOST_H
#define REUNION_TESTS_LIB_HOST_H

#include "compat/reference.h"
#include "lib/failing_store.h"
#include "lib/test.h"
#include "service/service.h"
#include "store/memory.h"

enum { HOST_NOON_S = 1732248000 };

struct host {
    struct service *service;
    struct reference *reference; /* two buckets, a megabyte an answer */
    struct store *store;         /* the service's; of host_open, for failing_store.h */
    struct clock_source clock;
};

/* Start on an empty memory store at HOST_NOON_S, with the rules of the spec but three waiters and
 * answers of feeds of at most 1000 bytes. One host at a time. */
void host_open(struct host *host);

/* The settings of that, and to start with others. */
struct service_settings host_settings(void);
void host_open_with(struct host *host, const struct service_settings *settings);

/* The same with mailboxes: at most two of two copies each, which live a day, for the key pair whose
 * secret is 32 times 1. */
struct service_settings host_settings_with_mailboxes(void);

/* Start on another store, which becomes the service's; the clocks go on from where they were, at
 * first HOST_NOON_S. Returns: as service_start. */
MUST_CHECK int host_open_on(struct host *host, const struct service_settings *settings,
                            struct store *store);

void host_close(struct host *host);

/* Let time pass on both clocks, or set the wall clock alone, and do what is due. */
void host_advance(struct host *host, int64_t seconds);
void host_step_wall(struct host *host, int64_t seconds);

/* Submit and wait until it is done. Returns: the outcome. */
enum post_outcome host_post(struct host *host, struct post *post);

/* The same with a stamp, of a client. */
enum post_outcome host_post_stamped(struct host *host, struct post *post,
                                    const uint8_t nonce[static STAMP_NONCE_BYTES], uint64_t client);

struct host_t1 {
    uint8_t bytes[RECORD_T1_BYTES];
    uint8_t id[ID_BYTES];
    uint8_t key_hash[ID_BYTES];
    struct bucket_facts bucket; /* where it stands, once posted */
};

/* A new T1; each is different. */
void host_t1(struct host_t1 *t1);

/* Post it with its key, to the open bucket or a named one (NULL: none). */
enum post_outcome host_join(struct host *host, struct host_t1 *t1, const uint8_t *bucket_hash);

/* Post one record of `sender` to `addressee`, 32 times `body`, into `link`. */
enum post_outcome host_send(struct host *host, const struct host_t1 *sender,
                            const struct host_t1 *addressee, enum record_kind kind, uint8_t body,
                            const uint8_t *bucket_hash, struct post *post);

#endif
