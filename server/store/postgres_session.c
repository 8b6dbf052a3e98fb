#include "store/postgres_session.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "store/sql.h"

/* A database that says nothing for so long is as good as gone. */
enum { SILENCE_MS_MAX = 10000, NAME_BYTES = 32 };

/* Errors */

static void note_said(struct postgres_session *session, const char *message)
{
    size_t length = 0;
    while (message && message[length] && length + 1 < sizeof session->said) {
        char c = message[length];
        session->said[length++] = (char)(c == '\n' || c == '"' ? ' ' : c);
    }
    while (length > 0 && session->said[length - 1] == ' ')
        length--;
    session->said[length] = '\0';
}

/* The connection is of no use any more, and what was under way may have been done. */
static int lose(struct postgres_session *session, const char *message)
{
    if (message)
        note_said(session, message);
    session->in_doubt = true;
    postgres_close(session);
    return -EHOSTUNREACH;
}

/* What a statement failed with, by SQLSTATE: all that begin so. */
static const struct {
    const char *state;
    int err;
} states[] = {
    {"RU001", -EOWNERDEAD}, /* ours, see functions-v1.sql */
    {"53100", -ENOSPC},     /* disk full */
    {"55P03", -EAGAIN},       {"40", -EAGAIN},
    {"53", -EAGAIN}, /* locked, or short of something */
    {"42501", -EACCES},       {"42", -EBADMSG},
    {"3F", -EBADMSG}, /* no right; no such table */
    {"57P", -EHOSTUNREACH},   {"08", -EHOSTUNREACH},
    {"25006", -EHOSTUNREACH}, /* no primary any more */
};

static int err_of(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    for (size_t i = 0; state && i < sizeof states / sizeof states[0]; i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].err;
    return state ? -EIO : -EHOSTUNREACH;
}

static bool is_good(const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
        return true;
    default:
        return false;
    }
}

/* What a result means; the primary message has no values in it, which may be records. */
static int judge(struct postgres_session *session, const PGresult *result)
{
    if (is_good(result))
        return 0;
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message)
        note_said(session, message);
    return err_of(result);
}

/* Waiting */

/* Returns: 0 (what PQgetResult gives is there), -EHOSTUNREACH. */
static int await_result(struct postgres_session *session)
{
    for (;;) {
        int unsent = PQflush(session->connection);
        if (unsent < 0)
            return lose(session, PQerrorMessage(session->connection));
        if (unsent == 0 && !PQisBusy(session->connection))
            return 0;
        struct pollfd socket = {.fd = PQsocket(session->connection),
                                .events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN)};
        int ready = poll(&socket, 1, SILENCE_MS_MAX);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return lose(session, "the database does not answer");
        if (socket.revents & ~POLLOUT && !PQconsumeInput(session->connection))
            return lose(session, PQerrorMessage(session->connection));
    }
}

/* Read what one statement alone has given. */
static int read_alone(struct postgres_session *session,
                      int (*visit)(const PGresult *row, int at, const void *context),
                      const void *context)
{
    int err = 0;
    for (;;) {
        if (await_result(session))
            return -EHOSTUNREACH;
        PGresult *result = PQgetResult(session->connection);
        if (!result)
            break;
        if (!err)
            err = judge(session, result);
        for (int at = 0; !err && visit && at < PQntuples(result); at++)
            err = visit(result, at, context);
        PQclear(result);
    }
    return err == -EHOSTUNREACH ? lose(session, NULL) : err;
}

int postgres_finish(struct postgres_session *session)
{
    int err = 0;
    bool done = false;
    session->in_doubt = false;
    if (!session->connection)
        return -EHOSTUNREACH;
    if (!PQpipelineSync(session->connection))
        return lose(session, PQerrorMessage(session->connection));
    while (!done) {
        if (await_result(session)) {
            /* The server has told before that it does nothing of it. */
            session->in_doubt = err == 0 || err == -EHOSTUNREACH;
            return -EHOSTUNREACH;
        }
        PGresult *result = PQgetResult(session->connection);
        done = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result && !err && PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
            err = judge(session, result);
        PQclear(result);
        if (PQstatus(session->connection) == CONNECTION_BAD)
            done = true;
    }
    return err == -EHOSTUNREACH || PQstatus(session->connection) == CONNECTION_BAD
               ? lose(session, NULL)
               : err;
}

/* Sending */

static void name_of(char name[static NAME_BYTES], const struct postgres_statements *set,
                    size_t which)
{
    snprintf(name, NAME_BYTES, "%s%zu", set->prefix, which);
}

/* Returns: 0, -EHOSTUNREACH. */
static int set_pipeline(struct postgres_session *session, bool on)
{
    if (!session->connection)
        return -EHOSTUNREACH;
    bool is_on = PQpipelineStatus(session->connection) != PQ_PIPELINE_OFF;
    if (is_on == on)
        return 0;
    int changed =
        on ? PQenterPipelineMode(session->connection) : PQexitPipelineMode(session->connection);
    return changed ? 0 : lose(session, PQerrorMessage(session->connection));
}

