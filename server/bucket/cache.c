#include "bucket/cache.h"

#include <stdlib.h>
#include <string.h>

uint64_t table_t1_hash(const struct table *table, const uint8_t id[static ID_BYTES])
{
    return index_hash(table->index_key, id, ID_BYTES);
}

void bucket_use(struct bucket *bucket, unsigned clock_counter)
{
    if (atomic_load_explicit(&bucket->clock_counter, memory_order_relaxed) < clock_counter)
        atomic_store_explicit(&bucket->clock_counter, clock_counter, memory_order_relaxed);
}

void contents_free(struct content *contents)
{
    while (contents) {
        struct content *next = contents->next;
        content_free(contents);
        contents = next;
    }
}

/* Evicted T1s */

/* Room for the T1s of a bucket that is evicted, with the first of them noted: after that
 * noting the others cannot fail. A bucket without T1s has none. */
static int begin_evicted(struct table *table, struct bucket *bucket, uint32_t count, uint64_t first)
{
    if (count == 0)
        return 0;
    struct evicted_t1 *evicted = calloc(count, sizeof *evicted);
    if (!evicted)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        evicted[i].bucket = bucket;
    if (index_insert(&table->evicted_t1s, &evicted[0].node, first)) {
        free(evicted);
        return -ENOMEM;
    }
    bucket->evicted_t1s = evicted;
    return 0;
}

static void note_next(struct table *table, struct bucket *bucket, uint32_t place, uint64_t hash)
{
    INVARIANT(index_insert(&table->evicted_t1s, &bucket->evicted_t1s[place].node, hash) == 0);
}

int table_note_evicted(struct table *table, struct bucket *bucket, const uint64_t *hashes,
                       uint32_t count)
{
    if (begin_evicted(table, bucket, count, hashes[0]))
        return -ENOMEM;
    for (uint32_t i = 1; i < count; i++)
        note_next(table, bucket, i, hashes[i]);
    bucket->t1_visible = bucket->t1_standing = count;
    return 0;
}

void table_note_paid(struct table *table, struct bucket *bucket, const struct stamp *stamps,
                     uint32_t count, int64_t now_s)
{
    int64_t created_s = (int64_t)bucket->id.created;
    int64_t closes_s = bucket_closes_s(bucket);
    int64_t until_s = closes_s < now_s ? closes_s : now_s;
    int64_t middle_s = created_s + (until_s > created_s ? (until_s - created_s) / 2 : 0);
    census_turn(&bucket->place->census, stamp_hour(now_s));
    for (uint32_t i = 0; i < count; i++)
        census_add(&bucket->place->census, &bucket->paid, &stamps[i]);
    price_stock_add(&bucket->place->stock, count, middle_s);
    price_stock_add(&table->stock, count, middle_s);
}

static void forget_evicted(struct table *table, struct bucket *bucket)
{
    for (uint32_t i = 0; bucket->evicted_t1s && i < bucket->t1_visible; i++)
        index_remove(&table->evicted_t1s, &bucket->evicted_t1s[i].node);
    free(bucket->evicted_t1s);
    bucket->evicted_t1s = NULL;
}

/* Cached contents */

static void make_cached(struct table *table, struct bucket *bucket, struct content *content)
{
    bucket->content = content;
    TAILQ_INSERT_TAIL(&table->cached, bucket, cached);
    table->cached_count++;
    table->cached_bytes += content->bytes;
}

static void leave_cached(struct table *table, struct bucket *bucket)
{
    TAILQ_REMOVE(&table->cached, bucket, cached);
    table->cached_count--;
    table->cached_bytes -= bucket->content->bytes;
}

int table_cache_new(struct table *table, struct bucket *bucket)
{
    const struct bucket_kind *kind = bucket->list->kind;
    struct content *content =
        kind->content_new ? kind->content_new(table->random) : content_new(table->index_key);
    if (!content)
        return -ENOMEM;
    make_cached(table, bucket, content);
    return 0;
}

/* Whether a content can be that of its bucket. */
static bool fits(const struct bucket *bucket, const struct content *content)
{
    return content->kind == (bucket->list->kind->content_new ? bucket->list->kind : NULL) &&
           content->t1_count == bucket->t1_visible &&
           (bucket->evicted_feed_length == 0 ||
            content->feed_length == bucket->evicted_feed_length);
}

int table_install(struct table *table, struct bucket *bucket, struct content *content)
{
    INVARIANT(!bucket->content);
    if (!fits(bucket, content))
        return -EBADMSG;
    for (uint32_t i = 0; i < content->t1_count; i++) {
        struct entry *entry = &content->t1[i]->entry;
        /* Only the first one, in an index without slots, can fail. */
        if (index_insert(&table->t1_by_id, &entry->node, entry->node.hash))
            return -ENOMEM;
        content->t1[i]->bucket = bucket;
    }
    bucket->keyless_standing = 0;
    for (uint32_t i = 0; i < content->t1_count; i++)
        bucket->keyless_standing += !content->t1[i]->keyed;
    forget_evicted(table, bucket);
    random_fill(table->random, bucket->feed_nonce, sizeof bucket->feed_nonce);
    if (bucket->closed)
        content_tag(content);
    make_cached(table, bucket, content);
    return 0;
}

static int evict(struct table *table, struct bucket *bucket)
{
    struct content *content = bucket->content;
    uint64_t first = content->t1_count > 0 ? content->t1[0]->entry.node.hash : 0;
    if (begin_evicted(table, bucket, content->t1_count, first))
        return -ENOMEM;
    for (uint32_t i = 0; i < content->t1_count; i++) {
        struct index_node *node = &content->t1[i]->entry.node;
        index_remove(&table->t1_by_id, node);
        if (i > 0)
            note_next(table, bucket, i, node->hash);
    }
    leave_cached(table, bucket);
    bucket->evicted_feed_length = content->feed_length;
    bucket->content = NULL;
    return 0;
}

static bool may_go(const struct bucket *bucket, const struct bucket *kept)
{
    return bucket != kept && bucket->pins == 0 && bucket->content->staged == 0 && bucket->visible;
}

struct content *table_trim(struct table *table, const struct bucket *kept)
{
    struct content *gone = NULL;
    /* In so many steps every bucket has used up its CLOCK counter and has had its turn. */
    size_t steps = (CLOCK_COUNTER_WAITED_ON + 1) * table->cached_count;
    while (table->cached_bytes > table->rules.cache_bytes_max && steps-- > 0) {
        struct bucket *bucket = TAILQ_FIRST(&table->cached);
        struct content *content = bucket->content;
        unsigned clock_counter = atomic_load_explicit(&bucket->clock_counter, memory_order_relaxed);
        if (clock_counter > 0 || !may_go(bucket, kept)) {
            atomic_store_explicit(&bucket->clock_counter, clock_counter > 0 ? clock_counter - 1 : 0,
                                  memory_order_relaxed);
            TAILQ_REMOVE(&table->cached, bucket, cached);
            TAILQ_INSERT_TAIL(&table->cached, bucket, cached);
            continue;
        }
        if (evict(table, bucket))
            break;
        content->next = gone;
        gone = content;
    }
    return gone;
}

void table_forget(struct table *table, struct bucket *bucket)
{
    struct content *content = bucket->content;
    if (content) {
        for (uint32_t i = 0; i < content->t1_count; i++)
            index_remove(&table->t1_by_id, &content->t1[i]->entry.node);
        leave_cached(table, bucket);
    } else {
        forget_evicted(table, bucket);
    }
}
