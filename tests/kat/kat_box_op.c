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
static void tell(json_t *fields, const char *name, const uint8_t *bytes, size_t count)
{
    static char hex[2 * TEXT_BYTES_MAX + 1];
    INVARIANT(count <= TEXT_BYTES_MAX);
    hex_encode(hex, bytes, count);
    json_object_set_new(fields, name, json_string(hex));
}

static void tell_number(json_t *fields, const char *name, uint64_t number)
{
    json_object_set_new(fields, name, json_integer((json_int_t)number));
}

/* A list whose items are one field of bytes each. */
static void tell_items(json_t *fields, const char *list, const char *name,
                       const struct op_items *items, size_t item_bytes)
{
    json_t *told = json_array();
    for (size_t i = 0; i < items->count; i++) {
        json_t *item = json_object();
        tell(item, name, items->bytes + i * item_bytes, item_bytes);
        json_array_append_new(told, item);
    }
    json_object_set_new(fields, list, told);
}

static void tell_addressed(json_t *fields, const struct op_items *items)
{
    json_t *told = json_array();
    struct cursor at = cursor_over(items->bytes, items->count * OP_ADDRESSED_BYTES);
    while (at.left > 0) {
        json_t *item = json_object();
        tell(item, "addressee_id", cursor_take(&at, ID_BYTES), ID_BYTES);
        tell(item, "record", cursor_take(&at, RECORD_BODY_BYTES), RECORD_BODY_BYTES);
        json_array_append_new(told, item);
    }
    json_object_set_new(fields, "records", told);
}

static void tell_post(json_t *fields, const struct op_request *request)
{
    if (request->op == OP_POST_T1) {
        tell(fields, "write_key", request->post_t1.write_key, WRITE_KEY_BYTES);
        tell(fields, "bucket_link", request->post_t1.link, ID_BYTES);
        tell(fields, "t1", request->post_t1.t1, RECORD_T1_BYTES);
        tell(fields, "stamp", request->post_t1.stamp, OP_STAMP_BYTES);
        tell(fields, "place", request->post_t1.place, ID_BYTES);
        return;
    }
    tell(fields, "write_key", request->post_records.write_key, WRITE_KEY_BYTES);
    tell(fields, "sender_id", request->post_records.sender, ID_BYTES);
    tell(fields, "bucket_link", request->post_records.link, ID_BYTES);
    tell_addressed(fields, &request->post_records.records);
}

static void tell_mailbox(json_t *fields, const struct op_request *request)
{
    tell(fields, "read_key", request->mailbox.read_key, OP_READ_KEY_BYTES);
    if (request->op == OP_READ_MAILBOX || request->op == OP_REMOVE_COPIES)
        tell_number(fields, "cursor", request->mailbox.cursor);
    if (request->op == OP_READ_MAILBOX)
        tell_number(fields, "wait", request->mailbox.wait_s);
}

static void tell_read(json_t *fields, const struct op_request *request)
{
    switch (request->op) {
    case OP_LIST_PLACE_BUCKETS:
        tell(fields, "place", request->list_buckets.place, ID_BYTES);
        tell(fields, "after_link", request->list_buckets.after, ID_BYTES);
        return;
    case OP_LIST_BUCKETS:
        tell(fields, "after_link", request->list_buckets.after, ID_BYTES);
        return;
    case OP_READ_T1S:
    case OP_READ_STAMPS:
        tell(fields, "link", request->read_t1s.link, ID_BYTES);
        tell(fields, "after_t1_id", request->read_t1s.after, ID_BYTES);
        return;
    case OP_FEED:
        tell(fields, "link", request->feed.link, ID_BYTES);
        tell(fields, "cursor", request->feed.cursor, OP_CURSOR_BYTES);
        tell_number(fields, "wait", request->feed.wait_s);
        tell(fields, "t1_id", request->feed.t1_id, ID_BYTES);
        return;
    default:
        tell(fields, "link", request->read_links.link, ID_BYTES);
        tell_number(fields, "first_place", request->read_links.first_place);
    }
}

