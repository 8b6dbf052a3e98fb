#include "mailbox/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct mailbox *mailbox_new(const uint8_t id[static MAILBOX_ID_BYTES])
{
    struct mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox)
        return NULL;
    memcpy(mailbox->id, id, MAILBOX_ID_BYTES);
    TAILQ_INIT(&mailbox->copies);
    TAILQ_INIT(&mailbox->spent);
    LIST_INIT(&mailbox->waiters);
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    INVARIANT(mailbox->token_count == 0 && LIST_EMPTY(&mailbox->waiters));
    free(mailbox->staged);
    secret_wipe(mailbox, sizeof *mailbox);
    free(mailbox);
}

struct mailbox_token *mailbox_token_new(struct mailbox *mailbox,
                                        const uint8_t r[static COPY_R_BYTES], const uint8_t *copy)
{
    struct mailbox_token *token = calloc(1, sizeof *token);
    if (!token)
        return NULL;
    if (copy && !(token->copy = malloc(COPY_BYTES))) {
        free(token);
        return NULL;
    }
    if (copy)
        memcpy(token->copy, copy, COPY_BYTES);
    memcpy(token->key, mailbox->id, MAILBOX_ID_BYTES);
    memcpy(token->key + MAILBOX_ID_BYTES, r, COPY_R_BYTES);
    token->mailbox = mailbox;
    return token;
}

void mailbox_token_free(struct mailbox_token *token)
{
    if (!token)
        return;
    if (token->copy)
        mailbox_token_spend(token);
    secret_wipe(token, sizeof *token);
    free(token);
}

void mailbox_token_spend(struct mailbox_token *token)
{
    secret_wipe(token->copy, COPY_BYTES);
    free(token->copy);
    token->copy = NULL;
    token->number = 0;
}

struct mailbox_page mailbox_read(const struct mailbox *mailbox, uint64_t after, int64_t now_s,
                                 uint8_t *copies, size_t capacity)
{
    struct mailbox_page page = {.cursor = after};
    const struct mailbox_token *token;
    TAILQ_FOREACH(token, &mailbox->copies, siblings)
    {
        if (token->number <= after || token->ends_s <= now_s)
            continue;
        if (page.count == capacity) {
            page.more = true;
            break;
        }
        memcpy(copies + page.count++ * COPY_BYTES, token->copy, COPY_BYTES);
        page.cursor = token->number;
    }
    return page;
}
