#include "store/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "base/random.h"
#include "store/memory_mailboxes.h"

/* DESIGN: one list of rows, walked from end to end: nothing here is fast, and what it does is plain
 * to see. A commit first copies what it adds, which can fail, and then links it in, which cannot. A
 * mutex keeps readers and commits apart. */

struct row {
    struct row *next;
    char bucket_kind;
    struct bucket_id id;
    enum change_kind kind; /* CHANGE_BUCKET_OPENED or one of CHANGE_…_ADDED */
    bool closed;
    int64_t ends_s;
    bool keyed; /* of a T1, as what follows */
    uint32_t records;
    struct stamp stamp;
    uint8_t t1_id[ID_BYTES];
    uint8_t key_hash[ID_BYTES];
    uint8_t t1[RECORD_T1_BYTES];
    enum record_kind record_kind;
    uint8_t record[RECORD_ADDRESSED_BYTES];
    uint8_t seed[LINK_SEED_BYTES]; /* of a bucket of links */
    uint32_t slot;
    uint8_t link[LINK_BLOB_BYTES];
};

struct memory_store {
    struct store store;
    pthread_mutex_t mutex;
    struct row *rows; /* the latest first */
    struct mailbox_rows mailboxes;
    atomic_size_t mailbox_bytes;
    uint8_t secret[STAMP_SECRET_BYTES];
    atomic_size_t row_count;
};

struct memory_reader {
    struct store_reader reader;
    struct memory_store *memory;
};

static struct memory_store *of(struct store *store)
{
    return OWNER_OF(store, struct memory_store, store);
}

static struct memory_store *of_reader(struct store_reader *reader)
{
    return OWNER_OF(reader, struct memory_reader, reader)->memory;
}

static void free_rows(struct row *rows)
{
    while (rows) {
        struct row *next = rows->next;
        free(rows);
        rows = next;
    }
}

static bool of_bucket(const struct row *row, char kind, const struct bucket_id *id)
{
    return row->bucket_kind == kind && bucket_id_equal(&row->id, id);
}

static void copy_t1(struct row *row, const struct store_t1 *t1)
{
    row->keyed = t1->key_hash != NULL;
    memcpy(row->t1_id, t1->id, ID_BYTES);
    if (t1->key_hash)
        memcpy(row->key_hash, t1->key_hash, ID_BYTES);
    memcpy(row->t1, t1->bytes, RECORD_T1_BYTES);
    row->stamp = t1->stamp;
}

/* The row that a change adds, or NULL when out of memory. */
static struct row *row_new(const struct change *change)
{
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return NULL;
    row->bucket_kind = change->bucket_kind;
    row->id = change->id;
    row->kind = change->kind;
    if (change->kind == CHANGE_T1_ADDED) {
        copy_t1(row, &change->t1);
    } else if (change->kind == CHANGE_RECORD_ADDED) {
        row->record_kind = change->record.kind;
        memcpy(row->record, change->record.bytes, RECORD_ADDRESSED_BYTES);
    } else if (change->kind == CHANGE_LINK_ADDED) {
        row->slot = change->link.slot;
        memcpy(row->link, change->link.bytes, LINK_BLOB_BYTES);
    } else if (change->kind == CHANGE_BUCKET_OPENED && change->seed) {
        memcpy(row->seed, change->seed, LINK_SEED_BYTES);
    }
    return row;
}

static bool adds_a_row(const struct change *change)
{
    return change->kind == CHANGE_BUCKET_OPENED || change->kind == CHANGE_T1_ADDED ||
           change->kind == CHANGE_RECORD_ADDED || change->kind == CHANGE_LINK_ADDED;
}

static void close_bucket(struct memory_store *memory, const struct change *change)
{
    for (struct row *row = memory->rows; row; row = row->next)
        if (row->kind == CHANGE_BUCKET_OPENED && of_bucket(row, change->bucket_kind, &change->id)) {
            row->closed = true;
            row->ends_s = change->ends_s;
        }
}

static void change_t1(struct memory_store *memory, const struct change *change)
{
    for (struct row *row = memory->rows; row; row = row->next) {
        if (row->kind != CHANGE_T1_ADDED || memcmp(row->t1_id, change->t1.id, ID_BYTES) != 0)
            continue;
        if (change->kind == CHANGE_SENT)
            row->records = change->t1.records;
        else
            row->stamp = change->t1.stamp;
    }
}

static void drop_bucket(struct memory_store *memory, const struct change *change)
{
    for (struct row **at = &memory->rows; *at;) {
        struct row *row = *at;
        if (of_bucket(row, change->bucket_kind, &change->id)) {
            *at = row->next;
            free(row);
            atomic_fetch_sub(&memory->row_count, 1);
        } else {
            at = &row->next;
        }
    }
}

