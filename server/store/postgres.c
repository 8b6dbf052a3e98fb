#include "store/postgres.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/owner_of.h"
#include "base/random.h"
#include "store/postgres_part.h"
#include "store/postgres_reader.h"
#include "store/sql.h"

/* DESIGN: one connection that writes, with a lock of its session that keeps a second server out.
 * When the connection is lost so is the lock, and another server may take the database meanwhile.
 * So each commit replaces the token of the one before by a new one, and fails if that is not there.
 * After reconnecting the token tells three cases apart. It is the last commit's: nothing has
 * happened. It is that of a commit whose answer never came: that one was made. It is another:
 * somebody else has written, or a standby lacks a commit, and memory is not what is stored any
 * more: nothing is committed again. The lock is awaited before the token is read, so the old
 * connection's work is over by then. */

enum { TOKEN_BYTES = 16, RETRY_MS = 1000, MEASURE_BYTES = 16 << 20, CHANGE_BYTES = 512 };

/* Of the advisory lock: "REUN". */
#define LOCK_NUMBER "1380275534"

enum statement { BEGIN, BEGIN_COMMIT, COMMIT, GET_TOKEN, GET_SECRET, NEW_SECRET, STATEMENTS };

static const char *const statement_text[STATEMENTS + 1] = {
    [BEGIN] = "BEGIN",
    [BEGIN_COMMIT] = "SELECT begin_commit($1, $2)",
    [COMMIT] = "COMMIT",
    [GET_TOKEN] = "SELECT token FROM writer WHERE one = 1",
    [GET_SECRET] = "SELECT secret FROM challenge WHERE one = 1",
    [NEW_SECRET] = "INSERT INTO challenge (one, secret) VALUES (1, $1) ON CONFLICT DO NOTHING",
};

static const struct postgres_statements own = {"store ", statement_text};

enum { SCHEMA_VERSION = 1 };

struct postgres_store {
    struct store store;
    char where[1024];
    char name[STORE_POSTGRES_NAME_BYTES];
    struct postgres_session session;
    int64_t pid, began_us;           /* of the session that held the lock last; 0: none did */
    int64_t retry_ms;                /* no new attempt before that, on the monotonic clock … */
    int failure;                     /* … as this is how the last one failed */
    bool is_known;                   /* the token below is of the database */
    bool is_lost;                    /* the database is not what this server has left there */
    bool in_doubt;                   /* what became of the last commit is not known yet */
    bool is_durable;                 /* what did, once it is known */
    uint8_t token[TOKEN_BYTES];      /* of the last commit */
    uint8_t next_token[TOKEN_BYTES]; /* of the one in doubt */
    bool tidy_due;
    atomic_uint_fast64_t measured, since; /* bytes; and those written since, roughly */
};

static struct postgres_store *of(struct store *store)
{
    return OWNER_OF(store, struct postgres_store, store);
}

/* Connecting */

/* A session of ours may live on at the database after the network has lost it. */
static int end_old_session(struct postgres_store *postgres)
{
    char sql[256];
    int64_t ended;
    if (postgres->pid == 0)
        return 0;
    snprintf(sql, sizeof sql,
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = %" PRId64
             " AND (extract(epoch FROM backend_start) * 1000000)::bigint = %" PRId64,
             postgres->pid, postgres->began_us);
    return postgres_number(&postgres->session, sql, &ended);
}

/* Hold the lock; who holds it has so long to let it go as session.sql says. */
static int take_lock(struct postgres_store *postgres)
{
    struct postgres_session *session = &postgres->session;
    int64_t nothing;
    int err = postgres_number(session, "SELECT 0::bigint FROM pg_advisory_lock(" LOCK_NUMBER ")",
                              &nothing);
    if (err == -EAGAIN)
        return -EBUSY;
    if (!err)
        err = postgres_number(session, "SELECT pg_backend_pid()::bigint", &postgres->pid);
    return err ? err
               : postgres_number(session,
                                 "SELECT (extract(epoch FROM backend_start) * 1000000)::bigint"
                                 " FROM pg_stat_activity WHERE pid = pg_backend_pid()",
                                 &postgres->began_us);
}

