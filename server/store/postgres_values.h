/* Values of statements for PostgreSQL, and of its rows: binary. */
#ifndef REUNION_STORE_POSTGRES_VALUES_H
#define REUNION_STORE_POSTGRES_VALUES_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/bucket_id.h"
#include "wire/sizes.h"

enum { POSTGRES_VALUES_MAX = 8, POSTGRES_BUCKET_BYTES = BUCKET_ID_BINARY_BYTES + ID_BYTES };

/* Parameters $1, $2, … of a statement, in order. Bytes are pointed to. */
struct postgres_values {
    int count;
    const char *at[POSTGRES_VALUES_MAX]; /* NULL: no value */
    int lengths[POSTGRES_VALUES_MAX];
    uint8_t numbers[POSTGRES_VALUES_MAX][sizeof(int64_t)];
    uint8_t bucket[POSTGRES_BUCKET_BYTES];
};

void values_bytes(struct postgres_values *values, const uint8_t *bytes, int length);
void values_number(struct postgres_values *values, int64_t number);
void values_nothing(struct postgres_values *values);

/* A statement's first two: a bucket, and the second of its window. `values` has nothing before. */
void values_bucket(struct postgres_values *values, const struct bucket_id *id);

/* Of a row at a place in a result: a column's bytes, of that length, or NULL. They are the
 * result's. */
const uint8_t *row_value(const PGresult *result, int at, int column, int length);

bool row_is_null(const PGresult *result, int at, int column);

/* A column of 8 bytes that is within bounds. Returns: 0, -EBADMSG. */
MUST_CHECK int row_integer(const PGresult *result, int at, int column, int64_t least, int64_t most,
                           int64_t *number);
MUST_CHECK int row_u32(const PGresult *result, int at, int column, uint32_t *number);

/* A column with a bucket. Returns: 0, -EBADMSG. */
MUST_CHECK int row_bucket_id(const PGresult *result, int at, int column, struct bucket_id *id);

#endif
