#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "mailbox/mailboxes.h"

/* What several changes share */

/* One that takes part in a batch: visible or not, but not about to end. */
static struct mailbox *usable(const struct mailboxes *mailboxes, const uint8_t *id, int64_t now_s)
{
    struct mailbox *mailbox = mailboxes_by_id(mailboxes, id);
    return mailbox && !mailbox->end_staged && mailbox->ends_s > now_s ? mailbox : NULL;
}

/* Append a change of a mailbox, for which there is room. Returns: what the store writes. */
static struct store_mailbox *add(struct batch *batch, enum change_kind kind,
                                 const struct staged_methods *methods, struct mailbox *mailbox)
{
    const struct staged staged = {.methods = methods, .what = mailbox};
    struct change *change = batch_add(batch, kind, &staged);
    change->mailbox = (struct store_mailbox){mailbox->id, mailbox->ends_s, mailbox->next};
    return &change->mailbox;
}

static void add_token(struct batch *batch, enum change_kind kind,
                      const struct staged_methods *methods, struct mailbox_token *token,
                      struct waiter_list *wakes)
{
    const struct staged staged = {.methods = methods, .what = token, .wakes = wakes};
    batch_add(batch, kind, &staged)->copy = (struct store_copy){
        .mailbox_id = token->key,
        .r = token->key + MAILBOX_ID_BYTES,
        .bytes = token->copy,
        .number = token->number,
        .ends_s = token->ends_s,
    };
}

/* Opening */

static void reorder(struct mailbox *mailbox)
{
    if (!mailbox->visible)
        return;
    TAILQ_REMOVE(&mailbox->all->by_end, mailbox, by_end);
    mailboxes_order(mailbox->all, mailbox);
}

static void undo_renewal(const struct staged *staged)
{
    struct mailbox *mailbox = staged->what;
    mailbox->ends_s = mailbox->ends_before_s;
    reorder(mailbox);
}

static void publish_nothing(const struct staged *staged)
{
    (void)staged;
}

static int stage_renewal(struct batch *batch, struct mailbox *mailbox, int64_t ends_s)
{
    static const struct staged_methods methods = {undo_renewal, publish_nothing, NULL};
    if (ends_s <= mailbox->ends_s)
        return -EEXIST;
    if (batch_reserve(batch, 1))
        return -ENOMEM;
    mailbox->ends_before_s = mailbox->ends_s;
    mailbox->ends_s = ends_s;
    reorder(mailbox);
    (void)add(batch, CHANGE_MAILBOX_RENEWED, &methods, mailbox);
    return -EEXIST;
}

/* Numbers begin above those that the mailbox had if it was open before and has expired. */
static uint64_t first_number(int64_t now_s)
{
    enum { NUMBERS_A_SECOND_BITS = 20 };
    return now_s > 0 ? ((uint64_t)now_s << NUMBERS_A_SECOND_BITS) + 1 : 1;
}

static void undo_opening(const struct staged *staged)
{
    struct mailbox *mailbox = staged->what;
    index_remove(&mailbox->all->by_id, &mailbox->by_id);
    mailbox_free(mailbox);
}

static void publish_opening(const struct staged *staged)
{
    struct mailbox *mailbox = staged->what;
    mailbox->visible = true;
    mailboxes_order(mailbox->all, mailbox);
}

int mailboxes_stage_open(struct mailboxes *mailboxes, struct batch *batch,
                         const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s, int64_t *ends_s)
{
    static const struct staged_methods methods = {undo_opening, publish_opening, NULL};
    struct mailbox *mailbox = mailboxes_by_id(mailboxes, id);
    int64_t then_s = mailboxes_end_s(now_s, mailboxes->rules.life_s);
    if (mailboxes_closed_by_id(mailboxes, id))
        return -EKEYEXPIRED;
    if (mailbox && mailbox->end_staged)
        return -EBUSY;
    if (mailbox) {
        int err = stage_renewal(batch, mailbox, then_s);
        *ends_s = mailbox->ends_s;
        return err;
    }
    if (mailboxes->by_id.count >= mailboxes->rules.mailboxes_max)
        return -EMFILE;
    mailbox = batch_reserve(batch, 1) ? NULL : mailbox_new(id);
    if (!mailbox)
        return -ENOMEM;
    mailbox->all = mailboxes;
    mailbox->ends_s = then_s;
    mailbox->next = first_number(now_s);
    if (mailboxes_insert(mailboxes, mailbox)) {
        mailbox_free(mailbox);
        return -ENOMEM;
    }
    (void)add(batch, CHANGE_MAILBOX_OPENED, &methods, mailbox);
    *ends_s = then_s;
    return 0;
}

