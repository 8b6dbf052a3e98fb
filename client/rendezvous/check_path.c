#include "rendezvous/check_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/random.h"
#include "cli/print.h"
#include "http/failure.h"
#include "transport/v1_answers.h"
#include "transport/wait_limit.h"

enum {
    PATH_BYTES = 512,
    PAGES_MAX = 64,   /* of a feed, until nothing is left in it */
    NEWS_MAX = 3,     /* waits that something new may end */
    EARLY_MS = 500,   /* a wait that ends by so much too soon did not end by itself */
    VALUE_BYTES = 64, /* of a stranger's header */
};

bool check_path_ask(struct findings *findings, struct http *http,
                    const struct http_request *request, struct http_answer *answer)
{
    int err = http_exchange(http, request, answer);
    if (err == -ECANCELED || !err)
        return !err;
    const char *trouble = http_trouble(http), *advice = http_advice(http);
    findings_wrong(findings, err == -ENOMEM ? OUTCOME_FAILED : OUTCOME_SERVER, "connection",
                   "%s%s%s", trouble ? trouble : err_text(err), advice ? ". " : "",
                   advice ? advice : "");
    return false;
}

void check_path_report(struct findings *findings, const char *about, struct http *http,
                       const struct http_answer *answer, enum foreign_answer foreign)
{
    const char *text = foreign_answer_explain(http, answer, foreign), *advice = http_advice(http);
    findings_wrong(findings, OUTCOME_SERVER, about, "%s%s%s", text, advice ? ". " : "",
                   advice ? advice : "");
}

/* Nothing of ours depends on it; other programs may. */
void check_path_type(struct findings *findings, struct http *http)
{
    static const char json[] = "application/json";
    const char *type = http_header(http, "Content-Type");
    char value[VALUE_BYTES];
    if (type && strncasecmp(type, json, sizeof json - 1) == 0)
        return;
    failure_plain(value, sizeof value, type ? type : "");
    findings_good(findings, "headers",
                  type ? "something in between changes the header Content-Type (to %s); that does "
                         "no harm here"
                       : "something in between takes the header Content-Type away%s; that does no "
                         "harm here",
                  value);
}

/* Posting */

/* What is wrong with a post that the server itself refuses, or NULL. */
static const char *post_problem(const struct http_answer *answer)
{
    if (v1_problem_is(answer, "key-required"))
        return "the write key does not arrive: something in between takes the header Authorization "
               "away. Nobody can take part this way; whoever runs the proxy must pass it on.";
    if (v1_problem_is(answer, "media-type"))
        return "something in between takes the header Content-Type of requests away, or changes "
               "it. Whoever runs the proxy must pass it on.";
    if (v1_problem_is(answer, "length-required"))
        return "something in between takes the header Content-Length away. Whoever runs the proxy "
               "must pass it on.";
    if (v1_problem_is(answer, "malformed-body") || v1_problem_is(answer, "too-large"))
        return "something in between alters what is sent. Whoever runs the proxy must leave it as "
               "it is.";
    if (answer->status == 429 || answer->status >= 500)
        return "the server is there, but takes nothing now. Try again later.";
    return NULL;
}

