#include "store/postgres_values.h"

#include <endian.h>
#include <string.h>

/* Far beyond any clock, and far enough from the end of the range that times can be added to it. */
static const uint64_t CREATED_S_MAX = INT64_MAX / 2;

/* Parameters */

void values_bytes(struct postgres_values *values, const uint8_t *bytes, int length)
{
    INVARIANT(values->count < POSTGRES_VALUES_MAX);
    values->at[values->count] = (const char *)bytes;
    values->lengths[values->count++] = length;
}

void values_number(struct postgres_values *values, int64_t number)
{
    INVARIANT(values->count < POSTGRES_VALUES_MAX);
    uint8_t *bytes = values->numbers[values->count];
    uint64_t big_endian = htobe64((uint64_t)number);
    memcpy(bytes, &big_endian, sizeof big_endian);
    values_bytes(values, bytes, sizeof big_endian);
}

void values_nothing(struct postgres_values *values)
{
    values_bytes(values, NULL, 0);
}

void values_bucket(struct postgres_values *values, const struct bucket_id *id)
{
    bool is_common = place_is_common(id->place);
    bucket_id_pack(values->bucket, id);
    memcpy(values->bucket + BUCKET_ID_BINARY_BYTES, id->place, ID_BYTES);
    values->count = 0;
    values_bytes(values, values->bucket,
                 is_common ? BUCKET_ID_BINARY_BYTES : POSTGRES_BUCKET_BYTES);
    values_number(values, (int64_t)id->created);
}

/* Rows */

const uint8_t *row_value(const PGresult *result, int at, int column, int length)
{
    return !PQgetisnull(result, at, column) && PQgetlength(result, at, column) == length
               ? (const uint8_t *)PQgetvalue(result, at, column)
               : NULL;
}

bool row_is_null(const PGresult *result, int at, int column)
{
    return PQgetisnull(result, at, column);
}

int row_integer(const PGresult *result, int at, int column, int64_t least, int64_t most,
                int64_t *number)
{
    uint64_t big_endian;
    const uint8_t *bytes = row_value(result, at, column, sizeof big_endian);
    if (!bytes)
        return -EBADMSG;
    memcpy(&big_endian, bytes, sizeof big_endian);
    *number = (int64_t)be64toh(big_endian);
    return *number >= least && *number <= most ? 0 : -EBADMSG;
}

int row_u32(const PGresult *result, int at, int column, uint32_t *number)
{
    int64_t found;
    if (row_integer(result, at, column, 0, UINT32_MAX, &found))
        return -EBADMSG;
    *number = (uint32_t)found;
    return 0;
}

int row_bucket_id(const PGresult *result, int at, int column, struct bucket_id *id)
{
    const uint8_t *named = row_value(result, at, column, POSTGRES_BUCKET_BYTES);
    const uint8_t *bytes = named ? named : row_value(result, at, column, BUCKET_ID_BINARY_BYTES);
    if (!bytes || (named && place_is_common(named + BUCKET_ID_BINARY_BYTES)))
        return -EBADMSG;
    bucket_id_unpack(id, bytes);
    if (named)
        memcpy(id->place, named + BUCKET_ID_BINARY_BYTES, ID_BYTES);
    return id->created <= CREATED_S_MAX ? 0 : -EBADMSG;
}
