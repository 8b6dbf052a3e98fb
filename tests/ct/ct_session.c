/* No branch and no address of the session depends on its secrets: run under valgrind's memcheck,
 * which reports every use of undefined bytes as a condition or an address.
 *
 * Poisoned (made undefined): the five seeds' products that a session holds (pdk, keys, content
 * keys, the prk of dummies), the CTIDH shared secret, and with them everything derived.
 * Declassified:
 *   - whether a candidate for a hidden key has a representative: one that has none is thrown away
 *     (in elligator2.c);
 *   - gamma, T2 and T3: they are sent (here).
 * Not covered: opening delta with a T3, whose success hands the message to the user.
 * `ct_session leak` branches on a poisoned byte: valgrind must report that, or it reports nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/elligator2.h"
#include "crypto/fe25519.h"
#include "crypto/hidden_key.h"
#include "reunion/party.h"

static void poison(void *secret, size_t bytes)
{
    VALGRIND_MAKE_MEM_UNDEFINED(secret, bytes);
}

static void declassify(void *revealed, size_t bytes)
{
    VALGRIND_MAKE_MEM_DEFINED(revealed, bytes);
}

/* Session secrets as random bytes: the code under test only mixes them. */
static struct session_secrets *poisoned_session(void)
{
    struct session_secrets *session = secret_alloc(sizeof *session);
    INVARIANT(session);
    random_fill(&random_system, (uint8_t *)session, sizeof *session);
    memset(session->salt, 0, sizeof session->salt);
    poison(session->pdk, sizeof *session - offsetof(struct session_secrets, pdk));
    return session;
}

/* The map of a secret representative, and back. */
static void check_elligator2(void)
{
    uint8_t representative[ELLIGATOR2_BYTES], u[ELLIGATOR2_BYTES];
    random_fill(&random_system, representative, sizeof representative);
    poison(representative, sizeof representative);
    elligator2_map(u, representative);
}

/* The mask operations of the field on a secret element. */
static void check_masks(void)
{
    uint8_t bytes[32];
    random_fill(&random_system, bytes, sizeof bytes);
    bytes[31] &= 0x7f;
    poison(bytes, sizeof bytes);
    struct fe25519 a = fe25519_decode(bytes), b = fe25519_square(a);
    uint64_t mask = fe25519_equal(a, b);
    fe25519_swap(mask, &a, &b);
    a = fe25519_select(fe25519_is_odd(a), fe25519_invert(b), fe25519_sqrt(b));
    fe25519_encode(bytes, a);
}

/* A hidden key pair of a secret seed, ladder and representative; and its use. */
static void check_hidden_key(void)
{
    uint8_t seed[HIDDEN_KEY_SEED_BYTES], hidden[HIDDEN_KEY_BYTES], secret[HIDDEN_KEY_BYTES];
    uint8_t shared[X25519_BYTES];
    random_fill(&random_system, seed, sizeof seed);
    poison(seed, sizeof seed);
    hidden_key_pair(hidden, secret, seed);
    elligator2_map(hidden, hidden);
    x25519(shared, secret, hidden);
}

/* Answering a T2: the same path whether or not it is valid. */
static void check_answers(void)
{
    struct session_secrets *session = poisoned_session();
    struct party_secrets *slot = secret_alloc(sizeof *slot);
    uint8_t t1[REUNION_T1_OVERHEAD_BYTES + 96], shared[CTIDH1024_SHARED_BYTES];
    uint8_t id[REUNION_T1_ID_BYTES], t2[REUNION_T2_BYTES], t3[REUNION_T3_BYTES];
    struct t1_parts parts;

    INVARIANT(slot);
    random_fill(&random_system, t1, sizeof t1);
    random_fill(&random_system, shared, sizeof shared);
    random_fill(&random_system, t2, sizeof t2);
    poison(shared, sizeof shared);
    reunion_t1_id(id, t1, sizeof t1);
    INVARIANT(t1_split(&parts, t1, sizeof t1) == 0);

    struct party *peer = party_new(session, id, &parts, shared, slot);
    INVARIANT(peer);
    int err = party_answer_t2(peer, session, id, 0xff, t2, t3);
    INVARIANT(!err);
    declassify(t3, sizeof t3);

    /* The same with the T2 that is valid: gamma as its key seals it. */
    uint8_t sk[AEAD_KEY_BYTES];
    random_fill(&random_system, sk, sizeof sk);
    poison(sk, sizeof sk);
    aead_seal(peer->gamma, sk, NULL, 0, session->salt, sizeof session->salt);
    err = prp_encrypt(t2, slot->t2_key_rx, sk);
    INVARIANT(!err);
    declassify(peer->gamma, sizeof peer->gamma);
    declassify(t2, sizeof t2);
    err = party_answer_t2(peer, session, id, 0xff, t2, t3);
    INVARIANT(!err);
    party_free(peer);
    secret_free(slot);
    secret_free(session);
}

int main(int argc, char **argv)
{
    if (!RUNNING_ON_VALGRIND) {
        fprintf(stderr, "ct_session: runs under valgrind only\n");
        return 2;
    }
    if (secret_init())
        return 2;
    if (argc == 2 && strcmp(argv[1], "leak") == 0) {
        uint8_t secret = 1;
        poison(&secret, sizeof secret);
        return *(volatile uint8_t *)&secret ? 0 : 3;
    }
    check_elligator2();
    check_masks();
    check_hidden_key();
    check_answers();
    return 0;
}
