/* The net file on disk. */
#ifndef REUNION_SERVER_MIX_NET_READER_H
#define REUNION_SERVER_MIX_NET_READER_H

#include "json/net_file.h"

/* Read the net file at `path`; an empty path stands for a net of nobody.
 * Returns: 0, or a negative code; then `complaint` is an English phrase that says why, and `net` is
 * untouched. */
MUST_CHECK int net_read(struct net_file *net, const char *path,
                        char complaint[static NET_COMPLAINT_BYTES]);

#endif