static void tell_request(json_t *fields, const struct op_request *request)
{
    switch (request->op) {
    case OP_DESCRIBE:
        return;
    case OP_POST_T1:
    case OP_POST_T2S:
    case OP_POST_T3S:
        tell_post(fields, request);
        return;
    case OP_FETCH_T1:
        tell(fields, "t1_id", request->fetch_t1.t1_id, ID_BYTES);
        return;
    case OP_FIND_BUCKET:
        tell(fields, "link", request->find_bucket.link, ID_BYTES);
        return;
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
    case OP_READ_T1S:
    case OP_READ_STAMPS:
    case OP_FEED:
    case OP_READ_LINKS:
        tell_read(fields, request);
        return;
    case OP_POST_LINK:
        tell(fields, "blob", request->post_link.blob, LINK_BLOB_BYTES);
        tell(fields, "stamp", request->post_link.stamp, OP_STAMP_BYTES);
        return;
    case OP_OPEN_MAILBOX:
    case OP_READ_MAILBOX:
    case OP_REMOVE_COPIES:
    case OP_CLOSE_MAILBOX:
        tell_mailbox(fields, request);
        return;
    case OP_DELIVER:
        tell(fields, "delivery", request->delivery.bytes, request->delivery.count);
        return;
    case OP_MIX:
        tell(fields, "packet", request->mix_packet, OP_MIX_PACKET_BYTES);
        return;
    }
}

static void tell_bucket(json_t *fields, const struct op_bucket *bucket)
{
    tell_number(fields, "created", bucket->created_s);
    tell_number(fields, "sequence", bucket->sequence);
    tell(fields, "link", bucket->link, ID_BYTES);
    tell_number(fields, "count", bucket->count);
    tell_number(fields, "open", bucket->open);
    tell_number(fields, "expires", bucket->expires_s);
}

static void tell_buckets(json_t *fields, const struct op_answer *answer)
{
    json_t *told = json_array();
    tell_number(fields, "more", answer->buckets.more);
    for (size_t i = 0; i < answer->buckets.buckets.count; i++) {
        struct op_bucket bucket;
        json_t *item = json_object();
        if (!op_bucket_unpack(&bucket, answer->buckets.buckets.bytes + i * OP_BUCKET_BYTES))
            tell_bucket(item, &bucket);
        json_array_append_new(told, item);
    }
    json_object_set_new(fields, "buckets", told);
}

static void tell_outcomes(json_t *fields, const struct op_answer *answer)
{
    json_t *told = json_array();
    for (size_t i = 0; i < answer->outcomes.count; i++) {
        json_t *item = json_object();
        tell_number(item, "outcome", answer->outcomes.bytes[i]);
        json_array_append_new(told, item);
    }
    json_object_set_new(fields, "outcomes", told);
}

static void tell_feed(json_t *fields, const struct op_answer *answer)
{
    json_t *told = json_array();
    struct cursor at = cursor_over(answer->feed.frames.bytes, answer->feed.frames.count);
    struct frame frame;
    tell(fields, "cursor", answer->feed.cursor, OP_CURSOR_BYTES);
    while (!op_frame_take(&at, &frame)) {
        json_t *item = json_object();
        tell_number(item, "kind", frame.kind);
        if (frame.kind == RECORD_T1) {
            tell(item, "t1", frame.bytes, frame.length);
        } else {
            tell(item, "sender_id", frame.bytes, ID_BYTES);
            tell(item, "record", frame.bytes + ID_BYTES, RECORD_BODY_BYTES);
        }
        json_array_append_new(told, item);
    }
    json_object_set_new(fields, "frames", told);
}

static void tell_stamps(json_t *fields, const struct op_answer *answer)
{
    json_t *challenges = json_array(), *stamps = json_array();
    const struct op_items *hours = &answer->stamps.challenges, *lines = &answer->stamps.lines;
    tell_number(fields, "more", answer->stamps.more);
    for (size_t i = 0; i < hours->count; i++) {
        json_t *item = json_object();
        struct cursor at = cursor_over(hours->bytes + i * OP_STAMP_HOUR_BYTES, OP_STAMP_HOUR_BYTES);
        tell_number(item, "hour", cursor_be64(&at));
        tell(item, "challenge", cursor_take(&at, OP_CHALLENGE_BYTES), OP_CHALLENGE_BYTES);
        json_array_append_new(challenges, item);
    }
    for (size_t i = 0; i < lines->count; i++) {
        json_t *item = json_object();
        struct cursor at = cursor_over(lines->bytes + i * OP_STAMP_LINE_BYTES, OP_STAMP_LINE_BYTES);
        tell(item, "t1_id", cursor_take(&at, ID_BYTES), ID_BYTES);
        tell_number(item, "hour", cursor_be64(&at));
        tell(item, "nonce", cursor_take(&at, OP_STAMP_BYTES), OP_STAMP_BYTES);
        tell_number(item, "effort", cursor_be32(&at));
        json_array_append_new(stamps, item);
    }
    json_object_set_new(fields, "challenges", challenges);
    json_object_set_new(fields, "stamps", stamps);
}

