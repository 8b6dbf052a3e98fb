/* Values of the datagrams' known answers, read and compared where they stand. */
#ifndef REUNION_TESTS_KAT_DATAGRAM_VALUES_H
#define REUNION_TESTS_KAT_DATAGRAM_VALUES_H

#include "kat_datagrams.h"

/* Whether the byte string under `key` is exactly these. */
bool kat_is(const json_t *entry, const char *key, const uint8_t *data, size_t bytes);

/* The integer under `key`, 64 bits wide; refused as by kat_take. */
uint64_t kat_u64(const json_t *entry, const char *key);

/* Add the byte string under `key` to the random values of a case. */
void kat_random_take(struct kat_random *values, const json_t *entry, const char *key);

#endif
