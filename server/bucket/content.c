#include "bucket/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "crypto/hash.h"

/* What the allocator keeps of each piece, roughly. */
enum { FEED_ROOM_AT_FIRST = 8, ALLOCATION_BYTES = 16 };

struct content *content_new(const uint8_t order_key[static INDEX_KEY_BYTES])
{
    struct content *content = calloc(1, sizeof *content);
    if (!content)
        return NULL;
    content->bytes = sizeof *content + ALLOCATION_BYTES;
    memcpy(content->order_key, order_key, INDEX_KEY_BYTES);
    return content;
}

struct content *content_new_body(const struct bucket_kind *kind, void *body, size_t bytes)
{
    static const uint8_t unused[INDEX_KEY_BYTES]; /* there is no feed */
    struct content *content = content_new(unused);
    if (!content)
        return NULL;
    content->kind = kind;
    content->body = body;
    content->bytes += bytes + ALLOCATION_BYTES;
    return content;
}

void content_free(struct content *content)
{
    if (!content)
        return;
    INVARIANT(content->staged == 0);
    for (size_t i = 0; i < content->feed_length; i++)
        free(content->feed[i]);
    free(content->feed);
    index_free(&content->records);
    if (content->body)
        content->kind->body_free(content->body);
    free(content);
}

/* Staging */

static size_t entry_size(const struct entry *entry)
{
    return ALLOCATION_BYTES +
           (entry->kind == RECORD_T1 ? sizeof(struct t1_entry) : sizeof(struct record_entry));
}

static int reserve_feed(struct content *content)
{
    size_t needed = content->feed_length + content->staged + 1;
    if (needed <= content->feed_capacity)
        return 0;
    size_t capacity = content->feed_capacity ? 2 * content->feed_capacity : FEED_ROOM_AT_FIRST;
    struct entry **feed = reallocarray(content->feed, capacity, sizeof(struct entry *));
    if (!feed)
        return -ENOMEM;
    content->bytes += (capacity - content->feed_capacity) * sizeof(struct entry *);
    content->feed = feed;
    content->feed_capacity = capacity;
    return 0;
}

static int index_record(struct content *content, struct entry *entry, uint64_t hash)
{
    size_t slots = content->records.slot_count;
    if (index_insert(&content->records, &entry->node, hash))
        return -ENOMEM;
    content->bytes += (content->records.slot_count - slots) * sizeof(struct index_node *);
    return 0;
}

int content_stage(struct content *content, struct entry *entry, uint64_t record_hash)
{
    if (reserve_feed(content) ||
        (entry->kind != RECORD_T1 && index_record(content, entry, record_hash)))
        return -ENOMEM;
    entry->visible = false;
    content->staged++;
    content->bytes += entry_size(entry);
    return 0;
}

void content_unstage(struct content *content, struct entry *entry)
{
    INVARIANT(!entry->visible && content->staged > 0);
    content->staged--;
    content->bytes -= entry_size(entry);
    if (entry->kind != RECORD_T1)
        index_remove(&content->records, &entry->node);
}

