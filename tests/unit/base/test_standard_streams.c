#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/standard_streams.h"

/* Each case is played in a process of its own, as it is about the first moment of one. */
static void assert_plays(int (*play)(unsigned closed), unsigned closed)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 3; i++)
            if (closed & 1u << i)
                close(i);
        _exit(play(closed));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Returns: 0, or the number of what is wrong. */
static int take_all(unsigned closed)
{
    char byte;
    if (standard_streams_was_closed(0) || standard_streams_open() || standard_streams_open())
        return 1;
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0 || standard_streams_was_closed(i) != !!(closed & 1u << i))
            return 2;
    if (standard_streams_was_closed(-1) || standard_streams_was_closed(3))
        return 3;
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (next <= 2 || close(next))
        return 4;
    /* What was closed stays good for nothing. */
    if (closed & 1 && (read(0, &byte, 1) >= 0 || errno != EBADF))
        return 5;
    if (closed & 2 && (write(1, "x", 1) >= 0 || errno != EBADF))
        return 6;
    return 0;
}

static void each_of_the_three_is_open_afterwards(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 8; closed++)
        assert_plays(take_all, closed);
}

static int finish_a_closed_output(unsigned closed)
{
    (void)closed;
    if (standard_streams_open())
        return 1;
    if (standard_streams_finish("nothing written"))
        return 2;
    printf("lost");
    return standard_streams_finish("test") == -EBADF ? 0 : 3;
}

static int finish_a_full_output(unsigned closed)
{
    (void)closed;
    if (!freopen("/dev/full", "we", stdout))
        return 1;
    printf("lost");
    if (standard_streams_finish("test") != -ENOSPC)
        return 2;
    /* The reason of an earlier failure is gone, the failure is not. */
    return standard_streams_finish("test") == -EIO ? 0 : 3;
}

static void output_that_is_lost_is_noticed(void **state)
{
    (void)state;
    assert_plays(finish_a_closed_output, 1u << 1);
    assert_plays(finish_a_full_output, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_the_three_is_open_afterwards),
        cmocka_unit_test(output_that_is_lost_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
