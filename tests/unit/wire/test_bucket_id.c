#include "lib/test.h"

#include <string.h>

#include "base/hex.h"
#include "wire/bucket_id.h"

/* Known answers by Python's hashlib:
 *
 *     hashlib.blake2b(b"reunion-bucket-v1" + kind + struct.pack(">QI", created, sequence))
 *         .digest()[:32].hex() */
static const struct {
    struct bucket_id id;
    char kind;
    const char *bucket_hash;
    const char *text;
} known[] = {
    {{1732250000, 0, {0}},
     BUCKET_KIND_RENDEZVOUS,
     "65329f4025ccf51263ff60f2fb34170212a1a50d1c28e98f976cfc6736f12425",
     "1732250000-0"},
    {{1732250000, 0, {0}},
     BUCKET_KIND_LINKS,
     "6ee2d8bc3dbd67d63ad07953d44b969621d88dd9e597b8b5f1eca32ef945463d",
     "1732250000-0"},
    {{1732250000, 1, {0}},
     BUCKET_KIND_RENDEZVOUS,
     "06f8a025609533677468f6f0e843197d5459f2622b7ec45741ebb6fdc49ba0cb",
     "1732250000-1"},
    {{0, 0, {0}},
     BUCKET_KIND_RENDEZVOUS,
     "fe2f2096b7e08d8acedfb377ea235abfe016b4cd98132d0cada8f983505887fb",
     "0-0"},
    {{UINT64_MAX, UINT32_MAX, {0}},
     BUCKET_KIND_RENDEZVOUS,
     "283f38f69d5daf6f5e93cd148386c15862eb2c5d422776b39985f5a9d4683148",
     "18446744073709551615-4294967295"},
};
enum { KNOWN = sizeof known / sizeof known[0] };

static void links_are_as_computed_elsewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        uint8_t bucket_hash[ID_BYTES];
        char text[2 * ID_BYTES + 1];
        bucket_id_hash(bucket_hash, &known[i].id, known[i].kind);
        hex_encode(text, bucket_hash, sizeof bucket_hash);
        assert_string_equal(text, known[i].bucket_hash);
    }
}

/* Eight bytes of seconds and four of the number, the greatest first. */
static void ids_are_packed_and_unpacked(void **state)
{
    static const char *const binary[KNOWN] = {
        "000000006740099000000000", "000000006740099000000000", "000000006740099000000001",
        "000000000000000000000000", "ffffffffffffffffffffffff"};
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        uint8_t packed[BUCKET_ID_BINARY_BYTES];
        char text[2 * BUCKET_ID_BINARY_BYTES + 1];
        struct bucket_id id;
        bucket_id_pack(packed, &known[i].id);
        hex_encode(text, packed, sizeof packed);
        assert_string_equal(text, binary[i]);
        bucket_id_unpack(&id, packed);
        assert_true(id.created == known[i].id.created && id.sequence == known[i].id.sequence);
    }
}

static void ids_are_printed_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        char text[BUCKET_ID_TEXT_BYTES];
        struct bucket_id id;
        bucket_id_print(text, &known[i].id);
        assert_string_equal(text, known[i].text);
        assert_int_equal(bucket_id_parse(&id, text), 0);
        assert_true(id.created == known[i].id.created);
        assert_true(id.sequence == known[i].id.sequence);
    }
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "",
        "-",
        "1",
        "1-",
        "-1",
        "1--1",
        "1-1-",
        "1-1-1",
        " 1-1",
        "1 -1",
        "1- 1",
        "1-1 ",
        "1-1\n",
        "+1-1",
        "1-+1",
        "01-1",
        "1-01",
        "00-0",
        "0-00",
        "0x1-1",
        "1-0x1",
        "1.0-1",
        "1e3-1",
        "a-1",
        "1-a",
        "1_1",
        "1\u22121",
        "18446744073709551616-0", /* 2^64 */
        "99999999999999999999-0",
        "184467440737095516150-0",
        "0-4294967296", /* 2^32 */
        "0-99999999999",
    };
    struct bucket_id id = {.created = 5, .sequence = 6};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        assert_int_equal(bucket_id_parse(&id, malformed[i]), -EBADMSG);
        assert_true(id.created == 5 && id.sequence == 6);
    }
}

/* Random text over the alphabet that matters: what is accepted prints as it was written. */
static void whatever_is_accepted_has_one_form(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789-";
    struct seeded seeded = seeded_open();
    int accepted = 0;
    for (int round = 0; round < 200000; round++) {
        char text[BUCKET_ID_TEXT_BYTES] = "", again[BUCKET_ID_TEXT_BYTES];
        size_t length = seeded_below(&seeded, 10);
        for (size_t i = 0; i < length; i++)
            text[i] = alphabet[seeded_below(&seeded, sizeof alphabet - 1)];
        struct bucket_id id;
        if (bucket_id_parse(&id, text))
            continue;
        bucket_id_print(again, &id);
        assert_string_equal(again, text);
        accepted++;
    }
    assert_true(accepted > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_as_computed_elsewhere),
        cmocka_unit_test(ids_are_packed_and_unpacked),
        cmocka_unit_test(ids_are_printed_and_read_back),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(whatever_is_accepted_has_one_form),
    };
    return cmocka_run_group_tests_name("wire/bucket_id", tests, NULL, NULL);
}
