/* No branch and no address of the box transport depends on its secrets: run under valgrind's
 * memcheck, which reports every use of undefined bytes as a condition or an address.
 *
 * Poisoned (made undefined): the lasting and the fresh secret keys of both sides, Ctag, Stag,
 * contents of frames, q and p, and with them everything derived. Declassified:
 *   - whether a key has small order (in crypto/box.c);
 *   - whether what must be repeated is, whether a client is admitted, how long contents are, and
 *     whether a frame's zeros are zeros: they decide whether it goes on (in common/box);
 *   - Hello, Cookie, Vouch, frames and datagrams: they are sent (here), EC in them as well.
 * Left out by ct_box.supp: libsodium's branch on whether a tag is right, which decides the same.
 * `ct_box leak` branches on a poisoned byte: valgrind must report that, or it reports nothing.
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "base/random.h"
#include "base/secret.h"
#include "box/handshake.h"
#include "box/packet.h"

static void poison(void *secret, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(secret, bytes);
}

static void reveal(void *sent, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(sent, bytes);
}

/* Every random value is a secret until it is sent. */
static void fill_poisoned(void *state, uint8_t *out, size_t bytes)
{
    (void)state;
    random_fill(&random_system, out, bytes);
    poison(out, bytes);
}

static const struct random_source poisoned = {fill_poisoned, NULL};

static void make_identity(struct box_identity *identity)
{
    box_pair(identity->public_key, identity->secret, &poisoned);
    reveal(identity->public_key, sizeof identity->public_key);
}

static void pass_frame(struct box_stream *from, struct box_stream *to, size_t bytes)
{
    static uint8_t frame[BOX_FRAME_BYTES_MAX], secret[BOX_FRAME_CONTENT_BYTES_MAX];
    const uint8_t *content;
    size_t content_bytes;
    poison(secret, sizeof secret);
    int err = box_frame_seal(from, frame, secret, bytes);
    INVARIANT(!err);
    reveal(frame, box_frame_bytes(bytes));
    err = box_frame_open(to, &content, &content_bytes, frame, box_frame_bytes(bytes));
    INVARIANT(!err && content_bytes == bytes);
}

static void check_stream(void)
{
    struct box_identity server, client;
    struct box_client client_state;
    struct box_server server_state;
    struct box_stream client_stream, server_stream;
    uint8_t hello[BOX_HELLO_BYTES], cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES];
    uint8_t named[BOX_KEY_BYTES];
    make_identity(&server);
    make_identity(&client);
    int err = box_client_start(&client_state, hello, server.public_key, &client, &poisoned);
    INVARIANT(!err);
    reveal(hello, sizeof hello);
    err = box_server_start(&server_state, cookie, &server, hello, sizeof hello, &poisoned);
    INVARIANT(!err);
    reveal(cookie, sizeof cookie);
    err = box_client_finish(&client_state, &client_stream, vouch, cookie, sizeof cookie, &poisoned);
    INVARIANT(!err);
    reveal(vouch, sizeof vouch);
    const struct box_clients admitted = {client.public_key, 1};
    err = box_server_finish(&server_state, &server_stream, named, vouch, sizeof vouch, &admitted);
    INVARIANT(!err);
    for (size_t bytes = 0; bytes < 3; bytes++)
        pass_frame(&client_stream, &server_stream, 600 - 300 * bytes);
    pass_frame(&server_stream, &client_stream, BOX_FRAME_CONTENT_BYTES_MAX);
}

static void check_packets(size_t size)
{
    struct box_identity server;
    struct box_packet_key clients, servers;
    uint8_t datagram[BOX_PACKET_BYTES], secret[100], opened[BOX_PACKET_P_BYTES_MAX];
    uint8_t a[BOX_PACKET_A_BYTES];
    size_t bytes;
    poison(secret, sizeof secret);
    make_identity(&server);
    int err = box_packet_key_make(&clients, server.public_key, &poisoned);
    INVARIANT(!err);
    err = box_request_seal(&clients, datagram, size, a, secret, sizeof secret, &poisoned);
    INVARIANT(!err);
    reveal(datagram, size);
    reveal(a, sizeof a);
    err = box_packet_key_of(&servers, server.secret, box_request_session(datagram, size));
    INVARIANT(!err);
    err = box_request_open(&servers, opened, &bytes, a, datagram, size);
    INVARIANT(!err && bytes == sizeof secret);
    err = box_answer_seal(&servers, datagram, size, a, secret, sizeof secret, &poisoned);
    INVARIANT(!err);
    reveal(datagram, size);
    err = box_answer_open(&clients, opened, &bytes, a, size, datagram, size);
    INVARIANT(!err && bytes == sizeof secret);
}

int main(int argc, char **argv)
{
    if (!RUNNING_ON_VALGRIND) {
        fprintf(stderr, "ct_box: runs under valgrind only\n");
        return 2;
    }
    if (secret_init())
        return 2;
    if (argc == 2 && strcmp(argv[1], "leak") == 0) {
        uint8_t secret = 1;
        poison(&secret, sizeof secret);
        return *(volatile uint8_t *)&secret ? 0 : 3;
    }
    check_stream();
    check_packets(BOX_PACKET_BYTES);
    check_packets(BOX_PACKET_SHORT_BYTES);
    return 0;
}
