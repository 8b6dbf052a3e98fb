/* The four datagrams of the protocol on a local network. */
#ifndef REUNION_LAN_DATAGRAM_H
#define REUNION_LAN_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "reunion/reunion.h"

enum lan_kind {
    LAN_T1,       /* "t1_": to everybody; it is answered with a T1 and a T2 */
    LAN_T1_REPLY, /* "t1r": to one; it is answered with a T2 */
    LAN_T2,
    LAN_T3,
};

enum {
    LAN_DATAGRAM_BYTES_MAX = 1024,
    LAN_T1_MARK_BYTES = 3,
    LAN_T1_BYTES_MAX = LAN_DATAGRAM_BYTES_MAX - LAN_T1_MARK_BYTES,
    LAN_PAYLOAD_BYTES_MAX = LAN_T1_BYTES_MAX - REUNION_T1_OVERHEAD_BYTES,
};

/* A datagram that was read: the body is the reader's. */
struct lan_datagram {
    enum lan_kind kind;
    const uint8_t *body;
    size_t body_bytes;
};

/* Read any bytes as a datagram. Returns: 0, -EBADMSG (none of the four, or of a wrong length). */
MUST_CHECK int lan_datagram_read(struct lan_datagram *datagram, const uint8_t *bytes,
                                 size_t length);

/* Write one down: a T1 of at most LAN_T1_BYTES_MAX bytes, a T2 or a T3. Returns: its length. */
size_t lan_datagram_write(uint8_t bytes[static LAN_DATAGRAM_BYTES_MAX], enum lan_kind kind,
                          const uint8_t *body, size_t body_bytes);

#endif
