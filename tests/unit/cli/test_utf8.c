/* UTF-8, strictly: every character there and back, and everything that is none. */
#include <string.h>

#include "cli/utf8.h"
#include "lib/test.h"

static size_t encode(uint8_t out[static 4], uint32_t character)
{
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length - 1; i > 0; i--, character >>= 6)
        out[i] = (uint8_t)(0x80 | (character & 0x3f));
    out[0] = (uint8_t)(marks[length] | character);
    return length;
}

static void every_character_is_read(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10ffff; character++) {
        uint8_t text[4];
        uint32_t read = UINT32_MAX;
        size_t length = encode(text, character);
        bool surrogate = character >= 0xd800 && character <= 0xdfff;
        assert_int_equal(utf8_next(&read, text, length), surrogate ? 0 : length);
        if (!surrogate)
            assert_int_equal(read, character);
        if (length > 1)
            assert_int_equal(utf8_next(&read, text, length - 1), 0);
    }
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf8\x88\x80",
        "\xff",
        "\xfe",
        "a\xc3",
        "\xe2\x82",
        "\xc3(",
        "\xe2(\xa1",
        "\xe2\x82(",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(utf8_is_valid((const uint8_t *)wrong[i], strlen(wrong[i])));
    static const char right[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\xa9";
    assert_true(utf8_is_valid((const uint8_t *)right, sizeof right));
    assert_true(utf8_is_valid((const uint8_t *)"", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_is_read),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
