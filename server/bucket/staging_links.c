#include "bucket/staging_links.h"

#include "bucket/cache.h"
#include "bucket/need.h"

/* The bucket a link goes to: the newest, or NULL if that does not take it. Returns: 0, -EEXIST (it
 * has these bytes), -EAGAIN. */
static int choose_bucket(struct table *table, const uint8_t blob[static LINK_BLOB_BYTES],
                         int64_t now_s, struct bucket **chosen)
{
    struct bucket *newest = place_current(&table->links.common, now_s);
    *chosen = NULL;
    if (!newest || !bucket_is_open(newest, &table->rules, now_s))
        return 0;
    int err = table_need(table, newest);
    if (err)
        return err;
    const struct link_slots *slots = newest->content->slots;
    bool has_it = link_slots_have(slots, blob);
    if (has_it || !link_slots_full(slots))
        *chosen = newest;
    return has_it ? -EEXIST : 0;
}

static void count_link(struct table *table, int64_t now_s)
{
    struct bucket_list *links = &table->links;
    uint64_t window = table_window(now_s);
    if (window != links->window)
        links->window_links = 0;
    links->window = window;
    links->window_links++;
}

int table_stage_link(struct table *table, struct batch *batch,
                     const uint8_t blob[static LINK_BLOB_BYTES], uint32_t effort, int64_t now_s,
                     struct bucket **standing)
{
    struct bucket *bucket;
    struct link_entry *link;
    int err = choose_bucket(table, blob, now_s, &bucket);
    if (err == -EEXIST)
        *standing = bucket;
    if (!err && table->full)
        err = -EFBIG;
    if (!err && effort < table_price_link(table, now_s))
        err = -EPERM;
    if (!err && !bucket)
        err = table_stage_bucket(table, batch, BUCKET_KIND_LINKS, NULL, now_s, &bucket);
    if (!err)
        err = batch_reserve(batch, 1);
    if (!err)
        err = link_slots_stage(bucket->content->slots, table->random, blob, &link);
    if (err)
        return err;
    bucket->content->staged++;
    batch_add_link(batch, bucket, link);
    count_link(table, now_s);
    *standing = bucket;
    return 0;
}

void table_note_links(struct table *table, const struct bucket *bucket)
{
    struct bucket_list *links = &table->links;
    uint64_t window = table_window((int64_t)bucket->id.created);
    links->window_links = window == links->window ? links->window_links + LINK_SLOTS : 0;
    links->window = window;
}

void table_undo_link(struct table *table, const struct staged *staged)
{
    struct content *content = staged->bucket->content;
    content->staged--;
    if (table->links.window_links > 0)
        table->links.window_links--;
    link_slots_unstage(content->slots, staged->link);
}

void table_show_link(const struct staged *staged)
{
    struct bucket *bucket = staged->bucket;
    bucket->content->staged--;
    link_slots_show(bucket->content->slots, staged->link);
    bucket->generation++;
    bucket_use(bucket, CLOCK_COUNTER_READ);
}
