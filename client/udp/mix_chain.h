/* Requests to servers through a chain of mixes. */
#ifndef REUNION_UDP_MIX_CHAIN_H
#define REUNION_UDP_MIX_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "mix/packet.h"
#include "udp/mix_routes.h"
#include "json/net_file.h"

/* Source: mix.md of the specification.
 *
 * DESIGN: a run has one chain, with one thread: it takes what mixes deliver, sends cover, probes
 * mixes that do not answer, and counts what is not answered in time. Those who ask have a line
 * each, and send from their own threads. One lock is over all; nobody waits under it.
 *
 * With cover, packets leave at the times of a Poisson process and at no others: a request waits for
 * the next of these times, and where none waits another goes, to a server of the run, whose answer
 * nobody reads. So on the wire a client that is busy looks like one that is not. */

enum {
    MIX_SENDS = 5,                  /* tries of a request */
    MIX_PATIENCE_MS = 4000,         /* for an answer, before it is known how long one takes */
    MIX_WAIT_S_MAX = 10,            /* of a feed: what is lost is noticed after that */
    MIX_KEEPALIVE_MS = 20 * 1000,   /* to a mix that an answer comes from; below 25 s */
    MIX_PROBE_AGAIN_MS = 60 * 1000, /* of mixes that have failed */
    MIX_LINE_Q_BYTES_MAX = 512,
    MIX_LINE_P_BYTES_MAX = 844,
};

enum mix_notice_kind {
    MIX_NOTICE_COST,   /* the first answer has come */
    MIX_NOTICE_FAILED, /* a mix does not answer; others are used if there are any */
    MIX_NOTICE_BACK,   /* it does again */
};

struct mix_notice {
    enum mix_notice_kind kind;
    int64_t each_way_ms; /* MIX_NOTICE_COST */
    size_t route;        /* likewise: mixes on the way, of … */
    size_t mixes;        /* … so many that there are */
    const char *mix;     /* MIX_NOTICE_FAILED, MIX_NOTICE_BACK: its name, the net file's */
    int reason;          /* MIX_NOTICE_FAILED: the system's, or 0 */
    bool others;         /* likewise: others are used */
};

/* What it points to must outlive the chain. */
struct mix_chain_settings {
    const struct net_file *net;
    struct mix_route fixed; /* a count of 0: routes are drawn */
    int64_t cover_ms;       /* mean of the gaps; 0: no cover */
    int64_t patience_ms;    /* MIX_PATIENCE_MS, but in tests */
    const struct random_source *random;
    const struct clock_source *clock;
    /* Called in the chain's thread, or not at all if NULL. */
    void (*notice)(void *state, const struct mix_notice *notice);
    void *state;
};

struct mix_chain;

/* Begin; nothing is sent yet. Returns: 0, -ENOMEM, -EIO (no thread, no descriptor). */
MUST_CHECK int mix_chain_open(struct mix_chain **chain, const struct mix_chain_settings *settings);

/* End the thread and release, wiping all keys; NULL is fine. Its lines must be gone. */
void mix_chain_free(struct mix_chain *chain);

/* Whether it sends cover, so that requests wait for their times. */
bool mix_chain_covers(const struct mix_chain *chain);

/* Names of the mixes that have failed, with commas between them, cut to `bytes`; empty: none is
 * known to. Any thread. */
void mix_chain_failed(struct mix_chain *chain, char *names, size_t bytes);

/* Somebody who asks a server, one request at a time. A line has one thread. */
struct mix_line;

/* To the server of the net file that has this key.
 * Returns: 0, -ENOENT (none has it), -ENOMEM, -EIO. */
MUST_CHECK int mix_line_open(struct mix_line **line, struct mix_chain *chain,
                             const uint8_t key[static BOX_KEY_BYTES]);
/* NULL is fine. */
void mix_line_free(struct mix_line *line);

/* Begin another request: answers to the one before do not count any more. */
void mix_line_begin(struct mix_line *line);

/* Send the request, again with each call: over another route, under a key of its own.
 * `q_bytes` is at most MIX_LINE_Q_BYTES_MAX. `at_once`: the server answers as soon as it can.
 * Returns: 0 (with cover: it will be sent), -EHOSTUNREACH and errno. */
MUST_CHECK int mix_line_send(struct mix_line *line, const uint8_t *q, size_t q_bytes, bool at_once);

/* Wait for an answer to any of these, since the last was sent, as long as answers take, and
 * `more_ms`; but now no longer than `limit_ms` (INT64_MAX: no limit).
 * Returns: 0 and the answer; -ETIMEDOUT (or it is certain that none will come); -EAGAIN (it may
 * still come); -ECANCELED; -ENOMEM (the system does not let us wait). */
MUST_CHECK int mix_line_await(struct mix_line *line, int64_t more_ms, int64_t limit_ms,
                              const struct stop_source *stop,
                              uint8_t p[static MIX_LINE_P_BYTES_MAX], size_t *p_bytes);

/* Where a line's server is, as the last mix of a route is told. It is the chain's. */
const struct net_node *mix_line_server(const struct mix_line *line);

/* Send the content of a packet of kind 4 (groups.md) over a route of its own, of at least two
 * mixes; with cover this waits for its time. Nobody answers it: the last mix repeats what the
 * server does not answer, and readers see what is missing.
 * Returns: 0 (it may be lost all the same); -ENOTSUP (there is no route of two mixes);
 * -EHOSTUNREACH and errno; -ECANCELED; -ENOMEM (the system does not let us wait). */
MUST_CHECK int mix_line_divide(struct mix_line *line,
                               const uint8_t content[static MIX_DIVIDE_BYTES],
                               const struct stop_source *stop);

#endif
