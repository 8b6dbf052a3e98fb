#include "transport/packets.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "crypto/hash.h"
#include "transport/challenge.h"
#include "transport/described_bucket.h"
#include "transport/letters.h"
#include "transport/packets_pages.h"
#include "wire/bucket_id.h"

enum {
    API_VERSION = 1,
    FEED_PAGES_MAX = 64, /* read in one go; what is left comes next time */
    FRAME_BYTES_MAX = 1 + RECORD_T1_BYTES,
    CLASS_BUCKETS_MAX = 8, /* in whose stamps classes are counted */
};

struct transport_packets {
    struct transport base;
    struct packets *packets;
    const struct transport_identity *me; /* from `announce` */
    uint8_t last_id[ID_BYTES];           /* of the T1 announced last, zeros before the first */
    uint8_t place[ID_BYTES];             /* the tag of where to meet; zeros: the common place */
    struct transport_place own;
    uint8_t cursor[OP_CURSOR_BYTES]; /* zeros: from the beginning */
    uint8_t wait_s_max;
    bool lost;               /* a feed was not answered: whether one is, is to be known first */
    bool challenge_replaced; /* by the one that others are shown, since the two last agreed */
};

static struct transport_packets *of(struct transport *transport)
{
    return (struct transport_packets *)transport;
}

/* Note how the last request ended. Returns: `err`. */
static int note(struct transport_packets *tp, int err)
{
    tp->base.trouble = packets_trouble(tp->packets);
    tp->base.retry_after_ms = err == -EAGAIN ? packets_retry_after_ms(tp->packets) : 0;
    tp->base.certain = packets_is_certain(tp->packets);
    tp->base.unanswered = err == -ECANCELED;
    return err;
}

static int ask(struct transport_packets *tp, enum packets_purpose purpose,
               const struct op_request *request, struct op_answer *answer)
{
    return note(tp, packets_ask(tp->packets, purpose, request, answer));
}

static int nonsense(struct transport_packets *tp, const char *text)
{
    return note(tp, packets_nonsense(tp->packets, text));
}

static void take_bucket(const struct transport_packets *tp, struct transport_bucket *bucket,
                        const struct op_bucket *reported)
{
    const struct bucket_id id = {.created = reported->created_s, .sequence = reported->sequence};
    described_bucket(bucket, &id, reported->bucket_hash, reported->count, tp->place);
}

/* What holds there. */

static int ask_description(struct transport_packets *tp, enum packets_purpose purpose,
                           struct op_description *description)
{
    const struct op_request request = {.op = OP_DESCRIBE};
    struct op_answer answer;
    int err = ask(tp, purpose, &request, &answer);
    if (err)
        return err;
    if (answer.description.api_version != API_VERSION)
        return nonsense(tp, "the server speaks another version of the API");
    *description = answer.description;
    return 0;
}

static int describe(struct transport *transport, struct transport_traits *traits)
{
    struct transport_packets *tp = of(transport);
    struct op_description read;
    int err = ask_description(tp, PACKETS_READ, &read);
    if (err == -EINVAL)
        return -EPROTO; /* that is no server for us */
    if (err)
        return err;
    if (read.wait_s_max == 0 || read.now_s > INT64_MAX)
        return nonsense(tp, "the server's description of itself makes no sense");
    uint8_t most_s = packets_wait_s_max(tp->packets);
    tp->wait_s_max = read.wait_s_max < most_s ? (uint8_t)read.wait_s_max : most_s;
    *traits = (struct transport_traits){.has_buckets = true,
                                        .open_window_s = read.open_window_s,
                                        .wait_ms_max = (int64_t)tp->wait_s_max * 1000,
                                        .knows_time = true,
                                        .time_s = (int64_t)read.now_s};
    memcpy(traits->place_tag, tp->place, ID_BYTES);
    memcpy(traits->salt, read.salt, SALT_BYTES);
    /* Of other places nothing is told there; they say so when a T1 comes. */
    challenge_note(transport, place_is_common(tp->place) ? read.t1_effort : 0, read.challenge);
    return 0;
}

/* A challenge_asker. */
static int ask_challenge(struct transport *transport, bool apart, struct transport_asked *shown)
{
    struct op_description read;
    int err = ask_description(of(transport), apart ? PACKETS_APART : PACKETS_READ, &read);
    if (err)
        return err;
    *shown = (struct transport_asked){.known = true, .effort = read.t1_effort};
    memcpy(shown->challenge, read.challenge, sizeof shown->challenge);
    return 0;
}

static int compare_challenge(struct transport *transport)
{
    return challenge_compare(transport, &of(transport)->challenge_replaced, ask_challenge);
}

/* One's own T1. */

/* Another T1 comes with other keys, from other ports: nothing but the address ties it to the one
 * before. */
