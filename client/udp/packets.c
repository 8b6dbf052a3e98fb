#include "udp/packets.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "box/packet.h"
#include "udp/path.h"

enum {
    TEXT_BYTES = 256,
    POLL_MS = 1000, /* for a stop without a descriptor */
    A_MAX = PACKETS_SENDS + LOOKUP_ADDRESSES_MAX,
    BURST = 32, /* datagrams taken before a stop and the time are looked at */
};

/* One purpose's key and sockets; without addresses they have yet to be made. */
struct line {
    struct udp_path path;
    struct box_packet_key *key; /* guarded, in `keys` */
};

struct packets {
    struct packets_settings settings;
    struct mix_line *mixes; /* NULL: requests go to the server itself */
    struct mix_line *feed;  /* likewise: what is asked ahead */
    struct {
        uint8_t q[MIX_LINE_Q_BYTES_MAX];         /* asked ahead, … */
        uint8_t q_at_once[MIX_LINE_Q_BYTES_MAX]; /* … and the same without a wait */
        size_t q_bytes;
        int64_t wait_ms;
        int sent; /* 0: nothing is on its way */
    } ahead;
    struct box_packet_key *keys; /* guarded, PACKETS_PURPOSES */
    struct line lines[PACKETS_PURPOSES];
    uint8_t a[A_MAX][BOX_PACKET_A_BYTES]; /* of the current request, each time it was sent */
    size_t a_count;
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
    char text[TEXT_BYTES]; /* empty: no trouble */
    const char *advice;
    bool certain, silent;
    int64_t retry_after_ms;
};

int packets_open(struct packets **packets, const struct packets_settings *settings)
{
    struct packets *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->settings = *settings;
    opened->keys = secret_alloc(PACKETS_PURPOSES * sizeof *opened->keys);
    if (!opened->keys) {
        free(opened);
        return -ENOMEM;
    }
    for (size_t i = 0; i < PACKETS_PURPOSES; i++)
        opened->lines[i].key = &opened->keys[i];
    const uint8_t *key = settings->address.key;
    int err = settings->mixes ? mix_line_open(&opened->mixes, settings->mixes, key) : 0;
    if (!err && settings->mixes)
        err = mix_line_open(&opened->feed, settings->mixes, key);
    if (err)
        packets_free(opened);
    else
        *packets = opened;
    return err;
}

static void close_line(struct line *line)
{
    udp_path_close(&line->path);
    line->path.addresses.count = 0;
    secret_wipe(line->key, sizeof *line->key);
}

void packets_renew(struct packets *packets)
{
    for (size_t i = 0; i < PACKETS_PURPOSES; i++)
        close_line(&packets->lines[i]);
}

void packets_free(struct packets *packets)
{
    if (!packets)
        return;
    packets_renew(packets);
    mix_line_free(packets->mixes);
    mix_line_free(packets->feed);
    secret_free(packets->keys);
    free(packets);
}

size_t packets_q_bytes_max(const struct packets *packets)
{
    return packets->mixes ? MIX_LINE_Q_BYTES_MAX : BOX_PACKET_Q_BYTES_MAX;
}

size_t packets_p_bytes_max(const struct packets *packets)
{
    return packets->mixes ? MIX_LINE_P_BYTES_MAX : BOX_PACKET_P_BYTES_MAX;
}

uint8_t packets_wait_s_max(const struct packets *packets)
{
    if (!packets->mixes)
        return PACKETS_WAIT_S_MAX;
    /* With cover there is a time for each request, whether something is new or not. */
    return mix_chain_covers(packets->settings.mixes) ? 0 : MIX_WAIT_S_MAX;
}

/* What went wrong */

static void explain(struct packets *packets, const char *advice, const char *why, int reason)
{
    snprintf(packets->text, sizeof packets->text, "%s%s%s", why, reason ? ": " : "",
             reason ? strerror(reason) : "");
    packets->advice = advice;
}