/* The place of an id among the visible T1s: that of the first one not before it. */
static uint32_t t1_place(const struct content *content, const uint8_t id[static ID_BYTES])
{
    uint32_t from = 0, to = content->t1_count;
    while (from < to) {
        uint32_t middle = (from + to) / 2;
        if (memcmp(content->t1[middle]->id, id, ID_BYTES) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

struct t1_entry *content_find_t1(const struct content *content, const uint8_t id[static ID_BYTES])
{
    uint32_t place = t1_place(content, id);
    bool found = place < content->t1_count && memcmp(content->t1[place]->id, id, ID_BYTES) == 0;
    return found ? content->t1[place] : NULL;
}

size_t content_t1s_until(const struct content *content, const uint8_t *after)
{
    return after ? t1_place(content, after) + (content_find_t1(content, after) ? 1 : 0) : 0;
}

static void insert_by_id(struct content *content, struct t1_entry *t1)
{
    uint32_t place = t1_place(content, t1->id);
    INVARIANT(content->t1_count < BUCKET_CAPACITY);
    memmove(&content->t1[place + 1], &content->t1[place],
            (content->t1_count - place) * sizeof content->t1[0]);
    content->t1[place] = t1;
    content->t1_count++;
}

static void insert_by_order(struct content *content, struct entry *entry)
{
    struct entry **at = &content->root;
    entry->order = entry_order(entry, content->order_key);
    entry->before = entry->behind = NULL;
    while (*at)
        at = entry->order < (*at)->order ? &(*at)->before : &(*at)->behind;
    *at = entry;
}

void content_show(struct content *content, struct entry *entry)
{
    INVARIANT(content->staged > 0 && content->feed_length < content->feed_capacity);
    content->staged--;
    entry->visible = true;
    entry->position = (uint32_t)content->feed_length;
    content->feed[content->feed_length++] = entry;
    insert_by_order(content, entry);
    if (entry->kind == RECORD_T1)
        insert_by_id(content, OWNER_OF(entry, struct t1_entry, entry));
}

/* Order */

void walk_begin(struct walk *walk, const struct content *content, const uint64_t *after)
{
    const struct entry *entry = content->root;
    walk->depth = 0;
    while (entry) {
        bool comes = !after || entry->order > *after;
        if (comes) {
            INVARIANT(walk->depth < WALK_DEPTH_MAX);
            walk->stack[walk->depth++] = entry;
        }
        entry = comes ? entry->before : entry->behind;
    }
}

const struct entry *walk_next(struct walk *walk)
{
    if (walk->depth == 0)
        return NULL;
    const struct entry *next = walk->stack[--walk->depth];
    for (const struct entry *entry = next->behind; entry; entry = entry->before) {
        INVARIANT(walk->depth < WALK_DEPTH_MAX);
        walk->stack[walk->depth++] = entry;
    }
    return next;
}

static void tag_t1s(struct content *content)
{
    uint8_t ids[BUCKET_CAPACITY * ID_BYTES];
    for (uint32_t i = 0; i < content->t1_count; i++)
        memcpy(ids + i * ID_BYTES, content->t1[i]->id, ID_BYTES);
    hash_bytes(content->tag, ids, content->t1_count * ID_BYTES);
}

void content_tag(struct content *content)
{
    if (content->body)
        content->kind->body_tag(content->body, content->tag);
    else
        tag_t1s(content);
}

/* Records */

uint64_t content_record_hash(const uint8_t key[static INDEX_KEY_BYTES], enum record_kind kind,
                             const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    uint8_t hashed[1 + RECORD_ADDRESSED_BYTES] = {(uint8_t)kind};
    memcpy(hashed + 1, bytes, RECORD_ADDRESSED_BYTES);
    return index_hash(key, hashed, record_to_everybody(bytes) ? sizeof hashed : 1 + 2 * ID_BYTES);
}

const struct record_entry *content_find_record(const struct content *content, uint64_t record_hash,
                                               enum record_kind kind,
                                               const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                                               uint32_t *others)
{
    uint32_t met = 0;
    for (struct index_node *node = index_first(&content->records, record_hash); node;
         node = index_next(node)) {
        const struct record_entry *record = OWNER_OF(node, struct record_entry, entry.node);
        if (record->entry.kind != kind || memcmp(record->bytes, bytes, 2 * ID_BYTES) != 0)
            continue;
        if (memcmp(record_body(record->bytes), record_body(bytes), RECORD_BODY_BYTES) == 0)
            return record;
        met++;
    }
    *others = met;
    return NULL;
}

/* Reading back */

static int load(struct content *content, struct entry *entry, uint64_t record_hash)
{
    if (content_stage(content, entry, record_hash)) {
        free(entry);
        return -ENOMEM;
    }
    content_show(content, entry);
    return 0;
}

int content_load_t1(struct content *content, const struct t1_draft *draft, uint64_t hash,
                    uint32_t records)
{
    if (content->t1_count == BUCKET_CAPACITY || content_find_t1(content, draft->id))
        return -EBADMSG;
    struct t1_entry *t1 = t1_new(draft);
    if (!t1)
        return -ENOMEM;
    t1->entry.node.hash = hash;
    t1->records = records;
    return load(content, &t1->entry, 0);
}

int content_load_record(struct content *content, uint64_t record_hash, enum record_kind kind,
                        const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct t1_entry *sender = NULL;
    if (record_to_everybody(bytes)) {
        sender = content_find_t1(content, bytes);
        if (!sender)
            return -EBADMSG;
    }
    struct record_entry *record = record_new(kind, bytes);
    if (!record)
        return -ENOMEM;
    int err = load(content, &record->entry, record_hash);
    if (!err && sender)
        ++*t1_unaddressed(sender, kind);
    return err;
}
