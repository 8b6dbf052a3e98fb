#include "lan/local.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LOOK_MS = 10 * 1000,  /* should the system not tell of a change */
    LOOK_AGAIN_MS = 1000, /* while an interface cannot be used */
    BURST = 64,           /* datagrams of one socket before others have their turn */
};

struct local {
    struct local_settings settings;
    struct lan_node *node;
    struct lan_endpoint endpoints[INTERFACES_MAX];
    size_t endpoint_count;
    struct interface useless[INTERFACES_MAX]; /* that were reported */
    size_t useless_count;
    int watch;
    int64_t look_ms; /* when to look at interfaces again */
    bool away;
    struct lan_counts reported;
};

static void report(const struct local *local, const struct local_event *event)
{
    local->settings.event(local->settings.state, event);
}

static void report_kind(const struct local *local, enum local_event_kind kind)
{
    report(local, &(struct local_event){.kind = kind});
}

/* Whether an endpoint that failed so has to be looked at: it may have vanished. */
static bool is_gone(int err)
{
    return err == -ENETDOWN || err == -ENODEV || err == -EADDRNOTAVAIL || err == -ENETUNREACH;
}

static void send_node(void *state, const struct lan_source *to, const uint8_t *bytes, size_t length)
{
    struct local *local = state;
    for (size_t i = 0; i < local->endpoint_count; i++) {
        const struct lan_endpoint *endpoint = &local->endpoints[i];
        int err = 0;
        if (!to)
            err = lan_endpoint_send_all(endpoint, bytes, length);
        else if (lan_endpoint_has(endpoint, to))
            err = lan_endpoint_send(endpoint, to, bytes, length);
        if (is_gone(err))
            local->look_ms = 0;
    }
}

static void reveal(void *state, const struct lan_message *message)
{
    const struct local *local = state;
    report(local, &(struct local_event){.kind = LOCAL_MESSAGE, .message = message});
}

int local_open(struct local **local, const struct local_settings *settings)
{
    struct local *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->settings = *settings;
    opened->settings.node.send = send_node;
    opened->settings.node.reveal = reveal;
    opened->settings.node.state = opened;
    opened->watch = interfaces_watch();
    int err = lan_node_open(&opened->node, &opened->settings.node);
    if (err)
        local_free(opened);
    else
        *local = opened;
    return err;
}

struct lan_node *local_node(struct local *local)
{
    return local->node;
}

void local_free(struct local *local)
{
    if (!local)
        return;
    for (size_t i = 0; i < local->endpoint_count; i++)
        lan_endpoint_close(&local->endpoints[i]);
    if (local->watch >= 0)
        close(local->watch);
    lan_node_free(local->node);
    free(local);
}

static size_t find(const struct interface *among, size_t count, const struct interface *interface)
{
    size_t i = 0;
    while (i < count && !interface_same(&among[i], interface))
        i++;
    return i;
}

static bool has_endpoint(const struct local *local, const struct interface *interface)
{
    for (size_t i = 0; i < local->endpoint_count; i++)
        if (interface_same(&local->endpoints[i].interface, interface))
            return true;
    return false;
}

static void lose_endpoint(struct local *local, size_t which)
{
    struct interface lost = local->endpoints[which].interface;
    lan_endpoint_close(&local->endpoints[which]);
    local->endpoints[which] = local->endpoints[--local->endpoint_count];
    report(local, &(struct local_event){.kind = LOCAL_LOST, .interface = &lost});
}

/* Returns: whether it can be used. */
static bool add_endpoint(struct local *local, const struct interface *interface)
{
    int trouble;
    if (lan_endpoint_open(&local->endpoints[local->endpoint_count], interface,
                          &local->settings.groups, &trouble) == 0) {
        local->endpoint_count++;
        lan_node_announce(local->node);
        report(local, &(struct local_event){.kind = LOCAL_USABLE, .interface = interface});
        return true;
    }
    if (local->useless_count < INTERFACES_MAX &&
        find(local->useless, local->useless_count, interface) == local->useless_count) {
        local->useless[local->useless_count++] = *interface;
        report(local, &(struct local_event){
                          .kind = LOCAL_LOST, .interface = interface, .trouble = trouble});
    }
    return false;
}

static void report_whether_away(struct local *local)
{
    bool away = local->endpoint_count == 0;
    if (away != local->away)
        report_kind(local, away ? LOCAL_AWAY : LOCAL_BACK);
    local->away = away;
}

