/* Coming to a server: what holds there, a place for a T1, and who stands already. */
#include <stdlib.h>
#include <string.h>

#include "admission/stamp.h"
#include "session/inside.h"

enum {
    BUCKETS_MAX = 1024, /* live buckets looked at */
    LOOK_AGAIN_MS = 5000,
    PLACE_FULL_ENOUGH = 16, /* T1s in a place, below which its users are told */
};

int session_refuse(const struct session *session, enum bucket_verdict verdict, int err)
{
    session_report(session, &(struct session_event){.kind = SESSION_REFUSED,
                                                    .verdict = verdict,
                                                    .err = err,
                                                    .clock_known = session->traits.knows_time,
                                                    .clock_ahead_s = session->clock_ahead_s,
                                                    .trouble = session->transport->trouble});
    return -EPERM;
}

/* What holds here may have changed with a server that lost its store: another salt needs another
 * session. */
int session_learn(struct session *session)
{
    struct transport_traits traits;
    int err = verbs(session)->describe(session->transport, &traits);
    if (err)
        return err;
    if (session->in_session && memcmp(traits.salt, session->traits.salt, SALT_BYTES) != 0) {
        session_progress_close(&session->progress);
        session->in_session = false;
    }
    session->traits = traits;
    session->clock_ahead_s = traits.time_s - clock_wall_s(session->settings.clock);
    /* Who was not there at first is there now. */
    if (session->away && !session->ever_described) {
        session->away = false;
        session_report_kind(session, SESSION_BACK);
    }
    session->described = session->ever_described = true;
    return 0;
}

/* The named bucket must be there when we start; if it goes later, all buckets count. */
static int look_at_named(struct session *session)
{
    struct transport_bucket bucket;
    int err = verbs(session)->find(session->transport, session->settings.named, &bucket);
    if (err == -ENOENT || err == -EKEYEXPIRED) {
        if (!session->ever_placed)
            return session_refuse(session, BUCKET_GOOD, err);
        session->named_gone = true;
        return 0;
    }
    if (err)
        return err;
    enum bucket_verdict verdict = bucket_check_standing(&bucket, &session->settings.bounds,
                                                        clock_wall_s(session->settings.clock));
    if (memcmp(&bucket.place, session->settings.named, sizeof bucket.place) != 0)
        verdict = BUCKET_HASH_WRONG;
    return verdict == BUCKET_GOOD ? 0 : session_refuse(session, verdict, 0);
}

const struct transport_place *session_named(const struct session *session)
{
    return session->named_gone ? NULL : session->settings.named;
}

/* Announce our T1, paying what is asked for it. More may be asked while we work, so this ends with
 * a T1 that stands, or where no more may be paid. */
static int announce(struct session *session, const struct transport_place *wanted,
                    struct transport_bucket *bucket)
{
    const struct transport_identity *me = &session->progress.me;
    int err = verbs(session)->announce(session->transport, me, wanted, bucket);
    while (err == -EDQUOT) {
        err = session_pay_more(session);
        if (!err)
            err = verbs(session)->announce(session->transport, me, wanted, bucket);
    }
    return err;
}

/* Offer our T1, to the named bucket first if there is one. */
static int offer(struct session *session, struct transport_bucket *bucket)
{
    int err = session_pay(session);
    if (err)
        return err;
    if (session_named(session)) {
        err = announce(session, session_named(session), bucket);
        if (err != -ENOSPC && err != -ENOENT && err != -EKEYEXPIRED)
            return err;
        session_report_kind(session, SESSION_NAMED_CLOSED);
    }
    return announce(session, NULL, bucket);
}

static enum bucket_verdict check_own(const struct session *session,
                                     const struct transport_bucket *bucket)
{
    int64_t now = clock_wall_s(session->settings.clock);
    if (!session->traits.has_buckets)
        return BUCKET_GOOD;
    /* Somebody passed the named one on: its age is no reason. */
    bool is_named = session_named(session) &&
                    memcmp(&bucket->place, session_named(session), sizeof bucket->place) == 0;
    return is_named ? bucket_check_standing(bucket, &session->settings.bounds, now)
                    : bucket_check_own(bucket, &session->settings.bounds,
                                       session->traits.open_window_s, session->asked_s, now);
}

/* Whoever comes back looks first whether the old place still stands: a T1 whose bucket is over is
 * not shown again in another one, where it would tie the two together. */
static int look_at_own(struct session *session)
{
    struct transport_bucket bucket;
    int err = 0;
    if (session->returning && session->traits.has_buckets)
        err = verbs(session)->find(session->transport, &session->own.place, &bucket);
    if (err && err != -ENOENT)
        return err;
    session->returning = false;
    return 0;
}

