/* Preparations: what is computed before the passphrase is known counts for the session. */
#include "lib/test.h"

#include <pthread.h>
#include <string.h>

#include "lib/allocation.h"
#include "reunion/session.h"

static struct reunion_setup setup_of(const char *message, struct reunion_preparation *preparation)
{
    return (struct reunion_setup){.passphrase = (const uint8_t *)"phrase",
                                  .passphrase_bytes = 6,
                                  .payload = (const uint8_t *)message,
                                  .payload_bytes = strlen(message),
                                  .preparation = preparation};
}

static struct reunion_session *open_session(const char *message,
                                            struct reunion_preparation *preparation)
{
    struct reunion_session *session = NULL;
    const struct reunion_setup setup = setup_of(message, preparation);
    assert_int_equal(reunion_session_open(&session, &setup), 0);
    return session;
}

static struct reunion_preparation *open_preparation(void)
{
    struct reunion_preparation *preparation = NULL;
    assert_int_equal(reunion_preparation_open(&preparation), 0);
    return preparation;
}

static struct reunion_t1 t1_of(const struct reunion_session *session)
{
    struct reunion_t1 t1 = {.status = 1, .computed = 7};
    t1.bytes = reunion_session_t1(session, &t1.length);
    memset(t1.t2, 9, sizeof t1.t2);
    return t1;
}

static void prepare(struct reunion_preparation *preparation, const struct reunion_session *from,
                    int computed)
{
    static const uint8_t zeros[REUNION_T2_BYTES];
    struct reunion_t1 t1 = t1_of(from);
    assert_int_equal(reunion_preparation_receive_t1s(preparation, &t1, 1, NULL), 0);
    assert_int_equal(t1.status, 0);
    assert_int_equal(t1.computed, computed);
    assert_memory_equal(t1.id, reunion_session_t1_id(from), sizeof t1.id);
    assert_memory_equal(t1.t2, zeros, sizeof zeros);
}

static struct reunion_t1 take(struct reunion_session *to, const struct reunion_session *from,
                              int computed)
{
    struct reunion_t1 t1 = t1_of(from);
    assert_int_equal(reunion_session_receive_t1s(to, &t1, 1, NULL), 0);
    assert_int_equal(t1.status, 0);
    assert_int_equal(t1.computed, computed);
    return t1;
}

static void assert_meet(struct reunion_session *one, struct reunion_session *other,
                        const struct reunion_t1 *t1_of_other, const char *message)
{
    uint8_t t3_of_one[REUNION_T3_BYTES], t3_of_other[REUNION_T3_BYTES];
    struct reunion_t1 t1_of_one = take(other, one, 1);
    struct reunion_reveal reveal;
    assert_int_equal(
        reunion_session_receive_t2(one, reunion_session_t1_id(other), t1_of_one.t2, t3_of_one), 0);
    assert_int_equal(
        reunion_session_receive_t2(other, reunion_session_t1_id(one), t1_of_other->t2, t3_of_other),
        0);
    assert_int_equal(reunion_session_receive_t3(one, reunion_session_t1_id(other), t3_of_other), 0);
    assert_int_equal(reunion_session_receive_t3(other, reunion_session_t1_id(one), t3_of_one), 0);
    assert_int_equal(reunion_session_next_reveal(one, &reveal), 0);
    assert_int_equal(reveal.payload_bytes, strlen(message));
    assert_memory_equal(reveal.payload, message, strlen(message));
    assert_int_equal(reunion_session_next_reveal(other, &reveal), 0);
}

static void what_is_prepared_costs_the_session_nothing(void **state)
{
    (void)state;
    struct reunion_session *early = open_session("early", NULL), *late = open_session("late", NULL);
    struct reunion_preparation *preparation = open_preparation();
    prepare(preparation, early, 1);
    prepare(preparation, early, 0);
    struct reunion_session *session = open_session("prepared", preparation);
    assert_int_equal(reunion_session_adopt(session, preparation), 0);
    reunion_preparation_free(preparation);

    struct reunion_t1 t1 = t1_of(early);
    assert_int_equal(reunion_session_needs_work(session, t1.bytes, t1.length), 0);
    t1 = take(session, early, 0);
    assert_meet(session, early, &t1, "early");
    t1 = take(session, late, 1);
    assert_meet(session, late, &t1, "late");
    reunion_session_free(session);
    reunion_session_free(early);
    reunion_session_free(late);
}

/* Without adopting it the session computes for itself, with the same result. */
static void a_session_need_not_adopt(void **state)
{
    (void)state;
    struct reunion_session *other = open_session("other", NULL);
    struct reunion_preparation *preparation = open_preparation();
    prepare(preparation, other, 1);
    struct reunion_session *session = open_session("prepared", preparation);
    struct reunion_t1 t1 = take(session, other, 1);
    assert_int_equal(reunion_session_adopt(session, preparation), 0);
    assert_meet(session, other, &t1, "other");
    reunion_preparation_free(preparation);
    reunion_session_free(session);
    reunion_session_free(other);
}

