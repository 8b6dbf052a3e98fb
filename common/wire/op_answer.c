#include "wire/op_answer.h"

static void bucket_form(struct op_form *form, struct op_bucket *bucket)
{
    op_form_be64(form, &bucket->created_s);
    op_form_be32(form, &bucket->sequence);
    op_form_bytes(form, &bucket->bucket_hash, ID_BYTES);
    op_form_be16(form, &bucket->count);
    op_form_flag(form, &bucket->open);
    op_form_be64(form, &bucket->expires_s);
}

static void description_form(struct op_form *form, struct op_description *description)
{
    op_form_u8(form, &description->api_version);
    op_form_be16(form, &description->capacity);
    op_form_be32(form, &description->open_window_s);
    op_form_be32(form, &description->lifetime_s);
    op_form_be16(form, &description->wait_s_max);
    op_form_bytes(form, &description->salt, SALT_BYTES);
    op_form_be64(form, &description->now_s);
    op_form_bytes(form, &description->challenge, OP_CHALLENGE_BYTES);
    op_form_be32(form, &description->t1_effort);
    op_form_be32(form, &description->link_effort);
}

/* Fails unless each is a bucket. */
static void buckets_form(struct op_form *form, struct op_answer *answer)
{
    op_form_flag(form, &answer->buckets.more);
    struct op_form each = *form;
    op_form_rest(form, &answer->buckets.buckets, OP_BUCKET_BYTES);
    for (size_t i = 0; form->reads && !form->from.failed && i < answer->buckets.buckets.count;
         i++) {
        struct op_bucket bucket;
        bucket_form(&each, &bucket);
        form->from.failed |= each.from.failed;
    }
}

/* Fails unless each is an op_outcome. */
static void outcomes_form(struct op_form *form, struct op_answer *answer)
{
    struct cursor each = form->from;
    op_form_rest(form, &answer->outcomes, 1);
    for (size_t i = 0; form->reads && i < answer->outcomes.count; i++)
        form->from.failed |= cursor_u8(&each) > OP_REFUSED;
}

/* Fails unless all of it is frames. */
static void feed_form(struct op_form *form, struct op_answer *answer)
{
    op_form_bytes(form, &answer->feed.cursor, OP_CURSOR_BYTES);
    struct cursor frames = form->from;
    op_form_rest(form, &answer->feed.frames, 1);
    if (!form->reads || form->from.failed)
        return;
    struct frame frame;
    int err;
    while (!(err = op_frame_take(&frames, &frame)))
        continue;
    form->from.failed = err != -ENOENT;
}

static void stamps_form(struct op_form *form, struct op_answer *answer)
{
    uint8_t count = (uint8_t)answer->stamps.challenges.count;
    if (!form->reads && answer->stamps.challenges.count > UINT8_MAX)
        form->from.failed = true;
    op_form_flag(form, &answer->stamps.more);
    op_form_u8(form, &count);
    answer->stamps.challenges.count = count;
    op_form_items(form, &answer->stamps.challenges, OP_STAMP_HOUR_BYTES);
    op_form_rest(form, &answer->stamps.lines, OP_STAMP_LINE_BYTES);
}

static void copies_form(struct op_form *form, struct op_answer *answer)
{
    op_form_flag(form, &answer->copies.more);
    op_form_be64(form, &answer->copies.cursor);
    op_form_rest(form, &answer->copies.copies, OP_COPY_BYTES);
}

/* Go through the body of a success. Returns: 0, -ENOTSUP (no such op, or one without answers). */
static int success_form(struct op_form *form, enum op op, struct op_answer *answer)
{
    switch (op) {
    case OP_DESCRIBE:
        description_form(form, &answer->description);
        return 0;
    case OP_POST_T1:
    case OP_FIND_BUCKET:
    case OP_POST_LINK:
        bucket_form(form, &answer->bucket);
        return 0;
    case OP_FETCH_T1:
        op_form_bytes(form, &answer->fetched_t1.bucket_hash, ID_BYTES);
        op_form_bytes(form, &answer->fetched_t1.t1, RECORD_T1_BYTES);
        return 0;
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
        buckets_form(form, answer);
        return 0;
    case OP_READ_T1S:
        op_form_flag(form, &answer->t1s.more);
        op_form_flag(form, &answer->t1s.closed);
        op_form_rest(form, &answer->t1s.t1s, RECORD_T1_BYTES);
        return 0;
    case OP_POST_T2S:
    case OP_POST_T3S:
        outcomes_form(form, answer);
        return 0;
    case OP_FEED:
        feed_form(form, answer);
        return 0;
    case OP_READ_LINKS:
        op_form_bytes(form, &answer->links.bucket_id, BUCKET_ID_BINARY_BYTES);
        op_form_u8(form, &answer->links.first_place);
        op_form_rest(form, &answer->links.blobs, LINK_BLOB_BYTES);
        return 0;
    case OP_READ_STAMPS:
        stamps_form(form, answer);
        return 0;
    case OP_OPEN_MAILBOX:
        op_form_be64(form, &answer->expires_s);
        return 0;
    case OP_READ_MAILBOX:
        copies_form(form, answer);
        return 0;
    case OP_REMOVE_COPIES:
    case OP_DELIVER:
    case OP_CLOSE_MAILBOX:
        return 0;
    case OP_MIX:
        break;
    }
    return -ENOTSUP;
}

