#include "transport/pool_answer.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b, void *record_bytes)
{
    return memcmp(a, b, *(const size_t *)record_bytes);
}

int pool_answer_take(struct pool_answer *answer, const uint8_t *bytes, size_t count,
                     size_t record_bytes)
{
    if (count % record_bytes != 0)
        return -EMSGSIZE;
    struct pool_answer taken = {.count = count / record_bytes, .record_bytes = record_bytes};
    if (count > 0) {
        taken.records = malloc(count);
        if (!taken.records)
            return -ENOMEM;
        memcpy(taken.records, bytes, count);
        qsort_r(taken.records, taken.count, record_bytes, compare, &record_bytes);
    }
    *answer = taken;
    return 0;
}

bool pool_answer_has(const struct pool_answer *answer, const uint8_t *record)
{
    size_t low = 0, high = answer->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order =
            memcmp(record, answer->records + middle * answer->record_bytes, answer->record_bytes);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

const uint8_t *pool_answer_next_new(const struct pool_answer *answer,
                                    const struct pool_answer *last, size_t *at)
{
    while (*at < answer->count) {
        const uint8_t *record = answer->records + (*at)++ * answer->record_bytes;
        if (!pool_answer_has(last, record))
            return record;
    }
    return NULL;
}

void pool_answer_clear(struct pool_answer *answer)
{
    free(answer->records);
    *answer = (struct pool_answer){0};
}
