#include "call.h"

#include <string.h>

#include "api/origin.h"
#include "base/hex.h"

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct host host;
static struct api api;
static struct call call;

static int set_up(void **state)
{
    (void)state;
    host_open(&host);
    call_api(&api, &host);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

/* A call without a body is answered by that problem. */
static void expect(const char *line, unsigned status, const char *slug)
{
    if (call_make(&call, &api, line, NULL, 0, NULL) != status ||
        strcmp(call_problem(&call), slug) != 0)
        fail_msg("%s: %u %s", line, call.request.reply.status, call_problem(&call));
    request_clear(&call.request);
}

static void paths(void **state)
{
    (void)state;
    expect("GET //", 404, "not-found");
    expect("GET /metrics", 404, "not-found");
    expect("GET /v1/server/", 404, "not-found");
    expect("GET /v1/t1/", 404, "not-found");
    expect("GET /v1/buckets/" DIGITS "/t4", 404, "not-found");
    expect("GET /v1/buckets/" DIGITS "/t1/", 404, "not-found");
    expect("GET v1/server", 404, "not-found");
    expect("GET /v1/t1/0", 400, "malformed-id");
    expect("GET /v1/t1/" DIGITS "0", 400, "malformed-id");
    expect("GET /v1/t1/0123456789ABCDEF" DIGITS, 400, "malformed-id");
    expect("GET /v1/buckets/xyz/feed", 400, "malformed-id");
    expect("GET /v1/t1/" DIGITS, 404, "unknown-t1");
    expect("GET /v1/buckets/" DIGITS, 404, "unknown-bucket");
    expect("GET /v1/buckets/" DIGITS "/feed", 404, "unknown-bucket");
}

static void methods(void **state)
{
    static const char *const lines[][2] = {
        {"POST /v1/server", "GET, HEAD"}, {"GET /v1/t1", "POST"},
        {"HEAD /v1/t1", "POST"},          {"PUT /v1/buckets/" DIGITS "/t2", "GET, HEAD, POST"},
        {"get /t3", "GET, HEAD, POST"},   {"PUT /v1/buckets/xyz/t2", "GET, HEAD, POST"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(call_make(&call, &api, lines[i][0], NULL, 0, NULL), 405);
        assert_string_equal(call_header(&call, "Allow"), lines[i][1]);
        assert_string_equal(call_problem(&call), "method-not-allowed");
        request_clear(&call.request);
    }
}

/* Routes of mailboxes are there where these are served; their ids are shorter. */
static void mailboxes(void **state)
{
    static const char mailbox[] = "PUT /v1/mailboxes/0123456789abcdef0123456789abcdef";
    (void)state;
    expect(mailbox, 404, "not-found");
    expect("POST /v1/deliveries", 404, "not-found");
    host_close(&host);
    const struct service_settings settings = host_settings_with_mailboxes();
    host_open_with(&host, &settings);
    call_api(&api, &host);
    assert_int_equal(call_make(&call, &api, mailbox, NULL, 0, NULL), 405);
    assert_string_equal(call_header(&call, "Allow"), "GET, HEAD, DELETE");
    request_clear(&call.request);
    expect("GET /v1/mailboxes/0123456789abcdef0123456789abcdef", 401, "read-key-required");
    expect("GET /v1/mailboxes/" DIGITS, 400, "malformed-id");
    expect("DELETE /v1/mailboxes/0123456789abcdef0123456789abcde", 400, "malformed-id");
    expect("DELETE /v1/buckets/" DIGITS, 405, "method-not-allowed");
}

static void queries(void **state)
{
    (void)state;
    expect("GET /v1/server?x=1", 400, "malformed-query");
    expect("GET /v1/buckets?after", 400, "malformed-query");
    expect("GET /v1/buckets?after=" DIGITS "&after=" DIGITS, 400, "malformed-query");
    expect("GET /v1/buckets?after=1&b=2&c=3&d=4&e=5", 400, "malformed-query");
    expect("GET /v1/buckets?after=1", 400, "malformed-id");
    expect("GET /v1/buckets?After=" DIGITS, 400, "malformed-query");
    expect("GET /v1/buckets/" DIGITS "/feed?wait=61", 400, "malformed-query");
    expect("GET /v1/buckets/" DIGITS "/feed?wait=0x1", 400, "malformed-query");
    expect("GET /v1/buckets/" DIGITS "/feed?after=" DIGITS, 400, "bad-cursor");
}

/* A post with that stated length, perhaps in chunks, and that media type. */
static unsigned head(const char *line, uint64_t length, bool has_length, bool has_chunks,
                     const char *media_type)
{
    call_begin(&call, &api, line, NULL, 0, NULL);
    call.request.has_length = has_length;
    call.request.has_chunks = has_chunks;
    call.request.length = length;
    call.request.content_type = media_type;
    router_check(&call.request);
    unsigned status = call.request.reply.status;
    request_clear(&call.request);
    return status;
}

static void bodies_are_judged_by_their_head(void **state)
{
    static const char octets[] = "application/octet-stream";
    const char *t1 = "POST /v1/t1", *t2 = "POST /v1/buckets/" DIGITS "/t2";
    (void)state;
    assert_int_equal(head(t1, 0, false, false, octets), 411);
    assert_int_equal(head(t1, 0, false, true, octets), 411);
    assert_int_equal(head("GET /v1/server", 0, false, true, NULL), 411);
    assert_int_equal(head("GET /v1/server", 1, true, false, NULL), 413);
    assert_int_equal(head("GET /v1/server", 0, true, false, NULL), 0);
    assert_int_equal(head(t1, 289, true, false, octets), 413);
    assert_int_equal(head(t1, UINT64_MAX, true, false, octets), 413);
    assert_int_equal(head(t1, 288, true, false, octets), 0);
    assert_int_equal(head(t1, 288, true, false, NULL), 415);
    assert_int_equal(head(t1, 288, true, false, "application/octet-stream; a=b"), 0);
    assert_int_equal(head(t1, 288, true, false, "application/octet-streams"), 415);
    assert_int_equal(head(t1, 288, true, false, "text/plain"), 415);
    assert_int_equal(head(t2, 3 * 96, true, false, octets), 0);
    assert_int_equal(head(t2, 4 * 96, true, false, octets), 413);
    assert_int_equal(head("POST /t2", 10000, true, false, "text/plain"), 415);
    assert_int_equal(head("POST /t2", 10000, true, false, octets), 0);
    /* The reference's client states none. */
    assert_int_equal(head("POST /t2", 10000, true, false, NULL), 0);
    assert_int_equal(head("POST /t2", 10001, true, false, NULL), 413);
}

/* The status of a post with such headers, 0 if it is not refused by its head. */
static unsigned head_of(const char *line, const char *origin, const char *site, const char *referer,
                        bool repeated)
{
    call_begin(&call, &api, line, NULL, 0, NULL);
    call.request.has_length = true;
    call.request.content_type = "application/octet-stream";
    call.request.host = "meet.example:8443";
    call.request.origin = origin;
    call.request.fetch_site = site;
    call.request.referer = referer;
    call.request.has_sites = repeated;
    router_check(&call.request);
    unsigned status = call.request.reply.status;
    if (status)
        assert_string_equal(call_problem(&call), "cross-site");
    request_clear(&call.request);
    return status;
}

static unsigned head_from(const char *line, const char *origin, const char *site)
{
    return head_of(line, origin, site, NULL, false);
}

static void posts_for_other_sites_are_refused(void **state)
{
    static const char *const posts[] = {"POST /v1/t1", "POST /v1/links", "POST /t1",
                                        "POST /v1/buckets/" DIGITS "/t2"};
    (void)state;
    api.page_origins[0] = "https://page.example";
    api.page_origin_count = 1;
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        assert_int_equal(head_from(posts[i], NULL, NULL), 0);
        assert_int_equal(head_from(posts[i], NULL, "none"), 0);
        assert_int_equal(head_from(posts[i], NULL, "same-origin"), 0);
        assert_int_equal(head_from(posts[i], "https://meet.example:8443", NULL), 0);
        assert_int_equal(head_from(posts[i], "https://MEET.example:8443", "same-origin"), 0);
        assert_int_equal(head_from(posts[i], "https://page.example", "cross-site"), 0);
        assert_int_equal(head_from(posts[i], NULL, "cross-site"), 403);
        assert_int_equal(head_from(posts[i], "null", NULL), 403);
        assert_int_equal(head_from(posts[i], "", NULL), 403);
        assert_int_equal(head_from(posts[i], "https://evil.example", NULL), 403);
        assert_int_equal(head_from(posts[i], "https://evil.meet.example:8443", "same-site"), 403);
        assert_int_equal(head_from(posts[i], "https://meet.example", "same-site"), 403);
        assert_int_equal(head_from(posts[i], "http://page.example", "cross-site"), 403);
    }
    assert_int_equal(head_from("GET /v1/server", "https://evil.example", "cross-site"), 0);
}

#define OWN     "https://meet.example:8443"
#define LISTED  "https://page.example"
#define FOREIGN "https://evil.example"

/* One header that names something foreign refuses the post, whatever the others say. */
static void one_foreign_header_suffices(void **state)
{
    static const struct {
        const char *origin, *site, *referer;
        bool repeated;
        unsigned status;
    } cases[] = {
        {FOREIGN, "same-origin", NULL, false, 403},
        {FOREIGN, "none", NULL, false, 403},
        {FOREIGN, "same-origin", OWN "/", false, 403},
        {OWN, "cross-site", NULL, false, 403},
        {OWN, "same-site", NULL, false, 403},
        {OWN, "same-origin, same-origin", NULL, false, 403},
        {NULL, "same-site", NULL, false, 403},
        {NULL, "", NULL, false, 403},
        {NULL, NULL, FOREIGN "/", false, 403},
        {NULL, NULL, FOREIGN "/" OWN, false, 403},
        {NULL, NULL, FOREIGN "?" OWN "/", false, 403},
        {NULL, NULL, OWN ".evil.example/", false, 403},
        {NULL, NULL, "https://meet.example/", false, 403},
        {NULL, NULL, "https://meet.example:8443@evil.example/", false, 403},
        {NULL, NULL, "about:blank", false, 403},
        {NULL, NULL, "", false, 403},
        {NULL, "same-origin", FOREIGN "/", false, 403},
        {OWN, "same-origin", FOREIGN "/", false, 403},
        {LISTED, "cross-site", FOREIGN "/", false, 403},
        {FOREIGN, "cross-site", LISTED "/", false, 403},
        {OWN, "cross-site", LISTED "/", false, 403},
        {OWN, NULL, NULL, true, 403},
        {LISTED, "cross-site", NULL, true, 403},
        {NULL, "same-origin", NULL, true, 403},
        {NULL, NULL, OWN "/", true, 403},
        {NULL, NULL, NULL, true, 0}, /* no browser's */
        {NULL, NULL, OWN, false, 0},
        {NULL, NULL, OWN "/a/b?c#d", false, 0},
        {NULL, NULL, "http://MEET.example:8443/", false, 0},
        {NULL, NULL, LISTED "/page", false, 0},
        {NULL, "cross-site", LISTED "/page", false, 0},
        {OWN, "same-origin", OWN "/", false, 0},
        {LISTED, "same-site", LISTED "/", false, 0},
        {LISTED, "cross-site", NULL, false, 0},
    };
    (void)state;
    api.page_origins[0] = LISTED;
    api.page_origin_count = 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned status = head_of("POST /t1", cases[i].origin, cases[i].site, cases[i].referer,
                                  cases[i].repeated);
        if (status != cases[i].status)
            fail_msg("case %zu: %u", i, status);
    }
}

