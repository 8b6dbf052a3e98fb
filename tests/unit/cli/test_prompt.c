/* Asking on a terminal and reading from a pipe; and stops, by signal or by time. */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/prompt.h"
#include "cli/signals.h"
#include "lib/test.h"

static int never(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static const struct stop_source no_stop = {never, NULL, -1};

static void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void assert_line(int fd, const char *expected)
{
    struct secret_text line = {0};
    assert_int_equal(prompt_line_on(&line, fd, "question", true, &no_stop), 0);
    assert_int_equal(line.bytes, strlen(expected));
    assert_memory_equal(line.text, expected, line.bytes);
    secret_text_clear(&line);
}

/* One reader takes its line and leaves the next one to the next. */
static void a_pipe_gives_line_by_line(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    put(ends[1], "first line\nsecond\r\n\nlast");
    close(ends[1]);
    assert_line(ends[0], "first line");
    assert_line(ends[0], "second");
    assert_line(ends[0], "");
    assert_line(ends[0], "last");
    struct secret_text line = {0};
    assert_int_equal(prompt_line_on(&line, ends[0], "", true, &no_stop), -ENOENT);
    assert_null(line.text);
    close(ends[0]);
}

static void a_line_without_end_is_refused(void **state)
{
    (void)state;
    int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    struct secret_text line = {0};
    assert_int_equal(prompt_line_on(&line, zeros, "", true, &no_stop), -EMSGSIZE);
    close(zeros);
}

/* Read what a terminal shows until `text` has come. */
static void expect(int controller, const char *text)
{
    char shown[512];
    size_t bytes = 0;
    do {
        ssize_t got = read(controller, shown + bytes, sizeof shown - 1 - bytes);
        assert_true(got > 0);
        bytes += (size_t)got;
        shown[bytes] = '\0';
        assert_null(strstr(shown, "SECRET"));
    } while (!strstr(shown, text));
}

static bool echoes(int terminal)
{
    struct termios settings;
    assert_int_equal(tcgetattr(terminal, &settings), 0);
    return settings.c_lflag & ECHO;
}

/* The answer is typed by a child once it sees the question. */
static void a_terminal_does_not_show_what_is_hidden(void **state)
{
    (void)state;
    int controller, terminal;
    assert_int_equal(openpty(&controller, &terminal, NULL, NULL, NULL), 0);
    pid_t typist = fork();
    if (typist == 0) {
        expect(controller, "Passphrase: ");
        put(controller, "SECRET\n");
        expect(controller, "\n");
        _exit(0);
    }
    struct secret_text line = {0};
    assert_int_equal(prompt_line_on(&line, terminal, "Passphrase: ", true, &no_stop), 0);
    assert_int_equal(line.bytes, 6);
    assert_memory_equal(line.text, "SECRET", 6);
    assert_true(echoes(terminal));
    int status;
    assert_int_equal(waitpid(typist, &status, 0), typist);
    assert_int_equal(status, 0);
    secret_text_clear(&line);
    close(controller);
    close(terminal);
}

/* These two take the process's signals over, so they run in children. */

static int in_child(int (*check)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(check());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int interrupt_while_asking(void)
{
    int controller, terminal;
    struct signals signals;
    if (openpty(&controller, &terminal, NULL, NULL, NULL) || signals_open(&signals))
        return 1;
    struct stop_source stop = signals_source(&signals);
    struct secret_text line = {0};
    if (stop_asked(&stop) || signals_cause(&signals) != STOP_NONE || raise(SIGINT))
        return 2;
    if (prompt_line_on(&line, terminal, "Passphrase: ", true, &stop) != -ECANCELED)
        return 3;
    if (!echoes(terminal) || line.text)
        return 4;
    if (!stop_asked(&stop) || stop_wait(&stop, 60000) != -ECANCELED ||
        signals_cause(&signals) != STOP_INTERRUPTED)
        return 5;
    signals_close(&signals);
    return 0;
}

static int time_over(void)
{
    struct signals signals;
    if (signals_open(&signals))
        return 1;
    struct stop_source stop = signals_source(&signals);
    /* The earlier of two ends counts, whichever is asked for first. */
    if (stop_wait(&stop, 1) != 0 || signals_stop_after(&signals, 600) ||
        signals_stop_after(&signals, 1) || signals_stop_after(&signals, 600))
        return 2;
    if (stop_wait(&stop, 60000) != -ECANCELED || signals_cause(&signals) != STOP_TIME_OVER)
        return 3;
    raise(SIGTERM);
    if (signals_cause(&signals) != STOP_INTERRUPTED)
        return 4;
    signals_close(&signals);
    return 0;
}

static void an_interrupt_ends_the_question(void **state)
{
    (void)state;
    assert_int_equal(in_child(interrupt_while_asking), 0);
}

static void time_ends_a_wait(void **state)
{
    (void)state;
    assert_int_equal(in_child(time_over), 0);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_gives_line_by_line),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(a_terminal_does_not_show_what_is_hidden),
        cmocka_unit_test(an_interrupt_ends_the_question),
        cmocka_unit_test(time_ends_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
