#include "group/run.h"

#include <unistd.h>

#include "cli/lifecycle.h"
#include "cli/output_room.h"
#include "group/commands.h"
#include "group/listen.h"

enum { ROOM_BYTES = 128 * 1024 }; /* the longest message, escaped */

static enum outcome do_command(struct context *context)
{
    switch ((enum group_command)context->options->shared.command) {
    case COMMAND_CREATE:
        return command_create(context);
    case COMMAND_INVITE:
        return command_invite(context);
    case COMMAND_JOIN:
        return command_join(context);
    case COMMAND_SEND:
        return command_send(context);
    case COMMAND_LISTEN:
        return command_listen(context);
    case COMMAND_MEMBERS:
        return command_members(context);
    case COMMAND_REMOVE:
        return command_remove(context);
    case COMMAND_LEAVE:
        return command_leave(context);
    case COMMAND_LIST:
        return command_list(context);
    }
    return OUTCOME_USAGE;
}

static int report_end(const struct program *program, enum outcome outcome)
{
    struct json_line *line;
    int err = lifecycle_end(&line, program, outcome);
    return err ? err : json_line_write(line, STDOUT_FILENO);
}

static enum outcome run_command(struct context *context)
{
    bool json = context->options->shared.json;
    /* What was shown once and went nowhere is lost. */
    int err = output_room(STDOUT_FILENO, ROOM_BYTES);
    if (!err && json)
        err = lifecycle_start(context->program);
    if (err)
        return outcome_unwritable(err);
    enum outcome outcome = context_open(context);
    if (outcome == OUTCOME_DONE)
        outcome = do_command(context);
    context_close(context);
    err = json ? report_end(context->program, outcome) : 0;
    return err ? outcome_unwritable(err) : outcome;
}

enum outcome group_run(const struct program *program, struct group_options *options)
{
    struct context context = {.program = program, .options = options};
    int err = signals_open(&context.signals);
    if (err)
        return outcome_failed(err, "take signals");
    context.stop = signals_source(&context.signals);
    enum outcome outcome = run_command(&context);
    signals_close(&context.signals);
    return outcome;
}
