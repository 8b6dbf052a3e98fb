/* Sessions: the exchange in every order, strangers, bad records, and what each costs. */
#include "lib/test.h"

#include <stdatomic.h>
#include <string.h>

#include "reunion/session.h"

static const char shared_phrase[] = "I am a jelly donut", other_phrase[] = "I am a donut of jelly";

static struct reunion_session *open_session(const char *passphrase, const char *message)
{
    struct reunion_session *session = NULL;
    int err = reunion_session_open(
        &session, &(struct reunion_setup){.passphrase = (const uint8_t *)passphrase,
                                          .passphrase_bytes = strlen(passphrase),
                                          .payload = (const uint8_t *)message,
                                          .payload_bytes = strlen(message)});
    assert_int_equal(err, 0);
    return session;
}

static struct reunion_t1 t1_of(const struct reunion_session *session)
{
    struct reunion_t1 t1 = {0};
    t1.bytes = reunion_session_t1(session, &t1.length);
    return t1;
}

/* `to` takes the T1 of `from`; the T2 it answers with. */
static void hand_t1(uint8_t t2[static REUNION_T2_BYTES], const struct reunion_session *from,
                    struct reunion_session *to)
{
    struct reunion_t1 t1 = t1_of(from);
    assert_int_equal(reunion_session_receive_t1s(to, &t1, 1, NULL), 0);
    assert_int_equal(t1.status, 0);
    assert_memory_equal(t1.id, reunion_session_t1_id(from), REUNION_T1_ID_BYTES);
    memcpy(t2, t1.t2, REUNION_T2_BYTES);
}

static void hand_t2(uint8_t t3[static REUNION_T3_BYTES], const struct reunion_session *from,
                    const uint8_t t2[static REUNION_T2_BYTES], struct reunion_session *to)
{
    assert_int_equal(reunion_session_receive_t2(to, reunion_session_t1_id(from), t2, t3), 0);
}

static void hand_t3(const struct reunion_session *from, const uint8_t t3[static REUNION_T3_BYTES],
                    struct reunion_session *to)
{
    assert_int_equal(reunion_session_receive_t3(to, reunion_session_t1_id(from), t3), 0);
}

static void expect_message(struct reunion_session *session, const struct reunion_session *from,
                           const char *message)
{
    struct reunion_reveal reveal;
    assert_int_equal(reunion_session_next_reveal(session, &reveal), 0);
    assert_memory_equal(reveal.t1_id, reunion_session_t1_id(from), REUNION_T1_ID_BYTES);
    assert_int_equal(reveal.payload_bytes, strlen(message));
    assert_memory_equal(reveal.payload, message, strlen(message));
}

static void expect_silence(struct reunion_session *session)
{
    struct reunion_reveal reveal = {.payload_bytes = 77};
    assert_int_equal(reunion_session_next_reveal(session, &reveal), -ENOENT);
    assert_int_equal(reveal.payload_bytes, 77); /* untouched */
}

/* Everything Alice can get from Bob, in each order that has the T1 first; and twice over. */
static void meets_in_every_order(void **state)
{
    (void)state;
    struct reunion_session *alice = open_session(shared_phrase, "alice's address");
    struct reunion_session *bob = open_session(shared_phrase, "bob's, of another length");
    uint8_t t2_alice[REUNION_T2_BYTES], t2_bob[REUNION_T2_BYTES];
    uint8_t t3_alice[REUNION_T3_BYTES], t3_bob[REUNION_T3_BYTES], again[REUNION_T3_BYTES];

    hand_t1(t2_alice, bob, alice);
    hand_t1(t2_bob, alice, bob);
    hand_t2(t3_bob, alice, t2_alice, bob);
    /* Alice gets the T3 first: nothing yet, and nothing lost. */
    hand_t3(bob, t3_bob, alice);
    expect_silence(alice);
    hand_t2(t3_alice, bob, t2_bob, alice);
    expect_message(alice, bob, "bob's, of another length");
    expect_silence(alice);
    /* Bob gets it in the usual order. */
    hand_t3(alice, t3_alice, bob);
    expect_message(bob, alice, "alice's address");

    /* Whatever comes again gives the same answer and no second message. */
    hand_t1(again, bob, alice);
    assert_memory_equal(again, t2_alice, sizeof again);
    hand_t2(again, bob, t2_bob, alice);
    assert_memory_equal(again, t3_alice, sizeof again);
    hand_t3(bob, t3_bob, alice);
    expect_silence(alice);
    reunion_session_free(alice);
    reunion_session_free(bob);
}