static int explain_unreachable(struct packets *packets, int reason)
{
    if (reason == ECONNREFUSED)
        explain(packets, "Is the server running, and does it take packets at that port?",
                "nobody listens there", reason);
    else if (reason == EPERM || reason == EACCES)
        explain(packets, "Is there a firewall?", "this machine does not allow it", reason);
    else if (reason == ENETUNREACH || reason == EHOSTUNREACH)
        explain(packets, "Is this machine online, and is the address right?",
                "there is no route to it", reason);
    else
        explain(packets, "Is this machine online, and is the address right?",
                "no packet can be sent there", reason);
    return -EHOSTUNREACH;
}

/* A server never answers who does not know its key, so silence is all that can be seen. */
static int explain_silence(struct packets *packets)
{
    packets->silent = true;
    explain(packets,
            "Are host, port and key of the address those that the server's operator hands out? "
            "With another key a server never answers. Its UDP port may not be forwarded, or a "
            "firewall may drop packets; the server's box:// address may work all the same.",
            "no answer: the key may be wrong, or packets are lost on the way", 0);
    return -EHOSTUNREACH;
}

static int explain_lookup(struct packets *packets, int err)
{
    if (err == -ENOENT)
        explain(packets, "Is the name spelt right, and is this machine online?",
                "there is no such name, or no name service knows it", 0);
    else if (err == -ETIMEDOUT)
        explain(packets, "Is this machine online?", "the name service does not answer", 0);
    else if (err == -EIO)
        explain(packets, NULL, "this machine has no thread for looking up the name", 0);
    else
        return err;
    return -EHOSTUNREACH;
}

int packets_nonsense(struct packets *packets, const char *text)
{
    explain(packets, NULL, text, 0);
    return -EPROTO;
}

/* Whether a server has a reason to answer an op with a status. */
static bool is_possible(enum op op, enum op_status status)
{
    bool pays = op == OP_POST_T1 || op == OP_POST_LINK;
    bool posts = pays || op == OP_POST_T2S || op == OP_POST_T3S;
    switch (status) {
    case OP_STAMP_WANTED:
        return pays;
    case OP_FULL:
        return posts || op == OP_OPEN_MAILBOX;
    case OP_FORBIDDEN:
        return posts;
    case OP_NOT_FOUND:
    case OP_GONE:
        return op != OP_DESCRIBE;
    default:
        return true;
    }
}

/* Returns: what a status means, see packets_ask. */
static int note_status(struct packets *packets, enum op op, const struct op_answer *answer)
{
    static const struct {
        int err;
        const char *text;
    } meanings[] = {
        [OP_SUCCESS] = {0, ""},
        [OP_MALFORMED] = {-EINVAL, "the request was refused as wrong"},
        [OP_NOT_FOUND] = {-ENOENT, "no such thing there"},
        [OP_GONE] = {-EKEYEXPIRED, "past its lifetime"},
        [OP_FORBIDDEN] = {-EACCES, "not allowed"},
        [OP_FULL] = {-ENOSPC, "no room there"},
        [OP_NOT_NOW] = {-EAGAIN, "asked to come later"},
        [OP_UNKNOWN] = {-EPROTO, "the server does not know this request; it may be older"},
        [OP_STAMP_WANTED] = {-EDQUOT, "the server asks for work first"},
    };
    if (!is_possible(op, answer->status))
        return packets_nonsense(packets, "the answer makes no sense");
    if (answer->status == OP_NOT_NOW)
        packets->retry_after_ms = (int64_t)answer->retry_after_s * 1000;
    explain(packets, NULL, meanings[answer->status].text, 0);
    return meanings[answer->status].err;
}

/* Sending and waiting */

/* Look up the server and make a key, unless that was done before. */
static int ready_line(struct packets *packets, struct line *line)
{
    const struct box_address *address = &packets->settings.address;
    struct host_addresses addresses;
    if (line->path.addresses.count > 0)
        return 0;
    int err = lookup_host(&addresses, address->host, address->port, packets->settings.stop);
    if (err)
        return explain_lookup(packets, err);
    if (box_packet_key_make(line->key, address->key, packets->settings.random)) {
        packets->certain = true;
        explain(packets, "Ask the server's operator for the right address.",
                "nobody can have the key of the address", 0);
        return -EHOSTUNREACH;
    }
    udp_path_open(&line->path, &addresses);
    return 0;
}

