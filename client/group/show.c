#include "group/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"
#include "cli/display.h"
#include "cli/json_line.h"
#include "cli/print.h"
#include "cli/text_member.h"
#include "cli/utf8.h"
#include "cli/word_list.h"
#include "cli/write_all.h"

enum {
    KEY_DIGITS = 8, /* of a key, where it stands for a member */
    LABEL_BYTES = GROUP_NAME_BYTES_MAX + KEY_DIGITS + 2,
    WORD_BITS = 11,
    WORDS = (8 * GROUP_KEY_BYTES + WORD_BITS - 1) / WORD_BITS,
    WORDS_A_LINE = 8,
};

static enum outcome written(int err)
{
    return err ? outcome_unwritable(err) : OUTCOME_DONE;
}

/* --- members' names --- */

static bool same_name(const struct group_name *one, const struct group_name *other)
{
    return one->bytes == other->bytes && memcmp(one->text, other->text, one->bytes) == 0;
}

/* Whether a name says who is meant: it can be shown, and nobody else has it. */
static bool is_clear(struct context *context, const uint8_t *member, const struct group_name *name)
{
    const struct group_state *state = device_members(context->stored.device);
    if (!display_is_name(name->text, name->bytes))
        return false;
    for (size_t i = 0; i < name->bytes; i++)
        if (name->text[i] == '#' || name->text[i] == '>')
            return false;
    for (size_t i = 0; state && i < state->count; i++)
        if (memcmp(state->members[i].member, member, GROUP_MEMBER_BYTES) != 0 &&
            same_name(&state->members[i].name, name))
            return false;
    return true;
}

/* A member's name for people; where that is not clear, with the beginning of the key. */
static void label(char text[static LABEL_BYTES], struct context *context, const uint8_t *member,
                  const struct group_name *name)
{
    char digits[2 * GROUP_MEMBER_BYTES + 1];
    if (is_clear(context, member, name)) {
        snprintf(text, LABEL_BYTES, "%.*s", (int)name->bytes, (const char *)name->text);
        return;
    }
    hex_encode(digits, member, GROUP_MEMBER_BYTES);
    snprintf(text, LABEL_BYTES, "#%.*s", KEY_DIGITS, digits);
}

const uint8_t *show_find_member(struct context *context, const char *text)
{
    const struct group_state *state = device_members(context->stored.device);
    const uint8_t *found = NULL;
    size_t count = 0, bytes = strlen(text);
    for (size_t i = 0; state && i < state->count; i++) {
        const struct group_state_member *member = &state->members[i];
        char digits[2 * GROUP_MEMBER_BYTES + 1];
        hex_encode(digits, member->member, GROUP_MEMBER_BYTES);
        bool fits = text[0] == '#' ? bytes > 1 && strncmp(digits, text + 1, bytes - 1) == 0
                                   : member->name.bytes == bytes &&
                                         memcmp(member->name.text, text, bytes) == 0;
        if (fits) {
            found = member->member;
            count++;
        }
    }
    if (count == 0)
        print("group %s has no member %s; members prints them", context->name, text);
    else if (count > 1)
        print("group %s has %zu members %s: give # and the beginning of the key, as members "
              "prints it",
              context->name, count, text);
    return count == 1 ? found : NULL;
}

/* --- JSON --- */

static int begin_line(struct json_line **line, const struct context *context, const char *event)
{
    int err = json_line_open(line, event);
    if (!err)
        json_line_word(*line, "group", context->name);
    return err;
}

static void put_member(struct json_line *line, const char *key, const char *name_key,
                       const uint8_t *member, const struct group_name *name)
{
    char digits[2 * GROUP_MEMBER_BYTES + 1];
    hex_encode(digits, member, GROUP_MEMBER_BYTES);
    json_line_word(line, key, digits);
    if (name->bytes > 0 && utf8_is_valid(name->text, name->bytes))
        json_line_text(line, name_key, name->text, name->bytes);
    else
        json_line_null(line, name_key);
}

static const char *event_word(enum group_event_kind kind)
{
    static const char *const words[GROUP_EVENT_KINDS] = {
        [GROUP_EVENT_TEXT] = "message",    [GROUP_EVENT_JOINED] = "joined",
        [GROUP_EVENT_ADDED] = "added",     [GROUP_EVENT_REMOVED] = "removed",
        [GROUP_EVENT_LEAVING] = "leaving", [GROUP_EVENT_RENAMED] = "renamed",
        [GROUP_EVENT_MISSING] = "missing", [GROUP_EVENT_NOT_ADDED] = "not-added",
        [GROUP_EVENT_OUT] = "out",
    };
    return words[kind];
}

