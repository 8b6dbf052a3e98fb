"""docs/meeting.svg and the transcript in README.md are what the programs show today."""

import copy
import re
import subprocess
import tempfile
import unittest
from xml.etree import ElementTree

import ours
import picture
import record
import recording

SVG = "{http://www.w3.org/2000/svg}"
AGAIN = "make it again: tests/lib/in-namespace python3 tests/demo/record.py build"


def shown_in_the_end(svg):
    """The lines that a picture shows where nothing is animated."""
    rows = {}
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        if text.get("visibility") != "hidden" and text.get("class") != "title":
            rows.setdefault(float(text.get("y")), []).append((float(text.get("x")), text.text))
    return ["".join(part for _, part in sorted(rows[y])) for y in sorted(rows)]


class Record(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recording = recording.record()
        cls.committed = record.PICTURE.read_text()

    def test_the_picture_shows_what_the_programs_show(self):
        self.assertEqual(shown_in_the_end(self.committed),
                         self.recording.last("Alice") + self.recording.last("Bob"), AGAIN)
        self.assertEqual(self.committed, picture.draw(self.recording), AGAIN)

    def test_readme_shows_it_too(self):
        readme = record.README.read_text()
        self.assertEqual(readme, record.with_transcript(readme, self.recording), AGAIN)

    def test_another_line_is_another_picture(self):
        planted = copy.deepcopy(self.recording)
        for moment in planted.moments:
            moment.lines = [line.replace("waiting for", "WAITING FOR") for line in moment.lines]
        self.assertNotEqual(self.committed, picture.draw(planted))
        readme = record.README.read_text()
        self.assertNotEqual(readme, record.with_transcript(readme, planted))

    def test_it_is_a_meeting(self):
        for who, message in (("Alice", "bob@example.org"), ("Bob", "alice@example.org")):
            self.assertIn(message, self.recording.last(who))

    def test_what_differs_is_replaced(self):
        text = "\n".join(self.recording.last("Alice"))
        shown = re.search(r"shown this once: (\S+)", text)[1]
        self.assertEqual(shown, recording.EXAMPLES[0][1])
        self.assertEqual(recording.with_examples("process 12 for 7 min, 90 s"),
                         "process 4711 for 24 min, 24 min")

    def test_nobody_takes_the_example_for_a_passphrase(self):
        """A client tells those who do."""
        with tempfile.TemporaryDirectory(prefix="reunion-") as folder:
            done = subprocess.run(
                [ours.BUILD / "client" / "reunion-client", "--json", "--msg", "x", "--duration",
                 "1", "--server", f"unix:{folder}/none", "--passphrase", recording.EXAMPLES[0][1]],
                capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        self.assertIn('"reason":"guess-common"', done.stdout)

    def test_typing_is_drawn_character_by_character(self):
        root = ElementTree.fromstring(self.committed)
        typed = [text for text in root.iter(f"{SVG}text") if text.get("class") == "typed"]
        steps = [clip.find(f"{SVG}rect/{SVG}animate").get("values").split(";")
                 for clip in root.iter(f"{SVG}clipPath")]
        self.assertGreater(len(typed), 3)
        self.assertEqual([len(text.text) + 1 for text in typed], [len(each) for each in steps])


if __name__ == "__main__":
    unittest.main(verbosity=2)
