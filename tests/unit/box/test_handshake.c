#include "lib/test.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"
#include "box/handshake.h"
#include "box/nonce.h"

/* Who takes part, and the messages of a handshake of theirs. */
struct parties {
    struct seeded seeded;
    struct random_source random;
    struct box_identity server, client;
    struct box_client client_state;
    struct box_server server_state;
    uint8_t hello[BOX_HELLO_BYTES], cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES];
    struct box_stream client_stream, server_stream;
    uint8_t named[BOX_KEY_BYTES]; /* the client, to the server */
};

static void make_identity(struct box_identity *identity, const struct random_source *random)
{
    box_pair(identity->public_key, identity->secret, random);
}

/* Two that know each other's key, before the Hello. */
static void meet(struct parties *of)
{
    memset(of, 0, sizeof *of);
    of->seeded = seeded_open();
    of->random = seeded_source(&of->seeded);
    make_identity(&of->server, &of->random);
    make_identity(&of->client, &of->random);
}

static int start_client(struct parties *of)
{
    return box_client_start(&of->client_state, of->hello, of->server.public_key, &of->client,
                            &of->random);
}

static int start_server(struct parties *of)
{
    return box_server_start(&of->server_state, of->cookie, &of->server, of->hello, sizeof of->hello,
                            &of->random);
}

static int finish_client(struct parties *of)
{
    return box_client_finish(&of->client_state, &of->client_stream, of->vouch, of->cookie,
                             sizeof of->cookie, &of->random);
}

static int finish_server(struct parties *of, const struct box_clients *admitted)
{
    return box_server_finish(&of->server_state, &of->server_stream, of->named, of->vouch,
                             sizeof of->vouch, admitted);
}

/* All messages but the last one taken. */
static void go_to_vouch(struct parties *of)
{
    meet(of);
    assert_int_equal(start_client(of), 0);
    assert_int_equal(start_server(of), 0);
    assert_int_equal(finish_client(of), 0);
}

static void assert_wiped(const void *state, size_t bytes)
{
    const uint8_t *at = state;
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(at[i], 0);
}

static void assert_frame_passes(struct box_stream *from, struct box_stream *to)
{
    static uint8_t frame[BOX_FRAME_BYTES_MAX];
    const uint8_t *content;
    size_t bytes;
    assert_int_equal(box_frame_seal(from, frame, (const uint8_t *)"hello", 5), 0);
    assert_int_equal(box_frame_open(to, &content, &bytes, frame, box_frame_bytes(5)), 0);
    assert_int_equal(bytes, 5);
    assert_memory_equal(content, "hello", 5);
}

static void both_sides_have_a_stream(void **state)
{
    (void)state;
    struct parties of;
    go_to_vouch(&of);
    assert_int_equal(finish_server(&of, NULL), 0);
    assert_memory_equal(of.named, of.client.public_key, BOX_KEY_BYTES);
    assert_frame_passes(&of.client_stream, &of.server_stream);
    assert_frame_passes(&of.server_stream, &of.client_stream);
}

static void a_client_without_a_key_makes_one_each_time(void **state)
{
    (void)state;
    struct parties of;
    uint8_t before[BOX_KEY_BYTES] = {0};
    meet(&of);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            box_client_start(&of.client_state, of.hello, of.server.public_key, NULL, &of.random),
            0);
        assert_int_equal(start_server(&of), 0);
        assert_int_equal(finish_client(&of), 0);
        assert_int_equal(finish_server(&of, NULL), 0);
        assert_memory_not_equal(of.named, before, sizeof before);
        memcpy(before, of.named, sizeof before);
    }
}