static bool has_subject(enum group_event_kind kind)
{
    return kind == GROUP_EVENT_ADDED || kind == GROUP_EVENT_REMOVED ||
           kind == GROUP_EVENT_RENAMED || kind == GROUP_EVENT_NOT_ADDED;
}

static int write_event(const struct context *context, const struct group_event *event)
{
    struct json_line *line;
    int err = json_line_open_for(&line, event_word(event->kind), event->bytes);
    if (err)
        return err;
    json_line_word(line, "group", context->name);
    put_member(line, "author", "author_name", event->author, &event->author_name);
    if (has_subject(event->kind))
        put_member(line, "member", "member_name", event->subject, &event->subject_name);
    if (event->kind == GROUP_EVENT_MISSING)
        json_line_number(line, "count", (int64_t)event->count);
    if (event->kind == GROUP_EVENT_TEXT) {
        json_line_number(line, "time",
                         event->time_s < INT64_MAX ? (int64_t)event->time_s : INT64_MAX);
        json_line_number(line, "number",
                         event->number < INT64_MAX ? (int64_t)event->number : INT64_MAX);
        json_line_flag(line, "late", event->is_late);
        err = text_member_put(line, event->text, event->bytes);
    }
    int failed = json_line_write(line, STDOUT_FILENO);
    return err ? err : failed;
}

/* --- lines --- */

static void clock_text(char text[static 32], uint64_t time_s)
{
    time_t time = (time_t)time_s, today = (time_t)clock_wall_s(&clock_system);
    struct tm local, now;
    text[0] = '\0';
    if (time_s > INT32_MAX * UINT64_C(64) || !localtime_r(&time, &local) ||
        !localtime_r(&today, &now))
        return;
    bool same_day = local.tm_yday == now.tm_yday && local.tm_year == now.tm_year;
    if (strftime(text, 32, same_day ? "%H:%M " : "%F %H:%M ", &local) == 0)
        text[0] = '\0';
}

/* "12:04 <alice> text". */
static int print_text(struct context *context, const struct group_event *event)
{
    char author[LABEL_BYTES], when[32], head[LABEL_BYTES + 64];
    label(author, context, event->author, &event->author_name);
    clock_text(when, event->time_s);
    snprintf(head, sizeof head, "%s<%s> ", when, author);
    char *line = secret_alloc(DISPLAY_BYTES_MAX(event->bytes));
    if (!line)
        return -ENOMEM;
    size_t bytes = display_line(line, event->text, event->bytes);
    int err = write_all(STDOUT_FILENO, head, strlen(head));
    if (!err)
        err = write_all(STDOUT_FILENO, line, bytes);
    secret_free(line);
    return err;
}

static void print_change(struct context *context, const struct group_event *event)
{
    char author[LABEL_BYTES], subject[LABEL_BYTES];
    label(author, context, event->author, &event->author_name);
    label(subject, context, event->subject, &event->subject_name);
    switch (event->kind) {
    case GROUP_EVENT_JOINED:
        print("you are a member of group %s; %s invited you", context->name, author);
        break;
    case GROUP_EVENT_ADDED:
        print("%s added %s", author, subject);
        break;
    case GROUP_EVENT_REMOVED:
        print("%s is not in the group any more; the change is by %s", subject, author);
        break;
    case GROUP_EVENT_LEAVING:
        print("%s leaves the group", author);
        break;
    case GROUP_EVENT_RENAMED:
        print("%s is called %s now", author, subject);
        break;
    case GROUP_EVENT_MISSING:
        print("%" PRIu64 " message%s of %s %s not come", event->count, event->count == 1 ? "" : "s",
              author, event->count == 1 ? "has" : "have");
        break;
    case GROUP_EVENT_NOT_ADDED:
        print("%s is not in the group: somebody else changed it at the same time. Invite again",
              subject);
        break;
    case GROUP_EVENT_OUT:
        print("you are not in the group any more; the change is by %s", author);
        break;
    case GROUP_EVENT_TEXT:
    case GROUP_EVENT_KINDS:
        break;
    }
}

enum outcome show_events(struct context *context)
{
    struct device *device = context->stored.device;
    const struct group_event *event;
    bool any = false;
    int err = 0;
    while (!err && (event = device_event(device)) != NULL) {
        if (context->options->shared.json)
            err = write_event(context, event);
        else if (event->kind == GROUP_EVENT_TEXT)
            err = print_text(context, event);
        else
            print_change(context, event);
        if (!err)
            device_event_shown(device);
        any = true;
    }
    enum outcome saved = any ? context_save(context) : OUTCOME_DONE;
    return err ? written(err) : saved;
}

/* --- who is there --- */

