/* The engine of reunion-group: one group as one of its devices knows it. No I/O. */
#ifndef REUNION_CLIENT_GROUP_DEVICE_H
#define REUNION_CLIENT_GROUP_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/random.h"
#include "base/writer.h"
#include "group/delivery.h"
#include "group/events.h"
#include "group/state.h"

/* DESIGN: values in, values out. The program hands over what mailboxes had, what the person wants,
 * and the time; it takes events to show (events.h) and dispatches to send, and saves the whole
 * device (device_save) before it does either. A kill between two steps repeats a step, which does
 * no harm: a copy that came already is not shown again, and events stay until device_event_shown.
 *
 * Delivery is not reliable, and members agree all the same:
 *   - a state is sent again, ever less often, to each member from whom nothing has come under its
 *     epoch or a later one;
 *   - each member announces its mailbox (type 5) under each new epoch, which shows that it has the
 *     state; it does so again for each member who has not written to that mailbox since;
 *   - an old mailbox is read for a day, and longer while a member may not know the new one;
 *   - copies that no key opens yet are tried again under each new epoch.
 * Texts are sent once; those that get lost show as a gap.
 *
 * Mailboxes move with a new epoch if somebody has gone, or after MAILBOX_AGE_S; otherwise the same
 * one is announced again. One thread. Times are unix times in seconds. */

struct device;

enum {
    DEVICE_MAILBOXES_MAX = 32,
    DEVICE_UNOPENED_MAX = 512, /* copies that no key opens yet */
    DEVICE_TEXT_BYTES_MAX = GROUP_LONG_TEXT_BYTES_MAX,
};

/* Begin a group, with this person as its only member.
 * Returns: 0, -EINVAL (a name of more than GROUP_NAME_BYTES_MAX), -ENOMEM. `out` is the caller's
 * until device_close. */
MUST_CHECK int device_create(struct device **out, const struct group_name *group_name,
                             const struct group_name *own_name, const struct random_source *random,
                             int64_t now_s);

/* Begin as somebody who is about to be invited: device_met and a state make it a member.
 * Returns: as device_create. */
MUST_CHECK int device_newcomer(struct device **out, const struct group_name *own_name,
                               const struct random_source *random, int64_t now_s);

/* Wipe and release; NULL is fine. */
void device_close(struct device *device);

/* Write everything, secrets included (a writer without memory counts), and read it back; `random`
 * must outlive the device.
 * Returns: 0, -EBADMSG, -ENOTSUP (a newer format), -ENOMEM; `out` is untouched then. */
void device_save(const struct device *device, struct writer *writer);
MUST_CHECK int device_load(struct device **out, struct cursor *cursor,
                           const struct random_source *random);

/* --- meeting --- */

/* What to tell the other one: member, the newest mailbox, and X of a fresh pair. */
void device_introduce(const struct device *device, struct group_introduction *introduction,
                      uint8_t x_secret[static GROUP_KEY_BYTES]);

/* One has met somebody, and `own` is what device_introduce gave for that. A member adds the other
 * to the group; a newcomer awaits the state.
 * Returns: 0; -EINVAL (the other is oneself, or sent a useless key), -EEXIST (a member already),
 * -ENOSPC (GROUP_MEMBERS_MAX, or too many changes in too short a time), -ENOMEM. */
MUST_CHECK int device_met(struct device *device, const struct group_introduction *own,
                          const uint8_t x_secret[static GROUP_KEY_BYTES],
                          const struct group_introduction *other, int64_t now_s);

/* --- what the person wants --- */

/* Returns: 0; -EINVAL (no text), -EMSGSIZE (over DEVICE_TEXT_BYTES_MAX), -ENOENT (nobody else is
 * there, or this device is no member), -ENOMEM. */
MUST_CHECK int device_write(struct device *device, const uint8_t *text, size_t bytes,
                            int64_t now_s);
/* Returns: 0; -ENOENT (no such member), -EINVAL (this device itself, or nobody would be left),
 * -ENOSPC, -ENOMEM. */
MUST_CHECK int device_remove(struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                             int64_t now_s);
/* Say that one goes; the group is over when that is sent (device_is_over).
 * Returns: 0, -ENOMEM. */