static int send_once(struct packets *packets, struct line *line, const struct op_request *request)
{
    uint8_t q[BOX_PACKET_Q_BYTES_MAX], datagram[BOX_PACKET_BYTES];
    size_t bytes;
    INVARIANT(packets->a_count < A_MAX);
    int err = op_request_encode(q, sizeof q, &bytes, request);
    INVARIANT(!err); /* callers know what fits */
    err = box_request_seal(line->key, datagram, sizeof datagram, packets->a[packets->a_count++], q,
                           bytes, packets->settings.random);
    INVARIANT(!err);
    secret_wipe(q, sizeof q); /* a write key may be in it */
    err = udp_path_send(&line->path, datagram, sizeof datagram);
    return err ? explain_unreachable(packets, line->path.reason) : 0;
}

/* Returns: 0 (it answers what was asked last), -EBADMSG (it is to be ignored). */
static int open_datagram(struct packets *packets, const struct line *line, const uint8_t *datagram,
                         size_t datagram_bytes, size_t *p_bytes)
{
    for (size_t i = 0; i < packets->a_count; i++)
        if (box_answer_open(line->key, packets->p, p_bytes, packets->a[i], BOX_PACKET_BYTES,
                            datagram, datagram_bytes) == 0)
            return 0;
    return -EBADMSG;
}

/* Take what has come, but no more than a burst.
 * Returns: 0 and how many bytes `p` has; -EAGAIN (no answer yet); -ENOTCONN. */
static int take_burst(struct packets *packets, struct line *line, size_t *p_bytes)
{
    for (int i = 0; i < BURST; i++) {
        uint8_t datagram[BOX_PACKET_BYTES];
        size_t bytes, from;
        int err = udp_path_receive(&line->path, datagram, sizeof datagram, &bytes, &from);
        if (err)
            return err;
        if (open_datagram(packets, line, datagram, bytes, p_bytes) == 0) {
            udp_path_choose(&line->path, from);
            return 0;
        }
    }
    return -EAGAIN;
}

/* Returns: 0 (something may have come, or not), -EIO. */
static int wait_for_any(const struct line *line, const struct stop_source *stop, int64_t ms)
{
    struct pollfd waits[LOOKUP_ADDRESSES_MAX + 1];
    size_t count = udp_path_waits(&line->path, waits);
    waits[count++] = (struct pollfd){.fd = stop->fd, .events = POLLIN};
    int ready = poll(waits, (nfds_t)count, (int)(ms < POLL_MS ? ms : POLL_MS));
    return ready < 0 && errno != EINTR ? -EIO : 0;
}

/* Returns: 0 and how many bytes `p` has; -ETIMEDOUT, -ENOTCONN, -ECANCELED, -ENOMEM. */
static int await_answer(struct packets *packets, struct line *line, int64_t ms, size_t *p_bytes)
{
    int64_t until_ms = clock_monotonic_ms(&clock_system) + ms;
    for (;;) {
        int err = take_burst(packets, line, p_bytes);
        if (err != -EAGAIN)
            return err;
        int64_t left_ms = until_ms - clock_monotonic_ms(&clock_system);
        if (left_ms <= 0)
            return -ETIMEDOUT;
        if (wait_for_any(line, packets->settings.stop, left_ms))
            return -ENOMEM;
        if (stop_asked(packets->settings.stop))
            return -ECANCELED;
    }
}

