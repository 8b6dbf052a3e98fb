/* Transport over packets of the box transport. */
#ifndef REUNION_TRANSPORT_PACKETS_H
#define REUNION_TRANSPORT_PACKETS_H

#include "base/err.h"
#include "box/packet.h"
#include "transport/transport.h"
#include "udp/packets.h"

/* T2s or T3s in one request of such a client, at most; through mixes it is fewer. */
enum {
    TRANSPORT_PACKETS_LETTERS_MAX =
        (BOX_PACKET_Q_BYTES_MAX - 1 - WRITE_KEY_BYTES - 2 * ID_BYTES) / OP_ADDRESSED_BYTES,
};
size_t transport_packets_letters_max(const struct packets *packets);

/* Make a transport over `packets`, which stay the caller's and must outlive it, to the place with
 * that tag, of ID_BYTES, which is copied; NULL or zeros: the common one. Its `read_classes` counts
 * in the newest buckets alone, as no request asks for all. Returns: 0 and a transport to be
 * released by its verb `free`; -ENOMEM. */
MUST_CHECK int transport_packets_open(struct transport **transport, struct packets *packets,
                                      const uint8_t *place);

#endif