/* Those who do not know the passphrase get answers too, and learn nothing. */
static void strangers_get_dummies(void **state)
{
    (void)state;
    struct reunion_session *alice = open_session(shared_phrase, "for bob alone");
    struct reunion_session *eve = open_session(other_phrase, "who are you?");
    uint8_t t2_alice[32], t2_eve[32], t3_alice[32], t3_eve[32], again[32];

    hand_t1(t2_alice, eve, alice);
    hand_t1(t2_eve, alice, eve);
    hand_t2(t3_alice, eve, t2_eve, alice);
    hand_t2(t3_eve, alice, t2_alice, eve);
    hand_t3(alice, t3_alice, eve);
    hand_t3(eve, t3_eve, alice);
    expect_silence(alice);
    expect_silence(eve);

    /* A replay sees the same dummy; another T2 another one. */
    hand_t2(again, eve, t2_eve, alice);
    assert_memory_equal(again, t3_alice, sizeof again);
    t2_eve[0] ^= 1;
    hand_t2(again, eve, t2_eve, alice);
    assert_memory_not_equal(again, t3_alice, sizeof again);
    reunion_session_free(alice);
    reunion_session_free(eve);
}

/* T2s and T3s that anybody can make up neither disturb an exchange nor end it. */
static void junk_changes_nothing(void **state)
{
    struct random_source random = seeded_source(*state);
    struct reunion_session *alice = open_session(shared_phrase, "alice");
    struct reunion_session *bob = open_session(shared_phrase, "bob");
    uint8_t t2_alice[32], t2_bob[32], t3_alice[32], t3_bob[32], junk[32], answer[32], unknown[32];

    random_fill(&random, unknown, sizeof unknown);
    hand_t1(t2_alice, bob, alice);
    hand_t1(t2_bob, alice, bob);
    for (int i = 0; i < 100; i++) {
        random_fill(&random, junk, sizeof junk);
        hand_t2(answer, alice, junk, bob);
        hand_t3(alice, junk, bob);
        assert_int_equal(reunion_session_receive_t2(bob, unknown, junk, answer), 0);
        assert_int_equal(reunion_session_receive_t3(bob, unknown, junk), -ENOENT);
        if (i == 50)
            hand_t2(t3_bob, alice, t2_alice, bob);
    }
    hand_t2(t3_alice, bob, t2_bob, alice);
    hand_t3(bob, t3_bob, alice);
    hand_t3(alice, t3_alice, bob);
    expect_message(alice, bob, "bob");
    expect_message(bob, alice, "alice");
    reunion_session_free(alice);
    reunion_session_free(bob);
}

/* The newest 64 early T3s are kept: one behind 63 others counts, one before 64 others does not. */
static void early_t3s_are_bounded(void **state)
{
    struct random_source random = seeded_source(*state);
    struct reunion_session *alice = open_session(shared_phrase, "alice");
    struct reunion_session *bob = open_session(shared_phrase, "bob");
    uint8_t t2_alice[32], t2_bob[32], t3_bob[32], answer[32], junk[32];

    hand_t1(t2_alice, bob, alice);
    hand_t1(t2_bob, alice, bob);
    hand_t2(t3_bob, alice, t2_alice, bob);
    hand_t3(bob, t3_bob, alice);
    for (int i = 0; i < PEER_HELD_T3S; i++) {
        random_fill(&random, junk, sizeof junk);
        hand_t3(bob, junk, alice);
    }
    hand_t2(answer, bob, t2_bob, alice);
    expect_silence(alice);
    hand_t3(bob, t3_bob, alice);
    expect_message(alice, bob, "bob");
    reunion_session_free(alice);
    reunion_session_free(bob);
}

