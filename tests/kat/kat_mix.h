/* The part `mix` of the datagrams' known answers, and what its files share. */
#ifndef REUNION_TESTS_KAT_MIX_H
#define REUNION_TESTS_KAT_MIX_H

#include "kat_datagrams.h"
#include "mix/packet.h"

/* One SURB; one request with its answer, datagram by datagram. */
void kat_mix_surb(struct kat_score *score, const json_t *entry, const char *name, size_t index);
void kat_mix_exchange(struct kat_score *score, const json_t *entry, const char *name, size_t index);

/* Read a route's public keys, commands and secret keys. Returns: the number of mixes. */
size_t kat_route(struct mix_hop hops[static MIX_HOPS_MAX], uint8_t secrets[][MIX_KEY_BYTES],
                 const json_t *entries);

/* What a mix without tags does with a packet within a window: as mix_packet_unwrap and
 * mix_packet_accept. */
MUST_CHECK int kat_receive(struct mix_unwrapped *unwrapped,
                           const uint8_t secret[static MIX_KEY_BYTES],
                           const uint8_t packet[static MIX_PACKET_BYTES], uint32_t window);

/* Whether all mixes of a route do with a packet what is wanted; payload and alpha are those of the
 * last one. */
bool kat_walk(uint8_t payload[static MIX_PAYLOAD_BYTES], uint8_t alpha[static MIX_ALPHA_BYTES],
              const json_t *entries, const uint8_t packet[static MIX_PACKET_BYTES],
              uint8_t secrets[][MIX_KEY_BYTES], uint32_t window);

#endif
