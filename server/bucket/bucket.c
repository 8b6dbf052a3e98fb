#include "bucket/bucket.h"

#include <stdlib.h>

struct bucket *bucket_new(struct bucket_list *list, const struct bucket_id *id,
                          const struct random_source *random)
{
    struct bucket *bucket = calloc(1, sizeof *bucket);
    if (!bucket)
        return NULL;
    bucket->list = list;
    bucket->id = *id;
    bucket->on_grid = bucket_id_is_on_grid(id, (uint64_t)list->window_s);
    bucket_id_hash(bucket->bucket_hash, id, list->kind->letter);
    random_fill(random, bucket->feed_nonce, sizeof bucket->feed_nonce);
    LIST_INIT(&bucket->waiters);
    return bucket;
}

void bucket_free(struct bucket *bucket)
{
    if (!bucket)
        return;
    INVARIANT(LIST_EMPTY(&bucket->waiters));
    content_free(bucket->content);
    content_free(bucket->incoming);
    free(bucket->evicted_t1s);
    free(bucket);
}

int64_t bucket_closes_s(const struct bucket *bucket)
{
    return (int64_t)bucket->id.created + (bucket->on_grid ? bucket->list->window_s : 0);
}

bool bucket_is_ahead(const struct bucket *bucket, int64_t now_s)
{
    return (int64_t)bucket->id.created > now_s + AHEAD_S_MAX;
}

int64_t bucket_expires_s(const struct bucket *bucket, const struct bucket_rules *rules,
                         int64_t now_s)
{
    int64_t by_id_s = (int64_t)bucket->id.created + rules->lifetime_s;
    bool is_ahead = bucket_is_ahead(bucket, now_s);
    int64_t ends_s = bucket->ends_s;
    if (is_ahead && ends_s == 0)
        ends_s = now_s + rules->lifetime_s;
    if (ends_s == 0 || (!is_ahead && ends_s < (int64_t)bucket->id.created))
        return by_id_s;
    return ends_s < by_id_s ? ends_s : by_id_s;
}

bool bucket_is_expired(const struct bucket *bucket, const struct bucket_rules *rules, int64_t now_s)
{
    return bucket->expiring || now_s >= bucket_expires_s(bucket, rules, now_s);
}

bool bucket_is_open(const struct bucket *bucket, const struct bucket_rules *rules, int64_t now_s)
{
    return !bucket->closed && bucket->t1_standing < rules->capacity &&
           !bucket_is_ahead(bucket, now_s) && now_s < bucket_closes_s(bucket) &&
           !bucket_is_expired(bucket, rules, now_s);
}

size_t bucket_feed_length(const struct bucket *bucket)
{
    return bucket->content ? bucket->content->feed_length : bucket->evicted_feed_length;
}
