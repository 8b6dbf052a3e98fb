#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/log.h"

static struct config config;
static char complaint[CONFIG_COMPLAINT_BYTES];

#define READ(...)  read_flags((char *const[]){FLAG("reunion-server"), __VA_ARGS__, NULL})
#define FLAG(text) ((char *)(uintptr_t)(text))

static int read_flags(char *const *argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    complaint[0] = '\0';
    config_defaults(&config);
    return config_read(&config, argc, argv, complaint);
}

static int read_nothing(void)
{
    return read_flags((char *const[]){FLAG("reunion-server"), NULL});
}

static void defaults(void **state)
{
    (void)state;
    unsetenv("STATE_DIRECTORY");
    assert_int_equal(read_nothing(), 0);
    assert_int_equal(config.listen_count, 1);
    assert_string_equal(config.listen[0].text, "127.0.0.1:5000");
    assert_string_equal(config.database.text, "reunion.db");
    assert_true(config.open_window_s == 3600 && config.lifetime_s == 86400);
    assert_true(config.wait_s_max == 60 && config.reference_buckets == 8);
    assert_int_equal(config.log_level, LOG_INFO);
    assert_int_equal(config.feed_bytes_max, 256 * 1024);
    assert_false(config.help);
}

static void the_state_directory_is_where_the_system_says(void **state)
{
    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/reunion:/var/lib/other", 1);
    assert_int_equal(read_nothing(), 0);
    assert_string_equal(config.database.text, "/var/lib/reunion/reunion.db");
    assert_int_equal(READ(FLAG("--db"), FLAG("here.db")), 0);
    assert_string_equal(config.database.text, "here.db");
    unsetenv("STATE_DIRECTORY");
}

static void values_in_both_forms(void **state)
{
    (void)state;
    assert_int_equal(READ(FLAG("--lifetime=7d"), FLAG("--open-window"), FLAG("90")), 0);
    assert_true(config.lifetime_s == 7 * 86400 && config.open_window_s == 90);
    assert_int_equal(READ(FLAG("--reference-body-max=2M"), FLAG("--log-level=debug")), 0);
    assert_true(config.reference_body_max == 2u << 20 && config.log_level == LOG_DEBUG);
    assert_int_equal(READ(FLAG("--listen"), FLAG("1"), FLAG("--listen=2")), 0);
    assert_int_equal(config.listen_count, 2);
    assert_string_equal(config.listen[1].text, "2");
    assert_int_equal(
        READ(FLAG("--salt=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")), 0);
    assert_int_equal(config.salt[1], 0x11);
    assert_int_equal(READ(FLAG("--help"), FLAG("--version")), 0);
    assert_true(config.help && config.version);
}

static void what_is_wrong_is_said(void **state)
{
    static const char *const wrong[][2] = {
        {"--nonsense", "not a flag"},
        {"-h", "not a flag"},
        {"--", "not a flag"},
        {"", "not a flag"},
        {"--lifetim=1h", "not a flag"},
        {"--lifetime", "--lifetime needs TIME"},
        {"--lifetime=", "--lifetime needs TIME"},
        {"--lifetime=-1", "--lifetime needs TIME"},
        {"--lifetime= 1", "--lifetime needs TIME"},
        {"--lifetime=1w", "--lifetime needs TIME"},
        {"--lifetime=1hh", "--lifetime needs TIME"},
        {"--lifetime=1K", "--lifetime needs TIME"},
        {"--lifetime=99999999999999999999", "--lifetime needs TIME"},
        {"--lifetime=213503982334602d", "--lifetime needs TIME"},
        {"--lifetime=0", "--lifetime needs TIME"},
        {"--lifetime=30m", "shorter than --open-window"},
        {"--threads=1m", "--threads needs N"},
        {"--threads=0", "--threads needs N"},
        {"--feed-answer-max=1023", "--feed-answer-max needs SIZE"},
        {"--salt=00", "--salt needs HEX"},
        {"--log-level=all", "--log-level needs LEVEL"},
        {"--db=", "--db needs FILE"},
        {"--help=1", "--help needs no value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(READ(FLAG(wrong[i][0])), -EINVAL);
        if (!strstr(complaint, wrong[i][1]))
            fail_msg("%s: %s", wrong[i][0], complaint);
    }
}

static void too_many_and_too_long(void **state)
{
    char *argv[CONFIG_LISTENERS_MAX + 3] = {FLAG("reunion-server")};
    char path[CONFIG_TEXT_BYTES + 8] = "--db=";
    (void)state;
    for (int i = 1; i <= CONFIG_LISTENERS_MAX; i++)
        argv[i] = FLAG("--listen=x");
    assert_int_equal(read_flags(argv), 0);
    argv[CONFIG_LISTENERS_MAX + 1] = FLAG("--listen=x");
    assert_int_equal(read_flags(argv), -EINVAL);
    memset(path + 5, 'x', CONFIG_TEXT_BYTES - 1);
    assert_int_equal(READ(path), 0);
    memset(path + 5, 'x', CONFIG_TEXT_BYTES);
    assert_int_equal(READ(path), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(the_state_directory_is_where_the_system_says),
        cmocka_unit_test(values_in_both_forms),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(too_many_and_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
