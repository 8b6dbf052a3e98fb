/* Bodies of the ops. Each is taken apart and told as the file tells it, and what was taken apart is
 * put together again: so every field is in its place in both directions. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "kat_box.h"
#include "wire/op_answer.h"
#include "wire/op_request.h"
#include "wire/record.h"

enum { TEXT_BYTES_MAX = 4096 };

/* What a field is called in the file; JSON that is not made is noticed when it is compared. */
static void report(json_t *fields, const char *name, const uint8_t *bytes, size_t count)
{
    static char hex[2 * TEXT_BYTES_MAX + 1];
    INVARIANT(count <= TEXT_BYTES_MAX);
    hex_encode(hex, bytes, count);
    json_object_set_new(fields, name, json_string(hex));
}

static void report_number(json_t *fields, const char *name, uint64_t number)
{
    json_object_set_new(fields, name, json_integer((json_int_t)number));
}

/* A list whose items are one field of bytes each. */
static void report_items(json_t *fields, const char *list, const char *name,
                         const struct op_items *items, size_t item_bytes)
{
    json_t *reported = json_array();
    for (size_t i = 0; i < items->count; i++) {
        json_t *item = json_object();
        report(item, name, items->bytes + i * item_bytes, item_bytes);
        json_array_append_new(reported, item);
    }
    json_object_set_new(fields, list, reported);
}

static void report_addressed(json_t *fields, const struct op_items *items)
{
    json_t *reported = json_array();
    struct cursor at = cursor_over(items->bytes, items->count * OP_ADDRESSED_BYTES);
    while (at.left > 0) {
        json_t *item = json_object();
        report(item, "addressee_id", cursor_take(&at, ID_BYTES), ID_BYTES);
        report(item, "record", cursor_take(&at, RECORD_BODY_BYTES), RECORD_BODY_BYTES);
        json_array_append_new(reported, item);
    }
    json_object_set_new(fields, "records", reported);
}

static void report_post(json_t *fields, const struct op_request *request)
{
    if (request->op == OP_POST_T1) {
        report(fields, "write_key", request->post_t1.write_key, WRITE_KEY_BYTES);
        report(fields, "bucket_link", request->post_t1.bucket_hash, ID_BYTES);
        report(fields, "t1", request->post_t1.t1, RECORD_T1_BYTES);
        report(fields, "stamp", request->post_t1.stamp, OP_STAMP_BYTES);
        report(fields, "place", request->post_t1.place, ID_BYTES);
        return;
    }
    report(fields, "write_key", request->post_records.write_key, WRITE_KEY_BYTES);
    report(fields, "sender_id", request->post_records.sender, ID_BYTES);
    report(fields, "bucket_link", request->post_records.bucket_hash, ID_BYTES);
    report_addressed(fields, &request->post_records.records);
}

static void report_mailbox(json_t *fields, const struct op_request *request)
{
    report(fields, "read_key", request->mailbox.read_key, OP_READ_KEY_BYTES);
    if (request->op == OP_READ_MAILBOX || request->op == OP_REMOVE_COPIES)
        report_number(fields, "cursor", request->mailbox.cursor);
    if (request->op == OP_READ_MAILBOX)
        report_number(fields, "wait", request->mailbox.wait_s);
}

static void report_read(json_t *fields, const struct op_request *request)
{
    switch (request->op) {
    case OP_LIST_PLACE_BUCKETS:
        report(fields, "place", request->list_buckets.place, ID_BYTES);
        report(fields, "after_link", request->list_buckets.after, ID_BYTES);
        return;
    case OP_LIST_BUCKETS:
        report(fields, "after_link", request->list_buckets.after, ID_BYTES);
        return;
    case OP_READ_T1S:
    case OP_READ_STAMPS:
        report(fields, "link", request->read_t1s.bucket_hash, ID_BYTES);
        report(fields, "after_t1_id", request->read_t1s.after, ID_BYTES);
        return;
    case OP_FEED:
        report(fields, "link", request->feed.bucket_hash, ID_BYTES);
        report(fields, "cursor", request->feed.cursor, OP_CURSOR_BYTES);
        report_number(fields, "wait", request->feed.wait_s);
        report(fields, "t1_id", request->feed.t1_id, ID_BYTES);
        return;
    default:
        report(fields, "link", request->read_links.bucket_hash, ID_BYTES);
        report_number(fields, "first_place", request->read_links.first_place);
    }
}

