#include <string.h>

#include "base/cursor.h"
#include "base/owner_of.h"
#include "service/cache_pin.h"
#include "service/state.h"

/* What is asked for */

static void challenge_of(const struct service *service, uint64_t hour,
                         uint8_t challenge[static STAMP_CHALLENGE_BYTES])
{
    stamp_challenge(challenge, service->secret, hour);
}

void service_stamp_terms(struct service *service, const uint8_t *tag, struct stamp_terms *terms)
{
    int64_t now_s = clock_wall_s(service->clock);
    uint64_t hour = stamp_hour(now_s);
    challenge_of(service, hour, terms->challenge);
    terms->until_s = (int64_t)(hour + 1) * STAMP_HOUR_S;
    pthread_rwlock_rdlock(&service->lock);
    const struct place *place = table_place(&service->table, tag);
    terms->t1_effort = table_price_t1(&service->table, place, now_s);
    terms->link_effort = links_price(&service->links, now_s);
    terms->t1_free_s = table_free_t1_s(&service->table, place, now_s);
    terms->link_free_s = links_free_s(&service->links, now_s);
    pthread_rwlock_unlock(&service->lock);
}

void service_classes(struct service *service, const uint8_t *tag, uint32_t *effort,
                     uint32_t classes[static STAMP_CLASSES])
{
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    const struct place *place = table_place(&service->table, tag);
    *effort = table_price_t1(&service->table, place, now_s);
    place_classes(place, now_s, classes);
    pthread_rwlock_unlock(&service->lock);
}

/* Checking */

/* A stamp worth less than this with the hour's challenge is tried with the one before as well. By
 * chance alone a stamp for that one seems worth so much once in as many. */
enum { CLEARLY_OF_THIS_HOUR = 256 };

static uint32_t price_of(struct service *service, const struct post *post, int64_t now_s)
{
    pthread_rwlock_rdlock(&service->lock);
    uint32_t price = post->kind->price(service, post, now_s);
    pthread_rwlock_unlock(&service->lock);
    return price;
}

/* What a post's nonce is worth with the challenge of an hour. Returns: 0, -ENOMEM. */
static int check_in(struct service *service, const struct post *post, uint64_t hour,
                    struct stamp *stamp)
{
    struct stamp_subject subject;
    post->kind->subject(post, &subject);
    challenge_of(service, hour, subject.challenge);
    stamp->hour = hour;
    memcpy(stamp->nonce, post->nonce, sizeof stamp->nonce);
    count_more(&service->totals.stamps_checked, 1);
    return stamp_check(service->checking_memory, &subject, stamp->nonce, &stamp->effort);
}

/* Find which of the two challenges that count a post's stamp is for, and what it is worth.
 * Returns: 0, -EBADMSG (it is for neither), -ENOMEM. */
static int check(struct service *service, struct post *post)
{
    int64_t now_s = clock_wall_s(service->clock);
    uint64_t hour = stamp_hour(now_s);
    uint32_t price = price_of(service, post, now_s);
    struct stamp before = {0};
    int err = check_in(service, post, hour, &post->stamp);
    if (!err && hour > 0 &&
        post->stamp.effort < (price > CLEARLY_OF_THIS_HOUR ? price : CLEARLY_OF_THIS_HOUR))
        err = check_in(service, post, hour - 1, &before);
    if (err)
        return err;
    if (stamp_effort_now(before.effort, before.hour, hour) > post->stamp.effort)
        post->stamp = before;
    return post->stamp.effort < PRICE_FIRST ? -EBADMSG : 0;
}

static void handle(void *context, struct check_job *job)
{
    struct service *service = context;
    struct post *post = OWNER_OF(job, struct post, check);
    int err = check(service, post);
    if (err) {
        post->outcome = err == -EBADMSG ? POST_WRONG_STAMP : POST_UNAVAILABLE;
        post->done(post);
        return;
    }
    post->t1.stamp = post->stamp;
    if (service_submit(service, post)) {
        post->outcome = POST_UNAVAILABLE;
        post->done(post);
    }
}

