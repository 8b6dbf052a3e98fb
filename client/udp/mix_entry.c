#include "udp/mix_entry.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "wire/op.h"

enum {
    DELIVERY_BYTES = 1 + MIX_ALPHA_BYTES + MIX_PAYLOAD_BYTES, /* status, alpha, payload */
    BURST = 32, /* datagrams that are none, passed over in one go */
};

void mix_entry_init(struct mix_entry *entry, const struct net_node *node)
{
    *entry = (struct mix_entry){.node = node, .socket = -1};
}

void mix_entry_close(struct mix_entry *entry)
{
    if (entry->socket >= 0)
        close(entry->socket);
    secret_free(entry->sessions);
    mix_entry_init(entry, entry->node);
}

static socklen_t address_of(struct sockaddr_storage *storage, const struct mix_endpoint *at)
{
    static const uint8_t v4[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (memcmp(at->address, v4, sizeof v4) == 0) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(at->port)};
        memcpy(&address.sin_addr, at->address + sizeof v4, sizeof address.sin_addr);
        memcpy(storage, &address, sizeof address);
        return sizeof address;
    }
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(at->port)};
    memcpy(&address.sin6_addr, at->address, sizeof address.sin6_addr);
    memcpy(storage, &address, sizeof address);
    return sizeof address;
}

static int open_socket(struct mix_entry *entry)
{
    struct sockaddr_storage address;
    socklen_t bytes = address_of(&address, &entry->node->at);
    if (entry->socket >= 0)
        return 0;
    int made = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return -EHOSTUNREACH;
    if (connect(made, (const struct sockaddr *)&address, bytes) == 0) {
        entry->socket = made;
        return 0;
    }
    int reason = errno;
    close(made);
    errno = reason;
    return -EHOSTUNREACH;
}

static int make_session(struct mix_entry *entry, uint32_t window,
                        const struct random_source *random)
{
    if (!entry->sessions)
        entry->sessions = secret_alloc(MIX_ENTRY_SESSIONS * sizeof *entry->sessions);
    if (!entry->sessions)
        return -ENOMEM;
    if (entry->session_count > 0 && entry->window == window)
        return 0;
    entry->sessions[1] = entry->sessions[0];
    int err = box_packet_key_make(&entry->sessions[0], entry->node->key, random);
    INVARIANT(!err); /* the net file was looked at */
    if (entry->session_count < MIX_ENTRY_SESSIONS)
        entry->session_count++;
    entry->window = window;
    return 0;
}

int mix_entry_ready(struct mix_entry *entry, uint32_t window, const struct random_source *random)
{
    int err = make_session(entry, window, random);
    return err ? err : open_socket(entry);
}

void mix_entry_handle(uint8_t handle[static MIX_HANDLE_BYTES], const struct mix_entry *entry)
{
    mix_handle(handle, entry->sessions[0].client_session);
}

/* What a full queue of this machine drops is lost as on the way. */
static bool is_passing(int reason)
{
    return reason == EAGAIN || reason == ENOBUFS || reason == EINTR;
}

int mix_entry_send(struct mix_entry *entry, const uint8_t packet[static MIX_PACKET_BYTES],
                   int64_t now_ms, const struct random_source *random)
{
    uint8_t q[1 + MIX_PACKET_BYTES] = {OP_MIX}, datagram[BOX_PACKET_BYTES];
    uint8_t a[BOX_PACKET_A_BYTES];
    memcpy(q + 1, packet, MIX_PACKET_BYTES);
    int err =
        box_request_seal(&entry->sessions[0], datagram, sizeof datagram, a, q, sizeof q, random);
    INVARIANT(!err);
    entry->sent_ms = now_ms;
    /* The first call may report what became of an earlier datagram. */
    for (int tries = 0; tries < 2; tries++)
        if (send(entry->socket, datagram, sizeof datagram, MSG_NOSIGNAL) >= 0 || is_passing(errno))
            return 0;
    return -EHOSTUNREACH;
}

/* Whether it is a delivery. Each comes under the a of some packet that was sent; which one does not
 * matter, since the SURB that it is for is used once. */
static bool open_delivery(const struct mix_entry *entry, struct mix_delivery *delivery,
                          const uint8_t *datagram, size_t datagram_bytes)
{
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
    size_t p_bytes = 0;
    const uint8_t *a = box_answer_a(datagram, datagram_bytes);
    if (!a || datagram_bytes != BOX_PACKET_BYTES)
        return false;
    int err = -EBADMSG;
    for (size_t i = 0; i < entry->session_count && err; i++)
        err = box_answer_open(&entry->sessions[i], p, &p_bytes, a, BOX_PACKET_BYTES, datagram,
                              datagram_bytes);
    if (err || p_bytes != DELIVERY_BYTES || p[0] != OP_SUCCESS)
        return false;
    memcpy(delivery->alpha, p + 1, sizeof delivery->alpha);
    memcpy(delivery->payload, p + 1 + MIX_ALPHA_BYTES, sizeof delivery->payload);
    return true;
}

int mix_entry_receive(struct mix_entry *entry, struct mix_delivery *delivery)
{
    if (entry->socket < 0)
        return -EAGAIN;
    for (int i = 0; i < BURST; i++) {
        uint8_t datagram[BOX_PACKET_BYTES + 1];
        ssize_t bytes = recv(entry->socket, datagram, sizeof datagram, 0);
        if (bytes < 0)
            return is_passing(errno) ? -EAGAIN : -EHOSTUNREACH;
        if (open_delivery(entry, delivery, datagram, (size_t)bytes))
            return 0;
    }
    return -EAGAIN;
}
