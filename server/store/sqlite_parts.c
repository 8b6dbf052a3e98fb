#include "store/sqlite_part.h"

const struct sqlite_part *const sqlite_parts[SQLITE_PARTS] = {
    [SQLITE_T1S] = &sqlite_t1s,
    [SQLITE_LINKS] = &sqlite_links,
    [SQLITE_MAILBOXES] = &sqlite_mailboxes,
};
