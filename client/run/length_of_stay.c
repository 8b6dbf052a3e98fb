#include "run/length_of_stay.h"

int64_t stay_draw_s(const struct random_source *random)
{
    int64_t stay_s = STAY_DRAWN_S_MIN;
    while (stay_s < STAY_DRAWN_S_MAX && random_below(random, STAY_DRAWN_S_MEAN_MORE) != 0)
        stay_s++;
    return stay_s;
}

int64_t stay_open_ms(int64_t stay_s)
{
    int64_t closing_ms = stay_s * 1000 / STAY_CLOSING_PART;
    if (closing_ms > STAY_CLOSING_S_MAX * 1000)
        closing_ms = STAY_CLOSING_S_MAX * 1000;
    return stay_s * 1000 - closing_ms;
}
