#include "lib/test.h"

#include <string.h>

#include "base/secret.h"
#include "box/address.h"

/* Of the bytes 0 to 31 (RFC 4648, section 5, worked out by Python's base64). */
#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static void assert_reads(const char *text, bool packets, const char *host, uint16_t port,
                         const char *printed)
{
    struct box_address address;
    char again[BOX_ADDRESS_TEXT_BYTES];
    assert_int_equal(box_address_parse(&address, text), 0);
    assert_int_equal(address.packets, packets);
    assert_string_equal(address.host, host);
    assert_int_equal(address.port, port);
    for (uint8_t i = 0; i < BOX_KEY_BYTES; i++)
        assert_int_equal(address.key[i], i);
    box_address_print(again, &address);
    assert_string_equal(again, printed);
}

static void addresses_are_read(void **state)
{
    (void)state;
    assert_reads("box://meet.example.org:6000#" KEY, false, "meet.example.org", 6000,
                 "box://meet.example.org:6000#" KEY);
    assert_reads("box+udp://192.0.2.7:1#" KEY, true, "192.0.2.7", 1, "box+udp://192.0.2.7:1#" KEY);
    assert_reads("box://[2001:db8::1]:65535#" KEY, false, "2001:db8::1", 65535,
                 "box://[2001:db8::1]:65535#" KEY);
    assert_reads("BOX://meet#" KEY, false, "meet", 5443, "box://meet:5443#" KEY);
    assert_reads("Box+Udp://meet#" KEY, true, "meet", 5443, "box+udp://meet:5443#" KEY);
    assert_reads("box://meet#" KEY, false, "meet", 5443, "box://meet:5443#" KEY);
    assert_reads("box+udp://[::1]#" KEY, true, "::1", 5443, "box+udp://[::1]:5443#" KEY);
}

static void assert_refused(const char *text, int wanted)
{
    struct box_address address, before;
    memset(&address, 7, sizeof address);
    before = address;
    assert_int_equal(box_address_parse(&address, text), wanted);
    assert_memory_equal(&address, &before, sizeof address);
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char *const others[] = {"", "box:/x#" KEY, "https://x#" KEY, "box+tcp://x#" KEY,
                                         " box://x#" KEY};
    static const char *const elsewhere[] = {"box://#" KEY,
                                            "box://:1#" KEY,
                                            "box://x:#" KEY,
                                            "box://x:0#" KEY,
                                            "box://x:01#" KEY,
                                            "box://x:65536#" KEY,
                                            "box://x:99999999999#" KEY,
                                            "box://x:1a#" KEY,
                                            "box://x:-1#" KEY,
                                            "box://x/#" KEY,
                                            "box://x y#" KEY,
                                            "box://u@x#" KEY,
                                            "box://::1#" KEY,
                                            "box://[::1#" KEY,
                                            "box://[]#" KEY,
                                            "box://[1.2.3.4]#" KEY,
                                            "box://[::1]x#" KEY,
                                            "box://[fe80::1%eth0]#" KEY};
    static const char *const malformed[] = {
        "box://x#", "box://x##" KEY, "box://x#" KEY "=", "box://x#" KEY " ", "box://x#A" KEY,
        /* The last character's two lowest bits are of no byte. */
        "box://x#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
        "box://x#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
        "box://x#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH/8"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_refused(others[i], -ENOTSUP);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        assert_refused(elsewhere[i], -EDESTADDRREQ);
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        assert_refused(malformed[i], -EBADMSG);
    assert_refused("box://meet.example.org:6000", -ENOENT);
}

static void long_hosts_are_read_up_to_a_limit(void **state)
{
    (void)state;
    for (size_t bytes = 250; bytes < 600; bytes++) {
        char text[700] = "box+udp://";
        struct box_address address;
        memset(text + strlen(text), 'x', bytes);
        strcat(text, ":65535#" KEY);
        assert_int_equal(box_address_parse(&address, text), bytes <= 255 ? 0 : -EDESTADDRREQ);
        if (bytes <= 255) {
            char again[BOX_ADDRESS_TEXT_BYTES];
            box_address_print(again, &address);
            assert_string_equal(again, text);
        }
    }
}

static void any_key_reads_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (int i = 0; i < 1000; i++) {
        uint8_t key[BOX_KEY_BYTES], again[BOX_KEY_BYTES];
        char text[BOX_ADDRESS_KEY_TEXT_BYTES];
        random_fill(&random, key, sizeof key);
        box_key_print(text, key);
        assert_int_equal(strlen(text), 43);
        assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
                         43);
        assert_int_equal(box_key_parse(again, text), 0);
        assert_memory_equal(again, key, sizeof key);
    }
}

static void secrets_are_read_strictly(void **state)
{
    static const char good[] = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    static const char *const wrong[] = {"", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    const uint8_t expected[BOX_KEY_BYTES] = {1};
    uint8_t secret[BOX_KEY_BYTES];
    (void)state;
    assert_int_equal(box_secret_parse(secret, good, strlen(good)), 0);
    assert_memory_equal(secret, expected, sizeof secret);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(box_secret_parse(secret, wrong[i], strlen(wrong[i])), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(long_hosts_are_read_up_to_a_limit),
        cmocka_unit_test(any_key_reads_back),
        cmocka_unit_test(secrets_are_read_strictly),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("box/address", tests, NULL, NULL);
}
