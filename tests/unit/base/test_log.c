#include "lib/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* Standard error goes to a file between begin and end. */
struct capture {
    FILE *file;
    int original;
};

static struct capture capture_begin(void)
{
    struct capture capture = {tmpfile(), dup(STDERR_FILENO)};
    assert_non_null(capture.file);
    assert_true(capture.original >= 0);
    assert_true(dup2(fileno(capture.file), STDERR_FILENO) >= 0);
    return capture;
}

/* What was written, owned by the caller. */
static char *capture_end(struct capture *capture)
{
    dup2(capture->original, STDERR_FILENO);
    close(capture->original);
    long length = (fseek(capture->file, 0, SEEK_END), ftell(capture->file));
    assert_true(length >= 0);
    char *text = calloc(1, (size_t)length + 1);
    assert_non_null(text);
    rewind(capture->file);
    assert_int_equal(fread(text, 1, (size_t)length, capture->file), length);
    fclose(capture->file);
    return text;
}

static void lines_have_a_level_an_event_and_fields(void **state)
{
    (void)state;
    struct capture capture = capture_begin();
    log_line(LOG_ERROR, "store failed", NULL);
    log_line(LOG_INFO, "listening", "port=%d", 5000);
    char *text = capture_end(&capture);
    assert_string_equal(text, "level=error event=\"store failed\"\n"
                              "level=info event=\"listening\" port=5000\n");
    free(text);
}

static void levels_above_the_chosen_one_are_silent(void **state)
{
    (void)state;
    struct capture capture = capture_begin();
    log_line(LOG_DEBUG, "unseen", NULL);
    log_set_level(LOG_ERROR);
    log_line(LOG_WARNING, "unseen", NULL);
    log_line(LOG_ERROR, "seen", NULL);
    log_set_level(LOG_DEBUG);
    log_line(LOG_DEBUG, "seen too", NULL);
    log_set_level(LOG_INFO);
    char *text = capture_end(&capture);
    assert_string_equal(text, "level=error event=\"seen\"\nlevel=debug event=\"seen too\"\n");
    free(text);
}

static void fields_that_are_too_long_are_cut_not_overrun(void **state)
{
    (void)state;
    static char long_value[4096];
    memset(long_value, 'x', sizeof long_value - 1);
    struct capture capture = capture_begin();
    log_line(LOG_INFO, "long", "value=%s", long_value);
    char *text = capture_end(&capture);
    size_t length = strlen(text);
    assert_in_range(length, 256, 1024);
    assert_int_equal(text[length - 1], '\n');
    assert_ptr_equal(strchr(text, '\n'), text + length - 1);
    free(text);
}

enum { THREADS = 4, LINES = 200 };
static const char whole_line[] = "level=info event=\"together\" fill=abcdefghijklmnopqrstuvwxyz\n";

static void *write_lines(void *argument)
{
    for (int i = 0; i < LINES; i++)
        log_line(LOG_INFO, "together", "fill=%s", "abcdefghijklmnopqrstuvwxyz");
    return argument;
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct capture capture = capture_begin();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    char *text = capture_end(&capture);
    assert_int_equal(strlen(text), THREADS * LINES * strlen(whole_line));
    for (size_t at = 0; text[at]; at += strlen(whole_line))
        assert_memory_equal(text + at, whole_line, strlen(whole_line));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_a_level_an_event_and_fields),
        cmocka_unit_test(levels_above_the_chosen_one_are_silent),
        cmocka_unit_test(fields_that_are_too_long_are_cut_not_overrun),
        cmocka_unit_test(lines_of_several_threads_do_not_mix),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
