#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* Properties over many groups, each with a network of its own: copies get lost, come late, twice
 * and in any order, and devices are killed between any two steps. REUNION_TEST_GROUPS is how many.
 * Larger groups than MEMBERS take minutes: REUNION_TEST_MEMBERS, up to 64.
 */

enum { MEMBERS = 24, GROUPS = 12, ROUNDS = 3, AGREE_S = 20 * 24 * 60 * 60, PEOPLE_MAX = 14 };

static size_t how_many_groups(void)
{
    const char *wanted = getenv("REUNION_TEST_GROUPS");
    return wanted ? strtoul(wanted, NULL, 10) : GROUPS;
}

static struct network draw_network(struct world *world)
{
    static const size_t lost[] = {0, 10, 4, 3}, twice[] = {0, 5}, delay[] = {1, 60, 1800};
    return (struct network){.lost = lost[seeded_below(&world->seeded, 4)],
                            .twice = twice[seeded_below(&world->seeded, 2)],
                            .delay_s = delay[seeded_below(&world->seeded, 3)],
                            .killed = seeded_below(&world->seeded, 2) == 0 ? 0 : 15};
}

/* Somebody of the first one's group whose device knows that, too. */
static size_t some_member(struct world *world)
{
    for (;;) {
        size_t who = seeded_below(&world->seeded, world->count);
        if (world_is_member(world, 0, who) && world_is_member(world, who, who))
            return who;
    }
}

/* LIMIT: two of three who remove each other leave one, and no state has a single member
 * (groups.md); that device stays where it was. So nobody is removed from so small a group here. */
static void change(struct world *world, size_t by)
{
    bool is_small = device_members(world->people[0].device)->count <= 3;
    size_t whom = some_member(world);
    size_t what = seeded_below(&world->seeded, 4);
    if (what < 2 && world->count < PEOPLE_MAX)
        world_invite(world, by);
    else if (what == 3 && by != 0 && !is_small)
        world_leave(world, by);
    else if (whom != by && whom != 0 && !is_small)
        world_remove(world, by, whom);
}

/* Until all agree; the network stays as bad as it is. Returns: whether they do. */
static bool settle(struct world *world)
{
    int64_t until_s = world->now_s + AGREE_S;
    world_run(world, 3600);
    while (!world_agrees(world, 0) && world->now_s < until_s)
        world_run(world, 3600);
    return world_agrees(world, 0);
}

/* Over a network that loses nothing, each member's text is seen by all others, once, and by nobody
 * else. */
static void check_texts(struct world *world)
{
    size_t texts[DEVICES_MAX];
    world->network.lost = 0;
    world_run(world, 3600);
    world->network.killed = 0;
    for (size_t i = 0; i < world->count; i++)
        if (world_is_member(world, 0, i))
            texts[i] = world_write(world, i);
    world_run(world, 2 * 3600);
    for (size_t i = 0; i < world->count; i++)
        for (size_t k = 0; world_is_member(world, 0, i) && k < world->count; k++) {
            bool is_for = k != i && world_is_member(world, 0, k);
            assert_int_equal(world_saw(world, k, texts[i]), is_for);
        }
}

static void play(struct world *world)
{
    size_t two[2] = {some_member(world), some_member(world)};
    size_t changes = 1 + seeded_below(&world->seeded, 2);
    if (seeded_below(&world->seeded, 2) == 0)
        world_write(world, two[0]);
    for (size_t i = 0; i < changes; i++) {
        if (i == 0 || two[1] != two[0])
            change(world, two[i]);
        if (seeded_below(&world->seeded, 2) == 0)
            world_run(world, 30);
    }
}

static void members_end_in_the_same_group(void **state)
{
    (void)state;
    static struct world world;
    size_t groups = how_many_groups(), changed = 0;
    world.seeded = seeded_open();
    for (size_t group = 0; group < groups; group++) {
        struct network network = draw_network(&world);
        world_open(&world, &network);
        uint64_t seed = world.seeded.state;
        world_create(&world);
        for (size_t i = 1 + seeded_below(&world.seeded, 4); i > 0; i--)
            world_invite(&world, 0);
        bool agree = settle(&world);
        for (size_t round = 0; agree && round < ROUNDS; round++) {
            play(&world);
            agree = settle(&world);
            changed += device_members(world.people[0].device)->epoch;
        }
        if (!agree)
            printf("group %zu (state %#jx): they do not agree\n", group, (uintmax_t)seed);
        assert_true(agree);
        check_texts(&world);
        world_close(&world);
    }
    assert_true(changed > groups); /* otherwise nothing was tried */
}

static void many_members_agree(void **state)
{
    (void)state;
    const char *wanted = getenv("REUNION_TEST_MEMBERS");
    size_t members = wanted ? strtoul(wanted, NULL, 10) : MEMBERS;
    static struct world world;
    const struct network network = {.delay_s = 1};
    world.seeded = seeded_open();
    world_open(&world, &network);
    world_create(&world);
    for (size_t i = 1; i < members; i++)
        world_invite(&world, 0);
    assert_true(settle(&world));
    world.network = (struct network){.delay_s = 60};
    assert_int_equal(device_members(world.people[0].device)->count, members);
    world_remove(&world, 1, 2);
    world_remove(&world, 3, 4);
    assert_true(settle(&world));
    assert_int_equal(device_members(world.people[0].device)->count, members - 2);
    world_close(&world);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest small[] = {cmocka_unit_test(members_end_in_the_same_group)};
    const struct CMUnitTest large[] = {cmocka_unit_test(many_members_agree)};
    if (secret_init())
        return 2;
    return argc > 1 && strcmp(argv[1], "large") == 0 ? cmocka_run_group_tests(large, NULL, NULL)
                                                     : cmocka_run_group_tests(small, NULL, NULL);
}
