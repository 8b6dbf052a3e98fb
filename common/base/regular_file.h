/* Opening a file that somebody names, be it whatever it is. */
#ifndef REUNION_BASE_REGULAR_FILE_H
#define REUNION_BASE_REGULAR_FILE_H

#include <sys/stat.h>

#include "base/err.h"

/* Open a regular file for reading. Nothing that stands in its place blocks, as a FIFO would, or
 * becomes the program's terminal.
 * Returns: a descriptor, the caller's, with what is known of the file in `*found`; -EINVAL (it is
 * no regular file), or the system's errno. */
MUST_CHECK int regular_file_open(const char *path, struct stat *found);

#endif
