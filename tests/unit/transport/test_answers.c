/* What servers answer: statuses, headers, JSON and pools of records, right and wrong. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "http/retry_after.h"
#include "lib/posted_t1.h"
#include "lib/test.h"
#include "transport/pool_answer.h"
#include "transport/v1_answers.h"

static struct http_answer body(const char *text)
{
    return (struct http_answer){200, (const uint8_t *)text, strlen(text)};
}

static void statuses_have_a_meaning(void **state)
{
    (void)state;
    const struct {
        long status;
        int err;
    } cases[] = {{200, 0},       {201, 0},       {204, -EPROTO}, {100, -EPROTO},
                 {301, -EPROTO}, {304, -EPROTO}, {400, -EINVAL}, {401, -EACCES},
                 {403, -EACCES}, {404, -ENOENT}, {409, -ENOSPC}, {410, -EKEYEXPIRED},
                 {413, -EINVAL}, {418, -EPROTO}, {429, -EAGAIN}, {500, -EAGAIN},
                 {503, -EAGAIN}, {599, -EAGAIN}, {600, -EPROTO}, {0, -EPROTO},
                 {-1, -EPROTO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(v1_status_error(cases[i].status), cases[i].err);
        assert_non_null(v1_status_text(cases[i].status));
        assert_null(strstr(v1_status_text(cases[i].status), "cannot serve")); /* said around it */
    }
}