/* Which of two types holds nobody can tell. */
static void a_type_is_stated_once(void **state)
{
    static const char *const posts[] = {"POST /v1/t1", "POST /t1"};
    (void)state;
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        call_begin(&call, &api, posts[i], NULL, 0, NULL);
        call.request.has_length = true;
        call.request.content_type = "application/octet-stream";
        call.request.has_types = true;
        router_check(&call.request);
        assert_int_equal(call.request.reply.status, 415);
        request_clear(&call.request);
    }
}

static void origins_are_those_that_browsers_send(void **state)
{
    static const char *const bad[] = {
        "",
        "meet.example",
        "https://",
        "https://meet.example/",
        "*",
        "https://M.de",
        "https://meet.example/page",
        "https://a b",
        "NULL",
        "null/",
        "ftp://m.de",
    };
    (void)state;
    assert_true(origin_is_good("https://meet.example"));
    assert_true(origin_is_good("http://[::1]:8080"));
    assert_true(origin_is_good("null"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(origin_is_good(bad[i]));
}

static void keys_are_read_strictly(void **state)
{
    static const struct {
        const char *given;
        int expected;
    } cases[] = {
        {"Bearer " DIGITS, 0},
        {"bearer " DIGITS, 0},
        {"BEARER " DIGITS, 0},
        {NULL, -EACCES},
        {"", -EACCES},
        {"Bearer", -EACCES},
        {"Bearer ", -EACCES},
        {"Bearer  " DIGITS, -EACCES},
        {"Bearer " DIGITS " ", -EACCES},
        {"Bearer " DIGITS "0", -EACCES},
        {"Bearer 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", -EACCES},
        {"Basic " DIGITS, -EACCES},
        {DIGITS, -EACCES},
    };
    uint8_t hash[ID_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = {.authorization = cases[i].given};
        assert_int_equal(request_key_hash(&request, hash), cases[i].expected);
    }
}

static void a_body_never_outgrows_its_stated_length(void **state)
{
    struct request request = {.api = &api, .has_length = true, .length = 4};
    (void)state;
    request_body(&request, "abc", 3);
    request_body(&request, "def", 3); /* dropped */
    assert_int_equal(request.body_bytes, 3);
    request_body(&request, "d", 1);
    assert_memory_equal(request.body, "abcd", 4);
    request_clear(&request);
    /* Of a request that is answered already nothing is kept. */
    request = (struct request){.api = &api, .has_length = true, .length = 4, .reply.status = 404};
    request_body(&request, "abcd", 4);
    assert_null(request.body);
}

static void a_body_takes_room_as_it_comes(void **state)
{
    struct budget bodies = {.limit = 20000};
    struct api little = {.bodies = &bodies};
    static uint8_t piece[20000];
    struct request one = {.api = &little, .length = 15000}, other = one, all = one;
    (void)state;
    random_fill(&random_system, piece, sizeof piece);
    request_body(&one, piece, 1);
    assert_int_equal(atomic_load(&bodies.held), 4096);
    request_body(&one, piece + 1, 4999);
    request_body(&one, piece + 5000, 10000);
    assert_int_equal(atomic_load(&bodies.held), 15000);
    assert_memory_equal(one.body, piece, 15000);
    /* What there is no room for is answered, and what there was of it given back. */
    request_body(&other, piece, 100);
    request_body(&other, piece, 5000);
    assert_int_equal(other.reply.status, 503);
    assert_null(other.body);
    assert_int_equal(atomic_load(&bodies.held), 15000);
    request_body(&other, piece, 100);
    assert_null(other.body);
    request_clear(&one);
    request_clear(&other);
    assert_int_equal(atomic_load(&bodies.held), 0);
    request_body(&all, piece, 15000);
    assert_int_equal(all.body_bytes, 15000);
    request_clear(&all);
}

static void a_meeting_by_calls(void **state)
{
    struct host_t1 ada, bob;
    uint8_t record[RECORD_ADDRESSED_BYTES];
    char bucket_hash[2 * ID_BYTES + 1], id[2 * ID_BYTES + 1], line[256];
    (void)state;
    host_t1(&ada);
    host_t1(&bob);
    assert_int_equal(call_make(&call, &api, "POST /v1/t1", ada.bytes, 288, NULL), 401);
    assert_string_equal(call_header(&call, "WWW-Authenticate"), "Bearer");
    request_clear(&call.request);
    assert_int_equal(call_make(&call, &api, "POST /v1/t1", ada.bytes, 288, DIGITS), 201);
    hex_encode(id, ada.id, ID_BYTES);
    snprintf(line, sizeof line, "/v1/t1/%s", id);
    assert_string_equal(call_header(&call, "Location"), line);
    hex_encode(bucket_hash, call.request.post.bucket.bucket_hash, ID_BYTES);
    request_clear(&call.request);
    assert_int_equal(call_make(&call, &api, "POST /v1/t1", ada.bytes, 288, DIGITS), 200);
    request_clear(&call.request);
    snprintf(line, sizeof line, "POST /v1/t1?bucket=%s", bucket_hash);
    assert_int_equal(call_make(&call, &api, line, bob.bytes, 288, DIGITS), 201);
    request_clear(&call.request);

    memcpy(record, ada.id, ID_BYTES);
    memcpy(record + ID_BYTES, bob.id, ID_BYTES);
    memset(record + 2 * ID_BYTES, 7, RECORD_BODY_BYTES);
    snprintf(line, sizeof line, "POST /v1/buckets/%s/t2", bucket_hash);
    assert_int_equal(call_make(&call, &api, line, record, sizeof record, DIGITS), 200);
    request_clear(&call.request);
    snprintf(line, sizeof line, "GET /v1/buckets/%s/t2", bucket_hash);
    assert_int_equal(call_make(&call, &api, line, NULL, 0, NULL), 200);
    assert_int_equal(call.request.reply.body.bytes, sizeof record);
    assert_memory_equal(call.request.reply.body.data, record, sizeof record);
    request_clear(&call.request);
    snprintf(line, sizeof line, "GET /v1/buckets/%s/feed?wait=60", bucket_hash);
    assert_int_equal(call_make(&call, &api, line, NULL, 0, NULL), 200);
    assert_int_equal(call.request.reply.body.bytes, 2 * 289 + 97);
    assert_int_equal(strlen(call_header(&call, "Reunion-Cursor")), 2 * FEED_CURSOR_BYTES);
    request_clear(&call.request);
}

static void a_failing_store_is_reported(void **state)
{
    struct host_t1 ada;
    (void)state;
    host_t1(&ada);
    failing_store_fail(host.store, -EIO);
    const char *const lines[] = {"POST /v1/t1", "POST /t1", "GET /healthz"};
    for (size_t i = 0; i < 3; i++) {
        const void *body = i < 2 ? ada.bytes : NULL;
        assert_int_equal(call_make(&call, &api, lines[i], body, body ? 288 : 0, DIGITS), 503);
        assert_string_equal(call_problem(&call), "unavailable");
        assert_string_equal(call_header(&call, "Retry-After"), "1");
        request_clear(&call.request);
    }
    failing_store_fail(host.store, 0);
    assert_int_equal(call_make(&call, &api, "GET /healthz", NULL, 0, NULL), 200);
    request_clear(&call.request);
}

/* Random heads: there is always an answer, and never one that blames the server. */
static void any_head_is_answered(void **state)
{
    static const char *const pieces[] = {
        "/",   "v1", "t1", "t2", "buckets", DIGITS,   "feed",         "?",      "after=",  "wait=",
        "to=", "&",  "0",  "=",  "%",       "server", "/v1/buckets/", "/v1/t1", "healthz", "\x80",
    };
    static const char *const methods_tried[] = {"GET ", "POST ", "HEAD ", "PUT "};
    struct seeded seeded = seeded_open();
    uint8_t body[300];
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char line[200];
        strcpy(line, methods_tried[seeded_below(&seeded, 4)]);
        strcat(line, "/");
        for (size_t j = seeded_below(&seeded, 8); j > 0; j--) {
            const char *piece = pieces[seeded_below(&seeded, sizeof pieces / sizeof pieces[0])];
            if (strlen(line) + strlen(piece) < sizeof line)
                strcat(line, piece);
        }
        size_t bytes = seeded_below(&seeded, sizeof body);
        random_fill(&random_system, body, bytes);
        call_begin(&call, &api, line, body, bytes, seeded_below(&seeded, 2) ? DIGITS : NULL);
        /* A feed that waits for nothing would wait for the clock. */
        unsigned status = strstr(line, "wait=") ? 400 : call_end(&call, body, bytes);
        if (status < 200 || status > 499)
            fail_msg("%s: %u", line, status);
        request_clear(&call.request);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths),
        TEST(methods),
        TEST(mailboxes),
        TEST(queries),
        TEST(bodies_are_judged_by_their_head),
        TEST(posts_for_other_sites_are_refused),
        TEST(one_foreign_header_suffices),
        TEST(a_type_is_stated_once),
        cmocka_unit_test(origins_are_those_that_browsers_send),
        cmocka_unit_test(keys_are_read_strictly),
        TEST(a_body_never_outgrows_its_stated_length),
        cmocka_unit_test(a_body_takes_room_as_it_comes),
        TEST(a_meeting_by_calls),
        TEST(a_failing_store_is_reported),
        TEST(any_head_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
