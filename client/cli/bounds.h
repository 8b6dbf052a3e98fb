/* Which buckets count as those that everybody is offered, and what is wrong with others. */
#ifndef REUNION_CLI_BOUNDS_H
#define REUNION_CLI_BOUNDS_H

#include "cli/shared_options.h"
#include "session/bucket_check.h"

/* The bounds as wished. */
struct bucket_bounds bounds_of(const struct options *options);

/* What is wrong with a bucket: for people, as a sentence part; for programs, as a word, NULL for a
 * good one. */
const char *verdict_text(enum bucket_verdict verdict);
const char *verdict_word(enum bucket_verdict verdict);

#endif
