#include "session/multi_session.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "session/multi_session_saved.h"

/* An event to report, with what it points to. */
struct happening {
    struct happening *next;
    struct session_event event;
    struct transport_bucket bucket;
    uint8_t *message; /* guarded */
    char *trouble;
};

struct member {
    struct multi_session *multi_session;
    size_t index;
    struct session *session;
    pthread_t thread;
    bool started;

    /* Under the multi-session's lock. */
    bool event_lost; /* something could not be reported for lack of memory */
    uint8_t *fresh;  /* handed over by the session, not taken yet; guarded */
    size_t fresh_bytes;
    uint64_t handed, stored; /* what was handed over and stored, counted */
    int end;

    uint8_t *kept; /* the listener's; guarded */
    size_t kept_bytes;
};

struct multi_session {
    struct multi_session_settings settings;
    struct member members[MULTI_SESSION_SERVERS_MAX];
    struct seen_messages seen_messages; /* the listener's, as the next two */
    bool reported_unkept;
    int first_error;

    pthread_mutex_t lock;
    pthread_cond_t news;   /* for the listener */
    pthread_cond_t stored; /* for a session that waits until what it handed over is stored */
    struct happening *first, **last;
    size_t running;
    int keep_error; /* of the last time */
};

/* What the sessions do, in their threads. */

static void discard(struct happening *happening)
{
    secret_free(happening->message);
    free(happening->trouble);
    free(happening);
}

/* A copy of an event, or NULL. */
static struct happening *copy(const struct session_event *event, size_t index)
{
    struct happening *happening = calloc(1, sizeof *happening);
    if (!happening)
        return NULL;
    happening->event = *event;
    happening->event.server = index;
    /* The transport's words change with its next request; without memory there are those of `err`.
     */
    if (event->trouble)
        happening->event.trouble = happening->trouble = strdup(event->trouble);
    if (event->bucket) {
        happening->bucket = *event->bucket;
        happening->event.bucket = &happening->bucket;
    }
    if (event->kind == SESSION_REVEALED) {
        happening->message = secret_alloc(event->message_bytes);
        if (!happening->message) {
            discard(happening);
            return NULL;
        }
        if (event->message_bytes > 0)
            memcpy(happening->message, event->message, event->message_bytes);
        happening->event.message = happening->message;
    }
    return happening;
}

static void pass_on(void *state, const struct session_event *event)
{
    struct member *member = state;
    struct multi_session *multi_session = member->multi_session;
    struct happening *happening = copy(event, member->index);
    pthread_mutex_lock(&multi_session->lock);
    if (happening) {
        *multi_session->last = happening;
        multi_session->last = &happening->next;
    }
    member->event_lost = member->event_lost || !happening;
    pthread_cond_signal(&multi_session->news);
    pthread_mutex_unlock(&multi_session->lock);
}

static int hand_over(void *state, uint8_t *kept, size_t bytes, bool at_once)
{
    struct member *member = state;
    struct multi_session *multi_session = member->multi_session;
    int err = 0;
    pthread_mutex_lock(&multi_session->lock);
    uint8_t *older = member->fresh;
    member->fresh = kept;
    member->fresh_bytes = bytes;
    uint64_t mine = ++member->handed;
    pthread_cond_signal(&multi_session->news);
    while (at_once && member->stored < mine)
        pthread_cond_wait(&multi_session->stored, &multi_session->lock);
    if (at_once)
        err = multi_session->keep_error;
    pthread_mutex_unlock(&multi_session->lock);
    secret_free(older);
    return err;
}

static bool lost_an_event(struct member *member)
{
    pthread_mutex_lock(&member->multi_session->lock);
    bool event_lost = member->event_lost;
    pthread_mutex_unlock(&member->multi_session->lock);
    return event_lost;
}

static void *run_session(void *state)
{
    struct member *member = state;
    struct multi_session *multi_session = member->multi_session;
    int err = 0;
    while (!err) {
        err = session_step(member->session);
        if (!err && lost_an_event(member))
            err = -ENOMEM;
    }
    if (err != -ECANCELED)
        pass_on(member, &(struct session_event){
                            .kind = SESSION_ENDED,
                            .err = err,
                            .trouble = multi_session->settings.transports[member->index]->trouble});
    pthread_mutex_lock(&multi_session->lock);
    member->end = err;
    multi_session->running--;
    pthread_cond_signal(&multi_session->news);
    pthread_mutex_unlock(&multi_session->lock);
    return NULL;
}

/* What the listener does. */

