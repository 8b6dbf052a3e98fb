#include "bucket/staging_links.h"

#include "bucket/cache.h"

/* The bucket a link goes to: the newest, or NULL if that does not take it. Gives: 0, -EEXIST (it
 * has these bytes), -EAGAIN. */
static int choose_bucket(struct table *table, const uint8_t blob[static LINK_BLOB_BYTES],
                         int64_t now_s, struct bucket **chosen)
{
    struct bucket *newest = table_current(&table->links, now_s);
    *chosen = NULL;
    if (!newest || !bucket_is_open(newest, &table->rules, now_s))
        return 0;
    int err = table_need(table, newest);
    if (err)
        return err;
    const struct places *places = newest->content->places;
    bool has_it = places_have(places, blob);
    if (has_it || !places_full(places))
        *chosen = newest;
    return has_it ? -EEXIST : 0;
}

int table_stage_link(struct table *table, struct batch *batch,
                     const uint8_t blob[static LINK_BLOB_BYTES], int64_t now_s,
                     struct bucket **standing)
{
    struct bucket *bucket;
    struct link_entry *link;
    int err = choose_bucket(table, blob, now_s, &bucket);
    if (err == -EEXIST)
        *standing = bucket;
    if (!err && table->full)
        err = -EFBIG;
    if (!err && !bucket)
        err = table_stage_bucket(table, batch, BUCKET_KIND_LINKS, now_s, &bucket);
    if (!err)
        err = batch_reserve(batch, 1);
    if (!err)
        err = places_stage(bucket->content->places, table->random, blob, &link);
    if (err)
        return err;
    bucket->content->staged++;
    batch_add_link(batch, bucket, link);
    *standing = bucket;
    return 0;
}

void table_undo_link(const struct change *change)
{
    struct content *content = change->bucket->content;
    content->staged--;
    places_unstage(content->places, change->link);
}

void table_show_link(const struct change *change)
{
    struct bucket *bucket = change->bucket;
    bucket->content->staged--;
    places_show(bucket->content->places, change->link);
    bucket->generation++;
    bucket_use(bucket, CHANCES_READ);
}
