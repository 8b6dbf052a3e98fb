/* A server in memory, and the transport to it: with faults when a test wants them. */
#ifndef REUNION_TESTS_LIB_TRANSPORT_MEMORY_H
#define REUNION_TESTS_LIB_TRANSPORT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fake_time.h"
#include "transport/transport.h"
#include "wire/sizes.h"

enum { MEMORY_BUCKETS = 128, MEMORY_T1S = 5120, MEMORY_RECORDS = 24576 };

struct memory_t1 {
    uint8_t id[ID_BYTES];
    uint8_t bytes[RECORD_T1_BYTES];
    uint8_t key[WRITE_KEY_BYTES];
    size_t bucket;
    struct transport_stamp stamp; /* a test's to set; nothing is checked */
};

struct memory_record {
    enum record_kind kind;
    size_t bucket;
    uint8_t sender[ID_BYTES];
    uint8_t addressee[ID_BYTES]; /* zeros: everybody */
    uint8_t body[RECORD_BODY_BYTES];
};

struct memory_server {
    struct fake_time *time;
    struct transport_traits traits;
    struct transport_bucket buckets[MEMORY_BUCKETS]; /* oldest first; the last one is open */
    bool expired[MEMORY_BUCKETS];
    size_t bucket_count;
    size_t capacity; /* T1s in a bucket */
    struct memory_t1 t1s[MEMORY_T1S];
    size_t t1_count;
    struct memory_record records[MEMORY_RECORDS];
    size_t record_count;
    bool backwards; /* feeds hand over the newest first, T3s before T2s before T1s */
    int fail;       /* what every verb gives, 0: nothing */
    int fail_send;  /* what `send` gives after having stored `send_first` letters */
    size_t send_first;
    bool refuse;       /* every letter is refused */
    size_t lose_every; /* so many feeds read, one place is said to be lost; 0: never */
    size_t feeds;
    size_t calls, sends;
    struct transport_asked asked;    /* what it tells of stamps; of none, unless a test says so */
    uint32_t classes[STAMP_CLASSES]; /* what its T1s are said to have paid */
    size_t raises;                   /* asked for, and what is answered, 0: done */
    int fail_raise;
    int fail_compare; /* what `compare_challenge` gives */
    int64_t wait_ms;  /* of the last feed */
};

/* An empty server with an open bucket made now; `time` must outlive it. */
void memory_server_open(struct memory_server *server, struct fake_time *time);

/* A further bucket, which is the open one from then on. */
struct transport_bucket *memory_server_add_bucket(struct memory_server *server);

/* All is lost, as if the database had been deleted; a new bucket opens. */
void memory_server_wipe(struct memory_server *server);

/* That bucket is past its lifetime. */
void memory_server_expire(struct memory_server *server, size_t bucket);

/* Put a T1 in a bucket, and a record as if its sender had posted it. */
void memory_server_put_t1(struct memory_server *server, size_t bucket,
                          const uint8_t t1[static RECORD_T1_BYTES]);
void memory_server_put(struct memory_server *server, size_t bucket, enum record_kind kind,
                       const uint8_t sender[static ID_BYTES],
                       const uint8_t addressee[static ID_BYTES],
                       const uint8_t body[static RECORD_BODY_BYTES]);

/* How many records of a kind stand from one T1 to another; NULL: from or to anybody. */
size_t memory_server_count(const struct memory_server *server, enum record_kind kind,
                           const uint8_t *sender, const uint8_t *addressee);

/* A way to `server` for one session, to be released by its verb `free`. */
struct transport *transport_memory_open(struct memory_server *server);

#endif
