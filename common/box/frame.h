/* Frames of a box stream, which follow its handshake. */
#ifndef REUNION_BOX_FRAME_H
#define REUNION_BOX_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/box.h"

/* Source: box.md of the specification, "Frames". A frame is a length (2 bytes, big-endian) and a
 * box of so many bytes; its plaintext is a length (2), the content, and the fewest zeros that make
 * it a multiple of BOX_FRAME_UNIT_BYTES. A frame without content is the end of its direction.
 *
 * A stream that ends without that frame was cut: its user treats this as a failure. */

enum {
    BOX_FRAME_LENGTH_BYTES = 2,
    BOX_FRAME_UNIT_BYTES = 256,
    BOX_FRAME_CONTENT_BYTES_MAX = 16382,
    /* Where the content begins, in a frame that is sealed or opened in place. */
    BOX_FRAME_CONTENT_AT = BOX_FRAME_LENGTH_BYTES + BOX_TAG_BYTES + 2,
    BOX_FRAME_BYTES_MAX = BOX_FRAME_CONTENT_AT + BOX_FRAME_CONTENT_BYTES_MAX,
};

enum box_side { BOX_CLIENT, BOX_SERVER };

/* One side's state. It holds the key of the connection, so it lives in guarded memory (secret.h) of
 * the caller, who ends it with box_stream_forget. One thread at a time. */
struct box_stream {
    uint8_t shared[BOX_SHARED_BYTES];
    enum box_side side;
    uint64_t sent, received; /* frames, so far */
    bool sent_end, received_end, broken;
};

/* Begin with the key that the handshake agreed on. */
void box_stream_begin(struct box_stream *stream, enum box_side side,
                      const uint8_t shared[static BOX_SHARED_BYTES]);

/* Wipe all of it. */
void box_stream_forget(struct box_stream *stream);

/* The bytes of the frame that carries `content_bytes` (0 to BOX_FRAME_CONTENT_BYTES_MAX) bytes. */
size_t box_frame_bytes(size_t content_bytes);

/* Make the next frame, box_frame_bytes(content_bytes) long. `content` may stand in `frame` already,
 * best at BOX_FRAME_CONTENT_AT, where nothing is copied. Without content it is the end of this
 * direction.
 * Returns: 0, -EMSGSIZE (more than BOX_FRAME_CONTENT_BYTES_MAX), -EINVAL (this direction has
 * ended); `frame` and the stream are untouched then. */
MUST_CHECK int box_frame_seal(struct box_stream *stream, uint8_t *frame, const uint8_t *content,
                              size_t content_bytes);

/* How long the frame is in all that begins with this length: to be read before box_frame_open.
 * Returns: 0, -EBADMSG (no frame has it, or the direction has ended; the stream is broken, and
 * `frame_bytes` is untouched). */
MUST_CHECK int box_frame_measure(struct box_stream *stream, size_t *frame_bytes,
                                 const uint8_t length[static BOX_FRAME_LENGTH_BYTES]);

/* Open the next frame in place: `content` then points into `frame`, to `content_bytes` bytes. None
 * is the end of the direction, see box_stream_has_ended.
 * Returns: 0, -EBADMSG (it does not open, breaks a rule, comes after the end, or the stream was
 * broken already). A broken stream opens nothing more: the connection is to be closed. What was
 * opened and broke a rule is wiped; `content` and `content_bytes` are untouched then. */
MUST_CHECK int box_frame_open(struct box_stream *stream, const uint8_t **content,
                              size_t *content_bytes, uint8_t *frame, size_t frame_bytes);

/* Whether the other side has ended its direction. */
bool box_stream_has_ended(const struct box_stream *stream);

#endif
