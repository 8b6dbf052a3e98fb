/* Allocations that fail on purpose, one after another. */
#ifndef REUNION_TESTS_LIB_ALLOCATION_H
#define REUNION_TESTS_LIB_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the allocation number `which` (0 is the next one) of the code under test fails, once,
 * in whatever thread it is. Counts malloc, calloc, realloc, reallocarray and guarded memory of
 * everything linked into the test, and libcrypto's own. The test is linked with
 * allocation_link_args, and calls allocation_hook_libcrypto before anything uses libcrypto. */
void allocation_fail(size_t which);

/* No more failures; tells whether the one asked for has happened. */
bool allocation_relent(void);

void allocation_hook_libcrypto(void);

#endif