/* Send a request until it is answered. Returns: 0 and how many bytes `p` has; as packets_ask. */
static int exchange(struct packets *packets, struct line *line, const struct op_request *request,
                    size_t *p_bytes)
{
    struct op_request again = *request;
    int64_t pause_ms = packets->settings.repeat_ms;
    packets->a_count = 0;
    for (int sent = 0; sent < PACKETS_SENDS;) {
        int64_t wait_ms = pause_ms;
        if (again.op == OP_FEED)
            wait_ms += (int64_t)again.feed.wait_s * 1000;
        int err = send_once(packets, line, &again);
        if (!err)
            err = await_answer(packets, line, wait_ms, p_bytes);
        if (err == -ENOTCONN)
            continue; /* to the next address, at once */
        if (err != -ETIMEDOUT)
            return err;
        sent++;
        pause_ms *= 2;
        if (again.op == OP_FEED)
            again.feed.wait_s = 0; /* whether the server is there is to be known soon */
    }
    return explain_silence(packets);
}

/* Through mixes */

/* `reason`: the system's, where nothing can be sent to a mix; or 0. */
static int explain_mixes(struct packets *packets, int reason)
{
    char failed[TEXT_BYTES / 2], why[TEXT_BYTES];
    packets->silent = !reason;
    mix_chain_failed(packets->settings.mixes, failed, sizeof failed);
    snprintf(why, sizeof why, "%s%s%s",
             reason ? "nothing can be sent to the mixes" : "no answer through the mixes",
             failed[0] ? "; failed: " : "", failed);
    explain(packets,
            "Is this machine online, is its clock right, and is the net file the one that the "
            "operators of the mixes hand out now? A mix or the server may be down, too.",
            why, reason);
    return -EHOSTUNREACH;
}

static int send_through(struct packets *packets, const struct op_request *request)
{
    uint8_t q[MIX_LINE_Q_BYTES_MAX];
    size_t bytes;
    int err = op_request_encode(q, sizeof q, &bytes, request);
    INVARIANT(!err); /* callers know what fits */
    err = mix_line_send(packets->mixes, q, bytes, request->op != OP_FEED || !request->feed.wait_s);
    int reason = errno;
    secret_wipe(q, sizeof q); /* a write key may be in it */
    return err == -EHOSTUNREACH ? explain_mixes(packets, reason) : err;
}

/* As `exchange`. */
static int exchange_through(struct packets *packets, const struct op_request *request,
                            size_t *p_bytes)
{
    struct op_request again = *request;
    mix_line_begin(packets->mixes);
    for (int sent = 0; sent < MIX_SENDS; sent++) {
        int64_t more_ms = again.op == OP_FEED ? (int64_t)again.feed.wait_s * 1000 : 0;
        int err = send_through(packets, &again);
        if (!err)
            err = mix_line_await(packets->mixes, more_ms, INT64_MAX, packets->settings.stop,
                                 packets->p, p_bytes);
        if (err != -ETIMEDOUT)
            return err;
        if (again.op == OP_FEED)
            again.feed.wait_s = 0; /* as above */
    }
    return explain_mixes(packets, 0);
}

static void forget_trouble(struct packets *packets)
{
    packets->text[0] = '\0';
    packets->advice = NULL;
    packets->certain = packets->silent = false;
    packets->retry_after_ms = 0;
}

const struct net_node *packets_mixed_server(const struct packets *packets)
{
    return packets->mixes ? mix_line_server(packets->mixes) : NULL;
}

int packets_divide(struct packets *packets, const uint8_t content[static MIX_DIVIDE_BYTES])
{
    INVARIANT(packets->mixes);
    forget_trouble(packets);
    int err = mix_line_divide(packets->mixes, content, packets->settings.stop);
    if (err == -EHOSTUNREACH)
        return explain_mixes(packets, errno);
    if (err == -ENOTSUP) {
        packets->certain = true;
        explain(packets, "Take a net file with at least two mixes, and a route of two.",
                "a message needs two mixes: the last one must not see who sends it", 0);
    }
    return err;
}

/* Directly */

static int ask_directly(struct packets *packets, enum packets_purpose purpose,
                        const struct op_request *request, size_t *p_bytes)
{
    struct line *line = &packets->lines[purpose];
    if (purpose == PACKETS_APART)
        close_line(line);
    int err = ready_line(packets, line);
    if (!err)
        err = exchange(packets, line, request, p_bytes);
    if (purpose == PACKETS_APART || err == -EHOSTUNREACH)
        close_line(line);
    return err;
}

