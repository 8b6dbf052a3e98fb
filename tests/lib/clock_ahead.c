/* Preloaded into a client: its monotonic clocks and its timers go as fast as a test wants.
 * At the unix socket CLOCK_AHEAD, which is made when the first timer is set, a line with a number
 * lets so many milliseconds pass at once. It is answered by "due", if a timer is due then, or
 * "waiting". The connection ends with the process.
 *
 * With CLOCK_LEAK set there is a leak on purpose: once something was written to standard output
 * that is no event, what is left until a timer is due becomes a tenth of it. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

enum { TIMERS_MAX = 16, LEAK_PART = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t ahead_ns;
static struct {
    int fd;
    int64_t due_ns; /* on the moved clock */
} timers[TIMERS_MAX];
static size_t timer_count;

static int64_t real_now_ns(clockid_t clock)
{
    static int (*real)(clockid_t, struct timespec *);
    struct timespec now;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    if (real(clock, &now))
        abort();
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t ahead(void)
{
    pthread_mutex_lock(&lock);
    int64_t now_ahead_ns = ahead_ns;
    pthread_mutex_unlock(&lock);
    return now_ahead_ns;
}

PUBLIC int clock_gettime(clockid_t clock, struct timespec *now)
{
    bool moved = clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME;
    int64_t ns = real_now_ns(clock) + (moved ? ahead() : 0);
    now->tv_sec = ns / 1000000000;
    now->tv_nsec = ns % 1000000000;
    return 0;
}

static int arm(int fd, int64_t left_ns)
{
    static int (*real)(int, int, const struct itimerspec *, struct itimerspec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "timerfd_settime");
    left_ns = left_ns > 0 ? left_ns : 1;
    const struct itimerspec when = {
        .it_value = {.tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000}};
    return real(fd, 0, &when, NULL);
}

/* Set all timers anew. One that was closed since fails, and is forgotten. `lock` is held.
 * Returns: whether one is due. */
static bool arm_all(void)
{
    bool due = false;
    size_t kept = 0;
    for (size_t i = 0; i < timer_count; i++) {
        int64_t left_ns = timers[i].due_ns - real_now_ns(CLOCK_BOOTTIME) - ahead_ns;
        if (arm(timers[i].fd, left_ns))
            continue;
        due = due || left_ns <= 0;
        timers[kept++] = timers[i];
    }
    timer_count = kept;
    return due;
}

static void *obey(void *state)
{
    int listener = *(int *)state, connection;
    while ((connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        char line[32];
        ssize_t length;
        while ((length = read(connection, line, sizeof line - 1)) > 0) {
            line[length] = '\0';
            pthread_mutex_lock(&lock);
            ahead_ns += strtoll(line, NULL, 10) * 1000000;
            bool due = arm_all();
            pthread_mutex_unlock(&lock);
            if (dprintf(connection, due ? "due\n" : "waiting\n") < 0)
                break;
        }
        close(connection);
    }
    return NULL;
}

static void listen_for_orders(void)
{
    static int listener;
    static pthread_t thread;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("CLOCK_AHEAD");
    if (!path || strlen(path) >= sizeof address.sun_path)
        abort();
    memcpy(address.sun_path, path, strlen(path));
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof address) ||
        listen(listener, 8) || pthread_create(&thread, NULL, obey, &listener))
        abort();
}

PUBLIC int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (flags != 0 || old)
        abort();
    pthread_once(&once, listen_for_orders);
    int64_t left_ns = new->it_value.tv_sec *INT64_C(1000000000) + new->it_value.tv_nsec;
    pthread_mutex_lock(&lock);
    size_t i = 0;
    while (i < timer_count && timers[i].fd != fd)
        i++;
    if (i == TIMERS_MAX)
        abort();
    if (i == timer_count)
        timers[timer_count++].fd = fd;
    timers[i].due_ns = real_now_ns(CLOCK_BOOTTIME) + ahead_ns + left_ns;
    int result = arm(fd, left_ns);
    pthread_mutex_unlock(&lock);
    return result;
}

static void leak(void)
{
    pthread_mutex_lock(&lock);
    int64_t now_ns = real_now_ns(CLOCK_BOOTTIME) + ahead_ns;
    for (size_t i = 0; i < timer_count; i++)
        timers[i].due_ns = now_ns + (timers[i].due_ns - now_ns) / LEAK_PART;
    arm_all();
    pthread_mutex_unlock(&lock);
}

PUBLIC ssize_t write(int fd, const void *data, size_t bytes)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (fd == STDOUT_FILENO && bytes > 0 && *(const char *)data != '{' && getenv("CLOCK_LEAK"))
        leak();
    return real(fd, data, bytes);
}
