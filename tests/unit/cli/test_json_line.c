/* Events: any text comes out of a JSON reader as it went in, and no line harms a terminal. */
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/json_line.h"
#include "lib/test.h"

/* Write an event and read it again. `line` gets it as written. */
static json_t *write_and_read(struct json_line *event, char line[static JSON_LINE_BYTES_MAX + 1])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(json_line_write(event, ends[1]), 0);
    ssize_t bytes = read(ends[0], line, JSON_LINE_BYTES_MAX);
    assert_true(bytes > 0);
    line[bytes] = '\0';
    close(ends[0]);
    close(ends[1]);
    assert_ptr_equal(strchr(line, '\n'), line + bytes - 1);
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    return value;
}

static void members_come_back(void **state)
{
    (void)state;
    struct json_line *event;
    char line[JSON_LINE_BYTES_MAX + 1];
    assert_int_equal(json_line_open(&event, "name"), 0);
    json_line_word(event, "word", "two words");
    json_line_number(event, "number", -5);
    json_line_number(event, "large", INT64_MAX);
    json_line_null(event, "nothing");
    json_line_flag(event, "yes", true);
    json_line_flag(event, "no", false);
    json_t *value = write_and_read(event, line);
    assert_string_equal(
        line, "{\"v\":1,\"event\":\"name\",\"word\":\"two words\",\"number\":-5,"
              "\"large\":9223372036854775807,\"nothing\":null,\"yes\":true,\"no\":false}\n");
    json_decref(value);
}

static void any_text_comes_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "plain",
        "\"quoted\" \\ /",
        "\x01\x1b[31m\n\r\t\x7f",
        "Gr\xc3\xbc\xc3\x9f"
        "e \xc2\x9b"
        "31m \xe2\x80\xae \xef\xbf\xbf",
        "\xf0\x90\x80\x80 \xf0\x9f\x8d\xa9 \xf4\x8f\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_line *event;
        char line[JSON_LINE_BYTES_MAX + 1];
        assert_int_equal(json_line_open(&event, "message"), 0);
        json_line_text(event, "text", (const uint8_t *)texts[i], strlen(texts[i]));
        json_t *value = write_and_read(event, line);
        assert_string_equal(json_string_value(json_object_get(value, "text")), texts[i]);
        for (const char *at = line; *at != '\n'; at++)
            assert_in_range(*at, 0x20, 0x7e);
        json_decref(value);
    }
}

static void a_line_too_long_is_not_begun(void **state)
{
    (void)state;
    uint8_t text[JSON_LINE_BYTES_MAX];
    memset(text, 'x', sizeof text);
    struct json_line *event;
    assert_int_equal(json_line_open(&event, "message"), 0);
    json_line_text(event, "text", text, sizeof text);
    assert_int_equal(json_line_write(event, -1), -EMSGSIZE);
    assert_int_equal(json_line_open(&event, "message"), 0);
    json_line_text(event, "text", text, sizeof text - 100);
    assert_int_equal(json_line_write(event, -1), -EBADF);
    /* Where its length is known before, it fits, whatever it is. */
    memset(text, 1, sizeof text);
    assert_int_equal(json_line_open_for(&event, "message", sizeof text), 0);
    json_line_text(event, "text", text, sizeof text);
    assert_int_equal(json_line_write(event, -1), -EBADF);
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    struct json_line *event;
    char line[JSON_LINE_BYTES_MAX + 1];
    assert_int_equal(json_line_open(&event, "name"), 0);
    json_line_word(event, "word", "a\xff\xc3");
    json_t *value = write_and_read(event, line);
    assert_string_equal(json_string_value(json_object_get(value, "word")),
                        "a\xef\xbf\xbd\xef\xbf\xbd");
    json_decref(value);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_back),
        cmocka_unit_test(any_text_comes_back),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(a_line_too_long_is_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
