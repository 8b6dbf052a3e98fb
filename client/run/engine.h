/* The engine for group actions as programs describe and use it. */
#ifndef REUNION_RUN_ENGINE_H
#define REUNION_RUN_ENGINE_H

#include "cli/program_table.h"

extern const struct program_engine run_engine;

/* Threads to compute on: as many as wished; or one for each processor this program may use, up to
 * 64, where `wished` is 0. */
unsigned engine_threads(int64_t wished);

#endif
