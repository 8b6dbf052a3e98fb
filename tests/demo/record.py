"""Record a meeting, and put it into the documents: docs/meeting.svg, and README.md's transcript.

    tests/lib/in-namespace python3 tests/demo/record.py BUILD_FOLDER
"""

import os
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PICTURE, README = SOURCE / "docs" / "meeting.svg", SOURCE / "README.md"


def with_transcript(readme, recording):
    """The text of README.md with what both terminals show in the end: a block behind the line that
    names whose it is."""
    for who in ("Alice", "Bob"):
        block = "".join(f"{line}\n" for line in recording.last(who))
        readme, count = re.subn(rf"(^{who}’s terminal:\n\n```\n).*?(^```$)",
                                lambda found: found[1] + block + found[2], readme,
                                flags=re.MULTILINE | re.DOTALL)
        if count != 1:
            raise ValueError(f"README.md has {count} transcripts of {who}’s terminal, not one")
    return readme


def main(build):
    os.environ["REUNION_BUILD"] = str(pathlib.Path(build).resolve())
    sys.path.insert(0, str(SOURCE / "tests" / "lib"))
    import picture
    import recording
    recorded = recording.record()
    PICTURE.write_text(picture.draw(recorded))
    README.write_text(with_transcript(README.read_text(), recorded))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
