/* The command line of reunion-link: commands of which one is needed, and what follows them. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "lib/test.h"
#include "links/options.h"
#include "links/program.h"

enum { ARGUMENTS_MAX = 8 };

/* A writable argv, as a kernel gives it. */
struct command_line {
    char *argv[ARGUMENTS_MAX + 1];
    int argc;
    char complaint[OPTIONS_COMPLAINT_BYTES];
    struct links_options options;
};

static int parse(struct command_line *line, const char *const *arguments)
{
    memset(line, 0, sizeof *line);
    for (line->argv[line->argc++] = strdup("reunion-link"); *arguments; arguments++)
        line->argv[line->argc++] = strdup(*arguments);
    return options_parse(&reunion_link, &line->options.shared, line->argc, line->argv,
                         line->complaint);
}

#define PARSE(line, ...) parse(line, (const char *const[]){__VA_ARGS__, NULL})

static void release(struct command_line *line)
{
    options_clear(&reunion_link, &line->options.shared);
    for (int i = 0; i < line->argc; i++)
        free(line->argv[i]);
}

static void assert_moved(const struct command_line *line, const struct secret_text *secret,
                         const char *expected)
{
    assert_non_null(secret->text);
    assert_int_equal(secret->bytes, strlen(expected));
    assert_memory_equal(secret->text, expected, secret->bytes);
    for (int i = 0; i < line->argc; i++)
        assert_null(strstr(line->argv[i], expected));
}

/* Wherever it stands, what is no option is the command's, and leaves argv. */
static void operands_are_moved(void **state)
{
    (void)state;
    struct command_line line;
    assert_int_equal(PARSE(&line, "create", "SECRET", "--server", "https://a", "--qr"), 0);
    assert_int_equal(line.options.shared.command, COMMAND_CREATE);
    assert_moved(&line, &line.options.link, "SECRET");
    assert_true(line.options.qr);
    release(&line);
    assert_int_equal(PARSE(&line, "create", "--server=https://a", "--", "--SECRET"), 0);
    assert_moved(&line, &line.options.link, "--SECRET");
    release(&line);
    assert_int_equal(PARSE(&line, "open", "--json", "SECRET"), 0);
    assert_int_equal(line.options.shared.command, COMMAND_OPEN);
    assert_null(line.options.link.text);
    assert_moved(&line, &line.options.invitation, "SECRET");
    release(&line);
}

static void what_is_missing_can_be_asked_for(void **state)
{
    (void)state;
    struct command_line line;
    assert_int_equal(PARSE(&line, "open"), 0);
    assert_null(line.options.invitation.text);
    assert_null(line.options.server);
    release(&line);
    assert_int_equal(PARSE(&line, "open", "--file", "-", "--passphrase-file", "f"), 0);
    release(&line);
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
        struct command_line line;
        assert_int_equal(parse(&line, wrong[i]), -EINVAL);
        assert_true(strlen(line.complaint) > 10);
        assert_null(strstr(line.complaint, "SECRET"));
        release(&line);
    }
}

/* Without a command, and with what would be refused. */
static void help_is_for_everybody(void **state)
{
    (void)state;
    static const char *const forms[][5] = {
        {"--help"}, {"-V"}, {"create", "--help"}, {"open", "--file=f", "x", "--version"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct command_line line;
        assert_int_equal(parse(&line, forms[i]), 0);
        assert_true(line.options.shared.help || line.options.shared.version);
        release(&line);
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
