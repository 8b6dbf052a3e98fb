#include "mailbox/mailboxes.h"

#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "base/secret.h"

/* Indexes */

static uint64_t hash_of(const struct mailboxes *mailboxes, const uint8_t *key, size_t bytes)
{
    return index_hash(mailboxes->index_key, key, bytes);
}

struct mailbox *mailboxes_by_id(const struct mailboxes *mailboxes,
                                const uint8_t id[static MAILBOX_ID_BYTES])
{
    uint64_t hash = hash_of(mailboxes, id, MAILBOX_ID_BYTES);
    for (struct index_node *node = index_first(&mailboxes->by_id, hash); node;
         node = index_next(node)) {
        struct mailbox *mailbox = OWNER_OF(node, struct mailbox, by_id);
        if (memcmp(mailbox->id, id, MAILBOX_ID_BYTES) == 0)
            return mailbox;
    }
    return NULL;
}

struct closed_mailbox *mailboxes_closed_by_id(const struct mailboxes *mailboxes,
                                              const uint8_t id[static MAILBOX_ID_BYTES])
{
    uint64_t hash = hash_of(mailboxes, id, MAILBOX_ID_BYTES);
    for (struct index_node *node = index_first(&mailboxes->closed_by_id, hash); node;
         node = index_next(node)) {
        struct closed_mailbox *closed = OWNER_OF(node, struct closed_mailbox, by_id);
        if (memcmp(closed->id, id, MAILBOX_ID_BYTES) == 0)
            return closed;
    }
    return NULL;
}

struct mailbox_token *mailboxes_token(const struct mailboxes *mailboxes,
                                      const uint8_t key[static TOKEN_KEY_BYTES])
{
    uint64_t hash = hash_of(mailboxes, key, TOKEN_KEY_BYTES);
    for (struct index_node *node = index_first(&mailboxes->by_token, hash); node;
         node = index_next(node)) {
        struct mailbox_token *token = OWNER_OF(node, struct mailbox_token, by_key);
        if (memcmp(token->key, key, TOKEN_KEY_BYTES) == 0)
            return token;
    }
    return NULL;
}

int mailboxes_insert(struct mailboxes *mailboxes, struct mailbox *mailbox)
{
    return index_insert(&mailboxes->by_id, &mailbox->by_id,
                        hash_of(mailboxes, mailbox->id, MAILBOX_ID_BYTES));
}

int mailboxes_insert_closed(struct mailboxes *mailboxes, struct closed_mailbox *closed)
{
    return index_insert(&mailboxes->closed_by_id, &closed->by_id,
                        hash_of(mailboxes, closed->id, MAILBOX_ID_BYTES));
}

static size_t cost_of(const struct mailbox_token *token)
{
    return (size_t)MAILBOX_TOKEN_COST_BYTES + (token->copy ? (size_t)MAILBOX_COPY_COST_BYTES : 0);
}

int mailboxes_insert_token(struct mailboxes *mailboxes, struct mailbox_token *token)
{
    int err = index_insert(&mailboxes->by_token, &token->by_key,
                           hash_of(mailboxes, token->key, TOKEN_KEY_BYTES));
    if (err)
        return err;
    mailboxes->bytes += cost_of(token);
    token->mailbox->token_count++;
    if (token->copy) {
        token->mailbox->copy_count++;
        mailboxes->copies++;
    }
    return 0;
}

/* What is counted as a copy is none any more. */
static void uncount_copy(struct mailboxes *mailboxes, const struct mailbox_token *token)
{
    token->mailbox->copy_count--;
    mailboxes->copies--;
}

void mailboxes_spend(struct mailboxes *mailboxes, struct mailbox_token *token)
{
    uncount_copy(mailboxes, token);
    mailboxes->bytes -= MAILBOX_COPY_COST_BYTES;
    TAILQ_REMOVE(&token->mailbox->copies, token, siblings);
    mailbox_token_spend(token);
    TAILQ_INSERT_TAIL(&token->mailbox->spent, token, siblings);
}

