"""The rules of admission, played against an attacker: prices, what is paid, and whom clients serve.

    admission.py [RUNS]     print what an attacker has to spend, from so many runs each

Everything is in seconds of one processor; a try takes TRY_S. The same seed gives the same game.
"""

import dataclasses
import math
import random
import sys

TRY_S = 0.0008
HALF_LIFE_S = 2400
FREE = 64
FREE_SERVER = 1024
PAID_LEAST, PAID_MOST, RAISED = 2 ** 11, 2 ** 14, 2 ** 12
ACTION_TRIES = 128  # what a group action is taken to cost by who chooses what to pay
ANY_EVERY = 8       # so many actions, and one of them takes any T1 of the queue


def price(amount, free=FREE):
    if amount < free:
        return 0
    return math.ceil(16 * 2 ** (math.floor((amount - free) / free) / 8))


class Stock:
    """T1s that came lately to a place, which is the only one of its server."""

    def __init__(self):
        self.amount, self.at_s = 0.0, 0.0

    def left(self, now_s):
        return self.amount * 2 ** ((self.at_s - now_s) / HALF_LIFE_S)

    def add(self, now_s, more=1):
        self.amount, self.at_s = self.left(now_s) + more, now_s

    def price(self, now_s):
        left = self.left(now_s)
        return max(price(left), price(left, FREE_SERVER))


# Prices.


def flood(cores, hours, works=lambda now_s: True):
    """Somebody posts all they can pay while `works` says so. Returns: (time, price) as they go."""
    stock, now_s, seen = Stock(), 0.0, []
    while now_s < hours * 3600:
        asked = stock.price(now_s)
        seen.append((now_s, asked))
        if works(now_s):
            now_s += max(asked, 1) * TRY_S / cores
            stock.add(now_s)
        else:
            now_s += 60
    return seen


def honest_s(asked):
    """What an honest client's stamp of that worth takes on average."""
    return asked * TRY_S


# Meeting.


def worth(rng, tries):
    """The best of so many tries: above x with a chance of 1 - (1 - 1/x)^tries."""
    return 1 / -math.expm1(math.log(1 - rng.random()) / tries)


def class_of(effort):
    return 0 if effort < 1 else 1 + math.floor(math.log2(effort))


def pay(asked, classes):
    """Tries to make before posting, `classes` being T1s by class."""
    if asked == 0:
        return 0
    least = max(PAID_LEAST, math.ceil(1.5 * asked))
    powers = [2 ** power for power in range(32) if 2 ** power >= least]
    powers = [powers[0]] + [power for power in powers[1:] if power <= PAID_MOST]
    return min(powers, key=lambda tries: cost(tries, class_of(tries), classes))


def cost(tries, mine, classes):
    ahead = sum(count for other, count in classes.items() if other > mine)
    return tries + ACTION_TRIES * (ahead + classes.get(mine, 0) / 2)


def raise_to(classes):
    powers = [2 ** power for power in range(12, 15)]
    return min(powers, key=lambda effort: cost(effort / 4, class_of(effort), classes))


@dataclasses.dataclass(frozen=True)
class Attack:
    """So much junk in a class, that is released at once."""
    junk: int
    junk_class: int
    before: bool = False       # as the newcomer looks; else when it has paid and posted
    t2s_to_elder: bool = True
    t2s_to_newcomer: bool = False
    copied: bool = False       # all with one beta, whose group action is known after the first

    @property
    def spent_s(self):
        return self.junk * 2 ** (self.junk_class - 1) * TRY_S


def junk_max(junk_class):
    """How much junk of a class can be posted at once: what is asked grows with it."""
    junk = 1
    while price(junk) <= 2 ** (junk_class - 1):
        junk += 1
    return junk - 1


@dataclasses.dataclass(frozen=True)
class Rules:
    """What clients do; the rules, unless told otherwise, and `action_s`, how fast they are."""
    action_s: float
    elder_raises: bool = True
    by_class: bool = True


class Queue:
    """Junk of one class, and one T1 that is looked for, of a class that may rise."""

    def __init__(self, rng, rules, attack, junk):
        self.rng, self.rules, self.attack = rng, rules, attack
        self.junk, self.actions = junk, 0

    def take(self, wanted_class):
        """One action. Returns: whether it was for the T1 that is looked for (None: it is not
        there), and how long it took."""
        self.actions += 1
        if wanted_class is None and self.junk == 0:
            return False, 0
        drawn = not self.rules.by_class or self.actions % ANY_EVERY == 0 or \
            wanted_class == self.attack.junk_class
        if wanted_class is None:
            found = False
        elif drawn:
            found = self.rng.randrange(self.junk + 1) == 0
        else:
            found = self.junk == 0 or wanted_class > self.attack.junk_class
        if found:
            return True, self.rules.action_s
        self.junk -= 1
        known = self.attack.copied and self.junk < self.attack.junk - 1
        return False, 0 if known else self.rules.action_s


