#include "lib/failing_store.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/owner_of.h"

struct failing_store {
    struct store store;
    struct store *inner;
    void (*during_commit)(void *context);
    void *during_context;
    atomic_int failure, read_failure;
    atomic_int doubt; /* enum doubt */
    bool was_done;    /* the commit that was in doubt */
};

struct failing_reader {
    struct store_reader reader;
    struct store_reader *inner;
    struct failing_store *failing;
};

static struct failing_store *of(struct store *store)
{
    return OWNER_OF(store, struct failing_store, store);
}

/* Reading */

/* What a reader does is up to the inner one, unless it is to fail. Returns: 0, or with what. */
static int begin_reading(struct store_reader *reader, struct store_reader **inner)
{
    struct failing_reader *failing = OWNER_OF(reader, struct failing_reader, reader);
    *inner = failing->inner;
    return atomic_load(&failing->failing->read_failure);
}

static int load_buckets(struct store_reader *reader, const struct store_bucket_visitor *visitor)
{
    struct store_reader *inner;
    int err = begin_reading(reader, &inner);
    return err ? err : store_load_buckets(inner, visitor);
}

static int load_t1_ids(struct store_reader *reader, const struct store_id_visitor *visitor)
{
    struct store_reader *inner;
    int err = begin_reading(reader, &inner);
    return err ? err : store_load_t1_ids(inner, visitor);
}

static int load_entries(struct store_reader *reader, const struct bucket_id *id,
                        const struct store_entry_visitor *visitor)
{
    struct store_reader *inner;
    int err = begin_reading(reader, &inner);
    return err ? err : store_load_entries(inner, id, visitor);
}

static int load_links(struct store_reader *reader, const struct bucket_id *id,
                      const struct store_link_visitor *visitor)
{
    struct store_reader *inner;
    int err = begin_reading(reader, &inner);
    return err ? err : store_load_links(inner, id, visitor);
}

static int load_mailboxes(struct store_reader *reader, const struct store_mailbox_visitor *visitor)
{
    struct store_reader *inner;
    int err = begin_reading(reader, &inner);
    return err ? err : store_load_mailboxes(inner, visitor);
}

static void close_reader(struct store_reader *reader)
{
    struct failing_reader *failing = OWNER_OF(reader, struct failing_reader, reader);
    store_close_reader(failing->inner);
    free(failing);
}

static const struct store_reader_methods reader_methods = {
    .load_buckets = load_buckets,
    .load_t1_ids = load_t1_ids,
    .load_entries = load_entries,
    .load_links = load_links,
    .load_mailboxes = load_mailboxes,
    .close = close_reader,
};

static int open_reader(struct store *store, struct store_reader **opened)
{
    struct failing_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    reader->reader.methods = &reader_methods;
    reader->failing = of(store);
    int err = store_open_reader(of(store)->inner, &reader->inner);
    if (err) {
        free(reader);
        return err;
    }
    *opened = &reader->reader;
    return 0;
}

/* Writing */

static int commit(struct store *store, const struct change *changes, size_t count)
{
    struct failing_store *failing = of(store);
    if (failing->during_commit)
        failing->during_commit(failing->during_context);
    int err = atomic_load(&failing->failure);
    int in_doubt = atomic_load(&failing->doubt);
    if (!err && in_doubt != DOUBT_UNDONE)
        err = store_commit(failing->inner, changes, count);
    failing->was_done = in_doubt == DOUBT_DONE;
    return !err && in_doubt != DOUBT_NONE ? -EINPROGRESS : err;
}

static int outcome(struct store *store, bool *durable)
{
    if (atomic_load(&of(store)->doubt) != DOUBT_NONE)
        return -EHOSTUNREACH;
    *durable = of(store)->was_done;
    return 0;
}

static int secret(struct store *store, uint8_t bytes[static STAMP_SECRET_BYTES])
{
    return store_secret(of(store)->inner, bytes);
}

static int probe(struct store *store)
{
    int err = atomic_load(&of(store)->failure);
    return err ? err : store_probe(of(store)->inner);
}

static int tidy(struct store *store, bool *more)
{
    return store_tidy(of(store)->inner, more);
}

static uint64_t bytes(struct store *store)
{
    return store_bytes(of(store)->inner);
}

static void close_store(struct store *store)
{
    store_close(of(store)->inner);
    free(of(store));
}

static const struct store_methods methods = {
    .open_reader = open_reader,
    .commit = commit,
    .outcome = outcome,
    .secret = secret,
    .probe = probe,
    .tidy = tidy,
    .bytes = bytes,
    .close = close_store,
};

int failing_store_open(struct store **store, struct store *inner)
{
    struct failing_store *failing = calloc(1, sizeof *failing);
    if (!failing) {
        store_close(inner);
        return -ENOMEM;
    }
    failing->store = (struct store){.methods = &methods, .name = inner->name};
    failing->inner = inner;
    *store = &failing->store;
    return 0;
}

void failing_store_fail(struct store *store, int err)
{
    atomic_store(&of(store)->failure, err);
}

void failing_store_doubt(struct store *store, enum doubt doubt)
{
    atomic_store(&of(store)->doubt, doubt);
}

void failing_store_during_commit(struct store *store, void (*call)(void *context), void *context)
{
    of(store)->during_commit = call;
    of(store)->during_context = context;
}

void failing_store_fail_reading(struct store *store, int err)
{
    atomic_store(&of(store)->read_failure, err);
}
