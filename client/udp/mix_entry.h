/* A mix that a client sends to: its socket, and the session that its deliveries belong to. */
#ifndef REUNION_UDP_MIX_ENTRY_H
#define REUNION_UDP_MIX_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "box/packet.h"
#include "mix/packet.h"
#include "mix/surb.h"
#include "json/net_file.h"

/* DESIGN: packets go to a mix as requests of the box transport, each 1232 bytes. The session key
 * (EC) is a new one every window, as mixes have them among each other; the one before still opens
 * deliveries. The socket stays, so that a router on the way keeps to one port of its own. One
 * thread at a time. */

enum { MIX_ENTRY_SESSIONS = 2 };

struct mix_entry {
    const struct net_node *node;
    struct box_packet_key *sessions; /* guarded, MIX_ENTRY_SESSIONS: the newest first */
    size_t session_count;
    uint32_t window; /* of the newest */
    int socket;      /* -1: none yet */
    int64_t sent_ms; /* when the last packet was sent */
};

/* What a mix delivers. */
struct mix_delivery {
    uint8_t alpha[MIX_ALPHA_BYTES];
    uint8_t payload[MIX_PAYLOAD_BYTES];
};

/* Ready for the mix of `node`, which must outlive it; nothing is opened yet. */
void mix_entry_init(struct mix_entry *entry, const struct net_node *node);
/* Close and wipe; may be repeated. */
void mix_entry_close(struct mix_entry *entry);

/* Make a socket and a session for this window, unless they are there.
 * Returns: 0; -ENOMEM; -EHOSTUNREACH and errno (no socket, no route). */
MUST_CHECK int mix_entry_ready(struct mix_entry *entry, uint32_t window,
                               const struct random_source *random);

/* The handle by which the mix knows this client. Needs: an entry that is ready. */
void mix_entry_handle(uint8_t handle[static MIX_HANDLE_BYTES], const struct mix_entry *entry);

/* Send a packet. Needs: an entry that is ready.
 * Returns: 0 (it may be lost all the same), -EHOSTUNREACH and errno (the system refuses). */
MUST_CHECK int mix_entry_send(struct mix_entry *entry,
                              const uint8_t packet[static MIX_PACKET_BYTES], int64_t now_ms,
                              const struct random_source *random);

/* Take a delivery that has come; what is none is passed over.
 * Returns: 0; -EAGAIN (there is none now); -EHOSTUNREACH and errno (nobody listens there). */
MUST_CHECK int mix_entry_receive(struct mix_entry *entry, struct mix_delivery *delivery);

#endif
