/* Version 1 as the client speaks it: what it asks, and what it makes of answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "exchange.h"
#include "lib/posted_t1.h"
#include "lib/test.h"
#include "transport/v1.h"
#include "transport/v1_answers.h"
#include "wire/bucket_id.h"
#include "wire/record.h"
#include "json/v1_json.h"

static struct exchange exchange;
static const struct bucket_id bucket_id = {1800000000, 0, {0}};

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

static void answer_empty(const char *status, const char *headers)
{
    exchange_answer(&exchange, status, headers, "", 0);
}

static struct v1_bucket a_bucket(struct bucket_id id)
{
    struct v1_bucket bucket = {.id = id, .count = 1, .open = true, .expires = id.created + 86400};
    bucket_id_hash(bucket.bucket_hash, &id, BUCKET_KIND_RENDEZVOUS);
    return bucket;
}

static void answer_server(uint32_t records_per_post_max)
{
    struct v1_server server = {.name = "reunion",
                               .version = "1",
                               .bucket_capacity = 64,
                               .open_window_s = 3600,
                               .lifetime_s = 86400,
                               .salt = {7},
                               .wait_s_max = 60,
                               .records_per_post_max = records_per_post_max,
                               .reference_buckets = 8};
    answer_json("200 OK", v1_server_encode(&server));
}

static void answer_posted(void)
{
    struct v1_bucket bucket = a_bucket(bucket_id);
    answer_json("201 Created", posted_t1_encode(&bucket, exchange.t1_id));
}

static int announce(const struct transport_place *wanted, struct transport_bucket *bucket)
{
    return exchange.transport->verbs->announce(exchange.transport, &exchange.me, wanted, bucket);
}

static void link_text(char text[static 2 * ID_BYTES + 1])
{
    uint8_t bucket_hash[ID_BYTES];
    bucket_id_hash(bucket_hash, &bucket_id, BUCKET_KIND_RENDEZVOUS);
    hex_encode(text, bucket_hash, ID_BYTES);
}

static void a_server_describes_itself(void **state)
{
    (void)state;
    struct transport_traits traits;
    answer_server(100);
    start();
    assert_int_equal(exchange.transport->verbs->describe(exchange.transport, &traits), 0);
    assert_true(traits.has_buckets);
    assert_int_equal(traits.open_window_s, 3600);
    assert_int_equal(traits.wait_ms_max, 55000);
    assert_int_equal(traits.salt[0], 7);
    exchange_finish(&exchange);
    exchange_assert_asked(&exchange, 0, "GET /v1/server");
}

static void what_is_no_server_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *status, *body;
        int err;
    } cases[] = {
        {"200 OK", "<html>Welcome to nginx!</html>", -EPROTO},
        {"200 OK", "{}", -EPROTO},
        {"200 OK", "", -EPROTO},
        {"404 Not Found", "{}", -EPROTO},
        {"403 Forbidden", "", -EAGAIN},
        {"401 Unauthorized", "", -EPROTO},
        {"302 Found", "", -EPROTO},
        {"429 Too Many Requests", "", -EAGAIN},
        {"502 Bad Gateway", "<html>Bad Gateway</html>", -EAGAIN},
        {"503 Service Unavailable", "", -EAGAIN},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    for (size_t i = 0; i < CASES; i++)
        exchange_answer(&exchange, cases[i].status, "Retry-After: 3\r\n", cases[i].body,
                        strlen(cases[i].body));
    start();
    for (size_t i = 0; i < CASES; i++) {
        struct transport_traits traits;
        assert_int_equal(exchange.transport->verbs->describe(exchange.transport, &traits),
                         cases[i].err);
        assert_non_null(exchange.transport->trouble);
        assert_int_equal(exchange.transport->retry_after_ms, cases[i].err == -EAGAIN ? 3000 : 0);
    }
    exchange_finish(&exchange);
}

static void a_t1_is_posted_with_its_key(void **state)
{
    (void)state;
    struct transport_place wanted;
    struct transport_bucket bucket;
    char bucket_hash[2 * ID_BYTES + 1], line[256], bearer[128] = "Authorization: Bearer ";
    bucket_id_hash(wanted.token, &bucket_id, BUCKET_KIND_RENDEZVOUS);
    link_text(bucket_hash);
    answer_posted();
    answer_posted();
    start();
    assert_int_equal(announce(NULL, &bucket), 0);
    assert_true(bucket.hash_fits);
    assert_int_equal(bucket.created, bucket_id.created);
    assert_int_equal(announce(&wanted, &bucket), 0);
    assert_memory_equal(&bucket.place, &wanted, sizeof wanted);
    exchange_finish(&exchange);
    exchange_assert_asked(&exchange, 0, "POST /v1/t1");
    snprintf(line, sizeof line, "POST /v1/t1?bucket=%s", bucket_hash);
    exchange_assert_asked(&exchange, 1, line);
    hex_encode(bearer + strlen(bearer), exchange.key, WRITE_KEY_BYTES);
    assert_non_null(strstr(scripted_server_request(exchange.server, 0), bearer));
}

static void refusals_of_a_t1_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        bool named, ours;
        int err;
    } cases[] = {
        {"409 Conflict", true, true, -ENOSPC},
        {"410 Gone", true, true, -EKEYEXPIRED},
        {"404 Not Found", true, true, -ENOENT},
        {"404 Not Found", false, true, -EPROTO},
        {"403 Forbidden", false, true, -EACCES},
        {"401 Unauthorized", false, true, -EACCES},
        {"400 Bad Request", false, true, -EINVAL},
        {"429 Too Many Requests", false, true, -EAGAIN},
        {"200 OK", false, true, -EPROTO},
        /* The same from somebody in between: to be waited out, but for what is no refusal. */
        {"409 Conflict", true, false, -ENOSPC},
        {"410 Gone", true, false, -EKEYEXPIRED},
        {"404 Not Found", true, false, -ENOENT},
        {"403 Forbidden", false, false, -EAGAIN},
        {"401 Unauthorized", false, false, -EPROTO},
        {"400 Bad Request", false, false, -EAGAIN},
        {"413 Content Too Large", false, false, -EAGAIN},
        {"429 Too Many Requests", false, false, -EAGAIN},
        {"502 Bad Gateway", false, false, -EAGAIN},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    static const char problem[] = "{\"type\":\"urn:reunion:problem:any\"}";
    const struct transport_place wanted = {{1}};
    for (size_t i = 0; i < CASES; i++)
        exchange_answer(&exchange, cases[i].status, "", cases[i].ours ? problem : "",
                        cases[i].ours ? strlen(problem) : 0);
    start();
    for (size_t i = 0; i < CASES; i++) {
        struct transport_bucket bucket;
        assert_int_equal(announce(cases[i].named ? &wanted : NULL, &bucket), cases[i].err);
    }
    exchange_finish(&exchange);
}

