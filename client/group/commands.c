#include "group/commands.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/secret.h"
#include "cli/credentials.h"
#include "cli/display.h"
#include "cli/phrase.h"
#include "cli/print.h"
#include "cli/utf8.h"
#include "group/introduction.h"
#include "group/show.h"
#include "group/talk.h"

enum {
    ROUND_MS = 500, /* between two rounds while something is awaited */
    SEND_PATIENCE_MS = 60 * 1000,
    STATE_PATIENCE_MS = 5 * 60 * 1000,
};

static int64_t now_s(void)
{
    return clock_wall_s(&clock_system);
}

static struct group_name name_of(const char *text)
{
    struct group_name name = {.bytes = 0};
    if (text) {
        name.bytes = (uint8_t)strlen(text);
        memcpy(name.text, text, name.bytes);
    }
    return name;
}

static bool is_sent(struct context *context)
{
    return device_unsent(context->stored.device) == 0;
}

enum outcome command_go_out(struct context *context)
{
    enum outcome outcome = context_load(context);
    if (outcome != OUTCOME_DONE)
        return outcome;
    const char *server = context->options->server;
    if (server && strlen(server) > STORE_SERVER_BYTES_MAX) {
        print("the address of --server is over %d bytes long", STORE_SERVER_BYTES_MAX);
        return OUTCOME_USAGE;
    }
    if (server)
        snprintf(context->stored.server, sizeof context->stored.server, "%s", server);
    return context_connect(context, context->stored.server);
}

/* --- create --- */

enum outcome command_create(struct context *context)
{
    const struct group_name name = name_of(context->name),
                            own = name_of(context->options->own_name);
    struct device *device;
    int err = device_create(&device, &name, &own, &random_system, now_s());
    if (err)
        return outcome_failed(err, "begin group %s", context->name);
    enum outcome outcome = context_begin(context, device);
    if (outcome != OUTCOME_DONE)
        return outcome;
    outcome = context_connect(context, context->options->server);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    if (outcome == OUTCOME_DONE)
        return show_done(context, "created",
                         "the group is there, with you alone in it; invite adds somebody");
    /* Nobody else knows of it. */
    context_unload(context);
    if (store_remove(&context->store, context->name))
        print("the file of group %s stays in %s", context->name, context->store.folder);
    return outcome;
}

/* --- invite --- */

/* Meet while others of this person's programs may use the group. */
static enum outcome introduce_unlocked(struct context *context, struct group_introduction *own,
                                       uint8_t x_secret[static GROUP_KEY_BYTES],
                                       struct group_introduction *other)
{
    char server[sizeof context->stored.server];
    device_introduce(context->stored.device, own, x_secret);
    memcpy(server, context->stored.server, sizeof server);
    context_unload(context);
    memcpy(context->stored.server, server, sizeof server);
    enum outcome outcome = introduce(context, own, other);
    return outcome == OUTCOME_DONE ? context_load(context) : outcome;
}

static enum outcome explain_met(struct context *context, int err)
{
    if (err == -EINVAL)
        print("the other person's invitation cannot be used");
    else if (err == -EEXIST)
        print("the other person is a member of %s already", context->name);
    else if (err == -ENOSPC)
        print("group %s has %d members, which is as many as may be, or it changed too often in too "
              "short a time",
              context->name, GROUP_MEMBERS_MAX);
    else
        return outcome_failed(err, "add a member to %s", context->name);
    return OUTCOME_REFUSED;
}

/* How long each of the two waits for the other once they have met. */
static int64_t state_patience_ms(const struct context *context)
{
    int64_t wished_s = context->options->duration_s;
    return wished_s > 0 ? wished_s * 1000 : STATE_PATIENCE_MS;
}

/* Until the newcomer has shown that it is a member. */
static enum outcome await_newcomer(struct context *context,
                                   const uint8_t member[static GROUP_MEMBER_BYTES])
{
    int64_t until_ms = clock_monotonic_ms(&clock_system) + state_patience_ms(context);
    print("waiting for the newcomer to confirm that the group has come");
    while (!device_is_heard(context->stored.device, member)) {
        enum outcome outcome = talk_until(context, NULL, 0);
        if (outcome != OUTCOME_DONE)
            return outcome;
        struct pollfd wait = {.fd = context->stop.fd, .events = POLLIN};
        if (clock_monotonic_ms(&clock_system) >= until_ms) {
            print("the newcomer has not answered yet: the group is sent again whenever this "
                  "program goes to the server, for a day");
            return OUTCOME_ALONE;
        }
        if (!device_is_heard(context->stored.device, member) && poll(&wait, 1, ROUND_MS) > 0)
            return OUTCOME_INTERRUPTED;
    }
    return show_done(context, "invited", NULL);
}

