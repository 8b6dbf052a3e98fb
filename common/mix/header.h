/* Headers of mix packets: commands for one to five mixes in layers. */
#ifndef REUNION_MIX_HEADER_H
#define REUNION_MIX_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "mix/keys.h"

/* Source: mix.md of the specification, "Packet"; Danezis and Goldberg, "Sphinx" (2009); random
 * padding at the last hop: Kuhn, Beck, Schiffner, Jorswieck, Strufe (2019). Any thread. */

enum {
    MIX_HOPS_MAX = 5,
    MIX_ADDRESS_BYTES = 16, /* IPv6; IPv4 as ::ffff:a.b.c.d */
    MIX_COMMAND_BYTES = 24,
    MIX_LAYER_BYTES = MIX_COMMAND_BYTES + MIX_MAC_BYTES,
    MIX_BETA_BYTES = MIX_HOPS_MAX * MIX_LAYER_BYTES,
    MIX_HEADER_BYTES = MIX_ALPHA_BYTES + MIX_MAC_BYTES + MIX_BETA_BYTES,
    MIX_WINDOW_S = 600, /* unix time / this is the number of a window */
};

enum mix_kind {
    MIX_FORWARD = 0, /* to the mix at `address` and `port` */
    MIX_EXIT = 1,    /* the content is a request for a server, and a SURB */
    MIX_REPLY = 2,   /* to the client whose handle is in `address` */
    MIX_DROP = 3,    /* cover */
    MIX_DIVIDE = 4,  /* the content is a group's message for several mailboxes */
};

/* What one mix is told. `kind` is a number from outside, which need not be one of enum mix_kind. */
struct mix_command {
    uint8_t kind;
    uint8_t address[MIX_ADDRESS_BYTES]; /* zeros where it says nothing */
    uint16_t port;                      /* likewise */
    uint32_t window;
};

/* One mix of a route, as the maker of a packet sees it. */
struct mix_hop {
    uint8_t public_key[MIX_KEY_BYTES];
    struct mix_command command;
};

/* The window of a unix time; 0 for times before 1970. */
uint32_t mix_window_of(int64_t unix_s);

/* Whether a mix takes packets of `window` at this time: those of the current window, the one before
 * and the one after.
 * Returns: 0, -EKEYEXPIRED. */
MUST_CHECK int mix_window_check(uint32_t window, int64_t unix_s);

void mix_command_write(uint8_t out[static MIX_COMMAND_BYTES], const struct mix_command *command);
void mix_command_read(struct mix_command *command, const uint8_t in[static MIX_COMMAND_BYTES]);

/* Make a header for `count` (1 to MIX_HOPS_MAX) mixes, the first one first. Draws from `random` 32
 * bytes, and then what fills up the last layer. keys[i] become those of hop i; they are secret, and
 * the caller wipes them.
 * Returns: 0, -EINVAL (a count out of range, or a mix's key of small order; `header` and `keys` are
 * untouched then). */
MUST_CHECK int mix_header_make(uint8_t header[static MIX_HEADER_BYTES], struct mix_keys *keys,
                               const struct mix_hop *hops, size_t count,
                               const struct random_source *random);

/* Take one layer off a header, with the mix's secret key. Whether the window is taken and the
 * packet is new is not looked at here. `next` may be `header`; it is the header for the next mix,
 * and without meaning at a last one. `keys` are the caller's to wipe.
 * Returns: 0, -EBADMSG (the MAC is wrong, or alpha is of small order; nothing is written then). */
MUST_CHECK int mix_header_open(uint8_t next[static MIX_HEADER_BYTES], struct mix_command *command,
                               struct mix_keys *keys, const uint8_t secret[static MIX_KEY_BYTES],
                               const uint8_t header[static MIX_HEADER_BYTES]);

#endif
