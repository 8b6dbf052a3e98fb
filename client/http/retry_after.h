/* Parsing of the header Retry-After. */
#ifndef REUNION_HTTP_RETRY_AFTER_H
#define REUNION_HTTP_RETRY_AFTER_H

#include <stdint.h>

/* A Retry-After (RFC 9110, 10.2.3) in milliseconds: seconds, or a date, which is compared with the
 * answer's own Date so that no clock but the server's counts. 0 for NULL, for what is neither, and
 * for a date without a Date; never more than a day. Any thread. */
int64_t retry_after_ms(const char *header, const char *date);

#endif
