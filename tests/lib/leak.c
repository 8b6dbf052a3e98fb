/* Preloaded into a client: a leak on purpose, which a test of leaks must find. Having written to
 * standard output, the program waits a while before it next sends something. */
#include <dlfcn.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { LEAK_MS = 200 };

static atomic_bool reported;

__attribute__((visibility("default"))) ssize_t write(int fd, const void *data, size_t bytes)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (fd == STDOUT_FILENO)
        reported = true;
    return real(fd, data, bytes);
}

__attribute__((visibility("default"))) ssize_t send(int fd, const void *data, size_t bytes,
                                                    int flags)
{
    static ssize_t (*real)(int, const void *, size_t, int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "send");
    if (atomic_exchange(&reported, false))
        poll(NULL, 0, LEAK_MS);
    return real(fd, data, bytes, flags);
}
