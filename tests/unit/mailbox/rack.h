/* Mailboxes for tests, with a batch and what to put into them. */
#ifndef REUNION_TESTS_UNIT_MAILBOX_RACK_H
#define REUNION_TESTS_UNIT_MAILBOX_RACK_H

#include "lib/test.h"
#include "mailbox/mailboxes.h"

enum { NOON_S = 1000 * MAILBOX_HOUR_S, DAY_S = 24 * MAILBOX_HOUR_S, LIFE_S = 30 * DAY_S };

struct rack {
    struct mailboxes all;
    struct batch batch;
};

/* Three mailboxes of four copies each, for which there is memory enough; copies live a day. */
void rack_open(struct rack *rack);
void rack_close(struct rack *rack);

/* Each stages one change; ids and copies consist of one byte, but for the copy's r, which begins
 * with it. */
int rack_open_mailbox(struct rack *rack, uint8_t id, int64_t now_s);
int rack_deliver(struct rack *rack, uint8_t id, uint8_t r, uint8_t body, int64_t now_s);
int rack_remove(struct rack *rack, uint8_t id, uint64_t to, int64_t now_s);
int rack_close_mailbox(struct rack *rack, uint8_t id, int64_t now_s);

/* Settle the batch, as a commit does. Returns: how many mailboxes ended. */
size_t rack_publish(struct rack *rack);
void rack_rollback(struct rack *rack);

/* What mailboxes_find gives. */
int rack_find(struct rack *rack, uint8_t id, int64_t now_s, struct mailbox **found);

/* The first bytes of the copies that a reader is given, as text. */
const char *rack_read(struct rack *rack, uint8_t id, uint64_t after, int64_t now_s,
                      struct mailbox_page *page);

#endif