enum outcome command_invite(struct context *context)
{
    struct group_introduction own, other;
    uint8_t x_secret[GROUP_KEY_BYTES];
    enum outcome outcome = credentials_ready(&context->options->shared);
    if (outcome == OUTCOME_DONE)
        outcome = command_go_out(context);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (!device_members(context->stored.device) || device_is_over(context->stored.device)) {
        print("you are not a member of %s", context->name);
        return OUTCOME_USAGE;
    }
    outcome = introduce_unlocked(context, &own, x_secret, &other);
    if (outcome == OUTCOME_DONE) {
        int err = device_met(context->stored.device, &own, x_secret, &other, now_s());
        outcome = err ? explain_met(context, err) : context_save(context);
    }
    secret_wipe(x_secret, sizeof x_secret);
    if (outcome == OUTCOME_DONE)
        outcome = await_newcomer(context, other.member);
    enum outcome shown = context->stored.device ? show_events(context) : OUTCOME_DONE;
    return outcome == OUTCOME_DONE ? shown : outcome;
}

/* --- join --- */

static bool is_member(struct context *context)
{
    return device_members(context->stored.device) != NULL;
}

/* A name for the file until the group's is known. */
static void draw_name(struct context *context)
{
    uint8_t number[4];
    char digits[2 * sizeof number + 1];
    random_fill(&random_system, number, sizeof number);
    hex_encode(digits, number, sizeof number);
    snprintf(context->name, sizeof context->name, "joining-%s", digits);
}

/* Call the file as the group is called, or, where there is such a file, with a number behind. */
static enum outcome take_name(struct context *context)
{
    const struct group_name name = device_members(context->stored.device)->name;
    char wanted[sizeof context->name];
    /* One that could not be typed or shown is not taken over from the inviter. */
    if (!display_is_name(name.text, name.bytes))
        return OUTCOME_DONE;
    context_unload(context);
    for (int number = 1; number < 100; number++) {
        size_t fits = name.bytes;
        char suffix[8] = "";
        if (number > 1)
            snprintf(suffix, sizeof suffix, "-%d", number);
        while (fits + strlen(suffix) > GROUP_NAME_BYTES_MAX ||
               (fits < name.bytes && (name.text[fits] & 0xc0) == 0x80))
            fits--; /* no character is cut through */
        snprintf(wanted, sizeof wanted, "%.*s%s", (int)fits, (const char *)name.text, suffix);
        int err = store_rename(&context->store, context->name, wanted);
        if (!err) {
            memcpy(context->name, wanted, sizeof wanted);
            break;
        }
        if (err != -EEXIST)
            return outcome_failed(err, "rename the file of group %s to %s", context->name, wanted);
    }
    return context_load(context);
}

static enum outcome become_member(struct context *context, const struct group_introduction *own,
                                  const uint8_t x_secret[static GROUP_KEY_BYTES])
{
    struct group_introduction other;
    enum outcome outcome = introduce(context, own, &other);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = device_met(context->stored.device, own, x_secret, &other, now_s());
    if (err)
        return explain_met(context, err);
    outcome = context_save(context);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, is_member, state_patience_ms(context));
    return outcome;
}

static enum outcome join(struct context *context)
{
    struct group_introduction own;
    uint8_t x_secret[GROUP_KEY_BYTES];
    enum outcome outcome = context_connect(context, context->options->server);
    /* The mailbox is open before anybody is told of it. */
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    if (outcome != OUTCOME_DONE)
        return outcome;
    device_introduce(context->stored.device, &own, x_secret);
    outcome = become_member(context, &own, x_secret);
    secret_wipe(x_secret, sizeof x_secret);
    return outcome;
}

enum outcome command_join(struct context *context)
{
    const struct group_name own = name_of(context->options->own_name);
    struct device *device;
    int err = device_newcomer(&device, &own, &random_system, now_s());
    if (err)
        return outcome_failed(err, "begin to join a group");
    draw_name(context);
    enum outcome outcome = context_begin(context, device);
    if (outcome != OUTCOME_DONE)
        return outcome;
    outcome = join(context);
    if (is_member(context)) {
        enum outcome named = take_name(context);
        enum outcome shown = named == OUTCOME_DONE ? show_events(context) : named;
        /* Say so to the others, which shows the inviter that the state has come. */
        if (shown == OUTCOME_DONE && outcome == OUTCOME_DONE)
            return talk_until(context, NULL, 0);
        return outcome == OUTCOME_DONE ? shown : outcome;
    }
    if (outcome == OUTCOME_DONE) {
        print("the other person has not sent the group yet; go on with: listen %s", context->name);
        return OUTCOME_ALONE;
    }
    context_unload(context);
    if (store_remove(&context->store, context->name))
        print("the file of %s stays in %s", context->name, context->store.folder);
    return outcome;
}

/* --- send --- */

