/* Where a passphrase comes from: files and descriptors as they are, and one source at a time. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/credentials.h"
#include "cli/secret_file.h"
#include "lib/test.h"

static int never(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static const struct stop_source no_stop = {never, NULL, -1};

/* A file with this content; the descriptor is at its beginning. */
static int file_with(char path[static 32], const char *content)
{
    strcpy(path, "/tmp/reunion-words-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void one_line_end_is_dropped(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"jelly donut", "jelly donut"},
        {"jelly donut\n", "jelly donut"},
        {"jelly donut\r\n", "jelly donut"},
        {"jelly\n\n", "jelly\n"},
        {"jelly\r", "jelly\r"},
        {"\n", ""},
        {"", ""},
        {" spaces count ", " spaces count "},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char path[32];
        int fd = file_with(path, pairs[i][0]);
        struct secret_text text = {0};
        assert_int_equal(secret_file_read(&text, fd, &no_stop), 0);
        assert_int_equal(text.bytes, strlen(pairs[i][1]));
        assert_memory_equal(text.text, pairs[i][1], text.bytes);
        secret_text_clear(&text);
        close(fd);
        unlink(path);
    }
}

static void a_file_others_may_read_is_noticed(void **state)
{
    (void)state;
    for (int exposed = 0; exposed < 2; exposed++) {
        char path[32];
        int fd = file_with(path, "jelly");
        assert_int_equal(fchmod(fd, exposed ? 0640 : 0600), 0);
        close(fd);
        struct secret_text text = {0};
        bool seen;
        assert_int_equal(secret_file_load(&text, path, &seen, &no_stop), 0);
        assert_int_equal(seen, exposed);
        assert_int_equal(text.bytes, 5);
        secret_text_clear(&text);
        unlink(path);
    }
}

static void what_cannot_be_read_is_reported(void **state)
{
    (void)state;
    struct secret_text text = {0};
    assert_int_equal(secret_file_load(&text, "/no/such/file", NULL, &no_stop), -ENOENT);
    assert_int_equal(secret_file_load(&text, "/", NULL, &no_stop), -EISDIR);
    assert_int_equal(secret_file_read(&text, 987, &no_stop), -EBADF);
    assert_int_equal(secret_file_load(&text, "/dev/zero", NULL, &no_stop), -EMSGSIZE);
    assert_null(text.text);
}

static void a_file_has_a_bound(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        char path[32];
        int fd = file_with(path, "");
        assert_int_equal(ftruncate(fd, SECRET_TEXT_BYTES_MAX + over), 0);
        assert_int_equal(lseek(fd, 0, SEEK_END), SECRET_TEXT_BYTES_MAX + over);
        assert_int_equal(write(fd, "\r\n", 2), 2);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        struct secret_text text = {0};
        assert_int_equal(secret_file_read(&text, fd, &no_stop), over ? -EMSGSIZE : 0);
        secret_text_clear(&text);
        close(fd);
        unlink(path);
    }
}

/* A pipe that gives nothing is waited for, and a stop ends that. */
static void a_stop_ends_reading(void **state)
{
    (void)state;
    int silent[2], asked[2];
    assert_int_equal(pipe(silent), 0);
    assert_int_equal(pipe(asked), 0);
    assert_int_equal(write(asked[1], "x", 1), 1);
    const struct stop_source stop = {never, NULL, asked[0]};
    struct secret_text text = {0};
    assert_int_equal(secret_file_read(&text, silent[0], &stop), -ECANCELED);
    for (int i = 0; i < 2; i++) {
        close(silent[i]);
        close(asked[i]);
    }
}

/* What the command line names goes first, then the environment, then a credential. */
static void sources_have_their_order(void **state)
{
    (void)state;
    static char text[] = "x";
    struct options options = {.passphrase_fd = -1};
    assert_int_equal(credentials_source(&options, NULL), CREDENTIALS_ASKED);
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_CREDENTIAL);
    options.environment.text = text;
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_ENVIRONMENT);
    options.confirm = true;
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_ASKED);
    options.confirm = false;
    options.generate = true;
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_GENERATED);
    options.generate = false;
    options.passphrase_fd = 0;
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_DESCRIPTOR);
    options.passphrase_fd = -1;
    options.passphrase_file = "name";
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_FILE);
    options.passphrase_file = NULL;
    options.passphrase.text = text;
    assert_int_equal(credentials_source(&options, "file"), CREDENTIALS_ARGUMENT);
}

static void the_environment_is_emptied(void **state)
{
    (void)state;
    struct secret_text taken = {0};
    assert_int_equal(credentials_take_environment(&taken), 0);
    assert_null(taken.text);
    static char variable[] = "REUNION_PASSPHRASE=SECRET";
    assert_int_equal(putenv(variable), 0);
    assert_int_equal(credentials_take_environment(&taken), 0);
    assert_int_equal(taken.bytes, 6);
    assert_memory_equal(taken.text, "SECRET", 6);
    assert_null(getenv("REUNION_PASSPHRASE"));
    assert_null(strstr(variable, "SECRET"));
    assert_int_equal(variable[sizeof variable - 2], '\0');
    secret_text_clear(&taken);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_end_is_dropped),
        cmocka_unit_test(a_file_others_may_read_is_noticed),
        cmocka_unit_test(what_cannot_be_read_is_reported),
        cmocka_unit_test(a_file_has_a_bound),
        cmocka_unit_test(a_stop_ends_reading),
        cmocka_unit_test(sources_have_their_order),
        cmocka_unit_test(the_environment_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