/* Use the interfaces that are there now. Returns: 0, -EIO. */
static int look(struct local *local, int64_t now_ms)
{
    struct interface found[INTERFACES_MAX];
    size_t count;
    bool all_good = true;
    int err = interfaces_list(&local->settings.wish, found, &count);
    if (err)
        return err;
    for (size_t i = local->endpoint_count; i-- > 0;)
        if (find(found, count, &local->endpoints[i].interface) == count)
            lose_endpoint(local, i);
    for (size_t i = 0; i < count && local->endpoint_count < INTERFACES_MAX; i++)
        if (!has_endpoint(local, &found[i]) && !add_endpoint(local, &found[i]))
            all_good = false;
    local->look_ms = now_ms + (all_good ? LOOK_MS : LOOK_AGAIN_MS);
    report_whether_away(local);
    return 0;
}

/* Hand over what has come on one socket, but not without end. Returns: 0, -ENOMEM. */
static int receive(struct local *local, const struct lan_endpoint *endpoint, int socket,
                   int64_t now_ms)
{
    for (size_t i = 0; i < BURST; i++) {
        uint8_t bytes[LAN_DATAGRAM_BYTES_MAX + 1];
        struct lan_source source;
        ssize_t length = lan_endpoint_receive(endpoint, socket, bytes, sizeof bytes, &source);
        if (length < 0) {
            if (length == -EIO)
                local->look_ms = 0;
            return 0;
        }
        int err = lan_node_receive(local->node, now_ms, &source, bytes, (size_t)length);
        if (err)
            return err;
    }
    return 0;
}

static int wait_span(int64_t until_ms, int64_t now_ms)
{
    if (until_ms <= now_ms)
        return 0;
    return until_ms - now_ms < INT_MAX ? (int)(until_ms - now_ms) : INT_MAX;
}

/* Wait for whatever comes first, and take what came. Returns: 0, -ENOMEM, -EIO. */
static int wait_and_receive(struct local *local)
{
    enum { STOP, WATCH, FIRST_ENDPOINT };
    struct pollfd fds[FIRST_ENDPOINT + 2 * INTERFACES_MAX];
    const struct clock_source *clock = local->settings.clock;
    fds[STOP] = (struct pollfd){.fd = local->settings.node.stop->fd, .events = POLLIN};
    fds[WATCH] = (struct pollfd){.fd = local->watch, .events = POLLIN};
    for (size_t i = 0; i < local->endpoint_count; i++) {
        fds[FIRST_ENDPOINT + 2 * i] =
            (struct pollfd){.fd = local->endpoints[i].own, .events = POLLIN};
        fds[FIRST_ENDPOINT + 2 * i + 1] =
            (struct pollfd){.fd = local->endpoints[i].group, .events = POLLIN};
    }
    int64_t until_ms = lan_node_wake_ms(local->node);
    if (local->look_ms < until_ms)
        until_ms = local->look_ms;
    int span_ms = wait_span(until_ms, clock_monotonic_ms(clock));
    if (poll(fds, FIRST_ENDPOINT + 2 * local->endpoint_count, span_ms) < 0)
        return errno == EINTR ? 0 : -EIO;
    if (fds[WATCH].revents) {
        interfaces_drain(local->watch);
        local->look_ms = 0;
    }
    int64_t now_ms = clock_monotonic_ms(clock);
    int err = 0;
    for (size_t i = 0; i < 2 * local->endpoint_count && !err; i++)
        if (fds[FIRST_ENDPOINT + i].revents)
            err = receive(local, &local->endpoints[i / 2], fds[FIRST_ENDPOINT + i].fd, now_ms);
    return err;
}

/* What has changed since the last report. */
static void report_changes(struct local *local)
{
    struct lan_counts now, reported = local->reported;
    lan_node_counts(local->node, &now);
    local->reported = now;
    if (now.sessions != reported.sessions)
        report_kind(local, LOCAL_SESSION);
    if (reported.sessions == 0)
        report_kind(local, LOCAL_WAITING);
    if (now.crowded && (!reported.crowded || now.sessions != reported.sessions))
        report_kind(local, LOCAL_CROWDED);
    if (now.others != reported.others || now.met != reported.met || now.queued != reported.queued ||
        now.answered != reported.answered || now.owed != reported.owed)
        report(local, &(struct local_event){.kind = LOCAL_PROGRESS, .counts = now});
}

int local_run(struct local *local)
{
    const struct clock_source *clock = local->settings.clock;
    int err = 0;
    while (!err) {
        int64_t now_ms = clock_monotonic_ms(clock);
        if (local->look_ms <= now_ms)
            err = look(local, now_ms);
        if (!err)
            err = lan_node_turn(local->node, now_ms);
        if (!err)
            report_changes(local);
        if (!err)
            err = wait_and_receive(local);
    }
    return err;
}
