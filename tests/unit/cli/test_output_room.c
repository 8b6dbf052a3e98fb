/* What is seen of an output before it is written to. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output_room.h"
#include "lib/test.h"

enum { ROOM = 4096 };

static void check_device(const char *path, int flags, int expected)
{
    int fd = open(path, flags | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(output_room(fd, ROOM), expected);
    close(fd);
}

static void devices(void **state)
{
    (void)state;
    check_device("/dev/null", O_WRONLY, 0);
    check_device("/dev/null", O_RDWR, 0);
    check_device("/dev/null", O_RDONLY, -EBADF);
    check_device("/dev/full", O_WRONLY, -ENOSPC);
    assert_int_equal(output_room(-1, ROOM), -EBADF);
}

static void a_pipe_with_and_without_a_reader(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(output_room(ends[1], ROOM), 0);
    assert_int_equal(output_room(ends[0], ROOM), -EBADF);
    /* One that is full is read some time. */
    char page[ROOM] = {0};
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    while (write(ends[1], page, sizeof page) > 0)
        continue;
    assert_int_equal(output_room(ends[1], ROOM), 0);
    close(ends[0]);
    assert_int_equal(output_room(ends[1], ROOM), -EPIPE);
    close(ends[1]);
}

static void a_socket_with_and_without_a_reader(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(output_room(ends[0], ROOM), 0);
    assert_int_equal(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1); /* nothing was written */
    close(ends[1]);
    assert_int_equal(output_room(ends[0], ROOM), -EPIPE);
    close(ends[0]);
}

/* Its content and length stay, whatever is set aside. */
static void a_regular_file(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    int fd = fileno(file);
    assert_int_equal(write(fd, "before", 6), 6);
    assert_int_equal(output_room(fd, ROOM), 0);
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_size, 6);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 6);
    assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
    assert_int_equal(output_room(fd, ROOM), 0);
    /* More than any file system has. */
    assert_int_not_equal(output_room(fd, (size_t)1 << 61), 0);
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_size, 6);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices),
        cmocka_unit_test(a_pipe_with_and_without_a_reader),
        cmocka_unit_test(a_socket_with_and_without_a_reader),
        cmocka_unit_test(a_regular_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
