#include "service/read_back.h"

#include <string.h>

#include "bucket/cache.h"
#include "links/links.h"

/* T1s and records */

struct loading {
    const struct table *table; /* only what never changes: no lock is held */
    struct content *content;
};

static int load_t1(void *context, const struct store_t1 *t1)
{
    struct loading *loading = context;
    struct t1_draft draft = {.bytes = t1->bytes, .keyed = t1->key_hash != NULL};
    memcpy(draft.id, t1->id, ID_BYTES);
    if (t1->key_hash)
        memcpy(draft.key_hash, t1->key_hash, ID_BYTES);
    draft.stamp = t1->stamp;
    return content_load_t1(loading->content, &draft, table_t1_hash(loading->table, draft.id),
                           t1->records);
}

static int load_record(void *context, const struct store_record *record)
{
    struct loading *loading = context;
    uint64_t hash = content_record_hash(loading->table->index_key, record->kind, record->bytes);
    return content_load_record(loading->content, hash, record->kind, record->bytes);
}

static int read_t1s(const struct table *table, struct store_reader *reader,
                    const struct bucket_id *id, struct content **content)
{
    struct loading loading = {table, content_new(table->index_key)};
    *content = loading.content;
    if (!loading.content)
        return -ENOMEM;
    return store_load_entries(reader, id,
                              &(struct store_entry_visitor){load_t1, load_record, &loading});
}

/* Links */

static int load_seed(void *context, const uint8_t seed[static LINK_SEED_BYTES])
{
    struct content **content = context;
    if (*content)
        return -EBADMSG;
    *content = links_content_new(seed);
    return *content ? 0 : -ENOMEM;
}

static int load_link(void *context, const struct store_link *link)
{
    struct content *const *content = context;
    if (!*content)
        return -EBADMSG;
    return link_slots_load(links_slots(*content), link->slot, link->bytes);
}

/* Of a bucket that the store does not have any more there is no seed, and then no content. */
static int read_links(const struct table *table, struct store_reader *reader,
                      const struct bucket_id *id, struct content **content)
{
    (void)table;
    return store_load_links(reader, id,
                            &(struct store_link_visitor){load_seed, load_link, content});
}

/* How the content of each kind of bucket is read back. */
static const struct {
    char kind;
    int (*read)(const struct table *table, struct store_reader *reader, const struct bucket_id *id,
                struct content **content);
} kinds[] = {{BUCKET_KIND_RENDEZVOUS, read_t1s}, {BUCKET_KIND_LINKS, read_links}};

int content_read_back(const struct table *table, struct store_reader *reader, char kind,
                      const struct bucket_id *id, struct content **content)
{
    struct content *read = NULL;
    size_t of_kind = 0;
    while (kinds[of_kind].kind != kind)
        INVARIANT(++of_kind < sizeof kinds / sizeof kinds[0]);
    int err = kinds[of_kind].read(table, reader, id, &read);
    if (err) {
        content_free(read);
        return err;
    }
    *content = read;
    return 0;
}