/* Copies */

static bool has_room(const struct mailboxes *mailboxes, const struct mailbox *mailbox)
{
    const struct mailbox_rules *rules = &mailboxes->rules;
    const size_t cost = (size_t)MAILBOX_TOKEN_COST_BYTES + MAILBOX_COPY_COST_BYTES;
    return mailbox->copy_count < rules->copies_max &&
           mailbox->token_count < MAILBOX_TOKENS_EACH * rules->copies_max &&
           mailboxes->bytes + cost <= rules->bytes_max;
}

static int compare_tokens(const void *a, const void *b)
{
    const struct mailbox_token *left = *(struct mailbox_token *const *)a;
    const struct mailbox_token *right = *(struct mailbox_token *const *)b;
    return memcmp(left->key, right->key, TOKEN_KEY_BYTES);
}

/* With its first copy, number all of a mailbox. */
static void seal_copy(const struct staged *staged, struct change *change)
{
    struct mailbox_token *token = staged->what;
    struct mailbox *mailbox = token->mailbox;
    if (token->number == 0) {
        qsort(mailbox->staged, mailbox->staged_count, sizeof(*mailbox->staged), compare_tokens);
        for (size_t i = 0; i < mailbox->staged_count; i++)
            mailbox->staged[i]->number = mailbox->next + i;
    }
    change->copy.number = token->number;
}

/* The copies of a mailbox are undone latest first; or, once they are sealed, all of them. */
static void undo_copy(const struct staged *staged)
{
    struct mailbox_token *token = staged->what;
    token->mailbox->staged_count--;
    mailboxes_drop_token(token->mailbox->all, token);
}

/* With its first copy, show all of a mailbox. */
static void publish_copy(const struct staged *staged)
{
    struct mailbox_token *first = staged->what;
    struct mailbox *mailbox = first->mailbox;
    for (size_t i = 0; i < mailbox->staged_count; i++) {
        struct mailbox_token *token = mailbox->staged[i];
        TAILQ_INSERT_TAIL(&mailbox->copies, token, siblings);
        mailboxes_order_token(mailbox->all, token);
        mailbox->next = token->number + 1;
    }
    free(mailbox->staged);
    mailbox->staged = NULL;
    mailbox->staged_count = mailbox->staged_room = 0;
}

static int reserve_staged(struct mailbox *mailbox)
{
    if (mailbox->staged_count < mailbox->staged_room)
        return 0;
    size_t room = 2 * mailbox->staged_room + 1;
    struct mailbox_token **staged = reallocarray(mailbox->staged, room, sizeof(*staged));
    if (!staged)
        return -ENOMEM;
    mailbox->staged = staged;
    mailbox->staged_room = room;
    return 0;
}

int mailboxes_stage_copy(struct mailboxes *mailboxes, struct batch *batch,
                         const uint8_t id[static MAILBOX_ID_BYTES],
                         const uint8_t copy[static COPY_BYTES], int64_t now_s)
{
    static const struct staged_methods methods = {undo_copy, publish_copy, seal_copy};
    struct mailbox *mailbox = usable(mailboxes, id, now_s);
    if (!mailbox)
        return -ENOENT;
    if (batch_reserve(batch, 1) || reserve_staged(mailbox))
        return -ENOMEM;
    struct mailbox_token *token = mailbox_token_new(mailbox, copy, copy);
    if (!token)
        return -ENOMEM;
    int err = mailboxes_token(mailboxes, token->key) ? -EEXIST
              : !has_room(mailboxes, mailbox)        ? -ENOSPC
                                                     : mailboxes_insert_token(mailboxes, token);
    if (err) {
        mailbox_token_free(token);
        return err;
    }
    token->ends_s = mailboxes_end_s(now_s, mailboxes->rules.copy_life_s);
    mailbox->staged[mailbox->staged_count++] = token;
    add_token(batch, CHANGE_COPY_ADDED, &methods, token, &mailbox->waiters);
    return 0;
}

