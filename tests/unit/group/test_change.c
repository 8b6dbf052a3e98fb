#include "lib/test.h"

#include <string.h>

#include "crypto/hash.h"
#include "group/change.h"
#include "people.h"

enum { PEOPLE = 6, CHANGES = 7 };

static struct people people;
static uint8_t publics[CHANGES][GROUP_KEY_BYTES];

static void set_up(struct seeded *seeded)
{
    struct random_source random = seeded_source(seeded);
    people_make(&people, PEOPLE, 1, &random);
    random_fill(&random, publics[0], sizeof publics);
}

/* The two first of `order` in H(G || A). */
static void first_two(size_t *first, size_t *second)
{
    uint8_t ranks[2][GROUP_KEY_BYTES];
    group_rank(ranks[0], people.key.public_key, people.members[0]);
    group_rank(ranks[1], people.key.public_key, people.members[1]);
    *first = memcmp(ranks[0], ranks[1], GROUP_KEY_BYTES) < 0 ? 0 : 1;
    *second = !*first;
}

static size_t standing_of(const struct group_change *changes, size_t count)
{
    size_t standing = CHANGES;
    int err = group_change_standing(&standing, people.key.public_key, changes, count);
    assert_true(err == 0 || (err == -ENOENT && standing == CHANGES));
    return standing;
}

static void of_two_the_smaller_stands_unless_it_is_removed(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    size_t first, second;
    set_up(&seeded);
    first_two(&first, &second);
    const uint8_t *small = people.members[first], *large = people.members[second];
    struct group_change changes[2] = {{large, publics[0], people.members[3], 1},
                                      {small, publics[1], people.members[3], 1}};
    assert_int_equal(standing_of(changes, 2), 1);
    changes[0].removes = small;
    assert_int_equal(standing_of(changes, 2), 0);
    changes[1].removes = large;
    assert_int_equal(standing_of(changes, 2), CHANGES);
    uint8_t gone[2 * GROUP_MEMBER_BYTES];
    assert_int_equal(group_change_gone(gone, changes, 2), 2);
    const uint8_t *next = group_key_first(&people.key, gone, 2);
    assert_true(next && memcmp(next, small, 32) != 0 && memcmp(next, large, 32) != 0);
    changes[0].removes_count = 0;
    assert_int_equal(standing_of(changes, 2), 1);
    assert_int_equal(group_change_gone(gone, changes, 2), 0);
}

static void of_one_author_the_smaller_key_stands(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    uint8_t hashes[2][GROUP_KEY_BYTES];
    set_up(&seeded);
    struct group_change changes[2] = {{people.members[0], publics[0], NULL, 0},
                                      {people.members[0], publics[1], NULL, 0}};
    for (int i = 0; i < 2; i++)
        hash_bytes(hashes[i], publics[i], GROUP_KEY_BYTES);
    size_t wanted = memcmp(hashes[0], hashes[1], GROUP_KEY_BYTES) < 0 ? 0 : 1;
    assert_int_equal(standing_of(changes, 2), wanted);
}

/* Any changes in any order: the same one stands, and nobody who stands is removed by it. */
static void the_order_in_which_they_come_does_not_matter(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    set_up(&seeded);
    for (int round = 0; round < 3000; round++) {
        struct group_change changes[CHANGES], shuffled[CHANGES];
        uint8_t removed[CHANGES][3 * GROUP_MEMBER_BYTES];
        size_t count = 1 + seeded_below(&seeded, CHANGES), order[CHANGES];
        for (size_t i = 0; i < count; i++) {
            size_t author = seeded_below(&seeded, PEOPLE), removes = seeded_below(&seeded, 3);
            for (size_t k = 0; k < removes; k++)
                memcpy(removed[i] + k * GROUP_MEMBER_BYTES,
                       people.members[(author + 1 + seeded_below(&seeded, PEOPLE - 1)) % PEOPLE],
                       GROUP_MEMBER_BYTES);
            changes[i] =
                (struct group_change){people.members[author], publics[i], removed[i], removes};
        }
        seeded_order(&seeded, order, count);
        for (size_t i = 0; i < count; i++)
            shuffled[i] = changes[order[i]];
        size_t one = standing_of(changes, count), other = standing_of(shuffled, count);
        if (one == CHANGES)
            assert_int_equal(other, CHANGES);
        else
            assert_ptr_equal(changes[one].new_public, shuffled[other].new_public);
        uint8_t gone[CHANGES * GROUP_MEMBER_BYTES];
        if (one == CHANGES)
            assert_true(group_change_gone(gone, changes, count) >= 2);
    }
}

static void there_are_bounds(void **state)
{
    (void)state;
    static struct group_change changes[GROUP_CHANGES_MAX + 1];
    size_t standing = 3;
    for (size_t i = 0; i < GROUP_CHANGES_MAX + 1; i++)
        changes[i] = (struct group_change){people.members[0], publics[0], NULL, 0};
    assert_int_equal(group_change_standing(&standing, publics[0], changes, 0), -EINVAL);
    assert_int_equal(group_change_standing(&standing, publics[0], changes, GROUP_CHANGES_MAX + 1),
                     -EINVAL);
    assert_int_equal(standing, 3);
    assert_int_equal(group_change_standing(&standing, publics[0], changes, GROUP_CHANGES_MAX), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_the_smaller_stands_unless_it_is_removed),
        cmocka_unit_test(of_one_author_the_smaller_key_stands),
        cmocka_unit_test(the_order_in_which_they_come_does_not_matter),
        cmocka_unit_test(there_are_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
