"""The flood game: an attacker who has spent as much processor time as both who want to meet.

    flood_game.py [RUNS]    print how much longer they take, from so many games of each attack

One of the two was there before the flood and had paid nothing when it came; the other comes after.
The attacker has any number of connections, and of T1s with valid betas that were made before, so
only stamps cost it anything: it takes the 63 T1s that are free, and puts all it may spend into
stamps of one class, which it releases at once with T2s to the elder. All else is as in
admission.py, and in seconds of one processor.

What that comes to, by hand, for 0.05 s an action: undisturbed 0.5 + 2 * 0.05 = 0.6 s. The newcomer
pays 2^11 tries, 1.6 s, and the elder has paid 2^12, 3.3 s, so that all together is some 6 s: 450
stamps of 16 tries, or 1 of 2^12. The many stand behind both; the one costs an action or two. So
they meet after 0.5 + 1.6 + 0.1 s, which is 3.7 times as long.

An elder who came seconds before the flood has not raised its stamp yet, which takes 13 s on
average, and is met about then: that is 20 times as long.
"""

import dataclasses
import math
import random
import statistics
import sys

from admission import ANY_EVERY, FREE, RAISED, TRY_S, class_of, pay, price, worth

START_S = 0.5  # what a client does besides group actions: Argon2i of the phrase, keys, requests
BUCKET = 64
CLASSES = range(5, 15)
HOUR_S = 3600


@dataclasses.dataclass(frozen=True)
class Attack:
    stamps_class: int
    to_newcomer: bool  # T2s to the newcomer as well
    named: bool        # the newcomer knows the elder's bucket, which the attacker has filled

    def stamps(self, budget_s):
        """How many stamps of the class it can pay for, and post: what is asked grows meanwhile."""
        each = 2 ** (self.stamps_class - 1)
        count = int(budget_s / (each * TRY_S))
        while count > 0 and price(FREE + count - 1) > each:
            count -= 1
        return count


@dataclasses.dataclass(frozen=True)
class Pair:
    """Both who want to meet: how fast an action is, and for how long the elder has been there."""
    action_s: float
    waited_s: float
    raises: bool = True

    @property
    def quiet_s(self):
        return START_S + 2 * self.action_s


class Queue:
    """Junk by class, and perhaps one T1 that is looked for."""

    def __init__(self, rng, junk):
        self.rng, self.junk, self.actions = rng, dict(junk), 0

    def is_empty(self):
        return not any(self.junk.values())

    def take(self, wanted_class=None):
        """One action. Returns: whether it is for the T1 of this class that is looked for."""
        self.actions += 1
        counts = {each: count for each, count in self.junk.items() if count > 0}
        if wanted_class is not None:
            counts[wanted_class] = counts.get(wanted_class, 0) + 1
        if self.actions % ANY_EVERY == 0:
            taken, = self.rng.choices(list(counts), list(counts.values()))
        else:
            taken = max(counts)
        if taken == wanted_class and self.rng.randrange(counts[taken]) == 0:
            return True
        self.junk[taken] -= 1
        return False


def raising(rng, pair):
    """The elder raises its stamp with a quarter of a core. Returns: its class at a time, the flood
    being at 0, and the processor time that went into it until then."""
    done_s = 4 * RAISED * TRY_S * rng.expovariate(1) - pair.waited_s if pair.raises else math.inf
    effort = RAISED / max(rng.random(), 2 ** -20)
    if pair.waited_s >= HOUR_S:
        effort /= 1 + rng.randrange(2)
    spent_from_s = -min(pair.waited_s, HOUR_S)
    return (lambda now_s: class_of(effort) if now_s >= done_s else 0,
            lambda now_s: (min(now_s, done_s) - spent_from_s) / 4 if pair.raises else 0)


def play(rng, pair, attack, stamps):
    """One game. Returns: seconds from the newcomer's coming until both have met, and the processor
    time of both until then, the elder's since it came."""
    junk = {0: FREE - 1, attack.stamps_class: stamps}
    tries = pay(price(FREE + stamps), junk)
    posted_s = START_S + tries * TRY_S
    elder_class, raised_s = raising(rng, pair)
    found_s = look_for_elder(rng, pair, attack, posted_s, junk, elder_class)
    met_s, answers_s = be_answered(rng, pair, found_s, junk, class_of(worth(rng, tries)))
    worked_s = tries * TRY_S + (found_s - posted_s) + answers_s
    return met_s, 2 * START_S + worked_s + raised_s(met_s)


def look_for_elder(rng, pair, attack, now_s, junk, elder_class):
    """The newcomer takes its queues in turn; the elder is in the bucket that was named, or among
    all the rest."""
    rest = Queue(rng, junk)
    place = Queue(rng, {each: min(count, BUCKET - 2) for each, count in junk.items()}) \
        if attack.named else rest
    queues = ([place] if attack.named else []) + \
        [Queue(rng, junk if attack.to_newcomer else {}), rest]
    while True:
        for each in queues:
            if each.is_empty() and each is not place:
                continue
            now_s += pair.action_s
            if each.take(elder_class(now_s) if each is place else None):
                return now_s


def be_answered(rng, pair, there_s, junk, newcomer_class):
    """The elder takes those who have sent it T2s in turn with all others. Returns: when the
    newcomer is answered, and the elder's time for actions until then."""
    senders, rest = Queue(rng, junk), Queue(rng, junk)
    now_s = spent_s = 0.0
    while True:
        for each in (senders, rest):
            there = each is senders and now_s >= there_s
            if each.is_empty() and not there:
                continue
            now_s += pair.action_s
            spent_s += pair.action_s
            if each.take(newcomer_class if there else None):
                return now_s, spent_s
        if senders.is_empty() and rest.is_empty():
            now_s = max(now_s, there_s)


def ratios(pair, attack, runs, seed=1):
    """How many times longer than undisturbed they take, sorted. The attacker spends what both spend
    on average in the games that it brings about."""
    budget_s = 2 * START_S
    for _ in range(3):
        rng = random.Random(seed)
        stamps = attack.stamps(budget_s)
        games = [play(rng, pair, attack, stamps) for _ in range(runs)]
        budget_s = statistics.fmean(spent_s for _, spent_s in games)
    return sorted(met_s / pair.quiet_s for met_s, _ in games)


def nearly_all(sorted_ratios):
    """What 19 of 20 do not exceed."""
    return sorted_ratios[math.ceil(len(sorted_ratios) * 19 / 20) - 1]


def worst(pair, named, runs):
    """The largest median, and the largest of what 19 of 20 do not exceed, of all attacks."""
    found = [ratios(pair, Attack(stamps_class, to_newcomer, named), runs)
             for stamps_class in CLASSES for to_newcomer in (False, True)]
    return max(map(statistics.median, found)), max(map(nearly_all, found))


def main(arguments):
    runs = int(arguments[0]) if arguments else 20
    for waited_s in (HOUR_S, 60, 10, 0):
        for action_s in (0.02, 0.05, 0.1):
            for named in (False, True):
                median, most = worst(Pair(action_s, waited_s), named, runs)
                print(f"the elder has waited {waited_s} s, {action_s} s an action, bucket "
                      f"{'named' if named else 'not named'}: median {median:.1f} x, "
                      f"19 of 20 at most {most:.1f} x", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
