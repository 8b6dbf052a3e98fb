/* The reference's protocol as the client speaks it. */
#include <string.h>

#include "base/secret.h"
#include "exchange.h"
#include "lib/test.h"
#include "transport/reference.h"

static struct exchange exchange;

static int begin(void **state)
{
    (void)state;
    exchange_prepare(&exchange);
    return 0;
}

static int end(void **state)
{
    (void)state;
    exchange_close(&exchange);
    return 0;
}

static void start(void)
{
    exchange_start(&exchange);
    assert_int_equal(transport_reference_open(&exchange.transport, exchange.http, &exchange.clock,
                                              &random_system, &exchange.stop),
                     0);
}

static void answer(const void *body, size_t bytes)
{
    exchange_answer(&exchange, "200 OK", "", body, bytes);
}

/* Records of a sender and a body, each all of one byte. */
static void put_record(uint8_t *at, uint8_t sender, uint8_t body)
{
    memset(at, sender, ID_BYTES);
    memset(at + ID_BYTES, body, RECORD_BODY_BYTES);
}

static void announce(void)
{
    struct transport_bucket bucket;
    assert_int_equal(
        exchange.transport->verbs->announce(exchange.transport, &exchange.me, NULL, &bucket), 0);
}

static void only_what_is_new_is_handed_over(void **state)
{
    (void)state;
    uint8_t t1s[2 * RECORD_T1_BYTES], t2s[3 * RECORD_UNADDRESSED_BYTES];
    memset(t1s, 0xbb, RECORD_T1_BYTES);
    memcpy(t1s + RECORD_T1_BYTES, exchange.t1, RECORD_T1_BYTES);
    put_record(t2s, 0xb1, 3);
    put_record(t2s + RECORD_UNADDRESSED_BYTES, 0xa1, 4); /* our own */
    put_record(t2s + 2 * RECORD_UNADDRESSED_BYTES, 0xb1, 2);
    const struct transport_sink sink = exchange_sink(&exchange);
    answer(exchange.t1, RECORD_T1_BYTES); /* the answer to our T1 */
    answer(t1s, sizeof t1s);
    answer("", 0);
    answer("", 0);
    answer(t1s, sizeof t1s);
    answer(t2s, sizeof t2s);
    answer(t2s, RECORD_UNADDRESSED_BYTES);
    start();
    announce();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->receive(exchange.transport, 0, &sink), 0);
    assert_int_equal(exchange.noted_count, 2); /* both T1s; whose it is is the meet's business */
    assert_int_equal(verbs->receive(exchange.transport, 60000, &sink), 0);
    assert_int_equal(exchange.noted_count, 5);
    assert_int_equal(exchange.noted[2].kind, RECORD_T2);
    assert_int_equal(exchange.noted[2].body[0], 2);
    assert_int_equal(exchange.noted[3].body[0], 3);
    assert_int_equal(exchange.noted[4].kind, RECORD_T3);
    exchange_finish(&exchange);
    static const char *const asked[] = {"POST /t1", "GET /t1", "GET /t2", "GET /t3",
                                        "GET /t1",  "GET /t2", "GET /t3"};
    for (size_t i = 0; i < 7; i++)
        exchange_assert_asked(&exchange, i, asked[i]);
}

static void waiting_asks_twice_a_second(void **state)
{
    (void)state;
    const struct transport_sink sink = exchange_sink(&exchange);
    answer("", 0);
    for (int i = 0; i < 3; i++) {
        answer(exchange.t1, RECORD_T1_BYTES);
        answer("", 0);
        answer("", 0);
    }
    start();
    announce();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->receive(exchange.transport, 0, &sink), 0);
    assert_int_equal(verbs->receive(exchange.transport, 300, &sink), 0);
    assert_in_range(exchange.time.waited_ms, 400, 600);
    exchange_finish(&exchange);
}

/* One round of questions, in which there are these T2s; then what is ready is posted. */
static void answer_round(const void *t2s, size_t t2_bytes)
{
    answer(exchange.t1, RECORD_T1_BYTES);
    answer(t2s, t2_bytes);
    answer("", 0);
}

static void receive(int expected)
{
    const struct transport_sink sink = exchange_sink(&exchange);
    assert_int_equal(exchange.transport->verbs->receive(exchange.transport, 0, &sink), expected);
}

