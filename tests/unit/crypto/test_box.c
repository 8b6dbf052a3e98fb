#include "lib/test.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/box.h"

/* What libsodium's one call for all of it gives is the same. */
static void boxes_are_those_of_crypto_box_easy(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (size_t bytes = 0; bytes < 300; bytes++) {
        uint8_t our_public[BOX_KEY_BYTES], our_secret[BOX_KEY_BYTES];
        uint8_t their_public[BOX_KEY_BYTES], their_secret[BOX_KEY_BYTES];
        uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES], text[300], opened[300];
        uint8_t box[316], wanted[316];
        box_pair(our_public, our_secret, &random);
        box_pair(their_public, their_secret, &random);
        random_fill(&random, nonce, sizeof nonce);
        random_fill(&random, text, sizeof text);
        assert_int_equal(box_agree(shared, our_secret, their_public), 0);
        box_seal(box, shared, nonce, bytes > 0 ? text : NULL, bytes);
        assert_int_equal(crypto_box_easy(wanted, text, bytes, nonce, their_public, our_secret), 0);
        assert_memory_equal(box, wanted, BOX_TAG_BYTES + bytes);
        assert_int_equal(box_agree(shared, their_secret, our_public), 0);
        assert_int_equal(box_open(opened, shared, nonce, box, BOX_TAG_BYTES + bytes), 0);
        assert_memory_equal(opened, text, bytes);
    }
}

static void an_altered_or_cut_box_does_not_open(void **state)
{
    (void)state;
    uint8_t shared[BOX_SHARED_BYTES] = {1}, nonce[BOX_NONCE_BYTES] = {2};
    uint8_t box[BOX_TAG_BYTES + 40], opened[40] = {7};
    const uint8_t text[40] = {3};
    box_seal(box, shared, nonce, text, sizeof text);
    for (size_t bit = 0; bit < 8 * sizeof box; bit++) {
        box[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(box_open(opened, shared, nonce, box, sizeof box), -EBADMSG);
        box[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < sizeof box; cut++)
        assert_int_equal(box_open(opened, shared, nonce, box, cut), -EBADMSG);
    for (size_t bit = 0; bit < 8 * sizeof nonce; bit++) {
        nonce[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(box_open(opened, shared, nonce, box, sizeof box), -EBADMSG);
        nonce[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(opened[0], 7);
}

static void text_may_stand_in_its_box(void **state)
{
    (void)state;
    uint8_t shared[BOX_SHARED_BYTES] = {1}, nonce[BOX_NONCE_BYTES] = {2};
    uint8_t apart[BOX_TAG_BYTES + 500], within[BOX_TAG_BYTES + 500], text[500];
    memset(text, 'x', sizeof text);
    memset(within + BOX_TAG_BYTES, 'x', sizeof text);
    box_seal(apart, shared, nonce, text, sizeof text);
    box_seal(within, shared, nonce, within + BOX_TAG_BYTES, sizeof text);
    assert_memory_equal(within, apart, sizeof apart);
    assert_int_equal(box_open(within + BOX_TAG_BYTES, shared, nonce, within, sizeof within), 0);
    assert_memory_equal(within + BOX_TAG_BYTES, text, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_are_those_of_crypto_box_easy),
        cmocka_unit_test(an_altered_or_cut_box_does_not_open),
        cmocka_unit_test(text_may_stand_in_its_box),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("crypto/box", tests, NULL, NULL);
}
