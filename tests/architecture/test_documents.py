"""What the documents refer to is there."""

import json
import os
import re
import subprocess
import unittest

import tree

# Names of tests are FOLDER/NAME as well; what has none of these beginnings may be anything.
PLACES = ("common/", "server/", "client/", "sql/", "tests/", "docker/", "packaging/", "docs/",
          ".ci/")
DOCUMENTS = ("README.md", "SECURITY.md", "tests/README.md", "docs/architecture.md",
             "docs/operating.md")


def heading_link(heading):
    """What a link to a heading ends with."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def outside_blocks(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def leads_somewhere(document, text, link):
    """Whether there is a file of that name beside the document, and the heading in it."""
    if ":" in link:
        return True
    name, _, heading = link.partition("#")
    target = (tree.SOURCE / document).parent / name if name else None
    if target and not target.exists():
        return False
    headings = re.findall(r"^#+ (.*)$", outside_blocks(target.read_text() if target else text),
                          re.MULTILINE) if heading else []
    return not heading or heading in map(heading_link, headings)


def dead_links(document, text):
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", outside_blocks(text))
            if not leads_somewhere(document, text, link)]


def quoted(document):
    return re.findall(r"`([^`\n]+)`", tree.text(document))


class Documents(unittest.TestCase):
    def test_files_that_are_named_are_there(self):
        named = [(document, name) for document in DOCUMENTS for name in quoted(document)
                 if re.fullmatch(r"[\w./-]+", name) and name.startswith(PLACES)]
        self.assertGreater(len(named), 20)
        self.assertEqual([each for each in named if not self.is_there(each[1])], [])

    @staticmethod
    def is_there(name):
        return (tree.SOURCE / name).exists() or name in tests()

    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            self.assertEqual(dead_links(document, tree.text(document)), [], document)

    def test_dead_links_are_found(self):
        text = ("# One, two\n```\n# three\n```\n"
                "[a](#one-two) [b](#three) [c](none.md) [d](tree.py) [e](../README.md#the-tests) "
                "[f](../README.md#no-tests) [g](https://example.org/none)\n")
        self.assertEqual(dead_links("tests/architecture/x.md", text),
                         ["#three", "none.md", "../README.md#no-tests"])

    def test_tests_that_are_promised_are_run(self):
        rows = re.findall(r"^\| (?!promise|---)[^|]+ \| (.*) \|$", tree.text("SECURITY.md"),
                          re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)
                 if not name.startswith(PLACES)}
        self.assertGreater(len(named), 10)
        self.assertEqual(named - tests(), set())


def tests():
    """The names of all tests of the build."""
    listed = subprocess.run(["meson", "introspect", "--tests", os.environ["REUNION_BUILD"]],
                            check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return {test["name"] for test in json.loads(listed.stdout)}


if __name__ == "__main__":
    unittest.main(verbosity=2)