/* One that is open. */
static int find_open(const struct mailboxes *mailboxes, const uint8_t *id, int64_t now_s,
                     struct mailbox **found)
{
    struct mailbox *mailbox = usable(mailboxes, id, now_s);
    if (!mailbox)
        return mailboxes_closed_by_id(mailboxes, id) ? -EKEYEXPIRED : -ENOENT;
    *found = mailbox;
    return 0;
}

static void undo_removal(const struct staged *staged)
{
    struct mailbox *mailbox = staged->what;
    mailbox->first_left = 0;
}

/* The first one of a batch is for all of them. */
static void publish_removal(const struct staged *staged)
{
    struct mailbox *mailbox = staged->what;
    struct mailbox_token *token;
    while ((token = TAILQ_FIRST(&mailbox->copies)) && token->number < mailbox->first_left)
        mailboxes_spend(mailbox->all, token);
    mailbox->first_left = 0;
}

int mailboxes_stage_removal(struct mailboxes *mailboxes, struct batch *batch,
                            const uint8_t id[static MAILBOX_ID_BYTES], uint64_t to, int64_t now_s)
{
    static const struct staged_methods methods = {undo_removal, publish_removal, NULL};
    struct mailbox *mailbox;
    int err = find_open(mailboxes, id, now_s, &mailbox);
    if (err)
        return err;
    uint64_t first_left = to < mailbox->next ? to + 1 : mailbox->next;
    const struct mailbox_token *first = TAILQ_FIRST(&mailbox->copies);
    if (!first || first->number >= first_left || first_left <= mailbox->first_left)
        return 0;
    if (batch_reserve(batch, 1))
        return -ENOMEM;
    add(batch, CHANGE_COPIES_REMOVED, &methods, mailbox)->next = first_left;
    mailbox->first_left = first_left;
    return 0;
}

/* Closing, and expiry */

static void end_token(struct mailbox_token *token)
{
    struct mailbox *mailbox = token->mailbox;
    TAILQ_REMOVE(token->copy ? &mailbox->copies : &mailbox->spent, token, siblings);
    TAILQ_REMOVE(&mailbox->all->tokens_by_end, token, by_end);
    mailboxes_drop_token(mailbox->all, token);
}

/* Take it out with all it holds. */
static void end_mailbox(struct mailbox *mailbox)
{
    struct mailboxes *mailboxes = mailbox->all;
    struct mailbox_token *token;
    while ((token = TAILQ_FIRST(&mailbox->copies)) || (token = TAILQ_FIRST(&mailbox->spent)))
        end_token(token);
    index_remove(&mailboxes->by_id, &mailbox->by_id);
    TAILQ_REMOVE(&mailboxes->by_end, mailbox, by_end);
    mailbox->next_dead = mailboxes->dead;
    mailboxes->dead = mailbox;
}

static void undo_closing(const struct staged *staged)
{
    struct closed_mailbox *closed = staged->what;
    closed->closing->end_staged = false;
    mailboxes_drop_closed(closed->all, closed);
}

static void publish_closing(const struct staged *staged)
{
    struct closed_mailbox *closed = staged->what;
    closed->visible = true;
    TAILQ_INSERT_TAIL(&closed->all->closed, closed, siblings);
    end_mailbox(closed->closing);
    closed->closing = NULL;
}

static void undo_forgetting(const struct staged *staged)
{
    struct closed_mailbox *closed = staged->what;
    closed->forgetting = false;
}

static void publish_forgetting(const struct staged *staged)
{
    struct closed_mailbox *closed = staged->what;
    TAILQ_REMOVE(&closed->all->closed, closed, siblings);
    mailboxes_drop_closed(closed->all, closed);
}

