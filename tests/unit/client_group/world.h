/* Devices of groups, a server of mailboxes, and a network between them, in memory. */
#ifndef REUNION_TESTS_CLIENT_GROUP_WORLD_H
#define REUNION_TESTS_CLIENT_GROUP_WORLD_H

#include "lib/test.h"

#include <stdbool.h>

#include "group/device.h"

enum { DEVICES_MAX = 64, TEXTS_MAX = 4096, SHOWN_MAX = 1024 };

/* How bad the network is: one of so many is lost or comes twice (0: none), and all are late by up
 * to so many seconds. */
struct network {
    size_t lost, twice;
    size_t delay_s;
    size_t killed; /* one of so many steps of a device is its last before it starts again */
};

struct copy {
    uint8_t mailbox_id[GROUP_MAILBOX_ID_BYTES], copy[GROUP_COPY_BYTES];
    int64_t at_s;
    uint64_t cursor; /* from 1; of no meaning before it arrived */
    bool has_arrived;
};

/* What a device showed its person. */
struct person {
    struct device *device; /* NULL: there is none */
    uint8_t *saved;
    size_t saved_bytes;
    uint8_t member[GROUP_MEMBER_BYTES];
    size_t shown[SHOWN_MAX]; /* numbers of texts */
    size_t shown_count;
    size_t kinds[GROUP_EVENT_KINDS]; /* how many events of each kind */
    uint64_t missing;
    bool is_late; /* the last text was of an epoch before */
};

struct world {
    struct seeded seeded;
    struct random_source random;
    struct network network;
    int64_t now_s;
    uint8_t server_public[GROUP_KEY_BYTES], server_secret[GROUP_KEY_BYTES];
    struct person people[DEVICES_MAX];
    size_t count;
    struct copy *copies;
    size_t copies_count, copies_room;
    uint64_t cursor;
    size_t texts;   /* that were written: their numbers */
    size_t packets; /* that were sent */
};

void world_open(struct world *world, const struct network *network);
void world_close(struct world *world);

/* Somebody begins a group. Returns: who. */
size_t world_create(struct world *world);
/* Somebody is invited by a member, and they meet. Returns: who. */
size_t world_invite(struct world *world, size_t by);
/* Write a text. Returns: its number. */
size_t world_write(struct world *world, size_t by);
void world_remove(struct world *world, size_t by, size_t whom);
void world_leave(struct world *world, size_t who);

/* Let time pass. */
void world_run(struct world *world, int64_t span_s);

/* Whether somebody is in the group, as a device knows it, and has not gone of its own. */
bool world_is_member(struct world *world, size_t of, size_t who);
/* How often a person saw a text. */
size_t world_saw(const struct world *world, size_t who, size_t text);
/* Whether all members of `of`'s group, as that device knows it, know the same epoch. */
bool world_agrees(struct world *world, size_t of);

#endif
