/* Work that is asked for, as the client speaks of it: what it sends, and what it makes of answers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/hex.h"
#include "base/secret.h"
#include "exchange.h"
#include "lib/test.h"
#include "transport/v1.h"
#include "json/v1_json.h"

static struct exchange exchange;
static const uint8_t challenge[STAMP_CHALLENGE_BYTES] = {0xc1}, other[STAMP_CHALLENGE_BYTES] = {2};

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
    assert_int_equal(transport_v1_open(&exchange.transport, exchange.http, NULL), 0);
}

static void answer_json(const char *status, json_t *json)
{
    assert_non_null(json);
    char *text = json_dumps(json, 0);
    json_decref(json);
    exchange_answer(&exchange, status, "", text, strlen(text));
    free(text);
}

static void answer_server(bool has_stamp, const uint8_t shown[static STAMP_CHALLENGE_BYTES],
                          uint32_t effort)
{
    struct v1_server server = {.name = "reunion",
                               .version = "1",
                               .wait_s_max = 60,
                               .records_per_post_max = 1,
                               .has_stamp = has_stamp,
                               .stamp = {.t1_effort = effort, .until = 7200}};
    memcpy(server.stamp.challenge, shown, STAMP_CHALLENGE_BYTES);
    answer_json("200 OK", v1_server_encode(&server));
}

static void answer_problem(const char *status, unsigned number, const char *slug,
                           const struct v1_stamp_wanted *wanted)
{
    json_t *json = v1_problem_encode(slug, number, "title", "detail");
    answer_json(status, wanted ? v1_problem_add_stamp(json, wanted) : json);
}

static int describe(void)
{
    struct transport_traits traits;
    return exchange.transport->verbs->describe(exchange.transport, &traits);
}

static int announce(void)
{
    struct transport_bucket bucket;
    return exchange.transport->verbs->announce(exchange.transport, &exchange.me, NULL, &bucket);
}

static void assert_asked_for(uint32_t effort, const uint8_t wanted[static STAMP_CHALLENGE_BYTES])
{
    assert_int_equal(exchange.transport->asked.effort, effort);
    assert_memory_equal(exchange.transport->asked.challenge, wanted, STAMP_CHALLENGE_BYTES);
}

static void a_server_tells_what_it_asks(void **state)
{
    (void)state;
    answer_server(true, challenge, 4000);
    answer_server(false, challenge, 0); /* an older one, after a change of mind */
    start();
    assert_int_equal(describe(), 0);
    assert_asked_for(4000, challenge);
    assert_int_equal(describe(), 0);
    assert_int_equal(exchange.transport->asked.effort, 0);
    exchange_finish(&exchange);
}

static void a_refusal_says_what_is_wanted(void **state)
{
    (void)state;
    struct v1_stamp_wanted wanted = {.effort = 77, .until = 7200};
    memcpy(wanted.challenge, challenge, sizeof challenge);
    answer_problem("429 Too Many Requests", 429, "stamp", &wanted);
    answer_problem("429 Too Many Requests", 429, "too-many-requests", NULL);
    answer_problem("429 Too Many Requests", 429, "stamp", NULL);
    start();
    assert_int_equal(announce(), -EDQUOT);
    assert_asked_for(77, challenge);
    assert_int_equal(announce(), -EAGAIN);
    assert_int_equal(announce(), -EPROTO);
    exchange_finish(&exchange);
}

static void the_stamp_goes_with_the_t1(void **state)
{
    (void)state;
    static const uint8_t nonce[STAMP_NONCE_BYTES] = {0xab, [15] = 0xcd};
    answer_problem("500 Oops", 500, "unavailable", NULL);
    answer_problem("500 Oops", 500, "unavailable", NULL);
    start();
    assert_int_equal(announce(), -EAGAIN);
    exchange.me.stamp = nonce;
    assert_int_equal(announce(), -EAGAIN);
    exchange_finish(&exchange);
    assert_null(strstr(scripted_server_request(exchange.server, 0), "Reunion-Stamp"));
    assert_non_null(strstr(scripted_server_request(exchange.server, 1),
                           "\r\nReunion-Stamp: ab0000000000000000000000000000cd\r\n"));
    assert_non_null(strstr(scripted_server_request(exchange.server, 1), "\r\nAuthorization: "));
}