static void a_link_that_does_not_fit_is_seen(void **state)
{
    (void)state;
    struct v1_bucket lie = a_bucket(bucket_id);
    struct transport_bucket bucket;
    lie.bucket_hash[0] ^= 1;
    answer_json("201 Created", posted_t1_encode(&lie, exchange.t1_id));
    start();
    assert_int_equal(announce(NULL, &bucket), 0);
    assert_false(bucket.hash_fits);
    exchange_finish(&exchange);
}

static void buckets_are_listed_page_by_page(void **state)
{
    (void)state;
    struct v1_bucket page[2] = {a_bucket((struct bucket_id){1800000000, 1, {0}}),
                                a_bucket(bucket_id)};
    struct v1_bucket rest = a_bucket((struct bucket_id){1700000000, 0, {0}});
    struct transport_bucket buckets[8];
    size_t count;
    char bucket_hash[2 * ID_BYTES + 1], line[256];
    answer_json("200 OK", v1_buckets_encode(page, 2, true));
    answer_json("200 OK", v1_buckets_encode(&rest, 1, false));
    answer_json("200 OK", v1_buckets_encode(page, 0, true)); /* more, but nothing: no end */
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->list(exchange.transport, buckets, 8, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(buckets[0].sequence, 1);
    assert_int_equal(buckets[2].created, 1700000000);
    assert_int_equal(verbs->list(exchange.transport, buckets, 8, &count), 0);
    assert_int_equal(count, 0);
    exchange_finish(&exchange);
    link_text(bucket_hash);
    snprintf(line, sizeof line, "GET /v1/buckets?after=%s", bucket_hash);
    exchange_assert_asked(&exchange, 1, line);
}

static void t1s_are_read_whole_or_not(void **state)
{
    (void)state;
    uint8_t t1s[65 * RECORD_T1_BYTES];
    memset(t1s, 5, sizeof t1s);
    const struct transport_place place = {{9}};
    const struct transport_sink sink = exchange_sink(&exchange);
    exchange_answer(&exchange, "200 OK", "", t1s, 3 * RECORD_T1_BYTES);
    exchange_answer(&exchange, "200 OK", "", t1s, 3 * RECORD_T1_BYTES - 1);
    exchange_answer(&exchange, "200 OK", "", t1s, sizeof t1s);
    answer_empty("410 Gone", "");
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->read_t1s(exchange.transport, &place, &sink), 0);
    assert_int_equal(exchange.noted_count, 3);
    assert_memory_equal(&exchange.noted[2].place, &place, sizeof place);
    assert_int_equal(verbs->read_t1s(exchange.transport, &place, &sink), -EPROTO);
    assert_int_equal(verbs->read_t1s(exchange.transport, &place, &sink), -EPROTO);
    assert_int_equal(verbs->read_t1s(exchange.transport, &place, &sink), -EKEYEXPIRED);
    assert_int_equal(exchange.noted_count, 3);
    exchange_finish(&exchange);
}

