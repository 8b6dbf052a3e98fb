"""What kat_datagrams makes of files that are wrong: whatever is altered is noticed and named, and
what is no such file is refused with the reason."""

import copy
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["REUNION_BUILD"]) / "tests" / "kat_datagrams"
FILE = pathlib.Path(__file__).resolve().parent / "datagrams.json"
ALL = json.loads(FILE.read_text())

# In the box part these hold what must not be accepted: altered, it mostly must not either.
NEGATIVE = ("refused", "refused_frames", "also_accepted", "why")


def leaves(value, path=()):
    """Paths to all strings and numbers in it."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in NEGATIVE:
                yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for i, member in enumerate(value):
            yield from leaves(member, (*path, i))
    else:
        yield path


def at(value, path):
    for step in path:
        value = value[step]
    return value


def altered(leaf):
    if isinstance(leaf, int):
        return leaf + 1
    if leaf in ("client", "server"):
        return "server" if leaf == "client" else "client"
    return leaf[:-1] + ("1" if leaf[-1] == "0" else "0") if leaf else "00"


class Runner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "answers.json"

    def run_text(self, text, *options):
        self.file.write_text(text)
        return subprocess.run([PROGRAM, *options, self.file], capture_output=True, text=True)

    def run_parts(self, parts, *options):
        return self.run_text(json.dumps(parts), *options)

    def assert_refused(self, ran, *words):
        self.assertEqual(ran.returncode, 2, ran)
        self.assertNotIn("passed", ran.stdout)
        for word in words:
            self.assertIn(word, ran.stderr)

    def assert_failed(self, ran, *words):
        self.assertEqual(ran.returncode, 1, ran)
        self.assertRegex(ran.stdout, r"(?m)^FAILED ")
        self.assertRegex(ran.stdout, r"\n\d+ passed, [1-9]\d* failed\n$")
        for word in words:
            self.assertIn(word, ran.stdout)

    def test_a_part_alone_is_enough(self):
        for part in ("box", "mix", "groups"):
            ran = self.run_parts({part: ALL[part]})
            self.assertEqual(ran.returncode, 0, ran)
            self.assertRegex(ran.stdout, r"^\d+ passed, 0 failed\n$")

    def test_so_is_a_section_alone(self):
        for part in ("box", "mix", "groups"):
            for name, entries in ALL[part].items():
                ran = self.run_parts({part: {name: entries}})
                self.assertEqual(ran.returncode, 0, (part, name, ran))

    def test_what_it_does_not_know_is_a_failure(self):
        self.assert_failed(self.run_parts({**ALL, "rings": {}}), "rings")
        self.assert_failed(self.run_parts({"box": {**ALL["box"], "rings": []}}), "rings")

    def test_a_file_without_answers_does_not_pass(self):
        for parts in ({}, {"about": {}, "label": "x"}, {"box": {}}, {"box": {"packets": []}}):
            ran = self.run_parts(parts)
            self.assertEqual(ran.returncode, 1, ran)
            self.assertEqual(ran.stdout, "0 passed, 0 failed\n")
            self.assertIn("no known answer", ran.stderr)

    def test_a_file_that_is_not_there_or_no_json_is_refused(self):
        self.assert_refused(subprocess.run([PROGRAM, self.file], capture_output=True, text=True),
                            str(self.file), "No such file")
        text = json.dumps({"box": {"packets": ALL["box"]["packets"][:1]}})
        for cut in range(0, len(text) - 1, 97):
            self.assert_refused(self.run_text(text[:cut]), str(self.file), "line")
        self.assert_refused(self.run_text('{"box": {}, "box": {}}'), "duplicate")

    def test_other_forms_are_refused(self):
        for parts in ([], {"box": []}, {"box": {"packets": {}}}, {"box": {"packets": [1]}}):
            self.assert_refused(self.run_parts(parts), "not of this form")
        self.assert_refused(self.run_parts({"mix": ALL["mix"]}, "--part", "box"), "box")

    def test_options_are_read_strictly(self):
        for options in (["--part"], ["--parts", "box"], ["a", "b"], ["--part", "box", "a", "b"]):
            ran = subprocess.run([PROGRAM, *options], capture_output=True, text=True)
            self.assert_refused(ran, "usage")

    def test_a_field_that_is_missing_or_of_another_type_is_named(self):
        for name, entries in ALL["box"].items():
            for key in entries[0]:
                parts = {"box": {name: [copy.deepcopy(entries[0])]}}
                parts["box"][name][0][key] = None
                self.assert_refused(self.run_parts(parts), f'"{key}"')
                del parts["box"][name][0][key]
                self.assert_refused(self.run_parts(parts), f'"{key}"')

    def test_a_field_that_is_missing_is_noticed_in_mix(self):
        for name, entries in ALL["mix"].items():
            for key in entries[0]:
                parts = {"mix": {name: [copy.deepcopy(entries[0])]}}
                del parts["mix"][name][0][key]
                with self.subTest(name=name, key=key):
                    self.assertIn(self.run_parts(parts).returncode, (1, 2))

    def test_whatever_is_altered_is_noticed(self):
        sections = {"handshakes": ALL["box"]["handshakes"][1:2],
                    "packets": ALL["box"]["packets"][:2], "ops": ALL["box"]["ops"]}
        for name, entries in sections.items():
            for i, entry in enumerate(entries):
                for path in leaves(entry):
                    if path == ("op",):
                        continue  # some ops have the same form
                    parts = {"box": {name: [copy.deepcopy(entry)]}}
                    holder = at(parts["box"][name][0], path[:-1])
                    holder[path[-1]] = altered(holder[path[-1]])
                    ran = self.run_parts(parts)
                    self.assertIn(ran.returncode, (1, 2), (name, i, path, ran))

    def test_what_is_right_among_the_refused_is_noticed(self):
        handshake = ALL["box"]["handshakes"][0]
        for step in ("hello", "cookie", "vouch"):
            case = {**handshake, "refused": [{"step": step, "why": "it is right",
                                              "message": handshake[step]}]}
            self.assert_failed(self.run_parts({"box": {"handshakes": [case]}}),
                               f"{step} refused: it is right")
        for i, frame in enumerate(handshake["frames"]):
            case = {**handshake, "refused_frames": [{"at": i, "sender": frame["sender"],
                                                     "why": "it is right",
                                                     "frame": frame["frame"]}]}
            self.assert_failed(self.run_parts({"box": {"handshakes": [case]}}), "it is right")
        for packet in ALL["box"]["packets"]:
            for by, datagram in (("server", "request"), ("client", "answer")):
                case = {**packet, "refused": [{"by": by, "why": "it is right",
                                               "datagram": packet[datagram]}]}
                self.assert_failed(self.run_parts({"box": {"packets": [case]}}), "it is right")

    def test_what_is_wrong_among_the_accepted_is_noticed(self):
        packet = ALL["box"]["packets"][0]
        for refused in packet["refused"]:
            if refused["by"] == "server":
                case = {**packet, "also_accepted": [{"why": "it is wrong",
                                                     "request": refused["datagram"]}]}
                self.assert_failed(self.run_parts({"box": {"packets": [case]}}), "it is wrong")

    def test_what_stands_nowhere_is_refused(self):
        handshake = ALL["box"]["handshakes"][0]
        for key, wrong in (("refused", {"step": "goodbye", "why": "x", "message": ""}),
                           ("refused_frames", {"at": 99, "sender": "client", "why": "x",
                                               "frame": ""}),
                           ("refused_frames", {"at": 1, "sender": "nobody", "why": "x",
                                               "frame": ""})):
            case = {**handshake, key: [wrong]}
            self.assert_refused(self.run_parts({"box": {"handshakes": [case]}}), "not of this form")


if __name__ == "__main__":
    unittest.main(verbosity=2)
