/* What the parts of a mix chain share; not for others. */
#ifndef REUNION_UDP_MIX_INSIDE_H
#define REUNION_UDP_MIX_INSIDE_H

#include <pthread.h>

#include "udp/mix_chain.h"
#include "udp/mix_entry.h"
#include "udp/mix_surbs.h"

enum { MIX_NOTICES_MAX = 16 };

struct mix_line {
    struct mix_chain *chain;
    struct mix_line *next;
    const struct net_node *server;
    int news; /* eventfd: what is below has changed */

    /* Under the chain's lock. */
    uint64_t number; /* of the request */
    unsigned sends;  /* of it */
    int64_t sent_ms; /* the last time */
    bool queued;     /* it waits to be sent, since … */
    uint64_t ticket; /* … who has a lower one goes first */
    bool divides;    /* what is queued is the content of a packet of kind 4 */
    int sent_err;    /* what became of that, and … */
    int sent_reason; /* … errno */
    bool at_once;
    bool spoilt; /* the last try will not be answered */
    bool answered;
    size_t q_bytes, p_bytes;
    uint8_t q[MIX_DIVIDE_BYTES]; /* while it is queued; may hold a write key */
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
};

struct mix_chain {
    struct mix_chain_settings settings;
    pthread_t thread;
    int wake; /* eventfd: for the thread */

    pthread_mutex_t lock; /* for all below */
    bool stopping;
    struct mix_routes routes;
    struct mix_entry entries[NET_MIXES_MAX];
    int64_t probe_ms[NET_MIXES_MAX]; /* when a mix may be probed */
    struct mix_surbs surbs;
    struct mix_line *lines;
    uint64_t tickets;
    int64_t slot_ms; /* when the next packet leaves, with cover */
    bool cost_known;
    unsigned late;                 /* answers in a row that came after they were given up */
    int64_t way_ms, way_varies_ms; /* there and back, averaged, as RFC 6298 has it */
    struct mix_notice notices[MIX_NOTICES_MAX];
    size_t notice_count;
};

/* All below are called under the lock. */

int64_t mix_now_ms(const struct mix_chain *chain);

/* How long an answer that is given at once takes at most, in all likelihood; and that one took so
 * long. */
int64_t mix_patience_ms(const struct mix_chain *chain);
void mix_note_time(struct mix_chain *chain, int64_t took_ms);

void mix_note(struct mix_chain *chain, const struct mix_notice *notice);
void mix_note_failed(struct mix_chain *chain, size_t mix, int reason);

/* Wake who waits at a line, or the thread. */
void mix_wake(int event);

/* Send a request to a server; `line` is NULL for cover. The first mix that takes it is used.
 * Returns: 0, -ENOMEM, -EHOSTUNREACH and errno. */
MUST_CHECK int mix_send_request(struct mix_chain *chain, struct mix_line *line,
                                const struct net_node *server, const uint8_t *q, size_t q_bytes);

/* Send the content of a packet of kind 4. Returns: as mix_line_divide, but for waiting. */
MUST_CHECK int mix_send_division(struct mix_chain *chain,
                                 const uint8_t content[static MIX_DIVIDE_BYTES]);

/* Send a probe of a mix, or cover that ends at a mix behind `first`. What cannot be sent is as if
 * it were lost. */
void mix_send_probe(struct mix_chain *chain, size_t mix);
void mix_send_drop(struct mix_chain *chain, size_t first);

/* Take what has come from the mix with this number. */
void mix_take_deliveries(struct mix_chain *chain, size_t mix);

/* The owner of a try, if it still waits for an answer to this request; NULL: none does. */
struct mix_line *mix_owner_of(const struct mix_pending *pending);

/* It is certain that a try will not be answered: its owner need not wait. */
void mix_spoil(const struct mix_pending *pending);

/* Nobody takes packets at a mix. */
void mix_take_refusal(struct mix_chain *chain, size_t mix, int reason);

/* A try was not answered in time. */
void mix_count_unanswered(struct mix_chain *chain, struct mix_pending *pending);

/* Do what is due. Returns: in how many ms something is due again, or -1. */
int64_t mix_do_due(struct mix_chain *chain);

#endif