/* Make the tables, in one transaction, if there are none. Returns: 0, -ENOTSUP, -EBADMSG, …. */
static int check_schema(struct postgres_session *session)
{
    int64_t found, version;
    int err = postgres_number(session,
                              "SELECT count(*) FROM pg_class c JOIN pg_namespace n"
                              " ON n.oid = c.relnamespace WHERE n.nspname = 'reunion'",
                              &found);
    if (!err && found == 0) {
        err = postgres_run_script(session, "BEGIN");
        if (!err)
            err = postgres_run_script(session, sql_postgres_schema_v1);
        if (!err)
            err = postgres_run_script(session, sql_postgres_functions_v1);
        if (!err)
            err = postgres_run_script(session, "COMMIT");
    }
    if (!err)
        err = postgres_number(session, "SELECT version::bigint FROM about WHERE one = 1", &version);
    if (err)
        return err;
    return version == SCHEMA_VERSION ? 0 : version > SCHEMA_VERSION ? -ENOTSUP : -EBADMSG;
}

static int visit_bytes(const PGresult *row, int at, const void *context, int length)
{
    uint8_t *const *to = context;
    const uint8_t *bytes = row_value(row, at, 0, length);
    if (!bytes)
        return -EBADMSG;
    memcpy(*to, bytes, (size_t)length);
    return 0;
}

static int visit_token(const PGresult *row, int at, const void *context)
{
    return visit_bytes(row, at, context, TOKEN_BYTES);
}

static int visit_secret(const PGresult *row, int at, const void *context)
{
    return visit_bytes(row, at, context, STAMP_SECRET_BYTES);
}

/* Compare what the database has with what this server knows of it. Returns: 0, -EOWNERDEAD. */
static int look_at_token(struct postgres_store *postgres)
{
    uint8_t token[TOKEN_BYTES], *to = token;
    int err = postgres_each_row(&postgres->session, &own, GET_TOKEN, NULL, visit_token, &to);
    if (err)
        return err;
    if (!postgres->is_known) {
        memcpy(postgres->token, token, TOKEN_BYTES);
        postgres->is_known = true;
        return 0;
    }
    bool is_last = memcmp(token, postgres->token, TOKEN_BYTES) == 0;
    bool is_next = postgres->in_doubt && memcmp(token, postgres->next_token, TOKEN_BYTES) == 0;
    postgres->is_lost = !is_last && !is_next;
    if (postgres->is_lost)
        return -EOWNERDEAD;
    if (postgres->in_doubt)
        postgres->is_durable = is_next;
    if (is_next)
        memcpy(postgres->token, token, TOKEN_BYTES);
    postgres->in_doubt = false;
    return 0;
}

static int set_up(struct postgres_store *postgres)
{
    const struct postgres_statements *sets[POSTGRES_PARTS + 1] = {&own};
    for (size_t i = 0; i < POSTGRES_PARTS; i++)
        sets[i + 1] = &postgres_parts[i]->writing;
    int err = end_old_session(postgres);
    if (!err)
        err = take_lock(postgres);
    if (!err)
        err = check_schema(&postgres->session);
    if (!err)
        err = postgres_prepare(&postgres->session, sets, POSTGRES_PARTS + 1);
    return err ? err : look_at_token(postgres);
}

/* Be connected, hold the lock, and know what the last commit was. A database that was not there a
 * moment ago is not asked again at once: posts get their answers. */
static int be_connected(struct postgres_store *postgres)
{
    if (postgres->is_lost)
        return -EOWNERDEAD;
    if (postgres->session.connection)
        return 0;
    if (clock_monotonic_ms(&clock_system) < postgres->retry_ms)
        return postgres->failure;
    int err = postgres_open(&postgres->session, postgres->where);
    if (!err)
        err = set_up(postgres);
    if (err) {
        postgres_close(&postgres->session);
        postgres->retry_ms = clock_monotonic_ms(&clock_system) + RETRY_MS;
        postgres->failure = err;
    }
    return err;
}

