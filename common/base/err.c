#include "base/err.h"

#include <stddef.h>

static const struct {
    int code;
    const char *text;
} texts[] = {
    {0, "success"},
    {-EPERM, "refused"},
    {-EINVAL, "invalid argument"},
    {-EBADMSG, "malformed data"},
    {-EMSGSIZE, "wrong length"},
    {-ENOENT, "no such thing"},
    {-EEXIST, "stands already"},
    {-EBUSY, "place taken by something else"},
    {-ENOSPC, "no space left"},
    {-EDQUOT, "quota used up"},
    {-EMFILE, "too many at once"},
    {-ENFILE, "too many in this window"},
    {-EUSERS, "too many places"},
    {-EXDEV, "not in the same place"},
    {-EFBIG, "too much in all"},
    {-EACCES, "credential missing or wrong"},
    {-EKEYEXPIRED, "past its lifetime"},
    {-ELOOP, "one's own message"},
    {-ENOMEM, "out of memory"},
    {-EIO, "input or output failed"},
    {-EHOSTUNREACH, "no answer from the other side"},
    {-EPROTO, "answer not understood"},
    {-EAGAIN, "not now"},
    {-ECANCELED, "stopped"},
    {-ENOTSUP, "not supported by this version"},
};

const char *err_text(int code)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].code == code)
            return texts[i].text;
    return "unknown error";
}
