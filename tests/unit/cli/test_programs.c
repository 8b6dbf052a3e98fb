/* The tables of programs say of each option what its readers need, and say it in one way. */
#include <stdlib.h>
#include <string.h>

#include "cli/document.h"
#include "cli/shared_options.h"
#include "ethernet/program.h"
#include "lib/test.h"
#include "links/program.h"
#include "rendezvous/program.h"

static const struct program *const programs[] = {&reunion_client, &reunion_link,
                                                 &reunion_on_an_ethernet};

/* Every option of every program. */
#define EACH_PROGRAM(program)                                                                      \
    for (size_t each = 0; each < sizeof programs / sizeof *programs; each++)                       \
        for (const struct program *program = programs[each]; program; program = NULL)
#define EACH_OPTION(program, option)                                                               \
    for (size_t number = 0; setting_at(&program->table, number, option); number++)

static bool is_named(const struct setting *row, const char *name)
{
    return strcmp(row->name, name) == 0 || (row->alias && strcmp(row->alias, name) == 0);
}

static void assert_different(const struct setting *row, const struct setting *other)
{
    assert_false(is_named(other, row->name));
    assert_false(row->alias && is_named(other, row->alias));
    assert_false(row->letter && row->letter == other->letter);
    assert_int_not_equal(row->offset, other->offset);
}

static void names_are_unique(void **state)
{
    (void)state;
    struct setting_entry option, other;
    EACH_PROGRAM(program)
    {
        EACH_OPTION(program, &option)
        {
            for (size_t i = 0; i < number && setting_at(&program->table, i, &other); i++)
                assert_different(option.row, other.row);
        }
    }
}

static void rows_are_complete(void **state)
{
    (void)state;
    struct setting_entry option;
    EACH_PROGRAM(program)
    {
        EACH_OPTION(program, &option)
        {
            const struct setting *row = option.row;
            assert_non_null(row->group);
            assert_int_equal(!row->value, row->form == FORM_SWITCH);
            assert_int_equal(row->take != NULL, row->form == FORM_TAKEN);
            if (row->value && strcmp(row->value, "FILE") == 0 && strcmp(row->name, "state") != 0)
                assert_true(row->is_input);
            if (row->is_input)
                assert_true(row->form == FORM_STRING || row->form == FORM_NUMBER);
            if (row->form == FORM_NUMBER || row->form == FORM_SECONDS) {
                assert_true(row->min < row->max);
                assert_true(row->max <= INT64_MAX);
            }
            if (option.commands)
                assert_int_not_equal(option.commands & ((1u << program->command_count) - 1), 0);
            assert_in_range(number, 0, OPTIONS_MAX - 1);
            assert_in_range(row->offset, 0, program->options_bytes - 1);
        }
    }
}

/* What stands in help and completions is short, and means nothing to a shell. */
static void words_have_their_form(void **state)
{
    (void)state;
    struct setting_entry option;
    EACH_PROGRAM(program)
    {
        EACH_OPTION(program, &option)
        {
            assert_in_range(strlen(option.row->help), 5, 50);
            assert_null(strpbrk(option.row->help, "'\"[]:.\\"));
        }
    }
}

static void commands_have_theirs(void **state)
{
    (void)state;
    EACH_PROGRAM(program)
    {
        assert_in_range(program->command_count, 1, 8);
        for (size_t i = 0; i < program->command_count; i++) {
            const struct command_row *command = &program->commands[i];
            assert_true(i == 0 || command->name);
            assert_false(command->name && strpbrk(command->brief, "'\"[]:.\\"));
        }
    }
}

/* Every outcome has a code and a word of its own, and a meaning. */
static void outcomes_differ(void **state)
{
    (void)state;
    EACH_PROGRAM(program)
    {
        for (size_t i = 0; i < program->outcome_count; i++) {
            const struct outcome_row *row = &program->outcomes[i];
            assert_string_equal(outcome_name(program, row->code), row->name);
            assert_true(strlen(row->meaning) > 10);
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(row->name, program->outcomes[j].name);
        }
    }
}

static void assert_helps(const struct program *program, const char *text)
{
    struct setting_entry option;
    EACH_OPTION(program, &option)
    {
        const char *value = option.row->value;
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", option.row->name, value ? " " : "",
                 value ? value : "");
        assert_non_null(strstr(text, name));
    }
    for (size_t i = 0; i < program->outcome_count; i++) {
        char line[32];
        snprintf(line, sizeof line, "\n  %3d  %.10s", (int)program->outcomes[i].code,
                 program->outcomes[i].meaning);
        assert_non_null(strstr(text, line));
    }
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 79);
}

/* Every option and every exit code is in the help text, in lines that fit a terminal. */
static void help_has_every_row(void **state)
{
    (void)state;
    EACH_PROGRAM(program)
    {
        char *text;
        size_t bytes;
        FILE *to = open_memstream(&text, &bytes);
        document_help(to, program);
        assert_int_equal(fclose(to), 0);
        assert_helps(program, text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique),      cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(words_have_their_form), cmocka_unit_test(commands_have_theirs),
        cmocka_unit_test(outcomes_differ),       cmocka_unit_test(help_has_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
