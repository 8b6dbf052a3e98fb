#include "group/talk.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "group/show.h"

/* Packets after which it is saved that they were sent. What a kill makes to be sent twice is shown
 * once. */
enum { UNSAVED_MAX = 16 };

enum { ROUND_MS = 500 }; /* between two rounds while something is awaited */

static int64_t now_s(void)
{
    return clock_wall_s(&clock_system);
}

static int save(struct context *context)
{
    return context_save(context) == OUTCOME_DONE ? 0 : -EIO;
}

/* What the engine says is about this machine. */
static int fail_here(struct context *context, int err)
{
    if (!err)
        return 0;
    (void)outcome_failed(err, "go on with group %s", context->name);
    return -EIO;
}

static int fail(struct context *context, int err, const char *what)
{
    context_report_away(context, err, what);
    return err;
}

static int open_mailbox(struct context *context, const struct device_mailbox *mailbox)
{
    int64_t expires_s = 0;
    struct post *post = context->post;
    struct device *device = context->stored.device;
    int err = post->verbs->open(post, mailbox->read_key, &expires_s);
    if (err == -EACCES) {
        device_mailbox_lost(device, mailbox->id, true, now_s());
        return save(context);
    }
    if (err)
        return fail(context, err, "open a mailbox");
    err = fail_here(context, device_mailbox_opened(device, mailbox->id, expires_s, now_s()));
    return err ? err : save(context);
}

static int close_mailbox(struct context *context, const struct device_mailbox *mailbox)
{
    struct post *post = context->post;
    int err = mailbox->is_open ? post->verbs->close(post, mailbox->read_key) : 0;
    if (err && err != -ENOENT)
        return fail(context, err, "close a mailbox");
    device_mailbox_closed(context->stored.device, mailbox->id);
    return save(context);
}

/* Mailboxes that are to be opened, renewed or closed. */
static int keep_mailboxes(struct context *context)
{
    const struct device *device = context->stored.device;
    int err = 0;
    /* From the end: one that is closed drops out. */
    for (size_t i = device_mailboxes(device); !err && i-- > 0;) {
        const struct device_mailbox mailbox = *device_mailbox(device, i);
        if (mailbox.is_to_close)
            err = close_mailbox(context, &mailbox);
        else if (!mailbox.is_open || mailbox.renew_s <= now_s())
            err = open_mailbox(context, &mailbox);
    }
    return err;
}

static int read_mailbox(struct context *context, const struct device_mailbox *mailbox)
{
    struct post *post = context->post;
    struct device *device = context->stored.device;
    struct post_copies copies = {.more = true, .cursor = mailbox->cursor};
    while (copies.more) {
        uint64_t before = copies.cursor;
        int err = post->verbs->read(post, mailbox->read_key, before, &copies);
        if (err == -ENOENT) {
            device_mailbox_lost(device, mailbox->id, false, now_s());
            return save(context);
        }
        if (err)
            return fail(context, err, "read a mailbox");
        if (copies.count == 0)
            return 0;
        err = fail_here(context, device_take(device, mailbox->id, copies.cursor, copies.copies[0],
                                             copies.count, now_s()));
        if (!err)
            err = save(context);
        if (err)
            return err;
        err = post->verbs->remove(post, mailbox->read_key, copies.cursor);
        if (err && err != -ENOENT)
            return fail(context, err, "empty a mailbox");
    }
    return 0;
}

static int read_mailboxes(struct context *context, bool old_too)
{
    struct device_mailbox mailboxes[DEVICE_MAILBOXES_MAX];
    size_t count = device_mailboxes(context->stored.device);
    int err = 0;
    for (size_t i = 0; i < count; i++)
        mailboxes[i] = *device_mailbox(context->stored.device, i);
    for (size_t i = 0; !err && i < count; i++)
        if (mailboxes[i].is_open && (old_too || mailboxes[i].retired_s == 0))
            err = read_mailbox(context, &mailboxes[i]);
    return err;
}

static int send_all(struct context *context)
{
    struct post *post = context->post;
    struct group_division server = {.port = 0};
    struct device_dispatch dispatch;
    size_t unsaved = 0;
    int err = 0;
    memcpy(server.server_public, post->server_public, sizeof server.server_public);
    while (!err && !device_dispatch(context->stored.device, &server, &dispatch, now_s())) {
        unsigned delivered = 0;
        err = post->verbs->send(post, &dispatch.division, dispatch.count, &delivered);
        device_dispatched(context->stored.device, &dispatch, delivered, now_s());
        if (err)
            fail(context, err, "deliver a message");
        if (++unsaved < UNSAVED_MAX && !err)
            continue;
        unsaved = 0;
        if (save(context))
            return -EIO;
    }
    if (unsaved > 0 && save(context))
        return -EIO;
    return err;
}

int talk(struct context *context, bool old_too)
{
    int err = keep_mailboxes(context);
    if (!err)
        err = read_mailboxes(context, old_too);
    if (!err)
        err = fail_here(context, device_tick(context->stored.device, now_s()));
    if (!err)
        err = keep_mailboxes(context); /* a new epoch may have brought one */
    if (!err)
        err = save(context);
    if (!err)
        err = send_all(context);
    if (!err && context->away) {
        context->away = false;
        show_back(context);
    }
    return err;
}

/* Whether the same may work a moment later. */
static bool is_passing(const struct context *context, int err)
{
    return err == -EAGAIN || (err == -EHOSTUNREACH && context->post->is_silent);
}

/* The end that an error of `talk`, which was reported, is. */
static enum outcome outcome_of(int err)
{
    if (err == 0)
        return OUTCOME_DONE;
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -EIO || err == -ENOMEM)
        return OUTCOME_FAILED;
    return err == -EACCES || err == -ENOSPC || err == -EINVAL ? OUTCOME_REFUSED : OUTCOME_SERVER;
}

enum outcome talk_until(struct context *context, bool (*is_done)(struct context *context),
                        int64_t patience_ms)
{
    int64_t until_ms =
        clock_monotonic_ms(&clock_system) + (patience_ms > 0 ? patience_ms : TALK_PATIENCE_MS);
    for (;;) {
        int err = talk(context, true);
        bool is_over = err ? !is_passing(context, err) : !is_done || is_done(context);
        if (is_over || clock_monotonic_ms(&clock_system) >= until_ms)
            return outcome_of(err);
        struct pollfd wait = {.fd = context->stop.fd, .events = POLLIN};
        if (poll(&wait, 1, ROUND_MS) > 0)
            return OUTCOME_INTERRUPTED;
    }
}
