/* The assembled mix: what starts in which order, and stops in reverse. */
#ifndef REUNION_SERVER_MIX_APP_H
#define REUNION_SERVER_MIX_APP_H

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "mix/config.h"

/* Exit codes, as the help text says. */
enum mix_exit_code {
    MIX_EXIT_STOPPED = 0,
    MIX_EXIT_RESOURCES = 1,
    MIX_EXIT_SETTINGS = 2,
    MIX_EXIT_STATE = 3,
    MIX_EXIT_LISTEN = 4,
};

struct mix_app;

/* Read key, net file and tags, listen, start the threads, and log it. Clock and random must outlive
 * the app. What fails is logged.
 * Returns: MIX_EXIT_STOPPED (it runs; `*app` is the caller's), or with what code to exit. */
MUST_CHECK enum mix_exit_code mix_app_start(struct mix_app **app, const struct mix_config *config,
                                            const struct clock_source *clock,
                                            const struct random_source *random);

/* Read the net file again. A file that is not good is logged, and changes nothing. */
void mix_app_reread(struct mix_app *app);

/* Have what waits leave, write the tags to the disk, close, release. */
void mix_app_stop(struct mix_app *app);

/* The whole program: read the settings, start, run until SIGTERM or SIGINT, stop. Returns: the exit
 * code. */
enum mix_exit_code mix_main(int argc, char *const *argv, const struct clock_source *clock,
                            const struct random_source *random);

#endif