static void become(struct transport_packets *tp, const struct transport_identity *me)
{
    if (!op_is_none(tp->last_id, ID_BYTES) && memcmp(tp->last_id, me->t1_id, ID_BYTES) != 0)
        packets_renew(tp->packets);
    memcpy(tp->last_id, me->t1_id, ID_BYTES);
}

static int post_t1(struct transport_packets *tp, const struct transport_identity *me,
                   const struct transport_place *wanted, struct op_answer *answer)
{
    static const uint8_t none[ID_BYTES];
    const struct op_request request = {
        .op = OP_POST_T1,
        .post_t1 = {.write_key = me->write_key,
                    .bucket_hash = wanted ? wanted->token : none,
                    .t1 = me->t1,
                    .stamp = me->stamp ? me->stamp : none,
                    .place = tp->place},
    };
    return ask(tp, PACKETS_SESSION, &request, answer);
}

static struct op_request feed_request(const struct transport_packets *tp, uint8_t wait_s)
{
    return (struct op_request){.op = OP_FEED,
                               .feed = {.bucket_hash = tp->own.token,
                                        .cursor = tp->cursor,
                                        .wait_s = wait_s,
                                        .t1_id = tp->me->t1_id}};
}

/* Ask for what comes next, so that it comes while other requests are on their way. What cannot be
 * sent is asked again when it is waited for. */
static void ask_ahead(struct transport_packets *tp)
{
    const struct op_request request = feed_request(tp, tp->wait_s_max);
    int err = packets_feed_ahead(tp->packets, &request);
    (void)err;
}

static int announce(struct transport *transport, const struct transport_identity *me,
                    const struct transport_place *wanted, struct transport_bucket *bucket)
{
    struct transport_packets *tp = of(transport);
    struct op_answer answer;
    become(tp, me);
    int err = post_t1(tp, me, wanted, &answer);
    if (err == -EDQUOT) {
        challenge_note(transport, answer.stamp_wanted.effort, answer.stamp_wanted.challenge);
        return answer.stamp_wanted.effort > 0 ? -EDQUOT
                                              : nonsense(tp, "it asks for work worth nothing");
    }
    if (err == -EINVAL && me->stamp) {
        err = challenge_learn(transport, ask_challenge);
        return err == -EPROTO ? nonsense(tp, "it takes no stamp for its own challenge") : err;
    }
    if (!wanted && (err == -ENOENT || err == -EKEYEXPIRED))
        return nonsense(tp, "it misses a bucket that was not asked for");
    if (!wanted && err == -ENOSPC) /* as many buckets as may be */
        return -EAGAIN;
    if (err)
        return err;
    take_bucket(tp, bucket, &answer.bucket);
    tp->me = me;
    tp->own = bucket->place;
    memset(tp->cursor, 0, sizeof tp->cursor);
    tp->lost = false;
    if (packets_feeds_ahead(tp->packets))
        ask_ahead(tp);
    return 0;
}

static int raise_t1(struct transport *transport, const struct transport_identity *me)
{
    struct op_answer answer;
    return post_t1(of(transport), me, NULL, &answer);
}

/* Buckets, and what is in them. */

static int find(struct transport *transport, const struct transport_place *place,
                struct transport_bucket *bucket)
{
    struct transport_packets *tp = of(transport);
    const struct op_request request = {.op = OP_FIND_BUCKET,
                                       .find_bucket = {.bucket_hash = place->token}};
    struct op_answer answer;
    int err = ask(tp, PACKETS_READ, &request, &answer);
    if (!err && memcmp(answer.bucket.bucket_hash, place->token, ID_BYTES) != 0)
        return nonsense(tp, "it describes another bucket than the one asked for");
    if (!err)
        take_bucket(tp, bucket, &answer.bucket);
    return err;
}

static int list(struct transport *transport, struct transport_bucket *buckets, size_t capacity,
                size_t *count)
{
    struct transport_packets *tp = of(transport);
    return note(tp, packets_list(tp->packets, tp->place, buckets, capacity, count));
}

static int read_t1s(struct transport *transport, const struct transport_place *place,
                    const struct transport_sink *sink)
{
    struct transport_packets *tp = of(transport);
    return note(tp, packets_read_t1s(tp->packets, place, sink));
}

static int fetch_t1(struct transport *transport, const uint8_t id[static ID_BYTES],
                    const struct transport_sink *sink)
{
    struct transport_packets *tp = of(transport);
    const struct op_request request = {.op = OP_FETCH_T1, .fetch_t1 = {.t1_id = id}};
    struct op_answer answer;
    struct transport_place place;
    uint8_t found[ID_BYTES];
    int err = ask(tp, PACKETS_READ, &request, &answer);
    if (err)
        return err == -EKEYEXPIRED ? -ENOENT : err;
    hash_bytes(found, answer.fetched_t1.t1, RECORD_T1_BYTES);
    if (memcmp(found, id, ID_BYTES) != 0)
        return nonsense(tp, "it shows another T1 than the one asked for");
    memcpy(place.token, answer.fetched_t1.bucket_hash, ID_BYTES);
    return sink->t1(sink->state, answer.fetched_t1.t1, RECORD_T1_BYTES, &place);
}

