#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "option/settings.h"
#include "option/settings_json.h"

/* A program's settings, and its table. */
struct values {
    uint64_t interval_ms, age_s;
    uint8_t key[4];
    struct setting_texts names;
    enum setting_origin origins[4];
};

#define AT(member) .offset = offsetof(struct values, member)

static const struct setting rows[] = {
    {"A", "interval", FORM_MS, AT(interval_ms), "250ms", "TIME", "help", .min = 10, .max = 60000},
    {"A", "age", FORM_SECONDS, AT(age_s), "1h", "TIME", "help", .min = 1, .max = 86400},
    {"B", "key", FORM_HEX, AT(key), NULL, "HEX", "help", .min = 4, .max = 4},
    {"B", "name", FORM_TEXTS, AT(names), NULL, "NAME", "help"},
};
static const char *const others[] = {"P_ONE", "P_MANY_", NULL};
static SETTING_ROWS(all_rows, rows);
static const struct setting_section sections[] = {{&all_rows, 0}};
static const struct setting_table table = {sections, 1, "P_", others, false};

static struct values values;
static const struct settings settings = {&table, &values, values.origins, 0, NULL};
static char *complaints;

#define LITERAL(text) ((char *)(uintptr_t)(text))

enum source { FLAG, VARIABLE, JSON };

static int read_text(enum source source, const char *text)
{
    char *const argv[] = {LITERAL("p"), LITERAL(text), NULL};
    char *const environment[] = {LITERAL(text), NULL};
    size_t bytes;
    free(complaints);
    FILE *to = open_memstream(&complaints, &bytes);
    assert_non_null(to);
    memset(&values, 0, sizeof values);
    settings_defaults(&settings);
    int err = source == FLAG       ? settings_read_flags(&settings, 2, argv, NULL, to)
              : source == VARIABLE ? settings_read_environment(&settings, environment, to)
                                   : settings_read_json(&settings, text, strlen(text), "f", to);
    assert_int_equal(fclose(to), 0);
    assert_int_equal(err != 0, bytes != 0);
    return err;
}

static void values_of_short_times(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms; /* 0: refused */
    } cases[] = {
        {"--interval=10", 10},    {"--interval=10ms", 10}, {"--interval=2s", 2000},
        {"--interval=1m", 60000}, {"--interval=9ms", 0},   {"--interval=2m", 0},
        {"--interval=1h", 0},     {"--interval=1 ms", 0},  {"--interval=ms", 0},
        {"--interval=1mss", 0},   {"--interval=-1", 0},    {"--interval=99999999999999999999", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_text(FLAG, cases[i].text), cases[i].ms ? 0 : -EINVAL);
        assert_int_equal(values.interval_ms, cases[i].ms ? cases[i].ms : 250);
    }
    assert_non_null(strstr(complaints, "--interval needs TIME from 10ms to 1m, not \"9999"));
}

static void variables_of_other_programs(void **state)
{
    (void)state;
    assert_int_equal(read_text(VARIABLE, "P_ONE=x"), 0);
    assert_int_equal(read_text(VARIABLE, "P_MANY_THINGS=x"), 0);
    assert_int_equal(read_text(VARIABLE, "Q_INTERVAL=x"), 0);
    assert_int_equal(read_text(VARIABLE, "P_ONES=x"), -EINVAL);
    assert_int_equal(read_text(VARIABLE, "P_MANY=x"), -EINVAL);
    assert_int_equal(read_text(VARIABLE, "P_AGE=2h"), 0);
    assert_int_equal(values.age_s, 7200);
    assert_int_equal(values.origins[1], ORIGIN_ENVIRONMENT);
}

static void bytes_in_digits(void **state)
{
    (void)state;
    assert_int_equal(read_text(JSON, "{\"key\": \"00ff10a0\", \"interval\": 30}"), 0);
    assert_memory_equal(values.key, "\x00\xff\x10\xa0", 4);
    assert_int_equal(values.interval_ms, 30);
    assert_int_equal(read_text(JSON, "{\"key\": \"00ff10\"}"), -EINVAL);
    assert_non_null(strstr(complaints, "\"key\" in f needs HEX, 8 lower-case hexadecimal digits"));
}

/* A value of a lesser source is checked and not taken. */
static void what_stands_stays(void **state)
{
    char *const environment[] = {LITERAL("P_NAME=c,d"), LITERAL("P_INTERVAL=1s"), NULL};
    (void)state;
    assert_int_equal(read_text(FLAG, "--name=a"), 0);
    assert_int_equal(settings_read_environment(&settings, environment, stderr), 0);
    assert_int_equal(values.names.count, 1);
    assert_string_equal(values.names.items[0].text, "a");
    assert_int_equal(values.interval_ms, 1000);
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
        cmocka_unit_test(values_of_short_times),
        cmocka_unit_test(variables_of_other_programs),
        cmocka_unit_test(bytes_in_digits),
        cmocka_unit_test(what_stands_stays),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
