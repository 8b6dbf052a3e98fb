/* The internals of a node, for its own source files. */
#ifndef REUNION_LAN_INSIDE_H
#define REUNION_LAN_INSIDE_H

#include "lan/early_t2s.h"
#include "lan/exchanges.h"
#include "lan/node.h"
#include "lan/pending_peers.h"
#include "session/seen_messages.h"

/* One session of ours; without a session there is none. */
struct own_session {
    struct reunion_session *session;
    struct exchanges exchanges;
    int64_t began_ms;
    size_t worked; /* T1s */
};

struct lan_node {
    struct lan_settings settings;
    struct own_session own_sessions[2];
    struct own_session *present, *past;
    struct pending_peers pending_peers;
    struct early_t2s early_t2s;
    struct token_bucket asking, replying;
    struct seen_messages seen_messages;
    size_t sessions;
    bool closing;        /* since the last turn: no new answers are begun */
    unsigned announced;  /* times in this session */
    int64_t announce_ms; /* when next */
};

/* Send one's T1 of a meeting. */
void node_send_t1(const struct lan_node *node, const struct own_session *own_session,
                  enum lan_kind kind, const struct lan_source *to);

/* Send our T2 of an exchange, with our T1 before it where they may not have it. */
void node_send_t2(struct lan_node *node, struct own_session *own_session, struct exchange *exchange,
                  int64_t now_ms);
void node_send_t3(const struct lan_node *node, const struct exchange *exchange,
                  const struct exchange_answer *answer);

/* receive.c: answer a T2 from a source in all exchanges with it, and tell what it reveals; kept for
 * later where there is none. Returns: 0, -ENOMEM. */
MUST_CHECK int node_take_t2(struct lan_node *node, int64_t now_ms, const struct lan_source *source,
                            const uint8_t *t2);

/* work.c: work through T1s that wait, and when there will be some to work through. Returns: as
 * lan_node_turn. */
MUST_CHECK int node_work(struct lan_node *node, int64_t now_ms);
int64_t node_work_ready_ms(const struct lan_node *node);

#endif
