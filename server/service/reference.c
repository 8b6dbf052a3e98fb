#include <stdlib.h>
#include <string.h>

#include "service/reference_view.h"
#include "service/state.h"

/* DESIGN: a reference client posts all it has, again and again. So what stands already is sorted
 * out by the request's own thread, and the writer sees only what is new. */

/* Reading */

static int compare_t1s(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_T1_BYTES);
}

static int compare_records(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_UNADDRESSED_BYTES);
}

static void add_records(const struct service *service, const struct bucket *bucket,
                        enum record_kind kind, int64_t now_s, struct blob *records)
{
    int64_t now_ms = clock_monotonic_ms(service->clock);
    for (size_t i = 0; i < bucket->feed_length; i++) {
        const struct entry *entry = bucket->feed[i];
        const uint8_t *bytes = entry_bytes(entry);
        if (entry->kind != kind || !reference_view_shows(service, entry, now_s, now_ms))
            continue;
        if (kind == RECORD_T1) {
            blob_add(records, bytes, RECORD_T1_BYTES);
        } else {
            blob_add(records, bytes, ID_BYTES);
            blob_add(records, record_body(bytes), RECORD_BODY_BYTES);
        }
    }
}

/* The newest live buckets behind these endpoints, one after the other: NULL to begin with. */
static const struct bucket *next_shown(const struct service *service, const struct bucket *bucket,
                                       uint32_t *shown, int64_t now_s)
{
    if ((*shown)++ == service->settings.reference_buckets)
        return NULL;
    return bucket ? table_older(&service->table, bucket, now_s)
                  : table_newest(&service->table, now_s);
}

static int copy_shown(const struct service *service, enum record_kind kind, struct blob *records)
{
    int64_t now_s = clock_wall_s(service->clock);
    const struct bucket *bucket = NULL;
    size_t room = 0;
    uint32_t shown = 0;
    while ((bucket = next_shown(service, bucket, &shown, now_s)))
        room += kind == RECORD_T1 ? bucket->t1_visible : bucket->feed_length;
    if (blob_new(records, room, kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES))
        return -ENOMEM;
    shown = 0;
    while ((bucket = next_shown(service, bucket, &shown, now_s)))
        add_records(service, bucket, kind, now_s, records);
    return 0;
}

int service_reference(struct service *service, enum record_kind kind, struct blob *records)
{
    pthread_rwlock_rdlock(&service->lock);
    int err = copy_shown(service, kind, records);
    pthread_rwlock_unlock(&service->lock);
    if (err)
        return err;
    if (kind == RECORD_T1)
        qsort(records->data, records->bytes / RECORD_T1_BYTES, RECORD_T1_BYTES, compare_t1s);
    else
        qsort(records->data, records->bytes / RECORD_UNADDRESSED_BYTES, RECORD_UNADDRESSED_BYTES,
              compare_records);
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
        if (!table_find_t1(&service->table, drafts[i].id, now_s))
            drafts[kept++] = drafts[i];
    pthread_rwlock_unlock(&service->lock);
    post->t1s = drafts;
    post->t1_count = kept;
    return 0;
}

/* Whether a record is new; one whose sender may not post here counts as dropped. */
static bool is_new(struct service *service, enum record_kind kind, const uint8_t *bytes,
                   int64_t now_s)
{
    const struct t1_entry *sender = table_find_t1(&service->table, bytes, now_s);
    if (!sender)
        tally(&service->tallies.reference_dropped, 1);
    return sender && !sender->keyed && !table_has_unaddressed(&service->table, sender, kind, bytes);
}

static int new_records(struct service *service, enum record_kind kind, const uint8_t *body,
                       size_t count, struct post *post)
{
    struct blob kept;
    if (blob_new(&kept, count, RECORD_ADDRESSED_BYTES))
        return -ENOMEM;
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

int service_reference_new(struct service *service, enum record_kind kind, const uint8_t *body,
                          size_t bytes, struct post *post)
{
    size_t size = kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES;
    if (bytes % size != 0) {
        tally(&service->tallies.reference_malformed, 1);
        return -EMSGSIZE;
    }
    *post = (struct post){.kind = POST_REFERENCE, .record_kind = kind};
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
