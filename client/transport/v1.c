#include "transport/v1.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "transport/challenge.h"
#include "transport/described_bucket.h"
#include "transport/foreign_answer.h"
#include "transport/letters.h"
#include "transport/stamp_list.h"
#include "transport/v1_answers.h"
#include "transport/v1_exchange.h"
#include "transport/v1_paths.h"
#include "transport/wait_limit.h"
#include "wire/bucket_id.h"
#include "wire/record.h"
#include "json/v1_json.h"

enum {
    BODY_BYTES_MAX = 512 * RECORD_ADDRESSED_BYTES, /* of one post, whatever a server offers */
    PAGES_MAX = 16,
};

struct transport_v1 {
    struct transport base;
    struct http *http;
    const struct transport_identity *me; /* from `announce` */
    uint8_t last_id[ID_BYTES];           /* of the T1 announced last, zeros before the first */
    uint8_t place[ID_BYTES];             /* the tag of where to meet; zeros: the common place */
    struct transport_place own;
    char cursor[V1_CURSOR_BYTES]; /* empty: from the beginning */
    size_t post_records_max;
    bool challenge_replaced; /* by the one that others are shown, since the two last agreed */
    struct wait_limit wait;
};

static struct transport_v1 *of(struct transport *transport)
{
    return (struct transport_v1 *)transport;
}

/* One request; what its status means goes through v1_status_error unless it is a success. */
static int ask(struct transport_v1 *v1, const struct http_request *request,
               struct http_answer *answer)
{
    int err = v1_exchange(v1->http, request, answer, &v1->base.trouble);
    v1->base.retry_after_ms = err == -EAGAIN ? http_retry_after_ms(v1->http) : 0;
    v1->base.certain = http_is_certain(v1->http);
    v1->base.unanswered = err == -ECANCELED;
    return err;
}

static int nonsense(struct transport_v1 *v1)
{
    if (!v1->base.trouble)
        v1->base.trouble = "the answer makes no sense";
    return -EPROTO;
}

static struct http_request get(const char *path, size_t answer_bytes_max)
{
    return (struct http_request){
        .method = HTTP_GET, .path = path, .answer_bytes_max = answer_bytes_max};
}

static void describe_bucket(const struct transport_v1 *v1, struct transport_bucket *bucket,
                            const struct v1_bucket *reported)
{
    described_bucket(bucket, &reported->id, reported->bucket_hash, reported->count, v1->place);
}

static int describe(struct transport *transport, struct transport_traits *traits)
{
    struct transport_v1 *v1 = of(transport);
    struct http_request request = get("/v1/server", V1_JSON_BYTES_MAX);
    struct http_answer answer;
    struct v1_server server;
    int err = ask(v1, &request, &answer);
    if (err && err != -EHOSTUNREACH && err != -EAGAIN && err != -ECANCELED && err != -ENOMEM)
        return -EPROTO; /* refused or not there: that is no server for us */
    if (!err)
        err = v1_take_server(&server, &answer);
    if (err)
        return err == -EPROTO ? nonsense(v1) : err;
    size_t fits = BODY_BYTES_MAX / RECORD_ADDRESSED_BYTES;
    v1->post_records_max = server.records_per_post_max < fits ? server.records_per_post_max : fits;
    uint32_t wait_s = server.wait_s_max < V1_WAIT_S_MAX ? server.wait_s_max : V1_WAIT_S_MAX;
    *traits = (struct transport_traits){.has_buckets = true,
                                        .open_window_s = server.open_window_s,
                                        .wait_ms_max = (int64_t)wait_s * 1000,
                                        .time_s = http_date_s(v1->http)};
    traits->knows_time = traits->time_s >= 0;
    memcpy(traits->place_tag, v1->place, ID_BYTES);
    memcpy(traits->salt, server.salt, SALT_BYTES);
    v1->base.asked = (struct transport_asked){0};
    if (server.has_stamp)
        /* Of other places nothing is told there; they say so when a T1 comes. */
        challenge_note(transport, place_is_common(v1->place) ? server.stamp.t1_effort : 0,
                       server.stamp.challenge);
    return 0;
}

