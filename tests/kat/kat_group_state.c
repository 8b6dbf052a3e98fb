#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "group/delivery.h"
#include "group/state.h"
#include "kat_groups.h"

/* Known answers of groups: meetings, pairs, and the states that are sent under their keys. */

static void introduce(struct group_introduction *introduction, const json_t *entry, const char *who)
{
    char key[KAT_NAME_BYTES];
    kat_copy(introduction->member, entry, who, sizeof introduction->member);
    snprintf(key, sizeof key, "%s_mailbox_id", who);
    kat_copy(introduction->mailbox_id, entry, key, sizeof introduction->mailbox_id);
    snprintf(key, sizeof key, "%s_x_public", who);
    kat_copy(introduction->x_public, entry, key, sizeof introduction->x_public);
}

/* One side of a meeting. */
static void check_side(struct kat_score *score, const json_t *entry, const char *who,
                       const char *other_who, const char *name, size_t index)
{
    char key_name[KAT_NAME_BYTES];
    struct group_introduction own, other, read;
    struct group_key key;
    uint8_t payload[GROUP_PAYLOAD_BYTES], x_secret[GROUP_KEY_BYTES], seed[GROUP_SEED_BYTES];
    uint8_t member[GROUP_MEMBER_BYTES], refused[16 * GROUP_KEY_BYTES];
    introduce(&own, entry, who);
    introduce(&other, entry, other_who);
    snprintf(key_name, sizeof key_name, "%s_seed", who);
    kat_copy(seed, entry, key_name, sizeof seed);
    group_member_make(member, seed);
    kat_expect(score, memcmp(member, own.member, sizeof member) == 0, name, index, key_name);
    group_introduction_write(payload, &own);
    snprintf(key_name, sizeof key_name, "%s_payload", who);
    kat_expect(score,
               kat_is(entry, key_name, payload, sizeof payload) &&
                   !group_introduction_read(&read, payload) &&
                   memcmp(&read, &own, sizeof read) == 0,
               name, index, key_name);
    snprintf(key_name, sizeof key_name, "%s_x_secret", who);
    kat_copy(x_secret, entry, key_name, sizeof x_secret);
    kat_expect(score,
               !group_meeting_key(&key, x_secret, &own, &other) &&
                   kat_group_key_is(&key, kat_object(entry, "key")),
               name, index, "key");
    size_t count =
        kat_bytes_list(refused, kat_list(entry, "refused_x_publics"), GROUP_KEY_BYTES, 16);
    for (size_t i = 0; i < count; i++) {
        memcpy(other.x_public, refused + i * GROUP_KEY_BYTES, sizeof other.x_public);
        kat_expect(score, group_meeting_key(&key, x_secret, &own, &other) != 0, name, index,
                   "refused X");
    }
}

void kat_group_meeting(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    check_side(score, entry, "inviter", "newcomer", name, index);
    check_side(score, entry, "newcomer", "inviter", name, index);
}

static void check_pair_side(struct kat_score *score, const json_t *entry, const char *who,
                            const char *other_who, const char *name, size_t index)
{
    char key_name[KAT_NAME_BYTES];
    struct group_key key;
    uint8_t seed[GROUP_SEED_BYTES], other[GROUP_MEMBER_BYTES], group_public[GROUP_KEY_BYTES];
    uint8_t member[GROUP_MEMBER_BYTES], refused[16 * GROUP_MEMBER_BYTES];
    uint32_t epoch = (uint32_t)kat_u64(entry, "epoch");
    snprintf(key_name, sizeof key_name, "%s_seed", who);
    kat_copy(seed, entry, key_name, sizeof seed);
    kat_copy(other, entry, other_who, sizeof other);
    kat_copy(group_public, entry, "group_public", sizeof group_public);
    group_member_make(member, seed);
    kat_expect(score, kat_is(entry, who, member, sizeof member), name, index, who);
    kat_expect(score,
               !group_pair_key(&key, seed, other, group_public, epoch) &&
                   kat_group_key_is(&key, kat_object(entry, "key")),
               name, index, "key");
    size_t count =
        kat_bytes_list(refused, kat_list(entry, "refused_others"), GROUP_MEMBER_BYTES, 16);
    for (size_t i = 0; i < count; i++)
        kat_expect(score,
                   group_member_check(refused + i * GROUP_MEMBER_BYTES) != 0 &&
                       group_pair_key(&key, seed, refused + i * GROUP_MEMBER_BYTES, group_public,
                                      epoch) != 0,
                   name, index, "refused member");
}

