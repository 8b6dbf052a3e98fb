#include "bucket/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "base/secret.h"
#include "bucket/cache.h"
#include "bucket/need.h"
#include "bucket/staging_buckets.h"

/* Stage an entry in a cached bucket, and count its bytes. Returns: 0, -ENOMEM. */
static int stage_in(struct table *table, struct bucket *bucket, struct entry *entry, uint64_t hash)
{
    size_t before = bucket->content->bytes;
    int err = content_stage(bucket->content, entry, hash);
    table->cached_bytes += bucket->content->bytes - before;
    return err;
}

static void unstage_from(struct table *table, struct bucket *bucket, struct entry *entry)
{
    size_t before = bucket->content->bytes;
    content_unstage(bucket->content, entry);
    table->cached_bytes -= before - bucket->content->bytes;
    free(entry);
}

/* Changes that are undone or published */

static struct table *table_of(const struct staged *staged)
{
    return staged->bucket->list->table;
}

static void undo_t1(const struct staged *staged)
{
    struct table *table = table_of(staged);
    struct bucket *bucket = staged->bucket;
    const struct t1_entry *t1 = OWNER_OF(staged->entry, struct t1_entry, entry);
    index_remove(&table->t1_by_id, &staged->entry->node);
    price_stock_take_back(&bucket->place->stock, 1);
    price_stock_take_back(&table->stock, 1);
    bucket->t1_standing--;
    bucket->keyless_standing -= !t1->keyed;
    unstage_from(table, bucket, staged->entry);
}

static void show_entry(struct bucket *bucket, struct entry *entry)
{
    content_show(bucket->content, entry);
    entry->published = bucket->list->table->published;
    bucket->generation++;
    bucket_use(bucket, CLOCK_COUNTER_READ);
}

static void publish_t1(const struct staged *staged)
{
    struct bucket *bucket = staged->bucket;
    const struct t1_entry *t1 = OWNER_OF(staged->entry, struct t1_entry, entry);
    show_entry(bucket, staged->entry);
    census_add(&bucket->place->census, &bucket->paid, &t1->stamp);
    bucket->t1_visible++;
}

static void add_t1(struct batch *batch, struct t1_entry *t1)
{
    static const struct staged_methods methods = {undo_t1, publish_t1, NULL};
    const struct staged staged = {.methods = &methods,
                                  .bucket = t1->bucket,
                                  .entry = &t1->entry,
                                  .wakes = &t1->bucket->waiters};
    batch_add(batch, CHANGE_T1_ADDED, &staged)->t1 =
        (struct store_t1){.id = t1->id,
                          .bytes = t1->bytes,
                          .key_hash = t1->keyed ? t1->key_hash : NULL,
                          .stamp = t1->staged};
}

static void undo_raise(const struct staged *staged)
{
    staged->sender->staged = staged->before;
    staged->bucket->pins--;
}

static void publish_raise(const struct staged *staged)
{
    struct bucket *bucket = staged->bucket;
    struct t1_entry *t1 = staged->sender;
    census_raise(&bucket->place->census, &bucket->paid, &t1->stamp, &t1->staged);
    t1->stamp = t1->staged;
    bucket->pins--;
}

static void add_raise(struct batch *batch, struct t1_entry *t1, const struct stamp *stamp)
{
    static const struct staged_methods methods = {undo_raise, publish_raise, NULL};
    const struct staged staged = {
        .methods = &methods, .bucket = t1->bucket, .sender = t1, .before = t1->staged};
    batch_add(batch, CHANGE_T1_RAISED, &staged)->t1 =
        (struct store_t1){.id = t1->id, .stamp = *stamp};
}

static void undo_record(const struct staged *staged)
{
    const struct record_entry *record = OWNER_OF(staged->entry, struct record_entry, entry);
    if (record_to_everybody(record->bytes))
        --*t1_unaddressed(staged->sender, staged->entry->kind);
    staged->sender->records--;
    unstage_from(table_of(staged), staged->bucket, staged->entry);
}

static void publish_record(const struct staged *staged)
{
    show_entry(staged->bucket, staged->entry);
}

static void add_record(struct batch *batch, struct bucket *bucket, struct record_entry *record,
                       struct t1_entry *sender)
{
    static const struct staged_methods methods = {undo_record, publish_record, NULL};
    const struct staged staged = {.methods = &methods,
                                  .bucket = bucket,
                                  .entry = &record->entry,
                                  .sender = sender,
                                  .wakes = &bucket->waiters};
    batch_add(batch, CHANGE_RECORD_ADDED, &staged)->record =
        (struct store_record){record->entry.kind, record->bytes};
}

/* The batch no longer points to the sender. */
static void end_sent(const struct staged *staged)
{
    staged->sender->sent = false;
    staged->bucket->pins--;
}

