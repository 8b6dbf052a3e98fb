#include <string.h>

#include "base/err.h"
#include "group/delivery.h"
#include "kat_groups.h"

/* Known answers of groups: one message, from the source over the last mix and the server to the
 * reader. */

struct message_case {
    const json_t *entry;
    struct group_key key;
    uint8_t seed[GROUP_SEED_BYTES], t[GROUP_BLIND_BYTES];
    struct group_part part;
};

static void read_part(struct group_part *part, const json_t *fields)
{
    struct kat_bytes text = kat_take(fields, "text");
    if (text.bytes > sizeof part->text)
        kat_refuse("text", "text of one part");
    memset(part, 0, sizeof *part);
    part->type = (uint8_t)kat_u64(fields, "type");
    part->epoch = (uint32_t)kat_u64(fields, "epoch");
    part->number = kat_u64(fields, "number");
    part->time_s = kat_u64(fields, "time");
    part->part = (uint8_t)kat_u64(fields, "part");
    part->parts = (uint8_t)kat_u64(fields, "parts");
    part->bytes = (uint16_t)text.bytes;
    if (text.bytes > 0)
        memcpy(part->text, text.data, text.bytes);
    kat_free(&text);
}

/* Body, signature and seal. */
static void check_source(struct kat_score *score, const struct message_case *message,
                         const char *name, size_t index)
{
    const json_t *entry = message->entry;
    uint8_t body[GROUP_BODY_BYTES] = {0}, inner[GROUP_INNER_BYTES], member[GROUP_MEMBER_BYTES];
    uint8_t ephemeral[GROUP_KEY_BYTES], made[GROUP_M_BYTES] = {0}, blinded[GROUP_KEY_BYTES];
    group_member_make(member, message->seed);
    group_blinded(blinded, &message->key, message->t);
    kat_expect(score,
               kat_is(entry, "author", member, sizeof member) &&
                   kat_is(entry, "blinded_public", blinded, sizeof blinded),
               name, index, "keys");
    kat_expect(score,
               !group_body_write(body, &message->part) && kat_is(entry, "body", body, sizeof body),
               name, index, "body");
    group_sign(inner, &message->key, message->seed, message->t, body);
    kat_expect(score, kat_is(entry, "inner", inner, sizeof inner), name, index, "inner");
    kat_copy(ephemeral, entry, "message_secret", sizeof ephemeral);
    kat_expect(score,
               !group_message_make(made, &message->key, message->seed, message->t, ephemeral,
                                   &message->part) &&
                   kat_is(entry, "message", made, sizeof made),
               name, index, "message");
}

/* Tokens and fillers, and what the last mix gets. */
static void check_division(struct kat_score *score, const struct message_case *message,
                           const char *name, size_t index)
{
    const json_t *entry = message->entry, *recipient;
    struct group_division division = {.port = (uint16_t)kat_u64(entry, "server_port")};
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    uint8_t ids[GROUP_RECIPIENTS * GROUP_MAILBOX_ID_BYTES], content[GROUP_DIVIDE_BYTES];
    size_t i, count = 0;
    kat_copy(division.address, entry, "server_address", sizeof division.address);
    kat_copy(division.server_public, entry, "server_public", sizeof division.server_public);
    kat_copy(division.message, entry, "message", sizeof division.message);
    group_blinded(division.blinded, &message->key, message->t);
    json_array_foreach(kat_list(entry, "recipients"), i, recipient)
    {
        bool filler = kat_flag(recipient, "filler");
        if (filler)
            kat_random_take(&values, recipient, "mailbox_id");
        else
            kat_copy(ids + count++ * GROUP_MAILBOX_ID_BYTES, recipient, "mailbox_id",
                     GROUP_MAILBOX_ID_BYTES);
        kat_random_take(&values, recipient, "token_secret");
        if (filler)
            kat_random_take(&values, recipient, "u");
    }
    int err = group_division_address(&division, &message->key, message->t, ids, count, &random);
    group_division_write(content, &division);
    kat_expect(score,
               !err && kat_random_is_used_up(&values) &&
                   kat_is(entry, "divide_content", content, sizeof content),
               name, index, "divide content");
}

static bool opens_as_sent(const struct message_case *message,
                          const uint8_t copy[static GROUP_COPY_BYTES])
{
    struct group_opened opened;
    return !group_copy_open(&opened, &message->key, copy) && !group_opened_check(&opened) &&
           memcmp(opened.t, message->t, sizeof opened.t) == 0 &&
           kat_is(message->entry, "inner", opened.inner, sizeof opened.inner) &&
           kat_is(message->entry, "author", opened.author, sizeof opened.author) &&
           memcmp(&opened.part, &message->part, sizeof opened.part) == 0;
}

