#include "links/run.h"

#include <unistd.h>

#include "cli/lifecycle.h"
#include "cli/output_room.h"
#include "cli/signals.h"
#include "links/create.h"
#include "links/open.h"

/* An invitation as a QR code takes most. */
enum { ROOM_BYTES = 32 * 1024 };

static int report_end(const struct program *program, enum outcome outcome)
{
    struct json_line *line;
    int err = lifecycle_end(&line, program, outcome);
    return err ? err : json_line_write(line, STDOUT_FILENO);
}

static enum outcome create_or_open(const struct program *program, struct links_options *options,
                                   const struct stop_source *stop)
{
    bool create = options->shared.command == COMMAND_CREATE;
    /* A link that is posted and whose invitation nobody gets is lost. */
    int err = output_room(STDOUT_FILENO, ROOM_BYTES);
    if (!err && options->shared.json)
        err = lifecycle_start(program);
    enum outcome outcome = OUTCOME_FAILED;
    if (!err)
        outcome = create ? link_create(options, stop) : link_follow(options, stop);
    if (!err && options->shared.json)
        err = report_end(program, outcome);
    return err ? outcome_unwritable(err) : outcome;
}

enum outcome links_run(const struct program *program, struct links_options *options)
{
    struct signals signals;
    int err = signals_open(&signals);
    if (err)
        return outcome_failed(err, "take signals");
    struct stop_source stop = signals_source(&signals);
    enum outcome outcome = create_or_open(program, options, &stop);
    signals_close(&signals);
    return outcome;
}
