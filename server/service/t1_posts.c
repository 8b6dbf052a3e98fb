#include <string.h>

#include "base/secret.h"
#include "bucket/need.h"
#include "bucket/staging.h"
#include "service/state.h"

/* T1s and records as version 1 and packets bring them. */

static uint32_t price_of_t1(const struct service *service, const struct post *post, int64_t now_s)
{
    return table_price_t1(&service->table, table_place(&service->table, post->t1.place), now_s);
}

static void subject_of_t1(const struct post *post, struct stamp_subject *subject)
{
    *subject = (struct stamp_subject){.kind = STAMP_KIND_T1};
    memcpy(subject->record, post->t1.id, sizeof subject->record);
    if (post->t1.place)
        memcpy(subject->place, post->t1.place, sizeof subject->place);
}

static enum post_outcome stage_t1(struct service *service, struct post *post, int64_t now_s)
{
    struct t1_entry *standing = NULL;
    int err = table_stage_t1(&service->table, &service->batch, &post->t1, service->batch.count,
                             now_s, &standing);
    post->standing = standing ? standing->bucket : NULL;
    if (err == -EEXIST && standing && post->stamp.effort > 0) {
        err = table_stage_raise(&service->table, &service->batch, standing, &post->stamp, now_s);
        return err ? post_outcome_of(err) : POST_RAISED;
    }
    if (err == -EPERM)
        post->asked = price_of_t1(service, post, now_s);
    return post_outcome_of(err);
}

const struct post_kind post_t1 = {
    .stage = stage_t1, .subject = subject_of_t1, .price = price_of_t1};

/* Whether the records may be posted at all. Gives POST_STORED and the sender, or why not. */
static enum post_outcome check_sender(struct service *service, const struct post *post,
                                      int64_t now_s, struct t1_entry **sender)
{
    for (size_t i = 1; i < post->record_count; i++)
        if (memcmp(post->records + i * RECORD_ADDRESSED_BYTES, post->records, ID_BYTES) != 0)
            return POST_MIXED;
    int err = table_need_t1(&service->table, post->records, now_s, sender);
    if (err)
        return err == -ENOENT ? POST_NO_SENDER : post_outcome_of(err);
    if (!(*sender)->keyed || !secret_equal((*sender)->key_hash, post->key_hash, ID_BYTES))
        return POST_WRONG_KEY;
    return POST_STORED;
}

static enum post_outcome stage_records(struct service *service, struct post *post, int64_t now_s)
{
    struct bucket *bucket = NULL;
    struct t1_entry *sender = NULL;
    int err = table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, post->bucket_hash, now_s,
                                &bucket);
    if (!err)
        err = table_need(&service->table, bucket);
    if (err)
        return post_outcome_of(err);
    enum post_outcome outcome = check_sender(service, post, now_s, &sender);
    for (size_t i = 0; i < post->record_count && outcome == POST_STORED; i++) {
        const uint8_t *bytes = post->records + i * RECORD_ADDRESSED_BYTES;
        err = table_stage_record(&service->table, &service->batch, bucket, sender,
                                 post->record_kind, bytes, now_s);
        if (!post_count_record(post, i, err))
            outcome = post_outcome_of(err);
    }
    return outcome;
}

const struct post_kind post_records = {.stage = stage_records};
