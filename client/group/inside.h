/* What a device of a group is made of: for the files of the engine alone. */
#ifndef REUNION_CLIENT_GROUP_INSIDE_H
#define REUNION_CLIENT_GROUP_INSIDE_H

#include "group/device.h"
#include "group/epochs.h"
#include "group/outgoing.h"
#include "group/seen.h"

enum {
    DAY_S = 24 * 60 * 60,
    MONTH_S = 30 * DAY_S,
    MEETING_S = DAY_S,        /* how long a meeting's key is of use */
    MAILBOX_AGE_S = 60 * 60,  /* an older one moves with a new epoch, whoever has gone */
    UNOPENED_S = 3 * DAY_S,   /* how long copies that no key opens are kept */
    UNOPENED_OLD_S = 10 * 60, /* after that they are tried with pairs\' keys of old epochs */
    GAP_PATIENCE_S = 60,      /* how long a message may be late before it is reported */
    PARTIALS_MAX = 256,       /* messages of which some parts have come */
    MEETINGS_MAX = 256,
};

/* What a device knows of one of the epochs in its tree. Guarded memory. */
struct epoch_keys {
    struct group_key key;
    uint8_t hash[GROUP_KEY_BYTES];        /* H(G) */
    uint8_t hash_before[GROUP_KEY_BYTES]; /* of the epoch that it follows */
    uint8_t author[GROUP_MEMBER_BYTES];
    struct group_key *pairs; /* by member, guarded; NULL, or `count` 0: not made yet */
    uint64_t heard;          /* bit i: member i has written under it, so has its state */
    int64_t since_s;         /* known */
    int64_t over_s;          /* since when it is not the current one; 0: it is */
    bool is_fresh;           /* copies that nothing opened are to be tried with it */
};

/* The newest thing of a kind that a member told under an epoch: name or mailbox. */
struct declared {
    uint8_t group_public[GROUP_KEY_BYTES], member[GROUP_MEMBER_BYTES];
    uint8_t type; /* GROUP_RENAMED, GROUP_MOVED */
    uint64_t number;
    struct group_name value;
};

/* What this device writes next under a key, which goes with the epoch that it is about; zeros: with
 * none. */
struct counter {
    uint8_t group_public[GROUP_KEY_BYTES];
    uint8_t key_public[GROUP_KEY_BYTES];
    uint64_t next;
};

struct meeting {
    uint8_t other[GROUP_MEMBER_BYTES];
    uint8_t mailbox_id[GROUP_MAILBOX_ID_BYTES]; /* the other's */
    uint8_t secret[GROUP_KEY_BYTES];            /* Gs */
    int64_t made_s;
    uint64_t next; /* number of a newcomer's: below it no state is taken any more */
};

/* A message of which some parts have come. */
struct partial {
    uint8_t key_public[GROUP_KEY_BYTES], author[GROUP_MEMBER_BYTES];
    uint64_t number, mask, time_s;
    uint8_t type, parts;
    int64_t came_s;
    size_t bytes;
    uint8_t *text; /* `parts` times GROUP_TEXT_BYTES_MAX */
};

struct unopened {
    uint8_t copy[GROUP_COPY_BYTES], mailbox_id[GROUP_MAILBOX_ID_BYTES];
    int64_t came_s;
    bool tried_old;
};

/* Messages of a member that are late. */
struct gap {
    uint8_t group_public[GROUP_KEY_BYTES], member[GROUP_MEMBER_BYTES];
    int64_t since_s;
    uint64_t reported;
};

/* A growing array: `count` things of one size. */
#define LIST_OF(type)                                                                              \
    struct {                                                                                       \
        type *all;                                                                                 \
        size_t count, room;                                                                        \
    }

struct device {
    const struct random_source *random;
    uint8_t *seed; /* of this member, guarded */
    uint8_t own[GROUP_MEMBER_BYTES];
    struct group_name own_name;
    struct group_epochs *epochs; /* NULL: a newcomer that has no state yet */
    struct group_seen *seen;
    struct epoch_keys *keys[GROUP_EPOCHS_MAX];
    size_t keys_count;
    struct group_state members; /* for device_members */
    /* The members that were shown last, under the epoch that was current then. */
    uint8_t shown_public[GROUP_KEY_BYTES];
    size_t shown_count;
    uint8_t shown[GROUP_MEMBERS_MAX][GROUP_MEMBER_BYTES];
    uint8_t announced_public[GROUP_KEY_BYTES], announced_id[GROUP_MAILBOX_ID_BYTES];
    struct device_mailbox mailboxes[DEVICE_MAILBOXES_MAX];
    size_t mailboxes_count;
    int64_t mailboxes_made_s; /* the newest */
    struct outgoing_list outbox;
    struct group_events events;
    LIST_OF(struct declared) declared;
    LIST_OF(struct counter) counters;
    LIST_OF(struct meeting) meetings;
    LIST_OF(struct partial) partials;
    LIST_OF(struct unopened) unopened;
    LIST_OF(struct gap) gaps;
    /* Who sent the last part of a state, following which epoch: states come in many parts. */
    uint8_t last_state_public[GROUP_KEY_BYTES], last_state_author[GROUP_MEMBER_BYTES];
    int64_t gone_s; /* since when somebody is to go; 0: nobody is */
    uint64_t refused;
    bool is_leaving, is_out;
};

