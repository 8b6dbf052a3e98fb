#include "rendezvous/check_server.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "rendezvous/check_path.h"
#include "rendezvous/check_report.h"
#include "transport/v1_answers.h"

/* Ask for something small, as check_path_ask. */
static bool ask(struct findings *findings, struct http *http, const char *path,
                struct http_answer *answer)
{
    const struct http_request request = {
        .method = HTTP_GET, .kind = HTTP_READ, .path = path, .answer_bytes_max = V1_JSON_BYTES_MAX};
    return check_path_ask(findings, http, &request, answer);
}

/* A version as a stranger tells it, if it is plain text. */
static const char *plain(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(".-_+", *at))
            return "of a version it does not tell plainly";
    return text;
}

static void look_at_clock(struct findings *findings, struct http *http,
                          const struct bucket_bounds *bounds)
{
    int64_t theirs = http_date_s(http);
    if (theirs < 0)
        findings_good(findings, "clock",
                      "it cannot be compared: the answer has no Date, which a server sends");
    else
        check_report_clock(findings, theirs, bounds);
}

static void look_at_work(struct findings *findings, const struct v1_server *server)
{
    if (!server->has_stamp)
        findings_good(findings, "work", "the server is older than stamps, and asks for no work");
    else
        check_report_asked(findings, server->stamp.t1_effort, server->stamp.link_effort);
}

static struct check_limits limits_of(const struct v1_server *server)
{
    return (struct check_limits){.bucket_capacity = server->bucket_capacity,
                                 .open_window_s = server->open_window_s,
                                 .lifetime_s = server->lifetime_s,
                                 .wait_s_max = server->wait_s_max,
                                 .records_per_post_max = server->records_per_post_max};
}

/* Whether what answers is a server, and which. */
static bool look_at_server(struct findings *findings, struct http *http,
                           const struct bucket_bounds *bounds, struct v1_server *server)
{
    struct http_answer answer;
    if (!ask(findings, http, "/v1/server", &answer))
        return false;
    enum foreign_answer foreign = foreign_answer_of(http, &answer);
    bool busy = foreign == FOREIGN_NONE && (answer.status == 429 || answer.status == 503);
    bool known =
        foreign == FOREIGN_NONE && answer.status == 200 && v1_take_server(server, &answer) == 0;
    if (known)
        findings_good(findings, "server", "it answers, and is reunion-server %s",
                      plain(server->version));
    else if (busy)
        findings_wrong(findings, OUTCOME_SERVER, "server",
                       "it is there, but cannot serve now (status %ld). Try again in %" PRId64
                       " s.",
                       answer.status, 1 + http_retry_after_ms(http) / 1000);
    else if (foreign != FOREIGN_NONE && foreign != FOREIGN_OTHER)
        check_path_report(findings, "server", http, &answer, foreign);
    else
        findings_wrong(findings, OUTCOME_SERVER, "server",
                       "what answers there (status %ld) is no REUNION server of version 1. Is "
                       "--server right, with its path? The Python reference cannot be checked.",
                       answer.status);
    if (known) {
        if (http_is_boxed(http))
            check_report_key(findings);
        check_path_type(findings, http);
        look_at_clock(findings, http, bounds);
        look_at_work(findings, server);
    }
    return known;
}

/* Judge a bucket, and see what the path there does with what is in it. */
static void look_into(struct findings *findings, struct http *http,
                      const struct bucket_bounds *bounds, const struct v1_server *server,
                      const struct v1_bucket *bucket, const uint8_t place[static ID_BYTES])
{
    const struct check_limits limits = limits_of(server);
    const struct check_bucket shown = {.id = bucket->id,
                                       .bucket_hash = bucket->bucket_hash,
                                       .count = bucket->count,
                                       .open = bucket->open};
    if (!check_report_bucket(findings, &shown, &limits, bounds, place))
        return;
    check_path_records(findings, http, bucket);
    check_path_wait(findings, http, bucket->bucket_hash,
                    server->wait_s_max < V1_WAIT_S_MAX ? server->wait_s_max : V1_WAIT_S_MAX);
}

static void look_at_newest(struct findings *findings, struct http *http,
                           const struct bucket_bounds *bounds, const struct v1_server *server,
                           const uint8_t place[static ID_BYTES])
{
    char path[sizeof "/v1/buckets?place=" + 2 * ID_BYTES] = "/v1/buckets?place=";
    hex_encode(path + strlen(path), place, ID_BYTES);
    struct v1_bucket page[V1_PAGE_MAX];
    struct http_answer answer;
    size_t count = 0;
    bool more;
    if (!ask(findings, http, place_is_common(place) ? "/v1/buckets" : path, &answer))
        return;
    if (answer.status != 200 || v1_take_buckets(page, &count, &more, &answer))
        findings_wrong(findings, OUTCOME_SERVER, "bucket",
                       "the list of buckets makes no sense (status %ld). Is there something "
                       "between that changes answers?",
                       answer.status);
    else if (count == 0)
        check_report_none(findings, " While somebody is in one, this check also shows how long a "
                                    "request may wait on the way.");
    else
        look_into(findings, http, bounds, server, &page[0], place);
}

static void look_at_named(struct findings *findings, struct http *http,
                          const struct bucket_bounds *bounds, const struct v1_server *server,
                          const struct option_bucket_hash *named,
                          const uint8_t place[static ID_BYTES])
{
    char path[sizeof "/v1/buckets/" + 2 * ID_BYTES] = "/v1/buckets/";
    hex_encode(path + strlen(path), named->bucket_hash, ID_BYTES);
    struct v1_bucket bucket;
    struct http_answer answer;
    if (!ask(findings, http, path, &answer))
        return;
    if (answer.status == 404 || answer.status == 410)
        check_report_missing(findings, answer.status == 410);
    else if (answer.status != 200 || v1_take_bucket(&bucket, &answer) ||
             memcmp(bucket.bucket_hash, named->bucket_hash, ID_BYTES) != 0)
        findings_wrong(findings, OUTCOME_SERVER, "bucket",
                       "the answer about it makes no sense (status %ld)", answer.status);
    else
        look_into(findings, http, bounds, server, &bucket, place);
}

void check_server(struct findings *findings, struct http *http, const struct bucket_bounds *bounds,
                  const struct option_bucket_hash *bucket, const uint8_t place[static ID_BYTES])
{
    struct v1_server server;
    if (!look_at_server(findings, http, bounds, &server))
        return;
    const struct check_limits limits = limits_of(&server);
    check_report_limits(findings, &limits);
    check_path_post(findings, http);
    if (bucket->given)
        look_at_named(findings, http, bounds, &server, bucket, place);
    else
        look_at_newest(findings, http, bounds, &server, place);
}
