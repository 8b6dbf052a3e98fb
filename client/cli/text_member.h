/* Text from another party as a member of a JSON event. */
#ifndef REUNION_CLI_TEXT_MEMBER_H
#define REUNION_CLI_TEXT_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/json_line.h"

/* Add bytes as "text", or as "hex" where they are not UTF-8. Returns: 0, -ENOMEM (nothing added).
 */
MUST_CHECK int text_member_put(struct json_line *line, const uint8_t *text, size_t bytes);

#endif
