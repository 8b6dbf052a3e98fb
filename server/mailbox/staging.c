#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "mailbox/mailboxes.h"

/* Batches */

static int reserve(struct mailbox_batch *batch, size_t more)
{
    if (batch->capacity - batch->count >= more)
        return 0;
    size_t capacity = 2 * batch->capacity + more;
    struct change *changes = reallocarray(batch->changes, capacity, sizeof *changes);
    if (!changes)
        return -ENOMEM;
    batch->changes = changes;
    struct mailbox_step *steps = reallocarray(batch->steps, capacity, sizeof *steps);
    if (!steps)
        return -ENOMEM;
    batch->steps = steps;
    struct mailbox_token **added = reallocarray(batch->added, capacity, sizeof(*added));
    if (!added)
        return -ENOMEM;
    batch->added = added;
    batch->capacity = capacity;
    return 0;
}

/* Append a change, for which there is room. */
static struct change *append(struct mailbox_batch *batch, enum change_kind kind,
                             struct mailbox_step step)
{
    INVARIANT(batch->count < batch->capacity);
    struct change *change = &batch->changes[batch->count];
    batch->steps[batch->count++] = step;
    *change = (struct change){.kind = kind};
    return change;
}

static void append_mailbox(struct mailbox_batch *batch, enum change_kind kind,
                           struct mailbox_step step)
{
    const struct mailbox *mailbox = step.mailbox;
    append(batch, kind, step)->mailbox = (struct store_mailbox){
        .id = mailbox ? mailbox->id : step.closed->id,
        .ends_s = mailbox ? mailbox->ends_s : 0,
        .next = mailbox ? mailbox->next : 0,
    };
}

static void append_token(struct mailbox_batch *batch, enum change_kind kind,
                         struct mailbox_token *token)
{
    const struct mailbox_step step = {.mailbox = token->mailbox, .token = token};
    append(batch, kind, step)->copy = (struct store_copy){
        .mailbox_id = token->key,
        .r = token->key + MAILBOX_ID_BYTES,
        .bytes = token->copy,
        .number = token->number,
        .ends_s = token->ends_s,
    };
}

void mailbox_batch_clear(struct mailbox_batch *batch)
{
    batch->count = batch->added_count = 0;
}

void mailbox_batch_free(struct mailbox_batch *batch)
{
    free(batch->changes);
    free(batch->steps);
    free(batch->added);
    *batch = (struct mailbox_batch){0};
}

/* Opening */

/* One that takes part in a batch: visible or not, but not about to end. */
static struct mailbox *usable(const struct mailboxes *mailboxes, const uint8_t *id, int64_t now_s)
{
    struct mailbox *mailbox = mailboxes_by_id(mailboxes, id);
    return mailbox && !mailbox->end_staged && mailbox->ends_s > now_s ? mailbox : NULL;
}

static int stage_renewal(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                         struct mailbox *mailbox, int64_t ends_s)
{
    if (ends_s <= mailbox->ends_s)
        return -EEXIST;
    if (reserve(batch, 1))
        return -ENOMEM;
    int64_t before_s = mailbox->ends_s;
    mailbox->ends_s = ends_s;
    if (mailbox->visible) {
        TAILQ_REMOVE(&mailboxes->by_end, mailbox, by_end);
        mailboxes_order(mailboxes, mailbox);
    }
    append_mailbox(batch, CHANGE_MAILBOX_RENEWED,
                   (struct mailbox_step){.mailbox = mailbox, .ends_before_s = before_s});
    return -EEXIST;
}

/* Numbers begin above those that the mailbox had if it was open before and has expired. */
static uint64_t first_number(int64_t now_s)
{
    enum { NUMBERS_A_SECOND_BITS = 20 };
    return now_s > 0 ? ((uint64_t)now_s << NUMBERS_A_SECOND_BITS) + 1 : 1;
}

