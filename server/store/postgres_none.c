#include <stdio.h>
#include <string.h>

#include "store/postgres.h"

/* A server that was built without libpq: it knows a connection string when it sees one. */

bool store_postgres_is_named(const char *name)
{
    return strncmp(name, "postgresql://", 13) == 0 || strncmp(name, "postgres://", 11) == 0;
}

const char *store_postgres_fault(const char *where)
{
    (void)where;
    return "this program was built without PostgreSQL";
}

void store_postgres_name(char name[static STORE_POSTGRES_NAME_BYTES], const char *where)
{
    (void)where;
    snprintf(name, STORE_POSTGRES_NAME_BYTES, "PostgreSQL");
}

int store_postgres_open(struct store **store, const char *where, char *said, size_t said_bytes)
{
    (void)store;
    snprintf(said, said_bytes, "%s", store_postgres_fault(where));
    return -ENOTSUP;
}
