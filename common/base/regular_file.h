/* Opening a file that somebody names, be it whatever it is. */
#ifndef REUNION_BASE_REGULAR_FILE_H
#define REUNION_BASE_REGULAR_FILE_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"

/* Open a regular file for reading. Nothing that stands in its place blocks, as a FIFO would, or
 * becomes the program's terminal.
 * Returns: a descriptor, the caller's, with what is known of the file in `*found`; -EINVAL (it is
 * no regular file), or the system's errno. */
MUST_CHECK int regular_file_open(const char *path, struct stat *found);

/* Read a regular file from its beginning, at most `room` bytes. Who wants to know whether that was
 * all gives room for one more than there may be.
 * Returns: how many bytes; and as regular_file_open. */
MUST_CHECK ssize_t regular_file_read(const char *path, char *text, size_t room);

#endif
