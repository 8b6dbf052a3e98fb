"""Whether two samples can be told apart: permutation tests, with a stated chance of a false alarm.

Under the hypothesis that both come from one source, every way to divide all values into two groups
of these sizes is as likely as the one that happened. So the share of divisions that differ as much
as the real one is a true p-value, whatever the distribution.
"""

import bisect
import random

# Enough for a p of half the bound to be seen below it nearly always, where six features are asked
# about with a false alarm once in a thousand.
DIVISIONS = 60000


def mean_difference(a, b):
    return abs(sum(a) / len(a) - sum(b) / len(b))


def kolmogorov_smirnov(a, b):
    """The greatest distance between the two empirical distributions."""
    a, b = sorted(a), sorted(b)
    return max(abs(bisect.bisect_right(a, x) / len(a) - bisect.bisect_right(b, x) / len(b))
               for x in a + b)


def p_value(a, b, statistic, seed, bound=1):
    """The share of divisions whose statistic is at least that of the real one, which counts too;
    once that is above the bound, it may be too small."""
    chance = random.Random(seed)
    values, real = list(a) + list(b), statistic(a, b)
    as_much = 1
    for _ in range(DIVISIONS):
        chance.shuffle(values)
        as_much += statistic(values[:len(a)], values[len(a):]) >= real - 1e-12
        if as_much > bound * (DIVISIONS + 1):
            break
    return as_much / (DIVISIONS + 1)


def suspicions(samples_a, samples_b, false_alarm, seed):
    """What tells two sources apart, each {feature: values}: [(feature, statistic, p)] of those
    whose p is below `false_alarm` divided by the number of questions asked, so that all questions
    together raise a false alarm with at most that probability."""
    statistics = (mean_difference, kolmogorov_smirnov)
    bound = false_alarm / (len(samples_a) * len(statistics))
    assert bound > 1 / (DIVISIONS + 1), "too few divisions to see so small a p"
    found = []
    for feature in sorted(samples_a):
        for statistic in statistics:
            p = p_value(samples_a[feature], samples_b[feature], statistic, seed, bound)
            if p <= bound:
                found.append((feature, statistic.__name__, p))
    return found
