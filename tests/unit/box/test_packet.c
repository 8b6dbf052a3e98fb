#include "lib/test.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "box/packet.h"

struct parties {
    struct seeded seeded;
    struct random_source random;
    uint8_t server_public[BOX_KEY_BYTES], server_secret[BOX_KEY_BYTES];
    struct box_packet_key key;
};

static struct parties *meet(void)
{
    static struct parties of;
    of.seeded = seeded_open();
    of.random = seeded_source(&of.seeded);
    box_pair(of.server_public, of.server_secret, &of.random);
    assert_int_equal(box_packet_key_make(&of.key, of.server_public, &of.random), 0);
    return &of;
}

static const size_t sizes[] = {BOX_PACKET_BYTES, BOX_PACKET_SHORT_BYTES};
static const size_t q_bytes_max[] = {BOX_PACKET_Q_BYTES_MAX, BOX_PACKET_SHORT_Q_BYTES_MAX};
static const size_t p_bytes_max[] = {BOX_PACKET_P_BYTES_MAX, BOX_PACKET_SHORT_P_BYTES_MAX};

/* The server's part: its key by the datagram's EC, then q. */
static int take(const struct parties *of, uint8_t *q, size_t *q_bytes, uint8_t *a,
                const uint8_t *datagram, size_t bytes)
{
    struct box_packet_key key;
    const uint8_t *session = box_request_session(datagram, bytes);
    if (!session)
        return -EMSGSIZE;
    int err = box_packet_key_of(&key, of->server_secret, session);
    return err ? err : box_request_open(&key, q, q_bytes, a, datagram, bytes);
}

static void any_request_and_answer_arrives(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t text[BOX_PACKET_BYTES], opened[BOX_PACKET_P_BYTES_MAX], datagram[BOX_PACKET_BYTES];
    uint8_t a[BOX_PACKET_A_BYTES], taken_a[BOX_PACKET_A_BYTES];
    size_t bytes;
    random_fill(&of->random, text, sizeof text);
    for (size_t i = 0; i < 2; i++) {
        for (size_t count = 1; count <= q_bytes_max[i]; count++) {
            assert_int_equal(
                box_request_seal(&of->key, datagram, sizes[i], a, text, count, &of->random), 0);
            assert_int_equal(take(of, opened, &bytes, taken_a, datagram, sizes[i]), 0);
            assert_int_equal(bytes, count);
            assert_memory_equal(opened, text, count);
            assert_memory_equal(taken_a, a, sizeof a);
        }
        for (size_t count = 1; count <= p_bytes_max[i]; count++) {
            assert_int_equal(
                box_answer_seal(&of->key, datagram, sizes[i], a, text, count, &of->random), 0);
            assert_memory_equal(box_answer_a(datagram, sizes[i]), a, sizeof a);
            assert_int_equal(
                box_answer_open(&of->key, opened, &bytes, a, sizes[i], datagram, sizes[i]), 0);
            assert_int_equal(bytes, count);
            assert_memory_equal(opened, text, count);
        }
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t text[BOX_PACKET_BYTES] = {0}, datagram[BOX_PACKET_BYTES] = {7}, a[BOX_PACKET_A_BYTES];
    for (size_t i = 0; i < 2; i++) {
        const size_t q_wrong[] = {0, q_bytes_max[i] + 1, SIZE_MAX};
        const size_t p_wrong[] = {0, p_bytes_max[i] + 1, SIZE_MAX};
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(
                box_request_seal(&of->key, datagram, sizes[i], a, text, q_wrong[k], &of->random),
                -EMSGSIZE);
            assert_int_equal(
                box_answer_seal(&of->key, datagram, sizes[i], a, text, p_wrong[k], &of->random),
                -EMSGSIZE);
        }
        assert_int_equal(box_answer_p_bytes_max(sizes[i]), p_bytes_max[i]);
    }
    assert_int_equal(box_request_seal(&of->key, datagram, BOX_PACKET_UNFILLED_BYTES, a, text,
                                      BOX_PACKET_SHORT_Q_BYTES_MAX + 1, &of->random),
                     -EMSGSIZE);
    for (size_t size = 0; size <= BOX_PACKET_BYTES + 20; size++) {
        bool answers = size == BOX_PACKET_BYTES || size == BOX_PACKET_SHORT_BYTES;
        if (!answers && size != BOX_PACKET_UNFILLED_BYTES)
            assert_int_equal(box_request_seal(&of->key, datagram, size, a, text, 1, &of->random),
                             -EINVAL);
        if (!answers) {
            assert_int_equal(box_answer_seal(&of->key, datagram, size, a, text, 1, &of->random),
                             -EINVAL);
            assert_int_equal(box_answer_p_bytes_max(size), 0);
        }
    }
    assert_int_equal(datagram[0], 7);
}

