/* A server's part of a box handshake, and the four X25519 in it alone, turn about. Tells how many
 * nanoseconds of processor time each takes.
 *
 *   box_bound */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/handshake.h"
#include "lib/stopwatch.h"

enum { ROUNDS = 32, TIMES = 64, AGREEMENTS = 3 };

static struct box_identity own;
static uint8_t hello[BOX_HELLO_BYTES], vouch[BOX_VOUCH_BYTES];

static void must(int err)
{
    if (err)
        abort();
}

/* The server draws the same each time, so the Vouch that was made once is right each time. */
static void draw(void *state, uint8_t *bytes, size_t count)
{
    (void)state;
    memset(bytes, 7, count);
}
static const struct random_source same = {draw, NULL};

static void handshake(void)
{
    struct box_server server;
    struct box_stream stream;
    uint8_t cookie[BOX_COOKIE_BYTES], client_public[BOX_KEY_BYTES];
    must(box_server_start(&server, cookie, &own, hello, sizeof hello, &same));
    must(box_server_finish(&server, &stream, client_public, vouch, sizeof vouch, NULL));
}

/* One makes a key pair, the others agree with somebody else's key. */
static void four_x25519(void)
{
    uint8_t out[crypto_scalarmult_BYTES];
    must(crypto_scalarmult_base(out, own.secret));
    for (int i = 0; i < AGREEMENTS; i++)
        must(crypto_scalarmult(out, own.secret, hello));
}

static void prepare(void)
{
    struct box_client client;
    struct box_server server;
    struct box_stream stream;
    uint8_t cookie[BOX_COOKIE_BYTES];
    box_pair(own.public_key, own.secret, &random_system);
    must(box_client_start(&client, hello, own.public_key, NULL, &random_system));
    must(box_server_start(&server, cookie, &own, hello, sizeof hello, &same));
    must(box_client_finish(&client, &stream, vouch, cookie, sizeof cookie, &random_system));
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    prepare();
    double ours = stopwatch_ns(handshake, ROUNDS, TIMES);
    printf("%.0f %.0f\n", ours, stopwatch_ns(four_x25519, ROUNDS, TIMES));
    return 0;
}