static void retry_after_is_seconds_or_a_date(void **state)
{
    (void)state;
    static const char date[] = "Wed, 21 Oct 2015 07:28:00 GMT";
    const struct {
        const char *header, *date;
        int64_t ms;
    } cases[] = {
        {"0", NULL, 0},
        {"7", NULL, 7000},
        {"86400", NULL, 86400000},
        {"86401", NULL, 86400000},
        {"99999999999999999999", NULL, 86400000},
        {"Wed, 21 Oct 2015 07:28:30 GMT", date, 30000},
        {"Wednesday, 21-Oct-15 07:28:30 GMT", date, 30000},
        {"Wed Oct 21 07:28:30 2015", date, 30000},
        {"Wed, 21 Oct 2099 07:28:30 GMT", date, 86400000},
        {"Wed, 21 Oct 2015 07:27:59 GMT", date, 0},
        {"Wed, 21 Oct 2015 07:28:30 GMT", NULL, 0},
        {"Wed, 21 Oct 2015 07:28:30 GMT", "yesterday", 0},
        {"-1", date, 0},
        {"1.5", date, 0},
        {"", date, 0},
        {"7s", date, 0},
        {NULL, date, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(retry_after_ms(cases[i].header, cases[i].date), cases[i].ms);
}

static void cursors_go_into_urls(void **state)
{
    (void)state;
    char longest[V1_CURSOR_BYTES + 1];
    memset(longest, 'a', sizeof longest);
    longest[V1_CURSOR_BYTES - 1] = '\0';
    assert_true(v1_cursor_is_sound(longest));
    longest[V1_CURSOR_BYTES - 1] = 'a';
    longest[V1_CURSOR_BYTES] = '\0';
    assert_false(v1_cursor_is_sound(longest));
    assert_true(v1_cursor_is_sound("0aZ-_."));
    static const char *const wrong[] = {"",     "a b",       "a&wait=0", "a/b",
                                        "a%20", "a\xc3\xa4", "?",        "#"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(v1_cursor_is_sound(wrong[i]));
}

static void problems_are_told_by_type(void **state)
{
    (void)state;
    struct http_answer answer = body("{\"type\":\"urn:reunion:problem:unknown-sender\"}");
    assert_true(v1_problem_is(&answer, "unknown-sender"));
    assert_false(v1_problem_is(&answer, "unknown-bucket"));
    static const char *const none[] = {"",
                                       "[]",
                                       "{}",
                                       "{\"type\":7}",
                                       "{\"type\":\"unknown-sender\"}",
                                       "<html>",
                                       "{\"type\":\"urn:reunion:problem:\"}"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        answer = body(none[i]);
        assert_false(v1_problem_is(&answer, "unknown-sender"));
    }
}

/* The answers as our server's own encoders write them. */
static char *encoded(json_t *json)
{
    assert_non_null(json);
    char *text = json_dumps(json, 0);
    json_decref(json);
    return text;
}

static char *server_text(uint32_t wait_s_max, uint32_t records_per_post_max)
{
    const struct v1_server server = {.name = "reunion",
                                     .version = "1",
                                     .bucket_capacity = 64,
                                     .open_window_s = 3600,
                                     .lifetime_s = 86400,
                                     .wait_s_max = wait_s_max,
                                     .records_per_post_max = records_per_post_max,
                                     .reference_buckets = 8};
    return encoded(v1_server_encode(&server));
}

static void a_server_that_takes_nothing_is_none(void **state)
{
    (void)state;
    struct v1_server server;
    const struct {
        uint32_t wait, records;
        int err;
    } cases[] = {{60, 64, 0}, {0, 64, -EPROTO}, {60, 0, -EPROTO}};
    for (size_t i = 0; i < 3; i++) {
        char *text = server_text(cases[i].wait, cases[i].records);
        struct http_answer answer = body(text);
        assert_int_equal(v1_take_server(&server, &answer), cases[i].err);
        free(text);
    }
}

static void a_posted_t1_is_ours(void **state)
{
    (void)state;
    struct v1_bucket bucket = {.id = {1800000000, 1, {0}}, .count = 1, .open = true, .expires = 1};
    uint8_t id[ID_BYTES] = {1}, other[ID_BYTES] = {2};
    char *text = encoded(posted_t1_encode(&bucket, id));
    struct http_answer answer = body(text);
    assert_int_equal(v1_take_posted_t1(&bucket, id, &answer), 0);
    assert_int_equal(v1_take_posted_t1(&bucket, other, &answer), -EPROTO);
    free(text);
}

static void receipts_add_up(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int err;
    } cases[] = {
        {"{\"stored\":2,\"duplicate\":0,\"refused\":[{\"index\":1,\"reason\":\"taken\"}]}", 0},
        {"{\"stored\":0,\"duplicate\":3,\"refused\":[]}", 0},
        {"{\"stored\":3,\"duplicate\":1,\"refused\":[]}", -EPROTO},
        {"{\"stored\":4294967295,\"duplicate\":4,\"refused\":[]}", -EPROTO},
        {"{\"stored\":2,\"duplicate\":0,\"refused\":[{\"index\":3,\"reason\":\"\"}]}", -EPROTO},
        {"{\"stored\":2,\"duplicate\":0,\"refused\":[{\"index\":-1,\"reason\":\"\"}]}", -EPROTO},
        {"{\"stored\":2,\"duplicate\":0,\"refused\":[{},{},{},{}]}", -EPROTO},
        {"{\"stored\":2,\"duplicate\":1}", -EPROTO},
        {"{\"stored\":2,\"stored\":3,\"duplicate\":0,\"refused\":[]}", -EPROTO},
        {"", -EPROTO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_answer answer = body(cases[i].text);
        bool refused[3] = {true, true, true};
        assert_int_equal(v1_take_receipt(refused, 3, &answer), cases[i].err);
        if (i == 0)
            assert_true(!refused[0] && refused[1] && !refused[2]);
    }
}

/* Right answers with some bytes changed, cut or doubled: whatever is read, nothing breaks. */
static void damaged_answers_break_nothing(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    const struct v1_bucket buckets[2] = {{.id = {1800000000, 1, {0}}, .expires = 1},
                                         {.open = true}};
    char *texts[] = {
        server_text(60, 64),
        encoded(posted_t1_encode(&buckets[0], buckets[0].bucket_hash)),
        encoded(v1_buckets_encode(buckets, 2, true)),
        strdup("{\"stored\":2,\"duplicate\":0,\"refused\":[{\"index\":1,\"reason\":\"taken\"}]}"),
    };
    static struct v1_bucket page[V1_PAGE_MAX];
    for (int round = 0; round < 20000; round++) {
        char *text = strdup(texts[seeded_below(&seeded, 4)]);
        size_t length = strlen(text);
        for (size_t hits = seeded_below(&seeded, 4); hits > 0; hits--)
            text[seeded_below(&seeded, length)] = (char)seeded_below(&seeded, 256);
        if (round % 3 == 0)
            length = seeded_below(&seeded, length + 1);
        struct http_answer answer = {200, (const uint8_t *)text, length};
        struct v1_server server;
        size_t count;
        bool more, refused[3];
        int err = v1_take_server(&server, &answer);
        assert_true(err == 0 || err == -EPROTO);
        err = v1_take_posted_t1(page, buckets[0].bucket_hash, &answer);
        assert_true(err == 0 || err == -EPROTO);
        err = v1_take_buckets(page, &count, &more, &answer);
        assert_true(err == 0 || err == -EPROTO);
        err = v1_take_receipt(refused, 3, &answer);
        assert_true(err == 0 || err == -EPROTO);
        v1_problem_is(&answer, "x");
        free(text);
    }
    for (size_t i = 0; i < 4; i++)
        free(texts[i]);
}

static void a_pool_tells_what_is_new(void **state)
{
    (void)state;
    struct pool_answer last = {0}, next = {0};
    size_t at = 0;
    assert_int_equal(pool_answer_take(&last, (const uint8_t *)"ddccaa", 6, 2), 0);
    assert_int_equal(pool_answer_take(&next, (const uint8_t *)"bbddeeaacc", 10, 2), 0);
    assert_memory_equal(pool_answer_next_new(&next, &last, &at), "bb", 2);
    assert_memory_equal(pool_answer_next_new(&next, &last, &at), "ee", 2);
    assert_null(pool_answer_next_new(&next, &last, &at));
    assert_true(pool_answer_has(&next, (const uint8_t *)"ee"));
    assert_false(pool_answer_has(&next, (const uint8_t *)"ff"));
    pool_answer_clear(&last);
    assert_false(pool_answer_has(&last, (const uint8_t *)"aa"));
    at = 0;
    assert_null(pool_answer_next_new(&last, &next, &at));
    assert_int_equal(pool_answer_take(&last, (const uint8_t *)"abc", 3, 2), -EMSGSIZE);
    assert_int_equal(pool_answer_take(&last, NULL, 0, 2), 0);
    pool_answer_clear(&last);
    pool_answer_clear(&next);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_a_meaning),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(cursors_go_into_urls),
        cmocka_unit_test(problems_are_told_by_type),
        cmocka_unit_test(a_server_that_takes_nothing_is_none),
        cmocka_unit_test(a_posted_t1_is_ours),
        cmocka_unit_test(receipts_add_up),
        cmocka_unit_test(damaged_answers_break_nothing),
        cmocka_unit_test(a_pool_tells_what_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