static void report_request(json_t *fields, const struct op_request *request)
{
    switch (request->op) {
    case OP_DESCRIBE:
        return;
    case OP_POST_T1:
    case OP_POST_T2S:
    case OP_POST_T3S:
        report_post(fields, request);
        return;
    case OP_FETCH_T1:
        report(fields, "t1_id", request->fetch_t1.t1_id, ID_BYTES);
        return;
    case OP_FIND_BUCKET:
        report(fields, "link", request->find_bucket.bucket_hash, ID_BYTES);
        return;
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
    case OP_READ_T1S:
    case OP_READ_STAMPS:
    case OP_FEED:
    case OP_READ_LINKS:
        report_read(fields, request);
        return;
    case OP_POST_LINK:
        report(fields, "blob", request->post_link.blob, LINK_BLOB_BYTES);
        report(fields, "stamp", request->post_link.stamp, OP_STAMP_BYTES);
        return;
    case OP_OPEN_MAILBOX:
    case OP_READ_MAILBOX:
    case OP_REMOVE_COPIES:
    case OP_CLOSE_MAILBOX:
        report_mailbox(fields, request);
        return;
    case OP_DELIVER:
        report(fields, "delivery", request->delivery.bytes, request->delivery.count);
        return;
    case OP_MIX:
        report(fields, "packet", request->mix_packet, OP_MIX_PACKET_BYTES);
        return;
    }
}

static void report_bucket(json_t *fields, const struct op_bucket *bucket)
{
    report_number(fields, "created", bucket->created_s);
    report_number(fields, "sequence", bucket->sequence);
    report(fields, "link", bucket->bucket_hash, ID_BYTES);
    report_number(fields, "count", bucket->count);
    report_number(fields, "open", bucket->open);
    report_number(fields, "expires", bucket->expires_s);
}

static void report_buckets(json_t *fields, const struct op_answer *answer)
{
    json_t *reported = json_array();
    report_number(fields, "more", answer->buckets.more);
    for (size_t i = 0; i < answer->buckets.buckets.count; i++) {
        struct op_bucket bucket;
        json_t *item = json_object();
        if (!op_bucket_unpack(&bucket, answer->buckets.buckets.bytes + i * OP_BUCKET_BYTES))
            report_bucket(item, &bucket);
        json_array_append_new(reported, item);
    }
    json_object_set_new(fields, "buckets", reported);
}

static void report_outcomes(json_t *fields, const struct op_answer *answer)
{
    json_t *reported = json_array();
    for (size_t i = 0; i < answer->outcomes.count; i++) {
        json_t *item = json_object();
        report_number(item, "outcome", answer->outcomes.bytes[i]);
        json_array_append_new(reported, item);
    }
    json_object_set_new(fields, "outcomes", reported);
}

static void report_feed(json_t *fields, const struct op_answer *answer)
{
    json_t *reported = json_array();
    struct cursor at = cursor_over(answer->feed.frames.bytes, answer->feed.frames.count);
    struct frame frame;
    report(fields, "cursor", answer->feed.cursor, OP_CURSOR_BYTES);
    while (!op_frame_take(&at, &frame)) {
        json_t *item = json_object();
        report_number(item, "kind", frame.kind);
        if (frame.kind == RECORD_T1) {
            report(item, "t1", frame.bytes, frame.length);
        } else {
            report(item, "sender_id", frame.bytes, ID_BYTES);
            report(item, "record", frame.bytes + ID_BYTES, RECORD_BODY_BYTES);
        }
        json_array_append_new(reported, item);
    }
    json_object_set_new(fields, "frames", reported);
}

static void report_stamps(json_t *fields, const struct op_answer *answer)
{
    json_t *challenges = json_array(), *stamps = json_array();
    const struct op_items *hours = &answer->stamps.challenges, *lines = &answer->stamps.lines;
    report_number(fields, "more", answer->stamps.more);
    for (size_t i = 0; i < hours->count; i++) {
        json_t *item = json_object();
        struct cursor at = cursor_over(hours->bytes + i * OP_STAMP_HOUR_BYTES, OP_STAMP_HOUR_BYTES);
        report_number(item, "hour", cursor_be64(&at));
        report(item, "challenge", cursor_take(&at, OP_CHALLENGE_BYTES), OP_CHALLENGE_BYTES);
        json_array_append_new(challenges, item);
    }
    for (size_t i = 0; i < lines->count; i++) {
        json_t *item = json_object();
        struct cursor at = cursor_over(lines->bytes + i * OP_STAMP_LINE_BYTES, OP_STAMP_LINE_BYTES);
        report(item, "t1_id", cursor_take(&at, ID_BYTES), ID_BYTES);
        report_number(item, "hour", cursor_be64(&at));
        report(item, "nonce", cursor_take(&at, OP_STAMP_BYTES), OP_STAMP_BYTES);
        report_number(item, "effort", cursor_be32(&at));
        json_array_append_new(stamps, item);
    }
    json_object_set_new(fields, "challenges", challenges);
    json_object_set_new(fields, "stamps", stamps);
}

static void report_description(json_t *fields, const struct op_description *description)
{
    report_number(fields, "api_version", description->api_version);
    report_number(fields, "capacity", description->capacity);
    report_number(fields, "open_window", description->open_window_s);
    report_number(fields, "lifetime", description->lifetime_s);
    report_number(fields, "longest_wait", description->wait_s_max);
    report(fields, "salt", description->salt, SALT_BYTES);
    report_number(fields, "now", description->now_s);
    report(fields, "challenge", description->challenge, OP_CHALLENGE_BYTES);
    report_number(fields, "t1_effort", description->t1_effort);
    report_number(fields, "link_effort", description->link_effort);
}

