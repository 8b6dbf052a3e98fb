/* Preloaded into a program: it dies, as by a power cut, before its step number KILL_AT, counted
 * from 1, or from the first step called KILL_FROM. Steps are what tells somebody something or
 * stores something: before and after each writing to standard output, before each fsync, and before
 * and after each rename. Their names go to the file KILL_LOG, one a line.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t write_really(int fd, const void *data, size_t bytes)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    return real(fd, data, bytes);
}

static void note(const char *name)
{
    const char *log = getenv("KILL_LOG");
    int fd = log ? open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    if (dprintf(fd, "%s\n", name) < 0)
        abort();
    close(fd);
}

static void step(const char *name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static long steps;
    const char *at = getenv("KILL_AT"), *from = getenv("KILL_FROM");
    pthread_mutex_lock(&lock);
    note(name);
    bool counts = steps > 0 || !from || strcmp(name, from) == 0;
    if (at && counts && ++steps == atol(at))
        kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *data, size_t bytes)
{
    if (fd != STDOUT_FILENO)
        return write_really(fd, data, bytes);
    step("tell");
    ssize_t written = write_really(fd, data, bytes);
    step("told");
    return written;
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    step("sync");
    return real(fd);
}

__attribute__((visibility("default"))) int rename(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "rename");
    step("rename");
    int result = real(from, to);
    step("renamed");
    return result;
}