static void one_t1_comes_with_its_place(void **state)
{
    (void)state;
    uint8_t t1[RECORD_T1_BYTES] = {5};
    char bucket_hash[2 * ID_BYTES + 1], header[128];
    link_text(bucket_hash);
    snprintf(header, sizeof header, V1_BUCKET_HEADER ": %s\r\n", bucket_hash);
    const struct transport_sink sink = exchange_sink(&exchange);
    exchange_answer(&exchange, "200 OK", header, t1, sizeof t1);
    exchange_answer(&exchange, "200 OK", "", t1, sizeof t1);
    exchange_answer(&exchange, "200 OK", V1_BUCKET_HEADER ": xyz\r\n", t1, sizeof t1);
    exchange_answer(&exchange, "200 OK", header, t1, sizeof t1 - 1);
    answer_empty("404 Not Found", "");
    answer_empty("410 Gone", "");
    start();
    static const int expected[] = {0, -EPROTO, -EPROTO, -EPROTO, -ENOENT, -ENOENT};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(exchange.transport->verbs->fetch_t1(exchange.transport,
                                                             (uint8_t[ID_BYTES]){0xbc}, &sink),
                         expected[i]);
    assert_int_equal(exchange.noted_count, 1);
    exchange_finish(&exchange);
    exchange_assert_asked(
        &exchange, 0,
        "GET /v1/t1/bc00000000000000000000000000000000000000000000000000000000000000");
}

/* Letters to two places, two to a post: four posts, and each letter knows what became of it. */
static void letters_are_posted_place_by_place(void **state)
{
    (void)state;
    struct transport_bucket bucket;
    struct transport_traits traits;
    struct transport_letter letters[5];
    memset(letters, 0, sizeof letters);
    for (uint8_t i = 0; i < 5; i++) {
        letters[i].place.token[0] = i % 2;
        letters[i].body[0] = i;
    }
    answer_server(2);
    answer_posted();
    static const char receipt[] =
        "{\"stored\":1,\"duplicate\":0,\"refused\":[{\"index\":1,\"reason\":\"taken\"}]}";
    static const char one[] = "{\"stored\":0,\"duplicate\":1,\"refused\":[]}";
    exchange_answer(&exchange, "200 OK", "", receipt, sizeof receipt - 1);
    exchange_answer(&exchange, "200 OK", "", one, sizeof one - 1);
    answer_empty("410 Gone", "");
    start();
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->describe(exchange.transport, &traits), 0);
    assert_int_equal(announce(NULL, &bucket), 0);
    assert_int_equal(verbs->send(exchange.transport, RECORD_T2, letters, 5), 0);
    size_t stored = 0, refused = 0;
    for (size_t i = 0; i < 5; i++) {
        stored += letters[i].outcome == TRANSPORT_STORED;
        refused += letters[i].outcome == TRANSPORT_REFUSED;
    }
    assert_int_equal(stored, 2);
    assert_int_equal(refused, 3);
    assert_int_equal(letters[1].outcome, TRANSPORT_REFUSED);
    assert_int_equal(letters[3].outcome, TRANSPORT_REFUSED);
    exchange_finish(&exchange);
    exchange_assert_asked(
        &exchange, 2,
        "POST /v1/buckets/0000000000000000000000000000000000000000000000000000000000000000/t2");
    exchange_assert_asked(
        &exchange, 4,
        "POST /v1/buckets/0100000000000000000000000000000000000000000000000000000000000000/t2");
}

