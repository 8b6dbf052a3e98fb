/* Whether what is printed will arrive, as far as that can be seen before. */
#ifndef REUNION_CLI_OUTPUT_ROOM_H
#define REUNION_CLI_OUTPUT_ROOM_H

#include <stddef.h>

#include "base/err.h"

/* See whether `fd` can take `bytes`, before something is done whose result would be lost otherwise.
 * Nothing is written: a device is asked by a write of nothing, the file system sets room aside for
 * a regular file, whose length stays as it is, and of a pipe or socket it is seen whether somebody
 * reads it. Any thread.
 * Returns: 0 (nothing speaks against it), or the system's error for what is in the way: -ENOSPC,
 * -EDQUOT, -EFBIG, -EPIPE, -EBADF, -EIO, …. */
MUST_CHECK int output_room(int fd, size_t bytes);

#endif