/* One call with every kind of T1: each gets its own status. */
static void bad_t1s_fail_alone(void **state)
{
    (void)state;
    struct reunion_session *alice = open_session(shared_phrase, "alice");
    struct reunion_session *bob = open_session(shared_phrase, "bob");
    size_t bytes;
    const uint8_t *good = reunion_session_t1(bob, &bytes);
    uint8_t invalid[512], other_alpha[512];
    static const uint8_t too_long[REUNION_T1_OVERHEAD_BYTES + REUNION_PAYLOAD_BYTES_MAX + 1];
    memcpy(invalid, good, bytes);
    invalid[T1_ALPHA_BYTES] ^= 1;
    memcpy(other_alpha, good, bytes);
    other_alpha[0] ^= 1;

    struct reunion_t1 t1s[] = {
        {.bytes = invalid, .length = bytes},
        {.bytes = good, .length = bytes},
        {.bytes = good, .length = REUNION_T1_OVERHEAD_BYTES - 1},
        t1_of(alice),
        {.bytes = too_long, .length = sizeof too_long},
        {.bytes = other_alpha, .length = bytes},
        {.bytes = good, .length = bytes},
        {.bytes = NULL, .length = 0},
    };
    static const int wanted[] = {-EBADMSG, 0, -EMSGSIZE, -ELOOP, -EMSGSIZE, 0, 0, -EMSGSIZE};
    enum { COUNT = sizeof t1s / sizeof t1s[0] };
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(reunion_session_needs_work(alice, t1s[i].bytes, t1s[i].length),
                         wanted[i] == 0 || wanted[i] == -EBADMSG);
    /* Twice: what was computed is remembered, the verdict on the invalid beta included. */
    for (int round = 0; round < 2; round++) {
        assert_int_equal(reunion_session_receive_t1s(alice, t1s, COUNT, NULL), 0);
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(t1s[i].status, wanted[i]);
        /* The good beta costs one group action, in the first T1 that has it. */
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(t1s[i].computed, round == 0 && i == 1);
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(reunion_session_needs_work(alice, t1s[i].bytes, t1s[i].length), 0);
        assert_memory_equal(t1s[1].t2, t1s[6].t2, REUNION_T2_BYTES);
        assert_memory_not_equal(t1s[1].t2, t1s[5].t2, REUNION_T2_BYTES);
    }
    /* Three T1s with the good beta, one with the bad: two betas in all. */
    assert_int_equal(alice->betas.betas.count, 2);
    assert_int_equal(reunion_session_t1s(alice), 2);
    /* What is visibly no public key needs no work, and is not remembered. */
    memset(invalid + T1_ALPHA_BYTES, 0xff, T1_BETA_BYTES);
    assert_int_equal(reunion_session_needs_work(alice, invalid, bytes), 0);
    struct reunion_t1 visibly = {.bytes = invalid, .length = bytes};
    assert_int_equal(reunion_session_receive_t1s(alice, &visibly, 1, NULL), 0);
    assert_int_equal(visibly.status, -EBADMSG);
    assert_int_equal(alice->betas.betas.count, 2);
    assert_int_equal(reunion_session_receive_t1s(alice, NULL, 0, NULL), 0);
    assert_int_equal(reunion_session_receive_t1s(alice, NULL, 1, NULL), -EINVAL);
    reunion_session_free(alice);
    reunion_session_free(bob);
}

static int always(void *asked)
{
    atomic_fetch_add((atomic_int *)asked, 1);
    return 1;
}

/* Cancelled T1s can be handed in again; how many threads work does not change the answers. */
static void work_can_be_cancelled_and_shared(void **state)
{
    (void)state;
    struct reunion_session *alice = open_session(shared_phrase, "alice");
    struct reunion_session *others[3];
    struct reunion_t1 t1s[3], again[3];
    for (int i = 0; i < 3; i++) {
        others[i] = open_session(shared_phrase, "somebody");
        t1s[i] = again[i] = t1_of(others[i]);
    }
    atomic_int asked = 0;
    struct reunion_work cancelled = {.threads = 2, .canceled = always, .state = &asked};
    assert_int_equal(reunion_session_receive_t1s(alice, t1s, 3, &cancelled), 0);
    assert_true(asked > 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t1s[i].status, -ECANCELED);

    assert_int_equal(
        reunion_session_receive_t1s(alice, t1s, 3, &(struct reunion_work){3, NULL, NULL}), 0);
    assert_int_equal(reunion_session_receive_t1s(alice, again, 3, NULL), 0);
    for (int i = 0; i < 3; i++) {
        uint8_t t2[32], t3[32], answer[32];
        assert_int_equal(t1s[i].status, 0);
        assert_memory_equal(t1s[i].t2, again[i].t2, REUNION_T2_BYTES);
        hand_t1(t2, alice, others[i]);
        hand_t2(answer, others[i], t2, alice);
        hand_t2(t3, alice, t1s[i].t2, others[i]);
        hand_t3(others[i], t3, alice);
        expect_message(alice, others[i], "somebody");
    }
    for (int i = 0; i < 3; i++)
        reunion_session_free(others[i]);
    reunion_session_free(alice);
}

static void bad_setups_are_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[REUNION_PASSPHRASE_BYTES_MAX + 1];
    const struct reunion_setup bad[] = {
        {.passphrase = NULL, .passphrase_bytes = 3},
        {.passphrase = bytes, .passphrase_bytes = 0},
        {.passphrase = bytes, .passphrase_bytes = REUNION_PASSPHRASE_BYTES_MAX + 1},
        {.passphrase = bytes, .passphrase_bytes = 3, .payload = NULL, .payload_bytes = 1},
        {.passphrase = bytes,
         .passphrase_bytes = 3,
         .payload = bytes,
         .payload_bytes = REUNION_PAYLOAD_BYTES_MAX + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct reunion_session *session = NULL;
        assert_int_equal(reunion_session_open(&session, &bad[i]), -EINVAL);
        assert_null(session);
    }
    reunion_session_free(NULL);
}

int main(void)
{
    static struct seeded seeded;
    seeded = seeded_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meets_in_every_order),
        cmocka_unit_test(strangers_get_dummies),
        cmocka_unit_test_prestate(junk_changes_nothing, &seeded),
        cmocka_unit_test_prestate(early_t3s_are_bounded, &seeded),
        cmocka_unit_test(bad_t1s_fail_alone),
        cmocka_unit_test(work_can_be_cancelled_and_shared),
        cmocka_unit_test(bad_setups_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
