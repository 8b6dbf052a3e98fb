#include "store/store.h"

int store_load_buckets(struct store *store, const struct store_bucket_visitor *visitor)
{
    return store->methods->load_buckets(store, visitor);
}

int store_load_entries(struct store *store, const struct bucket_id *id,
                       const struct store_entry_visitor *visitor)
{
    return store->methods->load_entries(store, id, visitor);
}

int store_commit(struct store *store, const struct change *changes, size_t count)
{
    return store->methods->commit(store, changes, count);
}

int store_probe(struct store *store)
{
    return store->methods->probe(store);
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
