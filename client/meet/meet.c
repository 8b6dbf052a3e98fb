#include "meet/meet.h"

#include <stdlib.h>
#include <string.h>

#include "meet/attendance.h"
#include "meet/backoff.h"
#include "meet/tally.h"
#include "reunion/reunion.h"

enum {
    BUCKETS_MAX = 256, /* live buckets looked at, newest first */

    /* A server that answers at once with nothing new, again and again, does not make us spin. */
    FRUITLESS_MAX = 64,
    FRUITLESS_PAUSE_MS = 250,
};

struct meet {
    struct meet_settings settings;
    struct transport *transport;
    struct transport_traits traits;
    struct attendance attendance;
    struct tally tally;

    /* How far we are; each is true only if those before it are. */
    bool described, attending, placed, surveyed;

    bool ever_described, ever_placed;
    bool named_gone; /* the named bucket is no more: look everywhere */
    int64_t asked_s; /* when this session's T1 was first offered, 0: not yet */
    struct transport_bucket own;

    unsigned failures; /* in a row */
    int64_t first_failure_ms;
    bool away; /* MEET_AWAY was told */
    bool told_crowded;
    struct meet_event told; /* the counts last told */
    unsigned fruitless;
};

int meet_open(struct meet **meet, struct transport *transport, const struct meet_settings *settings)
{
    INVARIANT(settings->threads > 0 && settings->threads <= ATTENDANCE_CHUNK_MAX);
    struct meet *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->settings = *settings;
    made->transport = transport;
    *meet = made;
    return 0;
}

void meet_free(struct meet *meet)
{
    if (!meet)
        return;
    attendance_close(&meet->attendance);
    tally_clear(&meet->tally);
    free(meet);
}

static const struct transport_verbs *verbs(const struct meet *meet)
{
    return meet->transport->verbs;
}

static void tell(const struct meet *meet, const struct meet_event *event)
{
    meet->settings.event(meet->settings.event_state, event);
}

static void tell_kind(const struct meet *meet, enum meet_event_kind kind)
{
    tell(meet, &(struct meet_event){.kind = kind});
}

static int refuse(const struct meet *meet, enum bucket_verdict verdict, int err)
{
    tell(meet, &(struct meet_event){.kind = MEET_REFUSED,
                                    .verdict = verdict,
                                    .err = err,
                                    .trouble = meet->transport->trouble});
    return -EPERM;
}

/* What holds here may have changed with a server that lost its store: another salt needs another
 * session. */
static int learn(struct meet *meet)
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
    meet->described = meet->ever_described = true;
    return 0;
}

static int attend(struct meet *meet)
{
    const struct meet_settings *settings = &meet->settings;
    struct reunion_setup setup = {
        .passphrase = settings->passphrase,
        .passphrase_bytes = settings->passphrase_bytes,
        .payload = settings->payload,
        .payload_bytes = settings->payload_bytes,
        .salt = meet->traits.salt,
    };
    int err = attendance_open(&meet->attendance, &setup, settings->random, settings->peers_max);
    INVARIANT(err != -EINVAL); /* lengths are checked where they come from */
    if (err)
        return err;
    tally_renew(&meet->tally);
    meet->attending = true;
    meet->asked_s = 0;
    meet->told = (struct meet_event){0};
    meet->told_crowded = false;
    return 0;
}

/* The named bucket must be there when we start; if it goes later, all buckets count. */
static int look_at_named(struct meet *meet)
{
    struct transport_bucket bucket;
    int err = verbs(meet)->find(meet->transport, meet->settings.named, &bucket);
    if (err == -ENOENT || err == -EKEYEXPIRED) {
        if (!meet->ever_placed)
            return refuse(meet, BUCKET_GOOD, err);
        meet->named_gone = true;
        return 0;
    }
    if (err)
        return err;
    enum bucket_verdict verdict =
        bucket_check_standing(&bucket, &meet->settings.bounds, clock_wall_s(meet->settings.clock));
    if (memcmp(&bucket.place, meet->settings.named, sizeof bucket.place) != 0)
        verdict = BUCKET_LINK_WRONG;
    return verdict == BUCKET_GOOD ? 0 : refuse(meet, verdict, 0);
}

static const struct transport_place *named(const struct meet *meet)
{
    return meet->named_gone ? NULL : meet->settings.named;
}

/* Offer our T1, to the named bucket first if there is one. */
static int offer(struct meet *meet, struct transport_bucket *bucket)
{
    const struct transport_identity *me = &meet->attendance.me;
    if (named(meet)) {
        int err = verbs(meet)->announce(meet->transport, me, named(meet), bucket);
        if (err != -ENOSPC && err != -ENOENT && err != -EKEYEXPIRED)
            return err;
        tell_kind(meet, MEET_NAMED_CLOSED);
    }
    return verbs(meet)->announce(meet->transport, me, NULL, bucket);
}

