/* Requests by packets, against a server end in a thread of the test. */
#include "udp/packets.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "box/packet.h"
#include "lib/test.h"

/* Where nothing is lost, nothing is sent twice, however slow the machine is. */
enum { SEEN_MAX = 32, PATIENT_MS = 20 * 1000, QUICK_MS = 20 };

/* A request as the server end got it. */
struct seen {
    uint8_t session[BOX_KEY_BYTES], a[BOX_PACKET_A_BYTES], q[BOX_PACKET_Q_BYTES_MAX];
    size_t q_bytes;
    struct sockaddr_in from;
};

/* The server end. `answer` is called for each request in its thread, with the lock, and may send.
 */
static struct {
    int socket;
    struct sockaddr_in at;
    uint8_t secret[BOX_KEY_BYTES], public_key[BOX_KEY_BYTES];
    pthread_t thread;
    pthread_mutex_t lock; /* for what the test changes meanwhile */
    void (*answer)(const struct seen *seen);
    struct seen seen[SEEN_MAX];
    size_t count;
} end = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_bool stopped;
static struct packets *packets;
static const struct op_request describe = {.op = OP_DESCRIBE};
static const uint8_t id[ID_BYTES] = {1};
static const struct op_request fetch = {.op = OP_FETCH_T1, .fetch_t1 = {.t1_id = id}};

static int wait_or_stop(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return atomic_load(&stopped) ? -ECANCELED : 0;
}

static const struct stop_source stop = {.wait = wait_or_stop, .fd = -1};

static void set_answer(void (*answer)(const struct seen *seen))
{
    pthread_mutex_lock(&end.lock);
    end.answer = answer;
    pthread_mutex_unlock(&end.lock);
}

static void send_to(const struct seen *seen, const uint8_t *datagram, size_t bytes)
{
    assert_int_equal(sendto(end.socket, datagram, bytes, 0, (const struct sockaddr *)&seen->from,
                            sizeof seen->from),
                     bytes);
}

static void seal(uint8_t datagram[static BOX_PACKET_BYTES], const struct seen *seen,
                 const uint8_t *p, size_t bytes)
{
    struct box_packet_key key;
    assert_int_equal(box_packet_key_of(&key, end.secret, seen->session), 0);
    assert_int_equal(
        box_answer_seal(&key, datagram, BOX_PACKET_BYTES, seen->a, p, bytes, &random_system), 0);
}

static void answer_with(const struct seen *seen, const uint8_t *p, size_t bytes)
{
    uint8_t datagram[BOX_PACKET_BYTES];
    seal(datagram, seen, p, bytes);
    send_to(seen, datagram, sizeof datagram);
}

/* "Not found", which fetching a T1 may get. */
static void answer_plainly(const struct seen *seen)
{
    answer_with(seen, (const uint8_t[]){OP_NOT_FOUND}, 1);
}

static void *serve(void *state)
{
    (void)state;
    for (;;) {
        uint8_t datagram[BOX_PACKET_BYTES];
        struct seen *seen = &end.seen[end.count];
        socklen_t from_bytes = sizeof seen->from;
        ssize_t bytes = recvfrom(end.socket, datagram, sizeof datagram, 0,
                                 (struct sockaddr *)&seen->from, &from_bytes);
        if (bytes <= 0)
            return NULL; /* `close_end` has sent nothing at all */
        struct box_packet_key key;
        assert_int_equal(bytes, BOX_PACKET_BYTES);
        memcpy(seen->session, box_request_session(datagram, sizeof datagram), BOX_KEY_BYTES);
        assert_int_equal(box_packet_key_of(&key, end.secret, seen->session), 0);
        assert_int_equal(
            box_request_open(&key, seen->q, &seen->q_bytes, seen->a, datagram, sizeof datagram), 0);
        end.count++;
        assert_true(end.count < SEEN_MAX);
        pthread_mutex_lock(&end.lock);
        if (end.answer)
            end.answer(seen);
        pthread_mutex_unlock(&end.lock);
    }
}

/* Packets to the server end, or to whoever has another key there. */
static void open_packets(const uint8_t key[static BOX_KEY_BYTES], int64_t repeat_ms)
{
    packets_free(packets);
    struct packets_settings settings = {.address = {.packets = true, .host = "127.0.0.1"},
                                        .random = &random_system,
                                        .stop = &stop,
                                        .repeat_ms = repeat_ms};
    settings.address.port = ntohs(end.at.sin_port);
    memcpy(settings.address.key, key, BOX_KEY_BYTES);
    assert_int_equal(packets_open(&packets, &settings), 0);
}

static int open_end(void **state)
{
    (void)state;
    socklen_t bytes = sizeof end.at;
    packets = NULL;
    end.count = 0;
    end.answer = NULL;
    atomic_store(&stopped, false);
    box_pair(end.public_key, end.secret, &random_system);
    end.at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    end.socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(end.socket, (const struct sockaddr *)&end.at, sizeof end.at), 0);
    assert_int_equal(getsockname(end.socket, (struct sockaddr *)&end.at, &bytes), 0);
    assert_int_equal(pthread_create(&end.thread, NULL, serve, NULL), 0);
    open_packets(end.public_key, PATIENT_MS);
    return 0;
}

