#include "session/multi_session.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "session/multi_session_saved.h"

/* Something that is to be told, with what it points to. */
struct happening {
    struct happening *next;
    struct meet_event event;
    struct transport_bucket bucket;
    uint8_t *message; /* guarded */
    char *trouble;
};

struct member {
    struct company *company;
    size_t index;
    struct meet *meet;
    pthread_t thread;
    bool started;

    /* Under the company's lock. */
    bool deaf;      /* something could not be told for want of memory */
    uint8_t *fresh; /* handed over by the meet, not taken yet; guarded */
    size_t fresh_bytes;
    uint64_t handed, stored; /* what was handed over and stored, counted */
    int end;

    uint8_t *kept; /* the listener's; guarded */
    size_t kept_bytes;
};

struct company {
    struct company_settings settings;
    struct member members[COMPANY_SERVERS_MAX];
    struct tally tally; /* the listener's, as the next two */
    bool told_unkept;
    int first_error;

    pthread_mutex_t lock;
    pthread_cond_t news;   /* for the listener */
    pthread_cond_t stored; /* for a meet that waits until what it handed over is stored */
    struct happening *first, **last;
    size_t running;
    int keep_error; /* of the last time */
};

/* What the meets do, in their threads. */

static void discard(struct happening *happening)
{
    secret_free(happening->message);
    free(happening->trouble);
    free(happening);
}

