/* Guessing a hidden bit from what was observed, and whether the guesses are better than chance. */
#ifndef REUNION_TESTS_UNOBSERVABILITY_GUESS_H
#define REUNION_TESTS_UNOBSERVABILITY_GUESS_H

#include <stdbool.h>
#include <stddef.h>

/* DESIGN: a guesser learns from one half of the runs, where it is told the bit, and guesses in the
 * other; then the halves change places. The bit of each run is a fair coin of its own, so if the
 * observations do not depend on it the right guesses of one half are binomial with 1/2, exactly,
 * however the guesser works. So a verdict has a false-alarm probability that is known, and what is
 * left to a guesser is to be strong. */

/* Observations of `runs` runs, `width` numbers each. */
struct observations {
    const char *name; /* of what was looked at */
    size_t runs, width;
    double *values; /* of run r: values[r * width …] */
    bool *bits;
};

/* The least number of right guesses among `count` that chance gives with a probability of at most
 * `alarm`. */
size_t guess_threshold(size_t count, double alarm);

/* Let every kind of guesser try: a logistic regression, Gaussian naive Bayes, and the single number
 * that tells the worlds apart best. Prints what each has reached.
 * Returns: whether any was better than chance, with a false alarm's probability of at most `alarm`
 * in all. */
bool guess_all(const struct observations *observations, double alarm);

#endif
