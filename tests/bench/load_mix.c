/* Load on a mix that forwards packets to this program.
 *
 *     load_mix HOST PORT KEY OWN_PORT OWN_KEY PACKETS
 *
 * HOST is a numeric IPv4 address, the keys are hexadecimal digits; the mix has to know a mix with
 * OWN_KEY at 127.0.0.1:OWN_PORT. The packets are made before, in SESSIONS sessions; WINDOW of them
 * are under way. Prints, as load.lua does: packets, seconds, 0, 0, bytes that came. Ends with 1 if
 * one is lost. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/hex.h"
#include "box/packet.h"
#include "mix/packet.h"
#include "wire/op.h"

enum { SESSIONS = 16, WINDOW = 64, AT_ONCE = 32, PATIENCE_MS = 5000 };

static struct box_packet_key sessions[SESSIONS];
static uint8_t (*datagrams)[BOX_PACKET_BYTES];

static void check(bool well, const char *what)
{
    if (well)
        return;
    fprintf(stderr, "load_mix: %s\n", what);
    exit(1);
}

static void make_all(const uint8_t *mix_key, const uint8_t *own_key, uint16_t own_port,
                     size_t packets)
{
    const uint8_t own_address[MIX_ADDRESS_BYTES] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
    uint32_t window = mix_window_of(clock_wall_s(&clock_system));
    struct mix_hop hops[2] = {{.command = {.kind = MIX_FORWARD, .port = own_port}},
                              {.command = {.kind = MIX_DROP}}};
    hops[0].command.window = hops[1].command.window = window;
    memcpy(hops[0].command.address, own_address, sizeof own_address);
    memcpy(hops[0].public_key, mix_key, MIX_KEY_BYTES);
    memcpy(hops[1].public_key, own_key, MIX_KEY_BYTES);
    for (size_t i = 0; i < SESSIONS; i++)
        check(!box_packet_key_make(&sessions[i], mix_key, &random_system), "no such key");
    datagrams = calloc(packets, sizeof *datagrams);
    check(datagrams, "no memory");
    for (size_t i = 0; i < packets; i++) {
        uint8_t q[1 + MIX_PACKET_BYTES] = {OP_MIX}, a[BOX_PACKET_A_BYTES];
        check(!mix_packet_make(q + 1, hops, 2, NULL, 0, &random_system), "cannot make a packet");
        check(!box_request_seal(&sessions[i % SESSIONS], datagrams[i], BOX_PACKET_BYTES, a, q,
                                sizeof q, &random_system),
              "cannot seal");
    }
}

static void send_some(int fd, size_t first, size_t count)
{
    struct mmsghdr messages[WINDOW];
    struct iovec pieces[WINDOW];
    for (size_t i = 0; i < count; i++) {
        pieces[i] = (struct iovec){datagrams[first + i], BOX_PACKET_BYTES};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &pieces[i], .msg_iovlen = 1}};
    }
    check(sendmmsg(fd, messages, (unsigned)count, 0) == (int)count, "cannot send");
}

static size_t receive_some(int fd)
{
    static uint8_t received[AT_ONCE][BOX_PACKET_BYTES];
    struct mmsghdr messages[AT_ONCE];
    struct iovec pieces[AT_ONCE];
    for (size_t i = 0; i < AT_ONCE; i++) {
        pieces[i] = (struct iovec){received[i], BOX_PACKET_BYTES};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &pieces[i], .msg_iovlen = 1}};
    }
    check(poll(&(struct pollfd){fd, POLLIN, 0}, 1, PATIENCE_MS) == 1, "a packet is lost");
    int count = recvmmsg(fd, messages, AT_ONCE, MSG_DONTWAIT, NULL);
    check(count > 0, "cannot receive");
    for (int i = 0; i < count; i++)
        check(messages[i].msg_len == BOX_PACKET_BYTES, "a datagram of another size");
    return (size_t)count;
}

static void load(int fd, size_t packets)
{
    int64_t begin_ms = clock_monotonic_ms(&clock_system);
    size_t sent = packets < WINDOW ? packets : WINDOW, came = 0;
    send_some(fd, 0, sent);
    while (came < packets) {
        size_t count = receive_some(fd);
        came += count;
        size_t more = count < packets - sent ? count : packets - sent;
        if (more > 0)
            send_some(fd, sent, more);
        sent += more;
    }
    printf("%zu %.3f 0 0 %zu\n", came,
           (double)(clock_monotonic_ms(&clock_system) - begin_ms) / 1000, came * BOX_PACKET_BYTES);
}

int main(int argc, char **argv)
{
    uint8_t mix_key[MIX_KEY_BYTES], own_key[MIX_KEY_BYTES];
    struct sockaddr_in mix = {.sin_family = AF_INET}, own = {.sin_family = AF_INET};
    check(argc == 7 && inet_pton(AF_INET, argv[1], &mix.sin_addr) == 1 &&
              !hex_decode(mix_key, sizeof mix_key, argv[3]) &&
              !hex_decode(own_key, sizeof own_key, argv[5]),
          "usage: load_mix HOST PORT KEY OWN_PORT OWN_KEY PACKETS");
    uint16_t own_port = (uint16_t)strtoul(argv[4], NULL, 10);
    size_t packets = strtoul(argv[6], NULL, 10);
    mix.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    own.sin_port = htons(own_port);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    make_all(mix_key, own_key, own_port, packets);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    check(fd >= 0 && !bind(fd, (const struct sockaddr *)&own, sizeof own) &&
              !connect(fd, (const struct sockaddr *)&mix, sizeof mix),
          "no socket");
    load(fd, packets);
    free(datagrams);
    return 0;
}
