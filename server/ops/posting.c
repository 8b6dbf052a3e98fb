#include <string.h>

#include "base/owner_of.h"
#include "ops/handlers.h"

/* What an outcome is answered with. A success is OP_SUCCESS, and what lacks a stamp
 * OP_STAMP_WANTED: both have a body of their own. */
static const enum op_status statuses[] = {
    [POST_STORED] = OP_SUCCESS,
    [POST_STOOD] = OP_SUCCESS,
    [POST_RAISED] = OP_SUCCESS,
    [POST_NO_BUCKET] = OP_NOT_FOUND,
    [POST_GONE] = OP_GONE,
    [POST_FULL] = OP_FULL,
    [POST_CLOSED] = OP_FULL,
    [POST_WRONG_KEY] = OP_FORBIDDEN,
    [POST_UNPAID] = OP_STAMP_WANTED,
    [POST_TOO_MANY_STAMPS] = OP_NOT_NOW,
    [POST_WRONG_STAMP] = OP_MALFORMED,
    [POST_NO_SENDER] = OP_NOT_FOUND,
    [POST_MIXED] = OP_MALFORMED,
    [POST_TOO_MANY_BUCKETS] = OP_NOT_NOW,
    [POST_TOO_MANY_PLACES] = OP_NOT_NOW,
    [POST_WINDOW_FULL] = OP_NOT_NOW,
    [POST_NO_MAILBOX] = OP_NOT_FOUND,
    [POST_MAILBOX_CLOSED] = OP_GONE,
    [POST_TOO_MANY_MAILBOXES] = OP_FULL,
    [POST_STORE_FULL] = OP_NOT_NOW,
    [POST_UNAVAILABLE] = OP_NOT_NOW,
};

enum ops_next op_post_t1(struct ops_call *call, struct ops_answer *answer)
{
    const struct op_request *request = &call->request;
    struct t1_draft draft = {
        .bytes = request->post_t1.t1,
        .bucket_hash = unless_none(request->post_t1.bucket_hash, ID_BYTES),
        .place = request->post_t1.place,
        .keyed = true,
    };
    (void)answer;
    post_key_hash(draft.key_hash, request->post_t1.write_key);
    post_t1_id(draft.id, request->post_t1.t1);
    call->posting.post = (struct post){.kind = &post_t1, .t1 = draft};
    return OPS_WAIT;
}

enum ops_next op_post_link(struct ops_call *call, struct ops_answer *answer)
{
    (void)answer;
    call->posting.post = (struct post){.kind = &post_link, .given = call->request.post_link.blob};
    return OPS_WAIT;
}

/* Each record with its sender before it. */
static void fill_records(struct ops_call *call)
{
    const struct op_request *request = &call->request;
    for (size_t i = 0; i < request->post_records.records.count; i++) {
        uint8_t *record = call->posting.records[i];
        memcpy(record, request->post_records.sender, ID_BYTES);
        memcpy(record + ID_BYTES, request->post_records.records.bytes + i * OP_ADDRESSED_BYTES,
               OP_ADDRESSED_BYTES);
    }
}

enum ops_next op_post_records(struct ops_call *call, struct ops_answer *answer)
{
    const struct op_request *request = &call->request;
    size_t count = request->post_records.records.count;
    if (count == 0 || count > call->ops->records_per_post_max)
        return answer_status(call, OP_MALFORMED, answer);
    INVARIANT(count <= OPS_RECORDS_MAX);
    fill_records(call);
    post_key_hash(call->posting.key_hash, request->post_records.write_key);
    call->posting.post = (struct post){
        .kind = &post_records,
        .bucket_hash = request->post_records.bucket_hash,
        .key_hash = call->posting.key_hash,
        .record_kind = request->op == OP_POST_T2S ? RECORD_T2 : RECORD_T3,
        .records = call->posting.records[0],
        .record_count = count,
        .results = call->posting.results,
    };
    return OPS_WAIT;
}

/* Waiting */

static void post_done(struct post *post)
{
    struct ops_call *call = OWNER_OF(post, struct ops_call, posting.post);
    call->resume(call);
}

/* The stamp of a call, or NULL. */
static const uint8_t *stamp_of(const struct ops_call *call)
{
    const uint8_t *stamp = call->request.op == OP_POST_T1     ? call->request.post_t1.stamp
                           : call->request.op == OP_POST_LINK ? call->request.post_link.stamp
                                                              : NULL;
    return stamp ? unless_none(stamp, OP_STAMP_BYTES) : NULL;
}

bool ops_has_stamp(const struct ops_call *call)
{
    return stamp_of(call) != NULL;
}

void op_post_begin(struct ops_call *call)
{
    struct service *service = call->ops->service;
    struct post *post = &call->posting.post;
    const uint8_t *stamp = stamp_of(call);
    post->done = post_done;
    int err = stamp ? service_submit_stamped(service, post, stamp, call->client)
                    : service_submit(service, post);
    if (err) {
        post->outcome = err == -ENOSPC ? POST_TOO_MANY_STAMPS : POST_UNAVAILABLE;
        call->resume(call);
    }
}

/* Answering */

_Static_assert((int)RECORD_STORED == OP_STORED && (int)RECORD_STOOD == OP_STOOD_ALREADY &&
                   (int)RECORD_REFUSED == OP_REFUSED,
               "results of records are outcomes of ops");

static enum ops_next answer_stored(struct ops_call *call, struct ops_answer *answer)
{
    const struct post *post = &call->posting.post;
    struct op_answer with = {.status = OP_SUCCESS};
    if (post->kind == &post_records) {
        with.outcomes = (struct op_items){call->posting.results, post->record_count};
    } else if (post->kind == &post_mailbox) {
        with.expires_s = (uint64_t)post->mailbox_ends_s;
    } else if (post->kind == &post_t1 || post->kind == &post_link) {
        with.bucket = op_bucket_of(&post->bucket);
        if (post->kind == &post_link)
            with.bucket.count = OP_COUNT_UNTOLD;
    }
    return answer_with(call, &with, answer);
}

/* What is asked may have become less since; a client is told no less than it lacked. */
static enum ops_next answer_unpaid(struct ops_call *call, struct ops_answer *answer)
{
    const struct post *post = &call->posting.post;
    struct stamp_terms terms;
    service_stamp_terms(call->ops->service, post->t1.place, &terms);
    const struct op_answer with = {.status = OP_STAMP_WANTED,
                                   .stamp_wanted = {terms.challenge, post->asked}};
    return answer_with(call, &with, answer);
}

enum ops_next op_post_finish(struct ops_call *call, struct ops_answer *answer)
{
    const struct post *post = &call->posting.post;
    INVARIANT((size_t)post->outcome < sizeof statuses / sizeof statuses[0]);
    switch (statuses[post->outcome]) {
    case OP_SUCCESS:
        return answer_stored(call, answer);
    case OP_STAMP_WANTED:
        return answer_unpaid(call, answer);
    case OP_NOT_NOW:
        return answer_not_now(call, post->retry_s, answer);
    default:
        return answer_status(call, statuses[post->outcome], answer);
    }
}