/* The ids of closed ones have a limit, too: the first makes room, if they are as many. */
static void make_room_for_closed(struct mailboxes *mailboxes, struct batch *batch)
{
    static const struct staged_methods methods = {undo_forgetting, publish_forgetting, NULL};
    struct closed_mailbox *first = TAILQ_FIRST(&mailboxes->closed);
    if (mailboxes->closed_by_id.count <=
        (size_t)MAILBOXES_CLOSED_EACH * mailboxes->rules.mailboxes_max)
        return;
    while (first && first->forgetting)
        first = TAILQ_NEXT(first, siblings);
    if (!first)
        return;
    first->forgetting = true;
    const struct staged staged = {.methods = &methods, .what = first};
    batch_add(batch, CHANGE_MAILBOX_FORGOTTEN, &staged)->mailbox.id = first->id;
}

int mailboxes_stage_close(struct mailboxes *mailboxes, struct batch *batch,
                          const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s)
{
    static const struct staged_methods methods = {undo_closing, publish_closing, NULL};
    struct mailbox *mailbox;
    int err = find_open(mailboxes, id, now_s, &mailbox);
    if (err)
        return err == -EKEYEXPIRED ? -EEXIST : err;
    struct closed_mailbox *closed = batch_reserve(batch, 2) ? NULL : calloc(1, sizeof *closed);
    if (!closed)
        return -ENOMEM;
    closed->all = mailboxes;
    closed->closing = mailbox;
    memcpy(closed->id, id, MAILBOX_ID_BYTES);
    if (mailboxes_insert_closed(mailboxes, closed)) {
        free(closed);
        return -ENOMEM;
    }
    mailbox->end_staged = true;
    const struct staged staged = {.methods = &methods, .what = closed, .wakes = &mailbox->waiters};
    batch_add(batch, CHANGE_MAILBOX_CLOSED, &staged)->mailbox.id = mailbox->id;
    make_room_for_closed(mailboxes, batch);
    return 0;
}

static void publish_token_end(const struct staged *staged)
{
    end_token(staged->what);
}

static int stage_ended_tokens(struct mailboxes *mailboxes, struct batch *batch, int64_t now_s)
{
    static const struct staged_methods methods = {NULL, publish_token_end, NULL};
    struct mailbox_token *token = TAILQ_FIRST(&mailboxes->tokens_by_end);
    for (size_t left = MAILBOXES_ENDED_AT_ONCE; left > 0 && token && token->ends_s <= now_s;
         left--, token = TAILQ_NEXT(token, by_end)) {
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        add_token(batch, CHANGE_TOKEN_EXPIRED, &methods, token, NULL);
    }
    return 0;
}

static void undo_expiry(const struct staged *staged)
{
    struct mailbox *mailbox = staged->what;
    mailbox->end_staged = false;
}

static void publish_expiry(const struct staged *staged)
{
    end_mailbox(staged->what);
}

static int stage_ended_mailboxes(struct mailboxes *mailboxes, struct batch *batch, int64_t now_s)
{
    static const struct staged_methods methods = {undo_expiry, publish_expiry, NULL};
    struct mailbox *mailbox = TAILQ_FIRST(&mailboxes->by_end);
    for (size_t left = MAILBOXES_ENDED_AT_ONCE; left > 0 && mailbox && mailbox->ends_s <= now_s;
         left--, mailbox = TAILQ_NEXT(mailbox, by_end)) {
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        mailbox->end_staged = true;
        (void)add(batch, CHANGE_MAILBOX_FORGOTTEN, &methods, mailbox);
        batch->staged[batch->count - 1].wakes = &mailbox->waiters;
    }
    return 0;
}

/* Tokens first: a mailbox that ends takes its own with it. */
int mailboxes_stage_time(struct mailboxes *mailboxes, struct batch *batch, int64_t now_s)
{
    int err = stage_ended_tokens(mailboxes, batch, now_s);
    return err ? err : stage_ended_mailboxes(mailboxes, batch, now_s);
}
