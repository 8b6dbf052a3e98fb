#include "rendezvous/packet_serving.h"

#include <string.h>

#include "api/metrics.h"
#include "base/log.h"

/* Counting */

static enum route_class class_of(enum op op)
{
    switch (op) {
    case OP_DESCRIBE:
        return ROUTE_ABOUT;
    case OP_POST_T1:
    case OP_POST_T2S:
    case OP_POST_T3S:
    case OP_POST_LINK:
    case OP_OPEN_MAILBOX:
    case OP_REMOVE_COPIES:
    case OP_DELIVER:
    case OP_CLOSE_MAILBOX:
        return ROUTE_POST;
    case OP_FEED:
    case OP_READ_MAILBOX:
        return ROUTE_FEED;
    case OP_FETCH_T1:
    case OP_LIST_BUCKETS:
    case OP_FIND_BUCKET:
    case OP_READ_T1S:
    case OP_READ_LINKS:
    case OP_READ_STAMPS:
    case OP_LIST_PLACE_BUCKETS:
        return ROUTE_READ;
    default:
        return ROUTE_NONE;
    }
}

/* The status that HTTP has for the same. */
static unsigned http_status_of(enum op_status status)
{
    static const unsigned statuses[] = {
        [OP_SUCCESS] = 200, [OP_MALFORMED] = 400, [OP_NOT_FOUND] = 404,
        [OP_GONE] = 410,    [OP_FORBIDDEN] = 403, [OP_FULL] = 409,
        [OP_NOT_NOW] = 503, [OP_UNKNOWN] = 404,   [OP_STAMP_WANTED] = 429,
    };
    INVARIANT((size_t)status < sizeof statuses / sizeof statuses[0]);
    return statuses[status];
}

static void count_answer(void *context, enum op op, enum op_status status, enum packet_limit limit)
{
    static const enum problem problems[] = {
        [PACKET_LIMIT_RATE] = PROBLEM_TOO_MANY_REQUESTS,
        [PACKET_LIMIT_WAITING] = PROBLEM_TOO_MANY_WAITING,
        [PACKET_LIMIT_POSTS] = PROBLEM_TOO_MANY_BODIES,
    };
    if (limit == PACKET_LIMIT_NONE) {
        metrics_request(context, class_of(op), http_status_of(status));
        return;
    }
    metrics_request(context, class_of(op), problem_texts[problems[limit]].status);
    metrics_refusal(context, problems[limit]);
}

static void count_drop(void *context, enum packet_drop drop)
{
    static const enum lost_packet losses[] = {
        [PACKET_DROP_SIZE] = LOST_SIZE, [PACKET_DROP_UNREADABLE] = LOST_UNREADABLE,
        [PACKET_DROP_RATE] = LOST_RATE, [PACKET_DROP_OP] = LOST_OP,
        [PACKET_DROP_ROOM] = LOST_ROOM, [PACKET_DROP_UNSENT] = LOST_UNSENT,
    };
    metrics_lost_packet(context, losses[drop]);
}

/* Listening */

static int add(void *listener, const char *text, char address[static ADDRESS_BYTES])
{
    return packet_listener_add(listener, text, address);
}

static int adopt(void *listener, int socket, char address[static ADDRESS_BYTES])
{
    return packet_listener_adopt(listener, socket, address);
}

bool packet_serving_is_wanted(const struct config *config, const struct handed_sockets *handed)
{
    return config->box_packets.count > 0 || listening_count(handed, HANDED_PACKETS) > 0;
}

/* By the settings this is refused earlier; what is handed over is known only now. */
static enum app_exit refuse_list(void)
{
    log_line(LOG_ERROR, "packets and a list of box clients do not go together",
             "reason=\"a packet does not say whose it is\" "
             "advice=\"hand no UDP socket over, or start without --box-clients\"");
    return APP_EXIT_SETTINGS;
}

/* New sessions have the rate that requests have: each has one at least. */
static struct packet_calls_settings settings_of(struct packet_serving *serving,
                                                const struct config *config)
{
    return (struct packet_calls_settings){
        .ops = &serving->ops,
        .sessions = {.per_minute = 60 * (uint32_t)config->rate_max,
                     .burst = (uint32_t)config->rate_burst,
                     .wide_factor = RATES_WIDE_FACTOR,
                     .clients_max = (uint32_t)config->rate_clients_max},
        .client_waits_max = (uint32_t)config->client_waiters_max,
        .waits_max = config->waiters_max,
        .counter = {count_answer, count_drop, serving->metrics},
    };
}

static void describe(struct packet_serving *serving, const struct api *api,
                     const struct config *config)
{
    serving->metrics = api->metrics;
    serving->ops = (struct ops){
        .service = api->service,
        .open_window_s = (uint32_t)config->open_window_s,
        .lifetime_s = (uint32_t)config->lifetime_s,
        .wait_s_max = (uint16_t)config->wait_s_max,
        .records_per_post_max = (uint32_t)config->records_per_post_max,
    };
    memcpy(serving->ops.salt, config->salt, SALT_BYTES);
}

enum app_exit packet_serving_start(struct packet_serving *serving,
                                   const struct box_identity *identity, const struct api *api,
                                   const struct config *config, const struct handed_sockets *handed,
                                   const struct clock_source *clock,
                                   const struct random_source *random)
{
    if (config->box_clients.text[0])
        return refuse_list();
    describe(serving, api, config);
    struct packet_calls_settings settings = settings_of(serving, config);
    settings.identity = identity;
    settings.rates = &serving->rates;
    settings.clock = clock;
    settings.random = random;
    const struct rates_rules rules = listening_rates(config);
    int err = rates_init(&serving->rates, &rules, random);
    serving->has_rates = true;
    if (!err)
        err = packet_listener_new(&serving->listener, &settings);
    if (err)
        return listening_failed(err);
    const struct listening_part part = {.serving = "box-packets",
                                        .use = HANDED_PACKETS,
                                        .key = identity->public_key,
                                        .add = add,
                                        .adopt = adopt,
                                        .listener = serving->listener};
    enum app_exit result = listening_on_handed(&part, handed);
    if (result == APP_EXIT_STOPPED)
        result = listening_on_each(&part, &config->box_packets);
    if (result != APP_EXIT_STOPPED)
        return result;
    err = packet_listener_start(serving->listener);
    return err ? listening_failed(err) : APP_EXIT_STOPPED;
}

/* Stopping */

int packet_serving_look(struct packet_serving *serving, int64_t timeout_ms)
{
    return serving->listener ? packet_listener_look(serving->listener, timeout_ms) : 0;
}

void packet_serving_quiesce(struct packet_serving *serving)
{
    atomic_store(&serving->ops.stops, true);
    if (serving->listener)
        packet_listener_quiesce(serving->listener);
}

int packet_serving_drain(struct packet_serving *serving, int64_t timeout_ms)
{
    return serving->listener ? packet_listener_drain(serving->listener, timeout_ms) : 0;
}

void packet_serving_close(struct packet_serving *serving)
{
    packet_listener_close(serving->listener);
    if (serving->has_rates)
        rates_free(&serving->rates);
}
