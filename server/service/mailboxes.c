#include <string.h>

#include "group/mailbox.h"
#include "service/blob.h"
#include "service/state.h"

_Static_assert((int)GROUP_MAILBOX_ID_BYTES == MAILBOX_ID_BYTES &&
                   (int)GROUP_COPY_BYTES == COPY_BYTES && (int)GROUP_R_BYTES == COPY_R_BYTES &&
                   (int)GROUP_READ_KEY_BYTES == READ_KEY_BYTES,
               "what members of groups send is what is stored");

/* Posting */

static enum post_outcome outcome_of(int err)
{
    switch (err) {
    case 0:
        return POST_STORED;
    case -ENOENT:
        return POST_NO_MAILBOX;
    case -EKEYEXPIRED:
        return POST_MAILBOX_CLOSED;
    case -EMFILE:
        return POST_TOO_MANY_MAILBOXES;
    default:
        return POST_UNAVAILABLE;
    }
}

/* One that stands already is renewed even if as much is stored as may be. */
static enum post_outcome stage_mailbox(struct service *service, struct post *post, int64_t now_s)
{
    if (service->table.full && !mailboxes_by_id(&service->mailboxes, post->mailbox_id))
        return POST_STORE_FULL;
    int err = mailboxes_stage_open(&service->mailboxes, &service->batch, post->mailbox_id, now_s,
                                   &post->mailbox_ends_s);
    return err == -EEXIST ? POST_RAISED : outcome_of(err);
}

const struct post_kind post_mailbox = {.stage = stage_mailbox};

static enum post_outcome stage_removal(struct service *service, struct post *post, int64_t now_s)
{
    return outcome_of(mailboxes_stage_removal(&service->mailboxes, &service->batch,
                                              post->mailbox_id, post->mailbox_cursor, now_s));
}

const struct post_kind post_mailbox_removal = {.stage = stage_removal};

static enum post_outcome stage_closing(struct service *service, struct post *post, int64_t now_s)
{
    int err = mailboxes_stage_close(&service->mailboxes, &service->batch, post->mailbox_id, now_s);
    return err == -EEXIST ? POST_STOOD : outcome_of(err);
}

const struct post_kind post_mailbox_closing = {.stage = stage_closing};

/* What is refused is refused to all, or to nobody: the outcome tells nothing of a mailbox. */
static enum post_outcome stage_delivery(struct service *service, struct post *post, int64_t now_s)
{
    if (service->table.full)
        return POST_STORE_FULL;
    int err = post->given ? mailboxes_stage_copy(&service->mailboxes, &service->batch,
                                                 post->mailbox_id, post->given, now_s)
                          : 0;
    return err == -ENOMEM ? POST_UNAVAILABLE : POST_STORED;
}

const struct post_kind post_delivery = {.stage = stage_delivery, .always_commits = true};

void service_take_delivery(const struct service *service, struct post *post,
                           uint8_t copy[static COPY_BYTES], const uint8_t *delivery, size_t bytes)
{
    *post = (struct post){.kind = &post_delivery};
    if (!group_delivery_open(post->mailbox_id, copy, delivery, bytes, service->settings.box_public,
                             service->settings.box_secret))
        post->given = copy;
}

/* Reading */

bool service_has_mailboxes(const struct service *service)
{
    return service->settings.mailboxes.mailboxes_max > 0;
}

void service_mailbox_id(uint8_t id[static MAILBOX_ID_BYTES],
                        const uint8_t read_key[static READ_KEY_BYTES])
{
    group_mailbox_id(id, read_key);
}

int service_mailbox(struct service *service, const uint8_t id[static MAILBOX_ID_BYTES],
                    uint64_t after, size_t capacity, struct blob *copies, struct mailbox_page *page)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct mailbox *mailbox;
    pthread_rwlock_rdlock(&service->lock);
    int err = mailboxes_find(&service->mailboxes, id, now_s, &mailbox);
    if (!err && capacity > mailbox->copy_count)
        capacity = mailbox->copy_count;
    if (!err)
        err = blob_new(copies, capacity, COPY_BYTES);
    if (!err) {
        *page = mailbox_read(mailbox, after, now_s, copies->data, capacity);
        copies->bytes = page->count * COPY_BYTES;
    }
    pthread_rwlock_unlock(&service->lock);
    return err;
}

int service_mailbox_wait(struct service *service, const uint8_t id[static MAILBOX_ID_BYTES],
                         uint64_t after, struct waiter *waiter)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct mailbox *mailbox;
    bool earliest = false, now = true;
    int err = 0;
    /* The lock keeps the writer from publishing between looking and waiting. */
    pthread_rwlock_rdlock(&service->lock);
    if (!mailboxes_find(&service->mailboxes, id, now_s, &mailbox))
        now = mailbox_read(mailbox, after, now_s, NULL, 0).more;
    if (!now)
        err = waiters_add(&service->waiters, &mailbox->waiters, waiter, &earliest);
    pthread_rwlock_unlock(&service->lock);
    if (now || err == -ECANCELED) {
        waiter->wake(waiter);
        return 0;
    }
    if (earliest)
        timer_look(service);
    return err;
}

/* Start, time, end */

static int load_mailbox(void *context, const struct store_mailbox *mailbox)
{
    struct service *service = context;
    return mailboxes_load(&service->mailboxes, mailbox, clock_wall_s(service->clock));
}

static int load_copy(void *context, const struct store_copy *copy)
{
    struct service *service = context;
    return mailboxes_load_copy(&service->mailboxes, copy, clock_wall_s(service->clock));
}

int service_load_mailboxes(struct service *service, struct store_reader *reader)
{
    return store_load_mailboxes(reader,
                                &(struct store_mailbox_visitor){load_mailbox, load_copy, service});
}

void service_bury_mailboxes(struct mailbox *dead)
{
    for (struct mailbox *next; dead; dead = next) {
        next = dead->next_dead;
        mailbox_free(dead);
    }
}