void kat_group_pair(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    check_pair_side(score, entry, "one", "other", name, index);
    check_pair_side(score, entry, "other", "one", name, index);
}

static void read_name(struct group_name *out, const json_t *entry)
{
    struct kat_bytes text = kat_take(entry, "name");
    if (text.bytes > GROUP_NAME_BYTES_MAX)
        kat_refuse("name", "name as short as it may be");
    memset(out, 0, sizeof *out);
    out->bytes = (uint8_t)text.bytes;
    if (text.bytes > 0)
        memcpy(out->text, text.data, text.bytes);
    kat_free(&text);
}

static void read_state(struct group_state *state, const json_t *fields)
{
    const json_t *list = kat_list(fields, "members"), *member;
    size_t i;
    memset(state, 0, sizeof *state);
    state->epoch = (uint32_t)kat_u64(fields, "epoch");
    kat_copy(state->public_key, fields, "public_key", sizeof state->public_key);
    kat_copy(state->secret_key, fields, "secret_key", sizeof state->secret_key);
    kat_copy(state->hash_before, fields, "hash_before", sizeof state->hash_before);
    read_name(&state->name, fields);
    state->count = json_array_size(list);
    if (state->count > GROUP_MEMBERS_MAX)
        kat_refuse("members", "list as short as it may be");
    json_array_foreach(list, i, member)
    {
        kat_copy(state->members[i].member, member, "author", GROUP_MEMBER_BYTES);
        kat_copy(state->members[i].mailbox_id, member, "mailbox_id", GROUP_MAILBOX_ID_BYTES);
        state->members[i].next_number = kat_u64(member, "next_number");
        read_name(&state->members[i].name, member);
    }
}

/* The key that a state is sent under, as author (0) or reader (1). */
static bool make_key(struct group_key *key, const json_t *entry, int side)
{
    static const char *const who[2] = {"author", "reader"};
    char name[KAT_NAME_BYTES];
    uint8_t secret[GROUP_KEY_BYTES], group_public[GROUP_KEY_BYTES];
    struct group_introduction people[2] = {{.member = {0}}};
    for (int i = 0; i < 2; i++)
        kat_copy(people[i].member, entry, who[i], GROUP_MEMBER_BYTES);
    if (strcmp(kat_text(entry, "sent_under"), "pair") == 0) {
        snprintf(name, sizeof name, "%s_seed", who[side]);
        kat_copy(secret, entry, name, sizeof secret);
        kat_copy(group_public, entry, "group_public_before", sizeof group_public);
        return !group_pair_key(key, secret, people[!side].member, group_public,
                               (uint32_t)kat_u64(entry, "epoch_before"));
    }
    static const uint8_t base_point[X25519_BYTES] = {9};
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s_x_secret", who[i]);
        kat_copy(secret, entry, name, sizeof secret);
        x25519(people[i].x_public, secret, base_point);
    }
    snprintf(name, sizeof name, "%s_x_secret", who[side]);
    kat_copy(secret, entry, name, sizeof secret);
    return !group_meeting_key(key, secret, &people[side], &people[!side]);
}