/* A stamp may be refused as its hour is over: there is a new challenge then. */
static void a_wrong_stamp_is_for_another_hour_or_for_nothing(void **state)
{
    (void)state;
    static const uint8_t nonce[STAMP_NONCE_BYTES] = {1};
    answer_server(true, challenge, 16);
    answer_problem("400 Bad Request", 400, "wrong-stamp", NULL);
    answer_server(true, other, 0);
    answer_problem("400 Bad Request", 400, "wrong-stamp", NULL);
    answer_server(true, other, 16);
    answer_problem("400 Bad Request", 400, "wrong-stamp", NULL);
    start();
    exchange.me.stamp = nonce;
    assert_int_equal(describe(), 0);
    assert_int_equal(announce(), -EDQUOT);
    assert_asked_for(1, other);
    assert_int_equal(announce(), -EPROTO); /* it is of that very challenge */
    exchange.me.stamp = NULL;
    assert_int_equal(announce(), -EINVAL); /* none was sent */
    exchange_finish(&exchange);
}

static void challenges_are_compared_over_another_connection(void **state)
{
    (void)state;
    answer_server(true, challenge, 16);
    answer_server(true, challenge, 16); /* the same for the other one */
    answer_server(true, other, 16);     /* another hour has begun … */
    answer_server(true, other, 16);     /* … for both */
    answer_server(true, challenge, 16); /* another for each */
    answer_server(true, other, 16);
    answer_server(true, challenge, 16);
    answer_server(false, other, 16);
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(describe(), 0);
    assert_int_equal(verbs->compare_challenge(exchange.transport), 0);
    assert_int_equal(verbs->compare_challenge(exchange.transport), 0);
    assert_int_equal(verbs->compare_challenge(exchange.transport), -EPERM);
    assert_int_equal(verbs->compare_challenge(exchange.transport), -EPERM);
    exchange_finish(&exchange);
}

/* As the server can ask in its answer to a T1 for what nobody else is asked for. */
static void a_challenge_of_one_s_own_is_not_worked_for(void **state)
{
    (void)state;
    struct v1_stamp_wanted wanted = {.effort = 64, .until = 7200};
    memcpy(wanted.challenge, other, sizeof other);
    answer_server(true, challenge, 16);
    for (int i = 0; i < 2; i++) {
        answer_problem("429 Too Many Requests", 429, "stamp", &wanted);
        answer_server(true, challenge, 16);
        answer_server(true, challenge, 16);
    }
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(describe(), 0);
    assert_int_equal(announce(), -EDQUOT);
    assert_asked_for(64, other);
    assert_int_equal(verbs->compare_challenge(exchange.transport), 0);
    assert_asked_for(64, challenge);
    assert_int_equal(announce(), -EDQUOT);
    assert_int_equal(verbs->compare_challenge(exchange.transport), -EPERM);
    exchange_finish(&exchange);
}

static void classes_are_read(void **state)
{
    (void)state;
    struct v1_paid paid = {.effort = 5, .classes = {[0] = 9, [12] = 3, [32] = 1}};
    uint32_t classes[STAMP_CLASSES] = {0};
    const char *wrong = "{\"buckets\":[],\"more\":false,\"stamp\":{\"effort\":1,\"classes\":[-1]}}";
    answer_json("200 OK", v1_buckets_add_paid(v1_buckets_encode(NULL, 0, false), &paid));
    answer_json("200 OK", v1_buckets_encode(NULL, 0, false));
    exchange_answer(&exchange, "200 OK", "", wrong, strlen(wrong));
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->read_classes(exchange.transport, classes), 0);
    assert_int_equal(classes[0], 9);
    assert_int_equal(classes[12], 3);
    assert_int_equal(classes[32], 1);
    assert_int_equal(verbs->read_classes(exchange.transport, classes), 0); /* an older server */
    assert_int_equal(classes[12], 0);
    assert_int_equal(verbs->read_classes(exchange.transport, classes), -EPROTO);
    exchange_finish(&exchange);
}

