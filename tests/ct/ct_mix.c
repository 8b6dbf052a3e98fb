/* No branch and no address of the mix chain depends on its secrets: run under valgrind's memcheck,
 * as ct_session.
 *
 * Poisoned (made undefined): a mix's secret key, and everything random of whoever makes a packet or
 * a SURB, with all that is derived from them; a SURB's keys, and the content.
 * Declassified in mix/: whether a mix's key is of small order, whether a MAC is right, the command
 * and tag that a mix reads, and whether a payload is whole and how long it is.
 * Declassified here: packets and SURBs, which are sent.
 * `ct_mix leak` branches on a poisoned byte: valgrind must report that, or it reports nothing.
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/x25519.h"
#include "mix/surb.h"

enum { HOPS = 3, WINDOW = 2833000 };

static void poison(void *secret, size_t bytes)
{
    VALGRIND_MAKE_MEM_UNDEFINED(secret, bytes);
}

static void reveal(void *sent, size_t bytes)
{
    VALGRIND_MAKE_MEM_DEFINED(sent, bytes);
}

static void fill_poisoned(void *state, uint8_t *out, size_t bytes)
{
    (void)state;
    random_fill(&random_system, out, bytes);
    poison(out, bytes);
}

static const struct random_source poisoned = {fill_poisoned, NULL};

struct chain {
    uint8_t secrets[HOPS][MIX_KEY_BYTES];
    struct mix_hop hops[HOPS];
};

static void make_chain(struct chain *chain, enum mix_kind kind)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    memset(chain, 0, sizeof *chain);
    for (size_t i = 0; i < HOPS; i++) {
        random_fill(&random_system, chain->secrets[i], MIX_KEY_BYTES);
        x25519(chain->hops[i].public_key, chain->secrets[i], base_point);
        poison(chain->secrets[i], MIX_KEY_BYTES);
        chain->hops[i].command.kind = (uint8_t)(i + 1 < HOPS ? MIX_FORWARD : kind);
        chain->hops[i].command.window = WINDOW;
    }
}

/* A packet through all mixes; `unwrapped` is what the last one has. */
static void travel(struct mix_unwrapped *unwrapped, const struct chain *chain,
                   uint8_t packet[static MIX_PACKET_BYTES])
{
    for (size_t i = 0; i < HOPS; i++) {
        struct mix_replay *replay = mix_replay_open(1, &random_system);
        INVARIANT(replay);
        int err = mix_packet_unwrap(unwrapped, chain->secrets[i], packet);
        INVARIANT(!err);
        err = mix_packet_accept(unwrapped, replay, (int64_t)WINDOW * MIX_WINDOW_S);
        INVARIANT(!err);
        memcpy(packet, unwrapped->packet, MIX_PACKET_BYTES);
        reveal(packet, MIX_PACKET_BYTES);
        mix_replay_close(replay);
    }
}

static void check_request(void)
{
    struct chain chain;
    uint8_t content[MIX_EXIT_BYTES], packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    make_chain(&chain, MIX_EXIT);
    random_fill(&poisoned, content, sizeof content);
    int err = mix_packet_make(packet, chain.hops, HOPS, content, sizeof content, &poisoned);
    INVARIANT(!err);
    reveal(packet, sizeof packet);
    travel(&unwrapped, &chain, packet);
    packet[0] ^= 1;
    err = mix_packet_unwrap(&unwrapped, chain.secrets[0], packet);
    INVARIANT(err);
}

static void check_answer(void)
{
    static const struct mix_endpoint first = {.port = 5444};
    struct chain chain;
    struct mix_surb_secrets secrets;
    struct mix_endpoint to;
    struct mix_unwrapped unwrapped;
    uint8_t surb[MIX_SURB_BYTES], content[MIX_CONTENT_BYTES_MAX], packet[MIX_PACKET_BYTES];
    size_t bytes;
    make_chain(&chain, MIX_REPLY);
    int err = mix_surb_make(surb, &secrets, &first, chain.hops, HOPS, &poisoned);
    INVARIANT(!err);
    random_fill(&poisoned, content, sizeof content);
    err = mix_surb_use(packet, &to, surb, content, sizeof content);
    INVARIANT(!err);
    reveal(packet, sizeof packet);
    travel(&unwrapped, &chain, packet);
    err = mix_surb_open(content, &bytes, &secrets, mix_unwrapped_payload(&unwrapped));
    INVARIANT(!err);
}

static int leak(void)
{
    uint8_t byte;
    random_fill(&poisoned, &byte, 1);
    if (byte == 7)
        puts("seven");
    return 0;
}

int main(int argc, char **argv)
{
    if (secret_init())
        return 2;
    if (argc == 2 && strcmp(argv[1], "leak") == 0)
        return leak();
    check_request();
    check_answer();
    return 0;
}
