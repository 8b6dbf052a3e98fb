/* What a device has to send: messages, and to whom. */
#ifndef REUNION_CLIENT_GROUP_OUTGOING_H
#define REUNION_CLIENT_GROUP_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"
#include "group/message.h"

/* DESIGN: a message stays here until all of it went to each recipient; one that is repeated, until
 * the recipient has shown that it came: then after 1, 2, 4 … minutes again, for a month. Nothing
 * here is sealed yet: each packet gets a t of its own when it leaves. */

enum {
    OUTGOING_REPEAT_S = 60, /* the first pause */
    OUTGOING_FAILED_S = 10, /* after a packet that could not be sent */
    OUTGOING_LIFE_S = 30 * 24 * 60 * 60,
    OUTGOING_TEXT_BYTES_MAX = GROUP_LONG_TEXT_BYTES_MAX,
};

enum outgoing_key {
    BY_GROUP = 1, /* the key of the epoch with `group_public` */
    BY_PAIR,      /* the key of a pair in that epoch; one recipient */
    BY_MEETING,   /* the key of the meeting with that recipient */
};

struct recipient {
    uint8_t member[GROUP_MEMBER_BYTES];
    uint64_t left; /* bit i: part i is to be sent */
    uint32_t rounds;
    int64_t due_s;
};

struct outgoing {
    uint64_t id;
    enum outgoing_key key;
    uint8_t type;
    bool is_repeated;
    uint8_t group_public[GROUP_KEY_BYTES];
    uint32_t epoch; /* that the message is about: of a state, its own */
    uint64_t number, time_s;
    int64_t made_s;
    uint8_t parts;
    size_t bytes, count;
    const uint8_t *text;
    void *kept; /* guarded, what `text` points to; set by outgoing_add */
    struct recipient *recipients;
};

struct outgoing_list {
    struct outgoing *all;
    size_t count, room;
    uint64_t next_id;
};

/* Add a copy of `message`, whose text and recipients are the caller's. Its `id` and `parts` are
 * set, and the recipients' `left`. Returns: 0, -ENOMEM. */
MUST_CHECK int outgoing_add(struct outgoing_list *outbox, const struct outgoing *message);
void outgoing_drop(struct outgoing_list *outbox, size_t at);
/* Take a recipient out; without any, the message is dropped. Returns: whether it was. */
bool outgoing_drop_recipient(struct outgoing_list *outbox, size_t at, size_t recipient);
struct outgoing *outgoing_find(struct outgoing_list *outbox, uint64_t id);
void outgoing_free(struct outgoing_list *outbox);
void outgoing_save(const struct outgoing_list *outbox, struct writer *writer);
/* Returns: 0, -EBADMSG, -ENOMEM (to be freed then too). */
MUST_CHECK int outgoing_load(struct outgoing_list *outbox, struct cursor *cursor);

#endif