/* What T1s paid. */

struct paid {
    int (*stamp)(void *state, const uint8_t id[static ID_BYTES],
                 const struct transport_stamp *stamp);
    void *state;
};

static int hand_over_stamp(void *state, const uint8_t id[static ID_BYTES],
                           const struct transport_stamp *stamp)
{
    const struct paid *paid = state;
    return stamp->stamp.effort > 0 ? paid->stamp(paid->state, id, stamp) : 0;
}

static int read_stamps(struct transport *transport, const struct transport_place *place,
                       int (*stamp)(void *state, const uint8_t id[static ID_BYTES],
                                    const struct transport_stamp *stamp),
                       void *state)
{
    struct transport_packets *tp = of(transport);
    struct paid paid = {stamp, state};
    return note(tp, packets_read_stamps(tp->packets, place, hand_over_stamp, &paid));
}

static int count_class(void *state, const uint8_t id[static ID_BYTES],
                       const struct transport_stamp *stamp)
{
    (void)id;
    uint32_t *classes = state;
    uint64_t hour = stamp_hour(clock_wall_s(&clock_system));
    classes[stamp_class(stamp->stamp.effort, stamp->stamp.hour, hour)]++;
    return 0;
}

static int read_classes(struct transport *transport, uint32_t classes[static STAMP_CLASSES])
{
    struct transport_packets *tp = of(transport);
    struct transport_bucket buckets[CLASS_BUCKETS_MAX];
    uint32_t counted[STAMP_CLASSES] = {0};
    size_t count = 0;
    int err = packets_list(tp->packets, tp->place, buckets, CLASS_BUCKETS_MAX, &count);
    for (size_t i = 0; i < count && !err; i++) {
        err = packets_read_stamps(tp->packets, &buckets[i].place, count_class, counted);
        if (err == -ENOENT || err == -EKEYEXPIRED) /* it died meanwhile */
            err = 0;
    }
    if (!err)
        memcpy(classes, counted, sizeof counted);
    return note(tp, err);
}

/* Posting. */

/* A sender or a bucket is unknown, which one is not said.
 * Returns: 0 (one's own T1 stands), -ENOENT, another error of a request. */
static int look_for_own(struct transport_packets *tp)
{
    const struct op_request request = {.op = OP_FETCH_T1, .fetch_t1 = {.t1_id = tp->me->t1_id}};
    struct op_answer answer;
    int err = ask(tp, PACKETS_SESSION, &request, &answer);
    return err == -EKEYEXPIRED ? -ENOENT : err;
}

static int take_outcomes(struct transport_packets *tp, const struct op_items *outcomes,
                         struct transport_letter **letters, size_t count)
{
    if (outcomes->count != count)
        return nonsense(tp, "it does not say of each record what became of it");
    for (size_t i = 0; i < count; i++)
        letters[i]->outcome =
            outcomes->bytes[i] == OP_REFUSED ? TRANSPORT_REFUSED : TRANSPORT_STORED;
    return 0;
}

size_t transport_packets_letters_max(const struct packets *packets)
{
    return (packets_q_bytes_max(packets) - 1 - WRITE_KEY_BYTES - 2 * ID_BYTES) / OP_ADDRESSED_BYTES;
}

/* A letters_poster. */
static int post(void *state, enum record_kind kind, struct transport_letter **letters, size_t count)
{
    struct transport_packets *tp = state;
    uint8_t records[TRANSPORT_PACKETS_LETTERS_MAX * OP_ADDRESSED_BYTES];
    for (size_t i = 0; i < count; i++) {
        memcpy(records + i * OP_ADDRESSED_BYTES, letters[i]->addressee, ID_BYTES);
        memcpy(records + i * OP_ADDRESSED_BYTES + ID_BYTES, letters[i]->body, RECORD_BODY_BYTES);
    }
    const struct op_request request = {
        .op = kind == RECORD_T2 ? OP_POST_T2S : OP_POST_T3S,
        .post_records = {.write_key = tp->me->write_key,
                         .sender = tp->me->t1_id,
                         .bucket_hash = letters[0]->place.token,
                         .records = {records, count}},
    };
    struct op_answer answer;
    int err = ask(tp, PACKETS_SESSION, &request, &answer);
    if (!err)
        return take_outcomes(tp, &answer.outcomes, letters, count);
    if (err == -ENOENT)
        err = look_for_own(tp);
    else if (err == -EKEYEXPIRED || err == -ENOSPC || err == -EINVAL)
        err = 0;
    if (!err)
        letters_settle(letters, count, TRANSPORT_REFUSED); /* for these that will not change */
    return err;
}

