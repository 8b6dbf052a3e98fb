/* The entries of buckets: T1s and records. */
#ifndef REUNION_BUCKET_ENTRY_H
#define REUNION_BUCKET_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "base/err.h"
#include "bucket/index.h"
#include "wire/bucket_id.h"
#include "wire/record.h"
#include "wire/sizes.h"

struct bucket;

/* What T1s and records have in common; the first member of both. */
struct entry {
    struct index_node node; /* a T1's in the table's index, a record's in its bucket's */
    enum record_kind kind;
    bool visible; /* committed, so that readers may see it */
    uint32_t
        position; /* among what became visible in its bucket, once it is; never leaves the server */
    uint64_t order;                /* its place in what readers get: a keyed hash of its bytes */
    struct entry *before, *behind; /* in its bucket's tree by `order` */
    uint64_t
        published; /* number of the commit that showed it; 0: loaded. Never leaves the server */
};

struct t1_entry {
    struct entry entry;
    struct bucket *bucket;
    bool keyed;              /* it came with a write key */
    bool sent;               /* the batch has its new number of records */
    uint32_t records;        /* in its name, in all buckets together, staged ones included */
    uint32_t unaddressed_t2; /* records in its name without an addressee, staged ones included */
    uint32_t unaddressed_t3;
    struct stamp stamp;  /* what it paid, as readers are told … */
    struct stamp staged; /* … and with what the batch raises it to */
    uint8_t id[ID_BYTES];
    uint8_t key_hash[ID_BYTES]; /* H(write key); zeros unless keyed */
    uint8_t bytes[RECORD_T1_BYTES];
};

struct record_entry {
    struct entry entry;
    uint8_t bytes[RECORD_ADDRESSED_BYTES]; /* sender, addressee, body */
};

/* A T1 that is to be taken in. */
struct t1_draft {
    const uint8_t *bytes;       /* RECORD_T1_BYTES */
    const uint8_t *bucket_hash; /* of the bucket it wants, or NULL */
    const uint8_t *place;       /* the tag of the place it wants, or NULL: the common one */
    uint8_t id[ID_BYTES];
    bool keyed;
    uint8_t key_hash[ID_BYTES];
    struct stamp stamp; /* checked; without one: zeros */
};

/* An entry of its own with a draft's or a record's bytes, the caller's, or NULL. */
MUST_CHECK struct t1_entry *t1_new(const struct t1_draft *draft);
MUST_CHECK struct record_entry *record_new(enum record_kind kind,
                                           const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* The bytes of an entry: RECORD_T1_BYTES or RECORD_ADDRESSED_BYTES of them. */
const uint8_t *entry_bytes(const struct entry *entry);

/* Where an entry stands in what readers get, whenever it came: a keyed hash of its bytes. */
uint64_t entry_order(const struct entry *entry, const uint8_t key[static INDEX_KEY_BYTES]);

/* Where a T1's unaddressed records of one kind are counted. */
uint32_t *t1_unaddressed(struct t1_entry *t1, enum record_kind kind);

bool record_to_everybody(const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

static inline const uint8_t *record_addressee(const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    return bytes + ID_BYTES;
}

static inline const uint8_t *record_body(const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    return bytes + 2 * ID_BYTES;
}

#endif