static enum bucket_verdict check_own(const struct meet *meet, const struct transport_bucket *bucket)
{
    int64_t now = clock_wall_s(meet->settings.clock);
    if (!meet->traits.has_buckets)
        return BUCKET_GOOD;
    if (named(meet) && memcmp(&bucket->place, named(meet), sizeof bucket->place) == 0)
        return bucket_check_standing(bucket, &meet->settings.bounds, now);
    return bucket_check_own(bucket, &meet->settings.bounds, meet->traits.open_window_s,
                            meet->asked_s, now);
}

static int take_place(struct meet *meet)
{
    if (named(meet)) {
        int err = look_at_named(meet);
        if (err)
            return err;
    }
    if (meet->asked_s == 0)
        meet->asked_s = clock_wall_s(meet->settings.clock);
    struct transport_bucket bucket = {0};
    int err = offer(meet, &bucket);
    if (err)
        return err;
    enum bucket_verdict verdict = check_own(meet, &bucket);
    if (verdict != BUCKET_GOOD)
        return refuse(meet, verdict, 0);
    meet->own = bucket;
    meet->placed = meet->ever_placed = true;
    meet->surveyed = false;
    tell(meet, &(struct meet_event){.kind = MEET_PLACED,
                                    .bucket = meet->traits.has_buckets ? &meet->own : NULL});
    return 0;
}

static int survey_bucket(struct meet *meet, const struct transport_place *place)
{
    struct transport_sink sink = attendance_sink(&meet->attendance);
    int err = verbs(meet)->read_t1s(meet->transport, place, &sink);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err; /* it died meanwhile */
}

static int survey_all(struct meet *meet)
{
    struct transport_bucket buckets[BUCKETS_MAX];
    size_t count = 0;
    int err = verbs(meet)->list(meet->transport, buckets, BUCKETS_MAX, &count);
    int64_t now = clock_wall_s(meet->settings.clock);
    for (size_t i = 0; i < count && !err; i++) {
        /* Our own is in the feed; one that could not be everybody's is left alone. */
        if (memcmp(&buckets[i].place, &meet->own.place, sizeof meet->own.place) != 0 &&
            bucket_check_standing(&buckets[i], &meet->settings.bounds, now) == BUCKET_GOOD)
            err = survey_bucket(meet, &buckets[i].place);
    }
    return err;
}

/* A newcomer works through the T1s that stand; later ones come to us. */
static int survey(struct meet *meet)
{
    meet->attendance.surveying = true;
    int err = 0;
    if (!named(meet))
        err = survey_all(meet);
    else if (memcmp(named(meet), &meet->own.place, sizeof meet->own.place) != 0)
        err = survey_bucket(meet, named(meet));
    meet->attendance.surveying = false;
    if (!err)
        meet->surveyed = true;
    return err;
}

/* Show what the session has revealed. */
static int reveal(struct meet *meet)
{
    struct reunion_reveal found;
    while (reunion_session_next_reveal(meet->attendance.session, &found) == 0) {
        bool show;
        int err = tally_add(&meet->tally, found.payload, found.payload_bytes, &show);
        if (err)
            return err;
        if (show)
            tell(meet, &(struct meet_event){.kind = MEET_REVEALED,
                                            .message = found.payload,
                                            .message_bytes = found.payload_bytes});
    }
    return 0;
}

size_t meet_owed(const struct meet *meet)
{
    return outbox_count(&meet->attendance.outbox);
}

static bool same_counts(const struct meet_event *a, const struct meet_event *b)
{
    return a->others == b->others && a->met == b->met && a->queued == b->queued &&
           a->answered == b->answered && a->owed == b->owed && a->refused == b->refused;
}

static void report(struct meet *meet)
{
    const struct attendance *attendance = &meet->attendance;
    struct meet_event now = {.kind = MEET_PROGRESS,
                             .others = attendance->peers.by_id.count,
                             .met = attendance->met,
                             .answered = attendance->answered,
                             .owed = meet_owed(meet),
                             .refused = attendance->outbox.refused};
    struct peer *peer;
    TAILQ_FOREACH(peer, &attendance->peers.queued, waiting)
    now.queued++;
    if (attendance->crowded && !meet->told_crowded) {
        meet->told_crowded = true;
        tell_kind(meet, MEET_CROWDED);
    }
    if (same_counts(&now, &meet->told))
        return;
    meet->told = now;
    tell(meet, &now);
}

static int canceled(void *state)
{
    return stop_asked(state);
}

static int work(struct meet *meet)
{
    if (!attendance_has_work(&meet->attendance))
        return 0;
    /* The library hands the state back as it got it; a stop source is never written through it. */
    struct stop_source stop = *meet->settings.stop;
    struct reunion_work how = {
        .threads = meet->settings.threads, .canceled = canceled, .state = &stop};
    /* As much as is done at once: so the first results come early. */
    size_t chunk = meet->settings.threads * reunion_t1s_at_once();
    if (chunk > ATTENDANCE_CHUNK_MAX)
        chunk = ATTENDANCE_CHUNK_MAX;
    int err = attendance_work(&meet->attendance, chunk, &how);
    return err ? err : reveal(meet);
}

