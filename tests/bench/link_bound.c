/* The least that opening a private link can take: Argon2id once, and 64 trials of the AEAD, called
 * directly. Tells how many nanoseconds that was, by the clock and of the processor.
 *
 *   link_bound */
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "lib/stopwatch.h"
#include "wire/sizes.h"

static const char phrase[] = "stamp-urge-tower-rather-cover-crisp-topple-digital";
static const uint8_t associated[] = "reunion-link-v1";

static int derive(uint8_t key[static crypto_aead_xchacha20poly1305_ietf_KEYBYTES])
{
    static const uint8_t salt[crypto_pwhash_argon2id_SALTBYTES] = {1};
    return crypto_pwhash_argon2id(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, phrase,
                                  sizeof phrase - 1, salt, crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
                                  crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
                                  crypto_pwhash_argon2id_ALG_ARGON2ID13);
}

/* Returns: how many of the blobs open; none of the random ones does. */
static int try_all(const uint8_t *blobs,
                   const uint8_t key[static crypto_aead_xchacha20poly1305_ietf_KEYBYTES])
{
    enum { TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES, TEXT = LINK_BLOB_BYTES - TAG };
    static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t text[TEXT];
    int opened = 0;
    for (size_t i = 0; i < LINK_SLOTS; i++) {
        const uint8_t *blob = blobs + i * LINK_BLOB_BYTES;
        opened += crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
                      text, NULL, blob + TAG, TEXT, blob, associated, sizeof associated - 1, nonce,
                      key) == 0;
    }
    return opened;
}

static double by_the_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(void)
{
    static uint8_t blobs[LINK_BUCKET_BYTES];
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    if (sodium_init() < 0)
        return 1;
    randombytes_buf(blobs, sizeof blobs);
    double wall = by_the_clock_ns(), cpu = stopwatch_now_ns();
    int wrong = derive(key) || try_all(blobs, key) != 0;
    printf("%.0f %.0f\n", by_the_clock_ns() - wall, stopwatch_now_ns() - cpu);
    return wrong;
}
