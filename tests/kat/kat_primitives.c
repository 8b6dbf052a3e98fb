/* Known answers of the primitives, one function for each. */
#include <stdlib.h>
#include <string.h>

#include "crypto/aead.h"
#include "crypto/argon2i.h"
#include "crypto/elligator2.h"
#include "crypto/hash.h"
#include "crypto/hidden_key.h"
#include "crypto/hkdf.h"
#include "crypto/prp.h"
#include "crypto/x25519.h"
#include "ctidh/ctidh.h"
#include "kat.h"

typedef void kat_function(struct kat_score *score, const char *group, size_t index,
                          const json_t *entry);

static void kat_hash(struct kat_score *score, const char *group, size_t index, const json_t *entry)
{
    struct kat_bytes message = kat_take(entry, "msg"), wanted = kat_take(entry, "hash");
    uint8_t digest[HASH_BYTES];
    hash_bytes(digest, message.data, message.bytes);
    kat_expect(score, kat_equal(&wanted, digest, sizeof digest), group, index, "digest");
    kat_free(&message);
    kat_free(&wanted);
}

static void kat_argon2i(struct kat_score *score, const char *group, size_t index,
                        const json_t *entry)
{
    struct kat_bytes password = kat_take(entry, "password"), wanted = kat_take(entry, "hash");
    struct kat_bytes salt = kat_take_exactly(entry, "salt", ARGON2I_SALT_BYTES);
    uint8_t hash[ARGON2I_HASH_BYTES];
    int err = argon2i(hash, password.data, password.bytes, salt.data);
    kat_expect(score, !err && kat_equal(&wanted, hash, sizeof hash), group, index, "hash");
    kat_free(&password);
    kat_free(&salt);
    kat_free(&wanted);
}

static void kat_hkdf(struct kat_score *score, const char *group, size_t index, const json_t *entry)
{
    struct kat_bytes key = kat_take(entry, "key"), salt = kat_take(entry, "salt");
    struct kat_bytes info = kat_take(entry, "info"), wanted = kat_take(entry, "okm");
    uint8_t prk[HKDF_PRK_BYTES], *okm = calloc(1, wanted.bytes + 1);
    int err = hkdf_extract(prk, key.data, key.bytes, salt.data, salt.bytes);
    if (!err)
        err = hkdf_expand(okm, wanted.bytes, prk, info.data, info.bytes);
    kat_expect(score, !err && kat_equal(&wanted, okm, wanted.bytes), group, index, "okm");
    free(okm);
    kat_free(&key);
    kat_free(&salt);
    kat_free(&info);
    kat_free(&wanted);
}

static void kat_aead(struct kat_score *score, const char *group, size_t index, const json_t *entry)
{
    struct kat_bytes key = kat_take_exactly(entry, "key", AEAD_KEY_BYTES);
    struct kat_bytes plaintext = kat_take(entry, "plaintext"), ad = kat_take(entry, "ad");
    struct kat_bytes wanted = kat_take(entry, "mac_and_ciphertext");
    size_t box_bytes = AEAD_TAG_BYTES + plaintext.bytes;
    uint8_t *box = calloc(1, box_bytes), *opened = calloc(1, box_bytes);

    aead_seal(box, key.data, plaintext.data, plaintext.bytes, ad.data, ad.bytes);
    kat_expect(score, kat_equal(&wanted, box, box_bytes), group, index, "seal");
    int err = aead_open(opened, key.data, box, box_bytes, ad.data, ad.bytes);
    kat_expect(score, !err && kat_equal(&plaintext, opened, plaintext.bytes), group, index, "open");
    box[box_bytes - 1] ^= 1;
    err = aead_open(opened, key.data, box, box_bytes, ad.data, ad.bytes);
    kat_expect(score, err == -EBADMSG, group, index, "refuses an altered box");
    free(box);
    free(opened);
    kat_free(&key);
    kat_free(&plaintext);
    kat_free(&ad);
    kat_free(&wanted);
}

static void kat_prp(struct kat_score *score, const char *group, size_t index, const json_t *entry)
{
    struct kat_bytes key = kat_take_exactly(entry, "key", PRP_KEY_BYTES);
    struct kat_bytes plaintext = kat_take_exactly(entry, "plaintext", PRP_BYTES);
    struct kat_bytes ciphertext = kat_take_exactly(entry, "ciphertext", PRP_BYTES);
    uint8_t out[PRP_BYTES];
    int err = prp_encrypt(out, key.data, plaintext.data);
    kat_expect(score, !err && kat_equal(&ciphertext, out, sizeof out), group, index, "encrypt");
    err = prp_decrypt(out, key.data, ciphertext.data);
    kat_expect(score, !err && kat_equal(&plaintext, out, sizeof out), group, index, "decrypt");
    kat_free(&key);
    kat_free(&plaintext);
    kat_free(&ciphertext);
}

static void kat_hidden_key_pair(struct kat_score *score, const char *group, size_t index,
                                const json_t *entry)
{
    struct kat_bytes seed = kat_take_exactly(entry, "seed", HIDDEN_KEY_SEED_BYTES);
    struct kat_bytes want_hidden = kat_take(entry, "hidden");
    struct kat_bytes want_secret = kat_take(entry, "secret");
    struct kat_bytes want_public = kat_take(entry, "public");
    uint8_t hidden[HIDDEN_KEY_BYTES], secret[HIDDEN_KEY_BYTES], mapped[ELLIGATOR2_BYTES];
    hidden_key_pair(hidden, secret, seed.data);
    elligator2_map(mapped, hidden);
    kat_expect(score, kat_equal(&want_hidden, hidden, sizeof hidden), group, index, "hidden");
    kat_expect(score, kat_equal(&want_secret, secret, sizeof secret), group, index, "secret");
    kat_expect(score, kat_equal(&want_public, mapped, sizeof mapped), group, index, "public");
    kat_free(&seed);
    kat_free(&want_hidden);
    kat_free(&want_secret);
    kat_free(&want_public);
}