static void tell_description(json_t *fields, const struct op_description *description)
{
    tell_number(fields, "api_version", description->api_version);
    tell_number(fields, "capacity", description->capacity);
    tell_number(fields, "open_window", description->open_window_s);
    tell_number(fields, "lifetime", description->lifetime_s);
    tell_number(fields, "longest_wait", description->wait_s_max);
    tell(fields, "salt", description->salt, SALT_BYTES);
    tell_number(fields, "now", description->now_s);
    tell(fields, "challenge", description->challenge, OP_CHALLENGE_BYTES);
    tell_number(fields, "t1_effort", description->t1_effort);
    tell_number(fields, "link_effort", description->link_effort);
}

static void tell_answer(json_t *fields, enum op op, const struct op_answer *answer)
{
    switch (op) {
    case OP_DESCRIBE:
        tell_description(fields, &answer->description);
        return;
    case OP_POST_T1:
    case OP_FIND_BUCKET:
    case OP_POST_LINK:
        tell_bucket(fields, &answer->bucket);
        return;
    case OP_FETCH_T1:
        tell(fields, "link", answer->fetched_t1.link, ID_BYTES);
        tell(fields, "t1", answer->fetched_t1.t1, RECORD_T1_BYTES);
        return;
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
        tell_buckets(fields, answer);
        return;
    case OP_READ_T1S:
        tell_number(fields, "more", answer->t1s.more);
        tell_number(fields, "closed", answer->t1s.closed);
        tell_items(fields, "t1s", "t1", &answer->t1s.t1s, RECORD_T1_BYTES);
        return;
    case OP_POST_T2S:
    case OP_POST_T3S:
        tell_outcomes(fields, answer);
        return;
    case OP_FEED:
        tell_feed(fields, answer);
        return;
    case OP_READ_LINKS:
        tell(fields, "bucket_id", answer->links.bucket_id, BUCKET_ID_BINARY_BYTES);
        tell_number(fields, "first_place", answer->links.first_place);
        tell_items(fields, "blobs", "blob", &answer->links.blobs, LINK_BLOB_BYTES);
        return;
    case OP_READ_STAMPS:
        tell_stamps(fields, answer);
        return;
    case OP_OPEN_MAILBOX:
        tell_number(fields, "expires", answer->expires_s);
        return;
    case OP_READ_MAILBOX:
        tell_number(fields, "more", answer->copies.more);
        tell_number(fields, "cursor", answer->copies.cursor);
        tell_items(fields, "copies", "copy", &answer->copies.copies, OP_COPY_BYTES);
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
static void compare(struct kat_score *score, json_t *told, const json_t *entry, const char *key,
                    const char *name, size_t index)
{
    kat_expect(score, json_equal(told, kat_object(entry, key)), name, index, key);
    json_decref(told);
}

static void check_request(struct kat_score *score, const json_t *entry, enum op op,
                          const char *name, size_t index)
{
    struct kat_bytes body = kat_take(entry, "body"), q = with_first((uint8_t)op, &body);
    uint8_t made[TEXT_BYTES_MAX];
    size_t bytes;
    struct op_request request;
    json_t *told = json_object();
    int err = op_request_decode(&request, q.data, q.bytes);
    kat_expect(score, !err, name, index, "body taken");
    if (!err)
        tell_request(told, &request);
    compare(score, told, entry, "fields", name, index);
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
    json_t *told = json_object();
    int err = op_answer_decode(&answer, op, p.data, p.bytes);
    kat_expect(score, !err, name, index, "answer taken");
    if (!err)
        tell_answer(told, op, &answer);
    compare(score, told, entry, "answer_fields", name, index);
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
