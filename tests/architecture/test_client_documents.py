"""The clients' manual pages and completions have what the tables of options have, and no more."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
PAGES = COMPLETIONS = BUILD / "client" / "installed"


def read_tables():
    return json.loads(subprocess.run([BUILD / "tests" / "lib" / "option_rows"], check=True,
                                     capture_output=True, text=True).stdout)


def plain(roff):
    """Text of a line of a manual page, without its fonts."""
    return re.sub(r"\\f.", "", roff).replace(r"\-", "-").replace(r"\e", "\\").replace(r"\&", "")


def section(page, title):
    return page.partition(f".SH {title}\n")[2].partition("\n.SH ")[0]


def terms(text):
    """[(the line of a .TP, the lines of its text)] of a section."""
    return [(plain(part.split("\n")[0]), [plain(each) for each in part.split("\n")[1:] if each])
            for part in re.split(r"^\.TP\n", text, flags=re.MULTILINE)[1:]]


def names_of(option):
    return [name for name in (option["name"], option["alias"]) if name]


def term_of(option):
    """How a manual page names an option."""
    value = f" {option['value']}" if option["value"] else ""
    letter = [f"-{option['letter']}"] if option["letter"] else []
    return ", ".join(letter + [f"--{name}{value}" for name in names_of(option)])


def flags(text):
    """All words of a script that look like long options."""
    return set(re.findall(r"(?<![\w-])--([a-z][a-z0-9-]*)", text))


def own_flags(options, extra=()):
    return {name for option in options for name in names_of(option)} | set(extra)


def fish_option(option, program, commands):
    """What a line of fish's `complete` says of an option: {flag: value}."""
    said = {"-c": program, "-d": option["brief"]}
    goes_with = option["commands"]
    if option["always"] or "" in goes_with and set(commands) < set(goes_with):
        return said
    named = [name for name in commands if (name in goes_with) == ("" not in goes_with)]
    said["-n"] = ("not " if "" in goes_with else "") + "__fish_seen_subcommand_from " + " ".join(
        named)
    return said


class ClientDocuments(unittest.TestCase):
    def setUp(self):
        self.tables = read_tables()
        self.assertEqual(len(self.tables), 4)

    def test_manual_pages_have_all_options(self):
        for program, table in self.tables.items():
            page = (PAGES / f"{program}.1").read_text()
            shown = [term for term, text in terms(section(page, "OPTIONS")) if text]
            self.assertEqual(shown, [term_of(option) for option in table["options"]], program)

    def test_manual_pages_have_all_exit_codes(self):
        for program, table in self.tables.items():
            page = (PAGES / f"{program}.1").read_text()
            shown = [(term, text[0]) for term, text in terms(section(page, "EXIT STATUS"))]
            self.assertEqual(shown, [(f"{each['code']} ({each['name']})", f"{each['meaning']}.")
                                     for each in table["outcomes"]], program)

    def test_bash_and_zsh_offer_all_options_and_no_others(self):
        for program, table in self.tables.items():
            own = own_flags(table["options"])
            letters = {option["letter"] for option in table["options"] if option["letter"]}
            bash = (COMPLETIONS / program).read_text()
            zsh = (COMPLETIONS / f"_{program}").read_text()
            self.assertEqual(flags(bash), own, program)
            self.assertEqual(flags(zsh), own, program)
            for command, brief in table["commands"].items():
                self.assertIn(command, bash)
                self.assertIn(command, zsh)
                self.assertTrue(brief)
            for letter in letters:
                self.assertRegex(bash, rf" -{letter} ")
                self.assertIn(f")-{letter}[", zsh)
            for option in table["options"]:
                self.assertIn(f"[{option['brief']}]", zsh)

    def test_bash_knows_which_options_take_what(self):
        for program, table in self.tables.items():
            script = (COMPLETIONS / program).read_text()
            cases = dict(re.findall(r"^    (--.*)\)\n +(_filedir|:)$", script, re.MULTILINE))
            taken = {"file": set(), "value": set()}
            for names, what in cases.items():
                taken["file" if what == "_filedir" else "value"] |= set(
                    word.removeprefix("--") for word in names.split("|") if word.startswith("--"))
            for kind, names in taken.items():
                self.assertEqual(names, own_flags(
                    option for option in table["options"] if option["kind"] == kind), program)

    def test_fish_says_all_of_each_option(self):
        for program, table in self.tables.items():
            found = {}
            for line in (COMPLETIONS / f"{program}.fish").read_text().splitlines():
                words = shlex.split(line, comments=True)
                if "-l" in words:
                    found[words[words.index("-l") + 1]] = words
            self.assertEqual(set(found), own_flags(table["options"]), program)
            for option in table["options"]:
                for name in names_of(option):
                    words = found[name]
                    said = {flag: words[words.index(flag) + 1] for flag in ("-c", "-d", "-n")
                            if flag in words}
                    self.assertEqual(said, fish_option(option, program, list(table["commands"])))
                    kind = "file" if "-r" in words else "value" if "-x" in words else "switch"
                    self.assertEqual(kind, option["kind"], words)
                    letter = words[words.index("-s") + 1] if "-s" in words else ""
                    self.assertEqual(letter, option["letter"], words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
