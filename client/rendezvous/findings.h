/* Findings of a check: printed as they come, and summed up. */
#ifndef REUNION_RENDEZVOUS_FINDINGS_H
#define REUNION_RENDEZVOUS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/outcome.h"

struct findings {
    bool json;
    const char *server;   /* the URL of the one they are about; NULL: this machine */
    int broken;           /* why standard output takes no more; 0: it does */
    size_t wrong;         /* findings */
    enum outcome outcome; /* what the first of them means for the run; OUTCOME_DONE so far */
};

/* What follows is about the server `name`, which must stay, or (NULL) this machine; people are told
 * the name in a line before. */
void findings_of(struct findings *findings, const char *name);

/* Report a finding about `about` (one word) on standard output. */
void findings_good(struct findings *findings, const char *about, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void findings_wrong(struct findings *findings, enum outcome meaning, const char *about,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
