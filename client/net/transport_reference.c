#include "net/transport_reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "net/pool_answer.h"

/* DESIGN: that server has one pool without buckets, keys or waiting. T2s and T3s name their sender
 * alone, so everybody's are handed over as addressed to nobody, and the only way to learn of
 * something is to ask again. Each answer is everything there is; what is new in it is told by
 * comparing it with the one before. */

enum {
    POLL_MS = 400,
    POLL_JITTER_MS = 200,
    WAIT_MS_MAX = 60 * 1000,
    POST_RECORDS_MAX = 512,

    /* More than 256 participants would take hours to answer each other; nor is more memory taken
     * than that for a server's word. */
    T1_POOL_BYTES_MAX = 4096 * RECORD_T1_BYTES,
    POOL_BYTES_MAX = 64 * 1024 * 1024,
};

struct transport_reference {
    struct transport base;
    struct http *http;
    const struct clock_source *clock;
    const struct random_source *random;
    const struct stop_source *stop;
    const struct transport_identity *me; /* from `announce` */
    struct pool_answer t1s, t2s, t3s;    /* what was there last time */
};

static struct transport_reference *of(struct transport *transport)
{
    return (struct transport_reference *)transport;
}

static int ask(struct transport_reference *reference, const struct http_request *request,
               struct http_answer *answer)
{
    reference->base.trouble = NULL;
    int err = http_exchange(reference->http, request, answer);
    if (err) {
        reference->base.trouble = http_trouble(reference->http);
        return err;
    }
    if (answer->status == 200)
        return 0;
    reference->base.trouble = "an answer with an unexpected status";
    return answer->status >= 500 ? -EAGAIN : -EPROTO;
}

static int post(struct transport_reference *reference, const char *path, const uint8_t *body,
                size_t bytes)
{
    struct http_request request = {.method = HTTP_POST,
                                   .path = path,
                                   .body = body,
                                   .body_bytes = bytes,
                                   .answer_bytes_max = POOL_BYTES_MAX};
    struct http_answer answer;
    return ask(reference, &request, &answer);
}

/* Ask for a pool of records of that size; `next` is what is there now. */
static int get(struct transport_reference *reference, const char *path, size_t record_bytes,
               size_t bytes_max, struct pool_answer *next)
{
    struct http_request request = {.method = HTTP_GET, .path = path, .answer_bytes_max = bytes_max};
    struct http_answer answer;
    int err = ask(reference, &request, &answer);
    if (!err)
        err = pool_answer_take(next, answer.body, answer.bytes, record_bytes);
    if (err == -EMSGSIZE) {
        reference->base.trouble = "the answer makes no sense";
        return -EPROTO;
    }
    return err;
}

static int describe(struct transport *transport, struct transport_traits *traits)
{
    struct transport_reference *reference = of(transport);
    struct pool_answer t1s = {0};
    int err = get(reference, "/t1", RECORD_T1_BYTES, T1_POOL_BYTES_MAX, &t1s);
    pool_answer_clear(&t1s);
    if (err)
        return err;
    *traits = (struct transport_traits){.has_buckets = false, .wait_ms_max = WAIT_MS_MAX};
    return 0;
}

static void forget(struct transport_reference *reference)
{
    pool_answer_clear(&reference->t1s);
    pool_answer_clear(&reference->t2s);
    pool_answer_clear(&reference->t3s);
}

static int announce(struct transport *transport, const struct transport_identity *me,
                    const struct transport_place *wanted, struct transport_bucket *bucket)
{
    struct transport_reference *reference = of(transport);
    if (wanted)
        return -ENOENT;
    int err = post(reference, "/t1", me->t1, me->t1_bytes);
    if (err)
        return err;
    forget(reference);
    *bucket = (struct transport_bucket){0};
    reference->me = me;
    return 0;
}

static int find(struct transport *transport, const struct transport_place *place,
                struct transport_bucket *bucket)
{
    (void)transport;
    (void)place;
    (void)bucket;
    return -ENOENT;
}

static int list(struct transport *transport, struct transport_bucket *buckets, size_t capacity,
                size_t *count)
{
    (void)transport;
    (void)buckets;
    (void)capacity;
    *count = 0;
    return 0;
}

static int read_t1s(struct transport *transport, const struct transport_place *place,
                    const struct transport_sink *sink)
{
    (void)transport;
    (void)place;
    (void)sink;
    return -ENOENT;
}

/* A T1 that is not in the pool cannot be had. */
static int fetch_t1(struct transport *transport, const uint8_t id[static ID_BYTES],
                    const struct transport_sink *sink)
{
    (void)transport;
    (void)id;
    (void)sink;
    return -ENOENT;
}

