#include "lib/test.h"

#include <string.h>

#include "people.h"

enum { NOBODY = GROUP_MEMBERS_MAX };

static void states_of_every_size_read_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    static struct group_state made, read;
    static uint8_t text[GROUP_STATE_BYTES_MAX + 1];
    for (size_t count = GROUP_STATE_MEMBERS_MIN; count <= GROUP_MEMBERS_MAX; count += 31) {
        people_make(&people, count, 3, &random);
        people_state(&made, &people, NOBODY, &people.key, &random);
        for (size_t i = 0; i < count; i++)
            made.members[i].name.bytes = GROUP_NAME_BYTES_MAX;
        size_t bytes = group_state_write(text, &made);
        assert_true(bytes > 0 && bytes <= GROUP_STATE_BYTES_MAX);
        assert_int_equal(group_state_read(&read, text, bytes), 0);
        assert_memory_equal(&read, &made, sizeof read);
        assert_int_equal(group_state_read(&read, text, bytes + 1), -EBADMSG);
        for (size_t shorter = 0; shorter < bytes; shorter++)
            assert_int_equal(group_state_read(&read, text, shorter), -EBADMSG);
    }
}

static void what_may_not_stand_is_neither_written_nor_read(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    static struct group_state good, bad, read;
    static uint8_t text[GROUP_STATE_BYTES_MAX];
    people_make(&people, 3, 3, &random);
    people_state(&good, &people, NOBODY, &people.key, &random);
    size_t bytes = group_state_write(text, &good);
    assert_true(bytes > 0);
    text[0] = 2;
    assert_int_equal(group_state_read(&read, text, bytes), -ENOTSUP);
    text[0] = 1;
    text[37] ^= 1;                                             /* Gs */
    assert_int_equal(group_state_read(&read, text, bytes), 0); /* a bit that is clamped */
    text[38] ^= 1;
    assert_int_equal(group_state_read(&read, text, bytes), -EBADMSG);
    text[38] ^= 1;
    memset(text + 1, 0, 4); /* epoch 0 */
    assert_int_equal(group_state_read(&read, text, bytes), -EBADMSG);

    bad = good;
    bad.members[1] = bad.members[0];
    assert_int_equal(group_state_write(text, &bad), 0);
    bad = good;
    bad.members[0] = good.members[1];
    bad.members[1] = good.members[0];
    assert_int_equal(group_state_write(text, &bad), 0);
    bad = good;
    bad.count = 1;
    assert_int_equal(group_state_write(text, &bad), 0);
    bad = good;
    bad.members[2].name.bytes = GROUP_NAME_BYTES_MAX + 1;
    assert_int_equal(group_state_write(text, &bad), 0);
    bad = good;
    memset(bad.members[0].member, 0, GROUP_MEMBER_BYTES); /* sorted still, and no member's key */
    assert_int_equal(group_state_write(text, &bad), 0);
}

static void a_state_follows_one_epoch(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people, strangers;
    static struct group_state made;
    static struct group_key key;
    uint8_t removed[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    people_make(&people, 4, 3, &random);
    people_make(&strangers, 1, 3, &random);
    people_state(&made, &people, 2, &people.key, &random);
    const uint8_t *author = people.members[1];
    assert_int_equal(group_state_follows(&made, &people.key, author, NULL, 0), 0);
    assert_int_equal(group_state_follows(&made, &people.key, strangers.members[0], NULL, 0),
                     -EACCES);
    assert_int_equal(group_state_follows(&made, &strangers.key, strangers.members[0], NULL, 0),
                     -EBADMSG);
    assert_int_equal(group_state_follows(&made, &people.key, author, made.public_key, 1), -EEXIST);
    assert_int_equal(group_state_removed(removed, &made, &people.key), 1);
    assert_memory_equal(removed, people.members[2], GROUP_MEMBER_BYTES);
    group_state_key(&key, &made);
    assert_int_equal(key.epoch, 4);
    assert_memory_equal(key.public_key, made.public_key, sizeof key.public_key);
    assert_false(group_key_has(&key, people.members[2]));
    made.epoch++;
    assert_int_equal(group_state_follows(&made, &people.key, author, NULL, 0), -EBADMSG);
    people.key.epoch = UINT32_MAX;
    made.epoch = 0;
    assert_int_equal(group_state_follows(&made, &people.key, author, NULL, 0), -EBADMSG);
}

static void a_pair_takes_states_of_the_other_alone(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    static struct group_key pair;
    struct group_opened opened;
    struct group_part part = {.type = GROUP_STATE, .epoch = 3, .parts = 1};
    uint8_t copy[GROUP_COPY_BYTES];
    people_make(&people, 2, 3, &random);
    assert_int_equal(
        group_pair_key(&pair, people.seeds[0], people.members[1], people.key.public_key, 3), 0);
    people_copy(copy, &pair, people.seeds[1], &part, &random);
    assert_int_equal(group_copy_open(&opened, &pair, copy), 0);
    assert_int_equal(group_state_part_check(&opened, people.members[1]), 0);
    assert_int_equal(group_state_part_check(&opened, people.members[0]), -EACCES);
    part.type = GROUP_TEXT;
    people_copy(copy, &pair, people.seeds[1], &part, &random);
    assert_int_equal(group_copy_open(&opened, &pair, copy), 0);
    assert_int_equal(group_state_part_check(&opened, people.members[1]), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_of_every_size_read_back),
        cmocka_unit_test(what_may_not_stand_is_neither_written_nor_read),
        cmocka_unit_test(a_state_follows_one_epoch),
        cmocka_unit_test(a_pair_takes_states_of_the_other_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
