"""What the rules of admission promise, by simulation, with few runs."""

import itertools
import unittest

from admission import (Attack, Rules, cheapest, flood, honest_s, junk_max, mean_game, pay, price,
                       raise_to)
from flood_game import HOUR_S, Pair, worst

RUNS = 12
GAMES = 24


class Prices(unittest.TestCase):
    def test_a_flood_settles_at_what_an_honest_client_can_pay(self):
        for cores, least_s, most_s in ((2, 1.5, 2.5), (20, 11, 16), (100, 48, 65)):
            settled = [asked for now_s, asked in flood(cores, 8) if now_s > 6 * 3600]
            self.assertGreater(honest_s(min(settled)), least_s, cores)
            self.assertLess(honest_s(max(settled)), most_s, cores)
            self.assertLess(max(settled) / min(settled), 1.2, cores)

    def test_whoever_swings_the_price_gets_it_no_higher(self):
        for cores in (2, 20):
            steady = max(asked for _, asked in flood(cores, 6))
            for minutes in (1, 10, 40):
                swung = flood(cores, 6, lambda now_s, span_s=60 * minutes:
                              int(now_s / span_s) % 2 == 0)
                self.assertLessEqual(max(asked for _, asked in swung), steady)

    def test_it_rises_step_by_step(self):
        asked = [each for _, each in flood(20, 4) if each > 0]
        steps = [after / before for before, after in itertools.pairwise(asked)]
        self.assertLess(max(steps), 1.2)

    def test_nothing_is_asked_some_hours_after(self):
        seen = flood(20, 6, lambda now_s: now_s < 3600)
        self.assertEqual([asked for now_s, asked in seen if now_s > 5.5 * 3600 and asked > 0], [])

    def test_what_is_hoarded_raises_it_no_further_than_it_is_worth(self):
        """Stamps are good for two hours at most, and have to be worth what is asked."""
        for junk_class in range(5, 16):
            junk = junk_max(junk_class)
            self.assertLessEqual(price(junk), 2 ** (junk_class - 1))
            self.assertGreater(price(junk + 1), 2 ** (junk_class - 1))


class Payments(unittest.TestCase):
    def test_as_the_client_has_it(self):
        """The same cases as in tests/unit/admission/test_payment.c."""
        for asked, classes, tries in (
                (0, {12: 4000}, 0), (16, {0: 4000, 1: 100}, 2048), (16, {12: 1000}, 4096),
                (16, {15: 200}, 2048), (16, {15: 300}, 1 << 14), (1366, {}, 4096),
                (1 << 17, {}, 1 << 18)):
            self.assertEqual(pay(asked, classes), tries, (asked, classes))
        for classes, effort in (({}, 4096), ({14: 30}, 8192), ({14: 40}, 1 << 14)):
            self.assertEqual(raise_to(classes), effort, classes)


class Meetings(unittest.TestCase):
    """What an attacker has to spend who releases all at the worst moment, with T2s."""

    def ratio(self, rules):
        attack, ratio = cheapest(rules, runs=RUNS)
        print(f"{rules}: {attack.spent_s:.0f} s by {attack}, {ratio:.0f} x")
        return ratio

    def test_a_minute_costs_twenty_times_the_pair_s_own_work(self):
        for action_s in (0.02, 0.05, 0.1):
            self.assertGreaterEqual(self.ratio(Rules(action_s)), 20)

    def test_phones_three_times_slower(self):
        self.assertGreaterEqual(self.ratio(Rules(0.15)), 15)

    def test_rules_without_an_order_or_without_raising_fail(self):
        """That is what the other tests would see."""
        self.assertLess(self.ratio(Rules(0.05, by_class=False)), 20)
        self.assertLess(self.ratio(Rules(0.05, elder_raises=False)), 20)

    def test_copied_betas_cost_nothing(self):
        rules = Rules(0.05)
        quiet_s = mean_game(rules, Attack(0, 14), RUNS).met_s
        copied_s = mean_game(rules, Attack(junk_max(14), 14, copied=True), RUNS).met_s
        self.assertLess(copied_s - quiet_s, 2 * rules.action_s + 0.01)


class FloodGame(unittest.TestCase):
    """An attacker who has spent as much as both honest people, in the way that is best for it."""

    def test_they_meet_soon(self):
        for waited_s in (60, HOUR_S):
            for action_s in (0.02, 0.05, 0.1):
                for named in (False, True):
                    median, nearly_all = worst(Pair(action_s, waited_s), named, GAMES)
                    print(f"{waited_s} s, {action_s} s an action, named {named}: median "
                          f"{median:.1f} x, 19 of 20 at most {nearly_all:.1f} x")
                    self.assertLessEqual(median, 6)
                    self.assertLessEqual(nearly_all, 10)

    def test_who_never_raises_is_not_found_soon(self):
        median, nearly_all = worst(Pair(0.05, 60, raises=False), False, GAMES)
        self.assertGreater(median, 6)
        self.assertGreater(nearly_all, 10)

    def test_what_remains_is_who_came_just_before(self):
        """It has had no time to raise its stamp, which takes 13 s on average."""
        median, _ = worst(Pair(0.05, 0), False, GAMES)
        self.assertGreater(median, 10)
        self.assertLess(median, 60)


if __name__ == "__main__":
    unittest.main(verbosity=2)