/* Wait for the server end to have done with all that was sent. */
static void join_end(void)
{
    int own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(sendto(own, "", 0, 0, (const struct sockaddr *)&end.at, sizeof end.at), 0);
    close(own);
    assert_int_equal(pthread_join(end.thread, NULL), 0);
}

static int close_end(void **state)
{
    (void)state;
    packets_free(packets);
    if (end.socket >= 0)
        close(end.socket);
    return 0;
}

static int ask(enum packets_purpose purpose, const struct op_request *request)
{
    struct op_answer answer;
    return packets_ask(packets, purpose, request, &answer);
}

static bool same_session(size_t one, size_t other)
{
    return memcmp(end.seen[one].session, end.seen[other].session, BOX_KEY_BYTES) == 0;
}

static bool same_port(size_t one, size_t other)
{
    return end.seen[one].from.sin_port == end.seen[other].from.sin_port;
}

/* Tests */

static void each_purpose_has_a_key_and_a_port(void **state)
{
    (void)state;
    static const enum packets_purpose purposes[] = {PACKETS_READ, PACKETS_READ,  PACKETS_SESSION,
                                                    PACKETS_LINK, PACKETS_APART, PACKETS_APART};
    set_answer(answer_plainly);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(ask(purposes[i], &fetch), -ENOENT);
    packets_renew(packets);
    assert_int_equal(ask(PACKETS_READ, &fetch), -ENOENT);
    join_end();
    assert_int_equal(end.count, 7);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_equal(same_session(i, j), i == 1 && j == 0);
    assert_true(same_port(0, 1));
    for (size_t i = 2; i < 5; i++)
        assert_false(same_port(i, 0));
}

static void answer_the_third(const struct seen *seen)
{
    if (end.count == 3)
        answer_plainly(seen);
}

static void what_is_lost_is_sent_again_with_a_new_a(void **state)
{
    (void)state;
    open_packets(end.public_key, QUICK_MS);
    set_answer(answer_the_third);
    assert_int_equal(ask(PACKETS_READ, &fetch), -ENOENT);
    join_end();
    assert_in_range(end.count, 3, PACKETS_SENDS);
    for (size_t i = 1; i < end.count; i++) {
        assert_true(same_session(0, i) && same_port(0, i));
        assert_memory_not_equal(end.seen[0].a, end.seen[i].a, BOX_PACKET_A_BYTES);
        assert_int_equal(end.seen[i].q_bytes, 1 + ID_BYTES);
        assert_memory_equal(end.seen[i].q, end.seen[0].q, 1 + ID_BYTES);
    }
}

static void answer_the_first_once_it_is_repeated(const struct seen *seen)
{
    (void)seen;
    if (end.count == 2)
        answer_plainly(&end.seen[0]);
}

static void a_late_answer_counts(void **state)
{
    (void)state;
    open_packets(end.public_key, QUICK_MS);
    set_answer(answer_the_first_once_it_is_repeated);
    assert_int_equal(ask(PACKETS_READ, &fetch), -ENOENT);
    join_end();
    assert_in_range(end.count, 2, PACKETS_SENDS);
}

/* Datagrams of other sizes, altered anywhere, sealed for somebody else, or for another request. */
static void answer_badly_first(const struct seen *seen)
{
    uint8_t good[BOX_PACKET_BYTES + 1] = {0}, bad[BOX_PACKET_BYTES];
    struct seen other = *seen;
    seal(good, seen, (const uint8_t[]){OP_GONE}, 1);
    send_to(seen, good, 0);
    send_to(seen, good, 1);
    send_to(seen, good, BOX_PACKET_SHORT_BYTES);
    send_to(seen, good, BOX_PACKET_BYTES - 1);
    send_to(seen, good, BOX_PACKET_BYTES + 1);
    for (size_t at = 0; at < BOX_PACKET_BYTES; at += 41) {
        memcpy(bad, good, sizeof bad);
        bad[at] ^= 1;
        send_to(seen, bad, sizeof bad);
    }
    random_fill(&random_system, other.a, sizeof other.a);
    answer_with(&other, (const uint8_t[]){OP_GONE}, 1);
    other = *seen;
    other.session[0] ^= 8;
    answer_with(&other, (const uint8_t[]){OP_GONE}, 1);
    answer_plainly(seen);
}

static void what_is_no_answer_is_ignored(void **state)
{
    (void)state;
    set_answer(answer_badly_first);
    assert_int_equal(ask(PACKETS_READ, &fetch), -ENOENT);
    join_end();
    assert_int_equal(end.count, 1);
}

static uint8_t status_p[40];
static size_t status_bytes;

static void answer_status(const struct seen *seen)
{
    answer_with(seen, status_p, status_bytes);
}

