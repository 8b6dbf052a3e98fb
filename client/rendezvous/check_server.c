#include "rendezvous/check_server.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "cli/bounds.h"
#include "rendezvous/check_path.h"
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
    int64_t theirs = http_date_s(http), ours = clock_wall_s(&clock_system);
    if (theirs < 0) {
        findings_good(findings, "clock",
                      "it cannot be compared: the answer has no Date, which a server sends");
        return;
    }
    int64_t apart = theirs > ours ? theirs - ours : ours - theirs;
    if (apart <= (int64_t)bounds->tolerance_s)
        findings_good(findings, "clock", "it agrees with the server's within %" PRId64 " s",
                      apart > 0 ? apart : 1);
    else
        findings_wrong(findings, OUTCOME_REFUSED, "clock",
                       "it is %" PRId64 " s %s the server's, and %" PRIu64 " s are tolerated: good "
                       "buckets look forged. Set the clock here, or ask the server's operator.",
                       apart, theirs > ours ? "behind" : "ahead of", bounds->tolerance_s);
}

/* A span of time in the largest unit that keeps it whole. */
static const char *span(char text[static 32], uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{24 * 3600, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t unit = 0;
    while (seconds % units[unit].seconds != 0)
        unit++;
    uint64_t count = seconds / units[unit].seconds;
    snprintf(text, 32, "%" PRIu64 " %s%s", count, units[unit].name, count == 1 ? "" : "s");
    return text;
}

/* What proves who answers. */
static void report_key(struct findings *findings, struct http *http)
{
    if (http_is_boxed(http))
        findings_good(findings, "key",
                      "the server has the key in its address; what is sent is encrypted to it");
}

static void report_limits(struct findings *findings, const struct v1_server *server)
{
    char window[32], lifetime[32];
    findings_good(findings, "limits",
                  "a bucket takes %u participants within %s and lives %s; a request may wait %u s "
                  "and carry %u records",
                  server->bucket_capacity, span(window, server->open_window_s),
                  span(lifetime, server->lifetime_s), server->wait_s_max,
                  server->records_per_post_max);
}

static void report_asked(struct findings *findings, const struct v1_server *server)
{
    if (!server->has_stamp)
        findings_good(findings, "work", "the server is older than stamps, and asks for no work");
    else if (server->stamp.t1_effort == 0 && server->stamp.link_effort == 0)
        findings_good(findings, "work", "the server asks for none now");
    else
        findings_good(findings, "work",
                      "many people come to the server: it asks for %u tries of half a millisecond "
                      "before it takes a participant, and for %u before it takes a private link",
                      server->stamp.t1_effort, server->stamp.link_effort);
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
        report_key(findings, http);
        check_path_type(findings, http);
        look_at_clock(findings, http, bounds);
        report_asked(findings, server);
    }
    return known;
}

/* Returns: whether the bucket could be used. */
static bool judge(struct findings *findings, const struct bucket_bounds *bounds,
                  const struct v1_server *server, const struct v1_bucket *bucket,
                  const uint8_t place[static ID_BYTES])
{
    uint8_t bucket_hash[ID_BYTES];
    struct bucket_id id = bucket->id;
    memcpy(id.place, place, ID_BYTES);
    bucket_id_hash(bucket_hash, &id, BUCKET_KIND_RENDEZVOUS);
    const struct transport_bucket known = {
        .created = bucket->id.created,
        .sequence = bucket->id.sequence,
        .hash_fits = memcmp(bucket_hash, bucket->bucket_hash, ID_BYTES) == 0};
    int64_t now_s = clock_wall_s(&clock_system);
    enum bucket_verdict verdict =
        bucket->open ? bucket_check_own(&known, bounds, server->open_window_s, now_s, now_s)
                     : bucket_check_standing(&known, bounds, now_s);
    if (verdict != BUCKET_GOOD)
        findings_wrong(findings, OUTCOME_REFUSED, "bucket",
                       "it is not acceptable: %s. If the clock is right, the server may be "
                       "separating people to learn who meets whom; do not use it.",
                       verdict_text(verdict));
    else
        findings_good(findings, "bucket", "%u of %u participants are in it, and it %s%s",
                      bucket->count, server->bucket_capacity,
                      bucket->open ? "takes more" : "takes no more; newcomers get another",
                      bucket_is_crowded(&known, bounds)
                          ? ". It is crowded: very many have come in this window"
                          : "");
    return verdict == BUCKET_GOOD;
}

/* Judge a bucket, and see what the path there does with what is in it. */
static void look_into(struct findings *findings, struct http *http,
                      const struct bucket_bounds *bounds, const struct v1_server *server,
                      const struct v1_bucket *bucket, const uint8_t place[static ID_BYTES])
{
    if (!judge(findings, bounds, server, bucket, place))
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
        findings_good(findings, "bucket",
                      "there is none now; the next person opens one. While somebody is in one, "
                      "this check also shows how long a request may wait on the way.");
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
        findings_wrong(findings, OUTCOME_REFUSED, "bucket",
                       answer.status == 404 ? "the server knows none with that link. Was all of it "
                                              "copied, and is it this server's?"
                                            : "the one with that link is past its lifetime. Agree "
                                              "on another.");
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
    report_limits(findings, &server);
    check_path_post(findings, http);
    if (bucket->given)
        look_at_named(findings, http, bounds, &server, bucket, place);
    else
        look_at_newest(findings, http, bounds, &server, place);
}
