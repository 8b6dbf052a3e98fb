#include "wire/record.h"

#include <string.h>

void record_pack(uint8_t out[static RECORD_ADDRESSED_BYTES], const struct record *record)
{
    memcpy(out, record->sender, ID_BYTES);
    memcpy(out + ID_BYTES, record->addressee, ID_BYTES);
    memcpy(out + 2 * ID_BYTES, record->body, RECORD_BODY_BYTES);
}

void record_take(struct cursor *from, struct record *record)
{
    cursor_copy(from, record->sender, ID_BYTES);
    cursor_copy(from, record->addressee, ID_BYTES);
    cursor_copy(from, record->body, RECORD_BODY_BYTES);
}

bool record_is_unaddressed(const struct record *record)
{
    static const uint8_t everybody[ID_BYTES];
    return memcmp(record->addressee, everybody, ID_BYTES) == 0;
}

size_t frame_record_bytes(enum record_kind kind)
{
    return kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_ADDRESSED_BYTES;
}

int frame_take(struct cursor *feed, struct frame *frame)
{
    if (feed->left == 0 && !feed->failed)
        return -ENOENT;
    uint8_t kind = cursor_u8(feed);
    if (kind != RECORD_T1 && kind != RECORD_T2 && kind != RECORD_T3)
        return -EBADMSG;
    size_t length = frame_record_bytes((enum record_kind)kind);
    const uint8_t *bytes = cursor_take(feed, length);
    if (!bytes)
        return -EBADMSG;
    *frame = (struct frame){(enum record_kind)kind, bytes, length};
    return 0;
}