/* Go through a body. Returns: 0, -ENOTSUP (no such status, or a success that no op has). */
static int body_form(struct op_form *form, enum op op, struct op_answer *answer)
{
    switch (answer->status) {
    case OP_SUCCESS:
        return success_form(form, op, answer);
    case OP_NOT_NOW:
        op_form_be16(form, &answer->retry_after_s);
        return 0;
    case OP_STAMP_WANTED:
        op_form_bytes(form, &answer->stamp_wanted.challenge, OP_CHALLENGE_BYTES);
        op_form_be32(form, &answer->stamp_wanted.effort);
        return 0;
    case OP_MALFORMED:
    case OP_NOT_FOUND:
    case OP_GONE:
    case OP_FORBIDDEN:
    case OP_FULL:
    case OP_UNKNOWN:
        return 0;
    }
    return -ENOTSUP;
}

int op_answer_encode(uint8_t *p, size_t capacity, size_t *bytes, enum op op,
                     const struct op_answer *answer)
{
    /* Only pointers and numbers: what they lead to is read alone. */
    struct op_answer written = *answer;
    struct op_form measure = {.reads = false};
    int err = body_form(&measure, op, &written);
    if (!err && measure.from.failed)
        err = -EINVAL;
    if (!err && 1 + measure.to.bytes > capacity)
        err = -EMSGSIZE;
    if (err)
        return err;
    struct op_form form = {.reads = false, .to = {p, 0}};
    writer_u8(&form.to, (uint8_t)written.status);
    err = body_form(&form, op, &written);
    INVARIANT(!err && form.to.bytes == 1 + measure.to.bytes);
    *bytes = form.to.bytes;
    return 0;
}

int op_answer_decode(struct op_answer *answer, enum op op, const uint8_t *p, size_t bytes)
{
    struct op_form form = {.reads = true, .from = cursor_over(p, bytes)};
    struct op_answer read = {.status = (enum op_status)cursor_u8(&form.from)};
    if (form.from.failed || read.status > OP_STAMP_WANTED)
        return -EBADMSG;
    int err = body_form(&form, op, &read);
    if (!err)
        err = cursor_finish(&form.from);
    if (!err)
        *answer = read;
    return err;
}

size_t op_answer_room(enum op op, size_t capacity)
{
    struct op_form measure = {.reads = false};
    struct op_answer empty = {.status = OP_SUCCESS};
    int err = success_form(&measure, op, &empty);
    size_t fixed = 1 + measure.to.bytes;
    return !err && capacity > fixed ? capacity - fixed : 0;
}

void op_bucket_pack(uint8_t packed[static OP_BUCKET_BYTES], const struct op_bucket *bucket)
{
    struct op_bucket written = *bucket;
    struct op_form form = {.reads = false, .to = {packed, 0}};
    bucket_form(&form, &written);
    INVARIANT(form.to.bytes == OP_BUCKET_BYTES);
}

int op_bucket_unpack(struct op_bucket *bucket, const uint8_t packed[static OP_BUCKET_BYTES])
{
    struct op_bucket read;
    struct op_form form = {.reads = true, .from = cursor_over(packed, OP_BUCKET_BYTES)};
    bucket_form(&form, &read);
    int err = cursor_finish(&form.from);
    if (!err)
        *bucket = read;
    return err;
}

int op_frame_take(struct cursor *feed, struct frame *frame)
{
    if (feed->left == 0 && !feed->failed)
        return -ENOENT;
    uint8_t kind = cursor_u8(feed);
    if (kind != RECORD_T1 && kind != RECORD_T2 && kind != RECORD_T3)
        return -EBADMSG;
    size_t length = kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES;
    const uint8_t *bytes = cursor_take(feed, length);
    if (!bytes)
        return -EBADMSG;
    *frame = (struct frame){(enum record_kind)kind, bytes, length};
    return 0;
}