static void only_two_sizes_are_packets(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t datagram[BOX_PACKET_BYTES + 20] = {0}, text[BOX_PACKET_P_BYTES_MAX] = {7};
    uint8_t a[BOX_PACKET_A_BYTES] = {7};
    size_t bytes = 77;
    for (size_t i = 0; i < 2; i++)
        for (size_t size = 0; size <= sizeof datagram; size++) {
            if (size == BOX_PACKET_BYTES || size == BOX_PACKET_SHORT_BYTES)
                continue;
            assert_null(box_request_session(datagram, size));
            assert_null(box_answer_a(datagram, size));
            assert_int_equal(box_request_open(&of->key, text, &bytes, a, datagram, size),
                             -EMSGSIZE);
            assert_int_equal(box_answer_open(&of->key, text, &bytes, a, sizes[i], datagram, size),
                             -EMSGSIZE);
            /* Nor does it help when the client asked for such a size. */
            assert_int_equal(box_answer_open(&of->key, text, &bytes, a, size, datagram, size),
                             -EMSGSIZE);
        }
    assert_int_equal(text[0], 7);
    assert_int_equal(a[0], 7);
    assert_int_equal(bytes, 77);
}

static void an_altered_request_is_dropped(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t datagram[BOX_PACKET_BYTES], q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    size_t bytes;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            box_request_seal(&of->key, datagram, sizes[i], a, (const uint8_t *)"q", 1, &of->random),
            0);
        /* The top bit of EC is one that X25519 does not read: the nonce has it. */
        for (size_t bit = 0; bit < 8 * sizes[i]; bit++) {
            datagram[bit / 8] ^= (uint8_t)(1 << bit % 8);
            bool is_filling =
                sizes[i] == BOX_PACKET_SHORT_BYTES && bit / 8 >= BOX_PACKET_UNFILLED_BYTES;
            assert_int_equal(take(of, q, &bytes, a, datagram, sizes[i]), is_filling ? 0 : -EBADMSG);
            datagram[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void an_altered_answer_is_ignored(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t datagram[BOX_PACKET_BYTES], p[BOX_PACKET_P_BYTES_MAX] = {7};
    uint8_t a[BOX_PACKET_A_BYTES] = {1};
    size_t bytes = 77;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            box_answer_seal(&of->key, datagram, sizes[i], a, (const uint8_t *)"p", 1, &of->random),
            0);
        for (size_t bit = 0; bit < 8 * sizes[i]; bit++) {
            datagram[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(box_answer_open(&of->key, p, &bytes, a, sizes[i], datagram, sizes[i]),
                             -EBADMSG);
            datagram[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        /* The true answer to a request of the other size. */
        assert_int_equal(box_answer_open(&of->key, p, &bytes, a, sizes[1 - i], datagram, sizes[i]),
                         -EMSGSIZE);
    }
    assert_int_equal(p[0], 7);
    assert_int_equal(bytes, 77);
}

static void an_answer_belongs_to_its_request(void **state)
{
    (void)state;
    struct parties *of = meet();
    struct box_packet_key other;
    uint8_t datagram[BOX_PACKET_BYTES], again[BOX_PACKET_BYTES], p[BOX_PACKET_P_BYTES_MAX];
    uint8_t a[BOX_PACKET_A_BYTES] = {1};
    size_t bytes;
    assert_int_equal(box_packet_key_make(&other, of->server_public, &of->random), 0);
    assert_int_equal(box_answer_seal(&of->key, datagram, BOX_PACKET_BYTES, a, (const uint8_t *)"p",
                                     1, &of->random),
                     0);
    for (size_t at = 0; at < sizeof a; at++) {
        uint8_t other_a[BOX_PACKET_A_BYTES];
        memcpy(other_a, a, sizeof a);
        other_a[at] ^= 0x10;
        assert_int_equal(box_answer_open(&of->key, p, &bytes, other_a, BOX_PACKET_BYTES, datagram,
                                         sizeof datagram),
                         -EBADMSG);
    }
    assert_int_equal(
        box_answer_open(&other, p, &bytes, a, BOX_PACKET_BYTES, datagram, sizeof datagram),
        -EBADMSG);
    /* A repeated one has another nonce. */
    assert_int_equal(
        box_answer_seal(&of->key, again, BOX_PACKET_BYTES, a, (const uint8_t *)"p", 1, &of->random),
        0);
    assert_memory_not_equal(datagram + BOX_PACKET_A_BYTES, again + BOX_PACKET_A_BYTES,
                            BOX_PACKET_A_BYTES);
}

static void a_request_is_for_one_server_and_one_session(void **state)
{
    (void)state;
    struct parties *of = meet();
    struct box_packet_key other;
    uint8_t datagram[BOX_PACKET_BYTES], q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    uint8_t other_public[BOX_KEY_BYTES], other_secret[BOX_KEY_BYTES];
    size_t bytes;
    assert_int_equal(box_request_seal(&of->key, datagram, BOX_PACKET_BYTES, a, (const uint8_t *)"q",
                                      1, &of->random),
                     0);
    box_pair(other_public, other_secret, &of->random);
    assert_int_equal(box_packet_key_of(&other, other_secret, datagram), 0);
    assert_int_equal(box_request_open(&other, q, &bytes, a, datagram, sizeof datagram), -EBADMSG);
    /* With a key that is right, but kept under another EC. */
    other = of->key;
    other.client_session[31] ^= 0x80;
    assert_int_equal(box_request_open(&other, q, &bytes, a, datagram, sizeof datagram), -EBADMSG);
    assert_int_equal(box_request_open(&of->key, q, &bytes, a, datagram, sizeof datagram), 0);
}

static void every_request_has_an_a_of_its_own(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t first[BOX_PACKET_BYTES], second[BOX_PACKET_BYTES];
    uint8_t a[BOX_PACKET_A_BYTES], b[BOX_PACKET_A_BYTES];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            box_request_seal(&of->key, first, sizes[i], a, (const uint8_t *)"q", 1, &of->random),
            0);
        assert_int_equal(
            box_request_seal(&of->key, second, sizes[i], b, (const uint8_t *)"q", 1, &of->random),
            0);
        assert_memory_not_equal(a, b, sizeof a);
        assert_memory_not_equal(first + sizes[i] - 64, second + sizes[i] - 64, 64);
    }
}

static void an_exit_adds_the_filling(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t datagram[BOX_PACKET_SHORT_BYTES], q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    size_t bytes;
    memset(datagram, 7, sizeof datagram);
    assert_int_equal(box_request_seal(&of->key, datagram, BOX_PACKET_UNFILLED_BYTES, a,
                                      (const uint8_t *)"quest", 5, &of->random),
                     0);
    for (size_t i = BOX_PACKET_UNFILLED_BYTES; i < sizeof datagram; i++)
        assert_int_equal(datagram[i], 7);
    box_request_fill(datagram, &of->random);
    assert_int_equal(take(of, q, &bytes, a, datagram, sizeof datagram), 0);
    assert_int_equal(bytes, 5);
}

/* A box with any plaintext, as a peer makes it that has the key and breaks the rules: its nonce is
 * BLAKE2b-192 of the label and two byte strings that stand in the datagram. */
static void seal_plaintext(const struct parties *of, uint8_t *datagram, size_t box_at,
                           size_t box_bytes, const char *label, const uint8_t *plaintext)
{
    uint8_t nonce[BOX_NONCE_BYTES], hashed[8 + BOX_KEY_BYTES + BOX_PACKET_A_BYTES];
    memcpy(hashed, label, 8);
    memcpy(hashed + 8, datagram, box_at);
    assert_int_equal(crypto_generichash(nonce, sizeof nonce, hashed, 8 + box_at, NULL, 0), 0);
    box_seal(datagram + box_at, of->key.shared, nonce, plaintext, box_bytes - BOX_TAG_BYTES);
}

static void a_length_that_it_may_not_have_is_dropped(void **state)
{
    (void)state;
    struct parties *of = meet();
    uint8_t datagram[BOX_PACKET_BYTES], text[BOX_PACKET_P_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    uint8_t plaintext[BOX_PACKET_BYTES];
    size_t bytes;
    /* All that is not a length is no zeros either, and not looked at. */
    memset(plaintext, 'x', sizeof plaintext);
    memset(a, 'a', sizeof a);
    for (size_t i = 0; i < 2; i++) {
        size_t box_bytes = 18 + q_bytes_max[i];
        for (size_t stated = 0; stated <= UINT16_MAX; stated += stated < 1300 ? 1 : 977) {
            put_be16(plaintext, (uint16_t)stated);
            memcpy(datagram, of->key.client_session, BOX_KEY_BYTES);
            memcpy(datagram + BOX_KEY_BYTES, a, sizeof a);
            seal_plaintext(of, datagram, 48, box_bytes, "RPclient", plaintext);
            assert_int_equal(take(of, text, &bytes, a, datagram, sizes[i]),
                             stated > 0 && stated <= q_bytes_max[i] ? 0 : -EBADMSG);
            memcpy(datagram, a, sizeof a);
            seal_plaintext(of, datagram, 32, sizes[i] - 32, "RPserver", plaintext);
            assert_int_equal(
                box_answer_open(&of->key, text, &bytes, a, sizes[i], datagram, sizes[i]),
                stated > 0 && stated <= p_bytes_max[i] ? 0 : -EBADMSG);
        }
    }
}

static void a_key_of_small_order_is_nobodys(void **state)
{
    (void)state;
    struct parties *of = meet();
    struct box_packet_key key, before;
    static const uint8_t zeros[BOX_KEY_BYTES];
    memset(&key, 7, sizeof key);
    before = key;
    assert_int_equal(box_packet_key_make(&key, zeros, &of->random), -EBADMSG);
    assert_int_equal(box_packet_key_of(&key, of->server_secret, zeros), -EBADMSG);
    assert_memory_equal(&key, &before, sizeof key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_request_and_answer_arrives),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(only_two_sizes_are_packets),
        cmocka_unit_test(an_altered_request_is_dropped),
        cmocka_unit_test(an_altered_answer_is_ignored),
        cmocka_unit_test(an_answer_belongs_to_its_request),
        cmocka_unit_test(a_request_is_for_one_server_and_one_session),
        cmocka_unit_test(every_request_has_an_a_of_its_own),
        cmocka_unit_test(an_exit_adds_the_filling),
        cmocka_unit_test(a_length_that_it_may_not_have_is_dropped),
        cmocka_unit_test(a_key_of_small_order_is_nobodys),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("box/packet", tests, NULL, NULL);
}
