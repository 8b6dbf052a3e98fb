#include "service/page.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "service/brief_cursor.h"

enum { TAG_BYTES = 16, SPAN_BYTES = FEED_CURSOR_BYTES - TAG_BYTES };

_Static_assert(SPAN_BYTES == 4 + 4 + 1 + 8, "from, to, begun, after");
_Static_assert(CURSOR_KEY_BYTES == crypto_stream_xchacha20_KEYBYTES, "XChaCha20's key");

/* Cursors: a synthetic initialisation vector, as in AES-SIV. */

static void tag_of(uint8_t tag[static TAG_BYTES], const struct service *service,
                   const struct bucket *bucket, const struct page_rules *rules,
                   const uint8_t plain[static SPAN_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, service->cursor_key, CURSOR_KEY_BYTES, TAG_BYTES);
    crypto_generichash_update(&state, bucket->bucket_hash, ID_BYTES);
    crypto_generichash_update(&state, bucket->feed_nonce, FEED_NONCE_BYTES);
    crypto_generichash_update(&state, &rules->purpose, 1);
    if (rules->to)
        crypto_generichash_update(&state, rules->to, ID_BYTES);
    crypto_generichash_update(&state, plain, SPAN_BYTES);
    crypto_generichash_final(&state, tag, TAG_BYTES);
}

static void mask(uint8_t out[static SPAN_BYTES], const struct service *service,
                 const uint8_t tag[static TAG_BYTES], const uint8_t in[static SPAN_BYTES])
{
    uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES] = {0};
    memcpy(nonce, tag, TAG_BYTES);
    crypto_stream_xchacha20_xor(out, in, SPAN_BYTES, nonce, service->cursor_key);
}

void page_seal(const struct service *service, const struct bucket *bucket,
               const struct page_rules *rules, const struct span *span, uint8_t *cursor)
{
    uint8_t plain[SPAN_BYTES];
    if (rules->brief) {
        brief_cursor_seal(cursor, service, bucket, rules, span);
        return;
    }
    put_be32(plain, (uint32_t)span->from);
    put_be32(plain + 4, (uint32_t)span->to);
    plain[8] = span->begun;
    put_be64(plain + 9, span->begun ? span->after : 0);
    tag_of(cursor, service, bucket, rules, plain);
    mask(cursor + TAG_BYTES, service, cursor, plain);
}

struct span page_open(const struct service *service, const struct bucket *bucket,
                      const struct page_rules *rules, const uint8_t *cursor)
{
    uint8_t plain[SPAN_BYTES], tag[TAG_BYTES];
    if (!cursor)
        return (struct span){0};
    if (rules->brief)
        return brief_cursor_open(cursor, service, bucket, rules);
    mask(plain, service, cursor, cursor + TAG_BYTES);
    tag_of(tag, service, bucket, rules, plain);
    if (sodium_memcmp(tag, cursor, TAG_BYTES) != 0)
        return (struct span){0};
    struct cursor from = cursor_over(plain, sizeof plain);
    struct span span = {.from = cursor_be32(&from)};
    span.to = cursor_be32(&from);
    span.begun = cursor_u8(&from) != 0;
    span.after = cursor_be64(&from);
    return span;
}

/* Pages */

static bool is_wanted(const struct page_rules *rules, const struct entry *entry)
{
    if (rules->purpose != PAGE_FEED && entry->kind != rules->purpose)
        return false;
    if (!rules->to || entry->kind == RECORD_T1)
        return true;
    const uint8_t *bytes = entry_bytes(entry);
    return memcmp(record_addressee(bytes), rules->to, ID_BYTES) == 0 || record_to_everybody(bytes);
}

static int by_order(const void *a, const void *b)
{
    const struct entry *const *x = a, *const *y = b;
    return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* What is left of a span, or as much of it as may be looked at; sorted. A short span is sorted by
 * itself, a long one is picked out of the tree. Returns: how many, and whether that is all. */
static size_t gather(const struct content *content, const struct span *span,
                     const struct entry **entries, bool *all)
{
    size_t count = 0, looked_at = 0;
    *all = true;
    if (span->to - span->from <= PAGE_LOOKED_AT_MAX / 4) {
        for (size_t i = span->from; i < span->to; i++)
            if (!span->begun || content->feed[i]->order > span->after)
                entries[count++] = content->feed[i];
        qsort(entries, count, sizeof *entries, by_order);
        return count;
    }
    struct walk walk;
    const struct entry *entry;
    walk_begin(&walk, content, span->begun ? &span->after : NULL);
    while (looked_at < PAGE_LOOKED_AT_MAX && (entry = walk_next(&walk))) {
        looked_at++;
        entries[count++] = entry;
    }
    *all = looked_at < PAGE_LOOKED_AT_MAX;
    return count;
}

static bool is_in(const struct span *span, const struct entry *entry)
{
    return entry->position >= span->from && entry->position < span->to;
}

static bool lacks_addressee(const struct page_rules *rules, const struct entry *entry)
{
    return rules->brief && entry->kind != RECORD_T1;
}

static size_t entry_room(const struct page_rules *rules, const struct entry *entry)
{
    size_t bytes = lacks_addressee(rules, entry) ? (size_t)RECORD_UNADDRESSED_BYTES
                                                 : frame_record_bytes(entry->kind);
    return bytes + (rules->framed ? 1 : 0);
}

static void add_entry(const struct page_rules *rules, const struct entry *entry, struct blob *page)
{
    const uint8_t *bytes = entry_bytes(entry);
    if (rules->framed)
        blob_add(page, &(uint8_t){(uint8_t)entry->kind}, 1);
    if (lacks_addressee(rules, entry)) {
        blob_add(page, bytes, ID_BYTES);
        blob_add(page, record_body(bytes), RECORD_BODY_BYTES);
    } else {
        blob_add(page, bytes, frame_record_bytes(entry->kind));
    }
}

/* Keep those of the entries that make a page, and note how far it goes. Returns: how many. */
static size_t choose(const struct page_rules *rules, struct span *span,
                     const struct entry **entries, size_t count, size_t *bytes, bool *fits)
{
    const struct span given = *span;
    size_t kept = 0;
    *bytes = 0;
    *fits = true;
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = entries[i];
        if (is_in(&given, entry) && is_wanted(rules, entry)) {
            *fits = kept == 0 || *bytes + entry_room(rules, entry) <= rules->bytes_max;
            if (!*fits)
                break;
            *bytes += entry_room(rules, entry);
            entries[kept++] = entry;
        }
        span->begun = true;
        span->after = entry->order;
    }
    return kept;
}

int page_copy(const struct content *content, const struct page_rules *rules, struct span *span,
              struct blob *page)
{
    struct span behind = *span;
    bool all = true, fits = true;
    size_t bytes = 0, count = 0, room = span->to - span->from;
    const struct entry **entries =
        calloc((room <= PAGE_LOOKED_AT_MAX / 4 ? room : PAGE_LOOKED_AT_MAX) + 1, sizeof *entries);
    if (!entries)
        return -ENOMEM;
    count = gather(content, span, entries, &all);
    count = choose(rules, &behind, entries, count, &bytes, &fits);
    int err = blob_new(page, bytes, 1);
    for (size_t i = 0; i < count && !err; i++)
        add_entry(rules, entries[i], page);
    free(entries);
    if (!err)
        *span = all && fits ? (struct span){.from = span->to, .to = span->to} : behind;
    return err;
}
