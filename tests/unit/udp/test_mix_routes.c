/* Routes through mixes: how they are drawn, and which mixes are left out. */
#include "udp/mix_routes.h"

#include <string.h>

#include "lib/test.h"

enum { DRAWS = 20000 };

static struct seeded seeded;
static struct random_source source;

static struct mix_routes routes_of(size_t count)
{
    struct mix_routes routes;
    mix_routes_init(&routes, count, &(struct mix_route){.count = 0});
    return routes;
}

static bool has(const struct mix_route *route, size_t mix)
{
    for (size_t i = 0; i < route->count; i++)
        if (route->mix[i] == mix)
            return true;
    return false;
}

static void assert_distinct(const struct mix_route *route, size_t count)
{
    for (size_t i = 0; i < route->count; i++) {
        assert_true(route->mix[i] < count);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(route->mix[i], route->mix[j]);
    }
}

static int open_seed(void **state)
{
    (void)state;
    seeded = seeded_open();
    source = seeded_source(&seeded);
    return 0;
}

/* Drawing */

static void routes_have_three_mixes_or_all(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 7; count++) {
        struct mix_routes routes = routes_of(count);
        size_t wanted = count < 3 ? count : 3;
        for (int i = 0; i < 200; i++) {
            struct mix_try drawn;
            mix_routes_draw(&drawn, &routes, i % 2 == 1, &source);
            assert_int_equal(drawn.there.count, wanted);
            assert_int_equal(drawn.back.count, count < 3 ? 1 : 3);
            assert_distinct(&drawn.there, count);
            assert_distinct(&drawn.back, count);
            assert_int_equal(drawn.back.mix[drawn.back.count - 1], drawn.there.mix[0]);
            if (count > 1)
                assert_int_not_equal(drawn.back.mix[0], drawn.there.mix[wanted - 1]);
        }
    }
}

/* Chi squared of the counts of `cells` cells that are equally likely, against its 1 - 10^-6
 * quantile for up to 60 cells, which is below 3 * cells + 40. */
static void assert_uniform(const unsigned *counts, size_t cells, unsigned draws)
{
    double expected = (double)draws / (double)cells, sum = 0;
    for (size_t i = 0; i < cells; i++) {
        double off = (double)counts[i] - expected;
        sum += off * off / expected;
    }
    assert_true(sum < 3.0 * (double)cells + 40);
}

/* All 60 orders of three out of five are as likely as each other, and so are those of the answer
 * that begin and end elsewhere than the exit. */
static void routes_are_drawn_uniformly(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(5);
    unsigned there[60] = {0}, first_back[5] = {0}, second_back[5] = {0}, matching = 0;
    for (unsigned i = 0; i < DRAWS; i++) {
        struct mix_try drawn;
        mix_routes_draw(&drawn, &routes, false, &source);
        const size_t *mix = drawn.there.mix;
        size_t second = mix[1] - (mix[1] > mix[0]), low = mix[0] < mix[1] ? mix[0] : mix[1],
               high = mix[0] < mix[1] ? mix[1] : mix[0],
               third = mix[2] - (mix[2] > low) - (mix[2] > high);
        there[mix[0] * 12 + second * 3 + third]++;
        if (mix[0] == 0 && mix[2] == 4) {
            matching++;
            first_back[drawn.back.mix[0]]++;
            second_back[drawn.back.mix[1]]++;
        }
    }
    assert_uniform(there, 60, DRAWS);
    assert_uniform(first_back + 1, 3, matching); /* not the entry, not the exit */
    assert_int_equal(first_back[0] + first_back[4], 0);
    assert_int_equal(second_back[0], 0);
    for (size_t i = 1; i < 5; i++)
        assert_in_range(second_back[i], matching / 8, matching);
}

