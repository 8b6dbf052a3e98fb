#include "links/program.h"

#include <string.h>

#include "cli/credentials.h"
#include "cli/mixes.h"
#include "links/options.h"
#include "links/run.h"

#define AT(member) .offset = offsetof(struct links_options, member)

enum { BOTH = COMMAND_CREATE | COMMAND_OPEN };

static const struct setting text_array[] = {
    {"Link and invitation", "file", FORM_STRING, AT(file), NULL, "FILE",
     "read the link or invitation from a file", .commands = BOTH, .is_input = true},
    {"Link and invitation", "separate", FORM_SWITCH, AT(separate), NULL, NULL,
     "leave the passphrase out of the invitation", .commands = COMMAND_CREATE},
    {"Link and invitation", "qr", FORM_SWITCH, AT(qr), NULL, NULL,
     "show the invitation as a QR code, too", .commands = COMMAND_CREATE},
};
static SETTING_ROWS(text_rows, text_array);

static const struct setting server_array[] = {
    {"The server", "server", FORM_STRING, AT(server), NULL, "URL", "the server that holds the link",
     .commands = BOTH},
};
static SETTING_ROWS(server_rows, server_array);

static const struct setting effort_array[] = {
    {"The server", "max-effort", FORM_NUMBER, AT(max_effort), "131072", "N",
     "the most work a server may ask for", .min = 1, .max = UINT32_MAX, .commands = COMMAND_CREATE},
};
static SETTING_ROWS(effort_rows, effort_array);

static const struct command_row commands[] = {
    {"create", "leave a link at a server and print an invitation", "LINK", AT(link)},
    {"open", "print the link that an invitation leads to", "INVITATION", AT(invitation)},
};

static const struct setting_section sections[] = {
    {&text_rows, 0},
    {&passphrase_rows, 0},
    {&confirm_rows, COMMAND_CREATE},
    {&server_rows, 0},
    {&effort_rows, COMMAND_CREATE},
    {&bounds_rows, 0},
    {&connection_rows, 0},
    {&mix_rows, 0},
    {&output_rows, 0},
};

static const char *const paragraphs[] = {
    "A passphrase comes from one of the options above, from REUNION_PASSPHRASE, or from a "
    "credential of systemd. Without any of these, create makes one of eight words, 88 bits, and "
    "open asks for it. If the invitation has a passphrase, open uses that one.",
    "Others on this machine can see the command line until the program has started, and most "
    "shells keep it in their history. That is so for a link and an invitation as well as for a "
    "passphrase.",
};

static const struct outcome_row outcomes[] = {
    {OUTCOME_DONE, "done", "the invitation, or the link, was printed; also --help and --version"},
    {OUTCOME_CLOSED, "closed", "no entry of the bucket opens with this passphrase"},
    {OUTCOME_USAGE, "usage",
     "the options, the link, the invitation or the passphrase cannot be used"},
    {OUTCOME_SERVER, "unreachable",
     "the server cannot be reached, cannot serve requests now, or is no REUNION server with links"},
    {OUTCOME_REFUSED, "refused",
     "the server refused the link, or what it shows is not acceptable: it may be separating "
     "people"},
    {OUTCOME_FAILED, "failed",
     "this machine failed: no memory, no randomness, or no writing to standard output"},
    {OUTCOME_GONE, "gone", "the server has no bucket with that link, or the bucket has expired"},
    {OUTCOME_INTERRUPTED, "interrupted", "stopped by a signal"},
};

static bool is_input(const char *file)
{
    return file && strcmp(file, "-") == 0;
}

static int complete(struct options *shared, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const struct links_options *options = (const struct links_options *)shared;
    bool create = shared->command == COMMAND_CREATE;
    bool given = create ? options->link.text != NULL : options->invitation.text != NULL;
    const char *what = create ? "link" : "invitation";
    if (shared->help || shared->version)
        return 0;
    if (create && !options->server)
        return options_complain(complaint, "create wants --server URL, or REUNION_SERVER");
    if (given && options->file)
        return options_complain(
            complaint, "the %s comes from one place: an argument, or --file, not both", what);
    if (credentials_passphrase_is_input(shared) && !given &&
        (!options->file || is_input(options->file)))
        return options_complain(complaint,
                                "standard input gives the passphrase here: give the %s as an "
                                "argument or in a file",
                                what);
    if (options->qr && shared->json)
        return options_complain(complaint, "--qr is for people and --json for programs: give one");
    return mixes_check(shared, complaint);
}

static void clear(struct options *shared)
{
    struct links_options *options = (struct links_options *)shared;
    secret_text_clear(&options->link);
    secret_text_clear(&options->invitation);
}

static enum outcome run(struct options *options)
{
    return links_run(&reunion_link, (struct links_options *)options);
}

const struct program reunion_link = {
    .name = "reunion-link",
    .purpose = "Hand somebody a link, so that others who see the invitation do not learn where it "
               "leads. The server that holds the link learns neither the link nor which of 64 was "
               "read. create leaves a link at a server and prints an invitation; open prints the "
               "link that an invitation leads to.",
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .table = {.sections = sections,
              .section_count = sizeof sections / sizeof *sections,
              .is_typed = true},
    .paragraphs = paragraphs,
    .paragraph_count = sizeof paragraphs / sizeof *paragraphs,
    .outcomes = outcomes,
    .outcome_count = sizeof outcomes / sizeof *outcomes,
    .default_server = COMMAND_CREATE,
    .options_bytes = sizeof(struct links_options),
    .complete = complete,
    .clear = clear,
    .run = run,
};
