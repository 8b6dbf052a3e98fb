/* The part of libsodium's interface that common/ uses, for WebAssembly. */
#ifndef REUNION_WASM_SODIUM_H
#define REUNION_WASM_SODIUM_H

#include <stddef.h>
#include <stdint.h>

/* DESIGN: Debian has libsodium for its own architectures only, and packages are built without a
 * network. So what common/ calls is here, in plain C, by its name in libsodium and with the same
 * arguments and results: sources include <sodium.h> and see one or the other. A test holds each
 * function against libsodium's. Nothing that only servers, mixes and groups use is here. */

int sodium_init(void);
void *sodium_malloc(size_t bytes); /* wiped by sodium_free; there are no guard pages here */
void sodium_free(void *secret);
void sodium_memzero(void *secret, size_t bytes);
int sodium_memcmp(const void *a, const void *b, size_t bytes);
int sodium_is_zero(const unsigned char *bytes, size_t count);
void sodium_increment(unsigned char *number, size_t bytes);
char *sodium_bin2hex(char *hex, size_t hex_bytes, const unsigned char *bytes, size_t count);
/* The last three arguments are not looked at: they are NULL wherever it is called. */
int sodium_hex2bin(unsigned char *bytes, size_t bytes_max, const char *hex, size_t hex_bytes,
                   const char *ignored, size_t *count, const char **end);
void randombytes_buf(void *out, size_t bytes);

enum { crypto_shorthash_KEYBYTES = 16 };
void crypto_shorthash_keygen(unsigned char key[static crypto_shorthash_KEYBYTES]);
int crypto_shorthash(unsigned char *out, const unsigned char *in, unsigned long long bytes,
                     const unsigned char *key);

enum {
    crypto_generichash_blake2b_BYTES_MAX = 64,
    crypto_generichash_blake2b_KEYBYTES_MAX = 64,
};
typedef struct crypto_generichash_blake2b_state {
    uint64_t hash[8];
    uint64_t count;
    uint8_t block[128];
    size_t held;
} crypto_generichash_blake2b_state;
int crypto_generichash_blake2b_init(crypto_generichash_blake2b_state *state,
                                    const unsigned char *key, size_t key_bytes, size_t bytes);
int crypto_generichash_blake2b_update(crypto_generichash_blake2b_state *state,
                                      const unsigned char *in, unsigned long long bytes);
int crypto_generichash_blake2b_final(crypto_generichash_blake2b_state *state, unsigned char *out,
                                     size_t bytes);
int crypto_generichash(unsigned char *out, size_t out_bytes, const unsigned char *in,
                       unsigned long long bytes, const unsigned char *key, size_t key_bytes);

enum { crypto_scalarmult_curve25519_BYTES = 32 };
int crypto_scalarmult_curve25519(unsigned char *product, const unsigned char *scalar,
                                 const unsigned char *point);

enum { crypto_stream_chacha20_NONCEBYTES = 8 };
int crypto_stream_chacha20(unsigned char *out, unsigned long long bytes, const unsigned char *nonce,
                           const unsigned char *key);

enum { crypto_aead_xchacha20poly1305_ietf_NPUBBYTES = 24 };
int crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
    unsigned char *ciphertext, unsigned char *tag, unsigned long long *tag_bytes,
    const unsigned char *plaintext, unsigned long long bytes, const unsigned char *ad,
    unsigned long long ad_bytes, const unsigned char *none, const unsigned char *nonce,
    const unsigned char *key);
int crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
    unsigned char *plaintext, unsigned char *none, const unsigned char *ciphertext,
    unsigned long long bytes, const unsigned char *tag, const unsigned char *ad,
    unsigned long long ad_bytes, const unsigned char *nonce, const unsigned char *key);

enum { crypto_pwhash_argon2id_SALTBYTES = 16, crypto_pwhash_argon2id_ALG_ARGON2ID13 = 2 };
#define crypto_pwhash_argon2id_PASSWD_MAX        4294967295U
#define crypto_pwhash_argon2id_OPSLIMIT_MODERATE 3ULL
#define crypto_pwhash_argon2id_MEMLIMIT_MODERATE ((size_t)268435456)
int crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_bytes, const char *password,
                           unsigned long long password_bytes, const unsigned char *salt,
                           unsigned long long passes, size_t memory_bytes, int algorithm);

#endif
