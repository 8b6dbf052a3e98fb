#include "rendezvous/check_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "box/address.h"
#include "cli/bounds.h"
#include "transport/described_bucket.h"

void check_report_clock(struct findings *findings, int64_t theirs,
                        const struct bucket_bounds *bounds)
{
    int64_t ours = clock_wall_s(&clock_system);
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

void check_report_limits(struct findings *findings, const struct check_limits *limits)
{
    char window[32], lifetime[32];
    findings_good(findings, "limits",
                  "a bucket takes %u participants within %s and lives %s; a request may wait %u s "
                  "and carry %u records",
                  limits->bucket_capacity, span(window, limits->open_window_s),
                  span(lifetime, limits->lifetime_s), limits->wait_s_max,
                  limits->records_per_post_max);
}

void check_report_asked(struct findings *findings, uint32_t t1_effort, uint32_t link_effort)
{
    if (t1_effort == 0 && link_effort == 0)
        findings_good(findings, "work", "the server asks for none now");
    else
        findings_good(findings, "work",
                      "many people come to the server: it asks for %" PRIu32
                      " tries of half a millisecond before it takes a participant, and for %" PRIu32
                      " before it takes a private link",
                      t1_effort, link_effort);
}

void check_report_key(struct findings *findings)
{
    findings_good(findings, "key",
                  "the server has the key in its address; what is sent is encrypted to it");
}

void check_report_client_key(struct findings *findings, const uint8_t public_key[static 32])
{
    char text[BOX_ADDRESS_KEY_TEXT_BYTES];
    box_key_print(text, public_key);
    findings_good(findings, "client-key",
                  "%s is the public key of this client; the server answers if it has it on its "
                  "list, or has none",
                  text);
}

bool check_report_bucket(struct findings *findings, const struct check_bucket *bucket,
                         const struct check_limits *limits, const struct bucket_bounds *bounds,
                         const uint8_t place[static ID_BYTES])
{
    struct transport_bucket known;
    described_bucket(&known, &bucket->id, bucket->bucket_hash, bucket->count, place);
    int64_t now_s = clock_wall_s(&clock_system);
    enum bucket_verdict verdict =
        bucket->open ? bucket_check_own(&known, bounds, limits->open_window_s, now_s, now_s)
                     : bucket_check_standing(&known, bounds, now_s);
    if (verdict != BUCKET_GOOD)
        findings_wrong(findings, OUTCOME_REFUSED, "bucket",
                       "it is not acceptable: %s. If the clock and what you named are right, the "
                       "server may be separating people to learn who meets whom; do not use it.",
                       verdict_text(verdict));
    else
        findings_good(findings, "bucket", "%u of %u participants are in it, and it %s%s",
                      bucket->count, limits->bucket_capacity,
                      bucket->open ? "takes more" : "takes no more; newcomers get another",
                      bucket_is_crowded(&known, bounds)
                          ? ". It is crowded: very many have come in this window"
                          : "");
    return verdict == BUCKET_GOOD;
}

void check_report_missing(struct findings *findings, bool expired)
{
    findings_wrong(findings, OUTCOME_REFUSED, "bucket",
                   expired ? "the one with that link is past its lifetime. Agree on another."
                           : "the server knows none with that link. Was all of it copied, and is "
                             "it this server's?");
}

void check_report_none(struct findings *findings, const char *waits)
{
    findings_good(findings, "bucket", "there is none now; the next person opens one.%s", waits);
}
