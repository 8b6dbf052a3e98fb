/* The protocol on a local network for one user: datagrams and the time in, datagrams and messages
 * out. */
#ifndef REUNION_LAN_NODE_H
#define REUNION_LAN_NODE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "lan/datagram.h"
#include "lan/source.h"

/* DESIGN: sans I/O. The node has no socket and no clock. Its driver passes in each datagram with
 * its source and the time, and calls it when it wants a turn. The node sends through a function;
 * every datagram may be lost.
 *
 * A session lasts one interval. The previous session is kept during the next one to finish its
 * exchanges, and a T1 that answers one of ours is answered from it for a while. A T1 is announced
 * repeatedly, at growing intervals.
 *
 * Anything may arrive, at any rate: a T1 waits for its turn (pending_peers.h), a T2 is answered
 * once each time it comes, and what is sent unasked is bounded for each T1 that was worked through.
 * What is sent does not depend on whether a message was revealed. For one thread. */

struct lan_message {
    const uint8_t *payload; /* for the call only */
    size_t payload_bytes;
    size_t number; /* counted from 1, through all sessions and all runs that were resumed */
    bool reported; /* it was reported in an earlier run that was resumed */
};

/* What it points to must outlive the node. */
struct lan_settings {
    const uint8_t *passphrase; /* guarded; needed again for every session */
    size_t passphrase_bytes;   /* 1 to REUNION_PASSPHRASE_BYTES_MAX */
    const uint8_t *payload;    /* guarded */
    size_t payload_bytes;      /* 0 to LAN_PAYLOAD_BYTES_MAX; visible to everybody */
    int64_t interval_ms;       /* of a session, 1000 or more */
    size_t t1s_max;            /* worked through in one session */
    unsigned threads;          /* 1 or more */
    int64_t open_until_ms;     /* from then on no new answers are begun */
    const struct random_source *random;
    const struct stop_source *stop; /* ends work through T1s; its wait is not used */

    /* Send to a source, or to everybody (NULL). Bytes are for the call only. */
    void (*send)(void *state, const struct lan_source *to, const uint8_t *bytes, size_t length);
    /* Once set, nobody reads the reports: messages are kept as not shown. NULL: never. */
    const atomic_bool *muted;
    /* A message from somebody with the same passphrase. The same text is reported once, whoever
     * sends it: sessions end, and nothing else tells that it is of the same person. One of an
     * earlier run comes once more with `reported`. */
    void (*reveal)(void *state, const struct lan_message *message);
    void *state;
};

/* How far it is. */
struct lan_counts {
    size_t sessions; /* begun */
    size_t others;   /* T1s seen in this session, or waiting */
    size_t met;      /* T1s worked through in this session */
    size_t queued;   /* T1s waiting */
    size_t answered; /* exchanges in which a T3 came */
    size_t owed;     /* of those whose messages are known, who may not have ours yet */
    bool crowded;    /* `t1s_max` were worked through; more are passed over */
};

struct lan_node;

/* Returns: 0, -ENOMEM. Nothing is sent before the first turn. */
MUST_CHECK int lan_node_open(struct lan_node **node, const struct lan_settings *settings);

/* Wipe and release; NULL is fine. */
void lan_node_free(struct lan_node *node);

/* Take a datagram: any bytes, from anybody. Returns: 0, -ENOMEM. */
MUST_CHECK int lan_node_receive(struct lan_node *node, int64_t now_ms,
                                const struct lan_source *source, const uint8_t *bytes,
                                size_t length);

/* Do what is due: begin a session, announce, send again, work through T1s, as many as are done at
 * once. To be called when lan_node_wake_ms says so, or earlier. The time is monotonic, 1 or more.
 * Returns: 0, -ECANCELED (asked to stop); -ENOMEM, -EIO (no randomness), and it cannot go on. */
MUST_CHECK int lan_node_turn(struct lan_node *node, int64_t now_ms);

/* When it wants its next turn: a time, perhaps one that is past. */
int64_t lan_node_wake_ms(const struct lan_node *node);

/* There is a new endpoint: announce at the next turn. */
void lan_node_announce(struct lan_node *node);

void lan_node_counts(const struct lan_node *node, struct lan_counts *counts);

/* What is to be kept so that another run tells no message twice: the payload and the messages
 * reported, both secret, and nothing of a session, as others would not know it at its new address.
 * Format 1, integers big-endian: "RLAN"  format (4)  length (4)  payload  messages reported
 * (seen_messages.h). Returns: 0 and guarded memory, to be released with secret_free; -ENOMEM. */
MUST_CHECK int lan_node_keep(const struct lan_node *node, uint8_t **kept, size_t *bytes);

/* Resume from what was saved, before the first turn. Any bytes may be given.
 * Returns: 0; -EBADMSG, -ENOTSUP (of another version), -EPERM (of another payload), -ENOMEM: then
 * only lan_node_free is of use. */
MUST_CHECK int lan_node_resume(struct lan_node *node, const uint8_t *kept, size_t bytes);

/* How many different messages were reported, also in runs that were resumed. */
size_t lan_node_reported(const struct lan_node *node);

/* Report all of these once more. */
void lan_node_report_again(const struct lan_node *node);

#endif
