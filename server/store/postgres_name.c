#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres.h"

/* Connection strings, which may carry what nobody is to read. */

bool store_postgres_is_named(const char *name)
{
    return strncmp(name, "postgresql://", 13) == 0 || strncmp(name, "postgres://", 11) == 0;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val;
    return NULL;
}

const char *store_postgres_fault(const char *where)
{
    PQconninfoOption *options = PQconninfoParse(where, NULL);
    if (!options)
        return "it is no connection string that libpq takes";
    const char *fault = NULL;
    if (value_of(options, "password") || value_of(options, "sslpassword"))
        fault = "it has a password, which others could read there: put that into a file that only "
                "its owner may read, and name the file with passfile= or PGPASSFILE";
    PQconninfoFree(options);
    return fault;
}

void store_postgres_name(char name[static STORE_POSTGRES_NAME_BYTES], const char *where)
{
    PQconninfoOption *options = PQconninfoParse(where, NULL);
    const char *host = options ? value_of(options, "host") : NULL;
    const char *port = options ? value_of(options, "port") : NULL;
    const char *database = options ? value_of(options, "dbname") : NULL;
    snprintf(name, STORE_POSTGRES_NAME_BYTES, "postgresql://%.100s%s%.30s/%.80s", host ? host : "",
             port ? ":" : "", port ? port : "", database ? database : "");
    PQconninfoFree(options);
}
