#include "kat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

_Noreturn void kat_refuse(const char *key, const char *wanted)
{
    fprintf(stderr, "the file is not of this form: \"%s\" is no %s\n", key, wanted);
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
        kat_refuse("an entry", "hex string");
    struct kat_bytes value = {.data = calloc(1, strlen(hex) / 2 + 1), .bytes = strlen(hex) / 2};
    if (!value.data || hex_decode(value.data, value.bytes, hex))
        kat_refuse(hex, "hex string");
    return value;
}

struct kat_bytes kat_take(const json_t *entry, const char *key)
{
    const json_t *string = json_object_get(entry, key);
    if (!json_is_string(string))
        kat_refuse(key, "hex string");
    return kat_decode(string);
}

struct kat_bytes kat_take_exactly(const json_t *entry, const char *key, size_t bytes)
{
    struct kat_bytes value = kat_take(entry, key);
    if (value.bytes != bytes)
        kat_refuse(key, "string of the right length");
    return value;
}

void kat_copy(uint8_t *out, const json_t *entry, const char *key, size_t bytes)
{
    struct kat_bytes value = kat_take_exactly(entry, key, bytes);
    memcpy(out, value.data, bytes);
    kat_free(&value);
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
        kat_refuse(key, "index");
    return (size_t)json_integer_value(value);
}

bool kat_flag(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    if (!json_is_boolean(value))
        kat_refuse(key, "boolean");
    return json_is_true(value);
}

const char *kat_text(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    if (!text)
        kat_refuse(key, "text");
    return text;
}

const json_t *kat_list(const json_t *entry, const char *key)
{
    const json_t *list = json_object_get(entry, key);
    if (!json_is_array(list))
        kat_refuse(key, "list");
    return list;
}

const json_t *kat_object(const json_t *entry, const char *key)
{
    const json_t *object = json_object_get(entry, key);
    if (!json_is_object(object))
        kat_refuse(key, "object");
    return object;
}
