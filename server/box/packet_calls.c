#include "box/packet_calls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/secret.h"
#include "daemon/forwarded.h"

enum { SPARE_MAX = 64, RETRY_S = 1 };

_Static_assert((int)OPS_Q_BYTES_MAX == BOX_PACKET_Q_BYTES_MAX &&
                   (int)OPS_P_BYTES_MAX == BOX_PACKET_P_BYTES_MAX,
               "what a packet carries is what a request has");

/* Opening and closing */

int packet_calls_init(struct packet_calls *calls, const struct packet_calls_settings *settings,
                      int wake)
{
    *calls = (struct packet_calls){.settings = *settings, .wake = wake};
    buffered_random_init(&calls->drawn, settings->random);
    STAILQ_INIT(&calls->spare);
    STAILQ_INIT(&calls->resumed);
    pthread_mutex_init(&calls->mutex, NULL);
    int err = key_cache_init(&calls->keys, PACKET_KEYS_MAX, settings->random);
    if (!err)
        err = limiter_init(&calls->sessions, &settings->sessions, settings->random);
    if (!err)
        err = client_counts_init(&calls->client_waits, settings->client_waits_max,
                                 settings->waits_max, settings->random);
    if (!err)
        err = client_counts_init(&calls->client_posts, PACKET_POSTS_MAX / PACKET_POSTS_PART,
                                 PACKET_POSTS_MAX, settings->random);
    return err;
}

void packet_calls_free(struct packet_calls *calls)
{
    struct packet_call *call;
    INVARIANT(packet_calls_under_way(calls) == 0);
    while ((call = STAILQ_FIRST(&calls->spare))) {
        STAILQ_REMOVE_HEAD(&calls->spare, others);
        free(call);
    }
    key_cache_free(&calls->keys);
    limiter_free(&calls->sessions);
    client_counts_free(&calls->client_waits);
    client_counts_free(&calls->client_posts);
    pthread_mutex_destroy(&calls->mutex);
}

size_t packet_calls_under_way(const struct packet_calls *calls)
{
    return calls->waiting + calls->posting;
}

void packet_calls_sweep(struct packet_calls *calls)
{
    int64_t now_ms = clock_monotonic_ms(calls->settings.clock);
    limiter_sweep(&calls->sessions, now_ms);
    rates_sweep(calls->settings.rates, now_ms);
}

/* Calls */

static void drop(struct packet_calls *calls, enum packet_drop why)
{
    calls->settings.counter.dropped(calls->settings.counter.context, why);
}

static struct packet_call *call_new(struct packet_calls *calls)
{
    struct packet_call *call = STAILQ_FIRST(&calls->spare);
    if (!call)
        return malloc(sizeof *call);
    STAILQ_REMOVE_HEAD(&calls->spare, others);
    calls->spare_count--;
    return call;
}

/* A request has a write key, perhaps. */
static void call_free(struct packet_calls *calls, struct packet_call *call)
{
    secret_wipe(call->ops.q, call->ops.q_bytes);
    if (calls->spare_count == SPARE_MAX) {
        free(call);
        return;
    }
    STAILQ_INSERT_HEAD(&calls->spare, call, others);
    calls->spare_count++;
}

static void resume(struct ops_call *ops)
{
    struct packet_call *call = (struct packet_call *)(void *)ops;
    struct packet_calls *calls = call->calls;
    pthread_mutex_lock(&calls->mutex);
    bool first = STAILQ_EMPTY(&calls->resumed);
    STAILQ_INSERT_TAIL(&calls->resumed, call, others);
    /* Under the mutex: when the last one has been taken the descriptor may go. */
    if (first)
        INVARIANT(eventfd_write(calls->wake, 1) == 0);
    pthread_mutex_unlock(&calls->mutex);
}

_Static_assert(offsetof(struct packet_call, ops) == 0, "a call is where its ops call is");

/* The client at a path, if its requests are limited: this machine's are not. */
static void find_client(struct packet_call *call)
{
    static const struct forwarded_lines none;
    static const struct proxies nobody;
    struct peer_address peer = peer_address_of(&nobody, &call->path.peer.any);
    call->has_client = client_of(&nobody, &peer, &none, &none, &call->client);
    call->ops.client =
        call->has_client ? rates_client_hash(call->calls->settings.rates, &call->client) : 0;
}

