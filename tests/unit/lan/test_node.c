/* A node at its boundaries: what comes early, late, again, too often, or is nonsense. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "lan/pending_peers.h"
#include "lib/fake_session.h"
#include "network.h"

enum { T1_DATAGRAM_BYTES = LAN_T1_MARK_BYTES + RECORD_T1_BYTES };

static struct network network;
static const struct lan_source stranger = {.host = {9, 9}, .port = {9, 9}};

static int begin(void **state)
{
    (void)state;
    network_open(&network, 7);
    fake_session_actions = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    network_close(&network);
    return fake_session_open == 0 ? 0 : -1;
}

/* Somebody who sends each thing once and no more, by hand. */
struct visitor {
    struct reunion_session *session;
    uint8_t t1_datagram[T1_DATAGRAM_BYTES];
};

static void visitor_come(struct visitor *visitor, const char *passphrase, const char *mark)
{
    uint8_t payload[MESSAGE_BYTES] = "visitor";
    const struct reunion_setup setup = {.passphrase = (const uint8_t *)passphrase,
                                        .passphrase_bytes = strlen(passphrase),
                                        .payload = payload,
                                        .payload_bytes = sizeof payload};
    memset(payload + 7, ' ', sizeof payload - 7);
    assert_int_equal(reunion_session_open(&visitor->session, &setup), 0);
    size_t bytes;
    const uint8_t *t1 = reunion_session_t1(visitor->session, &bytes);
    memcpy(visitor->t1_datagram, mark, LAN_T1_MARK_BYTES);
    memcpy(visitor->t1_datagram + LAN_T1_MARK_BYTES, t1, bytes);
}

static int go_on(void *state)
{
    (void)state;
    return 0;
}

/* Take a node's T1, as "t1_" or "t1r" brings it. Returns: the T2 to send. */
static void visitor_answer(struct visitor *visitor, const uint8_t *datagram,
                           uint8_t t2[static 2 + REUNION_T2_BYTES])
{
    struct reunion_t1 t1 = {.bytes = datagram + LAN_T1_MARK_BYTES, .length = RECORD_T1_BYTES};
    const struct reunion_work work = {.threads = 1, .canceled = go_on};
    assert_int_equal(reunion_session_receive_t1s(visitor->session, &t1, 1, &work), 0);
    assert_int_equal(t1.status, 0);
    memcpy(t2, "t2", 2);
    memcpy(t2 + 2, t1.t2, REUNION_T2_BYTES);
}

/* What the node sent last that begins with a mark. */
static uint8_t last[LAN_DATAGRAM_BYTES_MAX];
static size_t last_count;
static const char *wanted;

static bool remember(const uint8_t *bytes, size_t length)
{
    if (memcmp(bytes, wanted, strlen(wanted)) == 0) {
        memcpy(last, bytes, length);
        last_count++;
    }
    return true;
}

static void want(const char *mark)
{
    wanted = mark;
    last_count = 0;
    network.passes = remember;
}

static void give(const uint8_t *bytes, size_t length)
{
    network_inject(&network, 0, &stranger, bytes, length);
    network_pass(&network, 0);
}

/* Members hear only each other; what goes to the stranger is seen by a member of that address. */
static void seat_early_sender(void)
{
    size_t seat = network_join(&network, "nobody", "nobody");
    network_leave(&network, seat);
    network.members[seat].source = stranger;
}

static void test_a_t2_before_its_t1_is_answered(void **state)
{
    (void)state;
    struct visitor visitor;
    uint8_t t2[2 + REUNION_T2_BYTES];
    network_join(&network, "one", "host");
    seat_early_sender();
    want("t1_");
    network_pass(&network, 0);
    visitor_come(&visitor, "one", "t1r");
    visitor_answer(&visitor, last, t2);
    want("t3");
    give(t2, sizeof t2);
    assert_int_equal(last_count, 0);
    give(visitor.t1_datagram, sizeof visitor.t1_datagram);
    assert_int_equal(last_count, 1);
    /* Again, and again: the same answer each time. */
    uint8_t first[2 + REUNION_T3_BYTES];
    memcpy(first, last, sizeof first);
    give(t2, sizeof t2);
    assert_int_equal(last_count, 2);
    assert_memory_equal(first, last, sizeof first);
    reunion_session_free(visitor.session);
}

static void test_a_t2_of_a_stranger_makes_us_ask_for_the_t1(void **state)
{
    (void)state;
    uint8_t t2[2 + REUNION_T2_BYTES] = "t2";
    network_join(&network, "one", "host");
    seat_early_sender();
    network_pass(&network, 0);
    want("t1_");
    give(t2, sizeof t2);
    assert_int_equal(last_count, 1);
    /* But not without end. */
    for (unsigned i = 0; i < 1000; i++) {
        t2[3] = (uint8_t)i;
        t2[4] = (uint8_t)(i >> 8);
        give(t2, sizeof t2);
    }
    assert_in_range(last_count, 1, 40);
}

