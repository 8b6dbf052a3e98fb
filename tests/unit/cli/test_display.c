/* A stranger's bytes as a line: what is plain stays, nothing else reaches the terminal raw. */
#include <stdio.h>
#include <string.h>

#include "cli/display.h"
#include "cli/utf8.h"
#include "lib/test.h"
#include "wire/sizes.h"

static void assert_shown(const char *message, size_t bytes, const char *line)
{
    uint8_t payload[MESSAGE_BYTES];
    char out[DISPLAY_BYTES_MAX(MESSAGE_BYTES)];
    memset(payload, ' ', sizeof payload);
    memcpy(payload, message, bytes);
    size_t length = display_line(out, payload, sizeof payload);
    assert_int_equal(length, strlen(line) + 1);
    assert_memory_equal(out, line, length - 1);
    assert_int_equal(out[length - 1], '\n');
}

#define SHOWN(message, line) assert_shown("" message "", sizeof message - 1, line)

static void plain_text_is_shown_as_it_is(void **state)
{
    (void)state;
    SHOWN("hello world", "hello world");
    SHOWN("  inner  and leading ", "  inner  and leading");
    SHOWN("", "");
    SHOWN("C:\\temp\\x1b", "C:\\temp\\x1b");
    SHOWN("Gr\xc3\xbc\xc3\x9f"
          "e \xf0\x9f\x8d\xa9 \xe2\x82\xac",
          "Gr\xc3\xbc\xc3\x9f"
          "e \xf0\x9f\x8d\xa9 \xe2\x82\xac");
}

static void controls_are_escaped(void **state)
{
    (void)state;
    SHOWN("\x1b[31mred", "escaped:\\x1b[31mred");
    SHOWN("two\nlines\r\t", "escaped:two\\x0alines\\x0d\\x09");
    SHOWN("back\\slash\x7f", "escaped:back\\\\slash\\x7f");
    SHOWN("nul\0.", "escaped:nul\\x00.");
    SHOWN("c1 \xc2\x9b"
          "31m",
          "escaped:c1 \\u{9b}31m");
    SHOWN("\xe2\x80\xa8\xe2\x80\xa9", "escaped:\\u{2028}\\u{2029}");
    SHOWN("\xe2\x80\xae"
          "evil\xe2\x81\xa6\xd8\x9c",
          "escaped:\\u{202e}evil\\u{2066}\\u{61c}");
}

static void what_is_not_utf8_is_hex(void **state)
{
    (void)state;
    SHOWN("\xff\xfe", "hex:fffe");
    SHOWN("caf\xe9", "hex:636166e9");
    SHOWN("\x1b\xc0\x80", "hex:1bc080");
}

static void marks_cannot_be_forged(void **state)
{
    (void)state;
    SHOWN("hex:fffe", "escaped:hex:fffe");
    SHOWN("escaped:\\x1b", "escaped:escaped:\\\\x1b");
    SHOWN("Hex:fffe", "Hex:fffe");
    SHOWN(" hex:fffe", " hex:fffe");
}

/* Whatever comes, the line is one line of UTF-8 without controls, and fits. */
static void any_bytes_are_safe(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static const char *const pieces[] = {
        "\xe2\x80\xa8", "\xc2\x85", "\x1b", "hex:", "escaped:", "\\", "\xf0\x9f", " "};
    for (int round = 0; round < 20000; round++) {
        uint8_t payload[MESSAGE_BYTES];
        char out[DISPLAY_BYTES_MAX(MESSAGE_BYTES)];
        size_t bytes = seeded_below(&seeded, sizeof payload + 1);
        if (round % 2)
            random_fill(&random, payload, sizeof payload);
        else
            for (size_t at = 0; at < sizeof payload;) {
                const char *piece = pieces[seeded_below(&seeded, 8)];
                size_t length = strlen(piece);
                if (length > sizeof payload - at)
                    length = sizeof payload - at;
                memcpy(payload + at, piece, length);
                at += length;
            }
        size_t length = display_line(out, payload, bytes);
        assert_in_range(length, 1, sizeof out);
        assert_int_equal(out[length - 1], '\n');
        assert_true(utf8_is_valid((const uint8_t *)out, length));
        for (size_t i = 0; i + 1 < length; i++)
            assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
        assert_null(memmem(out, length, "\xe2\x80\xa8", 3));
        assert_null(memmem(out, length, "\xc2\x85", 2));
    }
}

#define IS_NAME(text) display_is_name((const uint8_t *)(text), sizeof(text) - 1)

static void names_can_be_shown_and_told_apart(void **state)
{
    static const char *const unseen[] = {"\xc2\xad",     "\xe2\x80\x8b", "\xe2\x80\x8d",
                                         "\xe2\x81\xa0", "\xef\xbb\xbf", "\xef\xb8\x8f"};
    static const char *const controls[] = {"\x1b",         "\x7f",         "\xc2\x9b",
                                           "\xe2\x80\xae", "\xe2\x80\xa8", "\xd8\x9c"};
    (void)state;
    assert_true(IS_NAME("Alice"));
    assert_true(IS_NAME("Gr\xc3\xbc\xc3\x9f"
                        "e an Alle"));
    assert_true(IS_NAME("\xf0\x9f\x8d\xa9"));
    assert_false(IS_NAME(""));
    assert_false(IS_NAME("\xff\xfe"));
    assert_false(IS_NAME(" Alice"));
    assert_false(IS_NAME("Alice "));
    assert_false(IS_NAME("Alice\xc2\xa0"));
    assert_false(IS_NAME("\xe3\x80\x80"
                         "Alice"));
    for (size_t i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof name, "Al%sice", unseen[i]);
        assert_false(display_is_name((const uint8_t *)name, strlen(name)));
        snprintf(name, sizeof name, "Al%sice", controls[i]);
        assert_false(display_is_name((const uint8_t *)name, strlen(name)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_shown_as_it_is),
        cmocka_unit_test(controls_are_escaped),
        cmocka_unit_test(what_is_not_utf8_is_hex),
        cmocka_unit_test(marks_cannot_be_forged),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(names_can_be_shown_and_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