static void send_letters(enum record_kind kind, struct transport_letter *letters, size_t count)
{
    assert_int_equal(exchange.transport->verbs->send(exchange.transport, kind, letters, count), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(letters[i].outcome, TRANSPORT_STORED);
}

static void t3s_go_later_and_without_addressee(void **state)
{
    (void)state;
    struct transport_letter letters[2] = {{.body = {1}}, {.body = {2}}};
    answer("", 0);
    answer_round("", 0);
    answer_round("", 0);
    answer("", 0); /* to the post */
    start();
    announce();
    send_letters(RECORD_T3, letters, 2);
    exchange.time.monotonic_ms += 1499;
    receive(0);
    exchange.time.monotonic_ms += 1;
    receive(0);
    assert_int_equal(exchange_finish(&exchange), 8);
    exchange_assert_asked(&exchange, 7, "POST /t3");
    const char *request = scripted_server_request(exchange.server, 7);
    assert_non_null(strstr(request, "\r\nContent-Length: 128\r\n"));
    uint8_t expected[2 * RECORD_UNADDRESSED_BYTES] = {0};
    for (uint8_t i = 0; i < 2; i++) {
        put_record(expected + i * RECORD_UNADDRESSED_BYTES, 0xa1, 0);
        expected[i * RECORD_UNADDRESSED_BYTES + ID_BYTES] = i + 1;
    }
    assert_memory_equal(strstr(request, "\r\n\r\n") + 4, expected, sizeof expected);
}

static void letters_that_were_not_taken_go_again(void **state)
{
    (void)state;
    struct transport_letter letter = {.body = {1}};
    answer("", 0);
    answer_round("", 0);
    exchange_answer(&exchange, "500 Internal Server Error", "", "", 0);
    answer_round("", 0);
    answer("", 0);
    answer_round("", 0);
    start();
    announce();
    send_letters(RECORD_T2, &letter, 1); /* to somebody who came after us: at once */
    receive(-EAGAIN);
    receive(0);
    receive(0);
    assert_int_equal(exchange_finish(&exchange), 12);
    exchange_assert_asked(&exchange, 4, "POST /t2");
    exchange_assert_asked(&exchange, 8, "POST /t2");
}

static void a_t2_to_an_elder_waits_for_the_elder_s_next_round(void **state)
{
    (void)state;
    struct transport_letter letter = {.body = {1}};
    uint8_t t1s[2 * RECORD_T1_BYTES], t2s[2 * RECORD_UNADDRESSED_BYTES];
    memset(t1s, 0xbb, RECORD_T1_BYTES);
    memcpy(t1s + RECORD_T1_BYTES, exchange.t1, RECORD_T1_BYTES);
    put_record(t2s, 0xb1, 3); /* of a round before we came */
    put_record(t2s + RECORD_UNADDRESSED_BYTES, 0xb1, 4);
    answer(t1s, sizeof t1s);
    answer(t1s, sizeof t1s);
    answer(t2s, RECORD_UNADDRESSED_BYTES);
    answer("", 0);
    answer_round(t2s, RECORD_UNADDRESSED_BYTES);
    answer_round(t2s, sizeof t2s);
    answer("", 0); /* to the post */
    start();
    announce();
    receive(0);
    for (size_t i = 0; i < exchange.noted_count; i++)
        if (exchange.noted[i].kind == RECORD_T1 && exchange.noted[i].first[0] == 0xbb)
            letter.place = exchange.noted[i].place;
    memset(letter.addressee, 0xb1, ID_BYTES);
    send_letters(RECORD_T2, &letter, 1);
    receive(0);
    receive(0);
    assert_int_equal(exchange_finish(&exchange), 11);
    exchange_assert_asked(&exchange, 10, "POST /t2");
}

static void a_server_that_forgot_us_is_seen(void **state)
{
    (void)state;
    const struct transport_sink sink = exchange_sink(&exchange);
    uint8_t other[RECORD_T1_BYTES] = {1};
    answer("", 0);
    answer(other, sizeof other);
    start();
    announce();
    assert_int_equal(exchange.transport->verbs->receive(exchange.transport, 0, &sink), -ENOENT);
    assert_int_equal(exchange.noted_count, 0);
    exchange_finish(&exchange);
}

static void nonsense_is_reported(void **state)
{
    (void)state;
    struct transport_traits traits;
    answer("", 0);
    answer("<html>", 6);
    exchange_answer(&exchange, "404 Not Found", "", "", 0);
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->describe(exchange.transport, &traits), 0);
    assert_false(traits.has_buckets);
    assert_int_equal(verbs->describe(exchange.transport, &traits), -EPROTO);
    assert_int_equal(verbs->describe(exchange.transport, &traits), -EPROTO);
    exchange_finish(&exchange);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
#define SPOKEN(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        SPOKEN(only_what_is_new_is_handed_over),
        SPOKEN(waiting_asks_twice_a_second),
        SPOKEN(t3s_go_later_and_without_addressee),
        SPOKEN(letters_that_were_not_taken_go_again),
        SPOKEN(a_t2_to_an_elder_waits_for_the_elder_s_next_round),
        SPOKEN(a_server_that_forgot_us_is_seen),
        SPOKEN(nonsense_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