/* One copy: made by the last mix, taken by the server, opened by the reader unless it is a filler.
 */
static bool check_copy(const struct message_case *message, const struct group_division *division,
                       const json_t *divided, size_t at)
{
    const json_t *recipient = json_array_get(kat_list(message->entry, "recipients"), at);
    uint8_t ephemeral[GROUP_KEY_BYTES], copy[GROUP_COPY_BYTES], delivery[GROUP_DELIVERY_BYTES];
    uint8_t secret[GROUP_KEY_BYTES], id[GROUP_MAILBOX_ID_BYTES], taken[GROUP_COPY_BYTES];
    kat_copy(ephemeral, divided, "copy_secret", sizeof ephemeral);
    kat_copy(secret, message->entry, "server_secret", sizeof secret);
    if (group_copy_make(copy, division, at, ephemeral) ||
        !kat_is(divided, "copy", copy, sizeof copy))
        return false;
    kat_copy(ephemeral, divided, "delivery_secret", sizeof ephemeral);
    if (group_delivery_make(delivery, division->recipients[at].token, copy, division->server_public,
                            ephemeral) ||
        !kat_is(divided, "delivery", delivery, sizeof delivery))
        return false;
    return !group_delivery_open(id, taken, delivery, sizeof delivery, division->server_public,
                                secret) &&
           memcmp(taken, copy, sizeof copy) == 0 &&
           kat_is(recipient, "mailbox_id", id, sizeof id) &&
           (kat_flag(recipient, "filler") || opens_as_sent(message, copy));
}

static void check_divided(struct kat_score *score, const struct message_case *message,
                          const char *name, size_t index)
{
    struct group_division division;
    struct kat_bytes content = kat_take(message->entry, "divide_content");
    const json_t *list = kat_list(message->entry, "divided"), *divided;
    size_t i;
    bool right = !group_division_read(&division, content.data, content.bytes) &&
                 json_array_size(list) == GROUP_RECIPIENTS;
    kat_expect(score, right, name, index, "divide content is taken");
    json_array_foreach(list, i, divided)
        kat_expect(score, right && check_copy(message, &division, divided, i), name, index, "copy");
    kat_free(&content);
}

/* What a reader finds of a copy that it must not show. */
static bool refusal_is(const struct message_case *message, const json_t *refused)
{
    uint8_t copy[GROUP_COPY_BYTES];
    struct group_opened opened;
    kat_copy(copy, refused, "copy", sizeof copy);
    int err = group_copy_open(&opened, &message->key, copy);
    if (!kat_is(refused, "t", opened.t, sizeof opened.t))
        return false;
    if (json_is_null(json_object_get(refused, "inner")))
        return err != 0;
    return !err && group_opened_check(&opened) != 0 &&
           kat_is(refused, "inner", opened.inner, sizeof opened.inner) &&
           opened.is_member == kat_flag(refused, "author_is_member") &&
           opened.is_signed == kat_flag(refused, "signature_holds") &&
           opened.is_of_epoch == kat_flag(refused, "epoch_is_the_keys") &&
           opened.is_well_formed == kat_flag(refused, "body_is_well_formed");
}

static void check_refused(struct kat_score *score, const struct message_case *message,
                          const char *name, size_t index)
{
    const json_t *refused;
    size_t i;
    json_array_foreach(kat_list(message->entry, "refused_copies"), i, refused)
        kat_expect(score, refusal_is(message, refused), name, index, kat_text(refused, "why"));
    json_array_foreach(kat_list(message->entry, "refused_divide_contents"), i, refused)
    {
        struct group_division division;
        struct kat_bytes content = kat_take(refused, "content");
        kat_expect(score, group_division_read(&division, content.data, content.bytes) != 0, name,
                   index, kat_text(refused, "why"));
        kat_free(&content);
    }
}

void kat_group_message(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct message_case message = {.entry = entry};
    kat_expect(score, kat_group_key(&message.key, kat_object(entry, "key")), name, index, "key");
    kat_copy(message.seed, entry, "author_seed", sizeof message.seed);
    kat_copy(message.t, entry, "t", sizeof message.t);
    read_part(&message.part, kat_object(entry, "fields"));
    check_source(score, &message, name, index);
    check_division(score, &message, name, index);
    check_divided(score, &message, name, index);
    check_refused(score, &message, name, index);
}
