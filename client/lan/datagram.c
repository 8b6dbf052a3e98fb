#include "lan/datagram.h"

#include <string.h>

static const char *const marks[] = {
    [LAN_T1] = "t1_", [LAN_T1_REPLY] = "t1r", [LAN_T2] = "t2", [LAN_T3] = "t3"};

static int check_length(enum lan_kind kind, size_t body_bytes)
{
    switch (kind) {
    case LAN_T2:
        return body_bytes == REUNION_T2_BYTES ? 0 : -EBADMSG;
    case LAN_T3:
        return body_bytes == REUNION_T3_BYTES ? 0 : -EBADMSG;
    default:
        return body_bytes >= REUNION_T1_OVERHEAD_BYTES && body_bytes <= LAN_T1_BYTES_MAX ? 0
                                                                                         : -EBADMSG;
    }
}

int lan_datagram_read(struct lan_datagram *datagram, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t mark_bytes = strlen(marks[i]);
        if (length < mark_bytes || memcmp(bytes, marks[i], mark_bytes) != 0)
            continue;
        *datagram =
            (struct lan_datagram){(enum lan_kind)i, bytes + mark_bytes, length - mark_bytes};
        return check_length(datagram->kind, datagram->body_bytes);
    }
    return -EBADMSG;
}

size_t lan_datagram_write(uint8_t bytes[static LAN_DATAGRAM_BYTES_MAX], enum lan_kind kind,
                          const uint8_t *body, size_t body_bytes)
{
    size_t mark_bytes = strlen(marks[kind]);
    INVARIANT(check_length(kind, body_bytes) == 0);
    memcpy(bytes, marks[kind], mark_bytes);
    memcpy(bytes + mark_bytes, body, body_bytes);
    return mark_bytes + body_bytes;
}
