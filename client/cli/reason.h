/* Why a server fails us, as one word for a program. */
#ifndef REUNION_CLI_REASON_H
#define REUNION_CLI_REASON_H

/* The word for an error of a request: what a status means, see v1_answers.h, or why there was no
 * answer. It does not change. */
const char *reason_word(int err);

#endif
