/* Bad networks by the thousand: everybody meets, is told each message once, and nobody else. */
#include <stdio.h>

#include "base/secret.h"
#include "lib/fake_session.h"
#include "network.h"

static struct network network;

/* `pairs` of people on one network, each pair with a passphrase of its own. */
static void come(size_t pairs)
{
    static const char *const passphrases[] = {"ape", "bee", "cow", "dog", "elk", "fox"};
    for (size_t i = 0; i < 2 * pairs; i++) {
        char message[16];
        snprintf(message, sizeof message, "%zu of %s", i % 2, passphrases[i / 2]);
        network_join(&network, passphrases[i / 2], message);
    }
}

static void check_pairs(size_t pairs)
{
    for (size_t i = 0; i < 2 * pairs; i++) {
        const struct member *member = &network.members[i], *other = &network.members[i ^ 1];
        char message[MESSAGE_BYTES + 1] = {0};
        assert_int_equal(member->message_count, 1);
        for (size_t at = 0; at < 8; at++)
            message[at] = other->payload[at] == ' ' && at > 6 ? '\0' : (char)other->payload[at];
        assert_int_equal(member_saw(member, message), 1);
    }
}

/* Everybody meets within a minute, and is told nothing twice when sessions change. */
static void play(uint64_t seed, size_t pairs)
{
    network_open(&network, seed);
    network.lost_percent = seeded_below(&network.seeded, 31);
    network.doubled_percent = seeded_below(&network.seeded, 31);
    network.delay_ms = (int64_t)seeded_below(&network.seeded, 100);
    network.jitter_ms = (int64_t)seeded_below(&network.seeded, 200);
    come(pairs);
    assert_true(network_settle(&network, 1, 60 * 1000));
    network_pass(&network, 65 * 1000);
    check_pairs(pairs);
    network_close(&network);
    assert_int_equal(fake_session_open, 0);
}

static void test_pairs_meet_on_bad_networks(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (size_t i = 0; i < 1000; i++)
        play(seeded_next(&seeded), 1 + i % 2);
}

static void test_crowds_meet_on_bad_networks(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (size_t i = 0; i < 10; i++)
        play(seeded_next(&seeded), 6);
}

/* Five with one passphrase, whose sessions begin and end at different times. What is heard of
 * somebody whose session changes meanwhile may be of either: of 3000 groups five took more than a
 * minute, so all have the time of several sessions. */
static void test_groups_meet_whenever_they_come(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    static const char *const messages[] = {"a", "b", "c", "d", "e"};
    for (size_t game = 0; game < 30; game++) {
        network_open(&network, seeded_next(&seeded));
        network.lost_percent = 20;
        network.delay_ms = 20;
        network.jitter_ms = 60;
        for (size_t i = 0; i < 5; i++) {
            network_join(&network, "one", messages[i]);
            network_pass(&network, (int64_t)seeded_below(&network.seeded, 70 * 1000));
        }
        assert_true(network_settle(&network, 4, 10 * 60 * 1000));
        network_pass(&network, 120 * 1000);
        for (size_t i = 0; i < 5; i++)
            for (size_t j = 0; j < 5; j++)
                assert_int_equal(member_saw(&network.members[i], messages[j]), i != j);
        network_close(&network);
    }
}

/* On a good network a pair meets with what the protocol needs at least, at once. */
static void test_good_networks_need_no_second_datagram(void **state)
{
    (void)state;
    network_open(&network, 1);
    network_join(&network, "one", "a");
    network_pass(&network, 10 * 1000);
    network_join(&network, "one", "b");
    network.members[0].sent = 0;
    assert_true(network_settle(&network, 1, 1));
    assert_int_equal(network.members[0].sent, 3); /* t1r, t2, t3 */
    assert_int_equal(network.members[1].sent, 3); /* t1_, t2, t3 */
    network_close(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_meet_on_bad_networks),
        cmocka_unit_test(test_crowds_meet_on_bad_networks),
        cmocka_unit_test(test_groups_meet_whenever_they_come),
        cmocka_unit_test(test_good_networks_need_no_second_datagram),
    };
    return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
