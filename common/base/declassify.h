/* Marks where values computed from secrets become public by design. */
#ifndef REUNION_BASE_DECLASSIFY_H
#define REUNION_BASE_DECLASSIFY_H

#include <stddef.h>

/* Every call says beside it why the value may be known. In programs this does nothing; the
 * constant-time tests build the same sources with one of the two marks, so that whatever is not
 * declared here and reaches a branch or an address is reported. */
#if defined(MARK_SECRETS_VALGRIND)
#include <valgrind/memcheck.h>
static inline void declassify(const void *data, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(data, bytes);
}
#elif defined(MARK_SECRETS_MSAN)
#include <sanitizer/msan_interface.h>
static inline void declassify(const void *data, size_t bytes)
{
    __msan_unpoison(data, bytes);
}
#else
static inline void declassify(const void *data, size_t bytes)
{
    (void)data;
    (void)bytes;
}
#endif

#endif