/* Who answers the T1 of a session that is just over is answered from it. */
static void test_late_answers_are_answered_from_the_session_before(void **state)
{
    (void)state;
    struct visitor visitor;
    uint8_t t2[2 + REUNION_T2_BYTES];
    network_join(&network, "one", "host");
    seat_early_sender();
    want("t1_");
    network_pass(&network, 0);
    visitor_come(&visitor, "one", "t1r");
    visitor_answer(&visitor, last, t2);
    network_pass(&network, 60 * 1000); /* a new session begins */
    want("t2");
    give(visitor.t1_datagram, sizeof visitor.t1_datagram);
    assert_int_equal(last_count, 2); /* of both sessions */
    want("t3");
    give(t2, sizeof t2);
    assert_int_equal(last_count, 2);
    reunion_session_free(visitor.session);
}

/* Those who do not know the passphrase are answered as those who do. */
static void test_strangers_are_answered_alike(void **state)
{
    (void)state;
    size_t sent[2];
    for (size_t i = 0; i < 2; i++) {
        network_close(&network);
        network_open(&network, 11);
        network.delay_ms = 5;
        network_join(&network, "one", "a");
        network_join(&network, i == 0 ? "one" : "two", "b");
        network_pass(&network, 200 * 1000);
        assert_int_equal(network.members[0].message_count, i == 0);
        sent[i] = network.members[0].sent;
    }
    assert_int_equal(sent[0], sent[1]);
}

static void make_junk(uint8_t *t1, unsigned which)
{
    memset(t1, 0, T1_DATAGRAM_BYTES);
    memcpy(t1, "t1_", LAN_T1_MARK_BYTES);
    memcpy(t1 + LAN_T1_MARK_BYTES, &which, sizeof which);
}

/* A thousand new T1s a second from one host, each from a port of its own. */
static void test_a_flood_from_one_host_costs_little(void **state)
{
    (void)state;
    network.delay_ms = 5;
    network_join(&network, "one", "a");
    network_pass(&network, 0);
    fake_session_actions = 0;
    for (unsigned i = 0; i < 20 * 1000; i++) {
        uint8_t junk[T1_DATAGRAM_BYTES];
        struct lan_source source = stranger;
        source.port[0] = (uint8_t)i;
        source.port[1] = (uint8_t)(i >> 8);
        make_junk(junk, i);
        for (size_t member = 0; member < network.member_count; member++)
            network_inject(&network, member, &source, junk, sizeof junk);
        network_pass(&network, 1);
        if (i == 10 * 1000) {
            network_join(&network, "one", "b");
            network_pass(&network, 0);
        }
        if (i == 10 * 1000 + 50) /* met long before the flood is over */
            assert_int_equal(network.members[1].message_count, 1);
    }
    assert_int_equal(network.members[0].message_count, 1);
    /* What one host may cost each of the two, and what they cost each other. */
    size_t bound =
        (size_t)pending_rate_of_host.burst + 20 * 1000 / (size_t)pending_rate_of_host.refill_ms + 1;
    assert_in_range(fake_session_actions, 2, 2 * (bound + 1));
}

/* As above, but nobody knows which host: the token bucket of all together holds. */
static void test_a_flood_from_everywhere_is_bounded(void **state)
{
    (void)state;
    network_join(&network, "one", "a");
    network_pass(&network, 0);
    fake_session_actions = 0;
    for (unsigned i = 0; i < 10 * 1000; i++) {
        uint8_t junk[T1_DATAGRAM_BYTES];
        struct lan_source source = stranger;
        memcpy(source.host, &i, sizeof i);
        make_junk(junk, i);
        network_inject(&network, 0, &source, junk, sizeof junk);
        network_pass(&network, 1);
    }
    size_t bound =
        (size_t)pending_rate_of_all.burst + 10 * 1000 / (size_t)pending_rate_of_all.refill_ms + 1;
    assert_in_range(fake_session_actions, bound / 2, bound);
}

static void test_a_session_takes_so_many_and_the_next_one_more(void **state)
{
    (void)state;
    struct lan_counts counts;
    network_join(&network, "one", "a");
    network_pass(&network, 0);
    for (unsigned i = 0; i < 60 * 100; i++) {
        uint8_t junk[T1_DATAGRAM_BYTES];
        struct lan_source source = stranger;
        memcpy(source.host, &i, sizeof i);
        make_junk(junk, i);
        network_inject(&network, 0, &source, junk, sizeof junk);
        network_pass(&network, 9);
    }
    lan_node_counts(network.members[0].node, &counts);
    assert_true(counts.crowded);
    assert_int_equal(counts.met, network.members[0].settings.t1s_max);
    network_pass(&network, 6 * 1000);
    network_join(&network, "one", "b");
    network_pass(&network, 10 * 1000);
    assert_int_equal(network.members[0].message_count, 1);
    assert_int_equal(network.members[1].message_count, 1);
}

