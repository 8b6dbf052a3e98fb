/* Every allocation of the receiving half fails once, and nothing is lost. */
#include "lib/test.h"

#include <pthread.h>
#include <string.h>

#include "lib/allocation.h"
#include "reunion/session.h"

enum { ALLOCATIONS_MAX = 10000 };

static struct reunion_session *open_session(const char *message)
{
    struct reunion_session *session = NULL;
    int err = reunion_session_open(&session,
                                   &(struct reunion_setup){.passphrase = (const uint8_t *)"phrase",
                                                           .passphrase_bytes = 6,
                                                           .payload = (const uint8_t *)message,
                                                           .payload_bytes = strlen(message)});
    assert_int_equal(err, 0);
    return session;
}

/* One step of the exchange; gives what its function gives. */
typedef int step(struct reunion_session *to, struct reunion_session *from, uint8_t *answer,
                 const uint8_t *record);

static int take_t1(struct reunion_session *to, struct reunion_session *from, uint8_t *answer,
                   const uint8_t *record)
{
    (void)record;
    struct reunion_t1 t1 = {0};
    t1.bytes = reunion_session_t1(from, &t1.length);
    assert_int_equal(reunion_session_receive_t1s(to, &t1, 1, &(struct reunion_work){1, NULL, NULL}),
                     0);
    memcpy(answer, t1.t2, sizeof t1.t2);
    return t1.status;
}

static int take_t2(struct reunion_session *to, struct reunion_session *from, uint8_t *answer,
                   const uint8_t *record)
{
    return reunion_session_receive_t2(to, reunion_session_t1_id(from), record, answer);
}

static int take_t3(struct reunion_session *to, struct reunion_session *from, uint8_t *answer,
                   const uint8_t *record)
{
    (void)answer;
    return reunion_session_receive_t3(to, reunion_session_t1_id(from), record);
}

/* Fail allocation 0, 1, 2 … of a step until it needs no more; each time it says so. */
static void persist(step *run, struct reunion_session *to, struct reunion_session *from,
                    uint8_t *answer, const uint8_t *record)
{
    for (size_t which = 0; which < ALLOCATIONS_MAX; which++) {
        allocation_fail(which);
        int err = run(to, from, answer, record);
        if (!allocation_relent()) {
            assert_int_equal(err, 0);
            assert_true(which > 0); /* a step without allocations would test nothing */
            return;
        }
        /* libcrypto gets by without some of its allocations. */
        assert_true(err == 0 || err == -ENOMEM);
    }
    fail_msg("more than %d allocations", ALLOCATIONS_MAX);
}

static void exchange_survives_every_failure(void **state)
{
    (void)state;
    struct reunion_session *alice = open_session("alice"), *bob = open_session("bob");
    uint8_t t2_alice[32], t2_bob[32], t3_alice[32], t3_bob[32];

    persist(take_t1, alice, bob, t2_alice, NULL);
    persist(take_t1, bob, alice, t2_bob, NULL);
    persist(take_t2, bob, alice, t3_bob, t2_alice);
    persist(take_t2, alice, bob, t3_alice, t2_bob);
    persist(take_t3, alice, bob, NULL, t3_bob);
    persist(take_t3, bob, alice, NULL, t3_alice);

    struct reunion_reveal reveal;
    assert_int_equal(reunion_session_next_reveal(alice, &reveal), 0);
    assert_memory_equal(reveal.payload, "bob", 3);
    assert_int_equal(reunion_session_next_reveal(alice, &reveal), -ENOENT);
    assert_int_equal(reunion_session_next_reveal(bob, &reveal), 0);
    assert_memory_equal(reveal.payload, "alice", 5);
    reunion_session_free(alice);
    reunion_session_free(bob);
}

/* Opening: the session's own four allocations, before Argon2i and libcrypto begin with theirs. */
static void opening_fails_cleanly(void **state)
{
    (void)state;
    for (size_t which = 0; which < 4; which++) {
        struct reunion_session *session = NULL;
        allocation_fail(which);
        int err = reunion_session_open(
            &session, &(struct reunion_setup){.passphrase = (const uint8_t *)"phrase",
                                              .passphrase_bytes = 6});
        assert_true(allocation_relent());
        assert_int_equal(err, -ENOMEM);
        assert_null(session);
    }
}

/* The linker's --wrap, as in lib/allocation.c. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);

static bool no_threads;
static size_t threads_refused;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    if (!no_threads)
        return __real_pthread_create(thread, attributes, run, argument);
    threads_refused++;
    return EAGAIN;
}

/* The same T1 with a second thread and without. */
static void opening_does_without_a_second_thread(void **state)
{
    (void)state;
    const struct reunion_seeds seeds = {.ctidh = {1}, .dh = {2}, .gamma = {3}};
    const struct reunion_setup setup = {
        .passphrase = (const uint8_t *)"phrase", .passphrase_bytes = 6, .seeds = &seeds};
    struct reunion_session *session[2];
    const uint8_t *t1[2];
    size_t length[2];
    for (size_t i = 0; i < 2; i++) {
        no_threads = i == 1;
        int err = reunion_session_open(&session[i], &setup);
        no_threads = false;
        assert_int_equal(err, 0);
        t1[i] = reunion_session_t1(session[i], &length[i]);
    }
    assert_int_equal(threads_refused, 1);
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(t1[0], t1[1], length[0]);
    reunion_session_free(session[0]);
    reunion_session_free(session[1]);
}

int main(void)
{
    allocation_hook_libcrypto();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_survives_every_failure),
        cmocka_unit_test(opening_fails_cleanly),
        cmocka_unit_test(opening_does_without_a_second_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
