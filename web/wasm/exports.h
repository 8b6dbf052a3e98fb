/* What the WebAssembly module exports; reunion.js alone calls it. */
#ifndef REUNION_WASM_EXPORTS_H
#define REUNION_WASM_EXPORTS_H

#include <stddef.h>
#include <stdint.h>

/* DESIGN: JavaScript copies what it passes into memory from web_alloc, calls, copies results out,
 * and gives the memory back with web_free, which wipes it. Pointers are owned by the caller for the
 * call, and lengths in bytes. Nothing here blocks, has a thread, or does input and output. Numbers
 * that may be above 2^32 are doubles, exact up to 2^53. */

#ifdef __wasm__
#define WEB_EXPORT(name) __attribute__((export_name(#name)))
#else
#define WEB_EXPORT(name)
#endif

/* Codes of results, the same in every C library; reunion.js has their names in this order. */
enum web_result {
    WEB_OK = 0,
    WEB_EINVAL = -1,
    WEB_ENOMEM = -2,
    WEB_EBADMSG = -3,
    WEB_EMSGSIZE = -4,
    WEB_ENOENT = -5,
    WEB_ELOOP = -6,
    WEB_ENOTSUP = -7,
    WEB_EIO = -8,
    WEB_EAGAIN = -9,
};

/* One of the above for 0 or a negative errno; WEB_EIO for what has none. */
enum web_result web_result_of(int err);

WEB_EXPORT(web_alloc) void *web_alloc(size_t bytes);            /* zeros; NULL: out of memory */
WEB_EXPORT(web_free) void web_free(void *memory, size_t bytes); /* wiped first; NULL is fine */
WEB_EXPORT(web_result_text) const char *web_result_text(enum web_result result);

/* A session that is begun before there is a passphrase: see reunion.h for what becomes of it. */
struct web_party;

/* Draw all seeds, or take them from `seeds` (a struct reunion_seeds). NULL: out of memory. */
WEB_EXPORT(web_party_new) struct web_party *web_party_new(const uint8_t *seeds);
WEB_EXPORT(web_party_close) void web_party_close(struct web_party *party); /* wiped; NULL is fine */

/* The CTIDH secret key, CTIDH1024_SECRET_BYTES, for the Workers that compute with it. */
WEB_EXPORT(web_party_secret) void web_party_secret(const struct web_party *party, uint8_t *secret);

/* What Workers have computed: the party's own public key, before it is opened; and the shared
 * secret with somebody's `beta`, NULL if that is no public key. Both are believed.
 * Returns: WEB_OK, WEB_ENOMEM, WEB_EINVAL (the party is open, or was given seeds). */
WEB_EXPORT(web_party_set_beta)
enum web_result web_party_set_beta(struct web_party *party, const uint8_t *beta);
WEB_EXPORT(web_party_set_shared)
enum web_result web_party_set_shared(struct web_party *party, const uint8_t *beta,
                                     const uint8_t *shared);

/* Make the T1. `salt` has REUNION_SALT_BYTES. Computes the public key if that was not set.
 * Returns: as reunion_session_open; WEB_EINVAL for a party that is open, too. */
WEB_EXPORT(web_party_open)
enum web_result web_party_open(struct web_party *party, const uint8_t *passphrase,
                               size_t passphrase_bytes, const uint8_t *message,
                               size_t message_bytes, const uint8_t *salt);

/* Of an open party; WEB_EINVAL, 0 or NULL of another. */
WEB_EXPORT(web_party_t1) const uint8_t *web_party_t1(const struct web_party *party);
WEB_EXPORT(web_party_t1_bytes) size_t web_party_t1_bytes(const struct web_party *party);
WEB_EXPORT(web_party_id) const uint8_t *web_party_id(const struct web_party *party);
WEB_EXPORT(web_party_needs_work)
int web_party_needs_work(const struct web_party *party, const uint8_t *t1, size_t bytes);

/* `answer` gets id (32) and T2 (32). Returns: the T1's status as in reunion.h. */
WEB_EXPORT(web_party_receive_t1)
enum web_result web_party_receive_t1(struct web_party *party, const uint8_t *t1, size_t bytes,
                                     uint8_t *answer);
WEB_EXPORT(web_party_receive_t2)
enum web_result web_party_receive_t2(struct web_party *party, const uint8_t *id, const uint8_t *t2,
                                     uint8_t *t3);
WEB_EXPORT(web_party_receive_t3)
enum web_result web_party_receive_t3(struct web_party *party, const uint8_t *id, const uint8_t *t3);

/* Go to the next message that became known: WEB_ENOENT if there is none. Then whose it is and what
 * it says; these live as long as the party. */
WEB_EXPORT(web_party_next_reveal)
enum web_result web_party_next_reveal(struct web_party *party);
WEB_EXPORT(web_party_revealed_id)
const uint8_t *web_party_revealed_id(const struct web_party *party);
WEB_EXPORT(web_party_revealed) const uint8_t *web_party_revealed(const struct web_party *party);
WEB_EXPORT(web_party_revealed_bytes) size_t web_party_revealed_bytes(const struct web_party *party);

/* Group actions, in Workers. Returns: WEB_OK, WEB_EINVAL (no secret key), WEB_ENOMEM; WEB_EBADMSG
 * (`beta` is no public key). */