static void recovered(struct meet *meet)
{
    meet->failures = 0;
    if (meet->away)
        tell_kind(meet, MEET_BACK);
    meet->away = false;
}

static int listen(struct meet *meet)
{
    bool idle = attendance_is_idle(&meet->attendance);
    uint64_t news = meet->attendance.news;
    struct transport_sink sink = attendance_sink(&meet->attendance);
    int err = verbs(meet)->receive(meet->transport, idle ? meet->traits.wait_ms_max : 0, &sink);
    if (err)
        return err;
    recovered(meet);
    if (!idle || news != meet->attendance.news)
        meet->fruitless = 0;
    else if (++meet->fruitless > FRUITLESS_MAX)
        err = stop_wait(meet->settings.stop, FRUITLESS_PAUSE_MS);
    return err ? err : reveal(meet);
}

/* One turn of somebody who has a place. */
static int take_part(struct meet *meet)
{
    int err = attendance_fetch(&meet->attendance, meet->transport);
    int posted = err ? err : outbox_post(&meet->attendance.outbox, meet->transport);
    /* That our T1 is unknown does not tell whether it is lost or past its time; our place does. */
    err = posted == -ENOENT ? 0 : posted;
    if (!err)
        err = listen(meet);
    if (!err)
        err = posted;
    if (!err)
        err = work(meet);
    report(meet);
    return err;
}

static int do_next(struct meet *meet)
{
    if (!meet->described)
        return learn(meet);
    if (!meet->attending)
        return attend(meet);
    if (!meet->placed)
        return take_place(meet);
    if (!meet->surveyed)
        return survey(meet);
    return take_part(meet);
}

/* Our T1 stands no more: it is posted again, and whatever went with it is done again. */
static void lose_place(struct meet *meet)
{
    attendance_forget(&meet->attendance);
    meet->described = meet->placed = meet->surveyed = false;
}

static void lose_session(struct meet *meet)
{
    attendance_close(&meet->attendance);
    meet->described = meet->attending = meet->placed = meet->surveyed = false;
}

/* Leave the server in peace for a while, working meanwhile if there is work. */
static int wait_out(struct meet *meet)
{
    const struct meet_settings *settings = &meet->settings;
    int64_t wait_ms = backoff_ms(meet->failures, meet->transport->retry_after_ms, settings->random);
    int64_t until_ms = clock_monotonic_ms(settings->clock) + wait_ms;
    while (meet->attending && attendance_has_work(&meet->attendance) &&
           clock_monotonic_ms(settings->clock) < until_ms) {
        int err = work(meet);
        if (err)
            return err;
    }
    int64_t left_ms = until_ms - clock_monotonic_ms(settings->clock);
    return stop_wait(settings->stop, left_ms > 0 ? left_ms : 0);
}

static int endure(struct meet *meet, int trouble)
{
    int64_t now_ms = clock_monotonic_ms(meet->settings.clock);
    if (meet->failures++ == 0)
        meet->first_failure_ms = now_ms;
    bool known_server = meet->ever_described;
    if (!known_server &&
        (trouble == -EPROTO || now_ms - meet->first_failure_ms >= meet->settings.start_patience_ms))
        return trouble == -EAGAIN ? -EHOSTUNREACH : trouble;
    if (known_server && !meet->away && trouble != -ENOENT && trouble != -EKEYEXPIRED) {
        meet->away = true;
        tell(meet, &(struct meet_event){
                       .kind = MEET_AWAY, .err = trouble, .trouble = meet->transport->trouble});
    }
    return wait_out(meet);
}

/* What to do about a failed turn. Gives: 0 (go on), or the end of the meet. */
static int recover(struct meet *meet, int err)
{
    switch (err) {
    case -EHOSTUNREACH:
    case -EAGAIN:
    case -EPROTO:
    case -ENOSPC:
        return endure(meet, err);
    case -ENOENT:
        if (meet->placed)
            tell_kind(meet, MEET_LOST);
        lose_place(meet);
        return endure(meet, err);
    case -EKEYEXPIRED:
        if (meet->attending)
            tell_kind(meet, MEET_RENEWED);
        lose_session(meet);
        return endure(meet, err);
    case -EACCES: /* somebody else holds our T1's place, so a fresh T1 is needed */
    case -EINVAL:
        if (!meet->ever_placed)
            return refuse(meet, BUCKET_GOOD, err);
        lose_session(meet);
        return endure(meet, err);
    default:
        return err;
    }
}

int meet_step(struct meet *meet)
{
    if (stop_asked(meet->settings.stop))
        return -ECANCELED;
    int err = do_next(meet);
    return err ? recover(meet, err) : 0;
}
