/* Opens descriptors 0, 1 and 2 on /dev/null where a program was started without them. */
#ifndef REUNION_BASE_STANDARD_STREAMS_H
#define REUNION_BASE_STANDARD_STREAMS_H

#include <stdbool.h>
#include <sys/stat.h>

/* DESIGN: a program that is started with descriptor 2 closed gives that number to the next file
 * it opens, perhaps a database, and then writes its log into it. So each of the three that is
 * closed is opened before anything else, as /dev/null and in the wrong direction: reading from a
 * closed standard input and writing to a closed standard output remain errors (EBADF), and
 * nothing that is printed is lost without notice. */

/* Take those of the three that are closed, and note which they were. The first thing in main, while
 * there is one thread and before any file is opened. The calls after the first change nothing.
 * Returns: 0, or a negative errno (nothing could be opened; the program should end). */
__attribute__((warn_unused_result)) int standard_streams_open(void);

/* Whether `descriptor` is 0, 1 or 2 and was closed when the program started. Any thread.
 * Returns: false for all other descriptors, and before standard_streams_open. */
bool standard_streams_was_closed(int descriptor);

/* Whether standard output or standard error leads into the file that stat(2) has described: it must
 * hold nothing else, and nothing may take its place. Any thread. */
bool standard_streams_lead_into(const struct stat *file);

/* Flush standard output and see whether all that was written to it has arrived: the last thing
 * after help, versions and all else that is printed once. If not, one line on standard error says
 * so, after the `program`'s name: "cannot write to standard output: REASON".
 * Returns: 0, or a negative errno; -EIO if an earlier write failed, whose reason is not known. */
__attribute__((warn_unused_result)) int standard_streams_finish(const char *program);

#endif
