#include "lib/test.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connections.h"
#include "lib/fake_time.h"

static struct fake_time now;
static struct clock_source clock_fake;
static struct connections connections;
static struct connection connection;
static int server_end, client_end;

static int set_up(void **state)
{
    const struct connections_settings settings = {
        .limit = 2, .send_ms_max = 30000, .read_ms_max = 600000, .clock = &clock_fake};
    int ends[2];
    (void)state;
    now = (struct fake_time){.monotonic_ms = 1000};
    clock_fake = fake_time_clock(&now);
    assert_int_equal(connections_init(&connections, &settings), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server_end = ends[0];
    client_end = ends[1];
    connections_add(&connections, &connection, server_end);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    connections_remove(&connections, &connection);
    connections_free(&connections);
    close(server_end);
    close(client_end);
    return 0;
}

/* What the client sees: all that was sent, and whether the connection has been shut down. */
static bool has_ended(int end, char got[static CANNED_BYTES])
{
    size_t length = 0;
    memset(got, 0, CANNED_BYTES);
    for (;;) {
        ssize_t more = recv(end, got + length, CANNED_BYTES - 1 - length, MSG_DONTWAIT);
        if (more <= 0)
            return more == 0;
        length += (size_t)more;
    }
}

static void a_request_has_to_come_in_time(void **state)
{
    char got[CANNED_BYTES];
    (void)state;
    now.monotonic_ms += 29999;
    assert_int_equal(connections_sweep(&connections), 31000);
    assert_false(has_ended(client_end, got));
    now.monotonic_ms++;
    (void)connections_sweep(&connections);
    assert_true(has_ended(client_end, got));
    assert_memory_equal(got, "HTTP/1.1 408 ", 13);
    assert_non_null(strstr(got, "\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strstr(got, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(got, "urn:reunion:problem:request-timeout"));
    assert_int_equal(connection_turn(&connections, &connection, TURN_SERVER), -ECANCELED);
    assert_int_equal(connection_turn(&connections, &connection, TURN_SEND), -ECANCELED);
}

static void the_servers_own_time_does_not_count(void **state)
{
    char got[CANNED_BYTES];
    (void)state;
    assert_int_equal(connection_turn(&connections, &connection, TURN_SERVER), 0);
    now.monotonic_ms += 86400000;
    (void)connections_sweep(&connections);
    assert_false(has_ended(client_end, got));
    /* The next request has the whole time again. */
    assert_int_equal(connection_turn(&connections, &connection, TURN_SEND), 0);
    now.monotonic_ms += 29999;
    (void)connections_sweep(&connections);
    assert_false(has_ended(client_end, got));
    now.monotonic_ms++;
    (void)connections_sweep(&connections);
    assert_true(has_ended(client_end, got));
}

static void an_answer_has_to_be_read_in_time(void **state)
{
    char got[CANNED_BYTES];
    (void)state;
    assert_int_equal(connection_turn(&connections, &connection, TURN_READ), 0);
    now.monotonic_ms += 599999;
    (void)connections_sweep(&connections);
    assert_false(has_ended(client_end, got));
    now.monotonic_ms++;
    (void)connections_sweep(&connections);
    assert_true(has_ended(client_end, got));
    assert_string_equal(got, ""); /* an answer had begun */
}

static void the_sweep_tells_when_to_come_back(void **state)
{
    (void)state;
    assert_int_equal(connection_turn(&connections, &connection, TURN_SERVER), 0);
    int64_t idle = connections_sweep(&connections);
    assert_true(idle > now.monotonic_ms && idle <= now.monotonic_ms + 30000);
    assert_int_equal(connection_turn(&connections, &connection, TURN_SEND), 0);
    now.monotonic_ms += 29500;
    assert_int_equal(connections_sweep(&connections), now.monotonic_ms + 500);
}

static void places_are_counted(void **state)
{
    (void)state;
    assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    connections_reserve_anyway(&connections);
    connections_release(&connections);
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    connections_release(&connections);
    assert_int_equal(connections_reserve(&connections), 0);
}

static void a_refused_client_reads_why(void **state)
{
    char got[CANNED_BYTES];
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(send(ends[1], "GET / HTTP/1.1\r\n", 16, 0), 16);
    connections_refuse(&connections, ends[0]);
    assert_true(has_ended(ends[1], got));
    assert_memory_equal(got, "HTTP/1.1 503 ", 13);
    assert_non_null(strstr(got, "\r\nRetry-After: 1\r\n"));
    assert_non_null(strstr(got, "urn:reunion:problem:too-many-connections"));
    /* It may go on sending for a little, and then no more. */
    assert_int_equal(send(ends[1], "\r\n", 2, MSG_NOSIGNAL), 2);
    now.monotonic_ms += 2000;
    (void)connections_sweep(&connections);
    assert_int_equal(send(ends[1], "\r\n", 2, MSG_NOSIGNAL), -1);
    close(ends[1]);
}

static void few_linger(void **state)
{
    int ends[CONNECTIONS_LINGERING_MAX + 10][2];
    (void)state;
    for (size_t i = 0; i < CONNECTIONS_LINGERING_MAX + 10; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
        connections_refuse(&connections, ends[i][0]);
    }
    assert_int_equal(connections.lingering_count, CONNECTIONS_LINGERING_MAX);
    for (size_t i = 0; i < CONNECTIONS_LINGERING_MAX + 10; i++) {
        char got[CANNED_BYTES];
        assert_true(has_ended(ends[i][1], got));
        assert_memory_equal(got, "HTTP/1.1 503 ", 13);
        close(ends[i][1]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_has_to_come_in_time),
        TEST(the_servers_own_time_does_not_count),
        TEST(an_answer_has_to_be_read_in_time),
        TEST(the_sweep_tells_when_to_come_back),
        TEST(places_are_counted),
        TEST(a_refused_client_reads_why),
        TEST(few_linger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
