#include "guess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { GUESSERS = 3, HALVES = 2, LEARNING_STEPS = 60 };

/* A half of the runs, standardised by the mean and deviation of the half that is learned from. */
struct half {
    size_t runs, width;
    double *values;
    const bool *bits;
};

size_t guess_threshold(size_t count, double alarm)
{
    /* From the top down: P(X >= k), by logarithms, as 2^-count is no number any more. */
    double log_ways = 0, tail = 0, log_all = (double)count * log(2);
    for (size_t k = count;; k--) {
        tail += exp(log_ways - log_all);
        if (tail > alarm || k == 0)
            return k + 1;
        log_ways += log((double)k) - log((double)(count - k + 1));
    }
}

static double *numbers(size_t count)
{
    double *made = calloc(count, sizeof *made);
    INVARIANT(made);
    return made;
}

/* Gaussian naive Bayes: a mean and a variance for each number in each world. */

static void moments(const struct half *half, bool bit, double *means, double *variances)
{
    double count = 0;
    memset(means, 0, half->width * sizeof *means);
    memset(variances, 0, half->width * sizeof *variances);
    for (size_t r = 0; r < half->runs; r++) {
        if (half->bits[r] != bit)
            continue;
        count++;
        for (size_t i = 0; i < half->width; i++) {
            double value = half->values[r * half->width + i];
            means[i] += value;
            variances[i] += value * value;
        }
    }
    for (size_t i = 0; i < half->width; i++) {
        means[i] /= count;
        variances[i] = variances[i] / count - means[i] * means[i] + 1e-3;
    }
}

static size_t guess_by_bayes(const struct half *known, const struct half *asked)
{
    size_t right = 0, width = known->width;
    double *means[2] = {numbers(width), numbers(width)};
    double *variances[2] = {numbers(width), numbers(width)};
    for (int bit = 0; bit < 2; bit++)
        moments(known, bit, means[bit], variances[bit]);
    for (size_t r = 0; r < asked->runs; r++) {
        double score = 0;
        for (size_t i = 0; i < width; i++) {
            double value = asked->values[r * width + i];
            double off0 = value - means[0][i], off1 = value - means[1][i];
            score += log(variances[0][i] / variances[1][i]) + off0 * off0 / variances[0][i] -
                     off1 * off1 / variances[1][i];
        }
        right += (score > 0) == asked->bits[r] ? 1 : 0;
    }
    for (int bit = 0; bit < 2; bit++) {
        free(means[bit]);
        free(variances[bit]);
    }
    return right;
}

/* Logistic regression, by gradient descent with a pull towards zero. */

static double dot(const double *weights, const double *values, size_t width)
{
    double sum = 0;
    for (size_t i = 0; i < width; i++)
        sum += weights[i] * values[i];
    return sum;
}

static void learn_step(const struct half *known, double *weights, double *slope)
{
    double rate = 4.0 / (double)known->width;
    memset(slope, 0, known->width * sizeof *slope);
    for (size_t r = 0; r < known->runs; r++) {
        const double *values = known->values + r * known->width;
        double off = (known->bits[r] ? 1 : 0) - 1 / (1 + exp(-dot(weights, values, known->width)));
        for (size_t i = 0; i < known->width; i++)
            slope[i] += off * values[i];
    }
    for (size_t i = 0; i < known->width; i++)
        weights[i] += rate * (slope[i] / (double)known->runs - 0.01 * weights[i]);
}

static size_t guess_by_regression(const struct half *known, const struct half *asked)
{
    size_t right = 0;
    double *weights = numbers(known->width), *slope = numbers(known->width);
    for (int step = 0; step < LEARNING_STEPS; step++)
        learn_step(known, weights, slope);
    for (size_t r = 0; r < asked->runs; r++) {
        bool guess = dot(weights, asked->values + r * asked->width, asked->width) > 0;
        right += guess == asked->bits[r] ? 1 : 0;
    }
    free(weights);
    free(slope);
    return right;
}

/* The one number and the one threshold that divide the known half best. */

struct place {
    double value;
    bool bit;
};

static int by_value(const void *one, const void *other)
{
    double a = ((const struct place *)one)->value, b = ((const struct place *)other)->value;
    return (a > b) - (a < b);
}

