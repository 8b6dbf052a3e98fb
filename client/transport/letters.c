#include "transport/letters.h"

#include <stdlib.h>
#include <string.h>

static int compare_places(const void *a, const void *b)
{
    const struct transport_letter *const *x = a, *const *y = b;
    return memcmp(&(*x)->place, &(*y)->place, sizeof(*x)->place);
}

int letters_post(struct transport_letter *letters, size_t count, enum record_kind kind,
                 const size_t *most, letters_poster *post, void *state)
{
    struct transport_letter **sorted = calloc(count, sizeof(struct transport_letter *));
    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &letters[i];
    qsort(sorted, count, sizeof *sorted, compare_places);
    int err = 0;
    for (size_t done = 0, run; done < count && !err; done += run) {
        for (run = 1; done + run < count && run < *most; run++)
            if (compare_places(&sorted[done], &sorted[done + run]) != 0)
                break;
        err = post(state, kind, sorted + done, run);
    }
    free(sorted);
    return err;
}

void letters_settle(struct transport_letter **letters, size_t count, enum transport_outcome outcome)
{
    for (size_t i = 0; i < count; i++)
        letters[i]->outcome = outcome;
}
