#include "rendezvous/check_packets.h"

#include <inttypes.h>

#include "base/cursor.h"
#include "base/err.h"
#include "cli/bounds.h"
#include "rendezvous/check_report.h"
#include "transport/packets.h"

/* What all steps of one check need. */
struct checked {
    struct findings *findings;
    struct packets *packets;
    const struct bucket_bounds *bounds;
    const uint8_t *place;
    struct check_limits limits;
};

static int ask(const struct checked *checked, const struct op_request *request,
               struct op_answer *answer)
{
    return packets_ask(checked->packets, PACKETS_READ, request, answer);
}

/* Something was not answered, or not well. */
static void report_failed(const struct checked *checked, const char *about, int err)
{
    const char *trouble = packets_trouble(checked->packets);
    const char *advice = packets_advice(checked->packets);
    if (err == -ECANCELED)
        return;
    if (err == -EAGAIN)
        findings_wrong(checked->findings, OUTCOME_SERVER, about,
                       "the server is there, but cannot serve now. Try again in %" PRId64 " s.",
                       1 + packets_retry_after_ms(checked->packets) / 1000);
    else
        findings_wrong(checked->findings, err == -ENOMEM ? OUTCOME_FAILED : OUTCOME_SERVER, about,
                       "%s%s%s", trouble ? trouble : err_text(err), advice ? ". " : "",
                       advice ? advice : "");
}

static bool look_at_server(struct checked *checked)
{
    const struct op_request request = {.op = OP_DESCRIBE};
    struct op_answer answer;
    int err = ask(checked, &request, &answer);
    if (err) {
        report_failed(checked, err == -EHOSTUNREACH ? "connection" : "server", err);
        return false;
    }
    const struct op_description *about = &answer.description;
    findings_good(checked->findings, "server", "it answers packets, by version %u of the API",
                  (unsigned)about->api_version);
    check_report_key(checked->findings);
    check_report_clock(checked->findings,
                       about->now_s > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)about->now_s,
                       checked->bounds);
    check_report_asked(checked->findings, about->t1_effort, about->link_effort);
    checked->limits = (struct check_limits){
        .bucket_capacity = about->capacity,
        .open_window_s = about->open_window_s,
        .lifetime_s = about->lifetime_s,
        .wait_s_max = about->wait_s_max,
        .records_per_post_max = (uint32_t)transport_packets_letters_max(checked->packets)};
    check_report_limits(checked->findings, &checked->limits);
    return true;
}

static void judge(const struct checked *checked, const struct op_bucket *bucket)
{
    const struct check_bucket shown = {
        .id = {.created = bucket->created_s, .sequence = bucket->sequence},
        .bucket_hash = bucket->bucket_hash,
        .count = bucket->count,
        .open = bucket->open};
    (void)check_report_bucket(checked->findings, &shown, &checked->limits, checked->bounds,
                              checked->place);
}

static void look_at_named(const struct checked *checked, const uint8_t *bucket_hash)
{
    const struct op_request request = {.op = OP_FIND_BUCKET,
                                       .find_bucket = {.bucket_hash = bucket_hash}};
    struct op_answer answer;
    int err = ask(checked, &request, &answer);
    if (err == -ENOENT || err == -EKEYEXPIRED)
        check_report_missing(checked->findings, err == -EKEYEXPIRED);
    else if (err)
        report_failed(checked, "bucket", err);
    else
        judge(checked, &answer.bucket);
}

static void look_at_newest(const struct checked *checked)
{
    static const uint8_t newest[ID_BYTES];
    const struct op_request request = {
        .op = place_is_common(checked->place) ? OP_LIST_BUCKETS : OP_LIST_PLACE_BUCKETS,
        .list_buckets = {.place = checked->place, .after = newest}};
    struct op_answer answer;
    struct op_bucket bucket;
    int err = ask(checked, &request, &answer);
    if (err == -ENOENT || (!err && answer.buckets.buckets.count == 0)) {
        check_report_none(checked->findings, "");
    } else if (err) {
        report_failed(checked, "bucket", err);
    } else {
        err = op_bucket_unpack(&bucket, answer.buckets.buckets.bytes);
        INVARIANT(!err); /* the whole answer was read */
        judge(checked, &bucket);
    }
}

void check_packets(struct findings *findings, struct packets *packets,
                   const struct bucket_bounds *bounds, const struct option_bucket_hash *bucket,
                   const uint8_t place[static ID_BYTES])
{
    struct checked checked = {
        .findings = findings, .packets = packets, .bounds = bounds, .place = place};
    if (!look_at_server(&checked))
        return;
    if (bucket->given)
        look_at_named(&checked, bucket->bucket_hash);
    else
        look_at_newest(&checked);
}
