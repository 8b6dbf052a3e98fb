#include "lib/test.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connections.h"
#include "lib/fake_time.h"

enum { ADA = 1, BOB, EVE }; /* clients */

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
    connections_add(&connections, &connection, server_end, ADA);
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

/* Two ends of a connection over loopback; a socketpair has no count of bytes. */
static void connect_over_tcp(int ends[static 2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&address, bytes), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &bytes), 0);
    assert_int_equal(connect(ends[1], (struct sockaddr *)&address, bytes), 0);
    ends[0] = accept(listening, NULL, NULL);
    assert_true(ends[0] >= 0);
    close(listening);
}

static void send_and_see_it_come(int ends[static 2], const char *text)
{
    struct pollfd come = {ends[0], POLLIN, 0};
    char got[64];
    assert_int_equal(send(ends[1], text, strlen(text), 0), strlen(text));
    assert_int_equal(poll(&come, 1, -1), 1);
    assert_int_equal(recv(ends[0], got, sizeof got, 0), strlen(text));
}

/* A request that is answered, and what comes before the server notes the answer's end. */
static void answer_one(struct connection *one, int ends[static 2], const char *next)
{
    send_and_see_it_come(ends, "GET / HTTP/1.1\r\n\r\n");
    assert_int_equal(connection_turn(&connections, one, TURN_SERVER), 0);
    assert_int_equal(connection_turn(&connections, one, TURN_READ), 0);
    if (next)
        send_and_see_it_come(ends, next);
    assert_int_equal(connection_turn(&connections, one, TURN_SEND), 0);
}

static void end_over_tcp(const char *next, char got[static CANNED_BYTES])
{
    struct connection one;
    int ends[2];
    connect_over_tcp(ends);
    connections_add(&connections, &one, ends[0], ADA);
    answer_one(&one, ends, next);
    now.monotonic_ms += 30000;
    (void)connections_sweep(&connections);
    assert_int_equal(poll(&(struct pollfd){ends[1], POLLIN | POLLRDHUP, 0}, 1, -1), 1);
    assert_true(has_ended(ends[1], got));
    connections_remove(&connections, &one);
    close(ends[0]);
    close(ends[1]);
}

static void who_has_begun_the_next_request_is_told(void **state)
{
    char got[CANNED_BYTES];
    (void)state;
    end_over_tcp("GET / HT", got);
    assert_memory_equal(got, "HTTP/1.1 408 ", 13);
}

static void who_has_sent_nothing_is_told_nothing(void **state)
{
    char got[CANNED_BYTES];
    (void)state;
    end_over_tcp(NULL, got);
    assert_string_equal(got, "");
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
    assert_int_equal(connection_turn(&connections, &connection, TURN_SERVER), 0);
    assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    connections_reserve_anyway(&connections);
    connections_release(&connections);
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    connections_release(&connections);
    assert_int_equal(connections_reserve(&connections), 0);
}

/* Connections besides the one of all tests, each with its other end. */
struct pair {
    struct connection connection;
    int ends[2];
};

static void open_pair(struct pair *pair, uint64_t client)
{
    connect_over_tcp(pair->ends);
    connections_add(&connections, &pair->connection, pair->ends[0], client);
}

static void close_pair(struct pair *pair)
{
    connections_remove(&connections, &pair->connection);
    close(pair->ends[0]);
    close(pair->ends[1]);
}

/* Whether it has been ended; `got` is what its client was told. */
static bool gave_way(struct pair *pair, char got[static CANNED_BYTES])
{
    return pair->connection.turn == TURN_OVER &&
           poll(&(struct pollfd){pair->ends[1], POLLRDHUP, 0}, 1, -1) == 1 &&
           has_ended(pair->ends[1], got);
}

static void take_all_places(void)
{
    assert_int_equal(connection_turn(&connections, &connection, TURN_SERVER), 0);
    assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
}

static void who_holds_most_gives_way(void **state)
{
    char got[CANNED_BYTES];
    struct pair pairs[5];
    static const uint64_t clients[] = {BOB, EVE, EVE, EVE, BOB};
    (void)state;
    take_all_places();
    for (size_t i = 0; i < 5; i++)
        open_pair(&pairs[i], clients[i]);
    /* Eve's second one has been idle longest. */
    answer_one(&pairs[1].connection, pairs[1].ends, NULL);
    assert_int_equal(connection_turn(&connections, &pairs[3].connection, TURN_SERVER), 0);
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[2], got));
    assert_string_equal(got, "");
    /* Bob has as many now, and has done nothing for longer. */
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[0], got));
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[1], got));
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[4], got));
    /* Who waits for an answer never gives way. */
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    for (size_t i = 0; i < 5; i++)
        close_pair(&pairs[i]);
}

static void a_part_of_a_request_gives_way_after_silence(void **state)
{
    char got[CANNED_BYTES];
    struct pair pairs[2];
    (void)state;
    take_all_places();
    open_pair(&pairs[0], EVE);
    open_pair(&pairs[1], EVE);
    send_and_see_it_come(pairs[0].ends, "POST /v1/t1 HT");
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[1], got));
    assert_string_equal(got, "");
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[0], got));
    assert_memory_equal(got, "HTTP/1.1 503 ", 13);
    assert_int_equal(connection_turn(&connections, &pairs[0].connection, TURN_SERVER), -ECANCELED);
    for (size_t i = 0; i < 2; i++)
        close_pair(&pairs[i]);
}

static void an_answer_that_is_read_slowly_gives_way_at_last(void **state)
{
    char got[CANNED_BYTES];
    struct pair pairs[3];
    (void)state;
    take_all_places();
    open_pair(&pairs[0], BOB);
    open_pair(&pairs[1], EVE);
    open_pair(&pairs[2], EVE);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(connection_turn(&connections, &pairs[i].connection, TURN_READ), 0);
    now.monotonic_ms += CONNECTIONS_READ_MS_MIN - 1;
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    now.monotonic_ms++;
    assert_int_equal(connections_reserve(&connections), 0);
    assert_true(gave_way(&pairs[1], got));
    assert_string_equal(got, "");
    for (size_t i = 0; i < 3; i++)
        close_pair(&pairs[i]);
}

static void few_end_at_once(void **state)
{
    struct pair pairs[CONNECTIONS_ENDING_MAX + 1];
    (void)state;
    take_all_places();
    for (size_t i = 0; i <= CONNECTIONS_ENDING_MAX; i++)
        open_pair(&pairs[i], EVE);
    for (size_t i = 0; i < CONNECTIONS_ENDING_MAX; i++)
        assert_int_equal(connections_reserve(&connections), 0);
    assert_int_equal(connections_reserve(&connections), -ENOSPC);
    connections_release(&connections);
    assert_int_equal(connections_reserve(&connections), 0);
    for (size_t i = 0; i <= CONNECTIONS_ENDING_MAX; i++)
        close_pair(&pairs[i]);
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
        TEST(who_has_begun_the_next_request_is_told),
        TEST(who_has_sent_nothing_is_told_nothing),
        TEST(an_answer_has_to_be_read_in_time),
        TEST(the_sweep_tells_when_to_come_back),
        TEST(places_are_counted),
        TEST(who_holds_most_gives_way),
        TEST(a_part_of_a_request_gives_way_after_silence),
        TEST(an_answer_that_is_read_slowly_gives_way_at_last),
        TEST(few_end_at_once),
        TEST(a_refused_client_reads_why),
        TEST(few_linger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
