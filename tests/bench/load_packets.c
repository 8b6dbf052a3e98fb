/* Load on a server that is asked for a T1 again and again in packets of the box transport.
 *
 *     load_packets HOST PORT KEY T1_ID SECONDS
 *
 * HOST is a numeric IPv4 address, KEY and T1_ID are hexadecimal digits. The requests are sealed
 * before, of SESSIONS keys; WINDOW of them are under way, from one address, as of the last mix of a
 * chain. Prints, as load.lua does: requests,
 * seconds, 0, 0, bytes of answers. Ends with 1 at the first answer that is none, of which each
 * OPENED_EACH is opened, and if none comes. */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/hex.h"
#include "box/packet.h"
#include "wire/op_answer.h"
#include "wire/op_request.h"

enum {
    SESSIONS = 16,
    REQUESTS = 512,
    WINDOW = 64,
    SEGMENTS = 32,
    OPENED_EACH = 64,
    PATIENCE_MS = 5000
};

static struct box_packet_key sessions[SESSIONS];
static struct {
    uint8_t a[BOX_PACKET_A_BYTES], datagram[BOX_PACKET_BYTES];
} requests[REQUESTS];
static uint8_t answers[WINDOW][BOX_PACKET_BYTES];

static void check(bool well, const char *what)
{
    if (well)
        return;
    fprintf(stderr, "load_packets: %s\n", what);
    exit(1);
}

static void seal_all(const uint8_t *server_key, const uint8_t *t1_id)
{
    const struct op_request request = {.op = OP_FETCH_T1, .fetch_t1 = {t1_id}};
    uint8_t q[BOX_PACKET_Q_BYTES_MAX];
    size_t bytes;
    check(!op_request_encode(q, sizeof q, &bytes, &request), "no request");
    for (size_t i = 0; i < SESSIONS; i++)
        check(!box_packet_key_make(&sessions[i], server_key, &random_system), "no such key");
    for (size_t i = 0; i < REQUESTS; i++)
        check(!box_request_seal(&sessions[i % SESSIONS], requests[i].datagram, BOX_PACKET_BYTES,
                                requests[i].a, q, bytes, &random_system),
              "cannot seal");
}

/* As few messages as may be, so that the server and not this program is what takes time. */
static void send_some(int fd, size_t first, size_t count)
{
    struct iovec pieces[WINDOW];
    for (size_t i = 0; i < count; i++)
        pieces[i] = (struct iovec){requests[(first + i) % REQUESTS].datagram, BOX_PACKET_BYTES};
    for (size_t sent = 0; sent < count;) {
        size_t some = count - sent < SEGMENTS ? count - sent : SEGMENTS;
        const struct msghdr header = {.msg_iov = &pieces[sent], .msg_iovlen = some};
        check(sendmsg(fd, &header, 0) == (ssize_t)some * BOX_PACKET_BYTES, "cannot send");
        sent += some;
    }
}

static size_t receive_some(int fd)
{
    struct mmsghdr messages[WINDOW];
    struct iovec pieces[WINDOW];
    for (size_t i = 0; i < WINDOW; i++) {
        pieces[i] = (struct iovec){answers[i], BOX_PACKET_BYTES};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &pieces[i], .msg_iovlen = 1}};
    }
    check(poll(&(struct pollfd){fd, POLLIN, 0}, 1, PATIENCE_MS) == 1, "no answer comes");
    int count = recvmmsg(fd, messages, WINDOW, MSG_DONTWAIT, NULL);
    check(count > 0, "cannot receive");
    for (int i = 0; i < count; i++)
        check(messages[i].msg_len == BOX_PACKET_BYTES, "an answer of another size");
    return (size_t)count;
}

static void open_answer(const uint8_t *datagram)
{
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
    size_t bytes, i = 0;
    while (i < REQUESTS && memcmp(requests[i].a, datagram, BOX_PACKET_A_BYTES) != 0)
        i++;
    check(i < REQUESTS, "an answer to nothing");
    check(!box_answer_open(&sessions[i % SESSIONS], p, &bytes, requests[i].a, BOX_PACKET_BYTES,
                           datagram, BOX_PACKET_BYTES) &&
              p[0] == OP_SUCCESS,
          "an answer that is none");
}

static void load(int fd, int64_t seconds)
{
    int64_t begin_ms = clock_monotonic_ms(&clock_system), now_ms = begin_ms;
    size_t sent = WINDOW, answered = 0;
    send_some(fd, 0, WINDOW);
    while (now_ms < begin_ms + seconds * 1000) {
        size_t count = receive_some(fd);
        for (size_t i = 0; i < count; i++)
            if ((answered + i) % OPENED_EACH == 0)
                open_answer(answers[i]);
        answered += count;
        send_some(fd, sent % REQUESTS, count);
        sent += count;
        now_ms = clock_monotonic_ms(&clock_system);
    }
    printf("%zu %.3f 0 0 %zu\n", answered, (double)(now_ms - begin_ms) / 1000,
           answered * BOX_PACKET_BYTES);
}

int main(int argc, char **argv)
{
    uint8_t key[BOX_KEY_BYTES], t1_id[ID_BYTES];
    struct sockaddr_in server = {.sin_family = AF_INET};
    check(argc == 6 && inet_pton(AF_INET, argv[1], &server.sin_addr) == 1 &&
              !hex_decode(key, sizeof key, argv[3]) && !hex_decode(t1_id, sizeof t1_id, argv[4]),
          "usage: load_packets HOST PORT KEY T1_ID SECONDS");
    server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    const int segment = BOX_PACKET_BYTES;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    check(fd >= 0 && !connect(fd, (const struct sockaddr *)&server, sizeof server) &&
              !setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment),
          "no socket");
    seal_all(key, t1_id);
    load(fd, strtol(argv[5], NULL, 10));
    return 0;
}
