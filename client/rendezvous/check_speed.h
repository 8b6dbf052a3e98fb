/* A benchmark of group actions on this machine. */
#ifndef REUNION_RENDEZVOUS_CHECK_SPEED_H
#define REUNION_RENDEZVOUS_CHECK_SPEED_H

#include "base/stop.h"
#include "rendezvous/findings.h"

/* Measure the group action on `jobs` threads for some seconds at most, and tell which engine runs
 * and how long a full bucket would take. Ends early with `stop`, telling nothing. */
void check_speed(struct findings *findings, unsigned jobs, const struct stop_source *stop);

#endif