/* Room for one more of `each` bytes behind `count`. Returns: 0, -ENOMEM. */
MUST_CHECK int list_grow(void *all, size_t *room, size_t count, size_t each);
#define LIST_ADD(list) list_grow(&(list)->all, &(list)->room, (list)->count, sizeof *(list)->all)
/* Take one out, and wipe where it stood. */
void list_drop(void *all, size_t *count, size_t at, size_t each);
#define LIST_DROP(list, at) list_drop((list)->all, &(list)->count, at, sizeof *(list)->all)

/* --- device.c --- */
void keys_free(struct epoch_keys *keys);
MUST_CHECK int device_empty(struct device **out, const struct random_source *random);
void device_add_mailbox(struct device *device, int64_t now_s);
struct device_mailbox *device_find_mailbox(struct device *device,
                                           const uint8_t id[static GROUP_MAILBOX_ID_BYTES]);
const struct group_state *device_state(const struct device *device);
bool state_has(const struct group_state *state, const uint8_t member[static GROUP_MEMBER_BYTES]);
bool device_is_member(const struct device *device);
void device_name_of(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                    struct group_name *name);
/* Where a member of the current epoch is written to. Returns: 0, -ENOENT. */
MUST_CHECK int device_address_of(const struct device *device,
                                 const uint8_t member[static GROUP_MEMBER_BYTES],
                                 uint8_t id[static GROUP_MAILBOX_ID_BYTES]);
const struct declared *device_declared(const struct device *device,
                                       const uint8_t group_public[static GROUP_KEY_BYTES],
                                       const uint8_t member[static GROUP_MEMBER_BYTES],
                                       uint8_t type);
/* The next number under a key, which is used up. Returns: 0, -ENOMEM. */
MUST_CHECK int device_number(struct device *device,
                             const uint8_t group_public[static GROUP_KEY_BYTES],
                             const uint8_t key_public[static GROUP_KEY_BYTES], uint64_t *number);
MUST_CHECK int device_report(struct device *device, enum group_event_kind kind,
                             const uint8_t author[static GROUP_MEMBER_BYTES],
                             const uint8_t *subject);

/* --- epoch_keys.c --- */
/* Make the keys fit the states that are known. Returns: 0, -ENOMEM. */
MUST_CHECK int keys_follow(struct device *device, int64_t now_s);
struct epoch_keys *keys_find(const struct device *device,
                             const uint8_t group_public[static GROUP_KEY_BYTES]);
struct epoch_keys *keys_current(const struct device *device);
/* The epoch that `keys` follows, or NULL. */
struct epoch_keys *keys_before(const struct device *device, const struct epoch_keys *keys);
/* Whether a member has shown that it is in the current epoch, or one on the way to it that is not
 * before `epoch`. */
bool keys_heard(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                uint32_t epoch);
/* The key of the pair with the member at `place`, of no members if that is this device itself;
 * NULL: no memory. */
const struct group_key *keys_pair(const struct device *device, struct epoch_keys *keys,
                                  size_t place);
/* The place of a member, or `count`. */
size_t key_place(const struct group_key *key, const uint8_t member[static GROUP_MEMBER_BYTES]);

/* --- announce.c --- */
/* Tell the others of the newest open mailbox, once under each epoch; and of a name that they do not
 * have. Returns: 0, -ENOMEM. */
MUST_CHECK int announce_mailbox(struct device *device, int64_t now_s);
/* A member sends a state again that came: it does not know so. Tell it of the mailbox, which shows
 * that. Returns: 0, -ENOMEM. */
MUST_CHECK int announce_again(struct device *device,
                              const uint8_t member[static GROUP_MEMBER_BYTES], int64_t now_s);

/* --- reading.c --- */
/* DESIGN: a group of 64 has thousands of pairs' keys with its old epochs, and each costs three
 * multiplications. States follow the current epoch or the one before, but for a few that are late;
 * so only what nothing else opens for a while is tried with the rest. */
enum reading {
    READING_USUAL, /* all epochs' keys, pairs' keys of the current epoch and the one before */
    READING_FRESH, /* keys of epochs that have become known since */
    READING_OLD,   /* pairs' keys of all other epochs */
};

/* Try a copy with keys. Returns: 0 (`*opened`: whether one fitted), -ENOMEM. */
MUST_CHECK int reading_try(struct device *device, const uint8_t copy[static GROUP_COPY_BYTES],
                           const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES],
                           enum reading reading, bool *opened, int64_t now_s);

/* --- changes.c --- */
/* Whatever follows from what is known now. Returns: 0, -ENOMEM. */
MUST_CHECK int changes_settle(struct device *device, int64_t now_s);
#endif