static void report(struct multi_session *multi_session, struct session_event *event)
{
    const struct session_settings *session = &multi_session->settings.session;
    enum seen_messages_news news = SEEN_MESSAGES_NEW;
    if (multi_session->settings.muted && atomic_load(multi_session->settings.muted))
        return;
    if (event->kind == SESSION_OPENED)
        seen_messages_renew(&multi_session->seen_messages, event->server);
    if (event->kind == SESSION_REVEALED) {
        int err = seen_messages_add(&multi_session->seen_messages, event->server, event->message,
                                    event->message_bytes, &news, &event->number);
        if (err)
            multi_session->first_error = err; /* better twice than never */
    }
    event->reveal = news == SEEN_MESSAGES_AGAIN      ? SESSION_REVEAL_AGAIN
                    : news == SEEN_MESSAGES_RESTORED ? SESSION_REVEAL_REPORTED
                                                     : SESSION_REVEAL_NEW;
    if (news != SEEN_MESSAGES_KNOWN)
        session->event(session->event_state, event);
}

size_t multi_session_reported(const struct multi_session *multi_session)
{
    return multi_session->seen_messages.shown;
}

void multi_session_report_again(struct multi_session *multi_session)
{
    const struct session_settings *session = &multi_session->settings.session;
    for (size_t i = 0; i < multi_session->seen_messages.count; i++) {
        const struct seen_messages_entry *entry = &multi_session->seen_messages.entries[i];
        session->event(session->event_state, &(struct session_event){.kind = SESSION_REVEALED,
                                                                     .message = entry->message,
                                                                     .message_bytes = entry->bytes,
                                                                     .number = i + 1});
    }
}

static int keep_all(struct multi_session *multi_session)
{
    const struct multi_session_settings *settings = &multi_session->settings;
    struct multi_session_piece pieces[MULTI_SESSION_SERVERS_MAX];
    for (size_t i = 0; i < settings->count; i++)
        pieces[i] = (struct multi_session_piece){multi_session->members[i].kept,
                                                 multi_session->members[i].kept_bytes};
    uint8_t *kept;
    size_t bytes;
    int err =
        multi_session_saved_write(settings, pieces, &multi_session->seen_messages, &kept, &bytes);
    if (err)
        return err;
    err = settings->keeper.keep(settings->keeper.state, kept, bytes);
    secret_free(kept);
    return err;
}

/* What was handed over becomes what is kept. Returns: whether there was something. */
static bool take_fresh(struct multi_session *multi_session,
                       uint64_t handed[static MULTI_SESSION_SERVERS_MAX])
{
    bool any = false;
    for (size_t i = 0; i < multi_session->settings.count; i++) {
        struct member *member = &multi_session->members[i];
        handed[i] = member->handed;
        if (!member->fresh)
            continue;
        secret_free(member->kept);
        member->kept = member->fresh;
        member->kept_bytes = member->fresh_bytes;
        member->fresh = NULL;
        any = true;
    }
    return any;
}

static void note_stored(struct multi_session *multi_session, const uint64_t *handed, int err)
{
    pthread_mutex_lock(&multi_session->lock);
    multi_session->keep_error = err;
    for (size_t i = 0; i < multi_session->settings.count; i++)
        multi_session->members[i].stored = handed[i];
    pthread_cond_broadcast(&multi_session->stored);
    pthread_mutex_unlock(&multi_session->lock);
    if (err && !multi_session->reported_unkept) {
        multi_session->reported_unkept = true;
        report(multi_session, &(struct session_event){.kind = SESSION_UNSAVED, .err = err});
    }
}

/* Wait for news and deal with all of it. Returns: false once there will be none any more. */
static bool listen_once(struct multi_session *multi_session)
{
    uint64_t handed[MULTI_SESSION_SERVERS_MAX];
    pthread_mutex_lock(&multi_session->lock);
    while (!multi_session->first && multi_session->running > 0) {
        bool waiting = false;
        for (size_t i = 0; i < multi_session->settings.count; i++)
            waiting = waiting || multi_session->members[i].fresh;
        if (waiting)
            break;
        pthread_cond_wait(&multi_session->news, &multi_session->lock);
    }
    struct happening *happening = multi_session->first;
    multi_session->first = NULL;
    multi_session->last = &multi_session->first;
    bool fresh = take_fresh(multi_session, handed),
         more = happening || fresh || multi_session->running > 0;
    pthread_mutex_unlock(&multi_session->lock);

    size_t changes = multi_session->seen_messages.changes;
    while (happening) {
        struct happening *next = happening->next;
        report(multi_session, &happening->event);
        discard(happening);
        happening = next;
    }
    if (multi_session->settings.keeper.keep &&
        (fresh || multi_session->seen_messages.changes != changes))
        note_stored(multi_session, handed, keep_all(multi_session));
    return more;
}

