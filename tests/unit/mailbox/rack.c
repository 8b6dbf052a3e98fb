#include "rack.h"

#include <string.h>

static const struct mailbox_rules rules = {
    .mailboxes_max = 3,
    .copies_max = 4,
    .bytes_max = 1 << 20,
    .life_s = LIFE_S,
    .copy_life_s = DAY_S,
};

void rack_open(struct rack *rack)
{
    *rack = (struct rack){0};
    mailboxes_init(&rack->all, &rules, &random_system);
}

void rack_close(struct rack *rack)
{
    batch_free(&rack->batch);
    mailboxes_free(&rack->all);
    assert_int_equal(rack->all.bytes, 0);
    assert_int_equal(rack->all.copies, 0);
}

static const uint8_t *id_of(uint8_t id)
{
    static uint8_t bytes[MAILBOX_ID_BYTES];
    memset(bytes, id, sizeof bytes);
    return bytes;
}

int rack_open_mailbox(struct rack *rack, uint8_t id, int64_t now_s)
{
    int64_t ends_s;
    int err = mailboxes_stage_open(&rack->all, &rack->batch, id_of(id), now_s, &ends_s);
    if (err == 0 || err == -EEXIST)
        assert_true(ends_s >= now_s + LIFE_S && ends_s % MAILBOX_HOUR_S == 0);
    return err;
}

int rack_deliver(struct rack *rack, uint8_t id, uint8_t r, uint8_t body, int64_t now_s)
{
    uint8_t copy[COPY_BYTES];
    memset(copy, body, sizeof copy);
    memset(copy, 0, COPY_R_BYTES);
    copy[0] = r;
    return mailboxes_stage_copy(&rack->all, &rack->batch, id_of(id), copy, now_s);
}

int rack_remove(struct rack *rack, uint8_t id, uint64_t to, int64_t now_s)
{
    return mailboxes_stage_removal(&rack->all, &rack->batch, id_of(id), to, now_s);
}

int rack_close_mailbox(struct rack *rack, uint8_t id, int64_t now_s)
{
    return mailboxes_stage_close(&rack->all, &rack->batch, id_of(id), now_s);
}

size_t rack_publish(struct rack *rack)
{
    size_t ended = 0;
    batch_seal(&rack->batch);
    batch_publish(&rack->batch);
    struct mailbox *dead = mailboxes_take_dead(&rack->all);
    for (struct mailbox *next; dead; dead = next, ended++) {
        next = dead->next_dead;
        mailbox_free(dead);
    }
    batch_clear(&rack->batch);
    return ended;
}

void rack_rollback(struct rack *rack)
{
    batch_rollback(&rack->batch, 0);
}

int rack_find(struct rack *rack, uint8_t id, int64_t now_s, struct mailbox **found)
{
    return mailboxes_find(&rack->all, id_of(id), now_s, found);
}

const char *rack_read(struct rack *rack, uint8_t id, uint64_t after, int64_t now_s,
                      struct mailbox_page *page)
{
    enum { COPIES_MAX = 3 };
    static char text[COPIES_MAX + 1];
    uint8_t copies[COPIES_MAX * COPY_BYTES];
    struct mailbox *mailbox;
    assert_int_equal(rack_find(rack, id, now_s, &mailbox), 0);
    *page = mailbox_read(mailbox, after, now_s, copies, COPIES_MAX);
    for (size_t i = 0; i < page->count; i++)
        text[i] = (char)copies[i * COPY_BYTES];
    text[page->count] = '\0';
    return text;
}