/* Bytes of every kind, also such that begin as what a node sends. */
static void test_any_bytes_may_come(void **state)
{
    (void)state;
    static const char *const marks[] = {"t1_", "t1r", "t2", "t3", "t", "", "xyz"};
    struct seeded seeded = seeded_open();
    network.delay_ms = 5;
    network_join(&network, "one", "a");
    network_pass(&network, 0);
    for (size_t i = 0; i < 20 * 1000; i++) {
        uint8_t bytes[LAN_DATAGRAM_BYTES_MAX + 1];
        const char *mark = marks[seeded_below(&seeded, sizeof marks / sizeof *marks)];
        static const size_t lengths[] = {0, 1, 2, 3, 33, 34, 35, 194, 195, 291, 1024, 1025};
        size_t length = lengths[seeded_below(&seeded, sizeof lengths / sizeof *lengths)];
        struct lan_source source = stranger;
        source.port[0] = (uint8_t)seeded_below(&seeded, 3);
        random_fill(&(struct random_source){network.random.fill, &seeded}, bytes, sizeof bytes);
        memcpy(bytes, mark, strlen(mark));
        network_inject(&network, 0, &source, bytes, length);
        network_pass(&network, (int64_t)seeded_below(&seeded, 5));
    }
    network_join(&network, "one", "b");
    network_pass(&network, 1000);
    assert_int_equal(network.members[0].message_count, 1);
    assert_int_equal(network.members[1].message_count, 1);
}

static void test_a_run_that_goes_on_tells_nothing_twice(void **state)
{
    (void)state;
    uint8_t *kept;
    size_t bytes;
    network_join(&network, "one", "a");
    network_join(&network, "one", "b");
    network_pass(&network, 100);
    struct member *member = &network.members[1];
    assert_int_equal(member->message_count, 1);
    assert_int_equal(lan_node_keep(member->node, &kept, &bytes), 0);
    network_leave(&network, 1);

    struct lan_settings other = member->settings;
    other.payload_bytes--;
    assert_int_equal(lan_node_open(&member->node, &other), 0);
    assert_int_equal(lan_node_resume(member->node, kept, bytes), -EPERM);
    network_leave(&network, 1);
    for (size_t cut = 0; cut < bytes; cut++) {
        assert_int_equal(lan_node_open(&member->node, &member->settings), 0);
        assert_int_equal(lan_node_resume(member->node, kept, cut), -EBADMSG);
        network_leave(&network, 1);
    }
    assert_int_equal(lan_node_open(&member->node, &member->settings), 0);
    assert_int_equal(lan_node_resume(member->node, kept, bytes), 0);
    network_join(&network, "one", "c");
    network_pass(&network, 100);
    assert_int_equal(member->message_count, 2);
    assert_int_equal(member_saw(member, "a"), 1);
    assert_int_equal(member_saw(member, "c"), 1);

    kept[7]++; /* the format */
    network_leave(&network, 1);
    assert_int_equal(lan_node_open(&member->node, &member->settings), 0);
    assert_int_equal(lan_node_resume(member->node, kept, bytes), -ENOTSUP);
    secret_free(kept);
}

/* Until it is as sure as it gets that the other side has ours, it is owed. */
static void test_what_is_owed_is_settled(void **state)
{
    (void)state;
    struct lan_counts counts;
    network.delay_ms = 5;
    network_join(&network, "one", "a");
    network_join(&network, "one", "b");
    network_pass(&network, 100);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(network.members[i].message_count, 1);
        lan_node_counts(network.members[i].node, &counts);
        assert_int_equal(counts.owed, 1);
    }
    network_pass(&network, 8 * 1000);
    for (size_t i = 0; i < 2; i++) {
        lan_node_counts(network.members[i].node, &counts);
        assert_int_equal(counts.owed, 0);
        assert_int_equal(counts.answered, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_t2_before_its_t1_is_answered, begin, end),
        cmocka_unit_test_setup_teardown(test_a_t2_of_a_stranger_makes_us_ask_for_the_t1, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_late_answers_are_answered_from_the_session_before,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_strangers_are_answered_alike, begin, end),
        cmocka_unit_test_setup_teardown(test_a_flood_from_one_host_costs_little, begin, end),
        cmocka_unit_test_setup_teardown(test_a_flood_from_everywhere_is_bounded, begin, end),
        cmocka_unit_test_setup_teardown(test_a_session_takes_so_many_and_the_next_one_more, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_any_bytes_may_come, begin, end),
        cmocka_unit_test_setup_teardown(test_a_run_that_goes_on_tells_nothing_twice, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_owed_is_settled, begin, end),
    };
    return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
