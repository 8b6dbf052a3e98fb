/* Keys that are no text are no part of what is typed. */
#include <string.h>

#include "cli/keys.h"
#include "lib/test.h"

static void check(const char *typed, const char *left)
{
    char line[64];
    size_t bytes = strlen(typed);
    memcpy(line, typed, bytes);
    size_t kept = keys_drop(line, bytes);
    assert_int_equal(kept, strlen(left));
    assert_memory_equal(line, left, kept);
    for (size_t i = kept; i < bytes; i++)
        assert_int_equal(line[i], 0);
}

static void keys_are_left_out(void **state)
{
    (void)state;
    check("", "");
    check("jelly donut", "jelly donut");
    check("caf\u00e9 [A", "caf\u00e9 [A");
    check("jel\033[Dly", "jelly");
    check("\033[A\033[B\033[C\033[Djelly", "jelly");
    check("jelly\033OH", "jelly");
    check("jelly\033[1;5D donut", "jelly donut");
    check("jelly\033[3~\033[15~", "jelly");
    check("\033[200~jelly donut\033[201~", "jelly donut");
    check("jelly\033[[A", "jelly");
    check("jelly\033b donut", "jelly donut");
}

/* Whatever is cut off ends with the line. */
static void a_sequence_may_be_cut_off(void **state)
{
    (void)state;
    static const char *const cut[] = {"jelly\033", "jelly\033[", "jelly\033[1;", "jelly\033[["};
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
        check(cut[i], "jelly");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_left_out),
        cmocka_unit_test(a_sequence_may_be_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
