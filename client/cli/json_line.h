/* One event as a line of JSON (RFC 8259), made in guarded memory. */
#ifndef REUNION_CLI_JSON_LINE_H
#define REUNION_CLI_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: an event is one flat object whose values are texts, whole numbers and truth values.
 * jansson would do it, but leaves copies of what it writes in memory that is not wiped, and events
 * hold passphrases and messages. */

struct json_line;

enum {
    JSON_LINE_VERSION = 1,       /* "v" of every event: grows when a reader would misunderstand */
    JSON_LINE_BYTES_MAX = 12288, /* the longest invitation fits */
};

/* Begin {"v":1,"event":NAME. Returns: 0, -ENOMEM. */
MUST_CHECK int json_line_open(struct json_line **line, const char *event);

/* The same, with room for a text of so many bytes besides. Returns: 0, -ENOMEM. */
MUST_CHECK int json_line_open_for(struct json_line **line, const char *event, size_t text_bytes);

/* Add a member; keys are constants without characters to escape. What does not fit into
 * the room is seen by json_line_write. A byte of `text` that is no UTF-8 becomes U+FFFD. */
void json_line_text(struct json_line *line, const char *key, const uint8_t *text, size_t bytes);
void json_line_word(struct json_line *line, const char *key, const char *text);
void json_line_number(struct json_line *line, const char *key, int64_t number);
void json_line_flag(struct json_line *line, const char *key, bool flag);
void json_line_null(struct json_line *line, const char *key);

/* End the object, write it as one line, wipe and release it in any case.
 * Returns: 0, -EMSGSIZE (nothing was written), the system's error (`fd` takes no more). */
MUST_CHECK int json_line_write(struct json_line *line, int fd);

#endif
