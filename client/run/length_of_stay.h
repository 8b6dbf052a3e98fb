/* How long a run stays: known at its beginning, whatever happens in it. */
#ifndef REUNION_RUN_LENGTH_OF_STAY_H
#define REUNION_RUN_LENGTH_OF_STAY_H

#include <stdint.h>

#include "base/random.h"

/* DESIGN: a run that left because it had met somebody would tell so by leaving. So the length of
 * its stay is the user's choice, or drawn, before anybody was met, and is kept to, whether or not
 * somebody is. What is drawn:
 *
 *   at least 10 minutes, as two who agree on a time are not there at the same minute;
 *   then each second is the last with the same chance, 20 minutes on the average: that somebody
 *   left says nothing of how long they were there, or of what happened before;
 *   two hours at most, so that everybody knows the longest: one in 240 stays that long.
 *
 * That is half an hour on the average. Near the end no new answers are begun, as the other side
 * would be left with half an exchange. */

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