static int send(struct transport *transport, enum record_kind kind,
                struct transport_letter *letters, size_t count)
{
    struct transport_packets *tp = of(transport);
    const size_t most = transport_packets_letters_max(tp->packets);
    INVARIANT(tp->me);
    return letters_post(letters, count, kind, &most, post, tp);
}

/* Receiving. */

static int hand_over(const struct transport_packets *tp, const struct frame *frame,
                     const struct transport_sink *sink)
{
    if (frame->kind == RECORD_T1)
        return sink->t1(sink->state, frame->bytes, frame->length, &tp->own);
    const uint8_t *sender = frame->bytes, *body = frame->bytes + ID_BYTES;
    if (memcmp(sender, tp->me->t1_id, ID_BYTES) == 0)
        return 0;
    return (frame->kind == RECORD_T2 ? sink->t2 : sink->t3)(sink->state, sender, body);
}

/* Hand over one answer of the feed. Returns: 0 and whether it is full; as `receive`. */
static int hand_over_feed(struct transport_packets *tp, const struct op_answer *answer,
                          const struct transport_sink *sink, bool *full)
{
    size_t bytes = answer->feed.frames.count;
    struct cursor frames = cursor_over(answer->feed.frames.bytes, bytes);
    struct frame frame;
    if (bytes > 0 && memcmp(answer->feed.cursor, tp->cursor, sizeof tp->cursor) == 0)
        return nonsense(tp, "its feed's cursor does not move");
    while (op_frame_take(&frames, &frame) == 0) {
        int err = hand_over(tp, &frame, sink);
        if (err)
            return err;
    }
    memcpy(tp->cursor, answer->feed.cursor, sizeof tp->cursor);
    *full = bytes + FRAME_BYTES_MAX > op_answer_room(OP_FEED, packets_p_bytes_max(tp->packets));
    return 0;
}

/* Note how a feed ended. Returns: `err`, or -EAGAIN for a cursor that the server knows no more. */
static int note_feed(struct transport_packets *tp, int err)
{
    tp->lost = err == -EHOSTUNREACH;
    if (err == -EINVAL && !op_is_none(tp->cursor, sizeof tp->cursor)) {
        memset(tp->cursor, 0, sizeof tp->cursor); /* from the start */
        return -EAGAIN;
    }
    return err;
}

static int ask_feed(struct transport_packets *tp, uint8_t wait_s, struct op_answer *answer)
{
    const struct op_request request = feed_request(tp, wait_s);
    return note_feed(tp, ask(tp, PACKETS_SESSION, &request, answer));
}

/* Take what was asked ahead, if it comes in time. */
static int receive_ahead(struct transport_packets *tp, int64_t wait_ms,
                         const struct transport_sink *sink)
{
    struct op_answer answer;
    bool full;
    int err = packets_feed(tp->packets, wait_ms, &answer);
    if (err == -ENODATA) {
        ask_ahead(tp);
        err = packets_feed(tp->packets, wait_ms, &answer);
    }
    if (err == -ETIMEDOUT)
        return note(tp, 0);
    err = note_feed(tp, note(tp, err));
    if (!err)
        err = hand_over_feed(tp, &answer, sink, &full);
    if (!err)
        ask_ahead(tp);
    return err;
}

static int receive(struct transport *transport, int64_t wait_ms, const struct transport_sink *sink)
{
    struct transport_packets *tp = of(transport);
    INVARIANT(tp->me);
    if (packets_feeds_ahead(tp->packets) && !tp->lost)
        return receive_ahead(tp, wait_ms, sink);
    int64_t wait_s = wait_ms / 1000 < tp->wait_s_max ? wait_ms / 1000 : tp->wait_s_max;
    bool full = true;
    for (int pages = 0; full && pages < FEED_PAGES_MAX; pages++) {
        struct op_answer answer;
        int err = ask_feed(tp, pages == 0 ? (uint8_t)wait_s : 0, &answer);
        if (!err)
            err = hand_over_feed(tp, &answer, sink, &full);
        if (err)
            return err;
    }
    return 0;
}

static void free_packets(struct transport *transport)
{
    free(transport);
}

static const struct transport_verbs packets_verbs = {
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
    .free = free_packets,
};

int transport_packets_open(struct transport **transport, struct packets *packets,
                           const uint8_t *place)
{
    struct transport_packets *tp = calloc(1, sizeof *tp);
    if (!tp)
        return -ENOMEM;
    tp->base.verbs = &packets_verbs;
    tp->packets = packets;
    if (place)
        memcpy(tp->place, place, ID_BYTES);
    *transport = &tp->base;
    return 0;
}
