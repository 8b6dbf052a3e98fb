/* The command line: what is taken, what is refused, and what does not stay in argv. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "lib/command_line.h"
#include "lib/test.h"
#include "rendezvous/program.h"
#include "run/options.h"

struct given {
    struct command_line line;
    struct run_options options;
};

static int parse(struct given *given, const char *const *arguments)
{
    return command_line_parse(&given->line, &reunion_client, &given->options.shared, arguments);
}

#define PARSE(given, ...) parse(given, (const char *const[]){__VA_ARGS__, NULL})

static void release(struct given *given)
{
    command_line_release(&given->line, &reunion_client, &given->options.shared);
}

static void assert_text(const struct secret_text *secret, const char *expected)
{
    assert_int_equal(secret->bytes, strlen(expected));
    assert_memory_equal(secret->text, expected, secret->bytes);
}

static void all_options_are_taken(void **state)
{
    (void)state;
    /* Letters of both cases are fine. */
    static const char bucket_hash[] =
        "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff";
    struct given given;
    assert_int_equal(PARSE(&given, "--msg", "hello world", "--passphrase", "I am a jelly donut",
                           "--server", "https://example.org/r", "--bucket", bucket_hash,
                           "--duration", "60", "--jobs=3", "-v"),
                     0);
    assert_int_equal(given.options.shared.command, COMMAND_RENDEZVOUS);
    assert_text(&given.options.message, "hello world");
    assert_text(&given.options.shared.passphrase, "I am a jelly donut");
    assert_int_equal(given.options.servers.count, 1);
    assert_string_equal(given.options.servers.text[0], "https://example.org/r");
    assert_true(given.options.bucket.given);
    assert_int_equal(given.options.bucket.bucket_hash[15], 0xff);
    assert_int_equal(given.options.bucket.bucket_hash[31], 0xff);
    assert_int_equal(given.options.duration_s, 60);
    assert_int_equal(given.options.jobs, 3);
    assert_true(given.options.shared.verbose);
    assert_false(given.options.reference);
    release(&given);
}

static void nothing_given_is_left_to_be_asked_for(void **state)
{
    (void)state;
    struct given given;
    assert_int_equal(PARSE(&given, "--reference"), 0);
    assert_null(given.options.message.text);
    assert_null(given.options.shared.passphrase.text);
    assert_string_equal(given.options.servers.text[0], "http://127.0.0.1:5000");
    assert_true(given.options.reference);
    release(&given);
    assert_int_equal(PARSE(&given, "--help"), 0);
    assert_true(given.options.shared.help);
    release(&given);
    assert_int_equal(PARSE(&given, "-V"), 0);
    assert_true(given.options.shared.version);
    release(&given);
}

/* In whatever form, the secret is nowhere in argv afterwards; the last one given counts. */
static void secrets_leave_argv(void **state)
{
    (void)state;
    struct given given;
    assert_int_equal(PARSE(&given, "--passphrase=SECRET one", "--message=SECRET two",
                           "--passphrase", "SECRET three", "--passphrase", "SECRET four", "--msg",
                           ""),
                     0);
    assert_text(&given.options.shared.passphrase, "SECRET four");
    assert_text(&given.options.message, "");
    assert_non_null(given.options.message.text);
    for (int i = 0; i < given.line.argc; i++)
        assert_null(strstr(given.line.argv[i], "SECRET"));
    release(&given);
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][3] = {
        {"--duration", "0"},       {"--duration", "-1"},     {"--duration", "1.5"},
        {"--duration", "10x"},     {"--duration", ""},       {"--duration", "1000000001"},
        {"--passphrase-fd", "-1"}, {"--passphrase-fd", "x"}, {"--msg-file"},
        {"--jobs", "0"},           {"--jobs", "257"},        {"--jobs", "99999999999999999999"},
        {"--bucket", "xyz"},       {"--bucket", ""},         {"--msg"},
        {"--passphrase"},          {"--unknown", "x"},       {"-x"},
        {"left", "over"},          {"--reference=yes"},      {"--max-peers", "0"},
        {"--max-peers", "65537"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct given given;
        assert_int_equal(parse(&given, wrong[i]), -EINVAL);
        assert_true(strlen(given.line.complaint) > 10);
        release(&given);
    }
    static const char bucket_hash[] =
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const char *const together[][5] = {
        {"--reference", "--bucket", bucket_hash},
        {"--server=http://a", "--server=http://b", "--bucket", bucket_hash},
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
        struct given given;
        assert_int_equal(parse(&given, together[i]), -EINVAL);
        release(&given);
    }
}