int stamps_start(struct service *service)
{
    int err = store_secret(service->store, service->secret);
    if (!err)
        err = argon2id_open(&service->checking_memory, STAMP_MEMORY_KIB);
    return err ? err : checker_start(&service->checker, handle, service);
}

void stamps_stop(struct service *service)
{
    checker_stop(&service->checker);
}

void stamps_free(struct service *service)
{
    argon2id_close(service->checking_memory);
    service->checking_memory = NULL;
}

int service_submit_stamped(struct service *service, struct post *post,
                           const uint8_t nonce[static STAMP_NONCE_BYTES], uint64_t client)
{
    INVARIANT(post->kind->subject && post->kind->price);
    memcpy(post->nonce, nonce, sizeof post->nonce);
    return checker_submit(&service->checker, &post->check, client);
}

/* Reading */

/* Hours for which T1s have stamps, ascending. */
struct hours {
    uint64_t of[BUCKET_CAPACITY + 1];
    size_t count;
};

static void note_hour(struct hours *hours, const struct stamp *stamp)
{
    size_t place = 0;
    while (place < hours->count && hours->of[place] < stamp->hour)
        place++;
    if (stamp->effort == 0 || (place < hours->count && hours->of[place] == stamp->hour))
        return;
    memmove(&hours->of[place + 1], &hours->of[place], (hours->count - place) * sizeof hours->of[0]);
    hours->of[place] = stamp->hour;
    hours->count++;
}

enum { CHALLENGE_ROOM = 8 + STAMP_CHALLENGE_BYTES };

/* The T1s from `first` on that fit, with the hours of their stamps. Returns: up to which. */
static size_t choose_stamps(const struct content *content, size_t first, size_t bytes_max,
                            struct hours *hours)
{
    size_t end = first;
    hours->count = 0;
    while (end < content->t1_count) {
        struct hours with = *hours;
        note_hour(&with, &content->t1[end]->stamp);
        size_t bytes = 1 + with.count * CHALLENGE_ROOM + (end + 1 - first) * STAMPS_T1_BYTES;
        if (bytes > bytes_max && end > first)
            break;
        *hours = with;
        end++;
    }
    return end;
}

static void add_challenge(const struct service *service, struct blob *stamps, uint64_t hour)
{
    uint8_t named[CHALLENGE_ROOM];
    put_be64(named, hour);
    challenge_of(service, hour, named + 8);
    blob_add(stamps, named, sizeof named);
}

static void add_stamp(struct blob *stamps, const struct t1_entry *t1)
{
    uint8_t line[STAMPS_T1_BYTES];
    memcpy(line, t1->id, ID_BYTES);
    put_be64(line + ID_BYTES, t1->stamp.hour);
    memcpy(line + ID_BYTES + 8, t1->stamp.nonce, STAMP_NONCE_BYTES);
    put_be32(line + ID_BYTES + 8 + STAMP_NONCE_BYTES, t1->stamp.effort);
    blob_add(stamps, line, sizeof line);
}

static int copy_stamps(const struct service *service, const struct content *content,
                       const uint8_t *after, size_t bytes_max, struct blob *stamps, bool *more)
{
    struct hours hours;
    size_t first = content_t1s_until(content, after);
    size_t end = choose_stamps(content, first, bytes_max, &hours);
    if (blob_new(stamps, 1, 1 + hours.count * CHALLENGE_ROOM + (end - first) * STAMPS_T1_BYTES))
        return -ENOMEM;
    blob_add(stamps, &(uint8_t){(uint8_t)hours.count}, 1);
    for (size_t i = 0; i < hours.count; i++)
        add_challenge(service, stamps, hours.of[i]);
    for (size_t i = first; i < end; i++)
        add_stamp(stamps, content->t1[i]);
    *more = end < content->t1_count;
    return 0;
}

int service_stamps(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                   const uint8_t *after, size_t bytes_max, struct blob *stamps, bool *more)
{
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err;
    err = copy_stamps(service, pin.bucket->content, after, bytes_max, stamps, more);
    cache_pin_release(service, &pin);
    return err;
}
