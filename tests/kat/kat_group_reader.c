#include <string.h>

#include "base/err.h"
#include "group/delivery.h"
#include "group/seen.h"
#include "kat_groups.h"

/* Known answers of groups: what a server keeps over a run of deliveries, and what a device with
 * several keys shows of a run of copies. */

enum { KEPT_MAX = 256, MAILBOXES_MAX = 16, KEYS_MAX = 8 };

/* A server with mailboxes, in the plainest form. */
struct mailboxes {
    uint8_t public_key[GROUP_KEY_BYTES], secret_key[GROUP_KEY_BYTES];
    uint8_t open[MAILBOXES_MAX * GROUP_MAILBOX_ID_BYTES];
    size_t open_count;
    struct {
        uint8_t mailbox_id[GROUP_MAILBOX_ID_BYTES], r[GROUP_R_BYTES];
    } taken[KEPT_MAX];
    size_t taken_count;
};

static bool is_open(const struct mailboxes *server, const uint8_t *id)
{
    for (size_t i = 0; i < server->open_count; i++)
        if (memcmp(server->open + i * GROUP_MAILBOX_ID_BYTES, id, GROUP_MAILBOX_ID_BYTES) == 0)
            return true;
    return false;
}

/* Whether a delivery is kept, and by which mailbox. */
static bool deliver(struct mailboxes *server, uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                    const struct kat_bytes *delivery)
{
    uint8_t copy[GROUP_COPY_BYTES];
    if (group_delivery_open(id, copy, delivery->data, delivery->bytes, server->public_key,
                            server->secret_key) ||
        !is_open(server, id))
        return false;
    for (size_t i = 0; i < server->taken_count; i++)
        if (memcmp(server->taken[i].mailbox_id, id, GROUP_MAILBOX_ID_BYTES) == 0 &&
            memcmp(server->taken[i].r, copy, GROUP_R_BYTES) == 0)
            return false;
    INVARIANT(server->taken_count < KEPT_MAX);
    memcpy(server->taken[server->taken_count].mailbox_id, id, GROUP_MAILBOX_ID_BYTES);
    memcpy(server->taken[server->taken_count++].r, copy, GROUP_R_BYTES);
    return true;
}

void kat_group_delivery(struct kat_score *score, const json_t *entry, const char *name,
                        size_t index)
{
    static struct mailboxes server;
    const json_t *step;
    size_t i;
    memset(&server, 0, sizeof server);
    kat_copy(server.secret_key, entry, "server_secret", sizeof server.secret_key);
    kat_copy(server.public_key, entry, "server_public", sizeof server.public_key);
    server.open_count = kat_bytes_list(server.open, kat_list(entry, "open_mailboxes"),
                                       GROUP_MAILBOX_ID_BYTES, MAILBOXES_MAX);
    json_array_foreach(kat_list(entry, "steps"), i, step)
    {
        uint8_t id[GROUP_MAILBOX_ID_BYTES];
        if (!json_object_get(step, "delivery"))
            continue; /* copies are removed, and their r's stay */
        struct kat_bytes delivery = kat_take(step, "delivery");
        bool kept = deliver(&server, id, &delivery);
        bool wanted = !json_is_null(json_object_get(step, "kept_by"));
        kat_expect(score, kept == wanted && (!kept || kat_is(step, "kept_by", id, sizeof id)), name,
                   index, kat_text(step, "why"));
        kat_free(&delivery);
    }
}

/* A key that a device tries, and of whom it shows messages under it. */
struct reader_key {
    struct group_key key;
    bool all; /* its members */
    uint8_t authors[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    size_t authors_count;
};

static bool may_show(const struct reader_key *key, const uint8_t author[static GROUP_MEMBER_BYTES])
{
    bool listed = key->all;
    for (size_t i = 0; i < key->authors_count; i++)
        listed = listed ||
                 memcmp(key->authors + i * GROUP_MEMBER_BYTES, author, GROUP_MEMBER_BYTES) == 0;
    return listed;
}

/* Try all keys. Returns: the index of the one under which it is shown, or -1. */
static int show(struct group_opened *opened, const struct reader_key *keys, size_t count,
                struct group_seen *seen, const uint8_t copy[static GROUP_COPY_BYTES])
{
    for (size_t i = 0; i < count; i++) {
        if (group_copy_open(opened, &keys[i].key, copy))
            continue;
        const struct group_part *part = &opened->part;
        if (group_opened_check(opened) || !may_show(&keys[i], opened->author) ||
            group_seen_take(seen, keys[i].key.public_key, opened->author, part->number, part->part,
                            part->parts))
            return -1;
        return (int)i;
    }
    return -1;
}

static bool part_is(const json_t *fields, const struct group_part *part)
{
    return part->type == kat_u64(fields, "type") && part->epoch == kat_u64(fields, "epoch") &&
           part->number == kat_u64(fields, "number") && part->time_s == kat_u64(fields, "time") &&
           part->part == kat_u64(fields, "part") && part->parts == kat_u64(fields, "parts") &&
           kat_is(fields, "text", part->text, part->bytes);
}

void kat_group_reader(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    static struct reader_key keys[KEYS_MAX];
    const json_t *list = kat_list(entry, "keys"), *each;
    struct group_seen *seen = group_seen_open();
    size_t i;
    INVARIANT(seen);
    memset(keys, 0, sizeof keys);
    if (json_array_size(list) > KEYS_MAX)
        kat_refuse("keys", "list as short as it may be");
    json_array_foreach(list, i, each)
    {
        const json_t *authors = json_object_get(each, "shown_authors");
        kat_expect(score, kat_group_key(&keys[i].key, each), name, index, "key");
        keys[i].all = !json_is_array(authors);
        if (!keys[i].all)
            keys[i].authors_count =
                kat_bytes_list(keys[i].authors, authors, GROUP_MEMBER_BYTES, GROUP_MEMBERS_MAX);
    }
    json_array_foreach(kat_list(entry, "copies"), i, each)
    {
        uint8_t copy[GROUP_COPY_BYTES];
        struct group_opened opened;
        kat_copy(copy, each, "copy", sizeof copy);
        int under = show(&opened, keys, json_array_size(list), seen, copy);
        bool right = (under >= 0) == kat_flag(each, "shown");
        if (right && under >= 0)
            right = (size_t)under == kat_u64(each, "key") &&
                    kat_is(each, "author", opened.author, sizeof opened.author) &&
                    part_is(kat_object(each, "fields"), &opened.part);
        kat_expect(score, right, name, index, kat_text(each, "why"));
    }
    group_seen_close(seen);
}
