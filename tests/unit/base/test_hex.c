#include "lib/test.h"

#include <string.h>

#include "base/hex.h"

static void encodes_lower_case(void **state)
{
    (void)state;
    char text[9];
    hex_encode(text, (const uint8_t[]){0x00, 0x9f, 0xab, 0xff}, 4);
    assert_string_equal(text, "009fabff");
    hex_encode(text, NULL, 0);
    assert_string_equal(text, "");
}

static void decodes_what_it_encodes(void **state)
{
    (void)state;
    uint8_t data[256], back[256];
    char text[2 * sizeof data + 1];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    hex_encode(text, data, sizeof data);
    assert_int_equal(hex_decode(back, sizeof back, text), 0);
    assert_memory_equal(back, data, sizeof data);
}

static void refuses_every_other_form(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "",
        "0",
        "00",
        "0011f",
        "001122f",
        "00112233",
        "00112G",
        "00112g",
        "AABBCC",
        "0x1122",
        " 01122",
        "01122 ",
        "00 122",
        "00:122",
        "-01122",
        "+01122",
        "\xc3\xa9\xc3\xa9\xc3\xa9",
        "00112\n",
    };
    uint8_t data[3] = {1, 2, 3};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        assert_int_equal(hex_decode(data, sizeof data, malformed[i]), -EBADMSG);
        assert_memory_equal(data, "\1\2\3", sizeof data);
    }
}

/* Of all strings of two bytes exactly the 256 pairs of lower-case digits are accepted. */
static void accepts_digits_alone(void **state)
{
    (void)state;
    int accepted = 0;
    for (int a = 1; a < 256; a++)
        for (int b = 1; b < 256; b++) {
            const char text[3] = {(char)a, (char)b, '\0'};
            uint8_t value;
            if (hex_decode(&value, 1, text))
                continue;
            char again[3];
            hex_encode(again, &value, 1);
            assert_string_equal(again, text);
            accepted++;
        }
    assert_int_equal(accepted, 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_lower_case),
        cmocka_unit_test(decodes_what_it_encodes),
        cmocka_unit_test(refuses_every_other_form),
        cmocka_unit_test(accepts_digits_alone),
    };
    return cmocka_run_group_tests_name("base/hex", tests, NULL, NULL);
}