static void secrets_are_wiped_when_it_has_ended(void **state)
{
    (void)state;
    struct parties of;
    go_to_vouch(&of);
    assert_wiped(&of.client_state, sizeof of.client_state);
    assert_int_equal(finish_server(&of, NULL), 0);
    assert_wiped(&of.server_state, sizeof of.server_state);

    go_to_vouch(&of);
    of.vouch[0] ^= 1;
    assert_int_equal(finish_server(&of, NULL), -EBADMSG);
    assert_wiped(&of.server_state, sizeof of.server_state);

    meet(&of);
    assert_int_equal(start_client(&of), 0);
    assert_int_equal(start_server(&of), 0);
    of.cookie[0] ^= 1;
    assert_int_equal(finish_client(&of), -EBADMSG);
    assert_wiped(&of.client_state, sizeof of.client_state);
    box_server_forget(&of.server_state);
    assert_wiped(&of.server_state, sizeof of.server_state);
}

/* The top bit of EC is one that X25519 does not read: then V, which repeats EC, does not fit. */
static void an_altered_hello_leads_nowhere(void **state)
{
    (void)state;
    struct parties of;
    size_t answered = 0;
    go_to_vouch(&of);
    for (size_t bit = 0; bit < 8 * BOX_HELLO_BYTES; bit++) {
        uint8_t cookie[BOX_COOKIE_BYTES] = {7};
        struct box_server server;
        of.hello[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int err =
            box_server_start(&server, cookie, &of.server, of.hello, sizeof of.hello, &of.random);
        assert_int_equal(err, bit == 255 ? 0 : -EBADMSG);
        if (err) {
            assert_int_equal(cookie[0], 7);
            assert_wiped(&server, sizeof server);
        } else {
            answered++;
        }
        of.hello[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(answered, 1);

    meet(&of);
    assert_int_equal(start_client(&of), 0);
    of.hello[31] ^= 0x80;
    assert_int_equal(start_server(&of), 0);
    assert_int_equal(finish_client(&of), 0);
    assert_int_equal(finish_server(&of, NULL), -EBADMSG);
}

static void an_altered_cookie_is_refused(void **state)
{
    (void)state;
    struct parties of;
    meet(&of);
    assert_int_equal(start_client(&of), 0);
    assert_int_equal(start_server(&of), 0);
    struct box_client before = of.client_state;
    for (size_t bit = 0; bit < 8 * BOX_COOKIE_BYTES; bit++) {
        of.client_state = before;
        of.vouch[0] = 7;
        of.cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(finish_client(&of), -EBADMSG);
        assert_int_equal(of.vouch[0], 7);
        of.cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    of.client_state = before;
    assert_int_equal(finish_client(&of), 0);
}

static void an_altered_vouch_is_refused(void **state)
{
    (void)state;
    struct parties of;
    go_to_vouch(&of);
    struct box_server before = of.server_state;
    of.named[0] = 7;
    for (size_t bit = 0; bit < 8 * BOX_VOUCH_BYTES; bit++) {
        of.server_state = before;
        of.vouch[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(finish_server(&of, NULL), -EBADMSG);
        of.vouch[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(of.named[0], 7);
    of.server_state = before;
    assert_int_equal(finish_server(&of, NULL), 0);
}

static void messages_of_other_lengths_are_refused(void **state)
{
    (void)state;
    struct parties of;
    go_to_vouch(&of);
    struct box_server server = of.server_state;
    uint8_t bytes[2 * BOX_VOUCH_BYTES];
    for (size_t count = 0; count < sizeof bytes; count++) {
        struct box_server other;
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, of.hello, sizeof of.hello);
        int err = box_server_start(&other, of.cookie, &of.server, bytes, count, &of.random);
        assert_int_equal(err, count == BOX_HELLO_BYTES ? 0 : -EMSGSIZE);
        memcpy(bytes, of.vouch, sizeof of.vouch);
        other = server;
        err = box_server_finish(&other, &of.server_stream, of.named, bytes, count, NULL);
        assert_int_equal(err, count == BOX_VOUCH_BYTES ? 0 : -EMSGSIZE);
        assert_wiped(&other, sizeof other);
    }
    assert_int_equal(start_client(&of), 0);
    assert_int_equal(start_server(&of), 0);
    struct box_client client = of.client_state;
    for (size_t count = 0; count < sizeof bytes; count++) {
        struct box_client other = client;
        memcpy(bytes, of.cookie, sizeof of.cookie);
        int err = box_client_finish(&other, &of.client_stream, of.vouch, bytes, count, &of.random);
        assert_int_equal(err, count == BOX_COOKIE_BYTES ? 0 : -EMSGSIZE);
        assert_wiped(&other, sizeof other);
    }
}

static void a_recording_opens_nothing(void **state)
{
    (void)state;
    struct parties of;
    go_to_vouch(&of);
    uint8_t cookie[BOX_COOKIE_BYTES];
    memcpy(cookie, of.cookie, sizeof cookie);
    /* The Hello again is answered, with another Cookie; the Vouch does not fit to that. */
    assert_int_equal(start_server(&of), 0);
    assert_memory_not_equal(of.cookie, cookie, sizeof cookie);
    assert_int_equal(finish_server(&of, NULL), -EBADMSG);
    /* The Cookie does not fit to another Hello. */
    assert_int_equal(start_client(&of), 0);
    memcpy(of.cookie, cookie, sizeof cookie);
    assert_int_equal(finish_client(&of), -EBADMSG);
}

static void steps_out_of_turn_are_refused(void **state)
{
    (void)state;
    struct parties of;
    go_to_vouch(&of);
    assert_int_equal(finish_client(&of), -EBADMSG);
    assert_int_equal(finish_server(&of, NULL), 0);
    assert_int_equal(finish_server(&of, NULL), -EBADMSG);
    meet(&of);
    assert_int_equal(finish_client(&of), -EBADMSG);
    assert_int_equal(finish_server(&of, NULL), -EBADMSG);
}

/* A Cookie as nobody but the server can make it, but for Ctag. */
static void a_cookie_repeats_the_tag(void **state)
{
    (void)state;
    struct parties of;
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES], inside[BOX_COOKIE_BYTES - 32];
    meet(&of);
    assert_int_equal(start_client(&of), 0);
    assert_int_equal(start_server(&of), 0);
    struct box_client before = of.client_state;
    assert_int_equal(box_agree(shared, of.server.secret, of.hello), 0);
    box_nonce_cookie(nonce, of.cookie);
    assert_int_equal(box_open(inside, shared, nonce, of.cookie + 16, BOX_COOKIE_BYTES - 16), 0);
    for (size_t at = 0; at < BOX_COOKIE_TAG_BYTES; at++) {
        of.client_state = before;
        inside[BOX_KEY_BYTES + at] ^= 1;
        box_seal(of.cookie + 16, shared, nonce, inside, sizeof inside);
        assert_int_equal(finish_client(&of), -EBADMSG);
        inside[BOX_KEY_BYTES + at] ^= 1;
    }
    of.client_state = before;
    box_seal(of.cookie + 16, shared, nonce, inside, sizeof inside);
    assert_int_equal(finish_client(&of), 0);
}

/* The key of a client that is wiped is zeros, which anybody knows. */
static void a_wiped_client_takes_no_cookie(void **state)
{
    (void)state;
    struct parties of;
    static const uint8_t shared[BOX_SHARED_BYTES];
    uint8_t nonce[BOX_NONCE_BYTES], inside[BOX_COOKIE_BYTES - 32] = {0};
    go_to_vouch(&of);
    memcpy(inside, of.client.public_key, BOX_KEY_BYTES);
    box_nonce_cookie(nonce, of.cookie);
    box_seal(of.cookie + 16, shared, nonce, inside, sizeof inside);
    assert_int_equal(finish_client(&of), -EBADMSG);
}

static void another_server_is_not_taken_for_it(void **state)
{
    (void)state;
    struct parties of;
    struct box_identity other;
    meet(&of);
    make_identity(&other, &of.random);
    assert_int_equal(start_client(&of), 0);
    assert_int_equal(box_server_start(&of.server_state, of.cookie, &other, of.hello,
                                      sizeof of.hello, &of.random),
                     -EBADMSG);
}

/* A server whose key an attacker knows, and the attacker between it and a client: what the client
 * vouches for is the attacker's ES, not the server's. */
static void a_vouch_cannot_be_passed_on_with_the_servers_key(void **state)
{
    (void)state;
    struct parties victim, attacker;
    meet(&victim);
    assert_int_equal(start_client(&victim), 0);
    assert_int_equal(start_server(&victim), 0); /* by the attacker, who has Ss */
    assert_int_equal(finish_client(&victim), 0);
    struct box_server stolen = victim.server_state;
    assert_int_equal(finish_server(&victim, NULL), 0);

    meet(&attacker);
    attacker.server = victim.server;
    assert_int_equal(start_client(&attacker), 0);
    assert_int_equal(start_server(&attacker), 0); /* by the true server */
    struct box_client own = attacker.client_state;
    struct box_server true_server = attacker.server_state;
    assert_int_equal(finish_client(&attacker), 0);

    /* The attacker takes C, v and V out of the victim's Vouch, and boxes them for the true ES. */
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES];
    uint8_t inside[BOX_VOUCH_BYTES - BOX_TAG_BYTES], server_session[BOX_KEY_BYTES];
    assert_int_equal(box_agree(shared, stolen.session_secret, stolen.client_session), 0);
    box_nonce_counter(nonce, true, 0);
    assert_int_equal(box_open(inside, shared, nonce, victim.vouch, sizeof victim.vouch), 0);
    box_public(server_session, true_server.session_secret);
    assert_int_equal(box_agree(shared, own.session.secret, server_session), 0);
    box_seal(attacker.vouch, shared, nonce, inside, sizeof inside);
    assert_int_equal(finish_server(&attacker, NULL), -EBADMSG);
}

static void only_listed_clients_are_admitted(void **state)
{
    (void)state;
    struct parties of;
    uint8_t keys[3 * BOX_KEY_BYTES];
    go_to_vouch(&of);
    struct box_server before = of.server_state;
    random_fill(&of.random, keys, sizeof keys);
    struct box_clients list = {keys, 3};
    assert_int_equal(finish_server(&of, &list), -EBADMSG);
    for (size_t place = 0; place < 3; place++) {
        random_fill(&of.random, keys, sizeof keys);
        memcpy(keys + place * BOX_KEY_BYTES, of.client.public_key, BOX_KEY_BYTES);
        of.server_state = before;
        assert_int_equal(finish_server(&of, &list), 0);
        keys[place * BOX_KEY_BYTES + 31] ^= 1;
        of.server_state = before;
        assert_int_equal(finish_server(&of, &list), -EBADMSG);
    }
    list.count = 0;
    of.server_state = before;
    assert_int_equal(finish_server(&of, &list), -EBADMSG);
}

/* u-coordinates of points of small order, and those that are the same modulo 2^255 - 19. */
static const uint8_t small_orders[][BOX_KEY_BYTES] = {
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
     0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
     0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

/* The key that anybody has in common with them, unless they are refused. */
static void nobodys_key(uint8_t shared[static BOX_SHARED_BYTES])
{
    static const uint8_t zeros[BOX_KEY_BYTES];
    assert_int_equal(crypto_core_hsalsa20(shared, zeros, zeros, NULL), 0);
}

static void assert_no_hello(struct parties *of, const uint8_t key[static BOX_KEY_BYTES])
{
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES], tag[BOX_COOKIE_TAG_BYTES] = {0};
    nobodys_key(shared);
    box_nonce_hello(nonce);
    memcpy(of->hello, key, BOX_KEY_BYTES);
    box_seal(of->hello + BOX_KEY_BYTES, shared, nonce, tag, sizeof tag);
    assert_int_equal(start_server(of), -EBADMSG);
}

/* A Cookie as the server makes it, but for ES. */
static void assert_no_cookie(struct parties *of, const uint8_t key[static BOX_KEY_BYTES])
{
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES], inside[BOX_COOKIE_BYTES - 32];
    assert_int_equal(start_client(of), 0);
    assert_int_equal(start_server(of), 0);
    assert_int_equal(box_agree(shared, of->server.secret, of->hello), 0);
    box_nonce_cookie(nonce, of->cookie);
    assert_int_equal(box_open(inside, shared, nonce, of->cookie + 16, BOX_COOKIE_BYTES - 16), 0);
    memcpy(inside, key, BOX_KEY_BYTES);
    box_seal(of->cookie + 16, shared, nonce, inside, sizeof inside);
    assert_int_equal(finish_client(of), -EBADMSG);
}

/* A Vouch as a client makes it, but for C, and V as anybody can make it for that. */
static void assert_no_vouch(struct parties *of, const uint8_t key[static BOX_KEY_BYTES])
{
    uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES];
    uint8_t inside[BOX_VOUCH_BYTES - BOX_TAG_BYTES], in_v[2 * BOX_KEY_BYTES];
    assert_int_equal(start_client(of), 0);
    assert_int_equal(start_server(of), 0);
    assert_int_equal(finish_client(of), 0);
    nobodys_key(shared);
    memcpy(inside, key, BOX_KEY_BYTES);
    memset(inside + BOX_KEY_BYTES, 0, BOX_NONCE_RANDOM_BYTES);
    box_nonce_vouch(nonce, inside + BOX_KEY_BYTES);
    memcpy(in_v, of->server_state.client_session, BOX_KEY_BYTES);
    memcpy(in_v + BOX_KEY_BYTES, of->server_state.tag, BOX_COOKIE_TAG_BYTES);
    box_seal(inside + BOX_KEY_BYTES + BOX_NONCE_RANDOM_BYTES, shared, nonce, in_v, sizeof in_v);
    assert_int_equal(box_agree(shared, of->server_state.session_secret, of->hello), 0);
    box_nonce_counter(nonce, true, 0);
    box_seal(of->vouch, shared, nonce, inside, sizeof inside);
    assert_int_equal(finish_server(of, NULL), -EBADMSG);
}

static void keys_of_small_order_open_nothing(void **state)
{
    (void)state;
    struct parties of;
    for (size_t i = 0; i < 2 * sizeof small_orders / sizeof *small_orders; i++) {
        uint8_t key[BOX_KEY_BYTES], shared[BOX_SHARED_BYTES] = {7};
        memcpy(key, small_orders[i / 2], sizeof key);
        if (i % 2 == 1)
            key[31] |= 0x80;
        meet(&of);
        assert_int_equal(box_agree(shared, of.client.secret, key), -EBADMSG);
        assert_int_equal(shared[0], 7);
        of.hello[0] = 7;
        assert_int_equal(box_client_start(&of.client_state, of.hello, key, &of.client, &of.random),
                         -EBADMSG);
        assert_int_equal(of.hello[0], 7);
        assert_wiped(&of.client_state, sizeof of.client_state);
        assert_no_hello(&of, key);
        assert_no_cookie(&of, key);
        assert_no_vouch(&of, key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_have_a_stream),
        cmocka_unit_test(a_client_without_a_key_makes_one_each_time),
        cmocka_unit_test(secrets_are_wiped_when_it_has_ended),
        cmocka_unit_test(an_altered_hello_leads_nowhere),
        cmocka_unit_test(an_altered_cookie_is_refused),
        cmocka_unit_test(an_altered_vouch_is_refused),
        cmocka_unit_test(messages_of_other_lengths_are_refused),
        cmocka_unit_test(a_recording_opens_nothing),
        cmocka_unit_test(steps_out_of_turn_are_refused),
        cmocka_unit_test(a_cookie_repeats_the_tag),
        cmocka_unit_test(a_wiped_client_takes_no_cookie),
        cmocka_unit_test(another_server_is_not_taken_for_it),
        cmocka_unit_test(a_vouch_cannot_be_passed_on_with_the_servers_key),
        cmocka_unit_test(only_listed_clients_are_admitted),
        cmocka_unit_test(keys_of_small_order_open_nothing),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("box/handshake", tests, NULL, NULL);
}
