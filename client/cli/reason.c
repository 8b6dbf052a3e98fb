#include "cli/reason.h"

#include "base/err.h"

const char *reason_word(int err)
{
    switch (err) {
    case -EHOSTUNREACH:
        return "unreachable";
    case -EPROTO:
        return "nonsense";
    case -ENOENT:
        return "no-bucket";
    case -EKEYEXPIRED:
        return "bucket-over";
    case -EAGAIN:
    case -ENOSPC:
        return "busy";
    default:
        return "not-taken";
    }
}
