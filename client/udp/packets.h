/* Requests to one server by packets of the box transport, one at a time, that end the moment a stop
 * is asked. */
#ifndef REUNION_UDP_PACKETS_H
#define REUNION_UDP_PACKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "box/address.h"
#include "udp/mix_chain.h"
#include "wire/op_answer.h"
#include "wire/op_request.h"

/* Source: box.md of the specification, "Packets".
 *
 * DESIGN: requests of different purposes have different keys (EC) and ports, so that none shows the
 * server that they belong together; the address of this machine shows all the same. A request is
 * sent again after 1, 2 and 4 s with a new a, and an answer to any of them counts. What does not
 * open, or answers something else, is ignored: anybody can send it. What opens is the server's, and
 * is an error where it makes no sense.
 *
 * Names are looked up, and keys made, for the first request of a purpose and once more after the
 * server did not answer.
 *
 * With a chain of mixes nothing goes to the server itself and no name is looked up: requests are
 * short ones, each with a key of its own, which the chain carries. One thread. */

struct packets;

/* What must not be seen to come from one and the same client. */
enum packets_purpose {
    PACKETS_READ,    /* what everybody may ask */
    PACKETS_SESSION, /* all in the name of one T1 */
    PACKETS_LINK,    /* a private link that is posted */
    PACKETS_APART,   /* what was asked before, as somebody else: a key of its own each time */
    PACKETS_PURPOSES,
};

enum {
    PACKETS_REPEAT_MS = 1000, /* the first pause; each further one is twice as long */
    PACKETS_SENDS = 4,

    /* Of a feed. A router between may forget after half a minute of silence where answers go. */
    PACKETS_WAIT_S_MAX = 20,
};

/* What it points to must outlive the packets. */
struct packets_settings {
    struct box_address address;
    const struct random_source *random;
    const struct stop_source *stop;
    int64_t repeat_ms;       /* PACKETS_REPEAT_MS, but in tests */
    struct mix_chain *mixes; /* through which all goes, or NULL */
};

/* Make ready for requests; nothing is sent.
 * Returns: 0; -ENOMEM; with mixes also -ENOENT (their net file has no server with the address's
 * key), -EIO (no descriptor). */
MUST_CHECK int packets_open(struct packets **packets, const struct packets_settings *settings);

/* Release, wiping all keys; NULL is fine. */
void packets_free(struct packets *packets);

/* Be somebody else from now on: fresh keys and ports for all purposes. */
void packets_renew(struct packets *packets);

/* The most that a request and an answer have, and the longest wait of a feed, in seconds. */
size_t packets_q_bytes_max(const struct packets *packets);
size_t packets_p_bytes_max(const struct packets *packets);
uint8_t packets_wait_s_max(const struct packets *packets);

/* Send a request and take its answer. One of OP_FEED may be kept waiting for its `wait_s`, and does
 * not wait when it is sent again.
 * Returns: 0 (a success); by the status that is refused with: -EINVAL (malformed), -ENOENT,
 * -EKEYEXPIRED, -EACCES, -ENOSPC (full), -EAGAIN (not now, see packets_retry_after_ms), -EPROTO
 * (unknown op), -EDQUOT (a stamp is wanted); -EPROTO also for an answer that makes no sense;
 * -EHOSTUNREACH, -ECANCELED, -ENOMEM. `answer` is set with a success and with -EDQUOT; what it
 * points to is the packets' until the next request. */
MUST_CHECK int packets_ask(struct packets *packets, enum packets_purpose purpose,
                           const struct op_request *request, struct op_answer *answer);

/* Whether feeds are asked ahead (packets_feed_ahead, packets_feed): through mixes without cover. */
bool packets_feeds_ahead(const struct packets *packets);

/* Ask for what comes next, and do not wait for it: it is on its way while other requests are. Of
 * two that are asked ahead the first is forgotten. What `request` points to is copied.
 * Returns: 0, -EHOSTUNREACH, -ENOMEM. */
MUST_CHECK int packets_feed_ahead(struct packets *packets, const struct op_request *request);

/* Wait for what was asked ahead, for at most so long.
 * Returns: 0 and the answer; -ETIMEDOUT (it is still on its way); -ENODATA (nothing was asked, or
 * the last answer was taken already); as packets_ask, then nothing is on its way any more. */
MUST_CHECK int packets_feed(struct packets *packets, int64_t wait_ms, struct op_answer *answer);

/* Where the server is, as the last mix of a route is told; NULL: requests go to it directly. It is
 * the chain's. */
const struct net_node *packets_mixed_server(const struct packets *packets);

/* Send the content of a packet of kind 4, a group's message for that server, through the mixes. It
 * is not answered. Needs: mixes.
 * Returns: 0; -EHOSTUNREACH, -ECANCELED, -ENOMEM as packets_ask; -ENOTSUP (there is no route of two
 * mixes). */
MUST_CHECK int packets_divide(struct packets *packets,
                              const uint8_t content[static MIX_DIVIDE_BYTES]);

/* Say of the last answer what it is, for packets_trouble and packets_is_certain; `text` is a
 * constant. Returns: -EPROTO. */
int packets_nonsense(struct packets *packets, const char *text);

/* Why the last request failed: an English phrase with the system's reason, the packets' until the
 * next request; NULL: it did not. */
const char *packets_trouble(const struct packets *packets);

/* What to do about it: a constant sentence, or NULL. */
const char *packets_advice(const struct packets *packets);

/* Whether the same would happen again later, so that waiting is of no use. */
bool packets_is_certain(const struct packets *packets);

/* Whether the last request failed because nobody answered in time: a machine, the server's or this
 * one, may be slow just now. */
bool packets_is_silent(const struct packets *packets);

/* How long the last answer asks to be left in peace; 0: it does not. */
int64_t packets_retry_after_ms(const struct packets *packets);

#endif
