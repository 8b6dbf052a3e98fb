#include "transport/reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "transport/delayed_send.h"
#include "transport/foreign_answer.h"
#include "transport/pool_answer.h"

/* DESIGN: that server has one pool without buckets, keys or waiting. T2s and T3s name their sender
 * alone, so everybody's are handed over as addressed to nobody, and the only way to learn of
 * something is to ask again. Each answer is everything there is; what is new in it is told by
 * comparing it with the one before. Letters are taken over from the session and posted while it
 * waits, as delayed_send.h says when. */

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
    struct delayed_send delayed;
};

/* Where a T1 stands tells only whether it stood before ours. */
static const struct transport_place of_elders = {{1}}, of_the_younger;

static struct transport_reference *of(struct transport *transport)
{
    return (struct transport_reference *)transport;
}

static int ask(struct transport_reference *reference, const struct http_request *request,
               struct http_answer *answer)
{
    reference->base.trouble = NULL;
    reference->base.retry_after_ms = 0;
    int err = http_exchange(reference->http, request, answer);
    enum foreign_answer foreign = err ? FOREIGN_NONE : foreign_answer_of(reference->http, answer);
    if (err || foreign != FOREIGN_NONE) {
        if (!err)
            foreign_answer_explain(reference->http, answer, foreign);
        reference->base.trouble = http_trouble(reference->http);
    }
    reference->base.certain = http_is_certain(reference->http);
    reference->base.unanswered = err == -ECANCELED;
    if (err || foreign == FOREIGN_NONE)
        return err;
    if (answer->status < 500 && !foreign_answer_may_go(foreign))
        return -EPROTO;
    reference->base.retry_after_ms = http_retry_after_ms(reference->http);
    return -EAGAIN;
}

static int post(struct transport_reference *reference, enum http_kind kind, const uint8_t *body,
                size_t bytes, size_t answer_bytes_max, struct http_answer *answer)
{
    static const char *const paths[] = {[HTTP_T1] = "/t1", [HTTP_T2] = "/t2", [HTTP_T3] = "/t3"};
    struct http_request request = {.method = HTTP_POST,
                                   .kind = kind,
                                   .path = paths[kind],
                                   .body = body,
                                   .body_bytes = bytes,
                                   .answer_bytes_max = answer_bytes_max};
    return ask(reference, &request, answer);
}

static int take_pool(struct transport_reference *reference, const struct http_answer *answer,
                     size_t record_bytes, struct pool_answer *next)
{
    int err = pool_answer_take(next, answer->body, answer->bytes, record_bytes);
    if (err != -EMSGSIZE)
        return err;
    reference->base.trouble = "the answer makes no sense";
    return -EPROTO;
}

/* Ask for a pool of records of that size; `next` is what is there now. */
static int get(struct transport_reference *reference, const char *path, size_t record_bytes,
               size_t bytes_max, struct pool_answer *next)
{
    struct http_request request = {
        .method = HTTP_GET, .kind = HTTP_FEED, .path = path, .answer_bytes_max = bytes_max};
    struct http_answer answer;
    int err = ask(reference, &request, &answer);
    return err ? err : take_pool(reference, &answer, record_bytes, next);
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
    delayed_send_clear(&reference->delayed);
}

static int announce(struct transport *transport, const struct transport_identity *me,
                    const struct transport_place *wanted, struct transport_bucket *bucket)
{
    struct transport_reference *reference = of(transport);
    if (wanted)
        return -ENOENT;
    struct http_answer answer;
    struct pool_answer elders;
    int err = post(reference, HTTP_T1, me->t1, me->t1_bytes, T1_POOL_BYTES_MAX, &answer);
    if (!err)
        err = take_pool(reference, &answer, RECORD_T1_BYTES, &elders);
    if (err)
        return err;
    forget(reference);
    delayed_send_begin(&reference->delayed, &elders);
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

static int send(struct transport *transport, enum record_kind kind,
                struct transport_letter *letters, size_t count)
{
    struct transport_reference *reference = of(transport);
    int64_t now_ms = clock_monotonic_ms(reference->clock);
    for (size_t i = 0; i < count; i++) {
        bool to_elder = memcmp(&letters[i].place, &of_elders, sizeof of_elders) == 0;
        int err = delayed_send_add(&reference->delayed, kind, &letters[i], to_elder, now_ms);
        if (err)
            return err;
        letters[i].outcome = TRANSPORT_STORED;
    }
    return 0;
}

static int post_bodies(struct transport_reference *reference, enum record_kind kind,
                       uint8_t (*bodies)[RECORD_BODY_BYTES], size_t count)
{
    INVARIANT(reference->me && count <= POST_RECORDS_MAX);
    uint8_t records[POST_RECORDS_MAX * RECORD_UNADDRESSED_BYTES];
    struct http_answer answer;
    for (size_t i = 0; i < count; i++) {
        uint8_t *record = records + i * RECORD_UNADDRESSED_BYTES;
        memcpy(record, reference->me->t1_id, ID_BYTES);
        memcpy(record + ID_BYTES, bodies[i], RECORD_BODY_BYTES);
    }
    return post(reference, kind == RECORD_T2 ? HTTP_T2 : HTTP_T3, records,
                count * RECORD_UNADDRESSED_BYTES, POOL_BYTES_MAX, &answer);
}

/* Post those letters that may go by now. */
static int post_ready(struct transport_reference *reference, enum record_kind kind)
{
    uint8_t bodies[POST_RECORDS_MAX][RECORD_BODY_BYTES];
    for (;;) {
        size_t count =
            delayed_send_ready(&reference->delayed, kind, &reference->t2s,
                               clock_monotonic_ms(reference->clock), bodies, POST_RECORDS_MAX);
        if (count == 0)
            return 0;
        int err = post_bodies(reference, kind, bodies, count);
        delayed_send_settle(&reference->delayed, !err);
        if (err)
            return err;
    }
}

/* Hand over what is new in `next` compared with `last`, which then takes its place. */
static int hand_over(const struct transport_reference *reference, enum record_kind kind,
                     struct pool_answer *last, struct pool_answer *next,
                     const struct transport_sink *sink, bool *any)
{
    const uint8_t *record;
    size_t at = 0;
    int err = 0;
    while (!err && (record = pool_answer_next_new(next, last, &at))) {
        if (kind == RECORD_T1) {
            err = sink->t1(sink->state, record, RECORD_T1_BYTES,
                           delayed_send_is_elder(&reference->delayed, record) ? &of_elders
                                                                              : &of_the_younger);
        } else if (memcmp(record, reference->me->t1_id, ID_BYTES) != 0) {
            int (*take)(void *, const uint8_t[static ID_BYTES],
                        const uint8_t[static RECORD_BODY_BYTES]) =
                kind == RECORD_T2 ? sink->t2 : sink->t3;
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

static int poll_pool(struct transport_reference *reference, enum record_kind kind,
                     struct pool_answer *last, const struct transport_sink *sink, bool *any)
{
    static const char *const paths[] = {"", "/t1", "/t2", "/t3"};
    bool t1 = kind == RECORD_T1;
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
    int err = poll_pool(reference, RECORD_T1, &reference->t1s, sink, any);
    if (!err)
        err = poll_pool(reference, RECORD_T2, &reference->t2s, sink, any);
    if (!err)
        err = delayed_send_note_t2s(&reference->delayed, &reference->t2s);
    if (!err)
        err = poll_pool(reference, RECORD_T3, &reference->t3s, sink, any);
    if (!err)
        err = post_ready(reference, RECORD_T2);
    return err ? err : post_ready(reference, RECORD_T3);
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
