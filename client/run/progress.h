/* Progress of a session's work, in numbers and as one line of text. */
#ifndef REUNION_RUN_PROGRESS_H
#define REUNION_RUN_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_LINE_BYTES = 160 };

/* Zeros are a start. */
struct progress {
    size_t others;   /* whose T1, T2 or T3 was seen */
    size_t worked;   /* T1s worked through */
    size_t queued;   /* T1s to work through */
    size_t answered; /* others of whom a T3 came */
    size_t messages;
    int64_t since_ms; /* when the present work began, on a monotonic clock */
    size_t before;    /* T1s worked through until then */
    int64_t now_ms;
};

/* Take new counts in. The rate is that of the present work: it begins anew whenever there was none
 * to do. */
void progress_note(struct progress *progress, size_t worked, size_t queued, int64_t now_ms);

/* T1s in a thousand seconds, 0 while it is unknown; seconds that the rest will take, rounded up, or
 * -1. */
int64_t progress_rate(const struct progress *progress);
int64_t progress_left_s(const struct progress *progress);

/* The line, at most `columns` (and PROGRESS_LINE_BYTES - 1) characters of ASCII: what does not fit
 * is left out part by part, the last first. Returns: its length. */
size_t progress_line(const struct progress *progress, char line[static PROGRESS_LINE_BYTES],
                     size_t columns);

#endif
