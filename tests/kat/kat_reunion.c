/* Known answers: kat_reunion [FILE] runs a file of the form of reunion-kat.json. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "kat.h"

static _Noreturn void refuse(const char *key, const char *wanted)
{
    fprintf(stderr, "kat_reunion: the file is not of this form: \"%s\" is no %s\n", key, wanted);
    exit(2);
}

void kat_expect(struct kat_score *score, bool right, const char *group, size_t index,
                const char *what)
{
    if (right) {
        score->passed++;
        return;
    }
    score->failed++;
    printf("FAILED %s[%zu] %s\n", group, index, what);
}

struct kat_bytes kat_decode(const json_t *string)
{
    const char *hex = json_string_value(string);
    if (!hex)
        refuse("an entry", "hex string");
    struct kat_bytes value = {.data = calloc(1, strlen(hex) / 2 + 1), .bytes = strlen(hex) / 2};
    if (!value.data || hex_decode(value.data, value.bytes, hex))
        refuse(hex, "hex string");
    return value;
}

struct kat_bytes kat_take(const json_t *entry, const char *key)
{
    const json_t *string = json_object_get(entry, key);
    if (!json_is_string(string))
        refuse(key, "hex string");
    return kat_decode(string);
}

struct kat_bytes kat_take_exactly(const json_t *entry, const char *key, size_t bytes)
{
    struct kat_bytes value = kat_take(entry, key);
    if (value.bytes != bytes)
        refuse(key, "string of the right length");
    return value;
}

void kat_free(struct kat_bytes *value)
{
    free(value->data);
    *value = (struct kat_bytes){NULL, 0};
}

bool kat_equal(const struct kat_bytes *value, const uint8_t *data, size_t bytes)
{
    return value->bytes == bytes && memcmp(value->data, data, bytes) == 0;
}

size_t kat_index(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        refuse(key, "index");
    return (size_t)json_integer_value(value);
}

bool kat_flag(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    if (!json_is_boolean(value))
        refuse(key, "boolean");
    return json_is_true(value);
}

int main(int argc, char **argv)
{
    const char *file = argc == 2 ? argv[1] : KAT_DEFAULT_FILE;
    if (argc > 2) {
        fprintf(stderr, "usage: kat_reunion [FILE]\n");
        return 2;
    }
    if (secret_init())
        return 2;
    json_error_t error;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        fprintf(stderr, "kat_reunion: %s: %s\n", file, error.text);
        return 2;
    }
    struct kat_score score = {0, 0};
    kat_primitives(&score, json_object_get(root, "primitives"));
    kat_sessions(&score, json_object_get(root, "sessions"));
    json_decref(root);
    printf("%u passed, %u failed\n", score.passed, score.failed);
    return score.failed == 0 && score.passed > 0 ? 0 : 1;
}
