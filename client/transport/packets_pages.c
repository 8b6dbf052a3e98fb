#include "transport/packets_pages.h"

#include <string.h>

#include "base/cursor.h"
#include "crypto/hash.h"
#include "transport/described_bucket.h"
#include "transport/stamp_list.h"
#include "wire/bucket_id.h"

static const char no_progress[] = "a page of its list is not behind the one before";
static const char too_long[] = "its list of a bucket has more T1s than fit in one";

/* Buckets */

static bool is_older(const struct transport_bucket *bucket, const struct transport_bucket *last)
{
    return bucket->created != last->created ? bucket->created < last->created
                                            : bucket->sequence < last->sequence;
}

/* Append a page behind the `*count` buckets that are there. Returns: 0, -EPROTO. */
static int take_buckets(struct packets *packets, const struct op_answer *answer,
                        const uint8_t *place, struct transport_bucket *buckets, size_t capacity,
                        size_t *count)
{
    const struct op_items *page = &answer->buckets.buckets;
    struct cursor packed = cursor_over(page->bytes, page->count * OP_BUCKET_BYTES);
    for (size_t i = 0; i < page->count && *count < capacity; i++) {
        struct op_bucket read;
        struct transport_bucket bucket;
        int err = op_bucket_unpack(&read, cursor_take(&packed, OP_BUCKET_BYTES));
        INVARIANT(!err); /* the whole answer was read */
        const struct bucket_id id = {.created = read.created_s, .sequence = read.sequence};
        described_bucket(&bucket, &id, read.bucket_hash, read.count, place);
        if (*count > 0 && !is_older(&bucket, &buckets[*count - 1]))
            return packets_nonsense(packets, no_progress);
        buckets[(*count)++] = bucket;
    }
    return 0;
}

int packets_list(struct packets *packets, const uint8_t place[static ID_BYTES],
                 struct transport_bucket *buckets, size_t capacity, size_t *count)
{
    static const uint8_t newest[ID_BYTES];
    size_t listed = 0;
    bool more = true;
    while (more && listed < capacity) {
        const uint8_t *after = listed > 0 ? buckets[listed - 1].place.token : newest;
        const struct op_request request = {.op = place_is_common(place) ? OP_LIST_BUCKETS
                                                                        : OP_LIST_PLACE_BUCKETS,
                                           .list_buckets = {.place = place, .after = after}};
        struct op_answer answer;
        int err = packets_ask(packets, PACKETS_READ, &request, &answer);
        if (err == -ENOENT || err == -EKEYEXPIRED)
            break; /* the last one died meanwhile; or nobody was ever at the place */
        size_t before = listed;
        if (!err)
            err = take_buckets(packets, &answer, place, buckets, capacity, &listed);
        if (err)
            return err;
        more = answer.buckets.more;
        if (more && listed == before)
            return packets_nonsense(packets, no_progress);
    }
    *count = listed;
    return 0;
}

/* T1s */

/* Where a walk through the T1s of a bucket, sorted by id, has come to. */
struct walk {
    uint8_t after[ID_BYTES]; /* zeros: from the first */
    size_t count;
};

/* Returns: 0 (it is behind the last one), -EPROTO. */
static int step(struct packets *packets, struct walk *walk, const uint8_t id[static ID_BYTES])
{
    if (walk->count > 0 && memcmp(id, walk->after, ID_BYTES) <= 0)
        return packets_nonsense(packets, no_progress);
    if (walk->count++ == BUCKET_CAPACITY)
        return packets_nonsense(packets, too_long);
    memcpy(walk->after, id, ID_BYTES);
    return 0;
}

/* Ask for the next page. Returns: 0 and whether more follows; as packets_ask. */
static int ask_page(struct packets *packets, enum op op, const struct transport_place *place,
                    const struct walk *walk, struct op_answer *answer, bool *more)
{
    const struct op_request request = {
        .op = op, .read_t1s = {.bucket_hash = place->token, .after = walk->after}};
    int err = packets_ask(packets, PACKETS_READ, &request, answer);
    if (err)
        return err;
    bool is_empty =
        op == OP_READ_T1S ? answer->t1s.t1s.count == 0 : answer->stamps.lines.count == 0;
    *more = op == OP_READ_T1S ? answer->t1s.more : answer->stamps.more;
    return *more && is_empty ? packets_nonsense(packets, no_progress) : 0;
}

int packets_read_t1s(struct packets *packets, const struct transport_place *place,
                     const struct transport_sink *sink)
{
    struct walk walk = {.count = 0};
    bool more = true;
    int err = 0;
    while (more && !err) {
        struct op_answer answer;
        err = ask_page(packets, OP_READ_T1S, place, &walk, &answer, &more);
        for (size_t i = 0; !err && i < answer.t1s.t1s.count; i++) {
            const uint8_t *t1 = answer.t1s.t1s.bytes + i * RECORD_T1_BYTES;
            uint8_t id[ID_BYTES];
            hash_bytes(id, t1, RECORD_T1_BYTES);
            err = step(packets, &walk, id);
            if (!err)
                err = sink->t1(sink->state, t1, RECORD_T1_BYTES, place);
        }
    }
    return err;
}

/* Stamps */

/* Hand over the lines of a page, those without a stamp as well. */
static int take_lines(struct packets *packets, struct stamp_list *list, struct cursor lines,
                      struct walk *walk,
                      int (*line)(void *state, const uint8_t id[static ID_BYTES],
                                  const struct transport_stamp *stamp),
                      void *state)
{
    static const struct transport_stamp nothing;
    const uint8_t *paid_id;
    struct transport_stamp paid;
    bool has_paid = stamp_list_next(list, &paid_id, &paid);
    while (lines.left > 0) {
        const uint8_t *id = cursor_take(&lines, STAMP_LIST_LINE_BYTES);
        bool pays = has_paid && paid_id == id;
        int err = step(packets, walk, id);
        if (!err)
            err = line(state, id, pays ? &paid : &nothing);
        if (err)
            return err;
        if (pays)
            has_paid = stamp_list_next(list, &paid_id, &paid);
    }
    return 0;
}

int packets_read_stamps(struct packets *packets, const struct transport_place *place,
                        int (*line)(void *state, const uint8_t id[static ID_BYTES],
                                    const struct transport_stamp *stamp),
                        void *state)
{
    struct walk walk = {.count = 0};
    bool more = true;
    int err = 0;
    while (more && !err) {
        struct op_answer answer;
        struct stamp_list list;
        err = ask_page(packets, OP_READ_STAMPS, place, &walk, &answer, &more);
        if (err)
            break;
        const struct op_items *challenges = &answer.stamps.challenges, *t1s = &answer.stamps.lines;
        size_t lines_bytes = t1s->count * OP_STAMP_LINE_BYTES;
        err = stamp_list_open_parts(&list, challenges->bytes, challenges->count, t1s->bytes,
                                    lines_bytes);
        if (err)
            return packets_nonsense(packets, "its list of stamps makes no sense");
        err = take_lines(packets, &list, cursor_over(t1s->bytes, lines_bytes), &walk, line, state);
    }
    return err;
}
