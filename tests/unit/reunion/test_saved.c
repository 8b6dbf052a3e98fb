/* Sessions that are written down and gone on with: at every step, damaged, and from format 1. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "lib/allocation.h"
#include "lib/test.h"
#include "reunion/reunion.h"
#include "saved_v1.h"

static struct reunion_session *open_session(const char *passphrase, const char *message)
{
    struct reunion_session *session = NULL;
    const struct reunion_setup setup = {.passphrase = (const uint8_t *)passphrase,
                                        .passphrase_bytes = strlen(passphrase),
                                        .payload = (const uint8_t *)message,
                                        .payload_bytes = strlen(message)};
    assert_int_equal(reunion_session_open(&session, &setup), 0);
    return session;
}

/* What a session looks like on paper; to be freed. */
static uint8_t *saved(const struct reunion_session *session, size_t *bytes)
{
    *bytes = reunion_session_save(session, NULL, 0);
    uint8_t *out = malloc(*bytes + 1);
    assert_non_null(out);
    out[*bytes] = 0xee;
    out[0] = 0;
    assert_int_equal(reunion_session_save(session, out, *bytes - 1), *bytes);
    assert_int_equal(out[0], 0); /* too small a room is left alone */
    assert_int_equal(reunion_session_save(session, out, *bytes), *bytes);
    assert_int_equal(out[*bytes], 0xee);
    return out;
}

static struct reunion_session *loaded(const uint8_t *bytes, size_t count)
{
    struct reunion_session *session = NULL;
    assert_int_equal(reunion_session_load(&session, bytes, count), 0);
    return session;
}

/* The program ends and another one goes on. */
static void restart(struct reunion_session **session)
{
    size_t bytes;
    uint8_t *paper = saved(*session, &bytes);
    reunion_session_free(*session);
    *session = loaded(paper, bytes);
    free(paper);
}

static void hand_t1(uint8_t t2[static REUNION_T2_BYTES], const struct reunion_session *from,
                    struct reunion_session *to)
{
    struct reunion_t1 t1 = {0};
    t1.bytes = reunion_session_t1(from, &t1.length);
    assert_int_equal(reunion_session_receive_t1s(to, &t1, 1, NULL), 0);
    assert_int_equal(t1.status, 0);
    memcpy(t2, t1.t2, REUNION_T2_BYTES);
}

static void hand_t2(uint8_t t3[static REUNION_T3_BYTES], const struct reunion_session *from,
                    const uint8_t t2[static REUNION_T2_BYTES], struct reunion_session *to)
{
    assert_int_equal(reunion_session_receive_t2(to, reunion_session_t1_id(from), t2, t3), 0);
}

static void expect_message(struct reunion_session *session, const char *message)
{
    struct reunion_reveal reveal;
    assert_int_equal(reunion_session_next_reveal(session, &reveal), 0);
    assert_int_equal(reveal.payload_bytes, strlen(message));
    assert_memory_equal(reveal.payload, message, strlen(message));
    assert_int_equal(reunion_session_next_reveal(session, &reveal), -ENOENT);
}

/* Alice is restarted before each step in turn, and once before all of them. */
static void a_session_goes_on_from_any_step(void **state)
{
    (void)state;
    struct reunion_session *bob = open_session("phrase", "bob");
    for (unsigned restarts = 0; restarts < 1 << 4; restarts++) {
        if (restarts != 15 && (restarts & (restarts - 1)) != 0)
            continue;
        struct reunion_session *alice = open_session("phrase", "alice");
        uint8_t id[REUNION_T1_ID_BYTES], t2_alice[32], t2_bob[32], t3_alice[32], t3_bob[32];
        uint8_t again[32];
        memcpy(id, reunion_session_t1_id(alice), sizeof id);
        if (restarts & 1)
            restart(&alice);
        hand_t1(t2_bob, alice, bob);
        hand_t1(t2_alice, bob, alice);
        hand_t2(t3_bob, alice, t2_alice, bob);
        if (restarts & 2)
            restart(&alice);
        hand_t1(again, bob, alice);
        assert_memory_equal(again, t2_alice, sizeof again);
        assert_int_equal(reunion_session_receive_t3(alice, reunion_session_t1_id(bob), t3_bob), 0);
        if (restarts & 4)
            restart(&alice);
        hand_t2(t3_alice, bob, t2_bob, alice);
        expect_message(alice, "bob");
        if (restarts & 8) {
            restart(&alice);
            expect_message(alice, "bob"); /* once more */
        }
        hand_t2(again, bob, t2_bob, alice);
        assert_memory_equal(again, t3_alice, sizeof again);
        assert_int_equal(reunion_session_receive_t3(bob, reunion_session_t1_id(alice), t3_alice),
                         0);
        expect_message(bob, "alice");
        assert_memory_equal(id, reunion_session_t1_id(alice), sizeof id);
        reunion_session_free(alice);
    }
    reunion_session_free(bob);
}