static int send_prepared(struct postgres_session *session, const struct postgres_statements *set,
                         size_t which, const struct postgres_values *values)
{
    static const int all_binary[POSTGRES_VALUES_MAX] = {1, 1, 1, 1, 1, 1, 1, 1};
    char name[NAME_BYTES];
    name_of(name, set, which);
    int sent = PQsendQueryPrepared(session->connection, name, values ? values->count : 0,
                                   values ? values->at : NULL, values ? values->lengths : NULL,
                                   all_binary, 1);
    return sent ? 0 : lose(session, PQerrorMessage(session->connection));
}

int postgres_send(struct postgres_session *session, const struct postgres_statements *set,
                  size_t which, const struct postgres_values *values)
{
    int err = set_pipeline(session, true);
    return err ? err : send_prepared(session, set, which, values);
}

int postgres_each_row(struct postgres_session *session, const struct postgres_statements *set,
                      size_t which, const struct postgres_values *values,
                      int (*visit)(const PGresult *row, int at, const void *context),
                      const void *context)
{
    int err = set_pipeline(session, false);
    if (!err)
        err = send_prepared(session, set, which, values);
    if (err)
        return err;
    (void)PQsetSingleRowMode(session->connection);
    return read_alone(session, visit, context);
}

int postgres_run_script(struct postgres_session *session, const char *script)
{
    int err = set_pipeline(session, false);
    if (err)
        return err;
    if (!PQsendQuery(session->connection, script))
        return lose(session, PQerrorMessage(session->connection));
    return read_alone(session, NULL, NULL);
}

struct number {
    int64_t value;
    bool found;
};

static int visit_number(const PGresult *row, int at, const void *context)
{
    struct number *number = *(struct number *const *)context;
    number->found = row_integer(row, at, 0, INT64_MIN, INT64_MAX, &number->value) == 0;
    return 0;
}

int postgres_number(struct postgres_session *session, const char *text, int64_t *number)
{
    struct number found = {0}, *context = &found;
    int err = set_pipeline(session, false);
    if (err)
        return err;
    if (!PQsendQueryParams(session->connection, text, 0, NULL, NULL, NULL, NULL, 1))
        return lose(session, PQerrorMessage(session->connection));
    err = read_alone(session, visit_number, &context);
    if (!err && !found.found)
        err = -EBADMSG;
    *number = found.value;
    return err;
}

int postgres_prepare(struct postgres_session *session,
                     const struct postgres_statements *const *sets, size_t count)
{
    int err = set_pipeline(session, true);
    for (size_t i = 0; i < count && !err; i++)
        for (size_t which = 0; sets[i]->texts[which] && !err; which++) {
            char name[NAME_BYTES];
            name_of(name, sets[i], which);
            if (!PQsendPrepare(session->connection, name, sets[i]->texts[which], 0, NULL))
                err = lose(session, PQerrorMessage(session->connection));
        }
    return err ? err : postgres_finish(session);
}

/* Opening and closing */

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* Locks and prepared statements belong to a session, which a pooler shares out: it makes process
 * ids of its own. */
static int refuse_pooler(struct postgres_session *session)
{
    int64_t pid;
    int err = postgres_number(session, "SELECT pg_backend_pid()::bigint", &pid);
    if (err)
        return err;
    if (pid == PQbackendPID(session->connection))
        return 0;
    note_said(session, "a pooler stands before the database: name the database itself");
    return -EPROTO;
}

int postgres_open(struct postgres_session *session, const char *where)
{
    /* What comes before the string is what it does not say otherwise. */
    const char *const keywords[] = {"connect_timeout",      "fallback_application_name",
                                    "target_session_attrs", "dbname",
                                    "client_encoding",      NULL};
    const char *const values[] = {"5", "reunion-server", "read-write", where, "UTF8", NULL};
    *session = (struct postgres_session){.where = where};
    session->connection = PQconnectdbParams(keywords, values, 1);
    if (!session->connection)
        return -ENOMEM;
    PQsetNoticeReceiver(session->connection, ignore_notice, NULL);
    if (PQstatus(session->connection) != CONNECTION_OK ||
        PQsetnonblocking(session->connection, 1)) {
        lose(session, PQerrorMessage(session->connection));
        session->in_doubt = false;
        return -EHOSTUNREACH;
    }
    int err = postgres_run_script(session, sql_postgres_session);
    if (!err)
        err = refuse_pooler(session);
    if (err)
        postgres_close(session);
    return err;
}

void postgres_close(struct postgres_session *session)
{
    PQfinish(session->connection);
    session->connection = NULL;
}
