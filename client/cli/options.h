/* Parsing of command lines by tables of options. */
#ifndef REUNION_CLI_OPTIONS_H
#define REUNION_CLI_OPTIONS_H

#include "base/err.h"
#include "cli/complaint.h"
#include "cli/program_table.h"
#include "cli/shared_options.h"

/* Read the command line into a program's options. Secrets are moved out of argv as they are met.
 * Needs: secret_init; room for the program's options_bytes.
 * Returns: 0 and options to be cleared; -EINVAL and why in `complaint` (which never quotes what
 * could be a secret); -ENOMEM. Nothing is to be cleared after an error. */
MUST_CHECK int options_parse(const struct program *program, struct options *options, int argc,
                             char **argv, char complaint[static OPTIONS_COMPLAINT_BYTES]);

/* Wipe the secrets among a program's options. */
void options_clear(const struct program *program, struct options *options);

#endif
