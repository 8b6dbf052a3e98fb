#include "lib/host.h"

#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "lib/service_clock.h"

static atomic_llong wall_now_s, monotonic_now_ms;

static int64_t wall_s(void *state)
{
    (void)state;
    return atomic_load(&wall_now_s);
}

static int64_t monotonic_ms(void *state)
{
    (void)state;
    return atomic_load(&monotonic_now_ms);
}

struct service_settings host_settings(void)
{
    return (struct service_settings){
        .rules = {.capacity = BUCKET_CAPACITY,
                  .keyless_max = BUCKET_CAPACITY,
                  .places_max = 4,
                  .open_window_s = 3600,
                  .lifetime_s = 86400,
                  .keyless_t3_max = 64,
                  .unaddressed_max = 5,
                  .records_per_sender_max = 1000,
                  .buckets_max = 1000,
                  .cache_bytes_max = SIZE_MAX},
        .link_buckets_max = 100,
        .waiters_max = 3,
        .feed_bytes_max = 1000,
        .stored_bytes_max = UINT64_MAX,
    };
}

struct service_settings host_settings_with_mailboxes(void)
{
    static uint8_t secret_key[crypto_box_SECRETKEYBYTES], public_key[crypto_box_PUBLICKEYBYTES];
    struct service_settings settings = host_settings();
    memset(secret_key, 1, sizeof secret_key);
    INVARIANT(crypto_scalarmult_base(public_key, secret_key) == 0);
    settings.mailboxes = (struct mailbox_rules){.mailboxes_max = 2,
                                                .copies_max = 2,
                                                .bytes_max = 1 << 20,
                                                .life_s = 86400,
                                                .copy_life_s = 86400};
    settings.box_public = public_key;
    settings.box_secret = secret_key;
    return settings;
}

void host_open(struct host *host)
{
    const struct service_settings settings = host_settings();
    host_open_with(host, &settings);
}

int host_open_on(struct host *host, const struct service_settings *settings, struct store *store)
{
    long long never = 0;
    atomic_compare_exchange_strong(&wall_now_s, &never, HOST_NOON_S);
    host->clock = (struct clock_source){wall_s, monotonic_ms, NULL};
    host->store = store;
    int err = service_start(&host->service, settings, store, &host->clock, &random_system);
    if (err)
        return err;
    err =
        reference_open(&host->reference, host->service,
                       &(struct reference_settings){.buckets_max = 2, .answer_bytes_max = 1 << 20},
                       &random_system);
    if (err) {
        service_stop(host->service);
        service_free(host->service);
    }
    return err;
}

void host_open_with(struct host *host, const struct service_settings *settings)
{
    struct store *memory, *store;
    atomic_store(&wall_now_s, HOST_NOON_S);
    assert_int_equal(store_memory_open(&memory), 0);
    assert_int_equal(failing_store_open(&store, memory), 0);
    assert_int_equal(host_open_on(host, settings, store), 0);
}

void host_close(struct host *host)
{
    service_stop(host->service);
    reference_close(host->reference);
    service_free(host->service);
}

void host_advance(struct host *host, int64_t seconds)
{
    atomic_fetch_add(&monotonic_now_ms, seconds * 1000);
    host_step_wall(host, seconds);
}

void host_step_wall(struct host *host, int64_t seconds)
{
    atomic_fetch_add(&wall_now_s, seconds);
    service_clock_was_set(host->service);
}

static sem_t done;

static void post_done(struct post *post)
{
    (void)post;
    sem_post(&done);
}

/* Submit a post, with a nonce unless it is NULL, and wait. */
static enum post_outcome submit(struct host *host, struct post *post, const uint8_t *nonce,
                                uint64_t client)
{
    post->done = post_done;
    sem_init(&done, 0, 0);
    int err = nonce ? service_submit_stamped(host->service, post, nonce, client)
                    : service_submit(host->service, post);
    assert_int_equal(err, 0);
    while (sem_wait(&done))
        ;
    sem_destroy(&done);
    return post->outcome;
}

enum post_outcome host_post(struct host *host, struct post *post)
{
    return submit(host, post, NULL, 0);
}

enum post_outcome host_post_stamped(struct host *host, struct post *post,
                                    const uint8_t nonce[static STAMP_NONCE_BYTES], uint64_t client)
{
    return submit(host, post, nonce, client);
}

void host_t1(struct host_t1 *t1)
{
    *t1 = (struct host_t1){0};
    random_fill(&random_system, t1->bytes, sizeof t1->bytes);
    random_fill(&random_system, t1->key_hash, sizeof t1->key_hash);
    post_t1_id(t1->id, t1->bytes);
}

enum post_outcome host_join(struct host *host, struct host_t1 *t1, const uint8_t *bucket_hash)
{
    struct post post = {
        .kind = &post_t1,
        .t1 = {.bytes = t1->bytes, .bucket_hash = bucket_hash, .keyed = true},
    };
    memcpy(post.t1.id, t1->id, ID_BYTES);
    memcpy(post.t1.key_hash, t1->key_hash, ID_BYTES);
    enum post_outcome outcome = host_post(host, &post);
    if (outcome == POST_STORED || outcome == POST_STOOD)
        t1->bucket = post.bucket;
    return outcome;
}

enum post_outcome host_send(struct host *host, const struct host_t1 *sender,
                            const struct host_t1 *addressee, enum record_kind kind, uint8_t body,
                            const uint8_t *bucket_hash, struct post *post)
{
    uint8_t record[RECORD_ADDRESSED_BYTES];
    memcpy(record, sender->id, ID_BYTES);
    memcpy(record + ID_BYTES, addressee->id, ID_BYTES);
    memset(record + 2 * ID_BYTES, body, RECORD_BODY_BYTES);
    *post = (struct post){
        .kind = &post_records,
        .bucket_hash = bucket_hash,
        .key_hash = sender->key_hash,
        .record_kind = kind,
        .records = record,
        .record_count = 1,
    };
    enum post_outcome outcome = host_post(host, post);
    post->records = NULL;
    return outcome;
}
