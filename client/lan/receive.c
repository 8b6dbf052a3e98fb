/* What a node does with the datagrams of others. */
#include <string.h>

#include "lan/inside.h"

/* An exchange that stands is told more, asked by a T1 that comes again, not more often than so. */
enum { REPEAT_GAP_MS = 100 };

/* T2s whose T1 we do not have make us ask for it, but not as often as somebody likes. */
static const struct token_bucket_rate asking_rate = {32, 100};

/* A T1 is answered with ours at once, so that both sides compute at the same time; beyond this,
 * when it has been worked through. */
static const struct token_bucket_rate replying_rate = {32, 100};

void node_send_t1(const struct lan_node *node, const struct own_session *own_session,
                  enum lan_kind kind, const struct lan_source *to)
{
    uint8_t bytes[LAN_DATAGRAM_BYTES_MAX];
    size_t t1_bytes;
    const uint8_t *t1 = reunion_session_t1(own_session->session, &t1_bytes);
    size_t length = lan_datagram_write(bytes, kind, t1, t1_bytes);
    node->settings.send(node->settings.state, to, bytes, length);
}

void node_send_t2(struct lan_node *node, struct own_session *own_session, struct exchange *exchange,
                  int64_t now_ms)
{
    uint8_t bytes[LAN_DATAGRAM_BYTES_MAX];
    size_t length = lan_datagram_write(bytes, LAN_T2, exchange->t2, sizeof exchange->t2);
    if (!exchange->has_ours && own_session == node->present)
        node_send_t1(node, own_session, LAN_T1_REPLY, &exchange->source);
    node->settings.send(node->settings.state, &exchange->source, bytes, length);
    exchange_sent_t2(&own_session->exchanges, exchange, now_ms, node->settings.random);
    exchange->has_ours = exchange->heard_t2; /* what was sent may be lost */
}

void node_send_t3(const struct lan_node *node, const struct exchange *exchange,
                  const struct exchange_answer *answer)
{
    uint8_t bytes[LAN_DATAGRAM_BYTES_MAX];
    size_t length = lan_datagram_write(bytes, LAN_T3, answer->t3, sizeof answer->t3);
    node->settings.send(node->settings.state, &exchange->source, bytes, length);
}

/* The same text counts once: every session of theirs and ours shows it anew. */
static int report(struct lan_node *node, const struct reunion_reveal *found)
{
    enum seen_messages_news news;
    size_t number;
    if (node->settings.muted && atomic_load(node->settings.muted))
        return 0;
    seen_messages_renew(&node->seen_messages, 0);
    int err = seen_messages_add(&node->seen_messages, 0, found->payload, found->payload_bytes,
                                &news, &number);
    if (!err && news != SEEN_MESSAGES_KNOWN)
        node->settings.reveal(node->settings.state,
                              &(struct lan_message){.payload = found->payload,
                                                    .payload_bytes = found->payload_bytes,
                                                    .number = number,
                                                    .reported = news == SEEN_MESSAGES_RESTORED});
    return err;
}

static int reveal(struct lan_node *node, struct own_session *own_session)
{
    struct reunion_reveal found;
    int err = 0;
    while (!err && reunion_session_next_reveal(own_session->session, &found) == 0) {
        exchanges_met(&own_session->exchanges, found.t1_id);
        err = report(node, &found);
    }
    return err;
}

static int answer_t2(struct lan_node *node, struct own_session *own_session,
                     struct exchange *exchange, const uint8_t *t2, int64_t now_ms)
{
    struct exchange_answer *answer = exchange_answer_to(exchange, t2);
    uint8_t t3[REUNION_T3_BYTES];
    int err = reunion_session_receive_t2(own_session->session, exchange->t1_id, t2, t3);
    if (err)
        return err;
    bool asked_before = answer != NULL;
    if (!answer)
        answer = exchange_add_answer(exchange, t2, t3);
    node_send_t3(node, exchange, answer);
    if (!asked_before)
        exchange_sent_t3(&own_session->exchanges, answer, now_ms, node->settings.random);
    return reveal(node, own_session);
}

/* Returns: 0, -ENOMEM; `known` is set where there was anybody to answer. */
static int answer_all(struct lan_node *node, struct own_session *own_session,
                      const struct lan_source *source, const uint8_t *t2, int64_t now_ms,
                      bool *known)
{
    if (!own_session->session)
        return 0;
    int err = 0;
    exchanges_heard_t2(&own_session->exchanges, source);
    struct exchange *each = exchanges_of(&own_session->exchanges, source, NULL);
    for (; each && !err; each = exchanges_of(&own_session->exchanges, source, each)) {
        *known = true;
        err = answer_t2(node, own_session, each, t2, now_ms);
    }
    return err;
}

