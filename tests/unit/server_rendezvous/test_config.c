#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "rendezvous/config.h"
#include "rendezvous/help.h"
#include "rendezvous/settings.h"

static struct config config;
static char *complaints;

#define LITERAL(text) ((char *)(uintptr_t)(text))
#define WORDS(...)    ((char *const[]){__VA_ARGS__, NULL})
#define READ(...)     read_both(WORDS(LITERAL("reunion-server"), __VA_ARGS__), nothing)
#define READ_EITHER(flag, variable)                                                                \
    read_both(WORDS(LITERAL("reunion-server"), LITERAL(flag)), WORDS(LITERAL(variable)))

static char *const nothing[] = {NULL};
static char *const no_flags[] = {LITERAL("reunion-server"), NULL};

static int read_both(char *const *argv, char *const *environment)
{
    struct settings_sources sources = {0, argv, environment};
    size_t bytes;
    while (argv[sources.argc])
        sources.argc++;
    free(complaints);
    FILE *to = open_memstream(&complaints, &bytes);
    assert_non_null(to);
    int err = config_read(&config, &sources, to);
    assert_int_equal(fclose(to), 0);
    assert_int_equal(err != 0, bytes != 0);
    return err;
}

static int read_variable(const char *variable)
{
    return read_both(no_flags, WORDS(LITERAL("PATH=/bin"), LITERAL(variable)));
}

static void assert_complains(int err, const char *given, const char *part)
{
    assert_int_equal(err, -EINVAL);
    if (!strstr(complaints, part))
        fail_msg("%s: %s", given, complaints);
}

static enum setting_origin origin_of(const char *name)
{
    struct setting_entry entry;
    assert_true(setting_find(&server_settings, name, strlen(name), &entry));
    return config.origins[entry.number];
}

static void defaults(void **state)
{
    (void)state;
    unsetenv("STATE_DIRECTORY");
    assert_int_equal(read_both(no_flags, nothing), 0);
    assert_int_equal(config.listen.count, 1);
    assert_string_equal(config.listen.items[0].text, "127.0.0.1:5000");
    assert_string_equal(config.database.text, "reunion.db");
    assert_true(config.open_window_s == 3600 && config.lifetime_s == 86400);
    assert_true(config.wait_s_max == 60 && config.reference_buckets == 8);
    assert_int_equal(config.log_level, LOG_INFO);
    assert_int_equal(config.feed_bytes_max, 256 * 1024);
    assert_false(config.help);
    assert_int_equal(origin_of("listen"), ORIGIN_DEFAULT);
}

static void the_state_directory_is_where_the_system_says(void **state)
{
    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/reunion:/var/lib/other", 1);
    assert_int_equal(read_both(no_flags, nothing), 0);
    assert_string_equal(config.database.text, "/var/lib/reunion/reunion.db");
    assert_int_equal(READ(LITERAL("--db"), LITERAL("here.db")), 0);
    assert_string_equal(config.database.text, "here.db");
    unsetenv("STATE_DIRECTORY");
}

static void values_in_both_forms(void **state)
{
    (void)state;
    assert_int_equal(READ(LITERAL("--lifetime=7d"), LITERAL("--open-window"), LITERAL("600")), 0);
    assert_true(config.lifetime_s == 7 * 86400 && config.open_window_s == 600);
    assert_int_equal(READ(LITERAL("--reference-body-max=2M"), LITERAL("--log-level=debug")), 0);
    assert_true(config.reference_body_max == 2u << 20 && config.log_level == LOG_DEBUG);
    assert_int_equal(READ(LITERAL("--listen"), LITERAL("[::1]:1"), LITERAL("--listen=unix:b")), 0);
    assert_int_equal(config.listen.count, 2);
    assert_string_equal(config.listen.items[1].text, "unix:b");
    assert_int_equal(
        READ(LITERAL("--salt=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")),
        0);
    assert_int_equal(config.salt[1], 0x11);
    assert_int_equal(READ(LITERAL("--trusted-proxy=10.0.0.0/8"), LITERAL("--trusted-proxy=::1")),
                     0);
    assert_int_equal(config.trusted_proxies.count, 2);
    assert_int_equal(READ(LITERAL("--socket-mode=0600")), 0);
    assert_int_equal(config.socket_mode, 0600);
    assert_int_equal(READ(LITERAL("--help"), LITERAL("--version")), 0);
    assert_true(config.help && config.version);
    assert_int_equal(READ(LITERAL("-h"), LITERAL("-V")), 0);
    assert_true(config.help && config.version);
}

