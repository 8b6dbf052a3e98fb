/* A service for games: time and dice are the game's, and what arrives is committed together. */
#ifndef REUNION_TESTS_UNOBSERVABILITY_SERVICE_GAME_H
#define REUNION_TESTS_UNOBSERVABILITY_SERVICE_GAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "lib/test.h"
#include "service/service.h"

/* Start one on a database file in memory; one at a time. What fails here fails the test. */
struct service *game_open(const struct random_source *dice);

/* Stop it and remove the file. */
void game_close(struct service *service);

/* Let time pass until whatever bucket is open is not any more. */
void game_next_window(void);

/* Have posts committed at once, in the order in which they are given, and all be stored. */
void game_commit_together(struct service *service, struct post *posts, size_t count);

/* The first column of a database's rows as it gives them when nobody asks for an order, one after
 * the other, at most `bytes_max` in all; `created_s` is the query's parameter. The caller's. */
struct blob game_rows(const char *sql, int64_t created_s, size_t bytes_max);

/* Arrivals: an order, or its opposite, and what a guesser who knows the order sees. */

enum {
    ARRIVALS = 8,
    ARRIVAL_PAIRS = ARRIVALS * (ARRIVALS - 1) / 2,
    ARRIVAL_WIDTH = ARRIVAL_PAIRS + 1, /* of what is seen */
};

void game_draw_order(size_t order[static ARRIVALS], bool opposite, struct seeded *seeded);

/* Of each pair in the order that was drawn, before it was turned round: which comes first in an
 * answer, where they have those places. */
void game_compare(double seen[static ARRIVAL_WIDTH], const double places[static ARRIVALS],
                  const size_t order[static ARRIVALS], bool opposite);

/* Where in an answer each of the arrivals' records stands; of these `length` bytes from `from` on
 * are looked for. */
void game_find_places(double places[static ARRIVALS], const struct blob *answer,
                      const void *records, size_t record_bytes, size_t from, size_t length);

#endif