int session_take_place(struct session *session)
{
    int looked = look_at_own(session);
    if (looked)
        return looked;
    if (session_named(session)) {
        int err = look_at_named(session);
        if (err)
            return err;
    }
    if (session->asked_s == 0) {
        session->asked_s = clock_wall_s(session->settings.clock);
        session->unkept = true;
    }
    struct transport_bucket bucket = {0};
    int err = offer(session, &bucket);
    if (err)
        return err;
    enum bucket_verdict verdict = check_own(session, &bucket);
    if (verdict != BUCKET_GOOD)
        return session_refuse(session, verdict, 0);
    raising_begin(session, session->progress.me.stamp ? &session->paying.found : NULL);
    session->own = bucket;
    session->placed = session->ever_placed = session->unkept = true;
    session->surveyed = false;
    session_report(session, &(struct session_event){
                                .kind = SESSION_PLACED,
                                .bucket = session->traits.has_buckets ? &session->own : NULL});
    if (!session->reported_window && bucket_is_crowded(&bucket, &session->settings.bounds)) {
        session->reported_window = true;
        session_report_kind(session, SESSION_WINDOW_CROWDED);
    }
    return 0;
}

static bool is_in_common_place(const struct session *session)
{
    return memcmp(session->traits.place_tag, (uint8_t[ID_BYTES]){0}, ID_BYTES) == 0;
}

/* Two who are alone in a place are seen to be the pair. */
static void report_if_sparse(struct session *session, const struct transport_bucket *buckets,
                             size_t count)
{
    size_t standing = 0;
    for (size_t i = 0; i < count; i++)
        standing += buckets[i].count;
    if (is_in_common_place(session) || standing >= PLACE_FULL_ENOUGH || session->reported_sparse)
        return;
    session->reported_sparse = true;
    session_report(session,
                   &(struct session_event){.kind = SESSION_PLACE_SPARSE, .others = standing});
}

static int read_bucket(struct session *session, const struct transport_place *place,
                       const struct transport_sink *sink)
{
    int err = verbs(session)->read_t1s(session->transport, place, sink);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err; /* it died meanwhile */
}

static int count_place(struct session *session)
{
    size_t count = 0;
    struct transport_bucket *buckets = calloc(BUCKETS_MAX, sizeof *buckets);
    int err =
        buckets ? verbs(session)->list(session->transport, buckets, BUCKETS_MAX, &count) : -ENOMEM;
    if (!err)
        report_if_sparse(session, buckets, count);
    free(buckets);
    return err;
}

/* Those of everybody; our own is in the feed. One that could not be everybody's is left alone. */
static int read_all(struct session *session, const struct transport_sink *sink)
{
    size_t count = 0;
    int64_t now = clock_wall_s(session->settings.clock);
    struct transport_bucket *buckets = calloc(BUCKETS_MAX, sizeof *buckets);
    int err =
        buckets ? verbs(session)->list(session->transport, buckets, BUCKETS_MAX, &count) : -ENOMEM;
    if (!err)
        report_if_sparse(session, buckets, count);
    for (size_t i = 0; i < count && !err; i++)
        if (memcmp(&buckets[i].place, &session->own.place, sizeof session->own.place) != 0 &&
            bucket_check_standing(&buckets[i], &session->settings.bounds, now) == BUCKET_GOOD)
            err = read_bucket(session, &buckets[i].place, sink);
    free(buckets);
    return err;
}

/* Those of the named bucket; that bucket may be all there is in its place. */
static int read_named(struct session *session, const struct transport_sink *sink)
{
    int err = is_in_common_place(session) ? 0 : count_place(session);
    if (!err && memcmp(session_named(session), &session->own.place, sizeof session->own.place) != 0)
        err = read_bucket(session, session_named(session), sink);
    return err;
}

/* A newcomer works through the T1s that stand; later ones come to us. */
int session_survey(struct session *session)
{
    struct transport_sink sink = session_progress_sink(&session->progress);
    session->progress.named = session_named(session);
    session->progress.surveying = true;
    int err = session_named(session) ? read_named(session, &sink) : read_all(session, &sink);
    session->progress.surveying = false;
    session->surveyed = !err;
    return err;
}

static int read_stamps(struct session *session, const struct transport_place *place)
{
    int err = verbs(session)->read_stamps(session->transport, place, session_progress_note_stamp,
                                          &session->progress);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err;
}

/* What all T1s paid, our own bucket's included. */
static int read_all_stamps(struct session *session)
{
    size_t count = 0;
    if (!verbs(session)->read_stamps)
        return 0;
    if (session_named(session)) {
        int err = read_stamps(session, session_named(session));
        return err ? err : read_stamps(session, &session->own.place);
    }
    struct transport_bucket *buckets = calloc(BUCKETS_MAX, sizeof *buckets);
    int err =
        buckets ? verbs(session)->list(session->transport, buckets, BUCKETS_MAX, &count) : -ENOMEM;
    for (size_t i = 0; i < count && !err; i++)
        err = read_stamps(session, &buckets[i].place);
    free(buckets);
    return err;
}

int session_look_again(struct session *session)
{
    const struct session_progress *progress = &session->progress;
    int64_t now_ms = clock_monotonic_ms(session->settings.clock);
    size_t wanted = session_progress_wanted(progress);
    if (!session->traits.has_buckets || progress->closing || now_ms < session->look_again_ms ||
        wanted + peers_queued(&progress->peers) <= SESSION_PROGRESS_CROWD)
        return 0;
    struct transport_sink sink = session_progress_sink_wanted(&session->progress);
    session->look_again_ms = now_ms + LOOK_AGAIN_MS;
    /* Whole buckets are read rather than T1s one by one. */
    int err = wanted > SESSION_PROGRESS_CROWD ? read_all(session, &sink) : 0;
    return err ? err : read_all_stamps(session);
}