/* Having met somebody does not show in the length. */
static void success_does_not_show_in_the_length(void **state)
{
    (void)state;
    size_t bytes[2];
    for (int met = 0; met < 2; met++) {
        struct reunion_session *alice = open_session("phrase", "alice");
        struct reunion_session *other = open_session(met ? "phrase" : "another", "other");
        uint8_t t2_alice[32], t2_other[32], t3_alice[32], t3_other[32];
        struct reunion_reveal reveal;
        hand_t1(t2_alice, other, alice);
        hand_t1(t2_other, alice, other);
        hand_t2(t3_alice, other, t2_other, alice);
        hand_t2(t3_other, alice, t2_alice, other);
        assert_int_equal(reunion_session_receive_t3(alice, reunion_session_t1_id(other), t3_other),
                         0);
        assert_int_equal(reunion_session_next_reveal(alice, &reveal), met ? 0 : -ENOENT);
        free(saved(alice, &bytes[met]));
        reunion_session_free(alice);
        reunion_session_free(other);
    }
    assert_int_equal(bytes[0], bytes[1]);
}

/* Known answers: what was written by format 1 is read for ever, and written the same. */

static uint8_t *from_hex(const char *hex, size_t *bytes)
{
    *bytes = strlen(hex) / 2;
    uint8_t *out = malloc(*bytes);
    assert_non_null(out);
    assert_int_equal(hex_decode(out, *bytes, hex), 0);
    return out;
}

static void format_1_is_read_and_written(void **state)
{
    (void)state;
    size_t bytes, again_bytes, length;
    uint8_t *paper = from_hex(saved_v1_session, &bytes);
    struct reunion_session *session = loaded(paper, bytes);
    expect_message(session, saved_v1_message);
    uint8_t *again = saved(session, &again_bytes);
    assert_int_equal(again_bytes, bytes);
    assert_memory_equal(again, paper, bytes);

    uint8_t *peer = from_hex(saved_v1_peer_id, &length), *t2 = from_hex(saved_v1_t2, &length);
    uint8_t *expected = from_hex(saved_v1_t3, &length), t3[REUNION_T3_BYTES];
    assert_int_equal(reunion_session_receive_t2(session, peer, t2, t3), 0);
    assert_memory_equal(t3, expected, sizeof t3);
    t2[0] ^= 1; /* a dummy, which is known as well */
    assert_int_equal(reunion_session_receive_t2(session, peer, t2, t3), 0);
    free(expected);
    expected = from_hex(saved_v1_dummy, &length);
    assert_memory_equal(t3, expected, sizeof t3);

    reunion_session_free(session);
    free(expected);
    free(t2);
    free(peer);
    free(again);
    free(paper);
}

/* Damage. */

static void what_is_cut_short_or_too_long_is_refused(void **state)
{
    (void)state;
    size_t bytes;
    uint8_t *paper = from_hex(saved_v1_session, &bytes), *longer = calloc(1, bytes + 1);
    struct reunion_session *session = NULL;
    for (size_t kept = 0; kept < bytes; kept++) {
        uint8_t *cut = malloc(kept + 1); /* its own memory: reading past it is seen */
        memcpy(cut, paper, kept);
        assert_int_equal(reunion_session_load(&session, cut, kept), -EBADMSG);
        free(cut);
    }
    memcpy(longer, paper, bytes);
    assert_int_equal(reunion_session_load(&session, longer, bytes + 1), -EBADMSG);
    longer[7]++;
    assert_int_equal(reunion_session_load(&session, longer, bytes), -ENOTSUP);
    longer[7] = 0;
    assert_int_equal(reunion_session_load(&session, longer, bytes), -EBADMSG);
    assert_null(session);
    free(longer);
    free(paper);
}

/* Whatever stands there, it is a session that can be used and freed, or it is refused. */
static void damage_breaks_nothing(void **seeded)
{
    size_t bytes, refused = 0;
    uint8_t *paper = from_hex(saved_v1_session, &bytes);
    enum { ROUNDS = 1000 };
    for (int i = 0; i < ROUNDS; i++) {
        struct reunion_session *session = NULL;
        size_t at = seeded_below(*seeded, bytes);
        uint8_t before = paper[at], t3[REUNION_T3_BYTES];
        paper[at] ^= (uint8_t)(1 + seeded_below(*seeded, 255));
        int err = reunion_session_load(&session, paper, bytes);
        assert_true(err == 0 || err == -EBADMSG || err == -ENOTSUP);
        refused += err != 0;
        if (!err)
            assert_int_equal(reunion_session_receive_t2(session, paper, paper, t3), 0);
        reunion_session_free(session);
        paper[at] = before;
    }
    assert_in_range(refused, ROUNDS / 10, ROUNDS - 1);
    free(paper);
}

static void every_allocation_of_loading_may_fail(void **state)
{
    (void)state;
    size_t bytes, which = 0;
    uint8_t *paper = from_hex(saved_v1_session, &bytes);
    for (bool happened = true; happened; which++) {
        struct reunion_session *session = NULL;
        allocation_fail(which);
        int err = reunion_session_load(&session, paper, bytes);
        happened = allocation_relent();
        if (err)
            assert_int_equal(err, -ENOMEM);
        reunion_session_free(session);
    }
    assert_in_range(which, 10, 200);
    free(paper);
}

int main(void)
{
    static struct seeded seeded;
    seeded = seeded_open();
    allocation_hook_libcrypto();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_goes_on_from_any_step),
        cmocka_unit_test(success_does_not_show_in_the_length),
        cmocka_unit_test(format_1_is_read_and_written),
        cmocka_unit_test(what_is_cut_short_or_too_long_is_refused),
        cmocka_unit_test_prestate(damage_breaks_nothing, &seeded),
        cmocka_unit_test(every_allocation_of_loading_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
