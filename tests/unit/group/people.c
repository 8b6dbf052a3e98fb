#include "people.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/x25519.h"

static const uint8_t base_point[X25519_BYTES] = {9};

void people_make(struct people *people, size_t count, uint32_t epoch,
                 const struct random_source *random)
{
    uint8_t secret[GROUP_KEY_BYTES];
    people->count = count;
    for (size_t i = 0; i < count; i++) {
        random_fill(random, people->seeds[i], GROUP_SEED_BYTES);
        group_member_make(people->members[i], people->seeds[i]);
    }
    random_fill(random, secret, sizeof secret);
    int err = group_key_make(&people->key, secret, epoch, people->members[0], count);
    INVARIANT(!err);
}

static int compare(const void *one, const void *other)
{
    return memcmp(one, other, GROUP_MEMBER_BYTES);
}

void people_state(struct group_state *state, const struct people *people, size_t without,
                  const struct group_key *before, const struct random_source *random)
{
    memset(state, 0, sizeof *state);
    state->epoch = before->epoch + 1;
    random_fill(random, state->secret_key, sizeof state->secret_key);
    x25519(state->public_key, state->secret_key, base_point);
    hash_bytes(state->hash_before, before->public_key, sizeof before->public_key);
    state->name = (struct group_name){.bytes = 4, .text = "club"};
    for (size_t i = 0; i < people->count; i++) {
        if (i == without)
            continue;
        struct group_state_member *member = &state->members[state->count++];
        memcpy(member->member, people->members[i], GROUP_MEMBER_BYTES);
        random_fill(random, member->mailbox_id, sizeof member->mailbox_id);
        member->next_number = i;
    }
    /* A member begins with its key. */
    qsort(state->members, state->count, sizeof state->members[0], compare);
}

void people_copy(uint8_t copy[static GROUP_COPY_BYTES], const struct group_key *key,
                 const uint8_t seed[static GROUP_SEED_BYTES], const struct group_part *part,
                 const struct random_source *random)
{
    struct group_division division = {.port = 5443};
    uint8_t t[GROUP_BLIND_BYTES], ephemeral[GROUP_KEY_BYTES], mailbox_id[GROUP_MAILBOX_ID_BYTES];
    random_fill(random, t, sizeof t);
    random_fill(random, ephemeral, sizeof ephemeral);
    x25519(division.server_public, ephemeral, base_point);
    random_fill(random, ephemeral, sizeof ephemeral);
    random_fill(random, mailbox_id, sizeof mailbox_id);
    group_blinded(division.blinded, key, t);
    int err = group_message_make(division.message, key, seed, t, ephemeral, part);
    INVARIANT(!err);
    err = group_division_address(&division, key, t, mailbox_id, 1, random);
    INVARIANT(!err);
    random_fill(random, ephemeral, sizeof ephemeral);
    err = group_copy_make(copy, &division, 0, ephemeral);
    INVARIANT(!err);
}
