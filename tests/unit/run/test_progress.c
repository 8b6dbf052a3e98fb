/* The line of progress: its numbers, and what is left of it in a narrow window. */
#include <string.h>

#include "lib/test.h"
#include "run/progress.h"

static void assert_shown(const struct progress *progress, size_t columns, const char *expected)
{
    char line[PROGRESS_LINE_BYTES];
    size_t length = progress_line(progress, line, columns);
    assert_string_equal(line, expected);
    assert_int_equal(length, strlen(expected));
}

static void the_rate_is_that_of_the_present_work(void **state)
{
    (void)state;
    struct progress progress = {0};
    progress_note(&progress, 0, 60, 10000);
    assert_int_equal(progress_rate(&progress), 0);
    assert_int_equal(progress_left_s(&progress), -1);
    progress_note(&progress, 16, 44, 12000);
    assert_int_equal(progress_rate(&progress), 8000);
    assert_int_equal(progress_left_s(&progress), 6);
    progress_note(&progress, 60, 0, 20000);
    /* Idle for an hour, and then one more. */
    progress_note(&progress, 60, 4, 3620000);
    assert_int_equal(progress_rate(&progress), 0);
    progress_note(&progress, 61, 3, 3622000);
    assert_int_equal(progress_rate(&progress), 500);
    assert_int_equal(progress_left_s(&progress), 6);
}

static void the_line_says_what_there_is(void **state)
{
    (void)state;
    struct progress progress = {0};
    assert_shown(&progress, 80, "nobody else so far");
    progress.others = 1;
    progress_note(&progress, 0, 1, 1000);
    assert_shown(&progress, 80, "1 other person is here; 0 of 1 checked");
    progress_note(&progress, 1, 0, 1500);
    assert_shown(&progress, 80, "1 other person is here; 1 of 1 checked; 1 has not answered yet");
    progress.answered = 1;
    progress.messages = 1;
    assert_shown(&progress, 80, "1 other person is here; 1 of 1 checked; 1 met");
    progress = (struct progress){.others = 63, .answered = 2};
    progress_note(&progress, 0, 63, 1000);
    progress_note(&progress, 5, 58, 3000);
    assert_shown(&progress, 100,
                 "63 other people are here; 5 of 63 checked, 2.5 a second, 24 s left; "
                 "3 have not answered yet");
}

static void long_times_are_in_their_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t rest;
        const char *left;
    } cases[] = {{99, ", 99 s left"},      {100, ", 2 min left"}, {121, ", 3 min left"},
                 {5999, ", 100 min left"}, {6000, ", 2 h left"},  {7201, ", 3 h left"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct progress progress = {.others = 1};
        progress_note(&progress, 0, (size_t)cases[i].rest + 1, 0);
        progress_note(&progress, 1, (size_t)cases[i].rest, 1000);
        char line[PROGRESS_LINE_BYTES];
        progress_line(&progress, line, 150);
        assert_non_null(strstr(line, cases[i].left));
    }
}

/* In any width the line is a beginning of the whole one that ends where a part ends. */
static void a_narrow_window_loses_whole_parts(void **state)
{
    (void)state;
    struct progress progress = {.others = 63, .messages = 1};
    progress_note(&progress, 0, 63, 1000);
    progress_note(&progress, 5, 58, 3000);
    char whole[PROGRESS_LINE_BYTES], line[PROGRESS_LINE_BYTES];
    size_t whole_length = progress_line(&progress, whole, 1000);
    for (size_t columns = 0; columns <= whole_length; columns++) {
        size_t length = progress_line(&progress, line, columns);
        assert_in_range(length, 0, columns);
        assert_memory_equal(line, whole, length);
        assert_true(length == 0 || strchr(";, ", whole[length]));
    }
    assert_shown(&progress, 0, "");
    assert_shown(&progress, 20, "63 other");
    assert_shown(&progress, 24, "63 other people are here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_is_that_of_the_present_work),
        cmocka_unit_test(the_line_says_what_there_is),
        cmocka_unit_test(long_times_are_in_their_unit),
        cmocka_unit_test(a_narrow_window_loses_whole_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
