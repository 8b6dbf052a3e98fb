#include "store/postgres_reader.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/owner_of.h"
#include "store/postgres_part.h"

/* DESIGN: a connection of its own, which is made again when it is found lost at the beginning of a
 * load; what is lost in the middle of one fails, as a visitor cannot take back what it has seen.
 * A database that was not there a moment ago is not asked again at once: who reads gets an answer.
 */

enum { RETRY_MS = 1000 };

enum statement { BEGIN, END, STATEMENTS };

static const char *const statement_text[STATEMENTS + 1] = {
    [BEGIN] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [END] = "COMMIT",
};

static const struct postgres_statements own = {"reader ", statement_text};

struct postgres_reader {
    struct store_reader reader;
    const char *where;
    struct postgres_session session;
    int64_t retry_ms; /* not before that, on the monotonic clock */
};

static struct postgres_reader *of(struct store_reader *reader)
{
    return OWNER_OF(reader, struct postgres_reader, reader);
}

static int connect_reader(struct postgres_reader *postgres)
{
    const struct postgres_statements *sets[POSTGRES_PARTS + 1] = {&own};
    if (clock_monotonic_ms(&clock_system) < postgres->retry_ms)
        return -EHOSTUNREACH;
    for (size_t i = 0; i < POSTGRES_PARTS; i++)
        sets[i + 1] = &postgres_parts[i]->reading;
    int err = postgres_open(&postgres->session, postgres->where);
    if (!err)
        err = postgres_prepare(&postgres->session, sets, POSTGRES_PARTS + 1);
    if (err) {
        postgres_close(&postgres->session);
        postgres->retry_ms = clock_monotonic_ms(&clock_system) + RETRY_MS;
    }
    return err;
}

static int run(struct postgres_reader *postgres, enum statement which)
{
    return postgres_each_row(&postgres->session, &own, which, NULL, NULL, NULL);
}

/* Begin what is of one state of the store. */
static int begin(struct store_reader *reader)
{
    struct postgres_reader *postgres = of(reader);
    int err = postgres->session.connection ? run(postgres, BEGIN) : -EHOSTUNREACH;
    if (!err || postgres->session.connection)
        return err;
    err = connect_reader(postgres);
    return err ? err : run(postgres, BEGIN);
}

static int end(struct store_reader *reader, int err)
{
    int ended = of(reader)->session.connection ? run(of(reader), END) : 0;
    return err ? err : ended;
}

static int load_buckets(struct store_reader *reader, const struct store_bucket_visitor *visitor)
{
    int err = begin(reader);
    if (err)
        return err;
    for (size_t i = 0; i < POSTGRES_PARTS && !err; i++)
        if (postgres_parts[i]->load_buckets)
            err = postgres_parts[i]->load_buckets(&of(reader)->session, visitor);
    return end(reader, err);
}

static int load_t1_ids(struct store_reader *reader, const struct store_id_visitor *visitor)
{
    int err = begin(reader);
    return err ? err : end(reader, postgres_load_t1_ids(&of(reader)->session, visitor));
}

static int load_entries(struct store_reader *reader, const struct bucket_id *id,
                        const struct store_entry_visitor *visitor)
{
    int err = begin(reader);
    return err ? err : end(reader, postgres_load_entries(&of(reader)->session, id, visitor));
}

static int load_links(struct store_reader *reader, const struct bucket_id *id,
                      const struct store_link_visitor *visitor)
{
    int err = begin(reader);
    return err ? err : end(reader, postgres_load_links(&of(reader)->session, id, visitor));
}

static int load_mailboxes(struct store_reader *reader, const struct store_mailbox_visitor *visitor)
{
    int err = begin(reader);
    return err ? err : end(reader, postgres_load_mailboxes(&of(reader)->session, visitor));
}

static void close_reader(struct store_reader *reader)
{
    postgres_close(&of(reader)->session);
    free(of(reader));
}

static const struct store_reader_methods methods = {
    .load_buckets = load_buckets,
    .load_t1_ids = load_t1_ids,
    .load_entries = load_entries,
    .load_links = load_links,
    .load_mailboxes = load_mailboxes,
    .close = close_reader,
};

int postgres_reader_open(const char *where, struct store_reader **opened)
{
    struct postgres_reader *postgres = calloc(1, sizeof *postgres);
    if (!postgres)
        return -ENOMEM;
    postgres->reader.methods = &methods;
    postgres->where = where;
    int err = connect_reader(postgres);
    if (err) {
        close_reader(&postgres->reader);
        return err;
    }
    *opened = &postgres->reader;
    return 0;
}