/* One part of the state's message, made and opened; its text goes to `joined`. */
static bool part_is(const json_t *entry, const json_t *wanted, const struct group_key *key,
                    size_t at, uint8_t *joined, size_t *bytes, size_t total)
{
    struct group_part part = {.type = GROUP_STATE, .epoch = key->epoch, .part = (uint8_t)at};
    struct group_division division = {.port = 0};
    struct group_opened opened;
    uint8_t seed[GROUP_SEED_BYTES], t[GROUP_BLIND_BYTES], secret[GROUP_KEY_BYTES];
    uint8_t text[GROUP_STATE_BYTES_MAX], body[GROUP_BODY_BYTES], copy[GROUP_COPY_BYTES];
    size_t left = total - at * GROUP_TEXT_BYTES_MAX;
    kat_copy(text, entry, "text", total);
    part.parts = (uint8_t)((total + GROUP_TEXT_BYTES_MAX - 1) / GROUP_TEXT_BYTES_MAX);
    part.number = kat_u64(entry, "message_number");
    part.time_s = kat_u64(entry, "message_time");
    part.bytes = (uint16_t)(left < GROUP_TEXT_BYTES_MAX ? left : GROUP_TEXT_BYTES_MAX);
    memcpy(part.text, text + at * GROUP_TEXT_BYTES_MAX, part.bytes);
    kat_copy(seed, entry, "author_seed", sizeof seed);
    kat_copy(t, wanted, "t", sizeof t);
    kat_copy(secret, wanted, "message_secret", sizeof secret);
    if (group_body_write(body, &part) || !kat_is(wanted, "body", body, sizeof body) ||
        group_message_make(division.message, key, seed, t, secret, &part) ||
        !kat_is(wanted, "message", division.message, GROUP_M_BYTES))
        return false;
    kat_copy(division.recipients[0].token, wanted, "r", GROUP_R_BYTES);
    group_mask(division.recipients[0].u, key, t, division.recipients[0].token);
    group_blinded(division.blinded, key, t);
    kat_copy(secret, wanted, "copy_secret", sizeof secret);
    if (group_copy_make(copy, &division, 0, secret) || !kat_is(wanted, "copy", copy, sizeof copy) ||
        group_copy_open(&opened, key, copy) || group_opened_check(&opened))
        return false;
    memcpy(joined + *bytes, opened.part.text, opened.part.bytes);
    *bytes += opened.part.bytes;
    return kat_is(entry, "author", opened.author, sizeof opened.author);
}

/* What a newcomer or member does not take under such a key. */
static bool is_refused(const json_t *entry, const json_t *refused, const struct group_key *key)
{
    struct group_opened opened;
    uint8_t copy[GROUP_COPY_BYTES], author[GROUP_MEMBER_BYTES];
    kat_copy(copy, refused, "copy", sizeof copy);
    kat_copy(author, entry, "author", sizeof author);
    return !group_copy_open(&opened, key, copy) && group_state_part_check(&opened, author) != 0;
}

void kat_group_state(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct group_key key, readers_key;
    struct group_state state, read;
    struct kat_bytes wanted = kat_take(entry, "text");
    uint8_t text[GROUP_STATE_BYTES_MAX], joined[GROUP_LONG_TEXT_BYTES_MAX];
    const json_t *parts = kat_list(entry, "parts"), *each;
    size_t i, bytes = 0;
    kat_expect(score,
               make_key(&key, entry, 0) && make_key(&readers_key, entry, 1) &&
                   kat_group_key_is(&key, kat_object(entry, "key")) &&
                   kat_group_key_is(&readers_key, kat_object(entry, "key")),
               name, index, "key");
    read_state(&state, kat_object(entry, "fields"));
    kat_expect(score, kat_equal(&wanted, text, group_state_write(text, &state)), name, index,
               "text");
    kat_expect(score,
               !group_state_read(&read, wanted.data, wanted.bytes) &&
                   memcmp(&read, &state, sizeof read) == 0,
               name, index, "read");
    json_array_foreach(parts, i, each) kat_expect(
        score, part_is(entry, each, &key, i, joined, &bytes, wanted.bytes), name, index, "part");
    kat_expect(score, kat_equal(&wanted, joined, bytes), name, index, "parts together");
    json_array_foreach(kat_list(entry, "refused_parts"), i, each) kat_expect(
        score, is_refused(entry, each, &readers_key), name, index, kat_text(each, "why"));
    kat_free(&wanted);
}

void kat_group_refused_states(struct kat_score *score, const json_t *entry, const char *name,
                              size_t index)
{
    enum { KNOWN_MAX = 64 };
    struct group_key before;
    struct group_state state;
    uint8_t known[KNOWN_MAX * GROUP_KEY_BYTES], author[GROUP_MEMBER_BYTES];
    const json_t *each;
    size_t i,
        count = kat_bytes_list(known, kat_list(entry, "known_publics"), GROUP_KEY_BYTES, KNOWN_MAX);
    kat_expect(score, kat_group_key(&before, kat_object(entry, "before")), name, index, "before");
    json_array_foreach(kat_list(entry, "states"), i, each)
    {
        struct kat_bytes text = kat_take(each, "text");
        kat_copy(author, each, "author", sizeof author);
        bool taken = !group_state_read(&state, text.data, text.bytes) &&
                     !group_state_follows(&state, &before, author, known, count);
        kat_expect(score, taken == kat_flag(each, "taken"), name, index, kat_text(each, "why"));
        kat_free(&text);
    }
}
