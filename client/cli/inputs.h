/* Checks of the files and descriptors that a command line names, before anything else happens. */
#ifndef REUNION_CLI_INPUTS_H
#define REUNION_CLI_INPUTS_H

#include "base/err.h"
#include "cli/program_table.h"
#include "cli/shared_options.h"

/* DESIGN: a descriptor number that is not open becomes the number of the next file that this
 * program opens, and the program would then read its own file. So named descriptors are checked
 * while nothing is open but 0, 1 and 2. Files that are named through a descriptor, such as
 * /dev/fd/3, count as files here; none is opened, since opening a FIFO would block. */

/* Whether a descriptor can be read from. Needs: standard_streams_open.
 * Returns: 0; -EBADF (it is not open, or was not when the program started, or is open for writing
 * alone), -EISDIR, or another error of the system. */
MUST_CHECK int inputs_descriptor(int descriptor);

/* Whether the file at `path` ("-": standard input) stands and may be read.
 * Returns: 0, -EISDIR, or another error of the system. */
MUST_CHECK int inputs_file(const char *path);

/* Look at everything that the options name to be read.
 * Returns: 0, or -EINVAL and why in `complaint`. */
MUST_CHECK int inputs_check(const struct program *program, const struct options *options,
                            char complaint[static OPTIONS_COMPLAINT_BYTES]);

#endif
