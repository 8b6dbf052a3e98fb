#include "box/packet_calls.h"

#include <arpa/inet.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/allocation.h"
#include "lib/host.h"

/* Datagrams are handed over as if they had come; answers go to a socket that is none, so each is
 * counted as answered and then as not sent. */

static struct host host;
static struct ops ops;
static struct rates rates;
static struct box_identity identity;
static struct packet_calls calls;
static struct box_packet_key session;
static size_t answered[OP_STAMP_WANTED + 1], limited[PACKET_LIMIT_POSTS + 1], dropped[PACKET_DROPS];

static void count_answer(void *context, enum op op, enum op_status status, enum packet_limit limit)
{
    (void)context;
    (void)op;
    answered[status]++;
    limited[limit]++;
}

static void count_drop(void *context, enum packet_drop drop)
{
    (void)context;
    dropped[drop]++;
}

static int set_up(void **state)
{
    (void)state;
    static const struct rates_rules no_limits = {.client = {{.burst = 1, .clients_max = 1},
                                                            {.burst = 1, .clients_max = 1},
                                                            {.burst = 1, .clients_max = 1},
                                                            {.burst = 1, .clients_max = 1}}};
    assert_int_equal(secret_init(), 0);
    host_open(&host);
    ops = (struct ops){.service = host.service, .wait_s_max = 60, .records_per_post_max = 3};
    assert_int_equal(rates_init(&rates, &no_limits, &random_system), 0);
    box_pair(identity.public_key, identity.secret, &random_system);
    assert_int_equal(box_packet_key_make(&session, identity.public_key, &random_system), 0);
    const struct packet_calls_settings settings = {
        .identity = &identity,
        .ops = &ops,
        .rates = &rates,
        .sessions = {.burst = 1, .clients_max = 1},
        .waits_max = 3,
        .counter = {count_answer, count_drop, NULL},
        .clock = &host.clock,
        .random = &random_system,
    };
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(wake >= 0);
    assert_int_equal(packet_calls_init(&calls, &settings, wake), 0);
    memset(answered, 0, sizeof answered);
    memset(limited, 0, sizeof limited);
    memset(dropped, 0, sizeof dropped);
    return 0;
}

/* Go on with what is resumed until nothing is under way. */
static void finish_all(void)
{
    while (packet_calls_under_way(&calls) > 0) {
        eventfd_t unused;
        assert_int_equal(poll(&(struct pollfd){calls.wake, POLLIN, 0}, 1, 60000), 1);
        (void)eventfd_read(calls.wake, &unused);
        packet_calls_finish(&calls);
    }
    packet_calls_send(&calls);
}

static int tear_down(void **state)
{
    (void)state;
    finish_all();
    close(calls.wake);
    packet_calls_free(&calls);
    rates_free(&rates);
    host_close(&host);
    return 0;
}

/* A request from an address comes. */
static void come(const char *address, const struct op_request *request)
{
    struct datagram datagram = {.path = {.socket = -1}, .bytes = BOX_PACKET_BYTES};
    uint8_t q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    size_t bytes;
    datagram.path.peer.v4.sin_family = AF_INET;
    assert_int_equal(inet_pton(AF_INET, address, &datagram.path.peer.v4.sin_addr), 1);
    assert_int_equal(op_request_encode(q, sizeof q, &bytes, request), 0);
    assert_int_equal(
        box_request_seal(&session, datagram.data, datagram.bytes, a, q, bytes, &random_system), 0);
    packet_calls_take(&calls, &datagram);
}

static void post_with(const char *address, const uint8_t stamp[static OP_STAMP_BYTES])
{
    static const uint8_t none[ID_BYTES], key[WRITE_KEY_BYTES] = "k";
    uint8_t t1[RECORD_T1_BYTES];
    random_fill(&random_system, t1, sizeof t1);
    const struct op_request request = {.op = OP_POST_T1, .post_t1 = {key, none, t1, stamp, none}};
    come(address, &request);
}

static void post(const char *address)
{
    static const uint8_t none[OP_STAMP_BYTES];
    post_with(address, none);
}

static sem_t committing, go_on;

