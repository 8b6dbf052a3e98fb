#include "kat_datagram_values.h"

bool kat_is(const json_t *entry, const char *key, const uint8_t *data, size_t bytes)
{
    struct kat_bytes value = kat_take(entry, key);
    bool same = kat_equal(&value, data, bytes);
    kat_free(&value);
    return same;
}

uint64_t kat_u64(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        kat_refuse(key, "number");
    return (uint64_t)json_integer_value(value);
}

void kat_random_take(struct kat_random *values, const json_t *entry, const char *key)
{
    struct kat_bytes value = kat_take(entry, key);
    kat_random_add(values, &value);
    kat_free(&value);
}
