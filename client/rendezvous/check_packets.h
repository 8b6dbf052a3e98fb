/* The command `check` for one server that is reached by packets. */
#ifndef REUNION_RENDEZVOUS_CHECK_PACKETS_H
#define REUNION_RENDEZVOUS_CHECK_PACKETS_H

#include "rendezvous/findings.h"
#include "run/options.h"
#include "session/bucket_check.h"
#include "udp/packets.h"

/* As check_server: whether it answers, whether the clocks agree, its limits and its buckets. That
 * packets arrive as they are is certain, as each is encrypted. Nothing is stored. */
void check_packets(struct findings *findings, struct packets *packets,
                   const struct bucket_bounds *bounds, const struct option_bucket_hash *bucket,
                   const uint8_t place[static ID_BYTES]);

#endif