static int memory_probe(struct store *store)
{
    (void)store;
    return 0;
}

/* Copies of all that the changes add. */
static int copy_rows(const struct change *changes, size_t count, struct row **rows)
{
    struct row *copied = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!adds_a_row(&changes[i]))
            continue;
        struct row *row = row_new(&changes[i]);
        if (!row) {
            free_rows(copied);
            return -ENOMEM;
        }
        row->next = copied;
        copied = row;
    }
    *rows = copied;
    return 0;
}

static void link_rows(struct memory_store *memory, struct row *rows)
{
    struct row **end = &rows;
    for (; *end; end = &(*end)->next)
        atomic_fetch_add(&memory->row_count, 1);
    *end = memory->rows;
    memory->rows = rows;
}

static int memory_commit(struct store *store, const struct change *changes, size_t count)
{
    struct memory_store *memory = of(store);
    struct row *rows;
    struct mailbox_rows added;
    int err = copy_rows(changes, count, &rows);
    if (err)
        return err;
    err = mailbox_rows_copy(&added, changes, count);
    if (err) {
        free_rows(rows);
        return err;
    }
    pthread_mutex_lock(&memory->mutex);
    link_rows(memory, rows);
    mailbox_rows_link(&memory->mailboxes, &added);
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == CHANGE_BUCKET_CLOSED)
            close_bucket(memory, &changes[i]);
        else if (changes[i].kind == CHANGE_BUCKET_EXPIRED)
            drop_bucket(memory, &changes[i]);
        else if (changes[i].kind == CHANGE_SENT || changes[i].kind == CHANGE_T1_RAISED)
            change_t1(memory, &changes[i]);
        else
            mailbox_rows_change(&memory->mailboxes, &changes[i]);
    }
    atomic_store(&memory->mailbox_bytes, memory->mailboxes.bytes);
    pthread_mutex_unlock(&memory->mutex);
    return 0;
}

/* By kind, then by id. */
static int compare_ids(const void *a, const void *b)
{
    const struct row *left_row = *(struct row *const *)a, *right_row = *(struct row *const *)b;
    const struct bucket_id *left = &left_row->id, *right = &right_row->id;
    if (left_row->bucket_kind != right_row->bucket_kind)
        return left_row->bucket_kind < right_row->bucket_kind ? -1 : 1;
    if (left->created != right->created)
        return left->created < right->created ? -1 : 1;
    if (left->sequence != right->sequence)
        return left->sequence < right->sequence ? -1 : 1;
    return memcmp(left->place, right->place, ID_BYTES);
}

/* Reading: the mutex is held all the while, also for the visitors, which need nothing of ours. */

/* The rows of one kind, by bucket; the caller's. NULL when out of memory. */
static struct row **sorted_rows(struct memory_store *memory, enum change_kind kind, size_t *count)
{
    *count = 0;
    for (struct row *row = memory->rows; row; row = row->next)
        *count += row->kind == kind;
    struct row **sorted = calloc(*count + 1, sizeof(struct row *));
    if (!sorted)
        return NULL;
    size_t filled = 0;
    for (struct row *row = memory->rows; row; row = row->next)
        if (row->kind == kind)
            sorted[filled++] = row;
    qsort(sorted, *count, sizeof(struct row *), compare_ids);
    return sorted;
}

static int memory_load_buckets(struct store_reader *reader,
                               const struct store_bucket_visitor *visitor)
{
    struct memory_store *memory = of_reader(reader);
    size_t count;
    pthread_mutex_lock(&memory->mutex);
    struct row **sorted = sorted_rows(memory, CHANGE_BUCKET_OPENED, &count);
    int err = sorted ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < count; i++)
        err = visitor->bucket(visitor->context, sorted[i]->bucket_kind, &sorted[i]->id,
                              sorted[i]->closed, sorted[i]->ends_s);
    pthread_mutex_unlock(&memory->mutex);
    free(sorted);
    return err;
}

static int memory_load_t1_ids(struct store_reader *reader, const struct store_id_visitor *visitor)
{
    struct memory_store *memory = of_reader(reader);
    size_t count;
    pthread_mutex_lock(&memory->mutex);
    struct row **sorted = sorted_rows(memory, CHANGE_T1_ADDED, &count);
    int err = sorted ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < count; i++)
        err = visitor->id(visitor->context, &sorted[i]->id, sorted[i]->t1_id, &sorted[i]->stamp);
    pthread_mutex_unlock(&memory->mutex);
    free(sorted);
    return err;
}

