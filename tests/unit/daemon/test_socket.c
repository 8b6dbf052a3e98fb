#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/socket.h"

static char directory[] = "/tmp/reunion-socket-XXXXXX";
static char path[64], text[80];
static char address[ADDRESS_BYTES];
static struct listening listening, second;

static int set_up(void **state)
{
    (void)state;
    strcpy(strrchr(directory, '-'), "-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/socket", directory);
    snprintf(text, sizeof text, "unix:%s", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    assert_int_equal(rmdir(directory), 0);
    return 0;
}

static int connect_to(const char *where)
{
    struct sockaddr_un file = {.sun_family = AF_UNIX};
    strcpy(file.sun_path, where);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int code = connect(fd, (const struct sockaddr *)&file, sizeof file);
    close(fd);
    return code;
}

static void a_file_with_its_mode(void **state)
{
    static const mode_t modes[] = {0600, 0660, 0666};
    struct stat found;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        mode_t old = umask(i == 2 ? 0077 : 0);
        assert_int_equal(socket_listen(text, modes[i], &listening, address), 0);
        umask(old);
        assert_string_equal(address, text);
        assert_int_equal(stat(path, &found), 0);
        assert_true(S_ISSOCK(found.st_mode));
        assert_int_equal(found.st_mode & 0777, modes[i]);
        assert_int_equal(connect_to(path), 0);
        socket_close(&listening);
        assert_int_equal(access(path, F_OK), -1);
    }
}

static void a_dead_servers_file_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(socket_listen(text, 0600, &listening, address), 0);
    close(listening.fd); /* as a killed process leaves it */
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(socket_listen(text, 0600, &second, address), 0);
    assert_int_equal(connect_to(path), 0);
    socket_close(&second);
}

static void a_living_servers_file_is_not(void **state)
{
    (void)state;
    assert_int_equal(socket_listen(text, 0600, &listening, address), 0);
    assert_int_equal(socket_listen(text, 0600, &second, address), -EADDRINUSE);
    assert_int_equal(connect_to(path), 0);
    socket_close(&listening);
}

static void something_else_is_left_alone(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(socket_listen(text, 0600, &listening, address), -EEXIST);
    assert_int_equal(access(path, F_OK), 0);
}

/* Whoever has moved our file away and put another there keeps it. */
static void only_ones_own_file_is_removed(void **state)
{
    char moved[80];
    (void)state;
    snprintf(moved, sizeof moved, "%s.old", path);
    assert_int_equal(socket_listen(text, 0600, &listening, address), 0);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(socket_listen(text, 0600, &second, address), 0);
    socket_close(&listening);
    assert_int_equal(connect_to(path), 0);
    socket_close(&second);
    assert_int_equal(unlink(moved), 0);
}

static void what_is_no_address(void **state)
{
    static const char *const wrong[] = {
        "",      "unix:", "localhost:1",  "127.0.0.1",       "127.0.0.1:", "127.0.0.1:x", ":1",
        "::1:1", "[::1]", "127.0.0.1:-1", "127.0.0.1:65536", "[::1:1",     "UNIX:/tmp/x"};
    char longest[200] = "unix:/tmp/";
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (socket_listen(wrong[i], 0600, &listening, address) != -EINVAL ||
            !socket_fault(wrong[i]))
            fail_msg("%s", wrong[i]);
    assert_null(socket_fault("127.0.0.1:65535"));
    assert_null(socket_fault("[::1]:0"));
    assert_null(socket_fault("unix:x"));
    memset(longest + strlen(longest), 'x', 150);
    assert_non_null(strstr(socket_fault(longest), "at most 107 bytes"));
    assert_int_equal(socket_listen(longest, 0600, &listening, address), -EINVAL);
    assert_int_equal(socket_listen("unix:/nowhere/at/all", 0600, &listening, address), -ENOENT);
}

static void both_versions_of_ip(void **state)
{
    (void)state;
    assert_int_equal(socket_listen("127.0.0.1:0", 0600, &listening, address), 0);
    assert_memory_equal(address, "127.0.0.1:", 10);
    assert_int_equal(socket_listen(address, 0600, &second, address), -EADDRINUSE);
    socket_close(&listening);
    int err = socket_listen("[::1]:0", 0600, &listening, address);
    if (err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT)
        return; /* a machine without version 6 */
    assert_int_equal(err, 0);
    assert_memory_equal(address, "[::1]:", 6);
    socket_close(&listening);
}

static void taking_over(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    (void)state;
    assert_int_equal(socket_adopt(datagrams, &listening, address), -EINVAL);
    assert_int_equal(socket_adopt(fd, &listening, address), -EINVAL);
    assert_int_equal(listen(fd, 1), 0); /* binds as well */
    assert_int_equal(socket_adopt(fd, &listening, address), 0);
    assert_memory_equal(address, "0.0.0.0:", 8);
    socket_close(&listening);
    assert_int_equal(socket_adopt(fd, &listening, address), -EINVAL);
    close(datagrams);
    /* The file of a socket that was taken over is somebody else's. */
    assert_int_equal(socket_listen(text, 0600, &second, address), 0);
    assert_int_equal(socket_adopt(second.fd, &listening, address), 0);
    assert_string_equal(address, text);
    socket_close(&listening);
    assert_int_equal(access(path, F_OK), 0);
}

static void names_that_are_no_paths(void **state)
{
    struct sockaddr_un abstract = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)state;
    snprintf(abstract.sun_path + 1, sizeof abstract.sun_path - 1, "%s", path);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(path));
    assert_int_equal(bind(fd, (const struct sockaddr *)&abstract, bytes), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(socket_adopt(fd, &listening, address), 0);
    assert_memory_equal(address, "unix:@/tmp/", 11);
    socket_close(&listening);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_with_its_mode),          TEST(a_dead_servers_file_is_replaced),
        TEST(a_living_servers_file_is_not),  TEST(something_else_is_left_alone),
        TEST(only_ones_own_file_is_removed), TEST(what_is_no_address),
        TEST(both_versions_of_ip),           TEST(taking_over),
        TEST(names_that_are_no_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
