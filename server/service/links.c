#include <string.h>

#include "crypto/hash.h"
#include "service/cache_pin.h"

/* Posting */

static uint32_t price_of_link(const struct service *service, const struct post *post, int64_t now_s)
{
    (void)post;
    return links_price(&service->links, now_s);
}

static void subject_of_link(const struct post *post, struct stamp_subject *subject)
{
    *subject = (struct stamp_subject){.kind = STAMP_KIND_LINK};
    hash_bytes(subject->record, post->given, LINK_BLOB_BYTES);
}

static enum post_outcome stage_link(struct service *service, struct post *post, int64_t now_s)
{
    struct bucket *standing = NULL;
    int err = links_stage(&service->links, &service->batch, post->given, post->stamp.effort, now_s,
                          &standing);
    post->standing = standing;
    if (err == -EPERM)
        post->asked = links_price(&service->links, now_s);
    if (err == -ENFILE)
        post->retry_s = post_wait_s(links_window_ends_s(&service->links, now_s), now_s);
    return post_outcome_of(err);
}

const struct post_kind post_link = {
    .stage = stage_link, .subject = subject_of_link, .price = price_of_link};

/* Reading */

int service_current_links(struct service *service, struct bucket_facts *facts)
{
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    const struct bucket *current = links_open_bucket(&service->links, now_s);
    if (current)
        service_report(service, current, now_s, facts);
    pthread_rwlock_unlock(&service->lock);
    return current ? 0 : -ENOENT;
}

int service_links(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                  struct blob *slots, struct bucket_facts *facts, uint8_t tag[static ID_BYTES])
{
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_LINKS, bucket_hash, &pin);
    if (err)
        return err;
    const struct content *content = pin.bucket->content;
    const struct link_slots *image_of = links_slots(content);
    err = blob_new(slots, LINK_SLOTS, LINK_BLOB_BYTES);
    if (!err)
        blob_add(slots, image_of->image, sizeof image_of->image);
    memcpy(tag, content->tag, ID_BYTES);
    service_report(service, pin.bucket, clock_wall_s(service->clock), facts);
    cache_pin_release(service, &pin);
    return err;
}

int service_some_links(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                       size_t first, size_t count, uint8_t *slots, struct bucket_facts *facts)
{
    struct cache_pin pin;
    INVARIANT(first <= LINK_SLOTS && count <= LINK_SLOTS - first);
    int err = cache_pin_bucket(service, BUCKET_KIND_LINKS, bucket_hash, &pin);
    if (err)
        return err;
    memcpy(slots, links_slots(pin.bucket->content)->image + first * LINK_BLOB_BYTES,
           count * LINK_BLOB_BYTES);
    service_report(service, pin.bucket, clock_wall_s(service->clock), facts);
    cache_pin_release(service, &pin);
    return 0;
}
