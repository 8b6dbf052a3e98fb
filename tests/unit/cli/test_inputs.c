/* What is named to be read is looked at: descriptors and files that cannot be. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "lib/test.h"

static void descriptors(void **state)
{
    (void)state;
    int ends[2], folder = open("/", O_RDONLY), path = open("/dev/null", O_PATH);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(inputs_descriptor(ends[0]), 0);
    assert_int_equal(inputs_descriptor(ends[1]), -EBADF);
    assert_int_equal(inputs_descriptor(folder), -EISDIR);
    assert_int_equal(inputs_descriptor(path), -EBADF);
    assert_int_equal(inputs_descriptor(987), -EBADF);
    close(ends[0]);
    assert_int_equal(inputs_descriptor(ends[0]), -EBADF);
    close(ends[1]);
    close(folder);
    close(path);
}

static void files(void **state)
{
    (void)state;
    assert_int_equal(inputs_file("/dev/null"), 0);
    assert_int_equal(inputs_file("/"), -EISDIR);
    assert_int_equal(inputs_file("/no/such/file"), -ENOENT);
    assert_int_equal(inputs_file("/dev/null/below"), -ENOTDIR);
    assert_int_equal(inputs_file("/dev/fd/987"), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
