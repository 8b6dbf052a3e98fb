/* What of err.h needs the system: its words for errors, and its standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

const char *err_reason(int code)
{
    const char *text = strerrordesc_np(-code);
    return text ? text : "unknown error";
}

_Noreturn void invariant_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    abort();
}