/* A challenge_asker. */
static int ask_challenge(struct transport *transport, bool apart, struct transport_asked *shown)
{
    struct transport_v1 *v1 = of(transport);
    struct http_request request = get("/v1/server", V1_JSON_BYTES_MAX);
    struct http_answer answer;
    struct v1_server server;
    request.kind = apart ? HTTP_APART : HTTP_READ;
    int err = ask(v1, &request, &answer);
    if (!err)
        err = v1_take_server(&server, &answer);
    if (err)
        return err;
    *shown = (struct transport_asked){.known = server.has_stamp};
    if (server.has_stamp) {
        shown->effort = server.stamp.t1_effort;
        memcpy(shown->challenge, server.stamp.challenge, sizeof shown->challenge);
    }
    return 0;
}

/* A T1 was refused for want of a stamp, or its stamp for being one of an hour that is over. */
static int learn_asked(struct transport_v1 *v1, const struct http_answer *answer)
{
    struct v1_stamp_wanted wanted;
    if (answer->status == 429) {
        if (v1_take_stamp_wanted(&wanted, answer))
            return nonsense(v1);
        challenge_note(&v1->base, wanted.effort, wanted.challenge);
        return -EDQUOT;
    }
    int err = challenge_learn(&v1->base, ask_challenge);
    return err == -EPROTO ? nonsense(v1) : err;
}

static int compare_challenge(struct transport *transport)
{
    return challenge_compare(transport, &of(transport)->challenge_replaced, ask_challenge);
}

static int read_classes(struct transport *transport, uint32_t classes[static STAMP_CLASSES])
{
    struct transport_v1 *v1 = of(transport);
    char path[V1_PATH_BYTES];
    v1_path_wanting(path, v1->place, "/v1/buckets", "after", NULL);
    struct http_request request = get(path, V1_JSON_BYTES_MAX);
    struct http_answer answer;
    struct v1_paid paid = {0};
    int err = ask(v1, &request, &answer);
    if (!err)
        err = v1_take_paid(&paid, &answer);
    if (err == -EPROTO)
        return nonsense(v1);
    if (err && err != -ENOENT)
        return err;
    memcpy(classes, paid.classes, sizeof paid.classes);
    return 0;
}

static int read_stamps(struct transport *transport, const struct transport_place *place,
                       int (*stamp)(void *state, const uint8_t id[static ID_BYTES],
                                    const struct transport_stamp *stamp),
                       void *state)
{
    struct transport_v1 *v1 = of(transport);
    char path[V1_PATH_BYTES];
    v1_path_of_bucket(path, place, "/stamps");
    struct http_request request = get(path, V1_JSON_BYTES_MAX);
    struct http_answer answer;
    int err = ask(v1, &request, &answer);
    if (err)
        return err;
    struct stamp_list stamps;
    if (stamp_list_open(&stamps, answer.body, answer.bytes))
        return nonsense(v1);
    const uint8_t *id;
    struct transport_stamp reported;
    while (!err && stamp_list_next(&stamps, &id, &reported))
        err = stamp(state, id, &reported);
    return err;
}

/* Another T1 comes over other connections: nothing at the server ties it to the one before. */
static int become(struct transport_v1 *v1, const struct transport_identity *me)
{
    static const uint8_t nobody[ID_BYTES];
    int err = 0;
    if (memcmp(v1->last_id, nobody, ID_BYTES) != 0 && memcmp(v1->last_id, me->t1_id, ID_BYTES) != 0)
        err = http_renew(v1->http);
    if (!err)
        memcpy(v1->last_id, me->t1_id, ID_BYTES);
    return err;
}

static struct http_request t1_request(const char *path, const struct transport_identity *me)
{
    return (struct http_request){.method = HTTP_POST,
                                 .kind = HTTP_T1,
                                 .path = path,
                                 .body = me->t1,
                                 .body_bytes = me->t1_bytes,
                                 .write_key = me->write_key,
                                 .stamp = me->stamp,
                                 .answer_bytes_max = V1_JSON_BYTES_MAX};
}

