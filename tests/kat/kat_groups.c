/* Groups: the part's sections, and the short ones of them. */
#include "kat_groups.h"

#include <string.h>

#include "crypto/seal.h"
#include "group/change.h"
#include "group/delivery.h"
#include "kat_datagrams.h"

size_t kat_bytes_list(uint8_t *out, const json_t *list, size_t size, size_t max)
{
    const json_t *string;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) > max)
        kat_refuse("a list of byte strings", "list as short as it may be");
    json_array_foreach(list, i, string)
    {
        struct kat_bytes value = kat_decode(string);
        if (value.bytes != size)
            kat_refuse("a list of byte strings", "list of strings of one length");
        memcpy(out + i * size, value.data, size);
        kat_free(&value);
    }
    return json_array_size(list);
}

bool kat_group_key_is(const struct group_key *key, const json_t *object)
{
    uint8_t members[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    size_t count =
        kat_bytes_list(members, kat_list(object, "members"), GROUP_MEMBER_BYTES, GROUP_MEMBERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!group_key_has(key, members + i * GROUP_MEMBER_BYTES))
            return false;
    return key->count == count && key->epoch == kat_u64(object, "epoch") &&
           kat_is(object, "secret", key->secret_key, sizeof key->secret_key) &&
           kat_is(object, "public", key->public_key, sizeof key->public_key) &&
           kat_is(object, "list_hash", key->list_hash, sizeof key->list_hash);
}

bool kat_group_key(struct group_key *key, const json_t *object)
{
    uint8_t secret[GROUP_KEY_BYTES], members[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    size_t count =
        kat_bytes_list(members, kat_list(object, "members"), GROUP_MEMBER_BYTES, GROUP_MEMBERS_MAX);
    kat_copy(secret, object, "secret", sizeof secret);
    return !group_key_make(key, secret, (uint32_t)kat_u64(object, "epoch"), members, count) &&
           kat_group_key_is(key, object);
}

static void check_mailbox(struct kat_score *score, const json_t *entry, const char *name,
                          size_t index)
{
    uint8_t read_key[GROUP_READ_KEY_BYTES], id[GROUP_MAILBOX_ID_BYTES];
    kat_copy(read_key, entry, "read_key", sizeof read_key);
    group_mailbox_id(id, read_key);
    kat_expect(score, kat_is(entry, "mailbox_id", id, sizeof id), name, index, "id");
}

static void check_token(struct kat_score *score, const json_t *entry, const char *name,
                        size_t index)
{
    uint8_t secret[GROUP_KEY_BYTES], server[GROUP_KEY_BYTES], ephemeral[GROUP_KEY_BYTES];
    uint8_t id[GROUP_MAILBOX_ID_BYTES], token[GROUP_TOKEN_BYTES], opened[GROUP_MAILBOX_ID_BYTES];
    kat_copy(secret, entry, "server_secret", sizeof secret);
    kat_copy(server, entry, "server_public", sizeof server);
    kat_copy(ephemeral, entry, "token_secret", sizeof ephemeral);
    kat_copy(id, entry, "mailbox_id", sizeof id);
    kat_expect(score,
               !group_token_make(token, id, server, ephemeral) &&
                   kat_is(entry, "token", token, sizeof token),
               name, index, "made");
    kat_copy(token, entry, "token", sizeof token);
    kat_expect(score,
               !seal_open(opened, token, sizeof token, server, secret) &&
                   memcmp(opened, id, sizeof id) == 0,
               name, index, "opened");
}

static void check_members(struct kat_score *score, const json_t *entry, const char *name,
                          size_t index)
{
    static const uint8_t secret[GROUP_KEY_BYTES] = {1};
    uint8_t members[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES], fingerprint[GROUP_KEY_BYTES];
    struct group_key key;
    size_t count =
        kat_bytes_list(members, kat_list(entry, "members"), GROUP_MEMBER_BYTES, GROUP_MEMBERS_MAX);
    int err = group_key_make(&key, secret, 1, members, count);
    kat_expect(score, !err && kat_is(entry, "list_hash", key.list_hash, sizeof key.list_hash), name,
               index, "L");
    /* Its secret is not told, and plays no part here. */
    kat_copy(key.public_key, entry, "group_public", sizeof key.public_key);
    const uint8_t *first = group_key_first(&key, NULL, 0);
    kat_expect(score, first && kat_is(entry, "smallest", first, GROUP_MEMBER_BYTES), name, index,
               "smallest");
    group_key_fingerprint(fingerprint, &key);
    kat_expect(score, kat_is(entry, "fingerprint", fingerprint, sizeof fingerprint), name, index,
               "fingerprint");
}

static void check_blind(struct kat_score *score, const json_t *entry, const char *name,
                        size_t index)
{
    struct group_key key = {.epoch = 1};
    uint8_t t[GROUP_BLIND_BYTES], ephemeral[GROUP_KEY_BYTES], blinded[GROUP_KEY_BYTES];
    uint8_t point[GROUP_KEY_BYTES];
    struct kat_bytes plain = kat_take(entry, "plaintext"), sealed = kat_take(entry, "sealed");
    uint8_t made[512], opened[512];
    kat_copy(key.secret_key, entry, "group_secret", sizeof key.secret_key);
    kat_copy(key.public_key, entry, "group_public", sizeof key.public_key);
    kat_copy(t, entry, "t", sizeof t);
    group_blinded(blinded, &key, t);
    kat_expect(score, kat_is(entry, "blinded_public", blinded, sizeof blinded), name, index, "G'");
    kat_copy(ephemeral, entry, "ephemeral_public", sizeof ephemeral);
    group_opening_point(point, &key, t, ephemeral);
    kat_expect(score, kat_is(entry, "opening_point", point, sizeof point), name, index, "point");
    kat_copy(ephemeral, entry, "ephemeral_secret", sizeof ephemeral);
    bool fits = plain.bytes + SEAL_BYTES <= sizeof made && sealed.bytes == plain.bytes + SEAL_BYTES;
    kat_expect(score,
               fits && !seal_make(made, plain.data, plain.bytes, blinded, ephemeral) &&
                   kat_equal(&sealed, made, sealed.bytes),
               name, index, "sealed");
    kat_expect(score,
               fits && !seal_open_with(opened, sealed.data, sealed.bytes, blinded, point) &&
                   kat_equal(&plain, opened, plain.bytes),
               name, index, "opened");
    kat_free(&plain);
    kat_free(&sealed);
}

static void check_mask(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct group_key key = {.epoch = 1};
    uint8_t t[GROUP_BLIND_BYTES], r[GROUP_BLIND_BYTES], u[GROUP_BLIND_BYTES];
    kat_copy(key.secret_key, entry, "group_secret", sizeof key.secret_key);
    kat_copy(t, entry, "t", sizeof t);
    kat_copy(r, entry, "r", sizeof r);
    group_mask(u, &key, t, r);
    kat_expect(score, kat_is(entry, "u", u, sizeof u), name, index, "u");
    group_mask(t, &key, u, r);
    kat_expect(score, kat_is(entry, "t", t, sizeof t), name, index, "t");
}

static void check_change(struct kat_score *score, const json_t *entry, const char *name,
                         size_t index)
{
    static const uint8_t none[GROUP_KEY_BYTES] = {0};
    enum { MAX = 8 };
    static uint8_t authors[MAX][GROUP_MEMBER_BYTES];
    static uint8_t removed[MAX][GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    struct group_change changes[MAX];
    uint8_t group_public[GROUP_KEY_BYTES];
    const json_t *list = kat_list(entry, "changes"), *change;
    size_t i, standing = MAX;
    if (json_array_size(list) > MAX)
        kat_refuse("changes", "list as short as it may be");
    kat_copy(group_public, entry, "group_public", sizeof group_public);
    json_array_foreach(list, i, change)
    {
        kat_copy(authors[i], change, "author", GROUP_MEMBER_BYTES);
        size_t count = kat_bytes_list(removed[i], kat_list(change, "removes"), GROUP_MEMBER_BYTES,
                                      GROUP_MEMBERS_MAX);
        changes[i] = (struct group_change){authors[i], none, removed[i], count};
    }
    int err = group_change_standing(&standing, group_public, changes, json_array_size(list));
    kat_expect(score, !err && standing == kat_u64(entry, "stands"), name, index, "stands");
}

static const struct kat_section sections[] = {
    {"mailboxes", check_mailbox},
    {"tokens", check_token},
    {"member_lists", check_members},
    {"blinds", check_blind},
    {"masks", check_mask},
    {"messages", kat_group_message},
    {"deliveries", kat_group_delivery},
    {"readers", kat_group_reader},
    {"meetings", kat_group_meeting},
    {"pairs", kat_group_pair},
    {"states", kat_group_state},
    {"refused_states", kat_group_refused_states},
    {"changes", check_change},
};

const struct kat_part kat_groups = {"groups", sections, sizeof sections / sizeof *sections};
