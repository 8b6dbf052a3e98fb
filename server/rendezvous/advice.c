#include "rendezvous/advice.h"

#include "base/err.h"

/* What an operator can do about a database that cannot be used. */
const char *file_advice(int err)
{
    switch (err) {
    case -EBADMSG:
        return "move it away, or name another with --db";
    case -EPROTONOSUPPORT:
        return "what it has is of no use any more: move it away, or name another with --db";
    case -ENOTSUP:
        return "run that version, or name another with --db";
    case -EBUSY:
        return "stop that one, or name another with --db";
    case -EAGAIN:
        return "close that one and start again";
    case -ENOENT:
    case -ENOTDIR:
        return "its directory does not exist: make it, or name another with --db";
    case -EINVAL:
        return "it is no regular file: name one with --db";
    case -EBADF:
        return "standard output or error leads into it: send the log elsewhere";
    case -ELOOP:
        return "its symbolic links lead nowhere: name a file with --db";
    case -ENAMETOOLONG:
        return "name a shorter one with --db";
    case -ENXIO:
    case -ENODEV:
        return "it is no regular file: name one with --db";
    case -EMFILE:
    case -ENFILE:
        return "raise the limit of open files";
    case -ENOMEM:
        return "make memory free and start again";
    case -EFBIG:
        return "raise the limit of a file's size and start again";
    case -EISDIR:
        return "it is a folder: name a file in it with --db";
    case -EACCES:
    case -EPERM:
    case -EROFS:
        return "see its owner and mode, or name another with --db";
    case -ENOSPC:
    case -EDQUOT:
        return "make room on its disk and start again";
    default:
        return "see the system's log for the disk";
    }
}

const char *postgres_advice(int err)
{
    switch (err) {
    case -EBUSY:
        return "one server at a time: stop that one, or name another database";
    case -ENOTSUP:
        return "run the version that made its tables, or name another database";
    case -EBADMSG:
        return "its schema reunion is not this server's, or is damaged: name another database";
    case -EACCES:
        return "let this user create a schema in it, or own the schema reunion";
    case -EPROTO:
        return "name the database itself, not the pooler";
    case -EHOSTUNREACH:
        return "see that it runs, and that it lets this user in from here";
    case -ENOSPC:
        return "make room on its disk and start again";
    default:
        return "see the database's own log";
    }
}
