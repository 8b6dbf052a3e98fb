/* Working through the T1s that wait. */
#include <stdlib.h>

#include "lan/inside.h"

enum {
    AT_ONCE_MAX = 32,
    /* A T1 that answers one of ours may be about the session before, if that is not longer over. */
    LATE_MS = 10 * 1000,
};

static int canceled(void *state)
{
    return stop_asked(state);
}

/* Give a meeting T1s, and let `t1s` have what came of each. */
static int take_t1s(struct lan_node *node, struct own_session *own_session, struct reunion_t1 *t1s,
                    size_t count)
{
    /* The library hands the state back as it got it; a stop source is never written through it. */
    struct stop_source stop = *node->settings.stop;
    struct reunion_work how = {
        .threads = node->settings.threads, .canceled = canceled, .state = &stop};
    int err = reunion_session_receive_t1s(own_session->session, t1s, count, &how);
    for (size_t i = 0; i < count && !err; i++)
        if (t1s[i].status == -ECANCELED || t1s[i].status == -ENOMEM)
            err = t1s[i].status;
    return err;
}

/* Answer a T1 that was worked through, and the T2s that came before it was. */
static int begin(struct lan_node *node, struct own_session *own_session,
                 const struct pending_peer *pending_peer, const struct reunion_t1 *t1,
                 int64_t now_ms)
{
    struct exchange *exchange;
    if (t1->status || exchanges_find(&own_session->exchanges, &pending_peer->source, t1->id))
        return 0; /* no T1, or one that waited twice */
    int err =
        exchanges_add(&own_session->exchanges, &pending_peer->source, t1->id, t1->t2, &exchange);
    if (err)
        return err;
    exchange->has_ours = pending_peer->has_ours;
    node_send_t2(node, own_session, exchange, now_ms);
    return 0;
}

static int work_for(struct lan_node *node, struct own_session *own_session,
                    struct pending_peer *const *news, size_t count, int64_t now_ms)
{
    struct reunion_t1 t1s[AT_ONCE_MAX];
    for (size_t i = 0; i < count; i++)
        t1s[i] = (struct reunion_t1){.bytes = news[i]->t1, .length = news[i]->t1_bytes};
    int err = take_t1s(node, own_session, t1s, count);
    own_session->worked += count;
    for (size_t i = 0; i < count && !err; i++)
        err = begin(node, own_session, news[i], &t1s[i], now_ms);
    return err;
}

/* Those among them that may be about the session before. */
static int work_for_past(struct lan_node *node, struct pending_peer *const *news, size_t count,
                         int64_t now_ms)
{
    struct pending_peer *late[AT_ONCE_MAX];
    size_t late_count = 0;
    if (!node->past->session || now_ms - node->present->began_ms > LATE_MS ||
        node->past->worked + count > node->settings.t1s_max)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (news[i]->is_reply)
            late[late_count++] = news[i];
    return late_count > 0 ? work_for(node, node->past, late, late_count, now_ms) : 0;
}

/* The T2s of somebody that came before their T1 was worked through; it may have been none, and
 * then they are dropped. */
static int answer_early_t2s(struct lan_node *node, const struct lan_source *source, int64_t now_ms)
{
    uint8_t t2[REUNION_T2_BYTES];
    bool known = exchanges_of(&node->present->exchanges, source, NULL) != NULL;
    int err = 0;
    while (!err && early_t2s_take(&node->early_t2s, source, t2))
        if (known)
            err = node_take_t2(node, now_ms, source, t2);
    return err;
}

/* How many are worked through in one turn: as many as take hardly longer than one. */
static size_t room_for_work(const struct lan_node *node)
{
    size_t room = node->settings.threads * reunion_t1s_at_once();
    size_t left = node->settings.t1s_max - node->present->worked;
    if (room > AT_ONCE_MAX)
        room = AT_ONCE_MAX;
    return room < left ? room : left;
}

int64_t node_work_ready_ms(const struct lan_node *node)
{
    bool crowded = node->present->worked >= node->settings.t1s_max;
    return crowded || node->closing ? INT64_MAX : pending_peers_ready_ms(&node->pending_peers);
}

int node_work(struct lan_node *node, int64_t now_ms)
{
    struct pending_peer *news[AT_ONCE_MAX];
    size_t room = node->closing ? 0 : room_for_work(node), count = 0;
    while (count < room && (news[count] = pending_peers_take(&node->pending_peers, now_ms)))
        count++;
    int err = count > 0 ? work_for(node, node->present, news, count, now_ms) : 0;
    if (!err && count > 0)
        err = work_for_past(node, news, count, now_ms);
    for (size_t i = 0; i < count; i++) {
        if (!err)
            err = answer_early_t2s(node, &news[i]->source, now_ms);
        pending_peer_free(news[i]);
    }
    return err;
}
