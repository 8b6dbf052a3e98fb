/* Coming to a server: what holds there, a session, a place for its T1, and who stands already. */
#include <stdlib.h>
#include <string.h>

#include "admission/stamp.h"
#include "session/inside.h"

enum {
    BUCKETS_MAX = 1024, /* live buckets looked at */
    LOOK_AGAIN_MS = 5000,
    PLACE_FULL_ENOUGH = 16, /* T1s in a place, below which its users are told */
};

int meet_refuse(const struct meet *meet, enum bucket_verdict verdict, int err)
{
    meet_tell(meet, &(struct meet_event){.kind = MEET_REFUSED,
                                         .verdict = verdict,
                                         .err = err,
                                         .clock_known = meet->traits.tells_time,
                                         .clock_ahead_s = meet->clock_ahead_s,
                                         .trouble = meet->transport->trouble});
    return -EPERM;
}

/* What holds here may have changed with a server that lost its store: another salt needs another
 * session. */
int meet_learn(struct meet *meet)
{
    struct transport_traits traits;
    int err = verbs(meet)->describe(meet->transport, &traits);
    if (err)
        return err;
    if (meet->attending && memcmp(traits.salt, meet->traits.salt, SALT_BYTES) != 0) {
        attendance_close(&meet->attendance);
        meet->attending = false;
    }
    meet->traits = traits;
    meet->clock_ahead_s = traits.time_s - clock_wall_s(meet->settings.clock);
    meet->described = meet->ever_described = true;
    return 0;
}

int meet_attend(struct meet *meet)
{
    const struct meet_settings *settings = &meet->settings;
    struct reunion_setup setup = {
        .passphrase = settings->passphrase,
        .passphrase_bytes = settings->passphrase_bytes,
        .payload = settings->payload,
        .payload_bytes = settings->payload_bytes,
        .salt = meet->traits.salt,
    };
    int64_t began_ms = clock_monotonic_ms(settings->clock);
    const struct attendance_terms shared = terms(meet);
    budget_begin_session(&meet->budget);
    int err = attendance_open(&meet->attendance, &setup, &shared);
    INVARIANT(err != -EINVAL); /* lengths are checked where they come from */
    if (err)
        return err;
    meet->opened_in_ms = clock_monotonic_ms(settings->clock) - began_ms;
    meet->attending = true;
    meet->returning = false;
    meet->asked_s = 0;
    meet->own = (struct transport_bucket){0};
    meet->told = (struct meet_event){0};
    meet->told_crowded = meet->told_long = meet->told_sparse = meet->told_window = false;
    meet->seen_news = meet->kept_news = meet->kept_met = 0;
    meet->unkept = true;
    meet_tell_kind(meet, MEET_OPENED);
    /* Before its T1 is shown to anybody. What the keeper gives means other things elsewhere. */
    err = meet_keep(meet, true);
    return err && err != -ENOMEM ? -EIO : err;
}

/* The named bucket must be there when we start; if it goes later, all buckets count. */
static int look_at_named(struct meet *meet)
{
    struct transport_bucket bucket;
    int err = verbs(meet)->find(meet->transport, meet->settings.named, &bucket);
    if (err == -ENOENT || err == -EKEYEXPIRED) {
        if (!meet->ever_placed)
            return meet_refuse(meet, BUCKET_GOOD, err);
        meet->named_gone = true;
        return 0;
    }
    if (err)
        return err;
    enum bucket_verdict verdict =
        bucket_check_standing(&bucket, &meet->settings.bounds, clock_wall_s(meet->settings.clock));
    if (memcmp(&bucket.place, meet->settings.named, sizeof bucket.place) != 0)
        verdict = BUCKET_LINK_WRONG;
    return verdict == BUCKET_GOOD ? 0 : meet_refuse(meet, verdict, 0);
}

const struct transport_place *meet_named(const struct meet *meet)
{
    return meet->named_gone ? NULL : meet->settings.named;
}

/* Announce our T1, paying what is asked for it. More may be asked while we work, so this ends with
 * a T1 that stands, or where no more may be paid. */
