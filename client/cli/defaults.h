/* What holds for every run unless it is told something else. */
#ifndef REUNION_CLI_DEFAULTS_H
#define REUNION_CLI_DEFAULTS_H

#include "meet/bucket_check.h"

/* The buckets that are taken for everybody's. */
extern const struct bucket_bounds default_bounds;

/* A verdict on a bucket in words: what is wrong with it, as a sentence part. */
const char *default_verdict_text(enum bucket_verdict verdict);

/* Threads to compute on: one for each processor this program may use, up to 64. */
unsigned default_jobs(void);

#endif
