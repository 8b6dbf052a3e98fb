/* Memory and results; stamps, links, and names on the wire. */
#include <stdlib.h>
#include <string.h>

#include "admission/payment.h"
#include "admission/stamp.h"
#include "base/cursor.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "wasm/exports.h"
#include "link/invitation.h"
#include "link/seal.h"
#include "wire/bucket_id.h"
#include "wire/place_tag.h"

static const int codes[] = {0,       -EINVAL, -ENOMEM,  -EBADMSG, -EMSGSIZE,
                            -ENOENT, -ELOOP,  -ENOTSUP, -EIO,     -EAGAIN};
enum { CODES = sizeof codes / sizeof *codes };

enum web_result web_result_of(int err)
{
    for (int i = 0; i < CODES; i++)
        if (codes[i] == err)
            return (enum web_result)-i;
    return WEB_EIO;
}

const char *web_result_text(enum web_result result)
{
    return err_text(result <= 0 && result > -CODES ? codes[-(int)result] : -EIO);
}

void *web_alloc(size_t bytes)
{
    return calloc(1, bytes > 0 ? bytes : 1);
}

void web_free(void *memory, size_t bytes)
{
    if (memory)
        secret_wipe(memory, bytes);
    free(memory);
}

struct web_stamp_search {
    struct stamp_search search;
};

static struct stamp_subject subject_of(const uint8_t *bytes)
{
    struct stamp_subject subject;
    struct cursor from = cursor_over(
        bytes, 1 + sizeof subject.place + sizeof subject.record + sizeof subject.challenge);
    uint8_t kind;
    cursor_copy(&from, &kind, sizeof kind);
    subject.kind = (char)kind;
    cursor_copy(&from, subject.place, sizeof subject.place);
    cursor_copy(&from, subject.record, sizeof subject.record);
    cursor_copy(&from, subject.challenge, sizeof subject.challenge);
    return subject;
}

struct web_stamp_search *web_stamp_search_new(const uint8_t *subject)
{
    struct web_stamp_search *search = calloc(1, sizeof *search);
    const struct stamp_subject wanted = subject_of(subject);
    if (search && stamp_search_open(&search->search, &wanted, &random_system)) {
        free(search);
        return NULL;
    }
    return search;
}

void web_stamp_search_close(struct web_stamp_search *search)
{
    if (search)
        stamp_search_close(&search->search);
    free(search);
}

enum web_result web_stamp_search_run(struct web_stamp_search *search, uint32_t effort,
                                     double tries_least, uint32_t tries_most)
{
    const struct stamp_goal goal = {.effort = effort, .tries = (uint64_t)tries_least};
    return web_result_of(stamp_search_run(&search->search, &goal, tries_most, NULL));
}

double web_stamp_search_tries(const struct web_stamp_search *search)
{
    return (double)search->search.tries;
}

uint32_t web_stamp_search_effort(const struct web_stamp_search *search)
{
    return search->search.best_effort;
}

const uint8_t *web_stamp_search_nonce(const struct web_stamp_search *search)
{
    return search->search.best_nonce;
}

enum web_result web_stamp_check(const uint8_t *subject, const uint8_t *nonce, uint32_t *effort)
{
    struct argon2id_memory *memory;
    const struct stamp_subject wanted = subject_of(subject);
    int err = argon2id_open(&memory, STAMP_MEMORY_KIB);
    if (err)
        return web_result_of(err);
    err = stamp_check(memory, &wanted, nonce, effort);
    argon2id_close(memory);
    return web_result_of(err);
}

double web_payment_first(const uint32_t *classes, uint32_t price, uint32_t most)
{
    struct payment_classes counts;
    memcpy(counts.t1s, classes, sizeof counts.t1s);
    return (double)payment_first(&counts, price, most);
}

uint32_t web_payment_raise(const uint32_t *classes, uint32_t most)
{
    struct payment_classes counts;
    memcpy(counts.t1s, classes, sizeof counts.t1s);
    return payment_raise(&counts, most);
}

enum web_result web_link_key(uint8_t *key, const uint8_t *passphrase, size_t bytes,
                             const uint8_t *salt)
{
    return web_result_of(link_key(key, passphrase, bytes, salt));
}

enum web_result web_link_seal(uint8_t *blob, const uint8_t *key, const uint8_t *text, size_t bytes)
{
    return web_result_of(link_seal(blob, key, text, bytes));
}

enum web_result web_link_open(uint8_t *text, size_t *bytes, const uint8_t *key,
                              const uint8_t *blobs, size_t count)
{
    return web_result_of(link_open_any(text, bytes, key, blobs, count));
}

_Static_assert(sizeof(struct invitation) == 1024 + 32 + 16 + 1024, "as reunion.js has it");
_Static_assert(offsetof(struct invitation, bucket) == 1024, "as reunion.js has it");
_Static_assert(offsetof(struct invitation, salt) == 1056, "as reunion.js has it");
_Static_assert(offsetof(struct invitation, passphrase) == 1072, "as reunion.js has it");

enum web_result web_invitation_parse(uint8_t *invitation, const uint8_t *text, size_t bytes)
{
    return web_result_of(
        invitation_parse((struct invitation *)invitation, (const char *)text, bytes));
}

void web_invitation_print(uint8_t *text, const uint8_t *invitation)
{
    invitation_print((char *)text, (const struct invitation *)invitation);
}

enum web_result web_place_tag(uint8_t *tag, const uint8_t *name)
{
    return web_result_of(place_tag(tag, (const char *)name));
}

void web_bucket_hash(uint8_t *hash, double created, uint32_t sequence, const uint8_t *place,
                     uint32_t kind)
{
    struct bucket_id id = {.created = (uint64_t)created, .sequence = sequence};
    memcpy(id.place, place, sizeof id.place);
    bucket_id_hash(hash, &id, (char)kind);
}

void web_hash(uint8_t *hash, const uint8_t *bytes, size_t count)
{
    hash_bytes(hash, bytes, count);
}
