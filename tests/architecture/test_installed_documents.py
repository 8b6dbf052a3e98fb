"""Manual pages and completions, which are written by hand, have what the programs' tables have, and
no more."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import unittest

from needed import needs
import tree

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
CLIENT = pathlib.Path("client/installed")
CLIENT_PAGES = [CLIENT / f"{name}.1" for name in (
    "reunion-client", "reunion-group", "reunion-link", "reunion-on-an-ethernet")]
SERVER_PAGES = {pathlib.Path(f"server/installed/reunion-{name}.8"): name
                for name in ("server", "mix")}
# What a shell function of a program is called with, and what the shell has for it.
BASH = """
_init_completion() { words=("${asked[@]}"); cword=$((${#words[@]} - 1)); split=false
    cur=${words[cword]}; prev=${words[cword - 1]}; }
_filedir() { COMPREPLY=(FILE); }
script=$1; shift; asked=("$@"); COMPREPLY=()
source "$script"
"_${1//-/_}" || exit
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
_arguments() { print -rl -- "$@" }
script=$1; shift; words=("$@")
complete_it() { source $script }
complete_it
"""


def read_table(program):
    return json.loads(subprocess.run([BUILD / "tests" / "lib" / program], check=True,
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


def grouped(section_text):
    """{heading: [the term of each option below it]} of a section of options."""
    shown = {}
    for group in re.split(r"^\.SS ", section_text, flags=re.MULTILINE)[1:]:
        title, _, text = group.partition("\n")
        shown[plain(title)] = [term for term, told in terms(text) if told]
    return shown


def names_of(option):
    return [name for name in (option["name"], option["alias"]) if name]


def words_of(option):
    """An option as it is typed, with each of its names."""
    return [f"-{option['letter']}"] * bool(option["letter"]) + [
        f"--{name}" for name in names_of(option)]


def term_of(option):
    """How a manual page names an option."""
    value = f" {option['value']}" if option["value"] else ""
    letter = [f"-{option['letter']}"] if option["letter"] else []
    return ", ".join(letter + [f"--{name}{value}" for name in names_of(option)])


def commands_of(option, commands):
    """How a manual page says what an option goes with, where that is not plain."""
    names = [name for name in option["commands"] if name]
    named = " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])
    if "" in option["commands"]:
        return [f"Also with {named}."] if named else []
    return [] if set(commands) <= set(option["commands"]) else [f"Only with {named}."]


def own_words(options):
    return {word for option in options for word in words_of(option)}


def offered_with(table, command):
    """The options that are offered where `command` has been typed, or, with "", nothing."""
    if command or any("" in option["commands"] for option in table["options"]):
        return [option for option in table["options"] if command in option["commands"]
                or option["always"]]
    return [option for option in table["options"]
            if set(table["commands"]) <= set(option["commands"])]


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


class ClientPages(unittest.TestCase):
    def setUp(self):
        self.tables = read_table("option_rows")
        self.assertEqual(len(self.tables), 4)
        self.pages = {program: tree.text(CLIENT / f"{program}.1") for program in self.tables}

    def test_they_have_all_options_in_their_groups(self):
        for program, table in self.tables.items():
            wanted = {}
            for option in table["options"]:
                wanted.setdefault(option["group"], []).append(term_of(option))
            self.assertEqual(grouped(section(self.pages[program], "OPTIONS")), wanted, program)

    def test_they_say_what_an_option_goes_with(self):
        for program, table in self.tables.items():
            told = terms(section(self.pages[program], "OPTIONS"))
            for option, (term, text) in zip(table["options"], told):
                said = re.findall(r"(?:Also|Only) with [a-z, ]+\.", " ".join(text))
                self.assertEqual(said, commands_of(option, table["commands"]), (program, term))

    def test_they_have_the_defaults(self):
        for program, table in self.tables.items():
            told = terms(section(self.pages[program], "OPTIONS"))
            for option, (term, text) in zip(table["options"], told):
                said = [line for line in text if line.startswith("Default: ")]
                wanted = f"Default: {option['preset']}[.,].*" if option["preset"] else \
                    "(?!Default: [0-9]).*"
                self.assertRegex(" ".join(said), f"^{wanted}$", (program, term))

    def test_they_have_all_exit_codes(self):
        for program, table in self.tables.items():
            shown = [(term, " ".join(text).lower())
                     for term, text in terms(section(self.pages[program], "EXIT STATUS"))]
            self.assertEqual(shown, [(f"{each['code']} ({each['name']})",
                                      f"{each['meaning']}.".lower())
                                     for each in table["outcomes"]], program)

    def test_they_have_the_variable_of_servers(self):
        for program, table in self.tables.items():
            shown = [term for term, text in terms(section(self.pages[program], "ENVIRONMENT"))
                     if text]
            has_server = any(option["name"] == "server" for option in table["options"])
            self.assertEqual(".B REUNION_SERVER" in shown, has_server, program)


class Version(unittest.TestCase):
    def test_pages_have_the_project_s(self):
        project = json.loads(subprocess.run(
            ["meson", "introspect", "--projectinfo", BUILD], check=True, capture_output=True,
            text=True).stdout)
        pages = [*CLIENT_PAGES, *SERVER_PAGES]
        self.assertEqual(len(pages), 6)
        for page in pages:
            head = tree.text(page).split("\n")[0]
            self.assertIn(f' "REUNION {project["version"]}" ', head, page)


class Completions(unittest.TestCase):
    def setUp(self):
        needs(self, "bash", "zsh")
        self.tables = read_table("option_rows")

    def cases(self):
        return [(program, table, command) for program, table in self.tables.items()
                for command in ["", *table["commands"]]]

    def run_in(self, shell, script, path, *words):
        done = subprocess.run([*shell, "-c", script, shell[0], tree.SOURCE / path, *words],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def bash(self, program, *words):
        return self.run_in(["bash", "--norc"], BASH, CLIENT / f"{program}.bash", program, *words)

    def test_bash_offers_what_goes_with_a_command(self):
        for program, table, command in self.cases():
            wanted = own_words(offered_with(table, command))
            offered = self.bash(program, *[command] * bool(command), "-")
            self.assertEqual(sorted(offered), sorted(wanted), (program, command))

    def test_bash_offers_commands_as_the_first_word(self):
        for program, table in self.tables.items():
            offered = [word for word in self.bash(program, "") if not word.startswith("-")]
            self.assertEqual(offered, list(table["commands"]), program)

    def test_bash_knows_which_options_take_what(self):
        for program, table in self.tables.items():
            for option in table["options"]:
                for name in names_of(option):
                    offered = self.bash(program, f"--{name}", "")
                    kind = {"file": ["FILE"], "value": [""]}.get(option["kind"])
                    self.assertTrue(offered == kind or kind is None and len(offered) > 5,
                                    (program, name, offered))

    def test_zsh_says_all_of_each_option(self):
        for program, table, command in self.cases():
            found = {}
            for line in self.run_in(["zsh", "-f"], ZSH, CLIENT / f"{program}.zsh", program,
                                    *[command] * bool(command)):
                match = re.fullmatch(r"(?:\(([^)]*)\)|\*)?(--?[a-zA-Z-]+)(=?)\[(.*)\](:.*)?", line)
                if match:
                    self.assertNotIn(match[2], found)
                    found[match[2]] = match
            offered = offered_with(table, command)
            self.assertEqual(set(found), own_words(offered), (program, command))
            for option in offered:
                tail = {"switch": None, "file": f":{option['value']}:_files",
                        "value": f":{option['value']}: "}[option["kind"]]
                words = words_of(option)
                for word in words:
                    others, _, equals, brief, what = found[word].groups()
                    self.assertEqual((brief, what), (option["brief"], tail), word)
                    self.assertEqual(bool(equals), word.startswith("--") and bool(tail), word)
                    self.assertEqual(others, " ".join(words) if len(words) > 1 else None, word)

    def test_zsh_has_the_commands(self):
        for program, table in self.tables.items():
            script = tree.text(CLIENT / f"{program}.zsh")
            self.assertEqual(re.findall(r"^ {8}'([a-z]+):(?!command)(.*)'$", script, re.MULTILINE),
                             list(table["commands"].items()), program)

    def test_fish_says_all_of_each_option(self):
        for program, table in self.tables.items():
            found = {}
            for line in tree.text(CLIENT / f"{program}.fish").splitlines():
                words = shlex.split(line, comments=True)
                if "-l" in words:
                    found[words[words.index("-l") + 1]] = words
            self.assertEqual(set(found), {name for option in table["options"]
                                          for name in names_of(option)}, program)
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

    def test_fish_has_the_commands(self):
        for program, table in self.tables.items():
            lines = [shlex.split(line) for line in
                     tree.text(CLIENT / f"{program}.fish").splitlines() if " -a " in line]
            shown = {words[words.index("-a") + 1]: words[words.index("-d") + 1] for words in lines}
            self.assertEqual(shown, table["commands"], program)


class ServerPages(unittest.TestCase):
    def pages(self):
        return [(name, read_table(f"{name}_setting_rows"), tree.text(page))
                for page, name in SERVER_PAGES.items()]

    def test_they_have_all_settings_in_their_groups(self):
        for name, rows, page in self.pages():
            wanted = {}
            for row in rows:
                value = f" {row['value']}" if row["value"] else ""
                wanted.setdefault(row["group"], []).append(f"--{row['name']}{value}")
            self.assertEqual(grouped(section(page, "OPTIONS")), wanted, name)

    def test_they_have_their_variables_and_defaults(self):
        for name, rows, page in self.pages():
            for row, (term, text) in zip(rows, terms(section(page, "OPTIONS"))):
                said = [line for line in text if re.match("(Default|Variable): ", line)]
                wanted = [f"Default: {row['preset']}."] if row["preset"] else []
                wanted += [f"Variable: {row['variable']}."] if row["variable"] else []
                self.assertEqual(said, wanted, (name, term))

    def test_they_have_all_exit_codes(self):
        for name, _, page in self.pages():
            usage = subprocess.run([BUILD / "server" / f"reunion-{name}", "--help"], check=True,
                                   capture_output=True, text=True).stdout
            wanted = re.findall(r"^ +(\d)  (.*(?:\n {7}.*)*)",
                                usage.partition("\nExit status:\n")[2], re.MULTILINE)
            shown = [(code, " ".join(text).rstrip(".").lower())
                     for code, text in terms(section(page, "EXIT STATUS"))]
            self.assertEqual(shown, [(code, " ".join(meaning.lower().split()))
                                     for code, meaning in wanted])


if __name__ == "__main__":
    unittest.main(verbosity=2)