/* The number goes on growing while the batch does. */
static void seal_sent(const struct staged *staged, struct change *change)
{
    change->t1.records = staged->sender->records;
}

static void add_sent(struct batch *batch, struct t1_entry *sender)
{
    static const struct staged_methods methods = {end_sent, end_sent, seal_sent};
    const struct staged staged = {.methods = &methods, .bucket = sender->bucket, .sender = sender};
    batch_add(batch, CHANGE_SENT, &staged)->t1 = (struct store_t1){.id = sender->id};
}

/* T1s */

static int check_standing(const struct t1_entry *standing, const struct t1_draft *draft)
{
    if (!draft->keyed)
        return -EEXIST;
    bool same = standing->keyed && secret_equal(standing->key_hash, draft->key_hash, ID_BYTES);
    return same ? -EEXIST : -EACCES;
}

/* The bucket a T1 names, which has to be in the place that it names. */
static int choose_named(const struct table *table, const struct t1_draft *draft, int64_t now_s,
                        struct bucket **chosen)
{
    struct bucket *named = NULL;
    int err = table_find_bucket(table, BUCKET_KIND_RENDEZVOUS, draft->bucket_hash, now_s, &named);
    if (err)
        return err;
    if (named->place != table_place(table, draft->place))
        return -ENOENT;
    if (named->t1_standing >= table->rules.capacity)
        return -ENOSPC;
    if (!bucket_is_open(named, &table->rules, now_s))
        return -EBUSY;
    *chosen = named;
    return 0;
}

static bool has_opened(const struct batch *batch, size_t mark)
{
    for (size_t i = mark; i < batch->count; i++)
        if (batch->changes[i].kind == CHANGE_BUCKET_OPENED)
            return true;
    return false;
}

/* The bucket a T1 goes to. */
static int choose_bucket(struct table *table, struct batch *batch, const struct t1_draft *draft,
                         size_t mark, int64_t now_s, struct bucket **chosen)
{
    if (draft->bucket_hash)
        return choose_named(table, draft, now_s, chosen);
    const struct place *place = table_place(table, draft->place);
    struct bucket *current = place ? place_current(place, now_s) : NULL;
    if (current && bucket_is_open(current, &table->rules, now_s)) {
        *chosen = current;
        return 0;
    }
    if (has_opened(batch, mark))
        return -EDQUOT;
    return table_stage_bucket(&table->rendezvous, batch, draft->place, now_s, chosen);
}

/* Whether a bucket whose content is there takes one more T1 of the kind. A keyless one opens no
 * bucket where another still takes T1s. */
static bool takes(const struct table *table, const struct bucket *bucket,
                  const struct t1_draft *draft)
{
    return draft->keyed || bucket->keyless_standing < table->rules.keyless_max;
}

/* Stage a new T1 in the bucket and in the index. */
static int place_t1(struct table *table, struct bucket *bucket, const struct t1_draft *draft,
                    struct t1_entry **placed)
{
    struct t1_entry *t1 = t1_new(draft);
    if (!t1)
        return -ENOMEM;
    t1->bucket = bucket;
    if (index_insert(&table->t1_by_id, &t1->entry.node, table_t1_hash(table, t1->id))) {
        free(t1);
        return -ENOMEM;
    }
    if (stage_in(table, bucket, &t1->entry, 0)) {
        index_remove(&table->t1_by_id, &t1->entry.node);
        free(t1);
        return -ENOMEM;
    }
    bucket->t1_standing++;
    bucket->keyless_standing += !t1->keyed;
    *placed = t1;
    return 0;
}

/* Whether it stands already. Returns: 0 (it does not), and what table_stage_t1 gives otherwise. */
static int look_for_t1(struct table *table, const struct t1_draft *draft, int64_t now_s,
                       struct t1_entry **standing)
{
    struct t1_entry *t1 = NULL;
    int err = table_need_t1(table, draft->id, now_s, &t1);
    if (err == -ENOENT)
        return 0;
    if (err)
        return draft->keyed ? err : -EEXIST;
    err = check_standing(t1, draft);
    if (err == -EEXIST)
        *standing = t1;
    return err;
}

/* Whether a new T1 has paid what is asked for. Returns: 0, -EPERM. */
static int check_paid(const struct table *table, const struct t1_draft *draft, int64_t now_s)
{
    if (!draft->keyed && table->rules.keyless_unpaid)
        return 0;
    const struct place *place = table_place(table, draft->place);
    return draft->stamp.effort >= table_price_t1(table, place, now_s) ? 0 : -EPERM;
}

