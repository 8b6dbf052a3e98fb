/* Checking a stamp, and one Argon2id of that size as libargon2 has it, turn about. Tells how many
 * nanoseconds of processor time each takes.
 *
 *   stamp_bound */
#include <argon2.h>
#include <stdio.h>
#include <stdlib.h>

#include "admission/stamp.h"
#include "lib/stopwatch.h"

enum { ROUNDS = 32, TIMES = 16, PASSWORD_BYTES = 97 };

static struct argon2id_memory *memory;
static struct stamp_subject subject = {.kind = STAMP_KIND_T1};

static void check(void)
{
    static uint8_t nonce[STAMP_NONCE_BYTES];
    uint32_t effort;
    nonce[0]++;
    if (stamp_check(memory, &subject, nonce, &effort))
        abort();
}

static void hash_once(void)
{
    static uint8_t password[PASSWORD_BYTES], hash[ARGON2ID_HASH_BYTES];
    password[0]++;
    if (argon2id_hash_raw(1, STAMP_MEMORY_KIB, 1, password, sizeof password, subject.challenge,
                          ARGON2ID_SALT_BYTES, hash, sizeof hash) != ARGON2_OK)
        abort();
}

int main(void)
{
    if (argon2id_open(&memory, STAMP_MEMORY_KIB))
        return 1;
    double ours = stopwatch_ns(check, ROUNDS, TIMES);
    printf("%.0f %.0f\n", ours, stopwatch_ns(hash_once, ROUNDS, TIMES));
    argon2id_close(memory);
    return 0;
}
