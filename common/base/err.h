/* Error codes: every fallible function returns 0 or one of these, negated. */
#ifndef REUNION_BASE_ERR_H
#define REUNION_BASE_ERR_H

#include <errno.h>

/* DESIGN: the one enum of the project is errno's, because the standard library, SQLite's and
 * libcurl's wrappers already speak it. The meanings used here:
 *
 *   -EPERM         the other side refused, or is not acceptable; what was told says why
 *   -EINVAL        an argument or setting is outside its documented range
 *   -EBADMSG       bytes from outside are malformed or fail their check
 *   -EMSGSIZE      bytes from outside have the wrong length
 *   -ENOENT        what was named is not there
 *   -EEXIST        it stands already, with the same content
 *   -EBUSY         the place is taken by something else
 *   -ENOSPC        a bound (capacity, quota, disk) is reached
 *   -EDQUOT        one's own quota is used up
 *   -EMFILE        as many things exist as may, all quotas aside
 *   -ENFILE        as many things exist as may in this window of time
 *   -EUSERS        as many places live as may
 *   -EXDEV         two T1s stand in different places
 *   -EFBIG         as much is kept as may be
 *   -EACCES        the credential is missing or wrong
 *   -EKEYEXPIRED   what was named is past its lifetime
 *   -ELOOP         one's own message came back
 *   -ENOMEM        an allocation failed
 *   -EIO           the store or the system failed
 *   -EHOSTUNREACH  the other side does not answer
 *   -EPROTO        the other side answers, but not in this protocol
 *   -EAGAIN        not now; trying later can succeed
 *   -ECANCELED     asked to stop
 *   -ENOTSUP       a newer format, or one this build does not have
 */

#define MUST_CHECK __attribute__((warn_unused_result))

/* A short English sentence part for a code above ("no such thing"); never NULL. Any thread. */
const char *err_text(int code);

/* The system's own words for an error of a file, a socket, a thread: what stands behind an errno
 * that was handed on as it came ("Cannot assign requested address"); never NULL. For what the codes
 * above mean in this project, err_text. Any thread. */
const char *err_reason(int code);

/* What cannot happen stops the program, in release builds too. */
#define INVARIANT(condition)                                                                       \
    ((condition) ? (void)0 : invariant_failed(#condition, __FILE__, __LINE__))

/* Prints the broken invariant to standard error and aborts. */
_Noreturn void invariant_failed(const char *condition, const char *file, int line);

#endif