WEB_EXPORT(web_derive_public)
enum web_result web_derive_public(const uint8_t *secret, uint8_t *beta);
WEB_EXPORT(web_derive_shared)
enum web_result web_derive_shared(const uint8_t *secret, const uint8_t *beta, uint8_t *shared);

/* Stamps: see admission/stamp.h. `subject` is kind (1), place (32), record (32), challenge (32). */
struct web_stamp_search;
WEB_EXPORT(web_stamp_search_new)
struct web_stamp_search *web_stamp_search_new(const uint8_t *subject); /* NULL: out of memory */
WEB_EXPORT(web_stamp_search_close) void web_stamp_search_close(struct web_stamp_search *search);
/* Returns: WEB_OK (the goal is reached), WEB_EAGAIN (not after so many more tries), WEB_ENOMEM. */
WEB_EXPORT(web_stamp_search_run)
enum web_result web_stamp_search_run(struct web_stamp_search *search, uint32_t effort,
                                     double tries_least, uint32_t tries_most);
WEB_EXPORT(web_stamp_search_tries)
double web_stamp_search_tries(const struct web_stamp_search *search);
WEB_EXPORT(web_stamp_search_effort)
uint32_t web_stamp_search_effort(const struct web_stamp_search *search);
WEB_EXPORT(web_stamp_search_nonce)
const uint8_t *web_stamp_search_nonce(const struct web_stamp_search *search);
WEB_EXPORT(web_stamp_check)
enum web_result web_stamp_check(const uint8_t *subject, const uint8_t *nonce, uint32_t *effort);
/* `classes` are STAMP_CLASSES counts of T1s. */
WEB_EXPORT(web_payment_first)
double web_payment_first(const uint32_t *classes, uint32_t price, uint32_t most);
WEB_EXPORT(web_payment_raise)
uint32_t web_payment_raise(const uint32_t *classes, uint32_t most);

/* Private links: see link/seal.h and link/invitation.h, whose struct is passed as it stands. */
WEB_EXPORT(web_link_key)
enum web_result web_link_key(uint8_t *key, const uint8_t *passphrase, size_t bytes,
                             const uint8_t *salt);
WEB_EXPORT(web_link_seal)
enum web_result web_link_seal(uint8_t *blob, const uint8_t *key, const uint8_t *text, size_t bytes);
WEB_EXPORT(web_link_open)
enum web_result web_link_open(uint8_t *text, size_t *bytes, const uint8_t *key,
                              const uint8_t *blobs, size_t count);
WEB_EXPORT(web_invitation_parse)
enum web_result web_invitation_parse(uint8_t *invitation, const uint8_t *text, size_t bytes);
WEB_EXPORT(web_invitation_print)
void web_invitation_print(uint8_t *text, const uint8_t *invitation);

/* Names on the wire. `name` is terminated. Returns: WEB_OK, WEB_EBADMSG, WEB_EMSGSIZE. */
WEB_EXPORT(web_place_tag) enum web_result web_place_tag(uint8_t *tag, const uint8_t *name);
WEB_EXPORT(web_bucket_hash)
void web_bucket_hash(uint8_t *hash, double created, uint32_t sequence, const uint8_t *place,
                     uint32_t kind);
WEB_EXPORT(web_hash) void web_hash(uint8_t *hash, const uint8_t *bytes, size_t count);

/* Primitives, for the known answers alone. */
WEB_EXPORT(web_argon2i)
enum web_result web_argon2i(uint8_t *hash, const uint8_t *password, size_t bytes,
                            const uint8_t *salt);
WEB_EXPORT(web_hkdf)
enum web_result web_hkdf(uint8_t *out, size_t out_bytes, const uint8_t *key, size_t key_bytes,
                         const uint8_t *salt, size_t salt_bytes, const uint8_t *info,
                         size_t info_bytes);
WEB_EXPORT(web_aead_seal)
void web_aead_seal(uint8_t *box, const uint8_t *key, const uint8_t *plaintext, size_t bytes,
                   const uint8_t *ad, size_t ad_bytes);
WEB_EXPORT(web_aead_open)
enum web_result web_aead_open(uint8_t *plaintext, const uint8_t *key, const uint8_t *box,
                              size_t bytes, const uint8_t *ad, size_t ad_bytes);
WEB_EXPORT(web_prp_encrypt)
enum web_result web_prp_encrypt(uint8_t *out, const uint8_t *key, const uint8_t *in);
WEB_EXPORT(web_prp_decrypt)
enum web_result web_prp_decrypt(uint8_t *out, const uint8_t *key, const uint8_t *in);
WEB_EXPORT(web_hidden_key_pair)
void web_hidden_key_pair(uint8_t *hidden, uint8_t *secret, const uint8_t *seed);
WEB_EXPORT(web_elligator2_map) void web_elligator2_map(uint8_t *u, const uint8_t *representative);
WEB_EXPORT(web_x25519)
void web_x25519(uint8_t *shared, const uint8_t *secret, const uint8_t *public_key);
WEB_EXPORT(web_ctidh_secret)
enum web_result web_ctidh_secret(uint8_t *secret, const uint8_t *seed);
WEB_EXPORT(web_ctidh_check) enum web_result web_ctidh_check(const uint8_t *public_key);

#endif
