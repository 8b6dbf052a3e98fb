#include <stdlib.h>
#include <string.h>

#include "bucket/cache.h"
#include "bucket/need.h"
#include "bucket/staging.h"
#include "service/cache_pin.h"
#include "service/reference_view.h"

/* DESIGN: a reference client posts all it has, again and again. So what stands already is sorted
 * out by the request's own thread, and the writer sees only what is new. An answer is put together
 * bucket by bucket, as not all of them need fit into memory at once. A body can name very many
 * senders; so that it cannot have as many buckets read back, what is left over after some is
 * dropped, as over the cap.
 *
 * An answer has a bound, of which each bucket has its share. All T1s there can be are below it; of
 * T2s and T3s it has those that come next in the order of the bucket's tree, from a place that
 * moves on every two seconds. A reference client asks in rounds, and keeps what it has got. */

enum {
    EVICTED_READS_MAX = 16,
    LOOKED_AT_MAX = 8192, /* entries of one bucket for one answer */
    TURN_MS = 2000,
};

/* Reading */

static int compare_t1s(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_T1_BYTES);
}

static int compare_records(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_UNADDRESSED_BYTES);
}

static void add_record(const struct entry *entry, struct blob *records)
{
    const uint8_t *bytes = entry_bytes(entry);
    if (entry->kind == RECORD_T1) {
        blob_add(records, bytes, RECORD_T1_BYTES);
    } else {
        blob_add(records, bytes, ID_BYTES);
        blob_add(records, record_body(bytes), RECORD_BODY_BYTES);
    }
}

/* Where the walk through a bucket begins that has more than an answer: another place every few
 * seconds, so that whoever asks again and again gets to see everything. */
static uint64_t start_of(const struct service *service, int64_t now_ms)
{
    int64_t turn = now_ms / TURN_MS;
    return index_hash(service->table.index_key, &turn, sizeof turn);
}

/* At most so many records, of those at most so many that are looked at; round the tree once. */
static void add_records(const struct service *service, const struct content *content,
                        enum record_kind kind, size_t count, struct blob *records)
{
    int64_t now_s = clock_wall_s(service->clock), now_ms = clock_monotonic_ms(service->clock);
    bool whole = content->feed_length <= LOOKED_AT_MAX && content->feed_length <= count;
    uint64_t start = start_of(service, now_ms);
    bool round = whole;
    struct walk walk;
    walk_begin(&walk, content, whole ? NULL : &start);
    for (size_t looked_at = 0; count > 0 && looked_at < LOOKED_AT_MAX; looked_at++) {
        const struct entry *entry = walk_next(&walk);
        if (!entry && !round) {
            round = true;
            walk_begin(&walk, content, NULL);
            continue;
        }
        if (!entry || (round && !whole && entry->order > start))
            break;
        if (entry->kind != kind || !reference_view_shows(service, entry, now_s, now_ms))
            continue;
        add_record(entry, records);
        count--;
    }
}

/* The T1s are a list of their own. */
static void add_t1s(const struct content *content, struct blob *records)
{
    for (uint32_t i = 0; i < content->t1_count; i++)
        add_record(&content->t1[i]->entry, records);
}

/* One bucket's part of an answer. A bucket that has died meanwhile has none. */
static int append_bucket(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                         enum record_kind kind, size_t bytes_max, struct blob *records)
{
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err;
    const struct content *content = pin.bucket->content;
    bool t1s = kind == RECORD_T1;
    size_t fits = bytes_max / RECORD_UNADDRESSED_BYTES;
    size_t count = content->feed_length < fits ? content->feed_length : fits;
    err = blob_reserve(records, t1s ? content->t1_count : count,
                       t1s ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES);
    if (!err && t1s)
        add_t1s(content, records);
    else if (!err)
        add_records(service, content, kind, count, records);
    cache_pin_release(service, &pin);
    return err;
}

