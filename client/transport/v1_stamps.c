#include "transport/v1_stamps.h"

#include <string.h>

enum { LINE_BYTES = ID_BYTES + 8 + STAMP_NONCE_BYTES + 4 };

/* The next T1's stamp.
 * Returns: 0, -ENOENT (it has none), -EPROTO (its hour has no challenge). */
static int take(struct v1_stamps *stamps, const uint8_t **id, struct transport_stamp *reported)
{
    *id = cursor_take(&stamps->t1s, ID_BYTES);
    reported->stamp.hour = cursor_be64(&stamps->t1s);
    cursor_copy(&stamps->t1s, reported->stamp.nonce, STAMP_NONCE_BYTES);
    reported->stamp.effort = cursor_be32(&stamps->t1s);
    if (reported->stamp.effort == 0)
        return -ENOENT;
    for (size_t i = 0; i < stamps->count; i++)
        if (stamps->hours[i] == reported->stamp.hour) {
            memcpy(reported->challenge, stamps->challenges[i], STAMP_CHALLENGE_BYTES);
            return 0;
        }
    return -EPROTO;
}

int v1_stamps_open(struct v1_stamps *stamps, const struct http_answer *answer)
{
    struct cursor from = cursor_over(answer->body, answer->bytes);
    stamps->count = cursor_u8(&from);
    if (stamps->count > BUCKET_CAPACITY)
        return -EPROTO;
    for (size_t i = 0; i < stamps->count; i++) {
        stamps->hours[i] = cursor_be64(&from);
        stamps->challenges[i] = cursor_take(&from, STAMP_CHALLENGE_BYTES);
    }
    if (from.failed || from.left % LINE_BYTES != 0 ||
        from.left > (size_t)BUCKET_CAPACITY * LINE_BYTES)
        return -EPROTO;
    stamps->t1s = from;
    while (stamps->t1s.left > 0) {
        const uint8_t *id;
        struct transport_stamp reported;
        if (take(stamps, &id, &reported) == -EPROTO)
            return -EPROTO;
    }
    stamps->t1s = from;
    return 0;
}

bool v1_stamps_next(struct v1_stamps *stamps, const uint8_t **id, struct transport_stamp *stamp)
{
    while (stamps->t1s.left > 0)
        if (take(stamps, id, stamp) == 0)
            return true;
    return false;
}
