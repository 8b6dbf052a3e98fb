/* The reason why a server fails, as one word for programs that read events. */
#ifndef REUNION_CLI_REASON_H
#define REUNION_CLI_REASON_H

#include "cli/json_line.h"

/* The word for an error of a request: what a status means, see v1_answers.h, or why there was no
 * answer. It does not change. */
const char *reason_word(int err);

/* Add the members "reason", a word, and "detail": "at WHERE: TEXT", or the text alone where it is
 * about no place (`where` is NULL). All are UTF-8. */
void reason_put(struct json_line *line, const char *word, const char *where, const char *text);

/* Put `server`, which one an event is about: its URL as the user gave it, in which there is never a
 * user name or password, with a question mark for each byte of what is not UTF-8. */
void reason_put_server(struct json_line *line, const char *url);

#endif