static int join(struct multi_session *multi_session, size_t started)
{
    int end = 0;
    for (size_t i = 0; i < started; i++) {
        INVARIANT(pthread_join(multi_session->members[i].thread, NULL) == 0);
        int one = multi_session->members[i].end;
        if (i == 0 || one == -ECANCELED)
            end = one;
    }
    return end;
}

int multi_session_run(struct multi_session *multi_session)
{
    size_t started = 0;
    multi_session->running = multi_session->settings.count;
    while (started < multi_session->settings.count &&
           pthread_create(&multi_session->members[started].thread, NULL, run_session,
                          &multi_session->members[started]) == 0)
        started++;
    pthread_mutex_lock(&multi_session->lock);
    multi_session->running -= multi_session->settings.count - started;
    pthread_mutex_unlock(&multi_session->lock);
    while (listen_once(multi_session))
        continue;
    int end = join(multi_session, started);
    if (multi_session->first_error)
        return multi_session->first_error;
    return started < multi_session->settings.count && end != -ECANCELED ? -ENOMEM : end;
}

int multi_session_ended(const struct multi_session *multi_session, size_t server)
{
    return multi_session->members[server].end;
}

int multi_session_trouble(const struct multi_session *multi_session, size_t server)
{
    return session_trouble(multi_session->members[server].session);
}

bool multi_session_reached(const struct multi_session *multi_session, size_t server)
{
    return session_was_reached(multi_session->members[server].session);
}

/* Its beginning and end. */

static int open_member(struct multi_session *multi_session, size_t index)
{
    struct member *member = &multi_session->members[index];
    struct session_settings settings = multi_session->settings.session;
    settings.event = pass_on;
    settings.event_state = member;
    /* One Argon2i for each server is enough at once. */
    settings.prepare = settings.prepare && index == 0;
    settings.preparing = index == 0 ? settings.preparing : NULL;
    settings.keeper =
        (struct session_keeper){multi_session->settings.keeper.keep ? hand_over : NULL, member};
    member->multi_session = multi_session;
    member->index = index;
    return session_open(&member->session, multi_session->settings.transports[index], &settings);
}

int multi_session_open(struct multi_session **multi_session,
                       const struct multi_session_settings *settings)
{
    INVARIANT(settings->count > 0 && settings->count <= MULTI_SESSION_SERVERS_MAX);
    struct multi_session *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->settings = *settings;
    made->last = &made->first;
    INVARIANT(pthread_mutex_init(&made->lock, NULL) == 0 &&
              pthread_cond_init(&made->news, NULL) == 0 &&
              pthread_cond_init(&made->stored, NULL) == 0);
    int err = 0;
    for (size_t i = 0; i < settings->count && !err; i++)
        err = open_member(made, i);
    if (err)
        multi_session_free(made);
    else
        *multi_session = made;
    return err;
}

int multi_session_resume(struct multi_session *multi_session, const uint8_t *kept, size_t bytes)
{
    struct multi_session_piece pieces[MULTI_SESSION_SERVERS_MAX] = {0};
    int err = multi_session_saved_read(&multi_session->settings, kept, bytes, pieces,
                                       &multi_session->seen_messages);
    for (size_t i = 0; i < multi_session->settings.count && !err; i++) {
        struct member *member = &multi_session->members[i];
        if (!pieces[i].bytes)
            continue;
        member->kept = secret_alloc(pieces[i].count);
        if (!member->kept)
            return -ENOMEM;
        memcpy(member->kept, pieces[i].bytes, pieces[i].count);
        member->kept_bytes = pieces[i].count;
        err = session_resume(member->session, pieces[i].bytes, pieces[i].count);
    }
    return err;
}

void multi_session_free(struct multi_session *multi_session)
{
    if (!multi_session)
        return;
    for (size_t i = 0; i < multi_session->settings.count; i++) {
        session_free(multi_session->members[i].session);
        secret_free(multi_session->members[i].fresh);
        secret_free(multi_session->members[i].kept);
    }
    while (multi_session->first) {
        struct happening *next = multi_session->first->next;
        discard(multi_session->first);
        multi_session->first = next;
    }
    seen_messages_clear(&multi_session->seen_messages);
    pthread_mutex_destroy(&multi_session->lock);
    pthread_cond_destroy(&multi_session->news);
    pthread_cond_destroy(&multi_session->stored);
    free(multi_session);
}