void mailboxes_drop_token(struct mailboxes *mailboxes, struct mailbox_token *token)
{
    mailboxes->bytes -= cost_of(token);
    token->mailbox->token_count--;
    if (token->copy)
        uncount_copy(mailboxes, token);
    index_remove(&mailboxes->by_token, &token->by_key);
    mailbox_token_free(token);
}

void mailboxes_drop_closed(struct mailboxes *mailboxes, struct closed_mailbox *closed)
{
    index_remove(&mailboxes->closed_by_id, &closed->by_id);
    secret_wipe(closed, sizeof *closed);
    free(closed);
}

/* Ends */

int64_t mailboxes_end_s(int64_t now_s, int64_t life_s)
{
    return (now_s + life_s + MAILBOX_HOUR_S - 1) / MAILBOX_HOUR_S * MAILBOX_HOUR_S;
}

/* What is new ends last, unless the clock was set. */
void mailboxes_order(struct mailboxes *mailboxes, struct mailbox *mailbox)
{
    struct mailbox *before = TAILQ_LAST(&mailboxes->by_end, mailbox_list);
    while (before && before->ends_s > mailbox->ends_s)
        before = TAILQ_PREV(before, mailbox_list, by_end);
    if (before)
        TAILQ_INSERT_AFTER(&mailboxes->by_end, before, mailbox, by_end);
    else
        TAILQ_INSERT_HEAD(&mailboxes->by_end, mailbox, by_end);
}

void mailboxes_order_token(struct mailboxes *mailboxes, struct mailbox_token *token)
{
    struct mailbox_token *before = TAILQ_LAST(&mailboxes->tokens_by_end, mailbox_tokens);
    while (before && before->ends_s > token->ends_s)
        before = TAILQ_PREV(before, mailbox_tokens, by_end);
    if (before)
        TAILQ_INSERT_AFTER(&mailboxes->tokens_by_end, before, token, by_end);
    else
        TAILQ_INSERT_HEAD(&mailboxes->tokens_by_end, token, by_end);
}

int64_t mailboxes_next_end_s(const struct mailboxes *mailboxes)
{
    const struct mailbox *mailbox = TAILQ_FIRST(&mailboxes->by_end);
    const struct mailbox_token *token = TAILQ_FIRST(&mailboxes->tokens_by_end);
    int64_t next_s = mailbox ? mailbox->ends_s : INT64_MAX;
    return token && token->ends_s < next_s ? token->ends_s : next_s;
}

/* Finding */

int mailboxes_find(const struct mailboxes *mailboxes, const uint8_t id[static MAILBOX_ID_BYTES],
                   int64_t now_s, struct mailbox **found)
{
    struct mailbox *mailbox = mailboxes_by_id(mailboxes, id);
    if (mailbox && mailbox->visible && mailbox->ends_s > now_s) {
        *found = mailbox;
        return 0;
    }
    const struct closed_mailbox *closed = mailboxes_closed_by_id(mailboxes, id);
    return closed && closed->visible ? -EKEYEXPIRED : -ENOENT;
}

struct mailbox *mailboxes_take_dead(struct mailboxes *mailboxes)
{
    struct mailbox *dead = mailboxes->dead;
    mailboxes->dead = NULL;
    return dead;
}

/* Start and end */

void mailboxes_init(struct mailboxes *mailboxes, const struct mailbox_rules *rules,
                    const struct random_source *random)
{
    *mailboxes = (struct mailboxes){.rules = *rules};
    random_fill(random, mailboxes->index_key, sizeof mailboxes->index_key);
    TAILQ_INIT(&mailboxes->by_end);
    TAILQ_INIT(&mailboxes->tokens_by_end);
    TAILQ_INIT(&mailboxes->closed);
}

