"""No two files call each other, however indirectly: such files are one file, or lack a third.

Looks at the symbols of the object files of the products as they are built. Headers may include the
header of what they are part of, for its types; that is no call.
"""

import os
import pathlib
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
COMPONENTS = ("common", "client", "server")


def objects():
    return sorted(each for component in COMPONENTS
                  for each in (BUILD / component).glob("*.p/*.o"))


def symbols(paths):
    """Returns: {path: (names that an object file defines for others, names that it needs)}."""
    listed = subprocess.run(["nm", "--format=posix", "--print-file-name", *paths],
                            capture_output=True, text=True, check=True)
    found = {str(path): (set(), set()) for path in paths}
    for line in listed.stdout.splitlines():
        path, _, rest = line.partition(": ")
        name, kind = rest.split()[:2]
        defined, needed = found[path]
        if kind in "TDBRVWC":
            defined.add(name)
        elif kind == "U":
            needed.add(name)
    return found


def calls(tables):
    """{name: (defined, needed)} to {name: the names of whom it calls}. Objects of different
    components that are compiled twice define the same names; each is called."""
    owners = {}
    for name, (defined, _) in tables.items():
        for symbol in defined:
            owners.setdefault(symbol, set()).add(name)
    return {name: {owner for symbol in needed for owner in owners.get(symbol, ())} - {name}
            for name, (_, needed) in tables.items()}


def reached(edges, start):
    found, left = set(), [start]
    while left:
        for name in edges.get(left.pop(), ()):
            if name not in found:
                found.add(name)
                left.append(name)
    return found


def circles(edges):
    """Sets of names that all reach each other."""
    reach = {name: reached(edges, name) for name in edges}
    found = {frozenset(other for other in reach[name] if name in reach[other])
             for name in edges if name in reach[name]}
    return sorted(sorted(each) for each in found)


class CallCircles(unittest.TestCase):
    def test_files_do_not_call_each_other(self):
        tables = symbols(objects())
        edges = calls(tables)
        self.assertGreater(len(tables), 200)
        self.assertGreater(sum(map(len, edges.values())), 500)
        self.assertEqual(circles(edges), [])

    def test_circles_are_found(self):
        tables = {"a": ({"one"}, {"two", "puts"}), "b": ({"two"}, {"three"}),
                  "c": ({"three"}, {"one"}), "d": ({"four"}, {"one"}), "e": (set(), {"four"})}
        self.assertEqual(circles(calls(tables)), [["a", "b", "c"]])
        tables["c"] = ({"three"}, set())
        self.assertEqual(circles(calls(tables)), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
