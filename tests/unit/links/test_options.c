/* The command line of reunion-link: commands of which one is needed, and what follows them. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "lib/command_line.h"
#include "lib/test.h"
#include "links/options.h"
#include "links/program.h"

struct given {
    struct command_line line;
    struct links_options options;
};

static int parse(struct given *given, const char *const *arguments)
{
    return command_line_parse(&given->line, &reunion_link, &given->options.shared, arguments);
}

#define PARSE(given, ...) parse(given, (const char *const[]){__VA_ARGS__, NULL})

static void release(struct given *given)
{
    command_line_release(&given->line, &reunion_link, &given->options.shared);
}

static void assert_moved(const struct given *given, const struct secret_text *secret,
                         const char *expected)
{
    assert_non_null(secret->text);
    assert_int_equal(secret->bytes, strlen(expected));
    assert_memory_equal(secret->text, expected, secret->bytes);
    for (int i = 0; i < given->line.argc; i++)
        assert_null(strstr(given->line.argv[i], expected));
}

/* Wherever it stands, what is no option is the command's, and leaves argv. */
static void operands_are_moved(void **state)
{
    (void)state;
    struct given given;
    assert_int_equal(PARSE(&given, "create", "SECRET", "--server", "https://a", "--qr"), 0);
    assert_int_equal(given.options.shared.command, COMMAND_CREATE);
    assert_moved(&given, &given.options.link, "SECRET");
    assert_true(given.options.qr);
    release(&given);
    assert_int_equal(PARSE(&given, "create", "--server=https://a", "--", "--SECRET"), 0);
    assert_moved(&given, &given.options.link, "--SECRET");
    release(&given);
    assert_int_equal(PARSE(&given, "open", "--json", "SECRET"), 0);
    assert_int_equal(given.options.shared.command, COMMAND_OPEN);
    assert_null(given.options.link.text);
    assert_moved(&given, &given.options.invitation, "SECRET");
    release(&given);
}

static void what_is_missing_can_be_asked_for(void **state)
{
    (void)state;
    struct given given;
    assert_int_equal(PARSE(&given, "open"), 0);
    assert_null(given.options.invitation.text);
    assert_null(given.options.server);
    release(&given);
    assert_int_equal(PARSE(&given, "open", "--file", "-", "--passphrase-file", "f"), 0);
    release(&given);
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][6] = {
        {NULL},
        {"SECRET"},
        {"--json"},
        {"create"},
        {"create", "SECRET"},
        {"create", "--server", "https://a", "SECRET", "SECRET"},
        {"create", "--server", "https://a", "--file=f", "SECRET"},
        {"create", "--server", "https://a", "--qr", "--json"},
        {"create", "--server", "https://a", "--passphrase-fd=0"},
        {"create", "--server", "https://a", "--confirm", "--passphrase=SECRET"},
        {"open", "--separate"},
        {"open", "--qr"},
        {"open", "--generate"},
        {"open", "--passphrase-file=-", "--file=-"},
        {"open", "--max-sequence", "-1"},
        {"open", "--tolerance", "1000000001"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct given given;
        assert_int_equal(parse(&given, wrong[i]), -EINVAL);
        assert_true(strlen(given.line.complaint) > 10);
        assert_null(strstr(given.line.complaint, "SECRET"));
        release(&given);
    }
}

/* Without a command, and with what would be refused. */
static void help_is_for_everybody(void **state)
{
    (void)state;
    static const char *const forms[][5] = {
        {"--help"}, {"-V"}, {"create", "--help"}, {"open", "--file=f", "x", "--version"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct given given;
        assert_int_equal(parse(&given, forms[i]), 0);
        assert_true(given.options.shared.help || given.options.shared.version);
        release(&given);
    }
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_are_moved),
        cmocka_unit_test(what_is_missing_can_be_asked_for),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(help_is_for_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
