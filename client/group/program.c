#include "group/program.h"

#include <string.h>

#include "cli/credentials.h"
#include "cli/display.h"
#include "cli/mixes.h"
#include "group/options.h"
#include "group/run.h"
#include "group/state.h"
#include "run/engine.h"

#define AT(member) .offset = offsetof(struct group_options, member)

enum {
    MEETS = COMMAND_INVITE | COMMAND_JOIN,
    BEGINS = COMMAND_CREATE | COMMAND_JOIN,
    GOES_OUT =
        BEGINS | COMMAND_INVITE | COMMAND_SEND | COMMAND_LISTEN | COMMAND_REMOVE | COMMAND_LEAVE,
    IN_ONE_GROUP = (GOES_OUT & ~COMMAND_JOIN) | COMMAND_MEMBERS,
    DURATION_S_MAX = 1000000000,
    JOBS_MAX = 256,
};

static const struct setting group_array[] = {
    {"Group and message", "as", FORM_STRING, AT(own_name), NULL, "NAME", "your name in the group",
     .commands = BEGINS},
    {"Group and message", "member", FORM_STRING, AT(member), NULL, "MEMBER", "whom to remove",
     .commands = COMMAND_REMOVE},
    {"Group and message", "msg", FORM_TAKEN, AT(message), NULL, "TEXT", "the message",
     .alias = "message", .commands = COMMAND_SEND, .max = SECRET_TEXT_BYTES_MAX,
     .take = option_take_secret},
    {"Group and message", "msg-file", FORM_STRING, AT(message_file), NULL, "FILE",
     "read the message from a file", .commands = COMMAND_SEND, .is_input = true},
    {"Group and message", "once", FORM_SWITCH, AT(once), NULL, NULL, "show what is there, and end",
     .commands = COMMAND_LISTEN},
    {"Group and message", "duration", FORM_SECONDS, AT(duration_s), NULL, "TIME",
     "how long to stay", .min = 1, .max = DURATION_S_MAX, .commands = MEETS | COMMAND_LISTEN},
    {"Group and message", "jobs", FORM_NUMBER, AT(jobs), NULL, "N", "threads that compute",
     .min = 1, .max = JOBS_MAX, .commands = MEETS},
};
static SETTING_ROWS(group_rows, group_array);

static const struct setting server_array[] = {
    {"The server", "server", FORM_STRING, AT(server), NULL, "URL", "the server with the mailboxes",
     .commands = GOES_OUT},
    {"The server", "direct", FORM_SWITCH, AT(direct), NULL, NULL,
     "the server may see the address of this machine", .commands = GOES_OUT},
    {"The server", "no-config", FORM_SWITCH, AT(shared.no_config), NULL, NULL,
     "do not read the configuration file"},
};
static SETTING_ROWS(server_rows, server_array);

static const struct setting file_array[] = {
    {"Files", "seal-file", FORM_STRING, AT(seal_file), NULL, "FILE", "the passphrase of the file",
     .is_input = true},
};
static SETTING_ROWS(file_rows, file_array);

static const struct command_row commands[] = {
    {"create", "begin a group", "NAME", AT(name)},
    {"invite", "meet somebody by a passphrase, who becomes a member", "NAME", AT(name)},
    {"join", "meet a member by a passphrase, and become one", NULL, 0},
    {"send", "send a message to all members", "NAME", AT(name)},
    {"listen", "show messages as they come, and send lines that are typed", "NAME", AT(name)},
    {"members", "print who is in the group, and words to compare", "NAME", AT(name)},
    {"remove", "remove a member", "NAME", AT(name)},
    {"leave", "leave a group, and forget it", "NAME", AT(name)},
    {"list", "print the groups of this device", NULL, 0},
};

static const struct setting_section sections[] = {
    {&group_rows, 0},
    {&server_rows, 0},
    {&mix_rows, GOES_OUT},
    {&passphrase_rows, MEETS},
    {&generate_rows, COMMAND_INVITE},
    {&confirm_rows, COMMAND_INVITE},
    {&bounds_rows, MEETS},
    {&file_rows, 0},
    {&output_rows, 0},
};

