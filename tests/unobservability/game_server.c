#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"
#include "rendezvous/app.h"

/* One server for each run of a game, each from the same beginning: this program never serves but
 * forks, and so starts a server in a millisecond. Its clock stands still and its randomness is
 * seeded, so that two runs differ by what they were sent alone. Commands on standard input:
 *
 *     run DATABASE LOG SEED PLANT
 *
 * is answered by "running PID" when that server listens (its log says where) and "ended CODE" when
 * it has been stopped by SIGTERM. With PLANT other than 0 it carries a mark in its memory: a leak
 * on purpose, which whoever looks at the memory must find. */

enum { NOON_S = 1732248000, MARK_BYTES = 1024, MARK = 0xee };

static bool planting;

static int64_t wall_s(void *state)
{
    (void)state;
    return NOON_S;
}

static int64_t monotonic_ms(void *state)
{
    return clock_monotonic_ms(&clock_system) + (state ? 1 : 0);
}

static void plant(void)
{
    /* It stays until the server ends. */
    static uint8_t *volatile mark;
    uint8_t *made = malloc(MARK_BYTES);
    INVARIANT(made);
    memset(made, MARK, MARK_BYTES);
    mark = made;
    (void)mark;
}

static void started(struct app *app)
{
    (void)app;
    if (planting)
        plant();
    printf("running %d\n", (int)getpid());
    fflush(stdout);
}

static void stopping(void)
{
}

static int serve(char *database, const char *log, uint64_t seed)
{
    const struct clock_source clock = {wall_s, monotonic_ms, NULL};
    struct seeded seeded = {seed};
    const struct random_source random = seeded_source(&seeded);
    char *arguments[] = {(char[]){"reunion-server"},
                         (char[]){"--listen"},
                         (char[]){"127.0.0.1:0"},
                         (char[]){"--log-level"},
                         (char[]){"debug"},
                         (char[]){"--db"},
                         database,
                         (char[]){"--metrics-listen"},
                         (char[]){"none"},
                         NULL};
    const struct app_watcher watcher = {started, stopping};
    INVARIANT(freopen(log, "we", stderr));
    return (int)app_main(9, arguments, &clock, &random, &watcher);
}

int main(void)
{
    char database[256], log[256];
    unsigned long long seed;
    int plant_it, status;
    while (scanf(" run %255s %255s %llu %d", database, log, &seed, &plant_it) == 4) {
        planting = plant_it != 0;
        pid_t child = fork();
        INVARIANT(child >= 0);
        if (child == 0)
            _exit(serve(database, log, seed));
        INVARIANT(waitpid(child, &status, 0) == child);
        printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
        fflush(stdout);
    }
    return 0;
}
