/* The command line: what is taken, what is refused, and what does not stay in argv. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "lib/test.h"
#include "rendezvous/options.h"
#include "rendezvous/program.h"

enum { ARGUMENTS_MAX = 16 };

/* A writable argv, as a kernel gives it. */
struct command_line {
    char *argv[ARGUMENTS_MAX + 1];
    int argc;
    char complaint[OPTIONS_COMPLAINT_BYTES];
    struct rendezvous_options options;
};

static int parse(struct command_line *line, const char *const *arguments)
{
    memset(line, 0, sizeof *line);
    for (line->argv[line->argc++] = strdup("reunion-client"); *arguments; arguments++)
        line->argv[line->argc++] = strdup(*arguments);
    return options_parse(&reunion_client, &line->options.shared, line->argc, line->argv,
                         line->complaint);
}

#define PARSE(line, ...) parse(line, (const char *const[]){__VA_ARGS__, NULL})

static void release(struct command_line *line)
{
    options_clear(&reunion_client, &line->options.shared);
    for (int i = 0; i < line->argc; i++)
        free(line->argv[i]);
}

static void assert_text(const struct secret_text *secret, const char *expected)
{
    assert_int_equal(secret->bytes, strlen(expected));
    assert_memory_equal(secret->text, expected, secret->bytes);
}

