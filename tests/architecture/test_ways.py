"""The ways of docs/architecture.md: their files are there, and call each other in that order."""

import re
import unittest

import tree

DOCUMENT = "docs/architecture.md"
STEP = re.compile(r"^(\d+)\. `([^`]+)`(?: \((?:from (\d+))?(?:, )?(?:through `(\w+)`)?\))? ",
                  re.MULTILINE)
# At the start of a line, so of a function; the line before may end with its type.
DEFINITION = re.compile(r"^(\w[\w *]*?\b(\w+)\((?:[^;{}]*?)\))\s*\n\{", re.MULTILINE)


class Step:
    def __init__(self, path, caller, pointer):
        self.path, self.caller, self.pointer = path, caller, pointer


def ways(text):
    """Returns: a list of steps for each heading of the third level; a step's caller is a path."""
    found = []
    for part in re.split(r"^### .*$", text, flags=re.MULTILINE)[1:]:
        steps = []
        for number, path, from_step, pointer in STEP.findall(part):
            if int(number) != len(steps) + 1:
                raise AssertionError(f"{path} is number {number}, not {len(steps) + 1}")
            at = int(from_step) - 1 if from_step else len(steps) - 1
            steps.append(Step(path, steps[at].path if steps else None, pointer))
        found.append(steps)
    return found


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


class Sources:
    """What the files of a tree define, declare and call. `texts`: path -> content."""

    def __init__(self, texts):
        self.texts = {path: without_comments(text) for path, text in texts.items()}
        headers, code = ("\n".join(text for path, text in self.texts.items()
                                   if path.endswith(suffix)) for suffix in (".h", ".c"))
        self.in_headers = set(re.findall(r"\b(\w+)\(", headers))
        self.values = set(re.findall(r"\b[A-Za-z_]\w*\b(?!\()", code))

    def defined(self, path):
        return [(name, head.startswith("static"))
                for head, name in DEFINITION.findall(self.texts[path])]

    def declared(self, path):
        """The functions of a file that a header declares."""
        return [name for name, is_static in self.defined(path)
                if not is_static and name in self.in_headers]

    def handed_out(self, path):
        """The functions of a file that somebody holds a pointer to."""
        return [name for name, _ in self.defined(path) if name in self.values]

    def calls(self, path, names):
        return [name for name in names if re.search(rf"\b{name}\b", self.texts[path])]

    def calls_pointer(self, path, name):
        """By itself, or by a function of a header that it includes."""
        includes = re.findall(r'#include "([^"]+)"', self.texts[path])
        places = [path, *(each for each in self.texts
                          if any(each.endswith("/" + header) for header in includes))]
        return any(re.search(rf"(->|\.){name}\(", self.texts[place]) for place in places)

    def fault(self, step):
        """What is wrong with a step, "" if nothing."""
        if step.path not in self.texts:
            return f"{step.path} is not there"
        if step.caller is None:
            return ""
        if step.pointer:
            if not self.calls_pointer(step.caller, step.pointer):
                return f"{step.caller} calls nothing through {step.pointer}"
            return "" if self.handed_out(step.path) else f"nobody has a pointer into {step.path}"
        if not self.calls(step.caller, self.declared(step.path)):
            return f"{step.caller} calls nothing that is declared for {step.path}"
        return ""


def faults(text, sources):
    return [fault for steps in ways(text) for step in steps if (fault := sources.fault(step))]


class Ways(unittest.TestCase):
    def test_each_file_calls_the_next(self):
        sources = Sources({str(path): tree.text(path) for path in tree.files(".c", ".h")
                           if path.parts[0] in ("common", "server", "client")})
        text = tree.text(DOCUMENT)
        self.assertEqual([len(steps) > 10 for steps in ways(text)], [True] * 3)
        self.assertEqual(faults(text, sources), [])

    def test_every_numbered_line_is_a_step(self):
        numbered = re.findall(r"^\d+\. ", tree.text(DOCUMENT), re.MULTILINE)
        self.assertEqual(sum(map(len, ways(tree.text(DOCUMENT)))), len(numbered))

    def test_bad_ways_are_found(self):
        sources = Sources({
            "a/one.c": '#include "a/two.h"\nint main(void)\n{\n    two(); /* three(); */\n}\n',
            "a/two.h": "void two(void);\n", "a/three.h": "void three(void);\n",
            "a/two.c": "static void own(void)\n{\n}\nvoid two(void)\n{\n    it->wake();\n}\n",
            "a/three.c": "static void woken(void)\n{\n}\nvoid three(void)\n{\n    x = woken;\n}\n"})
        head = "### A way\n\n1. `a/one.c` begins.\n"
        for step, fault in (
                ("`a/two.c` is called.", ""),
                ("`a/none.c` is called.", "a/none.c is not there"),
                ("`a/three.c` is called.",
                 "a/one.c calls nothing that is declared for a/three.c"),
                ("`a/three.c` (through `wake`) is called.",
                 "a/one.c calls nothing through wake")):
            self.assertEqual(faults(f"{head}2. {step}\n", sources), [fault] if fault else [], step)
        through = head + "2. `a/two.c` is called.\n3. `{}` (through `wake`) is called.\n"
        self.assertEqual(faults(through.format("a/three.c"), sources), [])
        self.assertEqual(faults(through.format("a/one.c"), sources), [
            "nobody has a pointer into a/one.c"])
        again = head + "2. `a/two.c` is called.\n3. `a/two.c` (from 1) is called.\n"
        self.assertEqual(faults(again, sources), [])
        with self.assertRaises(AssertionError):
            ways(f"{head}3. `a/two.c` is called.\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
