#include "shelf.h"

/* Of a build without PostgreSQL. */

const char *shelf_postgres_place(void)
{
    return NULL;
}

int shelf_empty_postgres(const char *where)
{
    (void)where;
    return -ENOTSUP;
}
