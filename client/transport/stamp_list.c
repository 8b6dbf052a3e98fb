#include "transport/stamp_list.h"

#include <string.h>

/* The next T1's stamp.
 * Returns: 0, -ENOENT (it has none), -EPROTO (its hour has no challenge). */
static int take(struct stamp_list *list, const uint8_t **id, struct transport_stamp *reported)
{
    *id = cursor_take(&list->t1s, ID_BYTES);
    reported->stamp.hour = cursor_be64(&list->t1s);
    cursor_copy(&list->t1s, reported->stamp.nonce, STAMP_NONCE_BYTES);
    reported->stamp.effort = cursor_be32(&list->t1s);
    if (reported->stamp.effort == 0)
        return -ENOENT;
    for (size_t i = 0; i < list->count; i++)
        if (list->hours[i] == reported->stamp.hour) {
            memcpy(reported->challenge, list->challenges[i], STAMP_CHALLENGE_BYTES);
            return 0;
        }
    return -EPROTO;
}

int stamp_list_open_parts(struct stamp_list *list, const uint8_t *challenges, size_t count,
                          const uint8_t *lines, size_t lines_bytes)
{
    if (count > BUCKET_CAPACITY || lines_bytes % STAMP_LIST_LINE_BYTES != 0 ||
        lines_bytes > (size_t)BUCKET_CAPACITY * STAMP_LIST_LINE_BYTES)
        return -EPROTO;
    struct cursor from = cursor_over(challenges, count * STAMP_LIST_HOUR_BYTES);
    const struct cursor t1s = cursor_over(lines, lines_bytes);
    list->count = count;
    for (size_t i = 0; i < count; i++) {
        list->hours[i] = cursor_be64(&from);
        list->challenges[i] = cursor_take(&from, STAMP_CHALLENGE_BYTES);
    }
    list->t1s = t1s;
    while (list->t1s.left > 0) {
        const uint8_t *id;
        struct transport_stamp reported;
        if (take(list, &id, &reported) == -EPROTO)
            return -EPROTO;
    }
    list->t1s = t1s;
    return 0;
}

int stamp_list_open(struct stamp_list *list, const uint8_t *bytes, size_t length)
{
    struct cursor from = cursor_over(bytes, length);
    size_t count = cursor_u8(&from);
    const uint8_t *challenges = cursor_take(&from, count * STAMP_LIST_HOUR_BYTES);
    return challenges ? stamp_list_open_parts(list, challenges, count, from.at, from.left)
                      : -EPROTO;
}

bool stamp_list_next(struct stamp_list *list, const uint8_t **id, struct transport_stamp *stamp)
{
    while (list->t1s.left > 0)
        if (take(list, id, stamp) == 0)
            return true;
    return false;
}
