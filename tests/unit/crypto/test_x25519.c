/* X25519: RFC 7748's answers, and public keys of small order. */
#include "lib/test.h"

#include <string.h>

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

/* RFC 7748, section 5.2: one vector, and the iteration k, u = X25519(k, u), k. */
static void test_rfc_7748(void **state)
{
    (void)state;
    expect("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
           "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
           "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");

    static const char after_1000[] =
        "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51";
    uint8_t k[X25519_BYTES] = {9}, u[X25519_BYTES] = {9}, wanted[X25519_BYTES];
    for (int i = 0; i < 1000; i++) {
        uint8_t next[X25519_BYTES];
        x25519(next, k, u);
        memcpy(u, k, sizeof u);
        memcpy(k, next, sizeof k);
    }
    assert_int_equal(hex_decode(wanted, sizeof wanted, after_1000), 0);
    assert_memory_equal(k, wanted, sizeof wanted);
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