/* The links of the newest live buckets, which these endpoints show. */
static size_t shown_links(struct service *service, uint8_t links[][ID_BYTES])
{
    int64_t now_s = clock_wall_s(service->clock);
    size_t count = 0;
    pthread_rwlock_rdlock(&service->lock);
    for (const struct bucket *bucket =
             table_newest(&service->table, table_place(&service->table, NULL), now_s);
         bucket && count < service->settings.reference_buckets;
         bucket = table_older(&service->table, bucket, now_s))
        memcpy(links[count++], bucket->bucket_hash, ID_BYTES);
    pthread_rwlock_unlock(&service->lock);
    return count;
}

static int append_shown(struct service *service, uint8_t links[][ID_BYTES], enum record_kind kind,
                        struct blob *records)
{
    size_t count = shown_links(service, links);
    int err = blob_new(records, 0, 1);
    /* What one bucket leaves of its share is for the others. */
    for (size_t i = 0; i < count && !err; i++)
        err = append_bucket(service, links[i], kind,
                            (service->settings.reference_bytes_max - records->bytes) / (count - i),
                            records);
    if (err)
        blob_free(records);
    return err;
}

int service_reference(struct service *service, enum record_kind kind, struct blob *given)
{
    struct blob records = {0};
    uint8_t(*links)[ID_BYTES] = calloc(service->settings.reference_buckets, sizeof *links);
    int err = links ? append_shown(service, links, kind, &records) : -ENOMEM;
    free(links);
    if (err)
        return err;
    if (kind == RECORD_T1)
        qsort(records.data, records.bytes / RECORD_T1_BYTES, RECORD_T1_BYTES, compare_t1s);
    else
        qsort(records.data, records.bytes / RECORD_UNADDRESSED_BYTES, RECORD_UNADDRESSED_BYTES,
              compare_records);
    *given = records;
    return 0;
}

/* Writing */

static int new_t1s(struct service *service, const uint8_t *body, size_t count, struct post *post)
{
    struct t1_draft *drafts = calloc(count + 1, sizeof *drafts);
    size_t kept = 0;
    if (!drafts)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        drafts[i].bytes = body + i * RECORD_T1_BYTES;
        post_t1_id(drafts[i].id, drafts[i].bytes);
    }
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < count; i++)
        if (!table_find_t1(&service->table, drafts[i].id, now_s) &&
            !table_find_evicted(&service->table, drafts[i].id, now_s))
            drafts[kept++] = drafts[i];
    pthread_rwlock_unlock(&service->lock);
    post->t1s = drafts;
    post->t1_count = kept;
    return 0;
}

static bool is_among(uint8_t ids[][ID_BYTES], size_t count, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(ids[i], id, ID_BYTES) == 0)
            return true;
    return false;
}

/* The first senders of a body whose buckets are evicted. */
static size_t find_evicted_senders(struct service *service, const uint8_t *body, size_t count,
                                   uint8_t ids[EVICTED_READS_MAX][ID_BYTES])
{
    int64_t now_s = clock_wall_s(service->clock);
    size_t found = 0;
    pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < count && found < EVICTED_READS_MAX; i++) {
        const uint8_t *id = body + i * RECORD_UNADDRESSED_BYTES;
        if (!table_find_t1(&service->table, id, now_s) &&
            table_find_evicted(&service->table, id, now_s) && !is_among(ids, found, id))
            memcpy(ids[found++], id, ID_BYTES);
    }
    pthread_rwlock_unlock(&service->lock);
    return found;
}

/* Have some of the senders' buckets read back that are evicted. */
static void cache_senders(struct service *service, const uint8_t *body, size_t count)
{
    uint8_t ids[EVICTED_READS_MAX][ID_BYTES];
    size_t found = find_evicted_senders(service, body, count, ids);
    for (size_t i = 0; i < found; i++) {
        struct cache_pin pin;
        if (cache_pin_t1(service, ids[i], &pin) == 0)
            cache_pin_release(service, &pin);
    }
}

/* Whether a record is new; one whose sender may not post here, or cannot be looked up, counts as
 * dropped. The lock is held. */
