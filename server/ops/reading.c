#include <string.h>

#include "ops/handlers.h"

enum { API_VERSION = 1 };

enum ops_next op_describe(struct ops_call *call, struct ops_answer *answer)
{
    const struct ops *ops = call->ops;
    struct stamp_terms terms;
    service_stamp_terms(ops->service, NULL, &terms);
    const struct op_answer with = {.description = {.api_version = API_VERSION,
                                                   .capacity = BUCKET_CAPACITY,
                                                   .open_window_s = ops->open_window_s,
                                                   .lifetime_s = ops->lifetime_s,
                                                   .wait_s_max = ops->wait_s_max,
                                                   .salt = ops->salt,
                                                   .now_s = (uint64_t)service_now_s(ops->service),
                                                   .challenge = terms.challenge,
                                                   .t1_effort = terms.t1_effort,
                                                   .link_effort = terms.link_effort}};
    return answer_with(call, &with, answer);
}

enum ops_next op_fetch_t1(struct ops_call *call, struct ops_answer *answer)
{
    uint8_t t1[RECORD_T1_BYTES], bucket_hash[ID_BYTES];
    int err = service_t1(call->ops->service, call->request.fetch_t1.t1_id, t1, bucket_hash, NULL);
    if (err)
        return answer_error(call, err, answer);
    return answer_with(
        call, &(struct op_answer){.fetched_t1 = {.bucket_hash = bucket_hash, .t1 = t1}}, answer);
}

/* Buckets */

enum { BUCKETS_MAX = OPS_P_BYTES_MAX / OP_BUCKET_BYTES };

enum ops_next op_list_buckets(struct ops_call *call, struct ops_answer *answer)
{
    struct bucket_facts facts[BUCKETS_MAX];
    uint8_t packed[BUCKETS_MAX * OP_BUCKET_BYTES];
    size_t count;
    bool more, in_place = call->request.op == OP_LIST_PLACE_BUCKETS;
    int err =
        service_buckets(call->ops->service, in_place ? call->request.list_buckets.place : NULL,
                        unless_none(call->request.list_buckets.after, ID_BYTES), facts,
                        items_that_fit(call, OP_BUCKET_BYTES), &count, &more);
    if (err)
        return answer_error(call, err, answer);
    for (size_t i = 0; i < count; i++) {
        const struct op_bucket bucket = op_bucket_of(&facts[i]);
        op_bucket_pack(packed + i * OP_BUCKET_BYTES, &bucket);
    }
    const struct op_answer with = {.buckets = {more, {packed, count}}};
    return answer_with(call, &with, answer);
}

enum ops_next op_find_bucket(struct ops_call *call, struct ops_answer *answer)
{
    struct bucket_facts facts;
    int err = service_bucket(call->ops->service, call->request.find_bucket.bucket_hash, &facts);
    if (err)
        return answer_error(call, err, answer);
    return answer_with(call, &(struct op_answer){.bucket = op_bucket_of(&facts)}, answer);
}

/* What is in one */

enum { T1S_MAX = OPS_P_BYTES_MAX / RECORD_T1_BYTES, LINKS_MAX = OPS_P_BYTES_MAX / LINK_BLOB_BYTES };

enum ops_next op_read_t1s(struct ops_call *call, struct ops_answer *answer)
{
    uint8_t t1s[T1S_MAX * RECORD_T1_BYTES];
    struct bucket_facts facts;
    size_t count;
    bool more;
    int err = service_some_t1s(call->ops->service, call->request.read_t1s.bucket_hash,
                               unless_none(call->request.read_t1s.after, ID_BYTES), t1s,
                               items_that_fit(call, RECORD_T1_BYTES), &count, &more, &facts);
    if (err)
        return answer_error(call, err, answer);
    const struct op_answer with = {.t1s = {more, facts.closed, {t1s, count}}};
    return answer_with(call, &with, answer);
}

enum ops_next op_read_links(struct ops_call *call, struct ops_answer *answer)
{
    uint8_t slots[LINKS_MAX * LINK_BLOB_BYTES], id[BUCKET_ID_BINARY_BYTES];
    struct bucket_facts facts;
    size_t first = call->request.read_links.first_place;
    size_t count = items_that_fit(call, LINK_BLOB_BYTES);
    if (first >= LINK_SLOTS)
        return answer_status(call, OP_MALFORMED, answer);
    if (count > LINK_SLOTS - first)
        count = LINK_SLOTS - first;
    int err = service_some_links(call->ops->service, call->request.read_links.bucket_hash, first,
                                 count, slots, &facts);
    if (err)
        return answer_error(call, err, answer);
    bucket_id_pack(id, &facts.id);
    const struct op_answer with = {.links = {id, (uint8_t)first, {slots, count}}};
    return answer_with(call, &with, answer);
}

_Static_assert(OP_STAMP_LINE_BYTES == (int)STAMPS_T1_BYTES, "a line");

enum ops_next op_read_stamps(struct ops_call *call, struct ops_answer *answer)
{
    struct blob stamps;
    bool more;
    /* Their number is in what the service writes, and beside the room. */
    size_t bytes_max = 1 + op_answer_room(call->request.op, call->p_bytes_max);
    int err = service_stamps(call->ops->service, call->request.read_t1s.bucket_hash,
                             unless_none(call->request.read_t1s.after, ID_BYTES), bytes_max,
                             &stamps, &more);
    if (err)
        return answer_error(call, err, answer);
    size_t hours = stamps.data[0], lines_at = 1 + hours * OP_STAMP_HOUR_BYTES;
    const struct op_answer with = {
        .stamps = {more,
                   {stamps.data + 1, hours},
                   {stamps.data + lines_at, (stamps.bytes - lines_at) / OP_STAMP_LINE_BYTES}}};
    (void)answer_with(call, &with, answer);
    blob_free(&stamps);
    return OPS_ANSWER;
}
