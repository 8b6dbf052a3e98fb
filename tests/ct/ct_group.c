/* No branch and no address of groups' keys and messages depends on their secrets: run under
 * valgrind's memcheck, as ct_session.
 *
 * Poisoned (made undefined): Gs, t, ephemeral secrets, an author's seed, the secret of a meeting,
 * mailbox ids and a server's secret key, with all that is derived from them; the text of a message.
 * Declassified in group/ and crypto/: whether somebody else's key is of small order, one's own
 * public key, and what opened.
 * Declassified here: what is sent.
 * `ct_group leak` branches on a poisoned byte: valgrind must report that, or it reports nothing.
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/x25519.h"
#include "group/delivery.h"

enum { EPOCH = 3 };

static void reveal(void *sent, size_t bytes)
{
    VALGRIND_MAKE_MEM_DEFINED(sent, bytes);
}

static void fill_poisoned(void *state, uint8_t *out, size_t bytes)
{
    (void)state;
    random_fill(&random_system, out, bytes);
    VALGRIND_MAKE_MEM_UNDEFINED(out, bytes);
}

static const struct random_source poisoned = {fill_poisoned, NULL};
static const uint8_t base_point[X25519_BYTES] = {9};

/* A key of two members whose public parts are known, as they are to both. */
static void make_key(struct group_key *key, uint8_t seed[static GROUP_SEED_BYTES])
{
    uint8_t secret[GROUP_KEY_BYTES], members[2][GROUP_MEMBER_BYTES];
    random_fill(&poisoned, seed, GROUP_SEED_BYTES);
    random_fill(&poisoned, secret, sizeof secret);
    group_member_make(members[0], seed);
    reveal(members[0], sizeof members[0]);
    uint8_t other[GROUP_SEED_BYTES] = {1};
    group_member_make(members[1], other);
    int err = group_key_make(key, secret, EPOCH, members[0], 2);
    INVARIANT(!err);
    reveal(key->public_key, sizeof key->public_key);
    err = group_pair_key(key, seed, members[1], key->public_key, EPOCH);
    INVARIANT(!err);
    reveal(key->public_key, sizeof key->public_key);
}

static void make_division(struct group_division *division, const struct group_key *key,
                          const uint8_t seed[static GROUP_SEED_BYTES])
{
    struct group_part part = {.type = GROUP_TEXT, .epoch = EPOCH, .parts = 1, .bytes = 5};
    uint8_t t[GROUP_BLIND_BYTES], ephemeral[GROUP_KEY_BYTES], ids[2 * GROUP_MAILBOX_ID_BYTES];
    random_fill(&poisoned, part.text, part.bytes);
    random_fill(&poisoned, t, sizeof t);
    random_fill(&poisoned, ephemeral, sizeof ephemeral);
    random_fill(&poisoned, ids, sizeof ids);
    group_blinded(division->blinded, key, t);
    int err = group_message_make(division->message, key, seed, t, ephemeral, &part);
    INVARIANT(!err);
    err = group_division_address(division, key, t, ids, 2, &poisoned);
    INVARIANT(!err);
    reveal(division, sizeof *division);
}

static void check_message(void)
{
    struct group_key key;
    struct group_division division = {.port = 5443};
    struct group_opened opened;
    uint8_t seed[GROUP_SEED_BYTES], server_secret[GROUP_KEY_BYTES], ephemeral[GROUP_KEY_BYTES];
    uint8_t copy[GROUP_COPY_BYTES], delivery[GROUP_DELIVERY_BYTES], id[GROUP_MAILBOX_ID_BYTES];
    random_fill(&poisoned, server_secret, sizeof server_secret);
    x25519(division.server_public, server_secret, base_point);
    reveal(division.server_public, sizeof division.server_public);
    make_key(&key, seed);
    make_division(&division, &key, seed);
    random_fill(&poisoned, ephemeral, sizeof ephemeral);
    int err = group_copy_make(copy, &division, 0, ephemeral);
    INVARIANT(!err);
    err = group_delivery_make(delivery, division.recipients[0].token, copy, division.server_public,
                              ephemeral);
    INVARIANT(!err);
    reveal(delivery, sizeof delivery);
    err = group_delivery_open(id, copy, delivery, sizeof delivery, division.server_public,
                              server_secret);
    INVARIANT(!err);
    reveal(copy, sizeof copy);
    err = group_copy_open(&opened, &key, copy);
    INVARIANT(!err);
    err = group_opened_check(&opened);
    INVARIANT(!err);
}

static void check_meeting(void)
{
    struct group_key key;
    struct group_introduction reported[2] = {{.x_public = {9}}, {.x_public = {9}}};
    uint8_t x_secret[GROUP_KEY_BYTES];
    reported[0].member[0] = 1;
    random_fill(&poisoned, x_secret, sizeof x_secret);
    int err = group_meeting_key(&key, x_secret, &reported[0], &reported[1]);
    INVARIANT(!err);
}

static int leak(void)
{
    uint8_t byte;
    random_fill(&poisoned, &byte, 1);
    if (byte == 7)
        puts("seven");
    return 0;
}

int main(int argc, char **argv)
{
    if (secret_init())
        return 2;
    if (argc == 2 && strcmp(argv[1], "leak") == 0)
        return leak();
    check_message();
    check_meeting();
    return 0;
}
