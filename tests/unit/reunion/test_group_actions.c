/* Batches of group actions: on how many threads they run, and how soon they are given up. */
#include "lib/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/secret.h"
#include "reunion/group_actions.h"

enum { KEYS_MAX = 64 }; /* two vectors of the widest engine for each of four threads */

/* The linker's --wrap: counts threads, and refuses them if told to. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);

static size_t threads_wanted;
static bool no_threads;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    threads_wanted++;
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

/* A secret, and public keys that are none: they fail at once, but are handed out as any other. */
static uint8_t secret[CTIDH1024_SECRET_BYTES];
static const uint8_t base_curve[CTIDH1024_PUBLIC_BYTES];
static uint8_t no_curve[CTIDH1024_PUBLIC_BYTES];
static uint8_t shared[KEYS_MAX][CTIDH1024_SHARED_BYTES];
static struct ctidh1024_exchange exchanges[KEYS_MAX];

static int make_keys(void **state)
{
    (void)state;
    if (secret_init())
        return -1;
    ctidh1024_secret_sample(secret, &random_system);
    memset(no_curve, 0xff, sizeof no_curve);
    return 0;
}

static void fill_exchanges(const uint8_t *public_key, size_t count)
{
    for (size_t i = 0; i < count; i++)
        exchanges[i] = (struct ctidh1024_exchange){public_key, shared[i], 1};
}

/* How many threads beside one's own `count` keys are worked on with. */
static size_t helpers_for(unsigned threads, size_t count)
{
    fill_exchanges(no_curve, count);
    threads_wanted = 0;
    group_actions(secret, exchanges, count, &(struct reunion_work){threads, NULL, NULL});
    for (size_t i = 0; i < count; i++)
        assert_int_equal(exchanges[i].status, -EBADMSG);
    return threads_wanted;
}

static void threads_are_as_many_as_wished(void **state)
{
    (void)state;
    assert_int_equal(helpers_for(1, 1), 0);
    assert_int_equal(helpers_for(1, KEYS_MAX), 0);
    assert_int_equal(helpers_for(2, KEYS_MAX), 1);
    assert_int_equal(helpers_for(4, KEYS_MAX), 3);
    assert_int_equal(helpers_for(3, 3), 2); /* few: a thread for each */
    assert_int_equal(helpers_for(8, 1), 0);
}

static void keys_are_done_without_the_threads(void **state)
{
    (void)state;
    no_threads = true;
    assert_int_equal(helpers_for(4, KEYS_MAX), 1);
    no_threads = false;
}

/* Gives true from the question number `patience` on. */
struct question {
    atomic_size_t asked;
    size_t patience;
};

static int is_enough(void *state)
{
    struct question *question = state;
    return atomic_fetch_add(&question->asked, 1) >= question->patience;
}

static void question_is_asked_often(void **state)
{
    (void)state;
    struct question question = {.patience = SIZE_MAX};
    fill_exchanges(base_curve, 1);
    group_actions(secret, exchanges, 1, &(struct reunion_work){1, is_enough, &question});
    assert_int_equal(exchanges[0].status, 0);
    assert_true(question.asked > 100); /* so each time less than a hundredth was done */
}

/* Whatever it is in the middle of: nobody asks again, and nothing is handed out half done. */
static void answer_is_heeded_at_once(void **state)
{
    (void)state;
    for (size_t patience = 0; patience < 60; patience += 20) {
        struct question question = {.patience = patience};
        fill_exchanges(base_curve, KEYS_MAX);
        memset(shared, 0, sizeof shared);
        group_actions(secret, exchanges, KEYS_MAX, &(struct reunion_work){2, is_enough, &question});
        /* The second thread may have been asking just then. */
        assert_in_range(question.asked, patience + 1, patience + 2);
        for (size_t i = 0; i < KEYS_MAX; i++) {
            assert_int_equal(exchanges[i].status, -ECANCELED);
            assert_int_equal(shared[i][0] | shared[i][1] | shared[i][2], 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_are_as_many_as_wished),
        cmocka_unit_test(keys_are_done_without_the_threads),
        cmocka_unit_test(question_is_asked_often),
        cmocka_unit_test(answer_is_heeded_at_once),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