/* Writing */

static int apply(struct postgres_store *postgres, const struct change *change)
{
    for (size_t i = 0; i < POSTGRES_PARTS; i++)
        if (postgres_parts[i]->kind == change->bucket_kind)
            return postgres_parts[i]->apply(&postgres->session, change);
    return -EINVAL;
}

static int send_token(struct postgres_store *postgres)
{
    struct postgres_values values = {0};
    values_bytes(&values, postgres->token, TOKEN_BYTES);
    values_bytes(&values, postgres->next_token, TOKEN_BYTES);
    return postgres_send(&postgres->session, &own, BEGIN_COMMIT, &values);
}

/* One transaction in one pipeline. Where the connection is lost it may be in doubt. */
static int transact(struct postgres_store *postgres, const struct change *changes, size_t count)
{
    struct postgres_session *session = &postgres->session;
    random_fill(&random_system, postgres->next_token, TOKEN_BYTES);
    int err = postgres_send(session, &own, BEGIN, NULL);
    if (!err)
        err = send_token(postgres);
    for (size_t i = 0; i < count && !err; i++)
        err = apply(postgres, &changes[i]);
    bool is_whole = !err;
    if (!err)
        err = postgres_send(session, &own, COMMIT, NULL);
    int finished = postgres_finish(session);
    if (!err)
        err = finished;
    if (!session->connection) {
        postgres->in_doubt = is_whole && session->in_doubt;
        return -EHOSTUNREACH;
    }
    if (err) {
        postgres->is_lost |= err == -EOWNERDEAD;
        if (postgres_run_script(session, "ROLLBACK"))
            postgres_close(session);
        return err;
    }
    memcpy(postgres->token, postgres->next_token, TOKEN_BYTES);
    return 0;
}

static int settle(struct postgres_store *postgres)
{
    postgres->retry_ms = 0;
    (void)be_connected(postgres);
    return postgres->in_doubt ? -EINPROGRESS : 0;
}

/* The changes, or nothing but a new token. A connection that was lost while nobody used it shows
 * only now: what was certainly not done is done once more. */
static int write_changes(struct postgres_store *postgres, const struct change *changes,
                         size_t count)
{
    int err = be_connected(postgres);
    for (int attempt = 0; attempt < 2 && !err; attempt++) {
        err = transact(postgres, changes, count);
        if (postgres->session.connection)
            return err;
        bool was_in_doubt = postgres->in_doubt;
        err = settle(postgres);
        if (err)
            return err;
        if (was_in_doubt && postgres->is_durable)
            return 0;
        err = be_connected(postgres);
    }
    return err;
}

static void measure(struct postgres_store *postgres)
{
    int64_t bytes;
    if (postgres_number(&postgres->session, "SELECT stored_bytes()", &bytes) == 0) {
        atomic_store(&postgres->measured, (uint64_t)bytes);
        atomic_store(&postgres->since, 0);
    }
}

static int note_failure(struct postgres_store *postgres, int err)
{
    postgres->store.said = err && postgres->session.said[0] ? postgres->session.said : NULL;
    return err;
}

static int postgres_commit(struct store *store, const struct change *changes, size_t count)
{
    struct postgres_store *postgres = of(store);
    int err = write_changes(postgres, changes, count);
    for (size_t i = 0; i < count; i++)
        postgres->tidy_due |= change_removes(changes[i].kind);
    if (err)
        return note_failure(postgres, err);
    atomic_fetch_add(&postgres->since, (uint64_t)count * CHANGE_BYTES);
    if (atomic_load(&postgres->since) > MEASURE_BYTES)
        measure(postgres);
    return 0;
}

static int postgres_outcome(struct store *store, bool *durable)
{
    struct postgres_store *postgres = of(store);
    if (postgres->in_doubt) {
        int err = be_connected(postgres);
        if (postgres->in_doubt)
            return note_failure(postgres, err ? err : -EIO);
    }
    *durable = postgres->is_durable;
    return 0;
}