static int announce(struct meet *meet, const struct transport_place *wanted,
                    struct transport_bucket *bucket)
{
    const struct transport_identity *me = &meet->attendance.me;
    int err = verbs(meet)->announce(meet->transport, me, wanted, bucket);
    while (err == -EDQUOT) {
        err = meet_pay_more(meet);
        if (!err)
            err = verbs(meet)->announce(meet->transport, me, wanted, bucket);
    }
    return err;
}

/* Offer our T1, to the named bucket first if there is one. */
static int offer(struct meet *meet, struct transport_bucket *bucket)
{
    int err = meet_pay(meet);
    if (err)
        return err;
    if (meet_named(meet)) {
        err = announce(meet, meet_named(meet), bucket);
        if (err != -ENOSPC && err != -ENOENT && err != -EKEYEXPIRED)
            return err;
        meet_tell_kind(meet, MEET_NAMED_CLOSED);
    }
    return announce(meet, NULL, bucket);
}

static enum bucket_verdict check_own(const struct meet *meet, const struct transport_bucket *bucket)
{
    int64_t now = clock_wall_s(meet->settings.clock);
    if (!meet->traits.has_buckets)
        return BUCKET_GOOD;
    /* Somebody passed the named one on: its age is no reason. */
    bool is_named =
        meet_named(meet) && memcmp(&bucket->place, meet_named(meet), sizeof bucket->place) == 0;
    return is_named ? bucket_check_standing(bucket, &meet->settings.bounds, now)
                    : bucket_check_own(bucket, &meet->settings.bounds, meet->traits.open_window_s,
                                       meet->asked_s, now);
}

/* Whoever comes back looks first whether the old place still stands: a T1 whose bucket is over is
 * not shown again in another one, where it would tie the two together. */
static int look_at_own(struct meet *meet)
{
    struct transport_bucket bucket;
    int err = 0;
    if (meet->returning && meet->traits.has_buckets)
        err = verbs(meet)->find(meet->transport, &meet->own.place, &bucket);
    if (err && err != -ENOENT)
        return err;
    meet->returning = false;
    return 0;
}

int meet_take_place(struct meet *meet)
{
    int looked = look_at_own(meet);
    if (looked)
        return looked;
    if (meet_named(meet)) {
        int err = look_at_named(meet);
        if (err)
            return err;
    }
    if (meet->asked_s == 0) {
        meet->asked_s = clock_wall_s(meet->settings.clock);
        meet->unkept = true;
    }
    struct transport_bucket bucket = {0};
    int err = offer(meet, &bucket);
    if (err)
        return err;
    enum bucket_verdict verdict = check_own(meet, &bucket);
    if (verdict != BUCKET_GOOD)
        return meet_refuse(meet, verdict, 0);
    raising_begin(meet,
                  meet->paying.open && meet->attendance.me.stamp ? &meet->paying.found : NULL);
    meet->own = bucket;
    meet->placed = meet->ever_placed = meet->unkept = true;
    meet->surveyed = false;
    meet_tell(meet, &(struct meet_event){.kind = MEET_PLACED,
                                         .bucket = meet->traits.has_buckets ? &meet->own : NULL});
    if (!meet->told_window && bucket_is_crowded(&bucket, &meet->settings.bounds)) {
        meet->told_window = true;
        meet_tell_kind(meet, MEET_WINDOW_CROWDED);
    }
    return 0;
}

static bool is_in_common_place(const struct meet *meet)
{
    return memcmp(meet->traits.place_tag, (uint8_t[ID_BYTES]){0}, ID_BYTES) == 0;
}

/* Two who are alone in a place are seen to be the pair. */
static void tell_if_sparse(struct meet *meet, const struct transport_bucket *buckets, size_t count)
{
    size_t standing = 0;
    for (size_t i = 0; i < count; i++)
        standing += buckets[i].count;
    if (is_in_common_place(meet) || standing >= PLACE_FULL_ENOUGH || meet->told_sparse)
        return;
    meet->told_sparse = true;
    meet_tell(meet, &(struct meet_event){.kind = MEET_PLACE_SPARSE, .others = standing});
}

