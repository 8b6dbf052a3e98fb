#include "cli/lifecycle.h"

#include <unistd.h>

#include "base/version.h"

int lifecycle_start(const struct program *program)
{
    struct json_line *line;
    int err = json_line_open(&line, "start");
    if (err)
        return err;
    json_line_word(line, "version", version_number);
    if (program->engine)
        json_line_word(line, "engine", program->engine->name());
    return json_line_write(line, STDOUT_FILENO);
}

int lifecycle_end(struct json_line **line, const struct program *program, enum outcome outcome)
{
    int err = json_line_open(line, "end");
    if (err)
        return err;
    json_line_word(*line, "outcome", outcome_name(program, outcome));
    json_line_number(*line, "code", (int64_t)outcome);
    return 0;
}
