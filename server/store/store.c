#include "store/store.h"

int store_open_reader(struct store *store, struct store_reader **reader)
{
    return store->methods->open_reader(store, reader);
}

void store_close_reader(struct store_reader *reader)
{
    if (reader)
        reader->methods->close(reader);
}

int store_load_buckets(struct store_reader *reader, const struct store_bucket_visitor *visitor)
{
    return reader->methods->load_buckets(reader, visitor);
}

int store_load_t1_ids(struct store_reader *reader, const struct store_id_visitor *visitor)
{
    return reader->methods->load_t1_ids(reader, visitor);
}

int store_load_entries(struct store_reader *reader, const struct bucket_id *id,
                       const struct store_entry_visitor *visitor)
{
    return reader->methods->load_entries(reader, id, visitor);
}

int store_load_links(struct store_reader *reader, const struct bucket_id *id,
                     const struct store_link_visitor *visitor)
{
    return reader->methods->load_links(reader, id, visitor);
}

int store_load_mailboxes(struct store_reader *reader, const struct store_mailbox_visitor *visitor)
{
    return reader->methods->load_mailboxes(reader, visitor);
}

int store_commit(struct store *store, const struct change *changes, size_t count)
{
    return store->methods->commit(store, changes, count);
}

int store_outcome(struct store *store, bool *durable)
{
    INVARIANT(store->methods->outcome);
    return store->methods->outcome(store, durable);
}

int store_secret(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES])
{
    return store->methods->secret(store, secret);
}

int store_probe(struct store *store)
{
    return store->methods->probe(store);
}

int store_tidy(struct store *store, bool *more)
{
    return store->methods->tidy(store, more);
}

const char *store_reason(int err)
{
    switch (err) {
    case -EAGAIN:
        return "another program has locked it";
    case -EBADMSG:
        return "it is damaged or not this server's";
    case -EBUSY:
        return "another server is using it";
    case -EPROTONOSUPPORT:
        return "it is of a version from before the first release";
    case -ENOTSUP:
        return "it is of a newer version";
    case -ESTALE:
        return "its file, or one beside it, was deleted, moved or replaced";
    case -EREMCHG:
        return "its file, or one beside it, was overwritten or truncated";
    case -EHOSTUNREACH:
        return "it cannot be reached";
    case -EPROTO:
        return "a connection pooler stands before it";
    case -EOWNERDEAD:
        return "another server has written to it meanwhile, or it has lost what was committed";
    case -EINPROGRESS:
        return "it has not said whether the last commit was made";
    default:
        return err_reason(err);
    }
}

uint64_t store_bytes(struct store *store)
{
    return store->methods->bytes(store);
}

void store_close(struct store *store)
{
    if (store)
        store->methods->close(store);
}