void mailboxes_free(struct mailboxes *mailboxes)
{
    struct mailbox_token *token;
    struct mailbox *mailbox;
    struct closed_mailbox *closed;
    while ((token = TAILQ_FIRST(&mailboxes->tokens_by_end))) {
        TAILQ_REMOVE(&mailboxes->tokens_by_end, token, by_end);
        mailboxes_drop_token(mailboxes, token);
    }
    while ((mailbox = TAILQ_FIRST(&mailboxes->by_end))) {
        TAILQ_REMOVE(&mailboxes->by_end, mailbox, by_end);
        mailbox_free(mailbox);
    }
    while ((closed = TAILQ_FIRST(&mailboxes->closed))) {
        TAILQ_REMOVE(&mailboxes->closed, closed, siblings);
        mailboxes_drop_closed(mailboxes, closed);
    }
    index_free(&mailboxes->by_id);
    index_free(&mailboxes->by_token);
    index_free(&mailboxes->closed_by_id);
}

/* Loading */

static int64_t no_later(int64_t ends_s, int64_t now_s, int64_t life_s)
{
    int64_t latest_s = mailboxes_end_s(now_s, life_s);
    return ends_s < latest_s ? ends_s : latest_s;
}

static int load_closed(struct mailboxes *mailboxes, const uint8_t *id)
{
    struct closed_mailbox *closed = calloc(1, sizeof *closed);
    if (!closed)
        return -ENOMEM;
    memcpy(closed->id, id, MAILBOX_ID_BYTES);
    closed->all = mailboxes;
    closed->visible = true;
    if (mailboxes_insert_closed(mailboxes, closed)) {
        free(closed);
        return -ENOMEM;
    }
    TAILQ_INSERT_TAIL(&mailboxes->closed, closed, siblings);
    return 0;
}

int mailboxes_load(struct mailboxes *mailboxes, const struct store_mailbox *loaded, int64_t now_s)
{
    if (mailboxes_by_id(mailboxes, loaded->id) || mailboxes_closed_by_id(mailboxes, loaded->id))
        return -EBADMSG;
    if (loaded->ends_s == 0)
        return load_closed(mailboxes, loaded->id);
    struct mailbox *mailbox = mailbox_new(loaded->id);
    if (!mailbox)
        return -ENOMEM;
    mailbox->all = mailboxes;
    mailbox->visible = true;
    mailbox->next = loaded->next;
    mailbox->ends_s = no_later(loaded->ends_s, now_s, mailboxes->rules.life_s);
    if (mailboxes_insert(mailboxes, mailbox)) {
        mailbox_free(mailbox);
        return -ENOMEM;
    }
    mailboxes_order(mailboxes, mailbox);
    return 0;
}

/* By number; they come in no order. */
static void insert_copy(struct mailbox *mailbox, struct mailbox_token *token)
{
    struct mailbox_token *before = TAILQ_LAST(&mailbox->copies, mailbox_tokens);
    while (before && before->number > token->number)
        before = TAILQ_PREV(before, mailbox_tokens, siblings);
    if (before)
        TAILQ_INSERT_AFTER(&mailbox->copies, before, token, siblings);
    else
        TAILQ_INSERT_HEAD(&mailbox->copies, token, siblings);
}

int mailboxes_load_copy(struct mailboxes *mailboxes, const struct store_copy *loaded, int64_t now_s)
{
    struct mailbox *mailbox = mailboxes_by_id(mailboxes, loaded->mailbox_id);
    if (!mailbox)
        return -EBADMSG;
    struct mailbox_token *token = mailbox_token_new(mailbox, loaded->r, loaded->bytes);
    if (!token)
        return -ENOMEM;
    int err = mailboxes_token(mailboxes, token->key) ? -EBADMSG
                                                     : mailboxes_insert_token(mailboxes, token);
    if (err) {
        mailbox_token_free(token);
        return err;
    }
    token->ends_s = no_later(loaded->ends_s, now_s, mailboxes->rules.copy_life_s);
    mailboxes_order_token(mailboxes, token);
    if (!token->copy) {
        TAILQ_INSERT_TAIL(&mailbox->spent, token, siblings);
        return 0;
    }
    token->number = loaded->number;
    insert_copy(mailbox, token);
    if (mailbox->next <= token->number)
        mailbox->next = token->number + 1;
    return 0;
}
