/* X25519: RFC 7748's answers, and public keys of small order. */
#include "lib/test.h"

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/x25519.h"

static void expect(const char *secret, const char *public_key, const char *shared)
{
    uint8_t s[32], p[32], wanted[32], got[32];
    assert_int_equal(hex_decode(s, 32, secret) | hex_decode(p, 32, public_key) |
                         hex_decode(wanted, 32, shared),
                     0);
    x25519(got, s, p);
    assert_memory_equal(got, wanted, 32);
}

/* RFC 7748, section 5.2 and 6.1. */
static void test_rfc_7748(void **state)
{
    (void)state;
    expect("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
           "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
           "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    expect("77076d0a7318a57d3c16c17251b26645df4c8df83bbd8a5d2d3f9cd7b3a5e5f8",
           "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
           "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

/* Small orders, canonical and not: zeros, and no error. */
static void test_small_orders(void **state)
{
    (void)state;
    static const char secret[] = "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4";
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static const char *const small[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        expect(secret, small[i], zeros);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_7748),
        cmocka_unit_test(test_small_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