static int announce(struct transport *transport, const struct transport_identity *me,
                    const struct transport_place *wanted, struct transport_bucket *bucket)
{
    struct transport_v1 *v1 = of(transport);
    char path[V1_PATH_BYTES];
    v1_path_wanting(path, v1->place, "/v1/t1", "bucket", wanted);
    struct http_request request = t1_request(path, me);
    struct http_answer answer;
    struct v1_bucket where;
    int err = become(v1, me);
    if (!err)
        err = ask(v1, &request, &answer);
    if ((err == -EAGAIN && v1_problem_is(&answer, "stamp")) ||
        (err == -EINVAL && me->stamp && v1_problem_is(&answer, "wrong-stamp")))
        return learn_asked(v1, &answer);
    if (!wanted && (err == -ENOENT || err == -EKEYEXPIRED))
        return nonsense(v1);
    if (!err)
        err = v1_take_posted_t1(&where, me->t1_id, &answer);
    if (err)
        return err == -EPROTO ? nonsense(v1) : err;
    describe_bucket(v1, bucket, &where);
    v1->me = me;
    v1->own = bucket->place;
    v1->cursor[0] = '\0';
    return 0;
}

static int raise_t1(struct transport *transport, const struct transport_identity *me)
{
    struct transport_v1 *v1 = of(transport);
    char path[V1_PATH_BYTES];
    v1_path_wanting(path, v1->place, "/v1/t1", "bucket", NULL);
    struct http_request request = t1_request(path, me);
    struct http_answer answer;
    struct v1_bucket where;
    int err = ask(v1, &request, &answer);
    if (err == -EAGAIN && v1_problem_is(&answer, "stamp"))
        return -EDQUOT;
    if (!err)
        err = v1_take_posted_t1(&where, me->t1_id, &answer);
    return err == -EPROTO ? nonsense(v1) : err;
}

static int find(struct transport *transport, const struct transport_place *place,
                struct transport_bucket *bucket)
{
    struct transport_v1 *v1 = of(transport);
    char path[V1_PATH_BYTES];
    v1_path_of_bucket(path, place, "");
    struct http_request request = get(path, V1_JSON_BYTES_MAX);
    struct http_answer answer;
    struct v1_bucket found;
    int err = ask(v1, &request, &answer);
    if (!err)
        err = v1_take_bucket(&found, &answer);
    if (err)
        return err == -EPROTO ? nonsense(v1) : err;
    describe_bucket(v1, bucket, &found);
    return 0;
}

/* One page of live buckets behind `last`, or the first one. */
static int list_page(struct transport_v1 *v1, const struct transport_place *last,
                     struct v1_bucket *page, size_t *count, bool *more)
{
    char path[V1_PATH_BYTES];
    v1_path_wanting(path, v1->place, "/v1/buckets", "after", last);
    struct http_request request = get(path, V1_JSON_BYTES_MAX);
    struct http_answer answer;
    int err = ask(v1, &request, &answer);
    if (!err)
        err = v1_take_buckets(page, count, more, &answer);
    return err == -EPROTO ? nonsense(v1) : err;
}

static int list(struct transport *transport, struct transport_bucket *buckets, size_t capacity,
                size_t *count)
{
    struct transport_v1 *v1 = of(transport);
    struct v1_bucket page[V1_PAGE_MAX];
    bool more = true;
    size_t listed = 0;
    for (int pages = 0; more && pages < PAGES_MAX && listed < capacity; pages++) {
        size_t found;
        int err =
            list_page(v1, listed > 0 ? &buckets[listed - 1].place : NULL, page, &found, &more);
        if (err)
            return err;
        if (found == 0)
            break;
        for (size_t i = 0; i < found && listed < capacity; i++)
            describe_bucket(v1, &buckets[listed++], &page[i]);
    }
    *count = listed;
    return 0;
}

static int read_t1s(struct transport *transport, const struct transport_place *place,
                    const struct transport_sink *sink)
{
    struct transport_v1 *v1 = of(transport);
    char path[V1_PATH_BYTES];
    v1_path_of_bucket(path, place, "/t1");
    struct http_request request = get(path, (size_t)BUCKET_CAPACITY * RECORD_T1_BYTES);
    struct http_answer answer;
    int err = ask(v1, &request, &answer);
    if (err)
        return err;
    if (answer.bytes % RECORD_T1_BYTES != 0)
        return nonsense(v1);
    struct cursor records = cursor_over(answer.body, answer.bytes);
    while (records.left > 0 && !err)
        err = sink->t1(sink->state, cursor_take(&records, RECORD_T1_BYTES), RECORD_T1_BYTES, place);
    return err;
}

