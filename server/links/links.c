#include "links/links.h"

#include <stdlib.h>

#include "admission/price.h"
#include "base/owner_of.h"
#include "base/secret.h"
#include "bucket/cache.h"
#include "bucket/need.h"
#include "bucket/staging_buckets.h"
#include "crypto/hash.h"

/* The number of the window that is now. */
static uint64_t window_at(int64_t now_s)
{
    return now_s > 0 ? (uint64_t)(now_s / LINK_WINDOW_S) : 0;
}

/* The kind */

static void free_body(void *body)
{
    link_slots_free(body);
}

static void tag_body(const void *body, uint8_t tag[static ID_BYTES])
{
    const struct link_slots *slots = body;
    hash_bytes(tag, slots->image, sizeof slots->image);
}

static struct content *new_content(const struct random_source *random)
{
    uint8_t seed[LINK_SEED_BYTES];
    random_fill(random, seed, sizeof seed);
    struct content *content = links_content_new(seed);
    secret_wipe(seed, sizeof seed);
    return content;
}

static void describe(const struct content *content, struct change *opening)
{
    opening->seed = links_slots(content)->seed;
}

/* The bucket before in the same window was full. */
static void note_loaded(struct bucket_list *list, const struct bucket *bucket)
{
    struct links *links = OWNER_OF(list, struct links, list);
    uint64_t window = window_at((int64_t)bucket->id.created);
    links->window_links = window == links->window ? links->window_links + LINK_SLOTS : 0;
    links->window = window;
}

static const struct bucket_kind kind = {
    .letter = BUCKET_KIND_LINKS,
    .content_new = new_content,
    .body_free = free_body,
    .body_tag = tag_body,
    .describe = describe,
    .loaded = note_loaded,
};

void links_init(struct links *links, struct table *table, uint32_t window_buckets_max)
{
    *links = (struct links){0};
    links->list.kind = &kind;
    links->list.window_s = LINK_WINDOW_S;
    links->list.window_buckets_max = window_buckets_max;
    table_add_list(table, &links->list);
}

struct content *links_content_new(const uint8_t seed[static LINK_SEED_BYTES])
{
    struct link_slots *slots = link_slots_new(seed);
    struct content *content = slots ? content_new_body(&kind, slots, sizeof *slots) : NULL;
    if (!content)
        link_slots_free(slots);
    return content;
}

struct link_slots *links_slots(const struct content *content)
{
    INVARIANT(content->kind == &kind);
    return content->body;
}

struct bucket *links_open_bucket(const struct links *links, int64_t now_s)
{
    struct bucket *current = place_current(&links->list.common, now_s);
    while (current && !current->visible)
        current = current->older_there;
    return current && bucket_is_open(current, &links->list.table->rules, now_s) ? current : NULL;
}

/* Prices */

uint32_t links_price(const struct links *links, int64_t now_s)
{
    uint32_t lately = links->window == window_at(now_s) ? links->window_links : 0;
    return links->list.table->rules.t1_free == 0 ? 0 : price_link(lately);
}

int64_t links_free_s(const struct links *links, int64_t now_s)
{
    if (links_price(links, now_s) == 0)
        return 0;
    int64_t next_s = (int64_t)(window_at(now_s) + 1) * LINK_WINDOW_S;
    return next_s - now_s;
}

int64_t links_window_ends_s(const struct links *links, int64_t now_s)
{
    return bucket_closes_s(place_current(&links->list.common, now_s));
}

/* Staging */

/* The bucket a link goes to: the newest, or NULL if that does not take it. Returns: 0, -EEXIST (it
 * has these bytes), -EAGAIN. */
static int choose_bucket(struct links *links, const uint8_t blob[static LINK_BLOB_BYTES],
                         int64_t now_s, struct bucket **chosen)
{
    struct table *table = links->list.table;
    struct bucket *newest = place_current(&links->list.common, now_s);
    *chosen = NULL;
    if (!newest || !bucket_is_open(newest, &table->rules, now_s))
        return 0;
    int err = table_need(table, newest);
    if (err)
        return err;
    const struct link_slots *slots = links_slots(newest->content);
    bool has_it = link_slots_have(slots, blob);
    if (has_it || !link_slots_full(slots))
        *chosen = newest;
    return has_it ? -EEXIST : 0;
}

static void undo_link(const struct staged *staged)
{
    struct links *links = OWNER_OF(staged->bucket->list, struct links, list);
    struct content *content = staged->bucket->content;
    content->staged--;
    if (links->window_links > 0)
        links->window_links--;
    link_slots_unstage(links_slots(content), staged->what);
}

static void publish_link(const struct staged *staged)
{
    struct bucket *bucket = staged->bucket;
    bucket->content->staged--;
    link_slots_show(links_slots(bucket->content), staged->what);
    bucket->generation++;
    bucket_use(bucket, CLOCK_COUNTER_READ);
}

/* There is room for one change. */
static void add_link(struct links *links, struct batch *batch, struct bucket *bucket,
                     struct link_entry *link, int64_t now_s)
{
    static const struct staged_methods methods = {undo_link, publish_link, NULL};
    const struct staged staged = {.methods = &methods, .bucket = bucket, .what = link};
    uint64_t window = window_at(now_s);
    bucket->content->staged++;
    batch_add(batch, CHANGE_LINK_ADDED, &staged)->link =
        (struct store_link){link->slot, link->bytes};
    if (window != links->window)
        links->window_links = 0;
    links->window = window;
    links->window_links++;
}

int links_stage(struct links *links, struct batch *batch,
                const uint8_t blob[static LINK_BLOB_BYTES], uint32_t effort, int64_t now_s,
                struct bucket **standing)
{
    struct table *table = links->list.table;
    struct bucket *bucket;
    struct link_entry *link;
    int err = choose_bucket(links, blob, now_s, &bucket);
    if (err == -EEXIST)
        *standing = bucket;
    if (!err && table->full)
        err = -EFBIG;
    if (!err && effort < links_price(links, now_s))
        err = -EPERM;
    if (!err && !bucket)
        err = table_stage_bucket(&links->list, batch, NULL, now_s, &bucket);
    if (!err)
        err = batch_reserve(batch, 1);
    if (!err)
        err = link_slots_stage(links_slots(bucket->content), table->random, blob, &link);
    if (err)
        return err;
    add_link(links, batch, bucket, link, now_s);
    *standing = bucket;
    return 0;
}