static void report_answer(json_t *fields, enum op op, const struct op_answer *answer)
{
    switch (op) {
    case OP_DESCRIBE:
        report_description(fields, &answer->description);
        return;
    case OP_POST_T1:
    case OP_FIND_BUCKET:
    case OP_POST_LINK:
        report_bucket(fields, &answer->bucket);
        return;
    case OP_FETCH_T1:
        report(fields, "link", answer->fetched_t1.bucket_hash, ID_BYTES);
        report(fields, "t1", answer->fetched_t1.t1, RECORD_T1_BYTES);
        return;
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
        report_buckets(fields, answer);
        return;
    case OP_READ_T1S:
        report_number(fields, "more", answer->t1s.more);
        report_number(fields, "closed", answer->t1s.closed);
        report_items(fields, "t1s", "t1", &answer->t1s.t1s, RECORD_T1_BYTES);
        return;
    case OP_POST_T2S:
    case OP_POST_T3S:
        report_outcomes(fields, answer);
        return;
    case OP_FEED:
        report_feed(fields, answer);
        return;
    case OP_READ_LINKS:
        report(fields, "bucket_id", answer->links.bucket_id, BUCKET_ID_BINARY_BYTES);
        report_number(fields, "first_place", answer->links.first_place);
        report_items(fields, "blobs", "blob", &answer->links.blobs, LINK_BLOB_BYTES);
        return;
    case OP_READ_STAMPS:
        report_stamps(fields, answer);
        return;
    case OP_OPEN_MAILBOX:
        report_number(fields, "expires", answer->expires_s);
        return;
    case OP_READ_MAILBOX:
        report_number(fields, "more", answer->copies.more);
        report_number(fields, "cursor", answer->copies.cursor);
        report_items(fields, "copies", "copy", &answer->copies.copies, OP_COPY_BYTES);
        return;
    case OP_REMOVE_COPIES:
    case OP_DELIVER:
    case OP_CLOSE_MAILBOX:
    case OP_MIX:
        return;
    }
}

/* A body with the byte before it that makes it a request or an answer. */
static struct kat_bytes with_first(uint8_t first, const struct kat_bytes *body)
{
    struct kat_bytes whole = {calloc(1, 1 + body->bytes), 1 + body->bytes};
    INVARIANT(whole.data);
    whole.data[0] = first;
    memcpy(whole.data + 1, body->data, body->bytes);
    return whole;
}

/* The fields of a case as the file has them. */
static void compare(struct kat_score *score, json_t *reported, const json_t *entry, const char *key,
                    const char *name, size_t index)
{
    kat_expect(score, json_equal(reported, kat_object(entry, key)), name, index, key);
    json_decref(reported);
}

static void check_request(struct kat_score *score, const json_t *entry, enum op op,
                          const char *name, size_t index)
{
    struct kat_bytes body = kat_take(entry, "body"), q = with_first((uint8_t)op, &body);
    uint8_t made[TEXT_BYTES_MAX];
    size_t bytes;
    struct op_request request;
    json_t *reported = json_object();
    int err = op_request_decode(&request, q.data, q.bytes);
    kat_expect(score, !err, name, index, "body taken");
    if (!err)
        report_request(reported, &request);
    compare(score, reported, entry, "fields", name, index);
    kat_expect(score,
               !err && !op_request_encode(made, sizeof made, &bytes, &request) &&
                   kat_equal(&q, made, bytes),
               name, index, "body made");
    kat_free(&body);
    kat_free(&q);
}

static void check_answer(struct kat_score *score, const json_t *entry, enum op op, const char *name,
                         size_t index)
{
    struct kat_bytes body = kat_take(entry, "answer_body"), p = with_first(OP_SUCCESS, &body);
    uint8_t made[TEXT_BYTES_MAX];
    size_t bytes;
    struct op_answer answer;
    json_t *reported = json_object();
    int err = op_answer_decode(&answer, op, p.data, p.bytes);
    kat_expect(score, !err, name, index, "answer taken");
    if (!err)
        report_answer(reported, op, &answer);
    compare(score, reported, entry, "answer_fields", name, index);
    kat_expect(score,
               !err && !op_answer_encode(made, sizeof made, &bytes, op, &answer) &&
                   kat_equal(&p, made, bytes),
               name, index, "answer made");
    kat_free(&body);
    kat_free(&p);
}

void kat_box_op(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    size_t op = kat_index(entry, "op");
    if (op > UINT8_MAX)
        kat_refuse("op", "op");
    check_request(score, entry, (enum op)op, name, index);
    check_answer(score, entry, (enum op)op, name, index);
}
