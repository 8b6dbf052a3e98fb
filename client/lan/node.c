#include "lan/node.h"

#include <stdlib.h>

#include "base/secret.h"
#include "lan/inside.h"
#include "session/saved_form.h"

enum { FORMAT = 1 };

static const uint8_t magic[SAVED_MAGIC_BYTES] = {'R', 'L', 'A', 'N'};

int lan_node_open(struct lan_node **node, const struct lan_settings *settings)
{
    INVARIANT(settings->payload_bytes <= LAN_PAYLOAD_BYTES_MAX && settings->interval_ms >= 1000);
    struct lan_node *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->settings = *settings;
    opened->present = &opened->own_sessions[0];
    opened->past = &opened->own_sessions[1];
    for (size_t i = 0; i < 2; i++)
        exchanges_open(&opened->own_sessions[i].exchanges);
    pending_peers_open(&opened->pending_peers);
    *node = opened;
    return 0;
}

static void end_session(struct own_session *own_session)
{
    reunion_session_free(own_session->session);
    exchanges_close(&own_session->exchanges);
    *own_session = (struct own_session){.session = NULL};
    exchanges_open(&own_session->exchanges);
}

void lan_node_free(struct lan_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < 2; i++)
        end_session(&node->own_sessions[i]);
    pending_peers_close(&node->pending_peers);
    seen_messages_clear(&node->seen_messages);
    free(node);
}

static bool is_to_renew(const struct lan_node *node, int64_t now_ms)
{
    return !node->present->session ||
           (now_ms - node->present->began_ms >= node->settings.interval_ms && !node->closing);
}

/* Begin a session; the present one becomes the past one. */
static int renew(struct lan_node *node, int64_t now_ms)
{
    const struct reunion_setup setup = {
        .passphrase = node->settings.passphrase,
        .passphrase_bytes = node->settings.passphrase_bytes,
        .payload = node->settings.payload,
        .payload_bytes = node->settings.payload_bytes,
    };
    struct reunion_session *session;
    int err = reunion_session_open(&session, &setup);
    if (err)
        return err;
    struct own_session *ended = node->past;
    end_session(ended);
    node->past = node->present;
    node->present = ended;
    node->present->session = session;
    node->present->began_ms = now_ms;
    node->sessions++;
    lan_node_announce(node);
    return 0;
}

void lan_node_announce(struct lan_node *node)
{
    node->announced = 0;
    node->announce_ms = 0;
}

static void announce(struct lan_node *node, int64_t now_ms)
{
    node_send_t1(node, node->present, LAN_T1, NULL);
    node->announced++;
    node->announce_ms = now_ms + exchange_wait_ms(node->announced, node->settings.random);
}

/* Send again what is due of one exchange. Returns: when something will be. */
static int64_t send_due(struct lan_node *node, struct own_session *own_session,
                        struct exchange *exchange, int64_t now_ms)
{
    if (exchange->due_ms <= now_ms)
        node_send_t2(node, own_session, exchange, now_ms);
    int64_t next_ms = exchange->due_ms;
    for (size_t i = 0; i < exchange->answer_count; i++) {
        struct exchange_answer *answer = &exchange->answers[i];
        if (answer->due_ms <= now_ms) {
            node_send_t3(node, exchange, answer);
            exchange_sent_t3(&own_session->exchanges, answer, now_ms, node->settings.random);
        }
        if (answer->due_ms < next_ms)
            next_ms = answer->due_ms;
    }
    return next_ms;
}

static void send_all_due(struct lan_node *node, struct own_session *own_session, int64_t now_ms)
{
    if (own_session->exchanges.due_ms > now_ms)
        return;
    int64_t next_ms = INT64_MAX;
    struct exchange *each;
    TAILQ_FOREACH(each, &own_session->exchanges.all, newer)
    {
        int64_t due_ms = send_due(node, own_session, each, now_ms);
        if (due_ms < next_ms)
            next_ms = due_ms;
    }
    own_session->exchanges.due_ms = next_ms;
}

int lan_node_turn(struct lan_node *node, int64_t now_ms)
{
    if (stop_asked(node->settings.stop))
        return -ECANCELED;
    node->closing = now_ms >= node->settings.open_until_ms;
    if (is_to_renew(node, now_ms)) {
        int err = renew(node, now_ms);
        if (err)
            return err;
    }
    if (node->announce_ms <= now_ms)
        announce(node, now_ms);
    send_all_due(node, node->past, now_ms);
    send_all_due(node, node->present, now_ms);
    return node_work(node, now_ms);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t lan_node_wake_ms(const struct lan_node *node)
{
    if (!node->present->session)
        return 0;
    int64_t wake_ms =
        node->closing ? INT64_MAX : node->present->began_ms + node->settings.interval_ms;
    wake_ms = earlier(wake_ms, node->announce_ms);
    wake_ms = earlier(wake_ms, node->past->exchanges.due_ms);
    wake_ms = earlier(wake_ms, node->present->exchanges.due_ms);
    return earlier(wake_ms, node_work_ready_ms(node));
}

void lan_node_counts(const struct lan_node *node, struct lan_counts *counts)
{
    *counts = (struct lan_counts){
        .sessions = node->sessions,
        .others = node->present->worked + node->pending_peers.count,
        .met = node->present->worked,
        .queued = node->pending_peers.count,
        .owed = exchanges_owed(&node->present->exchanges) + exchanges_owed(&node->past->exchanges),
        .crowded = node->present->worked >= node->settings.t1s_max,
    };
    const struct exchange *each;
    TAILQ_FOREACH(each, &node->present->exchanges.all, newer)
    counts->answered += each->heard_t3;
}

static void put(const struct lan_node *node, struct writer *to)
{
    saved_form_put(to, magic, FORMAT);
    saved_payload_put(to, node->settings.payload, node->settings.payload_bytes);
    seen_messages_put(&node->seen_messages, to);
}

int lan_node_keep(const struct lan_node *node, uint8_t **kept, size_t *bytes)
{
    struct writer to = {NULL, 0};
    put(node, &to);
    uint8_t *written = secret_alloc(to.bytes);
    if (!written)
        return -ENOMEM;
    to = (struct writer){written, 0};
    put(node, &to);
    *kept = written;
    *bytes = to.bytes;
    return 0;
}

int lan_node_resume(struct lan_node *node, const uint8_t *kept, size_t bytes)
{
    struct cursor from = cursor_over(kept, bytes);
    int err = saved_form_take(&from, magic, FORMAT);
    if (!err)
        err = saved_payload_check(&from, node->settings.payload, node->settings.payload_bytes);
    if (err)
        return err;
    err = seen_messages_take(&node->seen_messages, &from);
    return err ? err : cursor_finish(&from);
}

size_t lan_node_reported(const struct lan_node *node)
{
    return node->seen_messages.shown;
}

void lan_node_report_again(const struct lan_node *node)
{
    for (size_t i = 0; i < node->seen_messages.count; i++) {
        const struct seen_messages_entry *entry = &node->seen_messages.entries[i];
        node->settings.reveal(node->settings.state,
                              &(struct lan_message){.payload = entry->message,
                                                    .payload_bytes = entry->bytes,
                                                    .number = i + 1});
    }
}