static const struct client_address *client_of_call(const struct packet_call *call)
{
    return call->has_client ? &call->client : NULL;
}

/* Opening a request */

static int open_with(struct packet_call *call, const struct box_packet_key *key,
                     const struct datagram *datagram)
{
    return box_request_open(key, call->ops.q, &call->ops.q_bytes, call->a, datagram->data,
                            datagram->bytes)
               ? -EBADMSG
               : 0;
}

/* The first request of a session. Returns: as open_request. */
static int open_first(struct packet_calls *calls, struct packet_call *call,
                      const struct datagram *datagram, const uint8_t *session)
{
    uint32_t retry_s;
    if (call->has_client && limiter_take(&calls->sessions, &call->client, 1,
                                         clock_monotonic_ms(calls->settings.clock), &retry_s))
        return -EAGAIN;
    int err = key_cache_make(&calls->keys, calls->settings.identity->secret, session, &call->key);
    if (err)
        return err;
    err = open_with(call, call->key->key, datagram);
    if (err)
        key_cache_discard(&calls->keys, call->key);
    else
        key_cache_add(&calls->keys, call->key);
    return err;
}

/* Returns: 0 (the call holds its key), -EBADMSG, -EAGAIN (too many sessions of its address),
 * -ENOMEM. */
static int open_request(struct packet_calls *calls, struct packet_call *call,
                        const struct datagram *datagram, const uint8_t *session)
{
    call->ops.q_bytes = 0;
    call->key = key_cache_find(&calls->keys, session);
    if (!call->key)
        return open_first(calls, call, datagram, session);
    int err = open_with(call, call->key->key, datagram);
    if (err)
        key_cache_release(&calls->keys, call->key);
    return err;
}

static enum packet_drop drop_for(int err)
{
    return err == -EAGAIN   ? PACKET_DROP_RATE
           : err == -ENOMEM ? PACKET_DROP_ROOM
                            : PACKET_DROP_UNREADABLE;
}

/* Answering */

void packet_calls_send(struct packet_calls *calls)
{
    if (calls->answers.count == 0)
        return;
    for (size_t lost = datagrams_send(&calls->answers); lost > 0; lost--)
        drop(calls, PACKET_DROP_UNSENT);
}

static void send_answer(struct packet_calls *calls, const struct packet_call *call)
{
    const struct packet_counter *counter = &calls->settings.counter;
    struct datagram *datagram = &calls->answers.items[calls->answers.count++];
    struct random_source random = buffered_random_source(&calls->drawn);
    datagram->path = call->path;
    datagram->bytes = call->datagram_bytes;
    int err = box_answer_seal(call->key->key, datagram->data, datagram->bytes, call->a,
                              calls->answer.p, calls->answer.bytes, &random);
    INVARIANT(!err);
    counter->answered(counter->context, call->ops.request.op, calls->answer.status, call->limit);
    if (calls->answers.count == DATAGRAMS_BATCH)
        packet_calls_send(calls);
}

/* Waiting */

static struct client_counts *counts_of(struct packet_calls *calls, const struct packet_call *call)
{
    return ops_waits_long(&call->ops) ? &calls->client_waits : &calls->client_posts;
}

static size_t *waiting_of(struct packet_calls *calls, const struct packet_call *call)
{
    return ops_waits_long(&call->ops) ? &calls->waiting : &calls->posting;
}

/* The newest request of a session for a feed replaces the one that waits for it: that one is
 * answered with nothing new, as its answer may be all that its sender still waits for. A request
 * that does not wait replaces none, as it may be one that somebody else has recorded. */
static void replace_older(struct packet_call *call)
{
    struct packet_call *older;
    TAILQ_FOREACH(older, &call->key->feeds, feeds)
    if (ops_wait_for_the_same(&older->ops, &call->ops))
        ops_end_wait(&older->ops);
}

/* Returns: 0 (it is among those that wait), -ENOSPC, -EDQUOT. */
static int begin_waiting(struct packet_calls *calls, struct packet_call *call)
{
    bool is_long = ops_waits_long(&call->ops);
    size_t *waiting = waiting_of(calls, call);
    if (is_long)
        replace_older(call);
    call->is_stamped = ops_has_stamp(&call->ops);
    if (*waiting >= (is_long ? calls->settings.waits_max : PACKET_POSTS_MAX) ||
        (call->is_stamped && calls->stamped >= PACKET_STAMPS_MAX))
        return -ENOSPC;
    if (call->has_client && client_counts_take(counts_of(calls, call), &call->client, 1))
        return -EDQUOT;
    ++*waiting;
    calls->stamped += call->is_stamped;
    call->waits = true;
    if (is_long)
        TAILQ_INSERT_TAIL(&call->key->feeds, call, feeds);
    return 0;
}