void check_path_post(struct findings *findings, struct http *http)
{
    static const uint8_t nothing[RECORD_T1_BYTES];
    char path[sizeof "/v1/t1?bucket=" + 2 * ID_BYTES] = "/v1/t1?bucket=";
    uint8_t key[WRITE_KEY_BYTES];
    hex_encode(path + strlen(path), nothing, ID_BYTES);
    random_fill(&random_system, key, sizeof key); /* it is the right to nothing */
    const struct http_request request = {.method = HTTP_POST,
                                         .kind = HTTP_T1,
                                         .path = path,
                                         .body = nothing,
                                         .body_bytes = sizeof nothing,
                                         .write_key = key,
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    if (!check_path_ask(findings, http, &request, &answer))
        return;
    enum foreign_answer foreign = foreign_answer_of(http, &answer);
    bool replaced = foreign == FOREIGN_OTHER && answer.status == 404; /* an error page */
    const char *problem = foreign == FOREIGN_NONE ? post_problem(&answer) : NULL;
    if (problem)
        findings_wrong(findings, OUTCOME_SERVER, "posting", "%s", problem);
    else if (foreign != FOREIGN_NONE && !replaced)
        check_path_report(findings, "posting", http, &answer, foreign);
    else
        findings_good(findings, "posting", "what is posted arrives, with its write key");
}

/* Records */

static void bucket_path(char path[static PATH_BYTES], const uint8_t bucket_hash[static ID_BYTES],
                        const char *rest)
{
    char digits[2 * ID_BYTES + 1];
    hex_encode(digits, bucket_hash, ID_BYTES);
    snprintf(path, PATH_BYTES, "/v1/buckets/%s%s", digits, rest);
}

void check_path_records(struct findings *findings, struct http *http,
                        const struct v1_bucket *bucket)
{
    char path[PATH_BYTES];
    bucket_path(path, bucket->bucket_hash, "/t1");
    const struct http_request request = {
        .path = path, .answer_bytes_max = (size_t)BUCKET_CAPACITY * RECORD_T1_BYTES};
    struct http_answer answer;
    if (!check_path_ask(findings, http, &request, &answer) || answer.status != 200)
        return;
    enum foreign_answer foreign = foreign_answer_of(http, &answer);
    if (foreign != FOREIGN_NONE)
        check_path_report(findings, "records", http, &answer, foreign);
    else if (answer.bytes % RECORD_T1_BYTES != 0)
        findings_wrong(findings, OUTCOME_SERVER, "records",
                       "something in between alters answers: %zu bytes are no whole records. "
                       "Whoever runs the proxy must leave them as they are.",
                       answer.bytes);
    else if (!bucket->open && !http_header(http, "ETag"))
        findings_good(findings, "headers",
                      "something in between takes the header ETag away; that does no harm here");
}

/* Waiting */

struct feed {
    struct findings *findings;
    struct http *http;
    const uint8_t *bucket_hash;
    char cursor[V1_CURSOR_BYTES];
};

/* Returns: 0 or an error of http_exchange. */
static int ask_feed(struct feed *feed, uint32_t wait_s, struct http_answer *answer)
{
    char rest[PATH_BYTES / 2], path[PATH_BYTES];
    snprintf(rest, sizeof rest, "/feed?%s%s%swait=%" PRIu32, feed->cursor[0] ? "after=" : "",
             feed->cursor, feed->cursor[0] ? "&" : "", wait_s);
    bucket_path(path, feed->bucket_hash, rest);
    const struct http_request request = {.kind = HTTP_FEED,
                                         .path = path,
                                         .wait_ms = (int64_t)wait_s * 1000,
                                         .answer_bytes_max = V1_FEED_BYTES_MAX};
    return http_exchange(feed->http, &request, answer);
}

/* Take the cursor of a good answer. Returns: whether there is one; if not, that is reported. */
static bool take_cursor(struct feed *feed)
{
    const char *cursor = http_header(feed->http, V1_CURSOR_HEADER);
    if (cursor && v1_cursor_is_sound(cursor)) {
        memcpy(feed->cursor, cursor, strlen(cursor) + 1);
        return true;
    }
    findings_wrong(feed->findings, OUTCOME_SERVER, "waiting",
                   "something in between %s the header Reunion-Cursor. Nobody can take part this "
                   "way; whoever runs the proxy must pass it on.",
                   cursor ? "changes" : "takes away");
    return false;
}

/* A feed that fails, and was not cut off. */
static void report_feed(struct feed *feed, int err, const struct http_answer *answer)
{
    enum foreign_answer foreign = err ? FOREIGN_NONE : foreign_answer_of(feed->http, answer);
    const char *trouble = http_trouble(feed->http);
    if (foreign != FOREIGN_NONE)
        check_path_report(feed->findings, "waiting", feed->http, answer, foreign);
    else
        findings_wrong(feed->findings, OUTCOME_SERVER, "waiting",
                       "the server does not tell what is new in a bucket: %s",
                       err ? (trouble ? trouble : err_text(err)) : v1_status_text(answer->status));
}

/* Go to the end of a feed without waiting. Returns: whether that is reached. */
static bool drain(struct feed *feed)
{
    struct http_answer answer = {0};
    for (int pages = 0; pages < PAGES_MAX; pages++) {
        int err = ask_feed(feed, 0, &answer);
        if (err == -ECANCELED)
            return false;
        if (err || answer.status != 200 || foreign_answer_of(feed->http, &answer) != FOREIGN_NONE) {
            report_feed(feed, err, &answer);
            return false;
        }
        if (!take_cursor(feed))
            return false;
        if (answer.bytes == 0)
            break;
    }
    return true;
}

static bool is_cut(struct http *http, int err, const struct http_answer *answer)
{
    enum foreign_answer foreign = err ? FOREIGN_NONE : foreign_answer_of(http, answer);
    bool late = http_waited_ms(http) >= WAIT_CUT_MS_MIN;
    return foreign == FOREIGN_LATE ||
           (late && (foreign == FOREIGN_GATEWAY || (err && http_hung_up(http))));
}

static void report_cut(struct feed *feed, int err, const struct http_answer *answer)
{
    int64_t waited_ms = http_waited_ms(feed->http);
    char how[64] = "closes the connection";
    if (!err)
        snprintf(how, sizeof how, "answers with status %ld", answer->status);
    findings_good(feed->findings, "waiting",
                  "something in between lets a request wait %" PRId64 ".%" PRId64
                  " s and then %s; we ask again every %" PRId64
                  " s instead. Whoever runs the proxy should allow 60 s.",
                  waited_ms / 1000, waited_ms % 1000 / 100, how,
                  wait_limit_below_ms(waited_ms) / 1000);
}

/* A wait that came to an answer. Returns: whether that tells how long one may be. */
static bool report_answered(struct feed *feed, uint32_t wait_s, const struct http_answer *answer)
{
    int64_t waited_ms = http_waited_ms(feed->http);
    bool whole = waited_ms + EARLY_MS >= (int64_t)wait_s * 1000;
    if (whole)
        findings_good(feed->findings, "waiting", "a request may wait %" PRIu32 " s on the way",
                      wait_s);
    else if (answer->bytes == 0)
        findings_wrong(feed->findings, OUTCOME_SERVER, "waiting",
                       "a request that was to wait %" PRIu32 " s had an empty answer after "
                       "%" PRId64 ".%" PRId64 " s: is there a cache in between that answers in "
                       "the server's place?",
                       wait_s, waited_ms / 1000, waited_ms % 1000 / 100);
    return whole || answer->bytes == 0;
}

void check_path_wait(struct findings *findings, struct http *http,
                     const uint8_t bucket_hash[static ID_BYTES], uint32_t wait_s)
{
    struct feed feed = {.findings = findings, .http = http, .bucket_hash = bucket_hash};
    if (!drain(&feed))
        return;
    if (!findings->json)
        print("testing how long a request may wait on the way: up to %" PRIu32 " s", wait_s);
    for (int news = 0; news < NEWS_MAX; news++) {
        struct http_answer answer = {0};
        int err = ask_feed(&feed, wait_s, &answer);
        if (err == -ECANCELED)
            return;
        if (is_cut(http, err, &answer)) {
            report_cut(&feed, err, &answer);
            return;
        }
        if (err || answer.status != 200 || foreign_answer_of(http, &answer) != FOREIGN_NONE) {
            report_feed(&feed, err, &answer);
            return;
        }
        if (!take_cursor(&feed) || report_answered(&feed, wait_s, &answer))
            return;
    }
    findings_good(findings, "waiting",
                  "something new comes too often to test how long a request may wait");
}
