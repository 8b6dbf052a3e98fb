/* Reading known answers from JSON and keeping score. */
#ifndef REUNION_TESTS_KAT_H
#define REUNION_TESTS_KAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for the name of anything in a file, and for what is said of it. */
enum { KAT_NAME_BYTES = 128 };

/* Passed and failed answers so far; a failure is printed by name at once. */
struct kat_score {
    unsigned passed;
    unsigned failed;
};

/* Count one answer, named `group[index] what`. */
void kat_expect(struct kat_score *score, bool right, const char *group, size_t index,
                const char *what);

/* A byte string that stands as hex under `key`, owned by the caller. A file that lacks it is not
 * of this form: says so and exits with status 2. */
struct kat_bytes {
    uint8_t *data;
    size_t bytes;
};
struct kat_bytes kat_take(const json_t *entry, const char *key);
/* The same of a string itself. */
struct kat_bytes kat_decode(const json_t *string);
/* The same, which must be `bytes` long. */
struct kat_bytes kat_take_exactly(const json_t *entry, const char *key, size_t bytes);
void kat_free(struct kat_bytes *value);

/* The same, copied to `out`, which has room for `bytes`. */
void kat_copy(uint8_t *out, const json_t *entry, const char *key, size_t bytes);

/* Whether `value` is exactly these bytes. */
bool kat_equal(const struct kat_bytes *value, const uint8_t *data, size_t bytes);

/* An integer or a boolean under `key`, with the same refusal. */
size_t kat_index(const json_t *entry, const char *key);
bool kat_flag(const json_t *entry, const char *key);

/* A text, a list or an object under `key`, with the same refusal; all stay `entry`'s. */
const char *kat_text(const json_t *entry, const char *key);
const json_t *kat_list(const json_t *entry, const char *key);
const json_t *kat_object(const json_t *entry, const char *key);

/* Say that a file is not of this form, because `key` is no `wanted`, and exit with status 2. */
_Noreturn void kat_refuse(const char *key, const char *wanted);

/* The two halves of a file of reunion-kat.json's form. */
void kat_primitives(struct kat_score *score, const json_t *primitives);
void kat_sessions(struct kat_score *score, const json_t *sessions);

#endif
