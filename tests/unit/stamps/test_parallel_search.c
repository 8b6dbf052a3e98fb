#include "lib/test.h"

#include <stdatomic.h>
#include <string.h>

#include "stamps/parallel_search.h"

enum { THREADS = 4 };

static const struct stamp_subject subject = {.kind = STAMP_KIND_T1, .record = {1, 2, 3}};

static struct parallel_search opened(unsigned threads)
{
    struct parallel_search search;
    assert_int_equal(parallel_search_open(&search, &subject, threads, &random_system), 0);
    return search;
}

static uint32_t worth(const uint8_t nonce[static STAMP_NONCE_BYTES])
{
    struct argon2id_memory *memory;
    uint32_t effort;
    assert_int_equal(argon2id_open(&memory, STAMP_MEMORY_KIB), 0);
    assert_int_equal(stamp_check(memory, &subject, nonce, &effort), 0);
    argon2id_close(memory);
    return effort;
}

static void the_best_of_all_threads_is_kept(void **state)
{
    const struct stamp_goal goal = {.effort = 40, .tries = 60};
    struct parallel_search search = opened(THREADS);
    (void)state;
    assert_int_equal(parallel_search_run(&search, &goal, NULL), 0);
    assert_true(search.tries >= 60);
    assert_true(search.best_effort >= 40);
    assert_int_equal(worth(search.best_nonce), search.best_effort);
    uint64_t tries = 0;
    uint32_t best = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        tries += search.searches[i].tries;
        if (search.searches[i].best_effort > best)
            best = search.searches[i].best_effort;
    }
    assert_int_equal(search.tries, tries);
    assert_int_equal(search.best_effort, best);
    parallel_search_close(&search);
}

/* What was tried counts for the next goal, and nothing is done for one that is reached. */
static void a_search_goes_on(void **state)
{
    struct parallel_search search = opened(2);
    (void)state;
    assert_int_equal(parallel_search_run(&search, &(struct stamp_goal){.tries = 20}, NULL), 0);
    uint64_t tries = search.tries;
    assert_in_range(tries, 20, 21); /* one thread may be at a try when the other ends it */
    assert_int_equal(parallel_search_run(&search, &(struct stamp_goal){.tries = 20}, NULL), 0);
    assert_int_equal(search.tries, tries);
    assert_int_equal(parallel_search_run(&search, &(struct stamp_goal){.tries = 40}, NULL), 0);
    assert_in_range(search.tries, 40, 41);
    parallel_search_close(&search);
}

static int count_down(void *state, int64_t ms)
{
    atomic_int *left = state;
    assert_int_equal(ms, 0);
    return atomic_fetch_sub(left, 1) > 0 ? 0 : -ECANCELED;
}

static void a_stop_ends_all_threads(void **state)
{
    struct parallel_search search = opened(THREADS);
    atomic_int left = 30;
    const struct stop_source stop = {.wait = count_down, .state = &left, .fd = -1};
    (void)state;
    assert_int_equal(
        parallel_search_run(&search, &(struct stamp_goal){.effort = UINT32_MAX}, &stop),
        -ECANCELED);
    assert_int_equal(search.tries, 30);
    assert_true(search.best_effort > 0);
    parallel_search_close(&search);
}

static void threads_are_bounded(void **state)
{
    struct parallel_search search = opened(1000);
    (void)state;
    assert_int_equal(search.threads, PARALLEL_SEARCH_THREADS_MAX);
    parallel_search_close(&search);
    assert_int_equal(search.threads, 0);
    assert_false(parallel_search_is_for(&search, &subject));
    parallel_search_close(&search);
}

static void a_search_is_for_its_subject(void **state)
{
    struct stamp_subject other = subject;
    struct parallel_search search = opened(1);
    (void)state;
    assert_true(parallel_search_is_for(&search, &subject));
    other.challenge[0] ^= 1;
    assert_false(parallel_search_is_for(&search, &other));
    parallel_search_close(&search);
}

static void an_estimate_is_made_once(void **state)
{
    int64_t ms = -1;
    struct parallel_search search = opened(2);
    (void)state;
    assert_int_equal(parallel_search_estimate(&search, 1000, &clock_system, NULL, &ms), 0);
    assert_true(ms >= 0);
    uint64_t tries = search.tries;
    ms = -1;
    assert_int_equal(parallel_search_estimate(&search, 1000, &clock_system, NULL, &ms), -EALREADY);
    assert_int_equal(ms, -1);
    assert_int_equal(search.tries, tries);
    parallel_search_close(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_all_threads_is_kept),
        cmocka_unit_test(a_search_goes_on),
        cmocka_unit_test(a_stop_ends_all_threads),
        cmocka_unit_test(threads_are_bounded),
        cmocka_unit_test(a_search_is_for_its_subject),
        cmocka_unit_test(an_estimate_is_made_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