/* What becomes of a probe that is in doubt matters to nobody: its token tells, later. */
static int postgres_probe(struct store *store)
{
    int err = write_changes(of(store), NULL, 0);
    return note_failure(of(store), err == -EINPROGRESS ? -EHOSTUNREACH : err);
}

static int postgres_secret(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES])
{
    struct postgres_store *postgres = of(store);
    uint8_t found[STAMP_SECRET_BYTES], *to = found;
    bool is_there = false;
    int err = be_connected(postgres);
    memset(found, 0, sizeof found);
    if (!err)
        err = postgres_each_row(&postgres->session, &own, GET_SECRET, NULL, visit_secret, &to);
    for (size_t i = 0; i < sizeof found; i++)
        is_there |= found[i] != 0;
    if (!err && !is_there)
        err = -EBADMSG;
    if (!err)
        memcpy(secret, found, sizeof found);
    return err;
}

/* Forgetting */

static int visit_dropped(const PGresult *row, int at, const void *context)
{
    bool *const *dropped = context;
    const uint8_t *value = row_value(row, at, 0, 1);
    if (!value)
        return -EBADMSG;
    **dropped |= *value != 0;
    return 0;
}

/* One window of each kind. */
static int postgres_tidy(struct store *store, bool *more)
{
    struct postgres_store *postgres = of(store);
    bool dropped = false, *to = &dropped;
    *more = postgres->tidy_due;
    if (!postgres->tidy_due)
        return 0;
    int err = be_connected(postgres);
    for (size_t i = 0; i < POSTGRES_PARTS && !err; i++)
        if (postgres_parts[i]->drop_window >= 0)
            err =
                postgres_each_row(&postgres->session, &postgres_parts[i]->writing,
                                  (size_t)postgres_parts[i]->drop_window, NULL, visit_dropped, &to);
    if (err)
        return note_failure(postgres, err);
    if (!dropped)
        measure(postgres);
    *more = postgres->tidy_due = dropped;
    return 0;
}

static uint64_t postgres_bytes(struct store *store)
{
    return atomic_load(&of(store)->measured) + atomic_load(&of(store)->since);
}

/* Opening and closing */

static int postgres_open_reader(struct store *store, struct store_reader **reader)
{
    return postgres_reader_open(of(store)->where, reader);
}

static void postgres_close_store(struct store *store)
{
    postgres_close(&of(store)->session);
    free(of(store));
}

static const struct store_methods methods = {
    .open_reader = postgres_open_reader,
    .commit = postgres_commit,
    .outcome = postgres_outcome,
    .secret = postgres_secret,
    .probe = postgres_probe,
    .tidy = postgres_tidy,
    .bytes = postgres_bytes,
    .close = postgres_close_store,
};

/* The first server draws the secret; others find it. */
static int draw_secret(struct postgres_store *postgres)
{
    uint8_t secret[STAMP_SECRET_BYTES];
    struct postgres_values values = {0};
    random_fill(&random_system, secret, sizeof secret);
    values_bytes(&values, secret, sizeof secret);
    return postgres_each_row(&postgres->session, &own, NEW_SECRET, &values, NULL, NULL);
}

int store_postgres_open(struct store **store, const char *where, char *said, size_t said_bytes)
{
    struct postgres_store *postgres = calloc(1, sizeof *postgres);
    if (!postgres)
        return -ENOMEM;
    postgres->store.methods = &methods;
    postgres->tidy_due = true;
    snprintf(postgres->where, sizeof postgres->where, "%s", where);
    store_postgres_name(postgres->name, where);
    postgres->store.name = postgres->name;
    int err = be_connected(postgres);
    if (!err)
        err = draw_secret(postgres);
    snprintf(said, said_bytes, "%s", err ? postgres->session.said : "");
    if (err) {
        postgres_close_store(&postgres->store);
        return err;
    }
    measure(postgres);
    *store = &postgres->store;
    return 0;
}