/* The bits of a fingerprint, the most significant first, as words. */
static void print_words(char *text, size_t room, const uint8_t fingerprint[static GROUP_KEY_BYTES],
                        size_t first, size_t count)
{
    size_t bytes = 0;
    for (size_t i = first; i < first + count && i < WORDS; i++) {
        unsigned word = 0;
        for (size_t bit = i * WORD_BITS; bit < (i + 1) * WORD_BITS; bit++)
            word = word << 1 |
                   (bit < 8 * GROUP_KEY_BYTES ? fingerprint[bit / 8] >> (7 - bit % 8) & 1u : 0);
        bytes += (size_t)snprintf(text + bytes, room - bytes, "%s%s", i > first ? " " : "",
                                  word_list[word]);
    }
}

static int write_members(struct context *context, const struct group_state *state,
                         const uint8_t fingerprint[static GROUP_KEY_BYTES])
{
    const struct device *device = context->stored.device;
    char words[WORDS * WORD_LIST_BYTES];
    struct json_line *line;
    int err = 0;
    for (size_t i = 0; !err && i < state->count; i++) {
        const struct group_state_member *member = &state->members[i];
        err = begin_line(&line, context, "member");
        if (err)
            return err;
        put_member(line, "member", "member_name", member->member, &member->name);
        json_line_flag(line, "own",
                       memcmp(member->member, device_own(device), GROUP_MEMBER_BYTES) == 0);
        json_line_number(line, "missing", (int64_t)device_missing(device, member->member));
        err = json_line_write(line, STDOUT_FILENO);
    }
    if (!err)
        err = begin_line(&line, context, "members");
    if (err)
        return err;
    print_words(words, sizeof words, fingerprint, 0, WORDS);
    json_line_number(line, "count", (int64_t)state->count);
    json_line_number(line, "epoch", (int64_t)state->epoch);
    json_line_word(line, "words", words);
    return json_line_write(line, STDOUT_FILENO);
}

static int print_members(struct context *context, const struct group_state *state,
                         const uint8_t fingerprint[static GROUP_KEY_BYTES])
{
    const struct device *device = context->stored.device;
    char digits[2 * GROUP_MEMBER_BYTES + 1], name[LABEL_BYTES], text[512], missing[64];
    int err = 0;
    for (size_t i = 0; !err && i < state->count; i++) {
        const struct group_state_member *member = &state->members[i];
        uint64_t count = device_missing(device, member->member);
        bool is_own = memcmp(member->member, device_own(device), GROUP_MEMBER_BYTES) == 0;
        hex_encode(digits, member->member, GROUP_MEMBER_BYTES);
        digits[2 * KEY_DIGITS] = '\0';
        label(name, context, member->member, &member->name);
        snprintf(missing, sizeof missing, ", %" PRIu64 " of whose messages have not come", count);
        snprintf(text, sizeof text, "#%s  %s%s%s\n", digits, name[0] == '#' ? "" : name,
                 is_own ? " (you)" : "", count > 0 ? missing : "");
        err = write_all(STDOUT_FILENO, text, strlen(text));
    }
    for (size_t i = 0; !err && i < WORDS; i += WORDS_A_LINE) {
        print_words(text, sizeof text - 1, fingerprint, i, WORDS_A_LINE);
        err = write_all(STDOUT_FILENO, text, strlen(text));
        if (!err)
            err = write_all(STDOUT_FILENO, "\n", 1);
    }
    return err;
}

enum outcome show_members(struct context *context)
{
    uint8_t fingerprint[GROUP_KEY_BYTES];
    const struct group_state *state = device_members(context->stored.device);
    if (!state || device_fingerprint(context->stored.device, fingerprint)) {
        print("you are not a member of %s yet: nobody has sent what the group is", context->name);
        return OUTCOME_ALONE;
    }
    return written(context->options->shared.json ? write_members(context, state, fingerprint)
                                                 : print_members(context, state, fingerprint));
}

enum outcome show_group(const struct context *context, const char *name, size_t members)
{
    char text[256];
    struct json_line *line;
    if (!context->options->shared.json) {
        snprintf(text, sizeof text, members ? "%s  %zu member%s\n" : "%s  sealed\n", name, members,
                 members == 1 ? "" : "s");
        return written(write_all(STDOUT_FILENO, text, strlen(text)));
    }
    int err = json_line_open(&line, "group");
    if (err)
        return written(err);
    json_line_word(line, "group", name);
    if (members)
        json_line_number(line, "count", (int64_t)members);
    else
        json_line_null(line, "count");
    return written(json_line_write(line, STDOUT_FILENO));
}

enum outcome show_done(const struct context *context, const char *event, const char *text)
{
    struct json_line *line;
    if (!context->options->shared.json) {
        if (text)
            print("%s", text);
        return OUTCOME_DONE;
    }
    int err = begin_line(&line, context, event);
    return written(err ? err : json_line_write(line, STDOUT_FILENO));
}

void show_back(const struct context *context)
{
    print("%s answers again", context->stored.server);
}