static void a_place_that_is_lost_keeps_the_letters(void **state)
{
    (void)state;
    static const char problem[] = "{\"type\":\"urn:reunion:problem:unknown-sender\"}";
    static const char other[] = "{\"type\":\"urn:reunion:problem:other\"}";
    static const struct {
        const char *status, *body;
        int err;
        enum transport_outcome outcome;
    } cases[] = {
        {"404 Not Found", problem, -ENOENT, TRANSPORT_LATER},
        {"404 Not Found", other, 0, TRANSPORT_REFUSED},
        {"404 Not Found", "<html>", -EAGAIN, TRANSPORT_LATER},
        {"403 Forbidden", other, -EACCES, TRANSPORT_LATER},
        {"403 Forbidden", "<html>", -EAGAIN, TRANSPORT_LATER},
        {"503 Service Unavailable", "", -EAGAIN, TRANSPORT_LATER},
        {"200 OK", "nonsense", -EPROTO, TRANSPORT_LATER},
        {"200 OK", "{\"stored\":2,\"duplicate\":0,\"refused\":[]}", -EPROTO, TRANSPORT_LATER},
        {"413 Content Too Large", other, 0, TRANSPORT_REFUSED},
        {"413 Content Too Large", "", -EAGAIN, TRANSPORT_LATER},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    struct transport_bucket bucket;
    answer_posted();
    for (size_t i = 0; i < CASES; i++)
        exchange_answer(&exchange, cases[i].status, "", cases[i].body, strlen(cases[i].body));
    start();
    assert_int_equal(announce(NULL, &bucket), 0);
    for (size_t i = 0; i < CASES; i++) {
        struct transport_letter letter = {.outcome = TRANSPORT_LATER};
        assert_int_equal(exchange.transport->verbs->send(exchange.transport, RECORD_T3, &letter, 1),
                         cases[i].err);
        assert_int_equal(letter.outcome, cases[i].outcome);
    }
    exchange_finish(&exchange);
}

/* A gateway that gives up on a feed: nothing new, and shorter waits from then on; again and again,
 * it is an outage, after which nothing waits until a feed is answered. */
static void a_wait_that_is_cut_off_is_nothing_new(void **state)
{
    (void)state;
    static const struct {
        const char *status, *query;
        int err;
    } turns[] = {
        {"504 Gateway Timeout", "wait=55", 0},
        {"408 Request Timeout", "wait=1", 0},
        {"524 A Timeout", "wait=1", 0},
        {"504 Gateway Timeout", "wait=1", -EAGAIN},
        {"504 Gateway Timeout", "wait=0", -EAGAIN},
        {"200 OK", "wait=0", 0},
        {"499 Gone", "after=c&wait=55", 0},
        {"200 OK", "after=c&wait=1", 0},
        {"502 Bad Gateway", "after=c&wait=1", -EAGAIN},
        {"200 OK", "after=c&wait=0", 0},
        {"200 OK", "after=c&wait=1", 0},
    };
    enum { TURNS = sizeof turns / sizeof *turns };
    struct transport_bucket bucket;
    const struct transport_sink sink = exchange_sink(&exchange);
    char bucket_hash[2 * ID_BYTES + 1], line[256];
    answer_posted();
    for (size_t i = 0; i < TURNS; i++)
        answer_empty(turns[i].status, V1_CURSOR_HEADER ": c\r\n");
    start();
    assert_int_equal(announce(NULL, &bucket), 0);
    for (size_t i = 0; i < TURNS; i++)
        assert_int_equal(exchange.transport->verbs->receive(exchange.transport, 55000, &sink),
                         turns[i].err);
    exchange_finish(&exchange);
    link_text(bucket_hash);
    for (size_t i = 0; i < TURNS; i++) {
        snprintf(line, sizeof line, "GET /v1/buckets/%s/feed?%s", bucket_hash, turns[i].query);
        exchange_assert_asked(&exchange, 1 + i, line);
    }
}

/* A feed of one T1 and records from and to ourselves, everybody and somebody else. */
static size_t make_feed(uint8_t *feed)
{
    const uint8_t ids[] = {0xa1, 0x00, 0x0b};
    uint8_t *at = feed;
    *at++ = RECORD_T1;
    memset(at, 0x11, RECORD_T1_BYTES);
    at += RECORD_T1_BYTES;
    for (int kind = RECORD_T2; kind <= RECORD_T3; kind++)
        for (size_t sender = 0; sender < 3; sender += 2)
            for (size_t to = 0; to < 3; to++) {
                *at++ = (uint8_t)kind;
                memset(at, ids[sender], ID_BYTES);
                memset(at + ID_BYTES, ids[to], ID_BYTES);
                memset(at + 2 * ID_BYTES, (int)to, RECORD_BODY_BYTES);
                at += RECORD_ADDRESSED_BYTES;
            }
    return (size_t)(at - feed);
}

static void a_feed_gives_what_concerns_us(void **state)
{
    (void)state;
    uint8_t feed[2048];
    size_t bytes = make_feed(feed);
    struct transport_bucket bucket;
    char bucket_hash[2 * ID_BYTES + 1], line[256];
    const struct transport_sink sink = exchange_sink(&exchange);
    answer_posted();
    exchange_answer(&exchange, "200 OK", V1_CURSOR_HEADER ": c1\r\n", feed, bytes);
    answer_empty("200 OK", V1_CURSOR_HEADER ": c2\r\n");
    answer_empty("400 Bad Request", "");
    answer_empty("404 Not Found", "");
    answer_empty("410 Gone", "");
    start();
    assert_int_equal(announce(NULL, &bucket), 0);
    const struct transport_verbs *verbs = exchange.transport->verbs;
    assert_int_equal(verbs->receive(exchange.transport, 0, &sink), 0);
    assert_int_equal(exchange.noted_count, 5);
    assert_int_equal(exchange.noted[0].kind, RECORD_T1);
    for (size_t i = 1; i < 5; i++) {
        assert_int_equal(exchange.noted[i].kind, i < 3 ? RECORD_T2 : RECORD_T3);
        assert_int_equal(exchange.noted[i].first[0], 0x0b);
        assert_int_equal(exchange.noted[i].body[0], (i - 1) % 2);
    }
    assert_int_equal(verbs->receive(exchange.transport, 55000, &sink), 0);
    assert_int_equal(verbs->receive(exchange.transport, 0, &sink), -EAGAIN);
    assert_int_equal(verbs->receive(exchange.transport, 0, &sink), -ENOENT);
    assert_int_equal(verbs->receive(exchange.transport, 0, &sink), -EKEYEXPIRED);
    exchange_finish(&exchange);
    link_text(bucket_hash);
    static const char *const queries[] = {"wait=0", "after=c1&wait=55", "after=c2&wait=0",
                                          "wait=0"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(line, sizeof line, "GET /v1/buckets/%s/feed?%s", bucket_hash, queries[i]);
        exchange_assert_asked(&exchange, 1 + i, line);
    }
}

/* A feed is taken whole or not at all, and its cursor must be fit for a URL. */
static void a_broken_feed_gives_nothing(void **state)
{
    (void)state;
    uint8_t feed[2048];
    size_t bytes = make_feed(feed);
    static const char sound[] = V1_CURSOR_HEADER ": c1\r\n";
    struct transport_bucket bucket;
    const struct transport_sink sink = exchange_sink(&exchange);
    answer_posted();
    exchange_answer(&exchange, "200 OK", sound, feed, bytes - 1);
    exchange_answer(&exchange, "200 OK", "", feed, bytes);
    exchange_answer(&exchange, "200 OK", V1_CURSOR_HEADER ": a&b\r\n", feed, bytes);
    feed[1 + RECORD_T1_BYTES] = 4;
    exchange_answer(&exchange, "200 OK", sound, feed, bytes);
    feed[0] = 0;
    exchange_answer(&exchange, "200 OK", sound, feed, bytes);
    start();
    assert_int_equal(announce(NULL, &bucket), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(exchange.transport->verbs->receive(exchange.transport, 0, &sink), -EPROTO);
    assert_int_equal(exchange.noted_count, 0);
    exchange_finish(&exchange);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
#define SPOKEN(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        SPOKEN(a_server_describes_itself),
        SPOKEN(what_is_no_server_is_reported),
        SPOKEN(a_t1_is_posted_with_its_key),
        SPOKEN(refusals_of_a_t1_are_told_apart),
        SPOKEN(a_link_that_does_not_fit_is_seen),
        SPOKEN(buckets_are_listed_page_by_page),
        SPOKEN(t1s_are_read_whole_or_not),
        SPOKEN(one_t1_comes_with_its_place),
        SPOKEN(letters_are_posted_place_by_place),
        SPOKEN(a_place_that_is_lost_keeps_the_letters),
        SPOKEN(a_wait_that_is_cut_off_is_nothing_new),
        SPOKEN(a_feed_gives_what_concerns_us),
        SPOKEN(a_broken_feed_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