static bool is_new(struct service *service, enum record_kind kind, const uint8_t *bytes,
                   int64_t now_s)
{
    const struct t1_entry *sender = table_find_t1(&service->table, bytes, now_s);
    if (!sender)
        count_more(&service->totals.reference_dropped, 1);
    return sender && !sender->keyed && !table_has_unaddressed(&service->table, sender, kind, bytes);
}

static int new_records(struct service *service, enum record_kind kind, const uint8_t *body,
                       size_t count, struct post *post)
{
    struct blob kept;
    if (blob_new(&kept, count, RECORD_ADDRESSED_BYTES))
        return -ENOMEM;
    cache_senders(service, body, count);
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *given = body + i * RECORD_UNADDRESSED_BYTES;
        uint8_t bytes[RECORD_ADDRESSED_BYTES] = {0};
        memcpy(bytes, given, ID_BYTES);
        memcpy(bytes + 2 * ID_BYTES, given + ID_BYTES, RECORD_BODY_BYTES);
        if (is_new(service, kind, bytes, now_s))
            blob_add(&kept, bytes, sizeof bytes);
    }
    pthread_rwlock_unlock(&service->lock);
    post->records = kept.data;
    post->record_count = kept.bytes / RECORD_ADDRESSED_BYTES;
    return 0;
}

static int stage_unaddressed(struct service *service, enum record_kind kind, const uint8_t *bytes,
                             int64_t now_s)
{
    struct t1_entry *sender;
    int err = table_need_t1(&service->table, bytes, now_s, &sender);
    if (err == -EAGAIN)
        return err;
    if (err || sender->keyed)
        return -EACCES;
    return table_stage_unaddressed(&service->table, &service->batch, sender, kind, bytes);
}

/* What does not fit is refused; that is no matter of a sender's limit. */
static int stage_keyless(struct service *service, const struct t1_draft *draft, size_t mark,
                         int64_t now_s)
{
    struct t1_entry *standing;
    int err = table_stage_t1(&service->table, &service->batch, draft, mark, now_s, &standing);
    return err == -EDQUOT ? -ENOSPC : err;
}

static enum post_outcome stage_reference(struct service *service, struct post *post, int64_t now_s)
{
    size_t mark = service->batch.count;
    for (size_t i = 0; i < post->t1_count; i++) {
        int err = stage_keyless(service, &post->t1s[i], mark, now_s);
        if (err == -EPERM)
            post->asked =
                table_price_t1(&service->table, table_place(&service->table, NULL), now_s);
        if (err == -EMFILE || err == -EPERM || !post_count_record(post, i, err))
            return post_outcome_of(err);
    }
    for (size_t i = 0; i < post->record_count; i++) {
        const uint8_t *bytes = post->records + i * RECORD_ADDRESSED_BYTES;
        int err = stage_unaddressed(service, post->record_kind, bytes, now_s);
        if (!post_count_record(post, i, err))
            return post_outcome_of(err);
    }
    return POST_STORED;
}

const struct post_kind post_reference = {.stage = stage_reference};

int service_reference_new(struct service *service, enum record_kind kind, const uint8_t *body,
                          size_t bytes, struct post *post)
{
    size_t size = kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES;
    if (bytes % size != 0) {
        count_more(&service->totals.reference_malformed, 1);
        return -EMSGSIZE;
    }
    *post = (struct post){.kind = &post_reference, .record_kind = kind};
    int err = kind == RECORD_T1 ? new_t1s(service, body, bytes / size, post)
                                : new_records(service, kind, body, bytes / size, post);
    if (!err && post->t1_count + post->record_count == 0) {
        service_reference_free(post);
        err = -EEXIST;
    }
    return err;
}

void service_reference_free(struct post *post)
{
    free((struct t1_draft *)(uintptr_t)post->t1s);
    free((uint8_t *)(uintptr_t)post->records);
    post->t1s = NULL;
    post->records = NULL;
}

void service_reference_round(struct service *service, const uint8_t *body, size_t bytes)
{
    uint8_t id[ID_BYTES];
    if (bytes != RECORD_T1_BYTES)
        return;
    post_t1_id(id, body);
    reference_view_round(service, id);
}