/* Stamps. */

enum { LINE_BYTES = ID_BYTES + 8 + STAMP_NONCE_BYTES + 4, TWO_BYTES = 1 + 40 + 2 * LINE_BYTES };

static int note_stamp(void *state, const uint8_t id[static ID_BYTES],
                      const struct transport_stamp *stamp)
{
    unsigned *count = state;
    ++*count;
    assert_int_equal(id[0], 2);
    assert_int_equal(stamp->stamp.hour, 481291);
    assert_int_equal(stamp->stamp.effort, 4096);
    assert_int_equal(stamp->stamp.nonce[0], 0x33);
    assert_memory_equal(stamp->challenge, challenge, sizeof challenge);
    return 0;
}

/* An answer of one challenge and two T1s, of which the second has a stamp. */
static void make_answer(uint8_t answer[static TWO_BYTES])
{
    memset(answer, 0, TWO_BYTES);
    answer[0] = 1;
    put_be64(answer + 1, 481291);
    memcpy(answer + 9, challenge, sizeof challenge);
    uint8_t *second = answer + 41 + LINE_BYTES;
    answer[41] = 1;
    second[0] = 2;
    put_be64(second + ID_BYTES, 481291);
    second[ID_BYTES + 8] = 0x33;
    put_be32(second + ID_BYTES + 8 + STAMP_NONCE_BYTES, 4096);
}

static void stamps_are_read_or_are_nonsense(void **state)
{
    (void)state;
    uint8_t answer[TWO_BYTES], broken[TWO_BYTES];
    const struct transport_place place = {{7}};
    unsigned count = 0;
    make_answer(answer);
    exchange_answer(&exchange, "200 OK", "", answer, sizeof answer);
    exchange_answer(&exchange, "200 OK", "", "", 0);
    exchange_answer(&exchange, "200 OK", "", answer, sizeof answer - 1);
    exchange_answer(&exchange, "200 OK", "", answer, 30);
    memcpy(broken, answer, sizeof answer);
    broken[0] = 200;
    exchange_answer(&exchange, "200 OK", "", broken, sizeof broken);
    memcpy(broken, answer, sizeof answer);
    broken[8] ^= 1; /* the stamp's hour has no challenge */
    exchange_answer(&exchange, "200 OK", "", broken, sizeof broken);
    exchange_answer(&exchange, "410 Gone", "", "", 0);
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->read_stamps(exchange.transport, &place, note_stamp, &count), 0);
    assert_int_equal(count, 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(verbs->read_stamps(exchange.transport, &place, note_stamp, &count),
                         -EPROTO);
    assert_int_equal(verbs->read_stamps(exchange.transport, &place, note_stamp, &count),
                     -EKEYEXPIRED);
    assert_int_equal(count, 1);
    exchange_finish(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_server_tells_what_it_asks, begin, end),
        cmocka_unit_test_setup_teardown(a_refusal_says_what_is_wanted, begin, end),
        cmocka_unit_test_setup_teardown(the_stamp_goes_with_the_t1, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_stamp_is_for_another_hour_or_for_nothing, begin,
                                        end),
        cmocka_unit_test_setup_teardown(challenges_are_compared_over_another_connection, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_challenge_of_one_s_own_is_not_worked_for, begin, end),
        cmocka_unit_test_setup_teardown(classes_are_read, begin, end),
        cmocka_unit_test_setup_teardown(stamps_are_read_or_are_nonsense, begin, end),
    };
    return secret_init() ? 1
                         : cmocka_run_group_tests_name("net/transport_stamps", tests, NULL, NULL);
}
