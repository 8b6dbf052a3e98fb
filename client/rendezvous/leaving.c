#include "rendezvous/leaving.h"

bool leave_when_enough(struct expectation *expectation, struct narrator *narrator,
                       struct signals *signals, size_t owed)
{
    int64_t now_ms = clock_monotonic_ms(&clock_system);
    enum expectation_next next =
        expectation_look(expectation, narrator->shown, owed, now_ms, &random_system);
    if (next == EXPECTATION_LEAVE)
        signals_stop_now(signals);
    if (next != EXPECTATION_LINGER)
        return next == EXPECTATION_LEAVE;
    int64_t seconds = (expectation->leave_ms - now_ms + 999) / 1000;
    narrator_lingers(narrator, seconds);
    if (signals_stop_after(signals, seconds))
        signals_stop_now(signals); /* better seen to leave than not leaving */
    return true;
}