static int read_bucket(struct meet *meet, const struct transport_place *place,
                       const struct transport_sink *sink)
{
    int err = verbs(meet)->read_t1s(meet->transport, place, sink);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err; /* it died meanwhile */
}

static int count_place(struct meet *meet)
{
    size_t count = 0;
    struct transport_bucket *buckets = calloc(BUCKETS_MAX, sizeof *buckets);
    int err = buckets ? verbs(meet)->list(meet->transport, buckets, BUCKETS_MAX, &count) : -ENOMEM;
    if (!err)
        tell_if_sparse(meet, buckets, count);
    free(buckets);
    return err;
}

/* Those of everybody; our own is in the feed. One that could not be everybody's is left alone. */
static int read_all(struct meet *meet, const struct transport_sink *sink)
{
    size_t count = 0;
    int64_t now = clock_wall_s(meet->settings.clock);
    struct transport_bucket *buckets = calloc(BUCKETS_MAX, sizeof *buckets);
    int err = buckets ? verbs(meet)->list(meet->transport, buckets, BUCKETS_MAX, &count) : -ENOMEM;
    if (!err)
        tell_if_sparse(meet, buckets, count);
    for (size_t i = 0; i < count && !err; i++)
        if (memcmp(&buckets[i].place, &meet->own.place, sizeof meet->own.place) != 0 &&
            bucket_check_standing(&buckets[i], &meet->settings.bounds, now) == BUCKET_GOOD)
            err = read_bucket(meet, &buckets[i].place, sink);
    free(buckets);
    return err;
}

/* Those of the named bucket; that bucket may be all there is in its place. */
static int read_named(struct meet *meet, const struct transport_sink *sink)
{
    int err = is_in_common_place(meet) ? 0 : count_place(meet);
    if (!err && memcmp(meet_named(meet), &meet->own.place, sizeof meet->own.place) != 0)
        err = read_bucket(meet, meet_named(meet), sink);
    return err;
}

/* A newcomer works through the T1s that stand; later ones come to us. */
int meet_survey(struct meet *meet)
{
    struct transport_sink sink = attendance_sink(&meet->attendance);
    meet->attendance.named = meet_named(meet);
    meet->attendance.surveying = true;
    int err = meet_named(meet) ? read_named(meet, &sink) : read_all(meet, &sink);
    meet->attendance.surveying = false;
    meet->surveyed = !err;
    return err;
}

static int read_stamps(struct meet *meet, const struct transport_place *place)
{
    int err =
        verbs(meet)->read_stamps(meet->transport, place, attendance_note_stamp, &meet->attendance);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err;
}

/* What all T1s paid, our own bucket's included. */
static int read_all_stamps(struct meet *meet)
{
    size_t count = 0;
    if (!verbs(meet)->read_stamps)
        return 0;
    if (meet_named(meet)) {
        int err = read_stamps(meet, meet_named(meet));
        return err ? err : read_stamps(meet, &meet->own.place);
    }
    struct transport_bucket *buckets = calloc(BUCKETS_MAX, sizeof *buckets);
    int err = buckets ? verbs(meet)->list(meet->transport, buckets, BUCKETS_MAX, &count) : -ENOMEM;
    for (size_t i = 0; i < count && !err; i++)
        err = read_stamps(meet, &buckets[i].place);
    free(buckets);
    return err;
}

int meet_look_again(struct meet *meet)
{
    const struct attendance *attendance = &meet->attendance;
    int64_t now_ms = clock_monotonic_ms(meet->settings.clock);
    size_t wanted = attendance_wanted(attendance);
    if (!meet->traits.has_buckets || attendance->closing || now_ms < meet->look_again_ms ||
        wanted + peers_queued(&attendance->peers) <= ATTENDANCE_CROWD)
        return 0;
    struct transport_sink sink = attendance_sink_wanted(&meet->attendance);
    meet->look_again_ms = now_ms + LOOK_AGAIN_MS;
    /* Whole buckets are read rather than T1s one by one. */
    int err = wanted > ATTENDANCE_CROWD ? read_all(meet, &sink) : 0;
    return err ? err : read_all_stamps(meet);
}