int mailboxes_stage_open(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                         const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s, int64_t *ends_s)
{
    struct mailbox *mailbox = mailboxes_by_id(mailboxes, id);
    int64_t then_s = mailboxes_end_s(now_s, mailboxes->rules.life_s);
    if (mailboxes_closed_by_id(mailboxes, id))
        return -EKEYEXPIRED;
    if (mailbox && mailbox->end_staged)
        return -EAGAIN;
    if (mailbox) {
        int err = stage_renewal(mailboxes, batch, mailbox, then_s);
        *ends_s = mailbox->ends_s;
        return err;
    }
    if (mailboxes->by_id.count >= mailboxes->rules.mailboxes_max)
        return -EMFILE;
    mailbox = reserve(batch, 1) ? NULL : mailbox_new(id);
    if (!mailbox)
        return -ENOMEM;
    mailbox->ends_s = then_s;
    mailbox->next = first_number(now_s);
    if (mailboxes_insert(mailboxes, mailbox)) {
        mailbox_free(mailbox);
        return -ENOMEM;
    }
    append_mailbox(batch, CHANGE_MAILBOX_OPENED, (struct mailbox_step){.mailbox = mailbox});
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

int mailboxes_stage_copy(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                         const uint8_t id[static MAILBOX_ID_BYTES],
                         const uint8_t copy[static COPY_BYTES], int64_t now_s)
{
    struct mailbox *mailbox = usable(mailboxes, id, now_s);
    if (!mailbox)
        return -ENOENT;
    struct mailbox_token *token = reserve(batch, 1) ? NULL : mailbox_token_new(mailbox, copy, copy);
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
    TAILQ_INSERT_TAIL(&mailbox->staged, token, siblings);
    batch->added[batch->added_count++] = token;
    append_token(batch, CHANGE_COPY_ADDED, token);
    return 0;
}

/* One that is open and visible. */
static int find_open(const struct mailboxes *mailboxes, const uint8_t *id, int64_t now_s,
                     struct mailbox **found)
{
    struct mailbox *mailbox = usable(mailboxes, id, now_s);
    if (!mailbox)
        return mailboxes_closed_by_id(mailboxes, id) ? -EKEYEXPIRED : -ENOENT;
    *found = mailbox;
    return 0;
}

int mailboxes_stage_removal(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                            const uint8_t id[static MAILBOX_ID_BYTES], uint64_t to, int64_t now_s)
{
    struct mailbox *mailbox;
    int err = find_open(mailboxes, id, now_s, &mailbox);
    if (err)
        return err;
    uint64_t first_left = to < mailbox->next ? to + 1 : mailbox->next;
    const struct mailbox_token *first = TAILQ_FIRST(&mailbox->copies);
    if (!first || first->number >= first_left || first_left <= mailbox->first_left)
        return 0;
    if (reserve(batch, 1))
        return -ENOMEM;
    append_mailbox(
        batch, CHANGE_COPIES_REMOVED,
        (struct mailbox_step){.mailbox = mailbox, .first_left_before = mailbox->first_left});
    batch->changes[batch->count - 1].mailbox.next = first_left;
    mailbox->first_left = first_left;
    return 0;
}

/* Closing */

/* The ids of closed ones have a limit, too: the first makes room, if they are as many. */
static void make_room_for_closed(struct mailboxes *mailboxes, struct mailbox_batch *batch)
{
    struct closed_mailbox *first = TAILQ_FIRST(&mailboxes->closed);
    if (mailboxes->closed_by_id.count <
        MAILBOXES_CLOSED_EACH * (mailboxes->rules.mailboxes_max + 1))
        return;
    while (first && first->forgetting)
        first = TAILQ_NEXT(first, siblings);
    if (!first)
        return;
    first->forgetting = true;
    append_mailbox(batch, CHANGE_MAILBOX_FORGOTTEN, (struct mailbox_step){.closed = first});
}

int mailboxes_stage_close(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                          const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s)
{
    struct mailbox *mailbox;
    int err = find_open(mailboxes, id, now_s, &mailbox);
    if (err)
        return err == -EKEYEXPIRED ? -EEXIST : err;
    struct closed_mailbox *closed = reserve(batch, 2) ? NULL : calloc(1, sizeof *closed);
    if (!closed)
        return -ENOMEM;
    memcpy(closed->id, id, MAILBOX_ID_BYTES);
    if (mailboxes_insert_closed(mailboxes, closed)) {
        free(closed);
        return -ENOMEM;
    }
    mailbox->end_staged = true;
    append_mailbox(batch, CHANGE_MAILBOX_CLOSED,
                   (struct mailbox_step){.mailbox = mailbox, .closed = closed});
    make_room_for_closed(mailboxes, batch);
    return 0;
}

/* Time */

static int stage_ended_tokens(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                              int64_t now_s)
{
    struct mailbox_token *token = TAILQ_FIRST(&mailboxes->tokens_by_end);
    for (size_t left = MAILBOXES_ENDED_AT_ONCE; left > 0 && token && token->ends_s <= now_s;
         left--, token = TAILQ_NEXT(token, by_end)) {
        if (reserve(batch, 1))
            return -ENOMEM;
        append_token(batch, CHANGE_TOKEN_EXPIRED, token);
    }
    return 0;
}

static int stage_ended_mailboxes(struct mailboxes *mailboxes, struct mailbox_batch *batch,
                                 int64_t now_s)
{
    struct mailbox *mailbox = TAILQ_FIRST(&mailboxes->by_end);
    for (size_t left = MAILBOXES_ENDED_AT_ONCE; left > 0 && mailbox && mailbox->ends_s <= now_s;
         left--, mailbox = TAILQ_NEXT(mailbox, by_end)) {
        if (reserve(batch, 1))
            return -ENOMEM;
        mailbox->end_staged = true;
        append_mailbox(batch, CHANGE_MAILBOX_FORGOTTEN, (struct mailbox_step){.mailbox = mailbox});
    }
    return 0;
}

/* Tokens first: a mailbox that ends takes its own with it. */
int mailboxes_stage_time(struct mailboxes *mailboxes, struct mailbox_batch *batch, int64_t now_s)
{
    int err = stage_ended_tokens(mailboxes, batch, now_s);
    return err ? err : stage_ended_mailboxes(mailboxes, batch, now_s);
}

/* Settling */

static int compare_tokens(const void *a, const void *b)
{
    const struct mailbox_token *left = *(struct mailbox_token *const *)a;
    const struct mailbox_token *right = *(struct mailbox_token *const *)b;
    return memcmp(left->key, right->key, TOKEN_KEY_BYTES);
}

void mailboxes_seal(struct mailbox_batch *batch)
{
    qsort(batch->added, batch->added_count, sizeof(*batch->added), compare_tokens);
    for (size_t i = 0; i < batch->added_count; i++) {
        struct mailbox_token *token = batch->added[i];
        bool is_first = i == 0 || batch->added[i - 1]->mailbox != token->mailbox;
        token->number = is_first ? token->mailbox->next : batch->added[i - 1]->number + 1;
    }
    for (size_t i = 0; i < batch->count; i++)
        if (batch->changes[i].kind == CHANGE_COPY_ADDED)
            batch->changes[i].copy.number = batch->steps[i].token->number;
}

/* Undo one step; those after it are undone. */
static void undo(struct mailboxes *mailboxes, const struct change *change,
                 const struct mailbox_step *step)
{
    struct mailbox *mailbox = step->mailbox;
    switch (change->kind) {
    case CHANGE_MAILBOX_OPENED:
        index_remove(&mailboxes->by_id, &mailbox->by_id);
        mailbox_free(mailbox);
        break;
    case CHANGE_MAILBOX_RENEWED:
        mailbox->ends_s = step->ends_before_s;
        if (mailbox->visible) {
            TAILQ_REMOVE(&mailboxes->by_end, mailbox, by_end);
            mailboxes_order(mailboxes, mailbox);
        }
        break;
    case CHANGE_MAILBOX_CLOSED:
        mailbox->end_staged = false;
        mailboxes_drop_closed(mailboxes, step->closed);
        break;
    case CHANGE_MAILBOX_FORGOTTEN:
        *(mailbox ? &mailbox->end_staged : &step->closed->forgetting) = false;
        break;
    case CHANGE_COPY_ADDED:
        TAILQ_REMOVE(&mailbox->staged, step->token, siblings);
        mailboxes_drop_token(mailboxes, step->token);
        break;
    case CHANGE_COPIES_REMOVED:
        mailbox->first_left = step->first_left_before;
        break;
    case CHANGE_TOKEN_EXPIRED:
        break;
    default:
        INVARIANT(!"a change of mailboxes");
    }
}

void mailboxes_rollback(struct mailboxes *mailboxes, struct mailbox_batch *batch)
{
    for (size_t i = batch->count; i-- > 0;)
        undo(mailboxes, &batch->changes[i], &batch->steps[i]);
    mailbox_batch_clear(batch);
}

static void show_copy(struct mailboxes *mailboxes, struct mailbox_token *token)
{
    struct mailbox *mailbox = token->mailbox;
    TAILQ_REMOVE(&mailbox->staged, token, siblings);
    TAILQ_INSERT_TAIL(&mailbox->copies, token, siblings);
    mailboxes_order_token(mailboxes, token);
    mailbox->next = token->number + 1;
}

static void end_token(struct mailboxes *mailboxes, struct mailbox_token *token)
{
    struct mailbox *mailbox = token->mailbox;
    TAILQ_REMOVE(token->copy ? &mailbox->copies : &mailbox->spent, token, siblings);
    TAILQ_REMOVE(&mailboxes->tokens_by_end, token, by_end);
    mailboxes_drop_token(mailboxes, token);
}

static void remove_copies(struct mailboxes *mailboxes, struct mailbox *mailbox, uint64_t first_left)
{
    struct mailbox_token *token;
    while ((token = TAILQ_FIRST(&mailbox->copies)) && token->number < first_left)
        mailboxes_spend(mailboxes, token);
}

/* Take it out with all it holds. */
static void end_mailbox(struct mailboxes *mailboxes, struct mailbox *mailbox, struct mailbox **dead)
{
    struct mailbox_token *token;
    while ((token = TAILQ_FIRST(&mailbox->copies)) || (token = TAILQ_FIRST(&mailbox->spent)))
        end_token(mailboxes, token);
    index_remove(&mailboxes->by_id, &mailbox->by_id);
    TAILQ_REMOVE(&mailboxes->by_end, mailbox, by_end);
    mailbox->next_dead = *dead;
    *dead = mailbox;
}

static void publish(struct mailboxes *mailboxes, const struct change *change,
                    const struct mailbox_step *step, struct mailbox **dead)
{
    switch (change->kind) {
    case CHANGE_MAILBOX_OPENED:
        step->mailbox->visible = true;
        mailboxes_order(mailboxes, step->mailbox);
        break;
    case CHANGE_MAILBOX_CLOSED:
        step->closed->visible = true;
        TAILQ_INSERT_TAIL(&mailboxes->closed, step->closed, siblings);
        end_mailbox(mailboxes, step->mailbox, dead);
        break;
    case CHANGE_MAILBOX_FORGOTTEN:
        if (step->mailbox) {
            end_mailbox(mailboxes, step->mailbox, dead);
        } else {
            TAILQ_REMOVE(&mailboxes->closed, step->closed, siblings);
            mailboxes_drop_closed(mailboxes, step->closed);
        }
        break;
    case CHANGE_COPIES_REMOVED:
        remove_copies(mailboxes, step->mailbox, change->mailbox.next);
        break;
    case CHANGE_TOKEN_EXPIRED:
        end_token(mailboxes, step->token);
        break;
    default:
        break;
    }
}

struct mailbox *mailboxes_publish(struct mailboxes *mailboxes, struct mailbox_batch *batch)
{
    struct mailbox *dead = NULL;
    for (size_t i = 0; i < batch->added_count; i++)
        show_copy(mailboxes, batch->added[i]);
    for (size_t i = 0; i < batch->count; i++)
        publish(mailboxes, &batch->changes[i], &batch->steps[i], &dead);
    return dead;
}
