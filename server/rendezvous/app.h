/* The assembled server: what starts in which order, and stops in reverse. */
#ifndef REUNION_RENDEZVOUS_APP_H
#define REUNION_RENDEZVOUS_APP_H

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "rendezvous/config.h"

/* Exit codes, as the help text tells them. */
enum app_exit {
    APP_EXIT_STOPPED = 0,
    APP_EXIT_RESOURCES = 1,
    APP_EXIT_SETTINGS = 2,
    APP_EXIT_DATABASE = 3,
    APP_EXIT_LISTEN = 4,
};

struct app;

/* Open the database, start the threads, listen, and say so in the log. Clock and random must
 * outlive the app. What fails is logged.
 * Returns: APP_EXIT_STOPPED (it runs; `*app` is the caller's), or with what code to exit. */
MUST_CHECK enum app_exit app_start(struct app **app, const struct config *config,
                                   const struct clock_source *clock,
                                   const struct random_source *random);

/* Accept nothing more, answer those who wait, commit what has come, close, release. */
void app_stop(struct app *app);

/* Read again what is read while the server runs: the list of box clients. One thread at a time. */
void app_reread(struct app *app);

/* Whoever accompanies a running server, as tests do. */
struct app_watcher {
    void (*started)(struct app *app); /* it answers */
    void (*stopping)(void);           /* the app is about to end */
};

/* The whole program: read the settings, start, run until SIGTERM, SIGINT or SIGHUP, stop. `watcher`
 * may be NULL. Returns: the exit code. */
enum app_exit app_main(int argc, char *const *argv, const struct clock_source *clock,
                       const struct random_source *random, const struct app_watcher *watcher);

#endif
