#include "wire/op_request.h"

static void post_t1(struct op_form *form, struct op_request *request)
{
    op_form_bytes(form, &request->post_t1.write_key, WRITE_KEY_BYTES);
    op_form_bytes(form, &request->post_t1.bucket_hash, ID_BYTES);
    op_form_bytes(form, &request->post_t1.t1, RECORD_T1_BYTES);
    op_form_bytes(form, &request->post_t1.stamp, OP_STAMP_BYTES);
    op_form_bytes(form, &request->post_t1.place, ID_BYTES);
}

static void post_records(struct op_form *form, struct op_request *request)
{
    op_form_bytes(form, &request->post_records.write_key, WRITE_KEY_BYTES);
    op_form_bytes(form, &request->post_records.sender, ID_BYTES);
    op_form_bytes(form, &request->post_records.bucket_hash, ID_BYTES);
    op_form_rest(form, &request->post_records.records, OP_ADDRESSED_BYTES);
}

static void feed(struct op_form *form, struct op_request *request)
{
    op_form_bytes(form, &request->feed.bucket_hash, ID_BYTES);
    op_form_bytes(form, &request->feed.cursor, OP_CURSOR_BYTES);
    op_form_u8(form, &request->feed.wait_s);
    op_form_bytes(form, &request->feed.t1_id, ID_BYTES);
}

static void list_buckets(struct op_form *form, struct op_request *request)
{
    if (request->op == OP_LIST_PLACE_BUCKETS)
        op_form_bytes(form, &request->list_buckets.place, ID_BYTES);
    op_form_bytes(form, &request->list_buckets.after, ID_BYTES);
}

static void mailbox(struct op_form *form, struct op_request *request)
{
    op_form_bytes(form, &request->mailbox.read_key, OP_READ_KEY_BYTES);
    if (request->op == OP_READ_MAILBOX || request->op == OP_REMOVE_COPIES)
        op_form_be64(form, &request->mailbox.cursor);
    if (request->op == OP_READ_MAILBOX)
        op_form_u8(form, &request->mailbox.wait_s);
}

/* Go through a body. Returns: 0, -ENOTSUP (no such op). */
static int go_through(struct op_form *form, struct op_request *request)
{
    switch (request->op) {
    case OP_DESCRIBE:
        return 0;
    case OP_POST_T1:
        post_t1(form, request);
        return 0;
    case OP_FETCH_T1:
        op_form_bytes(form, &request->fetch_t1.t1_id, ID_BYTES);
        return 0;
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
        list_buckets(form, request);
        return 0;
    case OP_FIND_BUCKET:
        op_form_bytes(form, &request->find_bucket.bucket_hash, ID_BYTES);
        return 0;
    case OP_READ_T1S:
    case OP_READ_STAMPS:
        op_form_bytes(form, &request->read_t1s.bucket_hash, ID_BYTES);
        op_form_bytes(form, &request->read_t1s.after, ID_BYTES);
        return 0;
    case OP_POST_T2S:
    case OP_POST_T3S:
        post_records(form, request);
        return 0;
    case OP_FEED:
        feed(form, request);
        return 0;
    case OP_READ_LINKS:
        op_form_bytes(form, &request->read_links.bucket_hash, ID_BYTES);
        op_form_u8(form, &request->read_links.first_place);
        return 0;
    case OP_POST_LINK:
        op_form_bytes(form, &request->post_link.blob, LINK_BLOB_BYTES);
        op_form_bytes(form, &request->post_link.stamp, OP_STAMP_BYTES);
        return 0;
    case OP_OPEN_MAILBOX:
    case OP_READ_MAILBOX:
    case OP_REMOVE_COPIES:
    case OP_CLOSE_MAILBOX:
        mailbox(form, request);
        return 0;
    case OP_DELIVER:
        op_form_rest(form, &request->delivery, 1);
        return 0;
    case OP_MIX:
        op_form_bytes(form, &request->mix_packet, OP_MIX_PACKET_BYTES);
        return 0;
    }
    return -ENOTSUP;
}

int op_request_encode(uint8_t *q, size_t capacity, size_t *bytes, const struct op_request *request)
{
    /* Only pointers and numbers: what they lead to is read alone. */
    struct op_request written = *request;
    struct op_form measure = {.reads = false};
    int err = go_through(&measure, &written);
    if (!err && 1 + measure.to.bytes > capacity)
        err = -EMSGSIZE;
    if (err)
        return err;
    struct op_form form = {.reads = false, .to = {q, 0}};
    writer_u8(&form.to, (uint8_t)written.op);
    err = go_through(&form, &written);
    INVARIANT(!err && form.to.bytes == 1 + measure.to.bytes);
    *bytes = form.to.bytes;
    return 0;
}

int op_request_decode(struct op_request *request, const uint8_t *q, size_t bytes)
{
    struct op_form form = {.reads = true, .from = cursor_over(q, bytes)};
    struct op_request read = {.op = (enum op)cursor_u8(&form.from)};
    if (form.from.failed)
        return -EBADMSG;
    int err = go_through(&form, &read);
    if (!err)
        err = cursor_finish(&form.from);
    if (!err)
        *request = read;
    return err;
}

bool op_is_none(const uint8_t *field, size_t bytes)
{
    uint8_t any = 0;
    for (size_t i = 0; i < bytes; i++)
        any |= field[i];
    return any == 0;
}
