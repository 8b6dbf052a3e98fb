#include <stdlib.h>

#include "shelf.h"
#include "store/postgres_session.h"

/* The environment does not change. */
const char *shelf_postgres_place(void)
{
    return getenv("REUNION_TEST_POSTGRES");
}

int shelf_empty_postgres(const char *where)
{
    struct postgres_session session;
    int err = postgres_open(&session, where);
    if (!err)
        err = postgres_run_script(&session, "DROP SCHEMA IF EXISTS reunion CASCADE");
    postgres_close(&session);
    return err;
}