struct division {
    size_t number;
    double above; /* values over that … */
    bool bit;     /* … mean this bit */
    double right;
};

static void divide(const struct half *known, size_t number, struct place *places,
                   struct division *best)
{
    double ones = 0, below_ones = 0;
    for (size_t r = 0; r < known->runs; r++) {
        places[r] = (struct place){known->values[r * known->width + number], known->bits[r]};
        ones += known->bits[r] ? 1 : 0;
    }
    qsort(places, known->runs, sizeof *places, by_value);
    for (size_t r = 0; r + 1 < known->runs; r++) {
        below_ones += places[r].bit ? 1 : 0;
        if (places[r].value >= places[r + 1].value)
            continue;
        double below = (double)(r + 1), above = (double)known->runs - below;
        double right = (below - below_ones) + (ones - below_ones); /* if 1 is above */
        bool bit = right > (below + above) / 2;
        if (!bit)
            right = below + above - right;
        if (right > best->right)
            *best =
                (struct division){number, (places[r].value + places[r + 1].value) / 2, bit, right};
    }
}

static size_t guess_by_division(const struct half *known, const struct half *asked)
{
    struct division best = {0};
    struct place *places = calloc(known->runs, sizeof *places);
    INVARIANT(places);
    for (size_t number = 0; number < known->width; number++)
        divide(known, number, places, &best);
    free(places);
    size_t right = 0;
    for (size_t r = 0; r < asked->runs; r++) {
        bool above = asked->values[r * asked->width + best.number] > best.above;
        right += (above == best.bit) == asked->bits[r] ? 1 : 0;
    }
    return right;
}

/* The games */

static void standardise(const struct half *known, const struct half *asked)
{
    for (size_t i = 0; i < known->width; i++) {
        double sum = 0, squares = 0, count = (double)known->runs;
        for (size_t r = 0; r < known->runs; r++) {
            sum += known->values[r * known->width + i];
            squares += known->values[r * known->width + i] * known->values[r * known->width + i];
        }
        double mean = sum / count, variance = squares / count - mean * mean;
        double deviation = variance > 1e-12 * mean * mean + 1e-12 ? sqrt(variance) : 1;
        for (size_t r = 0; r < known->runs; r++)
            known->values[r * known->width + i] =
                (known->values[r * known->width + i] - mean) / deviation;
        for (size_t r = 0; r < asked->runs; r++)
            asked->values[r * known->width + i] =
                (asked->values[r * known->width + i] - mean) / deviation;
    }
}

static struct half half_of(const struct observations *observations, size_t from, size_t runs)
{
    size_t bytes = runs * observations->width * sizeof(double);
    struct half half = {runs, observations->width, numbers(runs * observations->width),
                        observations->bits + from};
    memcpy(half.values, observations->values + from * observations->width, bytes);
    return half;
}

/* Learn from one half, guess in the other. */
static bool play(const struct observations *observations, bool second, double alarm)
{
    static const struct {
        const char *name;
        size_t (*guess)(const struct half *known, const struct half *asked);
    } guessers[GUESSERS] = {{"regression", guess_by_regression},
                            {"bayes", guess_by_bayes},
                            {"division", guess_by_division}};
    size_t middle = observations->runs / 2, rest = observations->runs - middle;
    struct half first = half_of(observations, 0, middle);
    struct half last = half_of(observations, middle, rest);
    const struct half *known = second ? &first : &last, *asked = second ? &last : &first;
    bool reported = false;
    standardise(known, asked);
    size_t threshold = guess_threshold(asked->runs, alarm);
    printf("  %-10s %s half:", observations->name, second ? "second" : "first ");
    for (size_t i = 0; i < GUESSERS; i++) {
        size_t right = guessers[i].guess(known, asked);
        printf(" %s %zu", guessers[i].name, right);
        reported |= right >= threshold;
    }
    printf(" of %zu right; %zu would be no chance%s\n", asked->runs, threshold,
           reported ? ": TOLD APART" : "");
    free(first.values);
    free(last.values);
    return reported;
}

bool guess_all(const struct observations *observations, double alarm)
{
    double each = alarm / (GUESSERS * HALVES);
    bool first = play(observations, false, each), second = play(observations, true, each);
    return first || second;
}
