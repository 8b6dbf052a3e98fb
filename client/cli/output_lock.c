#include "cli/output_lock.h"

#include <pthread.h>

#include "base/err.h"

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void output_lock(void)
{
    INVARIANT(pthread_mutex_lock(&lock) == 0);
}

void output_unlock(void)
{
    INVARIANT(pthread_mutex_unlock(&lock) == 0);
}