static void statuses_are_errors(void **state)
{
    (void)state;
    static const uint8_t t1[RECORD_T1_BYTES], none[ID_BYTES];
    static const struct op_request post = {
        .op = OP_POST_T1,
        .post_t1 = {
            .write_key = none, .bucket_hash = none, .t1 = t1, .stamp = none, .place = none}};
    static const struct {
        uint8_t p[3];
        size_t bytes;
        const struct op_request *request;
        int err;
    } cases[] = {
        {{OP_MALFORMED}, 1, &describe, -EINVAL},
        {{OP_NOT_FOUND}, 1, &fetch, -ENOENT},
        {{OP_GONE}, 1, &fetch, -EKEYEXPIRED},
        {{OP_FORBIDDEN}, 1, &post, -EACCES},
        {{OP_FULL}, 1, &post, -ENOSPC},
        {{OP_NOT_NOW, 1, 2}, 3, &fetch, -EAGAIN},
        {{OP_UNKNOWN}, 1, &fetch, -EPROTO},
        {{OP_STAMP_WANTED}, 37, &post, -EDQUOT},
        /* Without a reason, cut, too long, unknown, empty. */
        {{OP_STAMP_WANTED}, 37, &fetch, -EPROTO},
        {{OP_FULL}, 1, &fetch, -EPROTO},
        {{OP_FORBIDDEN}, 1, &describe, -EPROTO},
        {{OP_GONE}, 1, &describe, -EPROTO},
        {{OP_NOT_NOW, 1}, 2, &fetch, -EPROTO},
        {{OP_NOT_FOUND, 0}, 2, &fetch, -EPROTO},
        {{9}, 1, &fetch, -EPROTO},
        {{OP_SUCCESS}, 1, &fetch, -EPROTO},
    };
    set_answer(answer_status);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pthread_mutex_lock(&end.lock);
        memset(status_p, 0, sizeof status_p);
        memcpy(status_p, cases[i].p, sizeof cases[i].p);
        status_bytes = cases[i].bytes;
        pthread_mutex_unlock(&end.lock);
        assert_int_equal(ask(PACKETS_READ, cases[i].request), cases[i].err);
        assert_non_null(packets_trouble(packets));
        assert_int_equal(packets_retry_after_ms(packets), cases[i].err == -EAGAIN ? 258 * 1000 : 0);
    }
    join_end();
}

static void silence_has_an_end(void **state)
{
    (void)state;
    open_packets(end.public_key, QUICK_MS);
    assert_int_equal(ask(PACKETS_READ, &fetch), -EHOSTUNREACH);
    assert_non_null(strstr(packets_trouble(packets), "no answer"));
    assert_non_null(strstr(packets_advice(packets), "firewall"));
    assert_false(packets_is_certain(packets));
    join_end();
    assert_int_equal(end.count, PACKETS_SENDS);
}

/* What is sent again asks at once whether there is anything. */
static void a_feed_waits_once(void **state)
{
    (void)state;
    static const struct op_request feed = {
        .op = OP_FEED, .feed = {.bucket_hash = id, .cursor = id, .wait_s = 1, .t1_id = id}};
    open_packets(end.public_key, QUICK_MS);
    assert_int_equal(ask(PACKETS_SESSION, &feed), -EHOSTUNREACH);
    join_end();
    assert_int_equal(end.count, PACKETS_SENDS);
    for (size_t i = 0; i < end.count; i++)
        assert_int_equal(end.seen[i].q[1 + ID_BYTES + OP_CURSOR_BYTES], i == 0);
}

static void nobody_listens(void **state)
{
    (void)state;
    join_end();
    close(end.socket);
    end.socket = -1; /* `close_end` has nothing to close */
    assert_int_equal(ask(PACKETS_READ, &fetch), -EHOSTUNREACH);
    assert_non_null(strstr(packets_trouble(packets), "nobody listens there"));
}

static void stop_at_the_first(const struct seen *seen)
{
    (void)seen;
    atomic_store(&stopped, true);
}

static void a_stop_ends_it(void **state)
{
    (void)state;
    set_answer(stop_at_the_first);
    assert_int_equal(ask(PACKETS_READ, &fetch), -ECANCELED);
    join_end();
}

/* The one thing that is certain before anything is sent. */
static void a_key_that_nobody_can_have(void **state)
{
    (void)state;
    static const uint8_t small[BOX_KEY_BYTES] = {1};
    join_end();
    open_packets(small, PATIENT_MS);
    assert_int_equal(ask(PACKETS_READ, &fetch), -EHOSTUNREACH);
    assert_true(packets_is_certain(packets));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_end, close_end)

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        TEST(each_purpose_has_a_key_and_a_port),
        TEST(what_is_lost_is_sent_again_with_a_new_a),
        TEST(a_late_answer_counts),
        TEST(what_is_no_answer_is_ignored),
        TEST(statuses_are_errors),
        TEST(silence_has_an_end),
        TEST(a_feed_waits_once),
        TEST(nobody_listens),
        TEST(a_stop_ends_it),
        TEST(a_key_that_nobody_can_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