static void hold(void *context)
{
    (void)context;
    sem_post(&committing);
    while (sem_wait(&go_on))
        ;
    sem_post(&go_on);
}

static void one_address_has_a_part_of_the_posts_under_way(void **state)
{
    (void)state;
    enum { PART = PACKET_POSTS_MAX / PACKET_POSTS_PART };
    sem_init(&committing, 0, 0);
    sem_init(&go_on, 0, 0);
    failing_store_during_commit(host.store, hold, NULL);
    for (int i = 0; i < PART; i++)
        post("192.0.2.1");
    while (sem_wait(&committing))
        ;
    assert_int_equal(packet_calls_under_way(&calls), PART);
    post("192.0.2.1");
    assert_int_equal(answered[OP_NOT_NOW], 1);
    post("192.0.2.2");
    assert_int_equal(packet_calls_under_way(&calls), PART + 1);
    for (int i = PART + 1; i < PACKET_POSTS_MAX; i++)
        post("127.0.0.1");
    assert_int_equal(answered[OP_NOT_NOW], 1);
    post("127.0.0.1");
    assert_int_equal(answered[OP_NOT_NOW], 2);
    sem_post(&go_on);
    finish_all();
    assert_int_equal(answered[OP_SUCCESS], PACKET_POSTS_MAX);
    assert_int_equal(limited[PACKET_LIMIT_POSTS], 2);
    assert_int_equal(dropped[PACKET_DROP_UNSENT], PACKET_POSTS_MAX + 2);
    post("192.0.2.1");
    finish_all();
    assert_int_equal(answered[OP_SUCCESS], PACKET_POSTS_MAX + 1);
}

/* A call is under way until it has been finished, however soon its stamp is checked. */
static void few_stamps_wait_to_be_checked(void **state)
{
    (void)state;
    static const uint8_t worthless[OP_STAMP_BYTES] = {1};
    for (int i = 0; i < PACKET_STAMPS_MAX; i++)
        post_with("192.0.2.1", worthless);
    assert_int_equal(packet_calls_under_way(&calls), PACKET_STAMPS_MAX);
    post_with("192.0.2.2", worthless);
    assert_int_equal(answered[OP_NOT_NOW], 1);
    assert_int_equal(limited[PACKET_LIMIT_POSTS], 1);
    post("192.0.2.2");
    assert_int_equal(packet_calls_under_way(&calls), PACKET_STAMPS_MAX + 1);
    finish_all();
    post_with("192.0.2.2", worthless);
    assert_int_equal(packet_calls_under_way(&calls), 1);
    assert_int_equal(answered[OP_NOT_NOW], 1);
}

static void without_memory_a_packet_is_dropped_or_answered(void **state)
{
    (void)state;
    const struct op_request request = {.op = OP_DESCRIBE};
    size_t which = 0;
    for (bool failed = true; failed; which++) {
        allocation_fail(which);
        come("127.0.0.1", &request);
        failed = allocation_relent();
        assert_int_equal(answered[OP_SUCCESS] + dropped[PACKET_DROP_ROOM], which + 1);
        assert_int_equal(answered[OP_SUCCESS], !failed);
    }
    assert_true(which > 3);
}

static void a_session_is_found_again_only_when_it_has_opened_something(void **state)
{
    (void)state;
    struct datagram garbage = {.path = {.socket = -1}, .bytes = BOX_PACKET_BYTES};
    garbage.path.peer.v4.sin_family = AF_INET;
    random_fill(&random_system, garbage.data, sizeof garbage.data);
    packet_calls_take(&calls, &garbage);
    assert_int_equal(dropped[PACKET_DROP_UNREADABLE], 1);
    assert_null(key_cache_find(&calls.keys, garbage.data));
    come("127.0.0.1", &(struct op_request){.op = OP_DESCRIBE});
    struct cached_key *key = key_cache_find(&calls.keys, session.client_session);
    assert_non_null(key);
    key_cache_release(&calls.keys, key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_address_has_a_part_of_the_posts_under_way, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(few_stamps_wait_to_be_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory_a_packet_is_dropped_or_answered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_session_is_found_again_only_when_it_has_opened_something,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