static const char *const paragraphs[] = {
    "A group's file is in $XDG_STATE_HOME/reunion/groups, or ~/.local/state/reunion/groups. It has "
    "the keys of the group: keep it from others, and do not use a copy of it on another device.",
    "Every change of members gives the group new keys. Who comes later cannot read what was, and "
    "who goes cannot read what will be. Compare the words that members prints: if they are the "
    "same for two of you, you see the same members.",
};

static const struct outcome_row outcomes[] = {
    {OUTCOME_DONE, "done", "it was done; also --help and --version"},
    {OUTCOME_ALONE, "alone", "nobody came whom the passphrase fits, or the newcomer got no state"},
    {OUTCOME_USAGE, "usage", "the options, the group or the passphrase cannot be used"},
    {OUTCOME_SERVER, "unreachable",
     "the server cannot be reached, or has no mailboxes; what was to be sent is kept"},
    {OUTCOME_REFUSED, "refused",
     "the server refused, or what it shows is not acceptable: it may be separating people"},
    {OUTCOME_FAILED, "failed",
     "this machine failed: no memory, no randomness, no writing of the group's file or of standard "
     "output"},
    {OUTCOME_EXCEEDED, "exceeded", "more than one other person knows the passphrase"},
    {OUTCOME_INTERRUPTED, "interrupted", "stopped by a signal"},
};

/* A name of a group or of a member: something that can be shown. */
static int check_name(const char *what, const char *name, size_t bytes,
                      char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    if (bytes == 0 || bytes > GROUP_NAME_BYTES_MAX)
        return options_complain(complaint, "%s has 1 to %d bytes, not %zu", what,
                                GROUP_NAME_BYTES_MAX, bytes);
    if (!display_is_name((const uint8_t *)name, bytes))
        return options_complain(complaint,
                                "%s must be UTF-8 that others can see: without control characters, "
                                "characters of no width, and blanks at its ends",
                                what);
    return 0;
}

static int complete(struct options *shared, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const struct group_options *options = (const struct group_options *)shared;
    unsigned command = shared->command;
    if (shared->help || shared->version)
        return 0;
    if (command & IN_ONE_GROUP && !options->name.text)
        return options_complain(complaint, "which group? Give its NAME; list prints them");
    if (options->name.text &&
        check_name("the name of a group", options->name.text, options->name.bytes, complaint))
        return -EINVAL;
    if (options->own_name &&
        check_name("the name of --as", options->own_name, strlen(options->own_name), complaint))
        return -EINVAL;
    if (command & BEGINS && !options->server)
        return options_complain(complaint, "this wants --server URL, or REUNION_SERVER");
    if (command & GOES_OUT && !options->direct && !shared->mixes)
        return options_complain(complaint,
                                "go through mixes, --mixes FILE; without them the server sees the "
                                "address of this machine: say --direct if it may");
    if (options->direct && shared->mixes)
        return options_complain(complaint, "--direct and --mixes do not go together; mixes may "
                                           "stand in the configuration file");
    if (command == COMMAND_REMOVE && !options->member)
        return options_complain(complaint, "remove wants --member MEMBER; members prints them");
    if (options->message.text && options->message_file)
        return options_complain(complaint, "give only one of --msg and --msg-file");
    return mixes_check(shared, complaint);
}

static void clear(struct options *options)
{
    secret_text_clear(&((struct group_options *)options)->name);
    secret_text_clear(&((struct group_options *)options)->message);
}

static enum outcome run(struct options *options)
{
    return group_run(&reunion_group, (struct group_options *)options);
}

const struct program reunion_group = {
    .name = "reunion-group",
    .purpose = "End-to-end encrypted messages to a group of up to 64 people who met by a "
               "passphrase. A server keeps a mailbox for each member; it learns neither who is in "
               "the group, nor what is said, nor who wrote.",
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .table = {.sections = sections,
              .section_count = sizeof sections / sizeof *sections,
              .is_typed = true},
    .paragraphs = paragraphs,
    .paragraph_count = sizeof paragraphs / sizeof *paragraphs,
    .outcomes = outcomes,
    .outcome_count = sizeof outcomes / sizeof *outcomes,
    .engine = &run_engine,
    .default_server = BEGINS,
    .options_bytes = sizeof(struct group_options),
    .complete = complete,
    .clear = clear,
    .run = run,
};
