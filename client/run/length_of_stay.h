/* The length of a run's stay, fixed before anything is sent. */
#ifndef REUNION_RUN_LENGTH_OF_STAY_H
#define REUNION_RUN_LENGTH_OF_STAY_H

#include <stdint.h>

#include "base/random.h"

/* DESIGN: a run that exited because a message had come would show that by exiting. So the length
 * of its stay is the user's choice, or drawn at random, before anything is sent, and is kept in
 * any case. The random length is:
 *
 *   at least 10 minutes, as two people who agree on a time do not start in the same minute;
 *   then every second is the last with equal probability, 20 minutes on average, so that an exit
 * says nothing of how long the run lasted or of what happened in it; at most two hours, so that
 * everybody knows the maximum: one run in 240 stays that long.
 *
 * That is half an hour on average. Near its end no new answers are begun, as they would leave the
 * other side with half an exchange. */

enum {
    STAY_DRAWN_S_MIN = 10 * 60,
    STAY_DRAWN_S_MEAN_MORE = 20 * 60,
    STAY_DRAWN_S_MAX = 120 * 60,
    STAY_CLOSING_S_MAX = 60,
    STAY_CLOSING_PART = 4, /* of a short stay, no more than this part is without new answers */
};

/* Draw a length of stay. */
int64_t stay_draw_s(const struct random_source *random);

/* For how much of a stay new answers are begun. */
int64_t stay_open_ms(int64_t stay_s);

#endif