int node_take_t2(struct lan_node *node, int64_t now_ms, const struct lan_source *source,
                 const uint8_t *t2)
{
    bool known = false;
    int err = answer_all(node, node->past, source, t2, now_ms, &known);
    if (!err)
        err = answer_all(node, node->present, source, t2, now_ms, &known);
    if (err || known)
        return err;
    early_t2s_add(&node->early_t2s, source, t2);
    if (node->present->session && !pending_peers_has(&node->pending_peers, source) &&
        token_bucket_take(&node->asking, &asking_rate, now_ms))
        node_send_t1(node, node->present, LAN_T1, source);
    return 0;
}

static int take_t3(struct lan_node *node, struct own_session *own_session,
                   const struct lan_source *source, const uint8_t *t3)
{
    if (!own_session->session)
        return 0;
    int err = 0;
    struct exchange *each = exchanges_of(&own_session->exchanges, source, NULL);
    for (; each && !err; each = exchanges_of(&own_session->exchanges, source, each)) {
        err = reunion_session_receive_t3(own_session->session, each->t1_id, t3);
        INVARIANT(err != -ENOENT); /* an exchange is about a T1 that the session took */
    }
    exchanges_heard_t3(&own_session->exchanges, source);
    return err ? err : reveal(node, own_session);
}

static int receive_t3(struct lan_node *node, const struct lan_source *source, const uint8_t *t3)
{
    int err = take_t3(node, node->past, source, t3);
    return err ? err : take_t3(node, node->present, source, t3);
}

static bool is_ours(const struct own_session *own_session, const uint8_t *t1_id)
{
    return own_session->session &&
           memcmp(reunion_session_t1_id(own_session->session), t1_id, REUNION_T1_ID_BYTES) == 0;
}

/* Somebody whom we have answered already tells their T1 again: they lack something of ours. */
static void answer_again(struct lan_node *node, struct exchange *exchange, enum lan_kind kind,
                         int64_t now_ms)
{
    if (kind != LAN_T1 || (exchange->heard_t2 && exchange->heard_t3) ||
        now_ms - exchange->sent_ms < REPEAT_GAP_MS)
        return;
    exchange->has_ours = false;
    node_send_t2(node, node->present, exchange, now_ms);
}

static int receive_t1(struct lan_node *node, int64_t now_ms, const struct lan_source *source,
                      const struct lan_datagram *datagram)
{
    struct pending_peer pending_peer = {.source = *source,
                                        .is_reply = datagram->kind == LAN_T1_REPLY,
                                        .t1_bytes = datagram->body_bytes};
    uint8_t t1[LAN_T1_BYTES_MAX];
    memcpy(t1, datagram->body, datagram->body_bytes);
    pending_peer.t1 = t1;
    reunion_t1_id(pending_peer.id, t1, datagram->body_bytes);
    if (is_ours(node->present, pending_peer.id) || is_ours(node->past, pending_peer.id))
        return 0;
    struct exchange *known = exchanges_find(&node->present->exchanges, source, pending_peer.id);
    if (known) {
        answer_again(node, known, datagram->kind, now_ms);
        return 0;
    }
    if (node->present->worked >= node->settings.t1s_max || node->closing)
        return 0;
    bool replies = node->present->session && !pending_peer.is_reply;
    pending_peer.has_ours = pending_peer.is_reply ||
                            (replies && token_bucket_take(&node->replying, &replying_rate, now_ms));
    int err = pending_peers_add(&node->pending_peers, &pending_peer);
    if (!err && pending_peer.has_ours && replies)
        node_send_t1(node, node->present, LAN_T1_REPLY, source);
    return err == -EEXIST ? 0 : err;
}

int lan_node_receive(struct lan_node *node, int64_t now_ms, const struct lan_source *source,
                     const uint8_t *bytes, size_t length)
{
    struct lan_datagram datagram;
    if (lan_datagram_read(&datagram, bytes, length))
        return 0;
    switch (datagram.kind) {
    case LAN_T1:
    case LAN_T1_REPLY:
        return receive_t1(node, now_ms, source, &datagram);
    case LAN_T2:
        return node_take_t2(node, now_ms, source, datagram.body);
    case LAN_T3:
        return receive_t3(node, source, datagram.body);
    }
    return 0;
}
