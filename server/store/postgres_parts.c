#include "store/postgres_part.h"

const struct postgres_part *const postgres_parts[POSTGRES_PARTS] = {
    &postgres_t1s,
    &postgres_links,
    &postgres_mailboxes,
};