static void end_waiting(struct packet_calls *calls, struct packet_call *call)
{
    if (!call->waits)
        return;
    --*waiting_of(calls, call);
    calls->stamped -= call->is_stamped;
    if (call->has_client)
        client_counts_give(counts_of(calls, call), &call->client, 1);
    if (ops_waits_long(&call->ops))
        TAILQ_REMOVE(&call->key->feeds, call, feeds);
}

/* Requests */

/* Answer, and be done with a call; or have it wait. */
static void go_on(struct packet_calls *calls, struct packet_call *call, enum ops_next next)
{
    if (next == OPS_WAIT && !call->waits && begin_waiting(calls, call)) {
        call->limit = ops_waits_long(&call->ops) ? PACKET_LIMIT_WAITING : PACKET_LIMIT_POSTS;
        ops_refuse(&call->ops, RETRY_S, &calls->answer);
        next = OPS_ANSWER;
    }
    if (next == OPS_WAIT) {
        ops_begin(&call->ops);
        return;
    }
    if (next == OPS_ANSWER)
        send_answer(calls, call);
    else
        drop(calls, PACKET_DROP_OP);
    end_waiting(calls, call);
    key_cache_release(&calls->keys, call->key);
    call_free(calls, call);
}

static enum rate_kind rate_kind_of(enum ops_rate rate)
{
    static const enum rate_kind kinds[] = {
        [OPS_RATE_OTHER] = RATE_OTHER,       [OPS_RATE_T1] = RATE_T1,
        [OPS_RATE_LINK] = RATE_LINK,         [OPS_RATE_MAILBOX] = RATE_MAILBOX,
        [OPS_RATE_DELIVERY] = RATE_DELIVERY,
    };
    return kinds[rate];
}

static void handle(struct packet_calls *calls, struct packet_call *call)
{
    enum ops_rate rate = OPS_RATE_OTHER;
    uint32_t retry_s = RETRY_S;
    enum ops_next next = ops_take(&call->ops, &rate, &calls->answer);
    if (next != OPS_DROP &&
        rates_take(calls->settings.rates, rate_kind_of(rate), 1, client_of_call(call),
                   clock_monotonic_ms(calls->settings.clock), &retry_s)) {
        call->limit = PACKET_LIMIT_RATE;
        ops_refuse(&call->ops, retry_s, &calls->answer);
        next = OPS_ANSWER;
    } else if (next == OPS_HANDLE) {
        next = ops_handle(&call->ops, &calls->answer);
    }
    go_on(calls, call, next);
}

void packet_calls_take(struct packet_calls *calls, const struct datagram *datagram)
{
    const uint8_t *session = box_request_session(datagram->data, datagram->bytes);
    if (!session) {
        drop(calls, PACKET_DROP_SIZE);
        return;
    }
    struct packet_call *call = call_new(calls);
    if (!call) {
        drop(calls, PACKET_DROP_ROOM);
        return;
    }
    call->calls = calls;
    call->path = datagram->path;
    call->datagram_bytes = datagram->bytes;
    call->waits = false;
    call->limit = PACKET_LIMIT_NONE;
    call->ops.ops = calls->settings.ops;
    call->ops.p_bytes_max = box_answer_p_bytes_max(datagram->bytes);
    call->ops.resume = resume;
    find_client(call);
    int err = open_request(calls, call, datagram, session);
    if (err) {
        drop(calls, drop_for(err));
        call_free(calls, call);
        return;
    }
    handle(calls, call);
}

void packet_calls_finish(struct packet_calls *calls)
{
    struct packet_call_queue resumed = STAILQ_HEAD_INITIALIZER(resumed);
    struct packet_call *call;
    pthread_mutex_lock(&calls->mutex);
    STAILQ_CONCAT(&resumed, &calls->resumed);
    pthread_mutex_unlock(&calls->mutex);
    while ((call = STAILQ_FIRST(&resumed))) {
        STAILQ_REMOVE_HEAD(&resumed, others);
        go_on(calls, call, ops_finish(&call->ops, &calls->answer));
    }
}
