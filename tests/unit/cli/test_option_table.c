/* The table of options says of each row what its readers need, and says it in one way. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/document.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "cli/outcome.h"
#include "lib/test.h"

static bool is_named(const struct option_row *row, const char *name)
{
    return strcmp(row->name, name) == 0 || (row->alias && strcmp(row->alias, name) == 0);
}

static void names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct option_row *row = &option_rows[i], *other = &option_rows[j];
            assert_false(is_named(other, row->name));
            assert_false(row->alias && is_named(other, row->alias));
            assert_false(row->letter && row->letter == other->letter);
            assert_int_not_equal(row->offset, other->offset);
        }
}

static void rows_are_complete(void **state)
{
    (void)state;
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        assert_int_equal(!row->value, row->form == OPTION_SWITCH);
        if (row->form == OPTION_NUMBER || row->form == OPTION_LINK)
            assert_non_null(row->wants);
        if (row->form == OPTION_NUMBER)
            assert_true(row->min < row->max);
        if (row->form == OPTION_TEXTS)
            assert_in_range(row->max, 1, OPTIONS_TEXTS_MAX);
        assert_in_range(row->group, 0, GROUP_COUNT - 1);
        assert_in_range(row->commands, 1, COMMAND_MEET | COMMAND_CHECK);
        assert_in_range(row->offset, 0, sizeof(struct options) - 1);
    }
}

/* What stands in a completion is short, what stands in the manual is made of sentences. */
static void words_have_their_form(void **state)
{
    (void)state;
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        size_t help = strlen(row->help);
        assert_in_range(strlen(row->brief), 5, 50);
        assert_null(strpbrk(row->brief, "'\"[]:.\\"));
        assert_true(isupper((unsigned char)row->help[0]));
        assert_int_equal(row->help[help - 1], '.');
    }
}

/* Every option and every exit code is in the help text, in lines that fit a terminal. */
static void help_has_every_row(void **state)
{
    (void)state;
    char *text;
    size_t bytes;
    FILE *to = open_memstream(&text, &bytes);
    document_help(to);
    assert_int_equal(fclose(to), 0);
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", row->name, row->value ? " " : "",
                 row->value ? row->value : "");
        assert_non_null(strstr(text, name));
    }
    for (const struct outcome_row *row = outcome_rows; row < outcome_rows + outcome_count; row++) {
        char line[32];
        snprintf(line, sizeof line, "\n  %3d  %.10s", (int)row->code, row->meaning);
        assert_non_null(strstr(text, line));
    }
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 79);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(words_have_their_form),
        cmocka_unit_test(help_has_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