static int visit_t1(const struct row *row, const struct store_entry_visitor *visitor)
{
    struct store_t1 t1 = {row->t1_id, row->t1, row->keyed ? row->key_hash : NULL, row->records,
                          row->stamp};
    return visitor->t1(visitor->context, &t1);
}

static int visit_record(const struct row *row, const struct store_entry_visitor *visitor)
{
    struct store_record record = {row->record_kind, row->record};
    return visitor->record(visitor->context, &record);
}

static int memory_load_entries(struct store_reader *reader, const struct bucket_id *id,
                               const struct store_entry_visitor *visitor)
{
    struct memory_store *memory = of_reader(reader);
    int err = 0;
    pthread_mutex_lock(&memory->mutex);
    for (struct row *row = memory->rows; row && !err; row = row->next)
        if (row->kind == CHANGE_T1_ADDED && of_bucket(row, BUCKET_KIND_RENDEZVOUS, id))
            err = visit_t1(row, visitor);
    for (struct row *row = memory->rows; row && !err; row = row->next)
        if (row->kind == CHANGE_RECORD_ADDED && of_bucket(row, BUCKET_KIND_RENDEZVOUS, id))
            err = visit_record(row, visitor);
    pthread_mutex_unlock(&memory->mutex);
    return err;
}

static int visit_link(const struct row *row, const struct store_link_visitor *visitor)
{
    return visitor->link(visitor->context, &(struct store_link){row->slot, row->link});
}

static int memory_load_links(struct store_reader *reader, const struct bucket_id *id,
                             const struct store_link_visitor *visitor)
{
    struct memory_store *memory = of_reader(reader);
    int err = 0;
    pthread_mutex_lock(&memory->mutex);
    for (struct row *row = memory->rows; row && !err; row = row->next)
        if (row->kind == CHANGE_BUCKET_OPENED && of_bucket(row, BUCKET_KIND_LINKS, id))
            err = visitor->seed(visitor->context, row->seed);
    for (struct row *row = memory->rows; row && !err; row = row->next)
        if (row->kind == CHANGE_LINK_ADDED && of_bucket(row, BUCKET_KIND_LINKS, id))
            err = visit_link(row, visitor);
    pthread_mutex_unlock(&memory->mutex);
    return err;
}

static int memory_load_mailboxes(struct store_reader *reader,
                                 const struct store_mailbox_visitor *visitor)
{
    struct memory_store *memory = of_reader(reader);
    pthread_mutex_lock(&memory->mutex);
    int err = mailbox_rows_load(&memory->mailboxes, visitor);
    pthread_mutex_unlock(&memory->mutex);
    return err;
}

static void memory_close_reader(struct store_reader *reader)
{
    free(OWNER_OF(reader, struct memory_reader, reader));
}

static const struct store_reader_methods reader_methods = {
    .load_buckets = memory_load_buckets,
    .load_t1_ids = memory_load_t1_ids,
    .load_entries = memory_load_entries,
    .load_links = memory_load_links,
    .load_mailboxes = memory_load_mailboxes,
    .close = memory_close_reader,
};

static int memory_open_reader(struct store *store, struct store_reader **opened)
{
    struct memory_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    reader->reader.methods = &reader_methods;
    reader->memory = of(store);
    *opened = &reader->reader;
    return 0;
}

static int memory_secret(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES])
{
    memcpy(secret, of(store)->secret, STAMP_SECRET_BYTES);
    return 0;
}

static int memory_tidy(struct store *store, bool *more)
{
    (void)store;
    *more = false;
    return 0;
}

static uint64_t memory_bytes(struct store *store)
{
    return atomic_load(&of(store)->row_count) * sizeof(struct row) +
           atomic_load(&of(store)->mailbox_bytes);
}

static void memory_close(struct store *store)
{
    free_rows(of(store)->rows);
    mailbox_rows_free(&of(store)->mailboxes);
    pthread_mutex_destroy(&of(store)->mutex);
    free(of(store));
}

static const struct store_methods methods = {
    .open_reader = memory_open_reader,
    .commit = memory_commit,
    .secret = memory_secret,
    .probe = memory_probe,
    .tidy = memory_tidy,
    .bytes = memory_bytes,
    .close = memory_close,
};

int store_memory_open(struct store **store)
{
    struct memory_store *memory = calloc(1, sizeof *memory);
    if (!memory)
        return -ENOMEM;
    memory->store = (struct store){.methods = &methods, .name = ":memory:"};
    pthread_mutex_init(&memory->mutex, NULL);
    random_fill(&random_system, memory->secret, sizeof memory->secret);
    *store = &memory->store;
    return 0;
}