static int fetch_t1(struct transport *transport, const uint8_t id[static ID_BYTES],
                    const struct transport_sink *sink)
{
    struct transport_v1 *v1 = of(transport);
    char digits[2 * ID_BYTES + 1], path[V1_PATH_BYTES];
    hex_encode(digits, id, ID_BYTES);
    snprintf(path, sizeof path, "/v1/t1/%s", digits);
    struct http_request request = get(path, V1_JSON_BYTES_MAX);
    struct http_answer answer;
    int err = ask(v1, &request, &answer);
    if (err)
        return err == -EKEYEXPIRED ? -ENOENT : err;
    struct transport_place place;
    const char *bucket_hash = http_header(v1->http, V1_BUCKET_HEADER);
    if (answer.bytes != RECORD_T1_BYTES || !bucket_hash ||
        hex_decode(place.token, ID_BYTES, bucket_hash))
        return nonsense(v1);
    return sink->t1(sink->state, answer.body, answer.bytes, &place);
}

/* Posting. */

static int take_receipt(struct transport_v1 *v1, const struct http_answer *answer,
                        struct transport_letter **letters, size_t count)
{
    bool refused[BODY_BYTES_MAX / RECORD_ADDRESSED_BYTES];
    int err = v1_take_receipt(refused, count, answer);
    if (err)
        return err == -EPROTO ? nonsense(v1) : err;
    for (size_t i = 0; i < count; i++)
        letters[i]->outcome = refused[i] ? TRANSPORT_REFUSED : TRANSPORT_STORED;
    return 0;
}

