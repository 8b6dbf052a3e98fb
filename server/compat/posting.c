#include <stdlib.h>
#include <string.h>

#include "bucket/cache.h"
#include "bucket/need.h"
#include "bucket/staging.h"
#include "compat/view.h"
#include "service/cache_pin.h"

/* DESIGN: a reference client posts all it has, again and again. So what stands already is sorted
 * out by the request's own thread, and the writer sees only what is new. A body can name very many
 * senders; so that it cannot have as many buckets read back, what is left over after some is
 * dropped, as over the cap. */

enum { EVICTED_READS_MAX = 16 };

/* What such a post gives: T1s, or records. */
struct reference_post {
    struct reference *reference;
    enum record_kind kind;
    struct t1_draft *t1s;
    size_t t1_count;
    uint8_t *records; /* RECORD_ADDRESSED_BYTES each, the addressee zeros */
    size_t record_count;
};

/* What is new */

/* The T1s that do not stand. Returns: 0, -ENOMEM. */
static int new_t1s(struct service *service, const uint8_t *body, size_t count,
                   struct reference_post *post)
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
static bool is_new(struct reference *reference, enum record_kind kind, const uint8_t *bytes,
                   int64_t now_s)
{
    const struct table *table = &reference->service->table;
    const struct t1_entry *sender = table_find_t1(table, bytes, now_s);
    if (!sender)
        count_more(&reference->dropped, 1);
    return sender && !sender->keyed && !table_has_unaddressed(table, sender, kind, bytes);
}

static int new_records(struct reference *reference, const uint8_t *body, size_t count,
                       struct reference_post *post)
{
    struct service *service = reference->service;
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
        if (is_new(reference, post->kind, bytes, now_s))
            blob_add(&kept, bytes, sizeof bytes);
    }
    pthread_rwlock_unlock(&service->lock);
    post->records = kept.data;
    post->record_count = kept.bytes / RECORD_ADDRESSED_BYTES;
    return 0;
}

/* Staging */

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
    const struct reference_post *given = post->given;
    size_t mark = service->batch.count;
    for (size_t i = 0; i < given->t1_count; i++) {
        int err = stage_keyless(service, &given->t1s[i], mark, now_s);
        if (err == -EPERM)
            post->asked =
                table_price_t1(&service->table, table_place(&service->table, NULL), now_s);
        if (err == -EMFILE || err == -EPERM || !post_count_record(post, i, err))
            return post_outcome_of(err);
    }
    for (size_t i = 0; i < given->record_count; i++) {
        const uint8_t *bytes = given->records + i * RECORD_ADDRESSED_BYTES;
        int err = stage_unaddressed(service, given->kind, bytes, now_s);
        if (!post_count_record(post, i, err))
            return post_outcome_of(err);
    }
    return POST_STORED;
}

static void count_dropped(const struct post *post)
{
    const struct reference_post *given = post->given;
    if (post->outcome == POST_STORED)
        count_more(&given->reference->dropped, post->refused);
}

static const struct post_kind post_reference = {.stage = stage_reference, .settled = count_dropped};

/* Posts */

static void free_given(struct reference_post *given)
{
    free(given->t1s);
    free(given->records);
    free(given);
}

int reference_post_new(struct reference *reference, enum record_kind kind, const uint8_t *body,
                       size_t bytes, struct post *post)
{
    size_t size = kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES;
    if (bytes % size != 0) {
        count_more(&reference->malformed, 1);
        return -EMSGSIZE;
    }
    struct reference_post *given = calloc(1, sizeof *given);
    if (!given)
        return -ENOMEM;
    given->reference = reference;
    given->kind = kind;
    int err = kind == RECORD_T1 ? new_t1s(reference->service, body, bytes / size, given)
                                : new_records(reference, body, bytes / size, given);
    if (!err && given->t1_count + given->record_count == 0)
        err = -EEXIST;
    if (err) {
        free_given(given);
        return err;
    }
    *post =
        (struct post){.kind = &post_reference, .given = given, .record_count = given->record_count};
    return 0;
}

void reference_post_free(struct post *post)
{
    if (post->kind != &post_reference)
        return;
    free_given((struct reference_post *)(uintptr_t)post->given);
    *post = (struct post){0};
}

void reference_round(struct reference *reference, const uint8_t *body, size_t bytes)
{
    uint8_t id[ID_BYTES];
    if (bytes != RECORD_T1_BYTES)
        return;
    post_t1_id(id, body);
    view_round(reference, id);
}
