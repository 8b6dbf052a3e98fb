/* What is due when a test has moved a service's clock. */
#ifndef REUNION_TESTS_LIB_SERVICE_CLOCK_H
#define REUNION_TESTS_LIB_SERVICE_CLOCK_H

#include "service/service.h"

/* The clock was set: end the waits and change the buckets that are due, as the timer would sooner
 * or later. Returns when that is done. */
void service_clock_was_set(struct service *service);

#endif
