#include "base/regular_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/test.h"

/* Files that an operator names, and what may stand in their place. */

static char folder[] = "/tmp/reunion-regular-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/it", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void a_file_is_opened_and_described(void **state)
{
    struct stat found;
    char got[3];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0640);
    (void)state;
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    fd = regular_file_open(path, &found);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, got, sizeof got), 3);
    assert_memory_equal(got, "abc", 3);
    assert_int_equal(found.st_size, 3);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
    memset(got, 0, sizeof got);
    assert_int_equal(regular_file_read(path, got, sizeof got), 3);
    assert_memory_equal(got, "abc", 3);
    memset(got, 0, sizeof got);
    assert_int_equal(regular_file_read(path, got, 2), 2);
    assert_memory_equal(got, "ab\0", 3);
}

static void whatever_else_stands_there_is_refused(void **state)
{
    struct stat found;
    char byte;
    (void)state;
    assert_int_equal(regular_file_open(path, &found), -ENOENT);
    /* Nobody writes into it, and nobody waits for that. */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(regular_file_open(path, &found), -EINVAL);
    assert_int_equal(regular_file_open(folder, &found), -EINVAL);
    assert_int_equal(regular_file_open("/dev/null", &found), -EINVAL);
    assert_int_equal(regular_file_read(path, &byte, 1), -EINVAL);
    assert_int_equal(regular_file_read("/nowhere/file", &byte, 1), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_opened_and_described, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whatever_else_stands_there_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
