/* A table with a batch, and T1s and records to put into it. */
#ifndef REUNION_TESTS_UNIT_BUCKET_BOOTH_H
#define REUNION_TESTS_UNIT_BUCKET_BOOTH_H

#include "bucket/staging.h"
#include "bucket/staging_buckets.h"
#include "lib/test.h"
#include "links/links.h"

enum { NOON_S = 1732248000 };

/* With buckets of links, too: of these as many in a window as the table has room for. */
struct booth {
    struct seeded seeded;
    struct random_source random;
    struct table table;
    struct links links;
    struct batch batch;
};

/* Buckets of `capacity` T1s, open for an hour, living for a day; two unaddressed records, and three
 * T3s to a keyless T1. */
void booth_open(struct booth *booth, uint32_t capacity);
void booth_close(struct booth *booth);

struct booth_t1 {
    uint8_t bytes[RECORD_T1_BYTES];
    struct t1_draft draft; /* its `bytes` points here: not to be copied */
};

/* A T1 of random bytes, with a key or without. */
void booth_t1(struct booth *booth, struct booth_t1 *t1, bool keyed);

/* Stage it at a time. Returns: table_stage_t1's result. */
int booth_stage(struct booth *booth, struct booth_t1 *t1, int64_t now_s);

/* Stage a record of a cached sender at noon, in a bucket or (addressee NULL) in the sender's.
 * Returns: what staging it gives, -ENOENT without such a sender. */
int booth_send(struct booth *booth, struct bucket *bucket, enum record_kind kind,
               const struct booth_t1 *sender, const struct booth_t1 *addressee, uint8_t body);

/* Publish what is staged; frees the dead. */
void booth_publish(struct booth *booth);

/* Undo what is staged. */
void booth_rollback(struct booth *booth);

/* The bucket in which a T1 stands, staged or visible. */
struct bucket *booth_bucket(struct booth *booth, const struct booth_t1 *t1);

/* sender, addressee (NULL: everybody), and 32 times `body`. */
void booth_record(uint8_t record[static RECORD_ADDRESSED_BYTES], const struct booth_t1 *sender,
                  const struct booth_t1 *addressee, uint8_t body);

#endif