static void wrong_flags_are_reported(void **state)
{
    static const char *const wrong[][2] = {
        {"--nonsense", "\"--nonsense\" is not a flag"},
        {"--passphrase=secret", "\"--passphrase\" is not a flag"},
        {"-x", "not a flag"},
        {"--", "not a flag"},
        {"", "not a flag"},
        {"=", "not a flag"},
        {"--lifetim=1h", "did you mean --lifetime?"},
        {"--LIFETIME=1h", "did you mean --lifetime?"},
        {"--open_window=1h", "did you mean --open-window?"},
        {"-listen", "did you mean --listen?"},
        {"--trusted", "did you mean --trusted-proxy?"},
        {"--dc=x", "is not a flag; see --help"},
        {"--lifetime", "--lifetime needs TIME from 2h to 365d; see --help"},
        {"--lifetime=", "--lifetime needs TIME"},
        {"--lifetime=-1", "--lifetime needs TIME from 2h to 365d, not \"-1\""},
        {"--lifetime= 1", "--lifetime needs TIME"},
        {"--lifetime=1w", "--lifetime needs TIME"},
        {"--lifetime=1hh", "--lifetime needs TIME"},
        {"--lifetime=1K", "--lifetime needs TIME"},
        {"--lifetime=99999999999999999999", "--lifetime needs TIME"},
        {"--lifetime=213503982334602d", "--lifetime needs TIME"},
        {"--lifetime=0", "--lifetime needs TIME"},
        {"--lifetime=\n1", "not \"?1\""},
        {"--lifetime=7199", "--lifetime needs TIME from 2h to 365d"},
        {"--open-window=15m", "--open-window needs TIME of 10m, 20m, 30m or 1h, not \"15m\""},
        {"--open-window=2h", "--open-window needs TIME of 10m, 20m, 30m or 1h"},
        {"--open-window=0", "--open-window needs TIME of 10m, 20m, 30m or 1h"},
        {"--threads=1m", "--threads needs N from 1 to 64"},
        {"--threads=0", "--threads needs N"},
        {"--feed-answer-max=1023", "--feed-answer-max needs SIZE from 1K to 1G"},
        {"--salt=00", "--salt needs HEX, 64 lower-case hexadecimal digits"},
        {"--trusted-proxy=1.2.3.4/33", "--trusted-proxy needs ADDRESS[/BITS], at most 16 of them"},
        {"--trusted-proxy=localhost", "--trusted-proxy needs ADDRESS[/BITS]"},
        {"--socket-mode=66", "--socket-mode needs MODE, 3 or 4 octal digits up to 0777"},
        {"--socket-mode=0680", "--socket-mode needs MODE"},
        {"--socket-mode=1777", "--socket-mode needs MODE"},
        {"--log-level=all", "--log-level needs LEVEL, one of error, warning, info and debug"},
        {"--db=", "--db needs FILE of 1 to 1023 bytes"},
        {"--help=1", "--help needs no value"},
        {"--listen=localhost:5000", "--listen needs ADDRESS:PORT or unix:PATH, at most 16 of them"},
        {"--listen=127.0.0.1", "--listen needs ADDRESS:PORT"},
        {"--listen=127.0.0.1:65536", "--listen needs ADDRESS:PORT"},
        {"--listen=unix:", "--listen needs ADDRESS:PORT"},
        {"--metrics-listen=yes", "needs ADDRESS:PORT, unix:PATH, none or main, not \"yes\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_complains(READ(LITERAL(wrong[i][0])), wrong[i][0], wrong[i][1]);
    assert_complains(READ(LITERAL("--passphrase=secret")), "", "");
    assert_null(strstr(complaints, "secret"));
}

static void an_address_is_listened_on_once(void **state)
{
    (void)state;
    assert_complains(READ(LITERAL("--listen=127.0.0.1:1"), LITERAL("--listen=127.0.0.1:1")), "",
                     "--listen names 127.0.0.1:1 twice");
    assert_complains(READ(LITERAL("--listen=[::1]:1"), LITERAL("--metrics-listen=[::1]:1")), "",
                     "--metrics-listen main");
    assert_int_equal(READ(LITERAL("--listen=127.0.0.1:0"), LITERAL("--listen=127.0.0.1:0")), 0);
}

static void all_that_is_wrong_is_reported_at_once(void **state)
{
    (void)state;
    assert_complains(READ_EITHER("--threads=0", "REUNION_WAIT_MAX=x"), "both", "--threads needs");
    assert_non_null(strstr(complaints, "\nREUNION_WAIT_MAX needs"));
}

static void variables(void **state)
{
    static const char *const wrong[][2] = {
        {"REUNION_NONSENSE=1", "\"REUNION_NONSENSE\" in the environment is not a setting"},
        {"REUNION_=1", "not a setting"},
        {"REUNION_listen=x", "did you mean REUNION_LISTEN?"},
        {"REUNION_TRUSTED_PROXIES=x", "did you mean REUNION_TRUSTED_PROXY?"},
        {"REUNION_HEPL=x", "is not a setting; see --help"},
        {"REUNION_THREADS", "not a setting"},
        {"REUNION_THREADS=", "REUNION_THREADS needs N"},
        {"REUNION_LISTEN=", "REUNION_LISTEN needs ADDRESS:PORT"},
        {"REUNION_LISTEN= ,", "REUNION_LISTEN needs ADDRESS:PORT"},
        {"REUNION_HELP=1", "REUNION_HELP cannot be set there"},
    };
    (void)state;
    assert_int_equal(read_variable("REUNION_OPEN_WINDOW=1200"), 0);
    assert_int_equal(config.open_window_s, 1200);
    assert_int_equal(origin_of("open-window"), ORIGIN_ENVIRONMENT);
    assert_int_equal(read_variable("REUNION_LISTEN= unix:a,127.0.0.1:2  unix:c,"), 0);
    assert_int_equal(config.listen.count, 3);
    assert_string_equal(config.listen.items[2].text, "unix:c");
    assert_int_equal(read_variable("REUNION_CTIDH=portable"), 0);
    assert_int_equal(read_variable("REUNION_PASSPHRASE=secret"), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_complains(read_variable(wrong[i][0]), wrong[i][0], wrong[i][1]);
}

static void a_flag_goes_before_a_variable(void **state)
{
    (void)state;
    assert_int_equal(READ_EITHER("--threads=3", "REUNION_THREADS=4"), 0);
    assert_int_equal(config.threads, 3);
    assert_int_equal(origin_of("threads"), ORIGIN_FLAG);
    assert_int_equal(READ_EITHER("--listen=unix:a", "REUNION_LISTEN=unix:b,unix:c"), 0);
    assert_int_equal(config.listen.count, 1);
    assert_string_equal(config.listen.items[0].text, "unix:a");
    assert_complains(READ_EITHER("--threads=3", "REUNION_THREADS=x"), "unused", "REUNION_THREADS");
}

static void too_many_and_too_long(void **state)
{
    char *argv[SETTING_TEXTS_MAX + 3] = {LITERAL("reunion-server")};
    char listen[SETTING_TEXTS_MAX + 2][24];
    char path[SETTING_TEXT_BYTES + 8] = "--db=", variable[SETTING_TEXT_BYTES + 32] = "REUNION_DB=";
    (void)state;
    for (int i = 1; i <= SETTING_TEXTS_MAX + 1; i++)
        snprintf(listen[i], sizeof listen[i], "--listen=unix:x%d", i);
    for (int i = 1; i <= SETTING_TEXTS_MAX; i++)
        argv[i] = listen[i];
    assert_int_equal(read_both(argv, nothing), 0);
    argv[SETTING_TEXTS_MAX + 1] = listen[SETTING_TEXTS_MAX + 1];
    assert_complains(read_both(argv, nothing), "listen", "at most 16 of them");
    memset(path + 5, 'x', SETTING_TEXT_BYTES - 1);
    assert_int_equal(READ(path), 0);
    memset(path + 5, 'x', SETTING_TEXT_BYTES);
    assert_int_equal(READ(path), -EINVAL);
    memset(variable + 11, 'x', SETTING_TEXT_BYTES - 1);
    assert_int_equal(read_variable(variable), 0);
    memset(variable + 11, 'x', SETTING_TEXT_BYTES);
    assert_int_equal(read_variable(variable), -EINVAL);
}

static char *printed(void (*print)(FILE *to))
{
    char *text;
    size_t bytes;
    FILE *to = open_memstream(&text, &bytes);
    assert_non_null(to);
    print(to);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void report(FILE *to)
{
    settings_report(&server_settings, &config, config.origins, to);
}

/* A value as it is reported, and given again, is the same value. */
static void the_report_reads_back(void **state)
{
    (void)state;
    assert_int_equal(
        READ(LITERAL("--lifetime=150m"), LITERAL("--listen=unix:a"), LITERAL("--listen=unix:b")),
        0);
    char *text = printed(report);
    assert_non_null(strstr(text, "\nlifetime                 flag         150m\n"));
    assert_non_null(strstr(text, "\nopen-window              default      1h\n"));
    assert_non_null(strstr(text, "listen                   flag         unix:a unix:b\n"));
    free(text);
    assert_int_equal(read_both(no_flags, nothing), 0);
    text = printed(report);
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line;) {
        char name[64], origin[16], value[128], flag[256];
        assert_int_equal(sscanf(line, "%63s %15s %127[^\n]", name, origin, value), 3);
        assert_string_equal(origin, "default");
        snprintf(flag, sizeof flag, "--%s=%s", name, value);
        if (strcmp(value, "-") != 0 && READ(flag))
            fail_msg("%s: %s", line, complaints);
    }
    free(text);
}

static void every_setting_is_in_help(void **state)
{
    char *help = printed(help_print);
    (void)state;
    struct setting_entry at;
    for (size_t i = 0; setting_at(&server_settings, i, &at); i++) {
        char flag[64];
        snprintf(flag, sizeof flag, "--%s ", at.row->name);
        assert_non_null(strstr(help, flag));
    }
    free(help);
}

static int forget(void **state)
{
    (void)state;
    free(complaints);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(the_state_directory_is_where_the_system_says),
        cmocka_unit_test(values_in_both_forms),
        cmocka_unit_test(wrong_flags_are_reported),
        cmocka_unit_test(an_address_is_listened_on_once),
        cmocka_unit_test(all_that_is_wrong_is_reported_at_once),
        cmocka_unit_test(variables),
        cmocka_unit_test(a_flag_goes_before_a_variable),
        cmocka_unit_test(too_many_and_too_long),
        cmocka_unit_test(the_report_reads_back),
        cmocka_unit_test(every_setting_is_in_help),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
