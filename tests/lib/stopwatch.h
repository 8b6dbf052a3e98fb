/* How long a piece of work takes, on a machine that others use as well. */
#ifndef REUNION_TESTS_LIB_STOPWATCH_H
#define REUNION_TESTS_LIB_STOPWATCH_H

/* Nanoseconds of this thread for a call of `work`: the median of `rounds`, up to STOPWATCH_ROUNDS,
 * of the means of `times` calls each, after one round to get warm. */
enum { STOPWATCH_ROUNDS = 128 };
double stopwatch_ns(void (*work)(void), unsigned rounds, unsigned times);

/* The processor time that this thread has used, in nanoseconds. */
double stopwatch_now_ns(void);

#endif
