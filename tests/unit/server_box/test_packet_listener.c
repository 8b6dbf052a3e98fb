#include "box/packet_listener.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/allocation.h"
#include "lib/host.h"

static struct host host;
static struct ops ops;
static struct rates rates;
static struct box_identity identity;
static struct packet_calls_settings settings;

static int set_up(void **state)
{
    (void)state;
    static const struct rates_rules no_limits = {.client = {{.burst = 1, .clients_max = 1},
                                                            {.burst = 1, .clients_max = 1},
                                                            {.burst = 1, .clients_max = 1},
                                                            {.burst = 1, .clients_max = 1}}};
    assert_int_equal(secret_init(), 0);
    host_open(&host);
    ops = (struct ops){.service = host.service};
    assert_int_equal(rates_init(&rates, &no_limits, &random_system), 0);
    box_pair(identity.public_key, identity.secret, &random_system);
    settings = (struct packet_calls_settings){
        .identity = &identity,
        .ops = &ops,
        .rates = &rates,
        .sessions = {.per_minute = 60, .burst = 1, .clients_max = 8},
        .client_waits_max = 2,
        .waits_max = 3,
        .clock = &host.clock,
        .random = &random_system,
    };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rates_free(&rates);
    host_close(&host);
    return 0;
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    struct packet_listener *listener;
    size_t which = 0;
    for (bool failed = true; failed; which++) {
        allocation_fail(which);
        int err = packet_listener_new(&listener, &settings);
        failed = allocation_relent();
        assert_int_equal(err, failed ? -ENOMEM : 0);
    }
    assert_true(which > 4);
    packet_listener_close(listener);
    packet_listener_close(NULL);
}

static void an_address_is_taken_once(void **state)
{
    (void)state;
    struct packet_listener *listener;
    char address[ADDRESS_BYTES], again[ADDRESS_BYTES];
    assert_int_equal(packet_listener_new(&listener, &settings), 0);
    assert_int_equal(packet_listener_add(listener, "127.0.0.1", address), -EINVAL);
    assert_int_equal(packet_listener_add(listener, "127.0.0.1:0", address), 0);
    assert_int_equal(packet_listener_add(listener, address, again), -EADDRINUSE);
    for (int i = 1; i < PACKET_SOCKETS_MAX; i++)
        assert_int_equal(packet_listener_add(listener, "127.0.0.1:0", again), 0);
    assert_int_equal(packet_listener_add(listener, "127.0.0.1:0", again), -ENOSPC);
    packet_listener_close(listener);
    assert_int_equal(packet_listener_new(&listener, &settings), 0);
    assert_int_equal(packet_listener_add(listener, address, again), 0);
    packet_listener_close(listener);
}

static void only_a_bound_socket_of_datagrams_is_adopted(void **state)
{
    (void)state;
    struct packet_listener *listener;
    char address[ADDRESS_BYTES];
    int stream = socket(AF_INET, SOCK_STREAM, 0), unbound = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(packet_listener_new(&listener, &settings), 0);
    assert_int_equal(packet_listener_adopt(listener, stream, address), -EINVAL);
    assert_int_equal(packet_listener_adopt(listener, unbound, address), -EINVAL);
    assert_int_equal(packet_listener_adopt(listener, -1, address), -EINVAL);
    packet_listener_close(listener);
    assert_int_equal(close(stream) | close(unbound), 0); /* they are left alone */
}

static void it_lives_until_it_is_closed(void **state)
{
    (void)state;
    struct packet_listener *listener;
    char address[ADDRESS_BYTES];
    assert_int_equal(packet_listener_new(&listener, &settings), 0);
    assert_int_equal(packet_listener_add(listener, "127.0.0.1:0", address), 0);
    assert_int_equal(packet_listener_start(listener), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(packet_listener_look(listener, 60000), 0);
    packet_listener_quiesce(listener);
    assert_int_equal(packet_listener_drain(listener, 60000), 0);
    assert_int_equal(packet_listener_look(listener, 60000), 0);
    packet_listener_close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_memory_there_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_a_bound_socket_of_datagrams_is_adopted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_lives_until_it_is_closed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