int table_stage_t1(struct table *table, struct batch *batch, const struct t1_draft *draft,
                   size_t mark, int64_t now_s, struct t1_entry **standing)
{
    struct bucket *bucket = NULL;
    struct t1_entry *t1;
    int err = look_for_t1(table, draft, now_s, standing);
    if (!err && table->full)
        err = -EFBIG;
    /* That the bucket it names takes no more is told before work is asked for. */
    if (!err && !draft->bucket_hash)
        err = check_paid(table, draft, now_s);
    if (!err)
        err = choose_bucket(table, batch, draft, mark, now_s, &bucket);
    if (!err && draft->bucket_hash)
        err = check_paid(table, draft, now_s);
    if (!err)
        err = table_need(table, bucket);
    if (!err && !takes(table, bucket, draft))
        err = -EDQUOT;
    if (!err)
        err = batch_reserve(batch, 2);
    if (!err)
        err = place_t1(table, bucket, draft, &t1);
    if (err)
        return err;
    add_t1(batch, t1);
    if (bucket->t1_standing == table->rules.capacity)
        table_stage_closing(batch, bucket);
    price_stock_add(&bucket->place->stock, 1, now_s);
    price_stock_add(&table->stock, 1, now_s);
    *standing = t1;
    return 0;
}

int table_stage_raise(struct table *table, struct batch *batch, struct t1_entry *t1,
                      const struct stamp *stamp, int64_t now_s)
{
    if (!stamp_raises(stamp, &t1->staged, stamp_hour(now_s)))
        return -EEXIST;
    if (table->full)
        return -EFBIG;
    if (batch_reserve(batch, 1))
        return -ENOMEM;
    add_raise(batch, t1, stamp);
    t1->staged = *stamp;
    t1->bucket->pins++; /* the batch points to the T1 */
    return 0;
}

/* Records */

/* Put a record into its place, in its sender's name. There is room for two changes: the record, and
 * the sender's number once in each batch. */
static int place_record(struct table *table, struct batch *batch, struct bucket *bucket,
                        struct t1_entry *sender, uint64_t hash, struct record_entry *record)
{
    if (batch_reserve(batch, 2) || stage_in(table, bucket, &record->entry, hash))
        return -ENOMEM;
    add_record(batch, bucket, record, sender);
    sender->records++;
    if (!sender->sent) {
        sender->sent = true;
        sender->bucket->pins++; /* the batch points to the sender */
        add_sent(batch, sender);
    }
    return 0;
}

static int stage_record(struct table *table, struct batch *batch, struct bucket *bucket,
                        struct t1_entry *sender, uint64_t hash, enum record_kind kind,
                        const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    if (table->full)
        return -EFBIG;
    if (sender->records >= table->rules.records_per_sender_max)
        return -EDQUOT;
    struct record_entry *record = record_new(kind, bytes);
    if (!record)
        return -ENOMEM;
    int err = place_record(table, batch, bucket, sender, hash, record);
    if (err)
        free(record);
    return err;
}

/* How many records one sender may have in the place of one addressee. */
static uint32_t place_room(const struct table *table, enum record_kind kind,
                           const struct t1_entry *addressee)
{
    return kind == RECORD_T3 && !addressee->keyed ? table->rules.keyless_t3_max : 1;
}

int table_stage_record(struct table *table, struct batch *batch, struct bucket *bucket,
                       struct t1_entry *sender, enum record_kind kind,
                       const uint8_t bytes[static RECORD_ADDRESSED_BYTES], int64_t now_s)
{
    if (memcmp(bytes, record_addressee(bytes), ID_BYTES) == 0)
        return -ELOOP;
    if (sender->bucket->place != bucket->place)
        return -EXDEV;
    const struct t1_entry *addressee = table_sender(table, record_addressee(bytes), now_s);
    if (!addressee || addressee->bucket != bucket)
        return -ENOENT;
    uint64_t hash = content_record_hash(table->index_key, kind, bytes);
    uint32_t others = 0;
    if (content_find_record(bucket->content, hash, kind, bytes, &others))
        return -EEXIST;
    if (others >= place_room(table, kind, addressee))
        return -EBUSY;
    return stage_record(table, batch, bucket, sender, hash, kind, bytes);
}

int table_stage_unaddressed(struct table *table, struct batch *batch, struct t1_entry *sender,
                            enum record_kind kind,
                            const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct bucket *bucket = sender->bucket;
    uint64_t hash = content_record_hash(table->index_key, kind, bytes);
    uint32_t others = 0;
    if (content_find_record(bucket->content, hash, kind, bytes, &others))
        return -EEXIST;
    if (*t1_unaddressed(sender, kind) >= table->rules.unaddressed_max)
        return -ENOSPC;
    int err = stage_record(table, batch, bucket, sender, hash, kind, bytes);
    if (!err)
        ++*t1_unaddressed(sender, kind);
    return err;
}