static void one_key_is_for_one_session(void **state)
{
    (void)state;
    const struct reunion_seeds seeds = {.ctidh = {1}};
    struct reunion_preparation *preparation = open_preparation(), *unused = open_preparation();
    struct reunion_session *session = open_session("one", preparation), *other = NULL;
    struct reunion_setup setup = setup_of("two", preparation);
    assert_int_equal(reunion_session_open(&other, &setup), -EINVAL);
    setup = setup_of("seeded", unused);
    setup.seeds = &seeds;
    assert_int_equal(reunion_session_open(&other, &setup), -EINVAL);
    assert_null(other);
    assert_int_equal(reunion_session_adopt(session, unused), -EINVAL);
    other = open_session("three", unused);
    assert_int_equal(reunion_session_adopt(session, unused), -EINVAL);
    assert_int_equal(reunion_session_adopt(other, unused), 0);
    reunion_preparation_free(preparation);
    reunion_preparation_free(unused);
    reunion_session_free(session);
    reunion_session_free(other);
}

static int at_once(void *state)
{
    (void)state;
    return 1;
}

static void each_t1_has_its_status(void **state)
{
    (void)state;
    const struct reunion_work given_up = {.threads = 1, .canceled = at_once};
    struct reunion_session *other = open_session("other", NULL);
    struct reunion_preparation *preparation = open_preparation();
    struct reunion_t1 t1s[3] = {t1_of(other), t1_of(other), t1_of(other)};
    uint8_t invalid[REUNION_T1_OVERHEAD_BYTES];
    memset(invalid, 0xff, sizeof invalid);
    t1s[0].length = 3;
    t1s[1].bytes = invalid;
    t1s[1].length = sizeof invalid;
    assert_int_equal(reunion_preparation_receive_t1s(preparation, t1s, 3, &given_up), 0);
    assert_int_equal(t1s[0].status, -EMSGSIZE);
    assert_int_equal(t1s[1].status, -EBADMSG);
    assert_int_equal(t1s[2].status, -ECANCELED);
    assert_int_equal(t1s[2].computed, 0);
    assert_int_equal(reunion_preparation_receive_t1s(preparation, NULL, 1, NULL), -EINVAL);
    assert_int_equal(reunion_preparation_receive_t1s(preparation, NULL, 0, NULL), 0);
    prepare(preparation, other, 1); /* it is tried again */
    reunion_preparation_free(preparation);
    reunion_preparation_free(NULL);
    reunion_session_free(other);
}

struct opening {
    struct reunion_preparation *preparation;
    struct reunion_session *session;
};

static void *open_in_a_thread(void *of_opening)
{
    struct opening *opening = of_opening;
    opening->session = open_session("prepared", opening->preparation);
    return NULL;
}

/* What a race detector looks at. */
static void it_goes_on_while_the_session_opens(void **state)
{
    (void)state;
    struct reunion_session *other = open_session("other", NULL);
    struct opening opening = {.preparation = open_preparation()};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, open_in_a_thread, &opening), 0);
    prepare(opening.preparation, other, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(reunion_session_adopt(opening.session, opening.preparation), 0);
    struct reunion_t1 t1 = take(opening.session, other, 0);
    assert_meet(opening.session, other, &t1, "other");
    reunion_preparation_free(opening.preparation);
    reunion_session_free(opening.session);
    reunion_session_free(other);
}

/* Each allocation fails once: nothing is lost, and the next try succeeds. */
static void it_survives_every_failure(void **state)
{
    (void)state;
    struct reunion_session *other = open_session("other", NULL), *session;
    struct reunion_preparation *preparation = NULL;
    struct reunion_t1 t1 = t1_of(other);
    const struct reunion_work alone = {.threads = 1};
    /* Its own two, before libcrypto begins with its. */
    for (size_t which = 0; which < 2; which++) {
        allocation_fail(which);
        assert_int_equal(reunion_preparation_open(&preparation), -ENOMEM);
        assert_true(allocation_relent());
        assert_null(preparation);
    }
    int err = reunion_preparation_open(&preparation);
    assert_int_equal(err, 0);
    bool failed = true;
    for (size_t which = 0; failed; which++) {
        allocation_fail(which);
        assert_int_equal(reunion_preparation_receive_t1s(preparation, &t1, 1, &alone), 0);
        failed = allocation_relent();
        assert_true(t1.status == 0 || t1.status == -ENOMEM);
    }
    assert_int_equal(t1.status, 0);
    session = open_session("prepared", preparation);
    failed = true;
    for (size_t which = 0; failed; which++) {
        allocation_fail(which);
        err = reunion_session_adopt(session, preparation);
        failed = allocation_relent();
        assert_true(err == 0 || err == -ENOMEM);
    }
    assert_int_equal(err, 0);
    t1 = take(session, other, 0);
    assert_meet(session, other, &t1, "other");
    reunion_preparation_free(preparation);
    reunion_session_free(session);
    reunion_session_free(other);
}

int main(void)
{
    allocation_hook_libcrypto();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_prepared_costs_the_session_nothing),
        cmocka_unit_test(a_session_need_not_adopt),
        cmocka_unit_test(one_key_is_for_one_session),
        cmocka_unit_test(each_t1_has_its_status),
        cmocka_unit_test(it_goes_on_while_the_session_opens),
        cmocka_unit_test(it_survives_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
