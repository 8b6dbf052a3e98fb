"""One word for one thing: names that were replaced do not come back."""

import re
import unittest

import tree

# What is said instead, by the pattern of a whole identifier.
REPLACED = {
    r"meet|meet_\w+|MEET_\w+": "session",
    r"(attendance|ATTENDANCE)(_\w+)?": "session_progress",
    r"(company|COMPANY)(_\w+)?": "multi_session",
    r"(tally|TALLY)(_\w+)?": "seen_messages",
    r"lane|lane_(open|close)": "circuit",
    r"allowance(_\w+)?": "token_bucket",
    r"cold|cold_\w+|\w+_cold|COLD_\w+": "evicted",
    r"warm|warm_\w+": "cached",
    r"chances|CHANCES_\w+": "clock_counter",
    r"deaf|is_deaf": "event_lost",
    r"(stranger|STRANGER)S?(s)?(_\w+)?": "early_t2s, foreign_answer",
    r"(newcomer|NEWCOMER)S?(s)?(_\w+)?": "pending_peers",
    r"narrator(_\w+)?": "reporter",
    r"words_(source|text|ready|passphrase\w*|take_environment)": "credentials",
    r"tell|tell_\w+|\w+_tell": "report",
    r"say|say_\w+": "print",
    r"told|told_\w+|\w+_told": "reported",
    r"ways|way_(open|rows)|ways_\w+": "transports, connection",
    r"ending|ending_(outcome|signals)": "exit_status, fatal_signals",
    r"expectation(_\w+)?": "expected_count",
    r"keeping(_\w+)?": "persistence",
    r"leaving_(open|close|enter|exit|tell)": "exit_policy",
    r"transport_kind|TRANSPORT_T[123]": "record_kind",
}
# A field's own word: lanes of vectors and of Argon2; what a file's name ends in.
FIELD = {"lane": ("common/ctidh/", "common/crypto/"),
         "ending": ("client/state/", "server/store/")}

NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|^[ \t]*#[ \t]*include[^\n]*',
                     re.DOTALL | re.MULTILINE)
CONTRACT = re.compile(r"\bGive" + r"s:")
PATTERNS = {re.compile(pattern): instead for pattern, instead in REPLACED.items()}


def replaced(path, content):
    """Identifiers in C that are to be called otherwise."""
    found = []
    for name in sorted(set(re.findall(r"\b[A-Za-z_]\w*", NO_CODE.sub(" ", content)))):
        if str(path).startswith(FIELD.get(name, ("/",))):
            continue
        found += [f"{path}: {name}: say {instead}" for pattern, instead in PATTERNS.items()
                  if pattern.fullmatch(name)]
    return found


class Vocabulary(unittest.TestCase):
    def test_names_that_were_replaced_are_gone(self):
        sources = [path for path in tree.files(".c", ".h")
                   if path.parts[0] in ("common", "server", "client")]
        self.assertTrue(sources)
        found = [each for path in sources for each in replaced(path, tree.text(path))]
        self.assertEqual(found, [])

    def test_contracts_say_what_a_function_returns(self):
        found = [str(path) for path in tree.files(".c", ".h", ".py")
                 if CONTRACT.search(tree.text(path))]
        self.assertEqual(found, [])

    def test_they_are_found(self):
        for code in ("struct meet *x;", "int tally_add(void);", "bool told;", "x->cold_t1s = 0;"):
            self.assertEqual(len(replaced("client/x.c", code)), 1, code)
        for code in ("/* We meet. */", 'print("tell nobody");', '#include "x/told.h"',
                     "struct session *s;"):
            self.assertEqual(replaced("client/x.c", code), [], code)
        self.assertEqual(replaced("common/ctidh/x.c", "unsigned lane;"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
