/* Letters of one post: those to one place, so many at a time. */
#ifndef REUNION_TRANSPORT_LETTERS_H
#define REUNION_TRANSPORT_LETTERS_H

#include <stddef.h>

#include "base/err.h"
#include "transport/transport.h"

/* Posts letters that all go to one place, and notes what became of each. */
typedef int letters_poster(void *state, enum record_kind kind, struct transport_letter **letters,
                           size_t count);

/* Post all letters by place, at most `*most` at a time, which the poster may lower meanwhile. Ends
 * with the first error of the poster. Returns: 0, that error, -ENOMEM. */
MUST_CHECK int letters_post(struct transport_letter *letters, size_t count, enum record_kind kind,
                            const size_t *most, letters_poster *post, void *state);

/* The same became of all. */
void letters_settle(struct transport_letter **letters, size_t count,
                    enum transport_outcome outcome);

#endif
