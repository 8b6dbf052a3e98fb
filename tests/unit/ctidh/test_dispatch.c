/* Which engine does how many keys, where REUNION_CTIDH asks for one. Called as `test_dispatch
 * ENGINE`, or without one for the fastest. */
#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/ctidh.h"
#include "ctidh/engine.h"

static const char *name;

static void the_one_asked_for_does_many(void **state)
{
    (void)state;
    assert_int_equal(ctidh1024_engine_check(), 0);
    assert_string_equal(ctidh1024_engine_name(), name);
    assert_string_equal(engine_for(64)->name, name);
    assert_int_equal(ctidh1024_lanes(), engine_for(64)->lanes);
}

static void few_are_done_without_lanes(void **state)
{
    (void)state;
    for (size_t count = 1; count <= CTIDH1024_FEW; count++)
        assert_int_equal(engine_for(count)->lanes, 1);
}

/* Not by eight lanes without IFMA, where four can be had. */
static void several_are_done_by_four_lanes(void **state)
{
    (void)state;
    const struct engine *four;
    bool wanted = strcmp(name, "avx512f") == 0 && engine_find("avx2", &four) == 0;
    for (size_t count = CTIDH1024_FEW + 1; count <= 4; count++)
        assert_string_equal(engine_for(count)->name, wanted ? "avx2" : name);
    assert_string_equal(engine_for(5)->name, name);
}

/* What computes wrongly finds it invalid. Quick enough for valgrind, which translates instructions.
 */
static void the_base_curve_is_valid(void **state)
{
    (void)state;
    const uint8_t base_curve[FP1024_BYTES] = {0};
    const struct engine *engine = engine_for(64);
    struct journey journey;
    bool valid = false;
    journey_open(&journey, base_curve, &(struct schedule){{0}, {0}});
    assert_int_equal(engine->validate(&valid, &journey, 1, &random_system, NULL), 0);
    assert_true(valid);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_asked_for_does_many),
        cmocka_unit_test(few_are_done_without_lanes),
        cmocka_unit_test(several_are_done_by_four_lanes),
        cmocka_unit_test(the_base_curve_is_valid),
    };
    const struct engine *engine;
    if (argc > 2 || setenv("REUNION_CTIDH", argc == 2 ? argv[1] : "", 1)) {
        fprintf(stderr, "usage: test_dispatch [ENGINE]\n");
        return 2;
    }
    name = argc == 2 ? argv[1] : ctidh1024_engine_name();
    if (engine_find(name, &engine)) {
        fprintf(stderr, "skipped: this processor has no %s engine\n", name);
        return 77;
    }
    return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