enum outcome command_write(struct context *context, const char *text, size_t bytes)
{
    if (!utf8_is_valid((const uint8_t *)text, bytes)) {
        print("the message is not UTF-8");
        return OUTCOME_USAGE;
    }
    if (phrase_is_blank(text, bytes)) {
        print("the message is empty, or nothing but blanks");
        return OUTCOME_USAGE;
    }
    int err = device_write(context->stored.device, (const uint8_t *)text, bytes, now_s());
    if (err == -EMSGSIZE) {
        print("the message has %zu bytes, and %d fit", bytes, DEVICE_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    }
    if (err == -ENOENT) {
        print("nobody else is in group %s, or you are not", context->name);
        return OUTCOME_USAGE;
    }
    return err ? outcome_failed(err, "write to group %s", context->name) : context_save(context);
}

enum outcome command_send(struct context *context)
{
    struct group_options *options = context->options;
    const struct credentials_text message = {.name = "message",
                                             .question = "Message: ",
                                             .file = options->message_file,
                                             .text = &options->message};
    enum outcome outcome = credentials_text(&message, &options->shared, &context->stop);
    if (outcome == OUTCOME_DONE)
        outcome = command_go_out(context);
    /* What others changed is known before: a message goes to whom the group has now. */
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    bool is_away = outcome == OUTCOME_SERVER;
    if (outcome == OUTCOME_DONE || is_away) {
        enum outcome written =
            command_write(context, options->message.text, options->message.bytes);
        outcome = written == OUTCOME_DONE ? outcome : written;
    }
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, is_sent, SEND_PATIENCE_MS);
    if (outcome == OUTCOME_DONE && !is_sent(context))
        outcome = OUTCOME_SERVER;
    if (outcome == OUTCOME_SERVER)
        print("the message is kept, and sent when this program goes to the server the next time");
    return outcome == OUTCOME_DONE ? show_done(context, "sent", NULL) : outcome;
}

/* --- members --- */

enum outcome command_members(struct context *context)
{
    enum outcome outcome = context_load(context);
    return outcome == OUTCOME_DONE ? show_members(context) : outcome;
}

enum outcome command_remove(struct context *context)
{
    enum outcome outcome = command_go_out(context);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    if (outcome != OUTCOME_DONE)
        return outcome;
    const uint8_t *found = show_find_member(context, context->options->member);
    if (!found)
        return OUTCOME_USAGE;
    uint8_t member[GROUP_MEMBER_BYTES];
    memcpy(member, found, sizeof member);
    int err = device_remove(context->stored.device, member, now_s());
    if (err == -EINVAL || err == -ENOENT) {
        print("%s cannot be removed from %s: that is you (see leave), or nobody would be left, or "
              "you are no member",
              context->options->member, context->name);
        return OUTCOME_USAGE;
    }
    if (err == -ENOSPC) {
        print("group %s changed too often in too short a time", context->name);
        return OUTCOME_REFUSED;
    }
    if (err)
        return outcome_failed(err, "remove a member from %s", context->name);
    outcome = context_save(context);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    enum outcome shown = show_events(context);
    return outcome == OUTCOME_DONE ? shown : outcome;
}

/* --- leave --- */

/* The server forgets the mailboxes by itself if it cannot be told now. */
static void close_mailboxes(struct context *context)
{
    const struct device *device = context->stored.device;
    for (size_t i = 0; i < device_mailboxes(device); i++) {
        const struct device_mailbox *mailbox = device_mailbox(device, i);
        if (mailbox->is_open && context->post->verbs->close(context->post, mailbox->read_key))
            return;
    }
}

enum outcome command_leave(struct context *context)
{
    enum outcome outcome = command_go_out(context);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, NULL, 0);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = device_leave(context->stored.device, now_s());
    if (err)
        return outcome_failed(err, "leave group %s", context->name);
    outcome = context_save(context);
    if (outcome == OUTCOME_DONE)
        outcome = talk_until(context, is_sent, SEND_PATIENCE_MS);
    if (outcome == OUTCOME_DONE && !is_sent(context))
        outcome = OUTCOME_SERVER;
    if (outcome == OUTCOME_SERVER)
        print("not all members know that you leave: do it again when the server answers");
    if (outcome != OUTCOME_DONE)
        return outcome;
    close_mailboxes(context);
    context_unload(context);
    err = store_remove(&context->store, context->name);
    return err ? outcome_failed(err, "remove the file of group %s", context->name)
               : show_done(context, "left", "you left the group, and its file is removed");
}

/* --- list --- */

static enum outcome list_one(struct context *context, const char *name)
{
    struct stored stored;
    size_t members = 0;
    int err = stored_open(&stored, &context->store, name, &random_system);
    if (!err) {
        const struct group_state *state = device_members(stored.device);
        members = state ? state->count : 1;
    }
    stored_close(&stored);
    if (err == -EKEYREJECTED || err == -EBUSY)
        err = 0;
    if (err)
        return outcome_unusable(err, "read the file of group %s", name);
    return show_group(context, name, members);
}

enum outcome command_list(struct context *context)
{
    char **names;
    size_t count;
    int err = store_names(&context->store, &names, &count);
    if (err)
        return outcome_failed(err, "read the folder %s", context->store.folder);
    enum outcome outcome = OUTCOME_DONE;
    for (size_t i = 0; i < count; i++) {
        enum outcome listed = list_one(context, names[i]);
        outcome = outcome == OUTCOME_DONE ? listed : outcome;
    }
    store_names_free(names, count);
    return outcome;
}