MUST_CHECK int device_leave(struct device *device, int64_t now_s);

/* --- mailboxes --- */

struct device_mailbox {
    uint8_t read_key[GROUP_READ_KEY_BYTES];
    uint8_t id[GROUP_MAILBOX_ID_BYTES];
    uint64_t cursor;   /* read up to there */
    int64_t renew_s;   /* to be opened, again, from then on */
    int64_t retired_s; /* since when there is a newer one; 0: it is the newest */
    bool is_open;
    bool is_to_close; /* of no use any more */
};

size_t device_mailboxes(const struct device *device);
/* The mailbox `at`, which belongs to the device until the next call that changes it. */
const struct device_mailbox *device_mailbox(const struct device *device, size_t at);

/* The server has opened, or renewed, this mailbox until `expires_s`.
 * Returns: 0, -ENOENT (no such mailbox), -ENOMEM. */
MUST_CHECK int device_mailbox_opened(struct device *device,
                                     const uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                                     int64_t expires_s, int64_t now_s);
/* The server has no such mailbox any more: it is to be opened anew (or, if closed, replaced). */
void device_mailbox_lost(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                         bool is_closed, int64_t now_s);
/* A mailbox that was to be closed is closed. */
void device_mailbox_closed(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES]);

/* Take what a mailbox had up to `cursor`: `count` copies, one behind the other.
 * Returns: 0, -ENOENT (no such mailbox), -ENOMEM (some are not taken; the cursor stands where it
 * was). */
MUST_CHECK int device_take(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                           uint64_t cursor, const uint8_t *copies, size_t count, int64_t now_s);

/* Do what is due, when all mailboxes have been read and before anything is sent: new epochs,
 * announcements, old mailboxes, gaps to report. Returns: 0, -ENOMEM. */
MUST_CHECK int device_tick(struct device *device, int64_t now_s);

/* --- sending --- */

/* One packet: a part of a message for up to four members. */
struct device_dispatch {
    struct group_division division; /* address, port and key of the server are as given */
    uint64_t outgoing;              /* which message */
    uint8_t part;
    size_t count; /* of recipients; the rest of the division are fillers */
    uint8_t recipients[GROUP_RECIPIENTS][GROUP_MEMBER_BYTES];
};

/* The next packet that is due. `server` has address, port and key. Nothing is marked as sent.
 * Returns: 0, -ENOENT (nothing is due), -EINVAL (the server's key is of no use). */
MUST_CHECK int device_dispatch(struct device *device, const struct group_division *server,
                               struct device_dispatch *dispatch, int64_t now_s);

/* A dispatch is sent: bit i of `delivered` is recipient i. */
void device_dispatched(struct device *device, const struct device_dispatch *dispatch,
                       unsigned delivered, int64_t now_s);

/* Texts, and what was said on leaving, that are not sent to everybody yet. */
size_t device_unsent(const struct device *device);

/* When something is due that device_tick or device_dispatch does, if nothing else happens. */
int64_t device_due_s(const struct device *device, int64_t now_s);

/* --- what is to be seen --- */

/* The oldest event that was not shown yet, which belongs to the device; NULL: there is none. */
const struct group_event *device_event(const struct device *device);
void device_event_shown(struct device *device);

/* The current epoch, with names and mailboxes as they are known now; NULL: not a member yet. It
 * belongs to the device until the next call that changes it. */
const struct group_state *device_members(struct device *device);
const uint8_t *device_own(const struct device *device);
/* H(G || the A's): what members compare aloud. Returns: 0, -ENOENT (not a member yet). */
MUST_CHECK int device_fingerprint(const struct device *device,
                                  uint8_t fingerprint[static GROUP_KEY_BYTES]);
/* Whether a member has shown that it is in the current epoch. */
bool device_is_heard(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES]);
/* Copies that opened with nothing, or were refused, since the beginning. */
uint64_t device_refused(const struct device *device);
/* How many of an author's messages are missing under the current epoch. */
uint64_t device_missing(const struct device *device,
                        const uint8_t member[static GROUP_MEMBER_BYTES]);
/* This device said that it goes, and everybody was sent that; or it was removed. */
bool device_is_over(const struct device *device);

#endif