/* A slip of the finger does not put a passphrase on the screen. */
static void complaints_quote_no_value(void **state)
{
    (void)state;
    struct given given;
    assert_int_equal(PARSE(&given, "--passphrsae=SECRET"), -EINVAL);
    assert_null(strstr(given.line.complaint, "SECRET"));
    assert_non_null(strstr(given.line.complaint, "--passphrsae"));
    release(&given);
    assert_int_equal(PARSE(&given, "--msg", "x", "SECRET"), -EINVAL);
    assert_null(strstr(given.line.complaint, "SECRET"));
    release(&given);
    assert_int_equal(PARSE(&given, "--duration", "SECRET"), -EINVAL);
    assert_null(strstr(given.line.complaint, "SECRET"));
    release(&given);
}

/* What is wrong is told so that it can be found: a number is repeated, a name that was meant is
 * named, and what may be a secret has its place. */
static void complaints_say_what_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[6], *said;
    } cases[] = {
        {{"--jobs", "257"}, "--jobs needs N from 1 to 256, not \"257\""},
        {{"--duration", "-1"}, "--duration needs TIME from 1s to 1000000000s, not \"-1\""},
        {{"--duration", ""}, "1000000000s, not \"\""},
        {{"--bucket", "xyz"}, "LINK, 64 digits of 0-9 and a-f, not a text of 3 characters"},
        {{"--nolinger"}, "\"--nolinger\" is not a flag; did you mean --no-linger?"},
        {{"--mesage=SECRET"}, "\"--mesage\" is not a flag; did you mean --message?"},
        {{"--zzz"}, "\"--zzz\" is not a flag"},
        {{"chek"}, "argument 1 is one too many (a text with spaces needs quotes); is it check"},
        {{"check", "--json", "SECRET"}, "argument 3 is one too many"},
        {{"SECRET", "--json", "-v"}, "argument 1 is one too many"},
        {{"--msg", "two", "SECRET", "--json"}, "argument 3 is one too many"},
        {{"--place", "here", "--place", "there"}, "--place is given twice, and only one is taken"},
        {{"--msg-file=a", "--msg-file=b"}, "--msg-file is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct given given;
        assert_int_equal(parse(&given, cases[i].arguments), -EINVAL);
        if (!strstr(given.line.complaint, cases[i].said) ||
            strstr(given.line.complaint, "SECRET") ||
            (strcmp(cases[i].arguments[0], "--zzz") == 0 &&
             strstr(given.line.complaint, "did you")))
            fail_msg("%s: %s", cases[i].arguments[0], given.line.complaint);
        release(&given);
    }
}

/* An abbreviation is taken where it can mean one option alone. */
static void abbreviations_are_taken(void **state)
{
    (void)state;
    struct given given;
    assert_int_equal(PARSE(&given, "--dur", "60"), 0);
    assert_int_equal(given.options.duration_s, 60);
    release(&given);
    assert_int_equal(PARSE(&given, "--mess", "x"), 0);
    assert_text(&given.options.message, "x");
    release(&given);
    assert_int_equal(PARSE(&given, "--ver"), -EINVAL);
    assert_non_null(strstr(given.line.complaint, "several"));
    release(&given);
}

static void texts_have_a_bound(void **state)
{
    (void)state;
    char *longest = malloc(SECRET_TEXT_BYTES_MAX + 2);
    memset(longest, 'x', SECRET_TEXT_BYTES_MAX + 1);
    longest[SECRET_TEXT_BYTES_MAX + 1] = '\0';
    struct given given;
    assert_int_equal(PARSE(&given, "--passphrase", longest), -EINVAL);
    assert_null(strchr(given.line.argv[2], 'x'));
    release(&given);
    longest[SECRET_TEXT_BYTES_MAX] = '\0';
    assert_int_equal(PARSE(&given, "--passphrase", longest), 0);
    assert_int_equal(given.options.shared.passphrase.bytes, SECRET_TEXT_BYTES_MAX);
    release(&given);
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
        cmocka_unit_test(complaints_say_what_is_meant),
        cmocka_unit_test(abbreviations_are_taken),
        cmocka_unit_test(texts_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