static void another_try_takes_the_answer_over_the_same_mixes(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(6);
    for (int i = 0; i < 200; i++) {
        struct mix_try drawn;
        mix_routes_draw(&drawn, &routes, true, &source);
        for (size_t j = 0; j < drawn.back.count; j++)
            assert_true(has(&drawn.there, drawn.back.mix[j]));
    }
}

static void fixed_routes_are_as_told(void **state)
{
    (void)state;
    static const struct {
        struct mix_route there, back;
    } cases[] = {
        {{{4}, 1}, {{4}, 1}},
        {{{4, 0}, 2}, {{4}, 1}},
        {{{4, 0, 2}, 3}, {{0, 4}, 2}},
        {{{4, 0, 2, 1, 3}, 5}, {{1, 2, 0, 4}, 4}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mix_routes routes;
        struct mix_try drawn;
        struct mix_route cover, probe;
        mix_routes_init(&routes, 5, &cases[i].there);
        mix_routes_draw(&drawn, &routes, i % 2 == 0, &source);
        mix_routes_draw_from(&cover, &routes, 4, &source);
        mix_routes_draw_probe(&probe, &routes, 0, &source);
        assert_int_equal(drawn.there.count, cases[i].there.count);
        assert_int_equal(drawn.back.count, cases[i].back.count);
        for (size_t j = 0; j < drawn.there.count; j++)
            assert_int_equal(drawn.there.mix[j], cases[i].there.mix[j]);
        for (size_t j = 0; j < drawn.back.count; j++)
            assert_int_equal(drawn.back.mix[j], cases[i].back.mix[j]);
        assert_int_equal(cover.count, cases[i].there.count);
        assert_int_equal(probe.mix[0], 4); /* nothing goes to another first mix */
    }
}

static void cover_begins_where_it_is_wanted(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(5);
    unsigned second[5] = {0};
    for (unsigned i = 0; i < DRAWS; i++) {
        struct mix_route drawn;
        mix_routes_draw_from(&drawn, &routes, 2, &source);
        assert_int_equal(drawn.count, 3);
        assert_int_equal(drawn.mix[0], 2);
        assert_distinct(&drawn, 5);
        second[drawn.mix[1]]++;
    }
    assert_int_equal(second[2], 0);
    second[2] = second[4];
    assert_uniform(second, 4, DRAWS);
}

/* What is left out */

static const struct mix_try over_012 = {{{0, 1, 2}, 3}, {{1, 2, 0}, 3}};
static const struct mix_try over_034 = {{{0, 3, 4}, 3}, {{3, 4, 0}, 3}};

static unsigned count_routes_with(const struct mix_routes *routes, size_t mix)
{
    unsigned count = 0;
    for (int i = 0; i < 500; i++) {
        struct mix_try drawn;
        mix_routes_draw(&drawn, routes, false, &source);
        count += has(&drawn.there, mix) || has(&drawn.back, mix);
    }
    return count;
}

static void two_unanswered_tries_leave_a_mix_out(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(5);
    mix_routes_unanswered(&routes, &over_012);
    assert_true(count_routes_with(&routes, 0) > 0);
    mix_routes_unanswered(&routes, &over_034);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(routes.mixes[i].health, i == 0 ? MIX_HEALTH_SUSPECTED : MIX_HEALTH_GOOD);
    assert_int_equal(count_routes_with(&routes, 0), 0);
}

static void an_answer_between_them_clears_it(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(5);
    mix_routes_unanswered(&routes, &over_012);
    mix_routes_answered(&routes, &over_034);
    mix_routes_unanswered(&routes, &over_034);
    assert_int_equal(routes.mixes[0].health, MIX_HEALTH_GOOD);
    mix_routes_unanswered(&routes, &over_012);
    assert_int_equal(routes.mixes[0].health, MIX_HEALTH_SUSPECTED);
    mix_routes_answered(&routes, &over_034); /* it was late */
    assert_int_equal(routes.mixes[0].health, MIX_HEALTH_GOOD);
}

/* A mix that is on both ways of a try is counted once. */
static void a_try_counts_once(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(3);
    mix_routes_unanswered(&routes, &over_012);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(routes.mixes[i].unanswered, 1);
}

static void another_try_goes_where_more_is_known(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(6);
    mix_routes_unanswered(&routes, &over_012);
    for (int i = 0; i < 200; i++) {
        struct mix_try drawn;
        mix_routes_draw(&drawn, &routes, true, &source);
        for (size_t mix = 3; mix < 6; mix++)
            assert_true(has(&drawn.there, mix));
    }
}

/* Somebody who stops mixes does not make routes shorter, nor choose them. */
static void routes_stay_as_long_where_mixes_fail(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(4);
    for (size_t mix = 0; mix < 4; mix++) {
        struct mix_try drawn;
        assert_true(mix_routes_refused(&routes, mix));
        assert_false(mix_routes_refused(&routes, mix));
        mix_routes_draw(&drawn, &routes, false, &source);
        assert_int_equal(drawn.there.count, 3);
        assert_int_equal(drawn.back.count, 3);
        assert_distinct(&drawn.there, 4);
    }
}

/* Probes */

static void a_probe_goes_by_a_mix_that_answers(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(5);
    struct mix_route drawn;
    unsigned by[5] = {0};
    mix_routes_draw_probe(&drawn, &routes, 1, &source);
    assert_int_equal(drawn.count, 1); /* of none is it known */
    assert_int_equal(drawn.mix[0], 1);
    mix_routes_answered(&routes, &over_034);
    for (int i = 0; i < 300; i++) {
        mix_routes_draw_probe(&drawn, &routes, 3, &source);
        assert_int_equal(drawn.count, 3);
        assert_int_equal(drawn.mix[1], 3);
        assert_int_equal(drawn.mix[0], drawn.mix[2]);
        by[drawn.mix[0]]++;
    }
    assert_true(by[0] > 0 && by[4] > 0);
    assert_int_equal(by[0] + by[4], 300);
}

static void two_unanswered_probes_show_that_it_failed(void **state)
{
    (void)state;
    struct mix_routes routes = routes_of(5);
    assert_false(mix_routes_probe_unanswered(&routes, 2)); /* nobody suspects it any more */
    mix_routes_unanswered(&routes, &over_012);
    mix_routes_unanswered(&routes, &over_012);
    assert_false(mix_routes_probe_unanswered(&routes, 2));
    assert_true(mix_routes_probe_unanswered(&routes, 2));
    assert_int_equal(routes.mixes[2].health, MIX_HEALTH_FAILED);
    assert_false(mix_routes_probe_unanswered(&routes, 2)); /* that is said once */
    mix_routes_probe_answered(&routes, 1);
    assert_int_equal(routes.mixes[1].health, MIX_HEALTH_GOOD);
    mix_routes_probe_answered(&routes, 2);
    assert_int_equal(routes.mixes[2].health, MIX_HEALTH_GOOD);
    assert_int_equal(routes.mixes[2].unanswered, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_have_three_mixes_or_all),
        cmocka_unit_test(routes_are_drawn_uniformly),
        cmocka_unit_test(another_try_takes_the_answer_over_the_same_mixes),
        cmocka_unit_test(fixed_routes_are_as_told),
        cmocka_unit_test(cover_begins_where_it_is_wanted),
        cmocka_unit_test(two_unanswered_tries_leave_a_mix_out),
        cmocka_unit_test(an_answer_between_them_clears_it),
        cmocka_unit_test(a_try_counts_once),
        cmocka_unit_test(another_try_goes_where_more_is_known),
        cmocka_unit_test(routes_stay_as_long_where_mixes_fail),
        cmocka_unit_test(a_probe_goes_by_a_mix_that_answers),
        cmocka_unit_test(two_unanswered_probes_show_that_it_failed),
    };
    return cmocka_run_group_tests_name("mix_routes", tests, open_seed, NULL);
}
