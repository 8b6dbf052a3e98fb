/* CTIDH-1024 as its callers see it: known answers, properties, bad input. The vector file is the
 * first argument. */
#include "lib/test.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "ctidh/ctidh.h"
#include "ctidh/shake256.h"

enum {
    SECRET = CTIDH1024_SECRET_BYTES,
    PUBLIC = CTIDH1024_PUBLIC_BYTES,
    SHARED = CTIDH1024_SHARED_BYTES,
    SEED = CTIDH1024_SEED_BYTES,
};

static const char *vector_file;
static json_t *vectors;
static struct seeded seeded;
static struct random_source source;

static int open_all(void **state)
{
    (void)state;
    seeded = seeded_open();
    source = seeded_source(&seeded);
    vectors = json_load_file(vector_file, 0, NULL);
    return vectors ? secret_init() : -1;
}

static int close_all(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static json_t *entries(const char *name, size_t at_least)
{
    json_t *array = json_object_get(json_object_get(vectors, "primitives"), name);
    assert_true(json_array_size(array) >= at_least);
    return array;
}

static void get_bytes(uint8_t *out, size_t bytes, const json_t *entry, const char *field)
{
    const char *text = json_string_value(json_object_get(entry, field));
    assert_non_null(text);
    assert_int_equal(hex_decode(out, bytes, text), 0);
}

static void key_pair_of_seed(uint8_t secret[SECRET], uint8_t public_key[PUBLIC],
                             const uint8_t seed[SEED])
{
    struct ctidh1024_generator generator;
    ctidh1024_generator_open(&generator, seed);
    struct random_source draws = ctidh1024_generator_source(&generator);
    ctidh1024_secret_sample(secret, &draws);
    assert_int_equal(ctidh1024_public_derive(public_key, secret, &source), 0);
}

static int derive_one(uint8_t shared[SHARED], const uint8_t secret[SECRET],
                      const uint8_t public_key[PUBLIC])
{
    struct ctidh1024_exchange exchange = {public_key, shared, 1};
    assert_int_equal(ctidh1024_derive(secret, &exchange, 1, &source, NULL), 0);
    return exchange.status;
}

static void known_key_pairs(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(entries("ctidh_key_pair", 12), i, entry)
    {
        uint8_t seed[SEED], secret[SECRET], public_key[PUBLIC];
        uint8_t expected_secret[SECRET], expected_public[PUBLIC];
        get_bytes(seed, SEED, entry, "seed");
        get_bytes(expected_secret, SECRET, entry, "secret");
        get_bytes(expected_public, PUBLIC, entry, "public");
        key_pair_of_seed(secret, public_key, seed);
        assert_memory_equal(secret, expected_secret, SECRET);
        assert_memory_equal(public_key, expected_public, PUBLIC);
    }
}

static void known_exchanges(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(entries("ctidh_dh", 12), i, entry)
    {
        uint8_t secret[SECRET], public_key[PUBLIC], shared[SHARED], expected[SHARED];
        get_bytes(secret, SECRET, entry, "secret");
        get_bytes(public_key, PUBLIC, entry, "public");
        get_bytes(expected, SHARED, entry, "shared");
        assert_int_equal(derive_one(shared, secret, public_key), 0);
        assert_memory_equal(shared, expected, SHARED);
    }
}

static void known_verdicts(void **state)
{
    (void)state;
    size_t i;
    json_t *entry;
    json_array_foreach(entries("ctidh_validate", 20), i, entry)
    {
        uint8_t public_key[PUBLIC];
        get_bytes(public_key, PUBLIC, entry, "public");
        bool valid = json_is_true(json_object_get(entry, "valid"));
        assert_int_equal(ctidh1024_public_check(public_key, &source), valid ? 0 : -EBADMSG);
    }
}

static void from_hex(uint8_t *out, size_t bytes, const char *text)
{
    assert_int_equal(hex_decode(out, bytes, text), 0);
}

/* The specification's T1. */
static void key_pair_of_letters(void **state)
{
    (void)state;
    uint8_t seed[SEED], secret[SECRET], public_key[PUBLIC];
    uint8_t expected_secret[SECRET], expected_public[PUBLIC];
    memset(seed, 0x41, SEED);
    from_hex(expected_secret, SECRET,
             "01fffd00ff000000ff03ff00fd00ff00fe00000000ffff0100ffff01ff0200ff0100ffff01010001ffff"
             "fe0001020001010000ff03000100ff00ff0000fd0000fe0003010100ff0302000000ff000000fe000002"
             "010001ffff00000000fe03000001ff0001fe010000010000ff00ff0100ffff0001010100000000000000"
             "0100ff00");
    from_hex(expected_public, PUBLIC,
             "a0e897b81374cc17aa917637cda97a56377c9b7bdbe86a53a6f01ce35a0366684568e7de4e38000214a2"
             "600ac6a9d07b2379ccccdf0c7ca94ff1288eeb06347101be8cabd24543315eb1d00596d05ebfcde4f13e"
             "076bc30635db8aa249b55c992ecb24f9ba128a90b8b1d93420ca8f6454572d4c3b492027b942fb45d1e5"
             "a20e");
    key_pair_of_seed(secret, public_key, seed);
    assert_memory_equal(secret, expected_secret, SECRET);
    assert_memory_equal(public_key, expected_public, PUBLIC);
}

/* T2: two seeds and the secret they share. */
static void exchange_of_two_seeds(void **state)
{
    (void)state;
    const char *const seeds[2] = {
        "72122f0b686abcbe62a15e2bc819b97e30f66da2baec7c9fb4372ff74e7883e9",
        "be3e954aa84dc8526dce9774f099175f9bc86e0cca0eb357d5b79484678e21c6",
    };
    uint8_t seed[SEED], secret[2][SECRET], public_key[2][PUBLIC], shared[SHARED], expected[SHARED];
    from_hex(
        expected, SHARED,
        "c1709476287f8126780321df865d471ed36a2fbad7d046eb9e971155c63083408d23ef42ee95dff77302b7"
        "47e2442e0e900d4d7ee619d069dcffe997f0439731a959e72ac95cae7339701a33e0c2c1fbb288d3cd860e"
        "555d1cdb715eeeb0882c00fb7baccff8d190cc7e3d68823d8393f0cafd156ef8cd08a2c26f05a20fcac7");
    for (size_t i = 0; i < 2; i++) {
        from_hex(seed, SEED, seeds[i]);
        key_pair_of_seed(secret[i], public_key[i], seed);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(derive_one(shared, secret[i], public_key[1 - i]), 0);
        assert_memory_equal(shared, expected, SHARED);
    }
}

/* T3: secrets of one step. */
static void single_steps(void **state)
{
    (void)state;
    static const struct {
        size_t index;
        int exponent;
        const char *start; /* 32 of the 128 bytes */
    } steps[] = {
        {0, 1, "8983d837051ed343cdaa9be0d4231868993fd35e9355f633c2d77647decd6067"},
        {0, -1, "cae00a294f2e10988089a1db16fbbf393a60055a9951551dfb19119bc2e8695b"},
        {1, 1, "f72b6e8c65ae3f986da7dc4181316449e2baa5d3e973fdf6d1d90f7aa63188a3"},
        {50, -1, "e88efa2c09bd85f79225e59db810db86d9423fc9dde9c7656e6a95820529b928"},
        {128, 1, "04e83c0cb85480037b755b5ad7673389b1032038ae1c72de7c81b9389984f789"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        uint8_t secret[SECRET] = {0}, public_key[PUBLIC], start[32];
        from_hex(start, sizeof start, steps[i].start);
        secret[steps[i].index] = (uint8_t)steps[i].exponent;
        assert_int_equal(ctidh1024_public_derive(public_key, secret, &source), 0);
        assert_memory_equal(public_key, start, sizeof start);
    }
}

/* A source that writes down what is asked of it. */
struct recorder {
    struct random_source inner;
    size_t calls, bytes;
    size_t request[256];
};

static void record(void *state, uint8_t *out, size_t bytes)
{
    struct recorder *recorder = state;
    assert_true(recorder->calls < 256);
    recorder->request[recorder->calls++] = bytes;
    recorder->bytes += bytes;
    random_fill(&recorder->inner, out, bytes);
}

/* T4: the stream of draws is part of what is canonical. */
static void draws_of_letters(void **state)
{
    (void)state;
    static const uint8_t attempts[23] = {1,  1, 3,  2, 7, 1, 4,  2, 1, 10, 2, 2,
                                         13, 4, 10, 5, 3, 3, 10, 4, 6, 3,  1};
    static const uint8_t lengths[23] = {16, 28, 40, 36, 48, 48, 48, 48, 48, 52, 52, 52,
                                        48, 52, 52, 40, 44, 32, 64, 20, 64, 28, 4};
    uint8_t seed[SEED], secret[SECRET];
    memset(seed, 0x41, SEED);
    struct ctidh1024_generator generator;
    ctidh1024_generator_open(&generator, seed);
    struct recorder recorder = {.inner = ctidh1024_generator_source(&generator)};
    ctidh1024_secret_sample(secret, &(struct random_source){record, &recorder});
    assert_int_equal(recorder.calls, 196);
    assert_int_equal(recorder.bytes, 5048);
    size_t call = 0;
    for (size_t b = 0; b < 23; b++)
        for (size_t i = 0; i < attempts[b]; i++) {
            assert_int_equal(recorder.request[call++], lengths[b]);
            assert_int_equal(recorder.request[call++], 4);
        }
}

/* T5, next to a valid key: each invalid one fails alone, wherever it stands in the batch. */
static void invalid_keys_fail_alone(void **state)
{
    (void)state;
    enum { COUNT = 9 };
    uint8_t secret[2][SECRET], keys[COUNT][PUBLIC] = {{0}}, shared[COUNT][SHARED];
    uint8_t expected[SHARED], untouched[SHARED];
    const int status[COUNT] = {-EBADMSG, 0, -EBADMSG, -EBADMSG, -EBADMSG, 0, -EBADMSG, -EBADMSG, 0};
    from_hex(keys[0], PUBLIC, /* p */
             "5364e360544ce3db4d343dbceb1ed8a1d39fd8b82ca74b51bdf187e2a0b6cac20937315a4dca2a64401f"
             "5431547c316be5ed81ded1567cb9582b0ad9eedb7809801c44904fad11762983ec19c4d911f82d2dd88a"
             "4a596c4d6e38f91c47e26df05bad31db25cf8306081af286bc226c21d7eb079087ec9dd8a9127042ed55"
             "ce0e");
    for (size_t i = 0; i < 2; i++)
        ctidh1024_secret_sample(secret[i], &source);
    assert_int_equal(ctidh1024_public_derive(keys[1], secret[1], &source), 0);
    memset(keys[2], 0xff, PUBLIC);
    from_hex(keys[3], PUBLIC, /* enc(1) */
             "7d56e69065eee765d486ef7f58f2a540f2629db907e6f9996df2f8f450df89105a58bb02dd902859b9ec"
             "69b968beb6e1c3335f39103cbeae1b1f53962365f95e7f1b7a6bb77dd3283f4a4b47fa89d086f2ffa4c7"
             "0c12cedbac40731347f9b308e57cb3717c3e3f917745ec097bb1d1c7b656796fff4a839db8c28e963e4b"
             "4c04");
    memcpy(keys[4], keys[1], PUBLIC);
    keys[4][0] ^= 1;
    memcpy(keys[5], keys[1], PUBLIC);
    memcpy(keys[6], keys[1], PUBLIC);
    keys[6][PUBLIC - 1] |= 0x80;
    memcpy(keys[7], keys[0], PUBLIC);
    keys[7][0]--; /* p - 1 */
    /* keys[8]: the base curve */

    struct ctidh1024_exchange exchanges[COUNT];
    memset(shared, 0x5a, sizeof shared);
    memset(untouched, 0x5a, sizeof untouched);
    for (size_t i = 0; i < COUNT; i++)
        exchanges[i] = (struct ctidh1024_exchange){keys[i], shared[i], 1};
    assert_int_equal(ctidh1024_derive(secret[0], exchanges, COUNT, &source, NULL), 0);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(exchanges[i].status, status[i]);
        if (status[i])
            assert_memory_equal(shared[i], untouched, SHARED);
    }
    assert_int_equal(derive_one(expected, secret[0], keys[1]), 0);
    assert_memory_equal(shared[1], expected, SHARED);
    assert_memory_equal(shared[5], expected, SHARED);
    uint8_t public_key[PUBLIC];
    assert_int_equal(ctidh1024_public_derive(public_key, secret[0], &source), 0);
    assert_int_equal(shake256(expected, SHARED, public_key, PUBLIC), 0);
    assert_memory_equal(shared[8], expected, SHARED);
}

static void both_sides_agree(void **state)
{
    (void)state;
    for (size_t round = 0; round < 3; round++) {
        uint8_t secret[2][SECRET], public_key[2][PUBLIC], shared[2][SHARED];
        for (size_t i = 0; i < 2; i++) {
            ctidh1024_secret_sample(secret[i], &random_system);
            assert_int_equal(ctidh1024_public_derive(public_key[i], secret[i], &source), 0);
            assert_int_equal(ctidh1024_public_check(public_key[i], &source), 0);
        }
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(derive_one(shared[i], secret[i], public_key[1 - i]), 0);
        assert_memory_equal(shared[0], shared[1], SHARED);
    }
}

/* The secret with all exponents negated leads back to the base curve. */
static void negated_secrets_are_inverse(void **state)
{
    (void)state;
    uint8_t secret[SECRET], public_key[PUBLIC], shared[SHARED], expected[SHARED];
    const uint8_t base[PUBLIC] = {0};
    ctidh1024_secret_sample(secret, &source);
    assert_int_equal(ctidh1024_public_derive(public_key, secret, &source), 0);
    for (size_t i = 0; i < SECRET; i++)
        secret[i] = (uint8_t)-secret[i];
    assert_int_equal(derive_one(shared, secret, public_key), 0);
    assert_int_equal(shake256(expected, SHARED, base, PUBLIC), 0);
    assert_memory_equal(shared, expected, SHARED);
    memset(secret, 0, SECRET);
    assert_int_equal(ctidh1024_public_derive(public_key, secret, &source), 0);
    assert_memory_equal(public_key, base, PUBLIC);
}

static void inadmissible_secrets_do_nothing(void **state)
{
    (void)state;
    uint8_t secret[SECRET] = {[129] = 1}, key[PUBLIC] = {0}, shared[SHARED] = {0};
    struct ctidh1024_exchange exchange = {key, shared, 77};
    assert_int_equal(ctidh1024_public_derive(key, secret, &source), -EINVAL);
    assert_int_equal(ctidh1024_derive(secret, &exchange, 1, &source, NULL), -EINVAL);
    assert_int_equal(exchange.status, 77);
    const uint8_t zero[SHARED] = {0};
    assert_memory_equal(key, zero, PUBLIC);
    assert_memory_equal(shared, zero, SHARED);
}

/* Says yes at the n-th question and after it: work already begun is given up. */
static bool asked(void *state)
{
    size_t *patience = state;
    return *patience == 0 || --*patience == 0;
}

static void cancelled_exchanges_say_so(void **state)
{
    (void)state;
    uint8_t secret[SECRET], key[PUBLIC] = {0}, shared[2][SHARED], untouched[SHARED];
    ctidh1024_secret_sample(secret, &source);
    memset(shared, 0x5a, sizeof shared);
    memset(untouched, 0x5a, sizeof untouched);
    for (size_t patience = 0; patience < 9; patience += 4) {
        struct ctidh1024_exchange exchanges[2] = {{key, shared[0], 1}, {key, shared[1], 1}};
        size_t left = patience;
        struct ctidh1024_cancel cancel = {asked, &left};
        assert_int_equal(ctidh1024_derive(secret, exchanges, 2, &source, &cancel), 0);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(exchanges[i].status, -ECANCELED);
            assert_memory_equal(shared[i], untouched, SHARED);
        }
    }
}

static void sampled_secrets_vary(void **state)
{
    (void)state;
    uint8_t secret[2][SECRET];
    for (size_t round = 0; round < 200; round++) {
        uint8_t *next = secret[round % 2];
        ctidh1024_secret_sample(next, &source);
        assert_int_equal(next[129], 0);
        if (round > 0)
            assert_memory_not_equal(secret[0], secret[1], SECRET);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_key_pairs),
        cmocka_unit_test(known_exchanges),
        cmocka_unit_test(known_verdicts),
        cmocka_unit_test(key_pair_of_letters),
        cmocka_unit_test(exchange_of_two_seeds),
        cmocka_unit_test(single_steps),
        cmocka_unit_test(draws_of_letters),
        cmocka_unit_test(invalid_keys_fail_alone),
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(negated_secrets_are_inverse),
        cmocka_unit_test(inadmissible_secrets_do_nothing),
        cmocka_unit_test(cancelled_exchanges_say_so),
        cmocka_unit_test(sampled_secrets_vary),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: test_ctidh VECTORS\n");
        return 2;
    }
    vector_file = argv[1];
    return cmocka_run_group_tests(tests, open_all, close_all);
}