/* Returns: 0 and the answer, or what it means; see packets_ask. */
static int read_answer(struct packets *packets, enum op op, size_t bytes, struct op_answer *answer)
{
    struct op_answer read;
    if (op_answer_decode(&read, op, packets->p, bytes))
        return packets_nonsense(packets, "the answer makes no sense");
    int err = note_status(packets, op, &read);
    if (!err || err == -EDQUOT)
        *answer = read;
    return err;
}

int packets_ask(struct packets *packets, enum packets_purpose purpose,
                const struct op_request *request, struct op_answer *answer)
{
    size_t bytes = 0;
    forget_trouble(packets);
    int err = packets->mixes ? exchange_through(packets, request, &bytes)
                             : ask_directly(packets, purpose, request, &bytes);
    return err ? err : read_answer(packets, request->op, bytes, answer);
}

/* Feeds that are asked ahead */

bool packets_feeds_ahead(const struct packets *packets)
{
    return packets->feed && !mix_chain_covers(packets->settings.mixes);
}

static int send_ahead(struct packets *packets)
{
    bool at_once = packets->ahead.sent > 0; /* whether the server is there is to be known soon */
    const uint8_t *q = at_once ? packets->ahead.q_at_once : packets->ahead.q;
    int err = mix_line_send(packets->feed, q, packets->ahead.q_bytes, at_once);
    packets->ahead.sent = err ? 0 : packets->ahead.sent + 1;
    return err == -EHOSTUNREACH ? explain_mixes(packets, errno) : err;
}

int packets_feed_ahead(struct packets *packets, const struct op_request *request)
{
    struct op_request at_once = *request;
    INVARIANT(packets->feed && request->op == OP_FEED);
    at_once.feed.wait_s = 0;
    forget_trouble(packets);
    mix_line_begin(packets->feed);
    packets->ahead.sent = 0;
    packets->ahead.wait_ms = (int64_t)request->feed.wait_s * 1000;
    int err = op_request_encode(packets->ahead.q, sizeof packets->ahead.q, &packets->ahead.q_bytes,
                                request);
    INVARIANT(!err); /* callers know what fits */
    err = op_request_encode(packets->ahead.q_at_once, sizeof packets->ahead.q_at_once,
                            &packets->ahead.q_bytes, &at_once);
    INVARIANT(!err);
    return send_ahead(packets);
}

int packets_feed(struct packets *packets, int64_t wait_ms, struct op_answer *answer)
{
    int64_t until_ms = clock_monotonic_ms(&clock_system) + wait_ms;
    size_t bytes = 0;
    forget_trouble(packets);
    while (packets->ahead.sent > 0) {
        int64_t more_ms = packets->ahead.sent == 1 ? packets->ahead.wait_ms : 0;
        int64_t left_ms = until_ms - clock_monotonic_ms(&clock_system);
        int err = mix_line_await(packets->feed, more_ms, left_ms > 0 ? left_ms : 0,
                                 packets->settings.stop, packets->p, &bytes);
        if (err == -EAGAIN)
            return -ETIMEDOUT;
        if (err == -ETIMEDOUT && packets->ahead.sent < MIX_SENDS) {
            err = send_ahead(packets);
            if (!err)
                continue;
            return err;
        }
        packets->ahead.sent = 0;
        if (err == -ETIMEDOUT)
            return explain_mixes(packets, 0);
        return err ? err : read_answer(packets, OP_FEED, bytes, answer);
    }
    return -ENODATA;
}

const char *packets_trouble(const struct packets *packets)
{
    return packets->text[0] ? packets->text : NULL;
}

const char *packets_advice(const struct packets *packets)
{
    return packets->advice;
}

bool packets_is_certain(const struct packets *packets)
{
    return packets->certain;
}

bool packets_is_silent(const struct packets *packets)
{
    return packets->silent;
}

int64_t packets_retry_after_ms(const struct packets *packets)
{
    return packets->retry_after_ms;
}