/* A letters_poster. */
static int post(void *state, enum record_kind kind, struct transport_letter **letters, size_t count)
{
    struct transport_v1 *v1 = state;
    uint8_t body[BODY_BYTES_MAX];
    struct record record;
    memcpy(record.sender, v1->me->t1_id, ID_BYTES);
    for (size_t i = 0; i < count; i++) {
        memcpy(record.addressee, letters[i]->addressee, ID_BYTES);
        memcpy(record.body, letters[i]->body, RECORD_BODY_BYTES);
        record_pack(body + i * RECORD_ADDRESSED_BYTES, &record);
    }
    char path[V1_PATH_BYTES];
    v1_path_of_bucket(path, &letters[0]->place, kind == RECORD_T2 ? "/t2" : "/t3");
    struct http_request request = {.method = HTTP_POST,
                                   .kind = kind == RECORD_T2 ? HTTP_T2 : HTTP_T3,
                                   .path = path,
                                   .body = body,
                                   .body_bytes = count * RECORD_ADDRESSED_BYTES,
                                   .write_key = v1->me->write_key,
                                   .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = ask(v1, &request, &answer);
    if (!err)
        return take_receipt(v1, &answer, letters, count);
    if (err == -ENOENT && v1_problem_is(&answer, "unknown-sender"))
        return -ENOENT;
    if (!v1_is_problem(&answer)) {
        if (answer.status == 413 && v1->post_records_max > 1) /* what a proxy lets through */
            v1->post_records_max /= 2;
        if (err == -ENOENT)
            return -EAGAIN; /* somebody else's word is not the end of a letter */
    }
    if (err == -ENOENT || err == -EKEYEXPIRED || err == -ENOSPC || err == -EINVAL) {
        letters_settle(letters, count,
                       TRANSPORT_REFUSED); /* for these letters that will not change */
        return 0;
    }
    return err;
}

static int send(struct transport *transport, enum record_kind kind,
                struct transport_letter *letters, size_t count)
{
    struct transport_v1 *v1 = of(transport);
    INVARIANT(v1->me);
    return letters_post(letters, count, kind, &v1->post_records_max, post, v1);
}

/* Receiving. */

static bool concerns(const struct transport_v1 *v1, const struct record *record)
{
    if (memcmp(record->sender, v1->me->t1_id, ID_BYTES) == 0)
        return false;
    return record_is_unaddressed(record) || memcmp(record->addressee, v1->me->t1_id, ID_BYTES) == 0;
}

static int hand_over(const struct transport_v1 *v1, const struct frame *frame,
                     const struct transport_sink *sink)
{
    if (frame->kind == RECORD_T1)
        return sink->t1(sink->state, frame->bytes, frame->length, &v1->own);
    struct record record;
    struct cursor bytes = cursor_over(frame->bytes, frame->length);
    record_take(&bytes, &record);
    if (!concerns(v1, &record))
        return 0;
    return (frame->kind == RECORD_T2 ? sink->t2 : sink->t3)(sink->state, record.sender,
                                                            record.body);
}

/* Look at all frames before the first is handed over: a feed is taken whole or not. */
static int check_feed(struct cursor feed)
{
    struct frame frame;
    int err;
    do {
        err = frame_take(&feed, &frame);
    } while (!err);
    return err == -ENOENT ? 0 : err;
}

static int hand_over_feed(struct transport_v1 *v1, const struct http_answer *answer,
                          const struct transport_sink *sink)
{
    const char *next = http_header(v1->http, V1_CURSOR_HEADER);
    struct cursor feed = cursor_over(answer->body, answer->bytes);
    if (!next || !v1_cursor_is_sound(next) || check_feed(feed))
        return nonsense(v1);
    struct frame frame;
    while (frame_take(&feed, &frame) == 0) {
        int err = hand_over(v1, &frame, sink);
        if (err)
            return err;
    }
    memcpy(v1->cursor, next, strlen(next) + 1);
    return 0;
}

static int receive(struct transport *transport, int64_t wait_ms, const struct transport_sink *sink)
{
    struct transport_v1 *v1 = of(transport);
    INVARIANT(v1->me);
    char rest[V1_PATH_BYTES / 2], path[V1_PATH_BYTES];
    wait_ms = wait_limit_next(&v1->wait, wait_ms, clock_monotonic_ms(&clock_system));
    snprintf(rest, sizeof rest, "/feed?%s%s%swait=%" PRId64, v1->cursor[0] ? "after=" : "",
             v1->cursor, v1->cursor[0] ? "&" : "", wait_ms / 1000);
    v1_path_of_bucket(path, &v1->own, rest);
    struct http_request request = get(path, V1_FEED_BYTES_MAX);
    request.kind = HTTP_FEED;
    request.wait_ms = wait_ms;
    struct http_answer answer = {0};
    int err = ask(v1, &request, &answer);
    if (!err)
        err = hand_over_feed(v1, &answer, sink);
    if (!err) {
        wait_limit_answered(&v1->wait);
        return 0;
    }
    if (answer.status == 400 && v1->cursor[0]) { /* one the server knows no more: from the start */
        v1->cursor[0] = '\0';
        return -EAGAIN;
    }
    if (err == -ECANCELED || err == -ENOMEM)
        return err;
    bool limited = wait_limit_failed(&v1->wait, foreign_answer_cut(v1->http, err, &answer), wait_ms,
                                     http_waited_ms(v1->http), clock_monotonic_ms(&clock_system));
    return limited ? 0 : err;
}

static void free_v1(struct transport *transport)
{
    free(transport);
}

static const struct transport_verbs v1_verbs = {
    .describe = describe,
    .announce = announce,
    .find = find,
    .list = list,
    .read_t1s = read_t1s,
    .fetch_t1 = fetch_t1,
    .send = send,
    .receive = receive,
    .read_classes = read_classes,
    .read_stamps = read_stamps,
    .raise = raise_t1,
    .compare_challenge = compare_challenge,
    .free = free_v1,
};

int transport_v1_open(struct transport **transport, struct http *http, const uint8_t *place)
{
    struct transport_v1 *v1 = calloc(1, sizeof *v1);
    if (!v1)
        return -ENOMEM;
    v1->base.verbs = &v1_verbs;
    v1->http = http;
    if (place)
        memcpy(v1->place, place, ID_BYTES);
    v1->post_records_max = 1;
    wait_limit_begin(&v1->wait, (int64_t)V1_WAIT_S_MAX * 1000);
    *transport = &v1->base;
    return 0;
}