def classes_now(rng, rules, attack, started_s, effort):
    """How a client's class rises: what it has, then what it raises to with a quarter of a core."""
    target = raise_to({attack.junk_class: attack.junk})
    after_s = started_s + 4 * target * TRY_S * rng.expovariate(1)
    raised = max(class_of(effort), class_of(target))
    return lambda now_s: raised if now_s >= after_s else class_of(effort)


@dataclasses.dataclass(frozen=True)
class Game:
    met_s: float   # from the newcomer's coming on
    spent_s: float  # by both, until then


def play(rng, rules, attack):
    """An elder was there before, having paid nothing; a newcomer comes, and the junk."""
    asked = price(attack.junk) if attack.before else 0
    classes = {attack.junk_class: attack.junk} if attack.before else {}
    tries = pay(asked, classes)
    posted_s = tries * TRY_S
    spent_s = posted_s
    elder_effort = worth(rng, RAISED) / (1 + rng.randrange(2)) if rules.elder_raises else 0
    released_s = 0 if attack.before else posted_s
    elder = classes_now(rng, rules, attack, released_s, elder_effort) if rules.elder_raises else \
        lambda _: 0
    newcomer = classes_now(rng, rules, attack, posted_s, worth(rng, tries) if tries else 0)
    found_s, spent = look_for_elder(rng, rules, attack, posted_s, elder)
    met_s, more = answer(rng, rules, attack, released_s, found_s, newcomer)
    return Game(met_s, spent_s + spent + more)


def look_for_elder(rng, rules, attack, now_s, elder):
    """The newcomer works through all that stands, and through who sent it T2s in turn with that."""
    rest = Queue(rng, rules, attack, attack.junk)
    began_s, turn = now_s, 0
    while True:
        turn += 1
        if attack.t2s_to_newcomer and turn % 2 and rest.junk > 0:
            _, took_s = rest.take(None)
            now_s += took_s
            continue
        found, took_s = rest.take(elder(now_s))
        now_s += took_s
        if found:
            return now_s, now_s - began_s


def answer(rng, rules, attack, now_s, arrives_s, newcomer):
    """The elder works through who sent it T2s, among whom the newcomer is from then on."""
    senders = Queue(rng, rules, attack, attack.junk if attack.t2s_to_elder else 0)
    spent_s = 0
    while True:
        there = now_s >= arrives_s
        if not there and senders.junk == 0:
            now_s = arrives_s
            continue
        found, took_s = senders.take(newcomer(now_s) if there else None)
        now_s += took_s
        spent_s += took_s
        if found:
            return now_s, spent_s


def mean_game(rules, attack, runs, seed=1):
    rng = random.Random(seed)
    games = [play(rng, rules, attack) for _ in range(runs)]
    return Game(sum(game.met_s for game in games) / runs,
                sum(game.spent_s for game in games) / runs)


def delayed_by(rules, shape, delay_s, runs):
    """The least junk of that shape that delays the pair by so much on average, or None."""
    quiet_s = mean_game(rules, dataclasses.replace(shape, junk=0), runs).met_s
    most = junk_max(shape.junk_class)
    low, high = 1, most + 1
    while low < high:
        middle = (low + high) // 2
        attack = dataclasses.replace(shape, junk=middle)
        if mean_game(rules, attack, runs).met_s - quiet_s >= delay_s:
            high = middle
        else:
            low = middle + 1
    return dataclasses.replace(shape, junk=low) if low <= most else None


def shapes():
    for junk_class in range(5, 18):
        for before in (False, True):
            for t2s_to_newcomer in (False, True):
                yield Attack(1, junk_class, before, True, t2s_to_newcomer)


def cheapest(rules, delay_s=60, runs=40):
    """The attack that delays a pair for the least. Returns: it, and its processor seconds for each
    of the pair's own."""
    best = None
    for shape in shapes():
        attack = delayed_by(rules, shape, delay_s, runs)
        if attack and (best is None or attack.spent_s < best.spent_s):
            best = attack
    return best, best.spent_s / mean_game(rules, best, runs).spent_s


def main(arguments):
    runs = int(arguments[0]) if arguments else 40
    for cores in (2, 20, 100):
        seen = [asked for now_s, asked in flood(cores, 8) if now_s > 6 * 3600]
        print(f"{cores} cores flooding: an honest client works {honest_s(max(seen)):.1f} s, "
              f"swing {max(seen) / min(seen):.2f}")
    for action_s in (0.02, 0.05, 0.1, 0.15):
        attack, ratio = cheapest(Rules(action_s), runs=runs)
        print(f"{action_s} s an action: a minute costs {attack.spent_s:.0f} s, {ratio:.1f} x the "
              f"pair's own; {attack}")


if __name__ == "__main__":
    main(sys.argv[1:])