/* A copy of an event, or NULL. */
static struct happening *copy(const struct meet_event *event, size_t index)
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
    if (event->kind == MEET_REVEALED) {
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

static void pass_on(void *state, const struct meet_event *event)
{
    struct member *member = state;
    struct company *company = member->company;
    struct happening *happening = copy(event, member->index);
    pthread_mutex_lock(&company->lock);
    if (happening) {
        *company->last = happening;
        company->last = &happening->next;
    }
    member->deaf = member->deaf || !happening;
    pthread_cond_signal(&company->news);
    pthread_mutex_unlock(&company->lock);
}

static int hand_over(void *state, uint8_t *kept, size_t bytes, bool at_once)
{
    struct member *member = state;
    struct company *company = member->company;
    int err = 0;
    pthread_mutex_lock(&company->lock);
    uint8_t *older = member->fresh;
    member->fresh = kept;
    member->fresh_bytes = bytes;
    uint64_t mine = ++member->handed;
    pthread_cond_signal(&company->news);
    while (at_once && member->stored < mine)
        pthread_cond_wait(&company->stored, &company->lock);
    if (at_once)
        err = company->keep_error;
    pthread_mutex_unlock(&company->lock);
    secret_free(older);
    return err;
}

static bool is_deaf(struct member *member)
{
    pthread_mutex_lock(&member->company->lock);
    bool deaf = member->deaf;
    pthread_mutex_unlock(&member->company->lock);
    return deaf;
}

static void *attend(void *state)
{
    struct member *member = state;
    struct company *company = member->company;
    int err = 0;
    while (!err) {
        err = meet_step(member->meet);
        if (!err && is_deaf(member))
            err = -ENOMEM;
    }
    if (err != -ECANCELED)
        pass_on(member, &(struct meet_event){
                            .kind = MEET_ENDED,
                            .err = err,
                            .trouble = company->settings.transports[member->index]->trouble});
    pthread_mutex_lock(&company->lock);
    member->end = err;
    company->running--;
    pthread_cond_signal(&company->news);
    pthread_mutex_unlock(&company->lock);
    return NULL;
}

/* What the listener does. */

static void tell(struct company *company, struct meet_event *event)
{
    const struct meet_settings *meet = &company->settings.meet;
    enum tally_news news = TALLY_NEW;
    if (company->settings.muted && atomic_load(company->settings.muted))
        return;
    if (event->kind == MEET_OPENED)
        tally_renew(&company->tally, event->server);
    if (event->kind == MEET_REVEALED) {
        int err = tally_add(&company->tally, event->server, event->message, event->message_bytes,
                            &news, &event->number);
        if (err)
            company->first_error = err; /* better twice than never */
    }
    event->reveal = news == TALLY_AGAIN      ? MEET_REVEAL_AGAIN
                    : news == TALLY_RESTORED ? MEET_REVEAL_TOLD
                                             : MEET_REVEAL_NEW;
    if (news != TALLY_KNOWN)
        meet->event(meet->event_state, event);
}

size_t company_told(const struct company *company)
{
    return company->tally.shown;
}

void company_retell(struct company *company)
{
    const struct meet_settings *meet = &company->settings.meet;
    for (size_t i = 0; i < company->tally.count; i++) {
        const struct tally_entry *entry = &company->tally.entries[i];
        meet->event(meet->event_state, &(struct meet_event){.kind = MEET_REVEALED,
                                                            .message = entry->message,
                                                            .message_bytes = entry->bytes,
                                                            .number = i + 1});
    }
}

static int keep_all(struct company *company)
{
    const struct company_settings *settings = &company->settings;
    struct company_piece pieces[COMPANY_SERVERS_MAX];
    for (size_t i = 0; i < settings->count; i++)
        pieces[i] =
            (struct company_piece){company->members[i].kept, company->members[i].kept_bytes};
    uint8_t *kept;
    size_t bytes;
    int err = company_kept_write(settings, pieces, &company->tally, &kept, &bytes);
    if (err)
        return err;
    err = settings->keeper.keep(settings->keeper.state, kept, bytes);
    secret_free(kept);
    return err;
}

/* What was handed over becomes what is kept. Returns: whether there was something. */
static bool take_fresh(struct company *company, uint64_t handed[static COMPANY_SERVERS_MAX])
{
    bool any = false;
    for (size_t i = 0; i < company->settings.count; i++) {
        struct member *member = &company->members[i];
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

static void note_stored(struct company *company, const uint64_t *handed, int err)
{
    pthread_mutex_lock(&company->lock);
    company->keep_error = err;
    for (size_t i = 0; i < company->settings.count; i++)
        company->members[i].stored = handed[i];
    pthread_cond_broadcast(&company->stored);
    pthread_mutex_unlock(&company->lock);
    if (err && !company->told_unkept) {
        company->told_unkept = true;
        tell(company, &(struct meet_event){.kind = MEET_UNKEPT, .err = err});
    }
}

/* Wait for news and deal with all of it. Returns: false once there will be none any more. */
static bool listen_once(struct company *company)
{
    uint64_t handed[COMPANY_SERVERS_MAX];
    pthread_mutex_lock(&company->lock);
    while (!company->first && company->running > 0) {
        bool waiting = false;
        for (size_t i = 0; i < company->settings.count; i++)
            waiting = waiting || company->members[i].fresh;
        if (waiting)
            break;
        pthread_cond_wait(&company->news, &company->lock);
    }
    struct happening *happening = company->first;
    company->first = NULL;
    company->last = &company->first;
    bool fresh = take_fresh(company, handed), more = happening || fresh || company->running > 0;
    pthread_mutex_unlock(&company->lock);

    size_t changes = company->tally.changes;
    while (happening) {
        struct happening *next = happening->next;
        tell(company, &happening->event);
        discard(happening);
        happening = next;
    }
    if (company->settings.keeper.keep && (fresh || company->tally.changes != changes))
        note_stored(company, handed, keep_all(company));
    return more;
}

static int join(struct company *company, size_t started)
{
    int end = 0;
    for (size_t i = 0; i < started; i++) {
        INVARIANT(pthread_join(company->members[i].thread, NULL) == 0);
        int one = company->members[i].end;
        if (i == 0 || one == -ECANCELED)
            end = one;
    }
    return end;
}

int company_run(struct company *company)
{
    size_t started = 0;
    company->running = company->settings.count;
    while (started < company->settings.count &&
           pthread_create(&company->members[started].thread, NULL, attend,
                          &company->members[started]) == 0)
        started++;
    pthread_mutex_lock(&company->lock);
    company->running -= company->settings.count - started;
    pthread_mutex_unlock(&company->lock);
    while (listen_once(company))
        continue;
    int end = join(company, started);
    if (company->first_error)
        return company->first_error;
    return started < company->settings.count && end != -ECANCELED ? -ENOMEM : end;
}

int company_ended(const struct company *company, size_t server)
{
    return company->members[server].end;
}

bool company_reached(const struct company *company, size_t server)
{
    return meet_was_reached(company->members[server].meet);
}

/* Its beginning and end. */

static int open_member(struct company *company, size_t index)
{
    struct member *member = &company->members[index];
    struct meet_settings settings = company->settings.meet;
    settings.event = pass_on;
    settings.event_state = member;
    settings.keeper =
        (struct meet_keeper){company->settings.keeper.keep ? hand_over : NULL, member};
    member->company = company;
    member->index = index;
    return meet_open(&member->meet, company->settings.transports[index], &settings);
}

int company_open(struct company **company, const struct company_settings *settings)
{
    INVARIANT(settings->count > 0 && settings->count <= COMPANY_SERVERS_MAX);
    struct company *made = calloc(1, sizeof *made);
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
        company_free(made);
    else
        *company = made;
    return err;
}

int company_resume(struct company *company, const uint8_t *kept, size_t bytes)
{
    struct company_piece pieces[COMPANY_SERVERS_MAX] = {0};
    int err = company_kept_read(&company->settings, kept, bytes, pieces, &company->tally);
    for (size_t i = 0; i < company->settings.count && !err; i++) {
        struct member *member = &company->members[i];
        if (!pieces[i].bytes)
            continue;
        member->kept = secret_alloc(pieces[i].count);
        if (!member->kept)
            return -ENOMEM;
        memcpy(member->kept, pieces[i].bytes, pieces[i].count);
        member->kept_bytes = pieces[i].count;
        err = meet_resume(member->meet, pieces[i].bytes, pieces[i].count);
    }
    return err;
}

void company_free(struct company *company)
{
    if (!company)
        return;
    for (size_t i = 0; i < company->settings.count; i++) {
        meet_free(company->members[i].meet);
        secret_free(company->members[i].fresh);
        secret_free(company->members[i].kept);
    }
    while (company->first) {
        struct happening *next = company->first->next;
        discard(company->first);
        company->first = next;
    }
    tally_clear(&company->tally);
    pthread_mutex_destroy(&company->lock);
    pthread_cond_destroy(&company->news);
    pthread_cond_destroy(&company->stored);
    free(company);
}
