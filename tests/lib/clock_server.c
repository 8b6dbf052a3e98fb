#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/service_clock.h"
#include "rendezvous/app_parts.h"

/* The server with clocks that commands on standard input move: "advance SECONDS" both of them,
 * "step SECONDS" the wall clock alone, and "run 0" has the monotonic one go on. Each is answered on
 * standard output by the number of requests that wait, once what has become due is done; "advance
 * 0" is the question for it. */

/* Both clocks stand still otherwise, so that tests are exact however slow the machine is. */
static int64_t start_s, start_ms;
static atomic_llong wall_ahead_s, monotonic_ahead_s;
static atomic_bool running;

static int64_t wall_s(void *state)
{
    (void)state;
    return start_s + atomic_load(&wall_ahead_s);
}

static int64_t monotonic_ms(void *state)
{
    (void)state;
    int64_t ms = atomic_load(&running) ? clock_monotonic_ms(&clock_system) : start_ms;
    return ms + atomic_load(&monotonic_ahead_s) * 1000;
}

/* A command is carried out whole before the server stops, and none after that. */
static pthread_mutex_t commanding = PTHREAD_MUTEX_INITIALIZER;
static struct app *app;

static void do_what_is_due(void)
{
    INVARIANT(box_serving_look(&app->box, INT32_MAX) == 0);
    service_clock_was_set(app->service);
    (void)listener_sweep(app->listener);
    if (app->metrics_listener)
        (void)listener_sweep(app->metrics_listener);
}

static void *obey(void *argument)
{
    (void)argument;
    char command[8];
    int64_t seconds;
    while (scanf("%7s %" SCNd64, command, &seconds) == 2) {
        atomic_fetch_add(&wall_ahead_s, seconds);
        if (command[0] == 'r')
            atomic_store(&running, true);
        if (command[0] == 'a')
            atomic_fetch_add(&monotonic_ahead_s, seconds);
        pthread_mutex_lock(&commanding);
        if (app) {
            do_what_is_due();
            printf("waiting %zu\n", service_counts(app->service).waiting);
            fflush(stdout);
        }
        pthread_mutex_unlock(&commanding);
    }
    return NULL;
}

static void start_obeying(struct app *started)
{
    app = started;
    /* It ends with the program, wherever it is. */
    pthread_t obeying;
    INVARIANT(pthread_create(&obeying, NULL, obey, NULL) == 0);
    pthread_detach(obeying);
}

static void stop_obeying(void)
{
    pthread_mutex_lock(&commanding);
    app = NULL;
    pthread_mutex_unlock(&commanding);
}

int main(int argc, char **argv)
{
    const struct clock_source clock = {wall_s, monotonic_ms, NULL};
    const struct app_watcher watcher = {start_obeying, stop_obeying};
    start_s = clock_wall_s(&clock_system) / 3600 * 3600; /* a window begins */
    start_ms = clock_monotonic_ms(&clock_system);
    return (int)app_main(argc, argv, &clock, &random_system, &watcher);
}