static void kat_elligator_map(struct kat_score *score, const char *group, size_t index,
                              const json_t *entry)
{
    struct kat_bytes hidden = kat_take_exactly(entry, "hidden", ELLIGATOR2_BYTES);
    struct kat_bytes wanted = kat_take(entry, "public");
    uint8_t mapped[ELLIGATOR2_BYTES];
    elligator2_map(mapped, hidden.data);
    kat_expect(score, kat_equal(&wanted, mapped, sizeof mapped), group, index, "public");
    kat_free(&hidden);
    kat_free(&wanted);
}

static void kat_x25519(struct kat_score *score, const char *group, size_t index,
                       const json_t *entry)
{
    struct kat_bytes secret = kat_take_exactly(entry, "secret", X25519_BYTES);
    struct kat_bytes public_key = kat_take_exactly(entry, "public", X25519_BYTES);
    struct kat_bytes wanted = kat_take(entry, "shared");
    uint8_t shared[X25519_BYTES];
    x25519(shared, secret.data, public_key.data);
    kat_expect(score, kat_equal(&wanted, shared, sizeof shared), group, index, "shared");
    kat_free(&secret);
    kat_free(&public_key);
    kat_free(&wanted);
}

static void kat_ctidh_key_pair(struct kat_score *score, const char *group, size_t index,
                               const json_t *entry)
{
    struct kat_bytes seed = kat_take_exactly(entry, "seed", CTIDH1024_SEED_BYTES);
    struct kat_bytes want_secret = kat_take(entry, "secret");
    struct kat_bytes want_public = kat_take(entry, "public");
    uint8_t secret[CTIDH1024_SECRET_BYTES], public_key[CTIDH1024_PUBLIC_BYTES];
    struct ctidh1024_generator generator;
    ctidh1024_generator_open(&generator, seed.data);
    struct random_source seeded = ctidh1024_generator_source(&generator);
    ctidh1024_secret_sample(secret, &seeded);
    int err = ctidh1024_public_derive(public_key, secret, &random_system);
    kat_expect(score, kat_equal(&want_secret, secret, sizeof secret), group, index, "secret");
    kat_expect(score, !err && kat_equal(&want_public, public_key, sizeof public_key), group, index,
               "public");
    kat_free(&seed);
    kat_free(&want_secret);
    kat_free(&want_public);
}

static void kat_ctidh_dh(struct kat_score *score, const char *group, size_t index,
                         const json_t *entry)
{
    struct kat_bytes secret = kat_take_exactly(entry, "secret", CTIDH1024_SECRET_BYTES);
    struct kat_bytes public_key = kat_take_exactly(entry, "public", CTIDH1024_PUBLIC_BYTES);
    struct kat_bytes wanted = kat_take(entry, "shared");
    uint8_t shared[CTIDH1024_SHARED_BYTES];
    struct ctidh1024_exchange exchange = {.public_key = public_key.data, .shared = shared};
    int err = ctidh1024_derive(secret.data, &exchange, 1, &random_system, NULL);
    kat_expect(score, !err && !exchange.status && kat_equal(&wanted, shared, sizeof shared), group,
               index, "shared");
    kat_free(&secret);
    kat_free(&public_key);
    kat_free(&wanted);
}

static void kat_ctidh_validate(struct kat_score *score, const char *group, size_t index,
                               const json_t *entry)
{
    struct kat_bytes public_key = kat_take(entry, "public");
    bool valid = public_key.bytes == CTIDH1024_PUBLIC_BYTES &&
                 ctidh1024_public_check(public_key.data, &random_system) == 0;
    kat_expect(score, valid == kat_flag(entry, "valid"), group, index, "verdict");
    kat_free(&public_key);
}

static const struct {
    const char *group;
    kat_function *run;
} groups[] = {
    {"hash", kat_hash},
    {"argon2i", kat_argon2i},
    {"hkdf", kat_hkdf},
    {"aead", kat_aead},
    {"prp", kat_prp},
    {"hidden_key_pair", kat_hidden_key_pair},
    {"elligator_map", kat_elligator_map},
    {"x25519", kat_x25519},
    {"ctidh_key_pair", kat_ctidh_key_pair},
    {"ctidh_dh", kat_ctidh_dh},
    {"ctidh_validate", kat_ctidh_validate},
};

/* A group that this program does not know is a failure: silence would look like success. */
static void check_groups(struct kat_score *score, const json_t *primitives)
{
    for (void *at = json_object_iter((json_t *)(uintptr_t)primitives); at;
         at = json_object_iter_next((json_t *)(uintptr_t)primitives, at)) {
        bool known = false;
        for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
            known |= strcmp(groups[i].group, json_object_iter_key(at)) == 0;
        if (!known)
            kat_expect(score, false, json_object_iter_key(at), 0, "is a group unknown here");
    }
}

void kat_primitives(struct kat_score *score, const json_t *primitives)
{
    check_groups(score, primitives);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        const json_t *entries = json_object_get(primitives, groups[i].group);
        for (size_t j = 0; j < json_array_size(entries); j++)
            groups[i].run(score, groups[i].group, j, json_array_get(entries, j));
    }
}
