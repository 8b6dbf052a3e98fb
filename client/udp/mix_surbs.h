/* What a client keeps of the packets whose answers it awaits. */
#ifndef REUNION_UDP_MIX_SURBS_H
#define REUNION_UDP_MIX_SURBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "box/packet.h"
#include "mix/surb.h"
#include "udp/mix_routes.h"

/* DESIGN: a table of fixed size in guarded memory, since what opens answers is secret. An entry is
 * found by the alpha that the delivery of its answer has, once: who takes it releases it. The
 * oldest entry makes room for a new one, and after MIX_SURB_LIFE_MS no answer comes any more, since
 * exits forget. One thread. */

enum {
    MIX_SURBS_MAX = 64,
    MIX_SURB_LIFE_MS = 120 * 1000, /* an exit forgets after 75 s; and the way back */
};

enum mix_purpose {
    MIX_PURPOSE_REQUEST,
    MIX_PURPOSE_COVER, /* a request whose answer nobody reads */
    MIX_PURPOSE_PROBE, /* a packet that goes round over one mix; no request */
};

struct mix_pending {
    bool used;
    enum mix_purpose purpose;
    struct mix_surb_secrets secrets;
    struct box_packet_key key; /* of the request inside, and … */
    uint8_t a[BOX_PACKET_A_BYTES];
    struct mix_try tried;
    size_t probed;   /* MIX_PURPOSE_PROBE: the mix it is about */
    void *owner;     /* MIX_PURPOSE_REQUEST: who asked, and … */
    uint64_t number; /* … which of its requests it is */
    bool at_once;    /* the server does not keep the answer waiting: its time measures the way */
    bool counted;    /* as unanswered */
    int64_t sent_ms;
    int64_t due_ms; /* when it counts as unanswered */
};

struct mix_surbs {
    struct mix_pending *entries; /* guarded, MIX_SURBS_MAX */
};

/* Returns: 0, -ENOMEM. */
MUST_CHECK int mix_surbs_open(struct mix_surbs *surbs);
/* Wipes; one of zeros is fine. */
void mix_surbs_close(struct mix_surbs *surbs);

/* A new entry of zeros, with `used` and `sent_ms` set; the oldest makes room if need be. */
struct mix_pending *mix_surbs_add(struct mix_surbs *surbs, int64_t now_ms);

/* The entry whose answer is delivered with this alpha, or NULL. */
struct mix_pending *mix_surbs_find(const struct mix_surbs *surbs,
                                   const uint8_t alpha[static MIX_ALPHA_BYTES]);

/* Wipe an entry; it is not used any more. */
void mix_surbs_release(struct mix_pending *pending);

/* Release the entries that no answer comes for any more. */
void mix_surbs_expire(struct mix_surbs *surbs, int64_t now_ms);

#endif