static int send(struct transport *transport, enum transport_kind kind,
                struct transport_letter *letters, size_t count)
{
    struct transport_reference *reference = of(transport);
    INVARIANT(reference->me);
    uint8_t body[POST_RECORDS_MAX * RECORD_UNADDRESSED_BYTES];
    for (size_t done = 0, run; done < count; done += run) {
        run = count - done < POST_RECORDS_MAX ? count - done : POST_RECORDS_MAX;
        for (size_t i = 0; i < run; i++) {
            uint8_t *record = body + i * RECORD_UNADDRESSED_BYTES;
            memcpy(record, reference->me->t1_id, ID_BYTES);
            memcpy(record + ID_BYTES, letters[done + i].body, RECORD_BODY_BYTES);
        }
        int err = post(reference, kind == TRANSPORT_T2 ? "/t2" : "/t3", body,
                       run * RECORD_UNADDRESSED_BYTES);
        if (err)
            return err;
        for (size_t i = 0; i < run; i++)
            letters[done + i].outcome = TRANSPORT_STORED;
    }
    return 0;
}

/* Hand over what is new in `next` compared with `last`, which then takes its place. */
static int hand_over(const struct transport_reference *reference, enum transport_kind kind,
                     struct pool_answer *last, struct pool_answer *next,
                     const struct transport_sink *sink, bool *any)
{
    static const struct transport_place pool;
    const uint8_t *record;
    size_t at = 0;
    int err = 0;
    while (!err && (record = pool_answer_next_new(next, last, &at))) {
        if (kind == TRANSPORT_T1) {
            err = sink->t1(sink->state, record, RECORD_T1_BYTES, &pool);
        } else if (memcmp(record, reference->me->t1_id, ID_BYTES) != 0) {
            int (*take)(void *, const uint8_t[static ID_BYTES],
                        const uint8_t[static RECORD_BODY_BYTES]) =
                kind == TRANSPORT_T2 ? sink->t2 : sink->t3;
            err = take(sink->state, record, record + ID_BYTES);
        } else {
            continue; /* our own */
        }
        *any = true;
    }
    if (!err) {
        pool_answer_clear(last);
        *last = *next;
        *next = (struct pool_answer){0};
    }
    return err;
}

static int poll_pool(struct transport_reference *reference, enum transport_kind kind,
                     struct pool_answer *last, const struct transport_sink *sink, bool *any)
{
    static const char *const paths[] = {"", "/t1", "/t2", "/t3"};
    bool t1 = kind == TRANSPORT_T1;
    struct pool_answer next = {0};
    int err = get(reference, paths[kind], t1 ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES,
                  t1 ? T1_POOL_BYTES_MAX : POOL_BYTES_MAX, &next);
    /* Records vanish there only with the whole server: our T1 tells. */
    if (!err && t1 && !pool_answer_has(&next, reference->me->t1))
        err = -ENOENT;
    if (!err)
        err = hand_over(reference, kind, last, &next, sink, any);
    pool_answer_clear(&next);
    return err;
}

static int poll_all(struct transport_reference *reference, const struct transport_sink *sink,
                    bool *any)
{
    int err = poll_pool(reference, TRANSPORT_T1, &reference->t1s, sink, any);
    if (!err)
        err = poll_pool(reference, TRANSPORT_T2, &reference->t2s, sink, any);
    return err ? err : poll_pool(reference, TRANSPORT_T3, &reference->t3s, sink, any);
}

static int receive(struct transport *transport, int64_t wait_ms, const struct transport_sink *sink)
{
    struct transport_reference *reference = of(transport);
    INVARIANT(reference->me);
    int64_t until_ms = clock_monotonic_ms(reference->clock) + wait_ms;
    bool any = false;
    for (;;) {
        int err = poll_all(reference, sink, &any);
        if (err || any || clock_monotonic_ms(reference->clock) >= until_ms)
            return err;
        err = stop_wait(reference->stop,
                        POLL_MS + (int64_t)random_below(reference->random, POLL_JITTER_MS));
        if (err)
            return err;
    }
}

static void free_reference(struct transport *transport)
{
    forget(of(transport));
    free(transport);
}

static const struct transport_verbs reference_verbs = {
    .describe = describe,
    .announce = announce,
    .find = find,
    .list = list,
    .read_t1s = read_t1s,
    .fetch_t1 = fetch_t1,
    .send = send,
    .receive = receive,
    .free = free_reference,
};

int transport_reference_open(struct transport **transport, struct http *http,
                             const struct clock_source *clock, const struct random_source *random,
                             const struct stop_source *stop)
{
    struct transport_reference *reference = calloc(1, sizeof *reference);
    if (!reference)
        return -ENOMEM;
    reference->base.verbs = &reference_verbs;
    reference->http = http;
    reference->clock = clock;
    reference->random = random;
    reference->stop = stop;
    *transport = &reference->base;
    return 0;
}
