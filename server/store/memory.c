#include "store/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* DESIGN: one list of rows, walked from end to end: nothing here is fast, and what it does is plain
 * to see. A commit first copies what it adds, which can fail, and then links it in, which cannot.
 */

struct row {
    struct row *next;
    struct bucket_id id;
    enum change_kind kind; /* CHANGE_BUCKET_OPENED, CHANGE_T1_ADDED or CHANGE_RECORD_ADDED */
    bool closed;
    struct t1_entry t1;
    struct record_entry record;
};

struct memory_store {
    struct store store;
    struct row *rows; /* the latest first */
    atomic_int failure;
};

static struct memory_store *of(struct store *store)
{
    return INDEX_OWNER(store, struct memory_store, store);
}

static void free_rows(struct row *rows)
{
    while (rows) {
        struct row *next = rows->next;
        free(rows);
        rows = next;
    }
}

static bool same_bucket(const struct bucket_id *a, const struct bucket_id *b)
{
    return a->created == b->created && a->sequence == b->sequence;
}

/* The row that a change adds, or NULL when out of memory. */
static struct row *row_new(const struct change *change)
{
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return NULL;
    row->id = change->id;
    row->kind = change->kind;
    if (change->kind == CHANGE_T1_ADDED)
        row->t1 = *INDEX_OWNER(change->entry, struct t1_entry, entry);
    else if (change->kind == CHANGE_RECORD_ADDED)
        row->record = *INDEX_OWNER(change->entry, struct record_entry, entry);
    return row;
}

static bool adds_a_row(const struct change *change)
{
    return change->kind != CHANGE_BUCKET_CLOSED && change->kind != CHANGE_BUCKET_EXPIRED;
}

static void close_bucket(struct memory_store *memory, const struct bucket_id *id)
{
    for (struct row *row = memory->rows; row; row = row->next)
        if (row->kind == CHANGE_BUCKET_OPENED && same_bucket(&row->id, id))
            row->closed = true;
}

static void drop_bucket(struct memory_store *memory, const struct bucket_id *id)
{
    for (struct row **at = &memory->rows; *at;) {
        struct row *row = *at;
        if (same_bucket(&row->id, id)) {
            *at = row->next;
            free(row);
        } else {
            at = &row->next;
        }
    }
}

static int memory_probe(struct store *store)
{
    return atomic_load(&of(store)->failure);
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
    while (*end)
        end = &(*end)->next;
    *end = memory->rows;
    memory->rows = rows;
}

static int memory_commit(struct store *store, const struct change *changes, size_t count)
{
    struct memory_store *memory = of(store);
    struct row *rows;
    int err = memory_probe(store);
    if (!err)
        err = copy_rows(changes, count, &rows);
    if (err)
        return err;
    link_rows(memory, rows);
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == CHANGE_BUCKET_CLOSED)
            close_bucket(memory, &changes[i].id);
        else if (changes[i].kind == CHANGE_BUCKET_EXPIRED)
            drop_bucket(memory, &changes[i].id);
    }
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    const struct bucket_id *left = &(*(struct row *const *)a)->id;
    const struct bucket_id *right = &(*(struct row *const *)b)->id;
    if (left->created != right->created)
        return left->created < right->created ? -1 : 1;
    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

static int memory_load_buckets(struct store *store, const struct store_bucket_visitor *visitor)
{
    struct memory_store *memory = of(store);
    size_t count = 0;
    for (struct row *row = memory->rows; row; row = row->next)
        count += row->kind == CHANGE_BUCKET_OPENED;
    struct row **sorted = calloc(count + 1, sizeof(struct row *));
    if (!sorted)
        return -ENOMEM;
    size_t filled = 0;
    for (struct row *row = memory->rows; row; row = row->next)
        if (row->kind == CHANGE_BUCKET_OPENED)
            sorted[filled++] = row;
    qsort(sorted, count, sizeof(struct row *), compare_ids);
    int err = 0;
    for (size_t i = 0; i < count && !err; i++)
        err = visitor->bucket(visitor->context, &sorted[i]->id, sorted[i]->closed);
    free(sorted);
    return err;
}

static int visit_t1(const struct row *row, const struct store_entry_visitor *visitor)
{
    struct store_t1 t1 = {row->t1.id, row->t1.bytes, row->t1.keyed ? row->t1.key_hash : NULL};
    return visitor->t1(visitor->context, &t1);
}

static int visit_record(const struct row *row, const struct store_entry_visitor *visitor)
{
    struct store_record record = {row->record.entry.kind, row->record.bytes};
    return visitor->record(visitor->context, &record);
}

static int memory_load_entries(struct store *store, const struct bucket_id *id,
                               const struct store_entry_visitor *visitor)
{
    int err = 0;
    for (struct row *row = of(store)->rows; row && !err; row = row->next)
        if (row->kind == CHANGE_T1_ADDED && same_bucket(&row->id, id))
            err = visit_t1(row, visitor);
    for (struct row *row = of(store)->rows; row && !err; row = row->next)
        if (row->kind == CHANGE_RECORD_ADDED && same_bucket(&row->id, id))
            err = visit_record(row, visitor);
    return err;
}

static uint64_t memory_bytes(struct store *store)
{
    (void)store;
    return 0;
}

static void memory_close(struct store *store)
{
    free_rows(of(store)->rows);
    free(of(store));
}

static const struct store_methods methods = {
    .load_buckets = memory_load_buckets,
    .load_entries = memory_load_entries,
    .commit = memory_commit,
    .probe = memory_probe,
    .bytes = memory_bytes,
    .close = memory_close,
};

int store_memory_open(struct store **store)
{
    struct memory_store *memory = calloc(1, sizeof *memory);
    if (!memory)
        return -ENOMEM;
    memory->store.methods = &methods;
    *store = &memory->store;
    return 0;
}

void store_memory_fail(struct store *store, int err)
{
    atomic_store(&of(store)->failure, err);
}
