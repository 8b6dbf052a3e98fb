"""Rules of style that reading the text of a file can show."""

import re
import unittest
from pathlib import Path

import tree

LINES_MAX = 600
COLUMNS_MAX = 100

# Folders and files named so tell nothing about what is in them.
EMPTY_NAMES = re.compile(r"^(utils?|misc|helpers?|core|common_utils?)$")

# Plans belong into issues, and the machine somebody worked on into nothing that is published.
# Spelt with a class so that this file does not contain what it looks for.
FORBIDDEN = re.compile(
    r"\b(TO[D]O|FIX[M]E|XX[X])\b|/roo[t]/|/hom[e]/|/wor[k]/|/tm[p]/(wt|build)|\.pyen[v]|"
    r"\bpyp[i]\.org|\bdeb\.debia[n]\.org|pythonhoste[d]", re.ASCII)

# A test waits for the event. (Words in comments have no parenthesis behind them.)
SLEEPS = re.compile(
    r"\b(u?slee[p]|nanoslee[p]|clock_nanoslee[p]|thrd_slee[p])\s*\(|^\s*slee[p]\s+[\d$]",
    re.MULTILINE)

TYPE_NAMES = re.compile(r"\b(?:struct|union|enum)\s+(\w+_t)\s*\{|^typedef\b[^;{]*\b(\w+_t);",
                        re.MULTILINE)


def too_long(content):
    return len(content.splitlines()) > LINES_MAX and not tree.is_generated(content)


def is_input(path):
    """What a fuzz target is fed: bytes of any kind."""
    return "corpus" in path.parts


def is_source(path):
    return path.suffix in (".c", ".h")


class TextRules(unittest.TestCase):
    def assert_none(self, found):
        self.assertEqual([str(each) for each in found], [])

    def texts(self, wanted=lambda path: True):
        """(path, content) of every file that is text."""
        for path in tree.files():
            if wanted(path) and path.suffix not in (".png", ".db") and not is_input(path):
                yield path, tree.text(path)

    def test_files_are_short(self):
        self.assert_none(path for path, content in self.texts(
            lambda path: path.suffix in (".c", ".h", ".py", ".sql", ".build")) if too_long(content))

    def test_lines_are_short(self):
        self.assert_none(
            f"{path}:{number}" for path, content in self.texts(
                lambda path: path.suffix in (".c", ".h", ".py", ".sql"))
            if not tree.is_generated(content)
            for number, line in enumerate(content.splitlines(), 1) if len(line) > COLUMNS_MAX)

    def test_names_say_something(self):
        self.assert_none(
            path for path in tree.files()
            if any(EMPTY_NAMES.match(part.partition(".")[0]) for part in path.parts))

    def test_no_plans_and_no_machines(self):
        self.assert_none(
            f"{path}: {found.group()}" for path, content in self.texts()
            for found in FORBIDDEN.finditer(content))

    def test_tests_do_not_sleep(self):
        self.assert_none(
            f"{path}: {found.group()}" for path, content in self.texts(
                lambda path: path.parts[0] in ("tests", ".ci", "Makefile"))
            for found in SLEEPS.finditer(content))

    def test_types_have_no_suffix(self):
        self.assert_none(
            f"{path}: {found.group()}" for path, content in self.texts(is_source)
            for found in TYPE_NAMES.finditer(content))

    def test_texts_end_with_a_line_end_and_have_no_tabs(self):
        self.assert_none(
            path for path, content in self.texts(
                lambda path: path.suffix in (".c", ".h", ".py", ".sql", ".md", ".build"))
            if content and (not content.endswith("\n") or "\t" in content or "\r" in content))

    def test_violations_are_found(self):
        self.assertTrue(too_long("x\n" * 601))
        self.assertFalse(too_long("/* Written by x.py; change that instead. */\n" + "x\n" * 601))
        for text in ("a TO" "DO", "/roo" "t/x", "/tm" "p/build-x", "FIX" "ME:"):
            self.assertTrue(FORBIDDEN.search(text), text)
        for text in ("time.slee" "p(1)", "uslee" "p (1)", "  slee" "p 0.1"):
            self.assertTrue(SLEEPS.search(text), text)
        for text in ("struct bucket_" "t {", "typedef struct x bucket_" "t;"):
            self.assertTrue(TYPE_NAMES.search(text), text)
        self.assertFalse(TYPE_NAMES.search("typedef struct bucket bucket;\nuint8_t t;"))
        for name in ("util.c", "misc.h", "core"):
            self.assertTrue(EMPTY_NAMES.match(Path(name).parts[-1].partition(".")[0]), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
