/* Members with keys, for the tests of groups. */
#ifndef REUNION_TESTS_UNIT_GROUP_PEOPLE_H
#define REUNION_TESTS_UNIT_GROUP_PEOPLE_H

#include "base/random.h"
#include "group/delivery.h"
#include "group/state.h"

struct people {
    size_t count;
    uint8_t seeds[GROUP_MEMBERS_MAX][GROUP_SEED_BYTES];
    uint8_t members[GROUP_MEMBERS_MAX][GROUP_MEMBER_BYTES];
    struct group_key key; /* of all of them */
};

/* `count` fresh members of one epoch. */
void people_make(struct people *people, size_t count, uint32_t epoch,
                 const struct random_source *random);

/* The state that makes a key of all members but `without` (a number of none: of all), with a fresh
 * G, following `before`. */
void people_state(struct group_state *state, const struct people *people, size_t without,
                  const struct group_key *before, const struct random_source *random);

/* A copy of one part by `author`, as a reader gets it. */
void people_copy(uint8_t copy[static GROUP_COPY_BYTES], const struct group_key *key,
                 const uint8_t seed[static GROUP_SEED_BYTES], const struct group_part *part,
                 const struct random_source *random);

#endif
