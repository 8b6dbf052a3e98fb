#include "lib/test.h"

#include <string.h>

#include "crypto/seal.h"
#include "crypto/x25519.h"
#include "people.h"

static const uint8_t base_point[X25519_BYTES] = {9};

static void members_are_sorted_and_stand_once(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t members[65 * GROUP_MEMBER_BYTES], secret[GROUP_KEY_BYTES] = {1};
    struct group_key one, other = {.epoch = 77};
    random_fill(&random, members, sizeof members);
    assert_int_equal(group_key_make(&one, secret, 3, members, 64), 0);
    for (size_t i = 1; i < one.count; i++)
        assert_true(memcmp(one.members[i - 1], one.members[i], GROUP_MEMBER_BYTES) < 0);
    assert_int_equal(group_key_make(&other, secret, 3, members, 65), -EINVAL);
    assert_int_equal(group_key_make(&other, secret, 3, members, 0), -EINVAL);
    memcpy(members + 40 * GROUP_MEMBER_BYTES, members, GROUP_MEMBER_BYTES);
    assert_int_equal(group_key_make(&other, secret, 3, members, 64), -EINVAL);
    assert_int_equal(other.epoch, 77);
    /* In another order they are the same. */
    assert_int_equal(group_key_make(&other, secret, 3, one.members[0], 64), 0);
    assert_memory_equal(other.list_hash, one.list_hash, sizeof one.list_hash);
    assert_true(group_key_has(&one, members));
    members[0] ^= 1;
    assert_false(group_key_has(&one, members));
}

static void the_first_member_is_the_next_when_it_is_gone(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    uint8_t gone[9 * GROUP_MEMBER_BYTES], last[GROUP_KEY_BYTES] = {0}, rank[GROUP_KEY_BYTES];
    people_make(&people, 9, 1, &random);
    for (size_t i = 0; i < people.count; i++) {
        const uint8_t *first = group_key_first(&people.key, gone, i);
        assert_non_null(first);
        group_rank(rank, people.key.public_key, first);
        assert_true(memcmp(last, rank, sizeof rank) < 0);
        memcpy(last, rank, sizeof rank);
        memcpy(gone + i * GROUP_MEMBER_BYTES, first, GROUP_MEMBER_BYTES);
    }
    assert_null(group_key_first(&people.key, gone, people.count));
}

static void what_is_sealed_to_a_fresh_key_opens_with_its_t_alone(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    uint8_t t[GROUP_BLIND_BYTES], ephemeral[32], blinded[32], point[32], text[5] = "text";
    uint8_t sealed[sizeof text + SEAL_BYTES], opened[sizeof text];
    people_make(&people, 2, 1, &random);
    random_fill(&random, t, sizeof t);
    random_fill(&random, ephemeral, sizeof ephemeral);
    group_blinded(blinded, &people.key, t);
    assert_int_equal(seal_make(sealed, text, sizeof text, blinded, ephemeral), 0);
    group_opening_point(point, &people.key, t, sealed);
    assert_int_equal(seal_open_with(opened, sealed, sizeof sealed, blinded, point), 0);
    assert_memory_equal(opened, text, sizeof text);
    t[3] ^= 1;
    group_opening_point(point, &people.key, t, sealed);
    assert_int_equal(seal_open_with(opened, sealed, sizeof sealed, blinded, point), -EBADMSG);
    assert_int_equal(
        seal_open(opened, sealed, sizeof sealed, people.key.public_key, people.key.secret_key),
        -EBADMSG);
}

static void both_of_a_pair_have_the_same_key(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    static struct group_key one, other;
    people_make(&people, 3, 4, &random);
    const uint8_t *group_public = people.key.public_key;
    assert_int_equal(group_pair_key(&one, people.seeds[0], people.members[1], group_public, 4), 0);
    assert_int_equal(group_pair_key(&other, people.seeds[1], people.members[0], group_public, 4),
                     0);
    assert_memory_equal(&one, &other, sizeof one);
    assert_int_equal(group_pair_key(&other, people.seeds[2], people.members[0], group_public, 4),
                     0);
    assert_memory_not_equal(one.secret_key, other.secret_key, sizeof one.secret_key);
    assert_int_equal(group_pair_key(&other, people.seeds[1], people.members[0], base_point, 4), 0);
    assert_memory_not_equal(one.secret_key, other.secret_key, sizeof one.secret_key);
    /* With oneself there is none. */
    assert_int_equal(group_pair_key(&other, people.seeds[1], people.members[1], group_public, 4),
                     -EINVAL);
}

static void introductions_have_one_form(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    struct group_introduction reported = {.x_public = {9}}, read;
    uint8_t payload[GROUP_PAYLOAD_BYTES];
    people_make(&people, 1, 1, &random);
    memcpy(reported.member, people.members[0], sizeof reported.member);
    group_introduction_write(payload, &reported);
    assert_int_equal(group_introduction_read(&read, payload), 0);
    assert_memory_equal(&read, &reported, sizeof read);
    for (size_t i = 0; i < 3; i++) {
        payload[i] ^= 1;
        assert_int_equal(group_introduction_read(&read, payload), -EBADMSG);
        payload[i] ^= 1;
    }
    payload[GROUP_PAYLOAD_BYTES - 1] = 1;
    assert_int_equal(group_introduction_read(&read, payload), -EBADMSG);
    payload[GROUP_PAYLOAD_BYTES - 1] = 0;
    memset(payload + 3, 0, GROUP_MEMBER_BYTES); /* a point of small order */
    assert_int_equal(group_introduction_read(&read, payload), -EBADMSG);
}

static void a_meeting_gives_both_the_same_key(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    static struct group_key keys[2];
    struct group_introduction reported[2] = {{.mailbox_id = {1}}, {.mailbox_id = {2}}};
    uint8_t secrets[2][GROUP_KEY_BYTES];
    people_make(&people, 2, 1, &random);
    for (int i = 0; i < 2; i++) {
        random_fill(&random, secrets[i], GROUP_KEY_BYTES);
        x25519(reported[i].x_public, secrets[i], base_point);
        memcpy(reported[i].member, people.members[i], GROUP_MEMBER_BYTES);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(group_meeting_key(&keys[i], secrets[i], &reported[i], &reported[!i]), 0);
    assert_memory_equal(&keys[0], &keys[1], sizeof keys[0]);
    assert_int_equal(keys[0].epoch, 0);
    memset(reported[1].x_public, 0, GROUP_KEY_BYTES);
    assert_int_equal(group_meeting_key(&keys[0], secrets[0], &reported[0], &reported[1]), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_sorted_and_stand_once),
        cmocka_unit_test(the_first_member_is_the_next_when_it_is_gone),
        cmocka_unit_test(what_is_sealed_to_a_fresh_key_opens_with_its_t_alone),
        cmocka_unit_test(both_of_a_pair_have_the_same_key),
        cmocka_unit_test(introductions_have_one_form),
        cmocka_unit_test(a_meeting_gives_both_the_same_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
