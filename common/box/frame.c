#include "box/frame.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"
#include "box/nonce.h"

enum {
    CONTENT_LENGTH_BYTES = 2,
    BOX_AT = BOX_FRAME_LENGTH_BYTES,
    PLAINTEXT_AT = BOX_AT + BOX_TAG_BYTES,
    PLAINTEXT_BYTES_MAX = CONTENT_LENGTH_BYTES + BOX_FRAME_CONTENT_BYTES_MAX,
};

_Static_assert(PLAINTEXT_BYTES_MAX % BOX_FRAME_UNIT_BYTES == 0, "the longest frame is full");

static size_t padded(size_t content_bytes)
{
    size_t bytes = CONTENT_LENGTH_BYTES + content_bytes;
    return (bytes + BOX_FRAME_UNIT_BYTES - 1) / BOX_FRAME_UNIT_BYTES * BOX_FRAME_UNIT_BYTES;
}

void box_stream_begin(struct box_stream *stream, enum box_side side,
                      const uint8_t shared[static BOX_SHARED_BYTES])
{
    memset(stream, 0, sizeof *stream);
    stream->side = side;
    memcpy(stream->shared, shared, sizeof stream->shared);
}

void box_stream_forget(struct box_stream *stream)
{
    secret_wipe(stream, sizeof *stream);
    stream->broken = true;
}

size_t box_frame_bytes(size_t content_bytes)
{
    return PLAINTEXT_AT + padded(content_bytes);
}

int box_frame_seal(struct box_stream *stream, uint8_t *frame, const uint8_t *content,
                   size_t content_bytes)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    if (content_bytes > BOX_FRAME_CONTENT_BYTES_MAX)
        return -EMSGSIZE;
    if (stream->sent_end || stream->broken)
        return -EINVAL;
    size_t plaintext_bytes = padded(content_bytes);
    if (content_bytes > 0)
        memmove(frame + BOX_FRAME_CONTENT_AT, content, content_bytes);
    memset(frame + BOX_FRAME_CONTENT_AT + content_bytes, 0,
           plaintext_bytes - CONTENT_LENGTH_BYTES - content_bytes);
    put_be16(frame + PLAINTEXT_AT, (uint16_t)content_bytes);
    INVARIANT(stream->sent < UINT64_MAX);
    box_nonce_counter(nonce, stream->side == BOX_CLIENT, ++stream->sent);
    box_seal(frame + BOX_AT, stream->shared, nonce, frame + PLAINTEXT_AT, plaintext_bytes);
    put_be16(frame, (uint16_t)(BOX_TAG_BYTES + plaintext_bytes));
    stream->sent_end = content_bytes == 0;
    return 0;
}

static int fail(struct box_stream *stream)
{
    stream->broken = true;
    return -EBADMSG;
}

int box_frame_measure(struct box_stream *stream, size_t *frame_bytes,
                      const uint8_t length[static BOX_FRAME_LENGTH_BYTES])
{
    struct cursor at = cursor_over(length, BOX_FRAME_LENGTH_BYTES);
    size_t box_bytes = cursor_be16(&at);
    if (stream->broken || stream->received_end)
        return fail(stream);
    if (box_bytes <= BOX_TAG_BYTES || box_bytes > BOX_TAG_BYTES + PLAINTEXT_BYTES_MAX ||
        (box_bytes - BOX_TAG_BYTES) % BOX_FRAME_UNIT_BYTES != 0)
        return fail(stream);
    *frame_bytes = BOX_FRAME_LENGTH_BYTES + box_bytes;
    return 0;
}

/* Whether a plaintext is a length, so much content, and the fewest zeros. What it says is told to
 * the caller by design, and so is that it breaks a rule. */
static bool is_well_formed(const uint8_t *plaintext, size_t bytes, size_t *content_bytes)
{
    struct cursor at = cursor_over(plaintext, bytes);
    size_t stated = cursor_be16(&at);
    declassify(&stated, sizeof stated);
    if (stated > BOX_FRAME_CONTENT_BYTES_MAX || padded(stated) != bytes)
        return false;
    cursor_take(&at, stated);
    size_t zeros = at.left;
    int are_zeros = sodium_is_zero(cursor_take(&at, zeros), zeros);
    declassify(&are_zeros, sizeof are_zeros);
    *content_bytes = stated;
    return are_zeros;
}

int box_frame_open(struct box_stream *stream, const uint8_t **content, size_t *content_bytes,
                   uint8_t *frame, size_t frame_bytes)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    size_t stated, bytes;
    if (frame_bytes < BOX_FRAME_LENGTH_BYTES || box_frame_measure(stream, &stated, frame) ||
        stated != frame_bytes)
        return fail(stream);
    INVARIANT(stream->received < UINT64_MAX);
    box_nonce_counter(nonce, stream->side == BOX_SERVER, ++stream->received);
    if (box_open(frame + PLAINTEXT_AT, stream->shared, nonce, frame + BOX_AT, frame_bytes - BOX_AT))
        return fail(stream);
    if (!is_well_formed(frame + PLAINTEXT_AT, frame_bytes - PLAINTEXT_AT, &bytes)) {
        secret_wipe(frame + PLAINTEXT_AT, frame_bytes - PLAINTEXT_AT);
        return fail(stream);
    }
    stream->received_end = bytes == 0;
    *content = frame + BOX_FRAME_CONTENT_AT;
    *content_bytes = bytes;
    return 0;
}

bool box_stream_has_ended(const struct box_stream *stream)
{
    return stream->received_end;
}