static void all_options_are_taken(void **state)
{
    (void)state;
    static const char link[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    struct command_line line;
    assert_int_equal(PARSE(&line, "--msg", "hello world", "--passphrase", "I am a jelly donut",
                           "--server", "https://example.org/r", "--bucket", link, "--duration",
                           "60", "--jobs=3", "-v"),
                     0);
    assert_int_equal(line.options.shared.command, COMMAND_MEET);
    assert_text(&line.options.message, "hello world");
    assert_text(&line.options.shared.passphrase, "I am a jelly donut");
    assert_int_equal(line.options.servers.count, 1);
    assert_string_equal(line.options.servers.text[0], "https://example.org/r");
    assert_true(line.options.bucket.given);
    assert_int_equal(line.options.bucket.link[15], 0xff);
    assert_int_equal(line.options.duration_s, 60);
    assert_int_equal(line.options.jobs, 3);
    assert_true(line.options.shared.verbose);
    assert_false(line.options.reference);
    release(&line);
}

static void nothing_given_is_left_to_be_asked_for(void **state)
{
    (void)state;
    struct command_line line;
    assert_int_equal(PARSE(&line, "--reference"), 0);
    assert_null(line.options.message.text);
    assert_null(line.options.shared.passphrase.text);
    assert_string_equal(line.options.servers.text[0], "http://127.0.0.1:5000");
    assert_true(line.options.reference);
    release(&line);
    assert_int_equal(PARSE(&line, "--help"), 0);
    assert_true(line.options.shared.help);
    release(&line);
    assert_int_equal(PARSE(&line, "-V"), 0);
    assert_true(line.options.shared.version);
    release(&line);
}

/* In whatever form, the secret is nowhere in argv afterwards; the last one given counts. */
static void secrets_leave_argv(void **state)
{
    (void)state;
    struct command_line line;
    assert_int_equal(PARSE(&line, "--passphrase=SECRET one", "--message=SECRET two", "--passphrase",
                           "SECRET three", "--passphrase", "SECRET four", "--msg", ""),
                     0);
    assert_text(&line.options.shared.passphrase, "SECRET four");
    assert_text(&line.options.message, "");
    assert_non_null(line.options.message.text);
    for (int i = 0; i < line.argc; i++)
        assert_null(strstr(line.argv[i], "SECRET"));
    release(&line);
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][3] = {
        {"--duration", "0"},       {"--duration", "-1"},     {"--duration", "1.5"},
        {"--duration", "10s"},     {"--duration", ""},       {"--duration", "1000000001"},
        {"--passphrase-fd", "-1"}, {"--passphrase-fd", "x"}, {"--msg-file"},
        {"--jobs", "0"},           {"--jobs", "257"},        {"--jobs", "99999999999999999999"},
        {"--bucket", "xyz"},       {"--bucket", ""},         {"--msg"},
        {"--passphrase"},          {"--unknown", "x"},       {"-x"},
        {"left", "over"},          {"--reference=yes"},      {"--max-peers", "0"},
        {"--max-peers", "65537"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct command_line line;
        assert_int_equal(parse(&line, wrong[i]), -EINVAL);
        assert_true(strlen(line.complaint) > 10);
        release(&line);
    }
    static const char link[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const char *const together[][5] = {
        {"--reference", "--bucket", link},
        {"--server=http://a", "--server=http://b", "--bucket", link},
        {"--passphrase", "x", "--passphrase-file", "f"},
        {"--passphrase", "x", "--passphrase-fd", "3"},
        {"--passphrase-file", "f", "--generate"},
        {"--passphrase-fd", "0", "--generate"},
        {"--generate", "--confirm"},
        {"--passphrase-fd", "3", "--confirm"},
        {"--msg", "x", "--msg-file", "f"},
        {"--passphrase-file", "-", "--msg-file=-"},
        {"--passphrase-fd", "0", "--msg-file=-"},
        {"--passphrase-fd", "0"},
    };
    for (size_t i = 0; i < sizeof together / sizeof *together; i++) {
        struct command_line line;
        assert_int_equal(parse(&line, together[i]), -EINVAL);
        release(&line);
    }
}

/* A slip of the finger does not put a passphrase on the screen. */
static void complaints_quote_no_value(void **state)
{
    (void)state;
    struct command_line line;
    assert_int_equal(PARSE(&line, "--passphrsae=SECRET"), -EINVAL);
    assert_null(strstr(line.complaint, "SECRET"));
    assert_non_null(strstr(line.complaint, "--passphrsae"));
    release(&line);
    assert_int_equal(PARSE(&line, "--msg", "x", "SECRET"), -EINVAL);
    assert_null(strstr(line.complaint, "SECRET"));
    release(&line);
    assert_int_equal(PARSE(&line, "--duration", "SECRET"), -EINVAL);
    assert_null(strstr(line.complaint, "SECRET"));
    release(&line);
}

/* An abbreviation is taken where it can mean one option alone. */
static void abbreviations_are_taken(void **state)
{
    (void)state;
    struct command_line line;
    assert_int_equal(PARSE(&line, "--dur", "60"), 0);
    assert_int_equal(line.options.duration_s, 60);
    release(&line);
    assert_int_equal(PARSE(&line, "--mess", "x"), 0);
    assert_text(&line.options.message, "x");
    release(&line);
    assert_int_equal(PARSE(&line, "--ver"), -EINVAL);
    assert_non_null(strstr(line.complaint, "several"));
    release(&line);
}

static void texts_have_a_bound(void **state)
{
    (void)state;
    char *longest = malloc(SECRET_TEXT_BYTES_MAX + 2);
    memset(longest, 'x', SECRET_TEXT_BYTES_MAX + 1);
    longest[SECRET_TEXT_BYTES_MAX + 1] = '\0';
    struct command_line line;
    assert_int_equal(PARSE(&line, "--passphrase", longest), -EINVAL);
    assert_null(strchr(line.argv[2], 'x'));
    release(&line);
    longest[SECRET_TEXT_BYTES_MAX] = '\0';
    assert_int_equal(PARSE(&line, "--passphrase", longest), 0);
    assert_int_equal(line.options.shared.passphrase.bytes, SECRET_TEXT_BYTES_MAX);
    release(&line);
    free(longest);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_options_are_taken),
        cmocka_unit_test(nothing_given_is_left_to_be_asked_for),
        cmocka_unit_test(secrets_leave_argv),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(complaints_quote_no_value),
        cmocka_unit_test(abbreviations_are_taken),
        cmocka_unit_test(texts_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
