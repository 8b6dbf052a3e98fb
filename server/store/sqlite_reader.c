#include "store/sqlite_reader.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/owner_of.h"
#include "store/migrate.h"
#include "store/sql.h"
#include "store/sqlite_part.h"

/* DESIGN: a connection that can only read, with statements and a small page cache of its own. The
 * log lets it read while the writer writes, neither waiting for the other. */

enum statement { BEGIN, END, STATEMENTS };

static const char *const statement_text[STATEMENTS + 1] = {[BEGIN] = "BEGIN", [END] = "COMMIT"};

struct sqlite_reader {
    struct store_reader reader;
    sqlite3 *database;
    struct statements statements, parts[SQLITE_PARTS];
};

static struct sqlite_reader *of(struct store_reader *reader)
{
    return OWNER_OF(reader, struct sqlite_reader, reader);
}

/* Loading */

static int load_buckets(struct store_reader *reader, const struct store_bucket_visitor *visitor)
{
    int err = 0;
    for (size_t i = 0; i < SQLITE_PARTS && !err; i++)
        err = sqlite_parts[i]->load_buckets(&of(reader)->parts[i], visitor);
    return err;
}

static int load_t1_ids(struct store_reader *reader, const struct store_id_visitor *visitor)
{
    return sqlite_load_t1_ids(&of(reader)->parts[SQLITE_T1S], visitor);
}

/* What is loaded between begin and end, by several statements, is of one state. */
static int begin(struct store_reader *reader)
{
    return statements_run(&of(reader)->statements, BEGIN);
}

static int end(struct store_reader *reader, int err)
{
    int ended = statements_run(&of(reader)->statements, END);
    return err ? err : ended;
}

static int load_entries(struct store_reader *reader, const struct bucket_id *id,
                        const struct store_entry_visitor *visitor)
{
    int err = begin(reader);
    return err ? err
               : end(reader, sqlite_load_entries(&of(reader)->parts[SQLITE_T1S], id, visitor));
}

static int load_links(struct store_reader *reader, const struct bucket_id *id,
                      const struct store_link_visitor *visitor)
{
    int err = begin(reader);
    return err ? err
               : end(reader, sqlite_load_links(&of(reader)->parts[SQLITE_LINKS], id, visitor));
}

static int load_mailboxes(struct store_reader *reader, const struct store_mailbox_visitor *visitor)
{
    int err = begin(reader);
    return err ? err
               : end(reader, sqlite_load_mailboxes(&of(reader)->parts[SQLITE_MAILBOXES], visitor));
}

/* Opening and closing */

static void close_reader(struct store_reader *reader)
{
    struct sqlite_reader *sqlite = of(reader);
    statements_free(&sqlite->statements);
    for (size_t i = 0; i < SQLITE_PARTS; i++)
        statements_free(&sqlite->parts[i]);
    sqlite3_close(sqlite->database);
    free(sqlite);
}

static const struct store_reader_methods methods = {
    .load_buckets = load_buckets,
    .load_t1_ids = load_t1_ids,
    .load_entries = load_entries,
    .load_links = load_links,
    .load_mailboxes = load_mailboxes,
    .close = close_reader,
};

static int prepare(struct sqlite_reader *sqlite)
{
    int err = statements_prepare(&sqlite->statements, sqlite->database, statement_text);
    for (size_t i = 0; i < SQLITE_PARTS && !err; i++)
        err = statements_prepare(&sqlite->parts[i], sqlite->database, sqlite_parts[i]->reading);
    return err;
}

int sqlite_reader_open(const char *path, struct store_reader **opened)
{
    enum { BUSY_WAIT_MS = 1000 };
    struct sqlite_reader *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return -ENOMEM;
    sqlite->reader.methods = &methods;
    int err = migrate_error(
        sqlite3_open_v2(path, &sqlite->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
    if (!err) {
        sqlite3_busy_timeout(sqlite->database, BUSY_WAIT_MS);
        err = migrate_error(sqlite3_exec(sqlite->database, sql_reader_pragmas, NULL, NULL, NULL));
    }
    if (!err)
        err = prepare(sqlite);
    if (err) {
        close_reader(&sqlite->reader);
        return err;
    }
    *opened = &sqlite->reader;
    return 0;
}
