"""The files of the source tree, for tests that read them."""

import os
import pathlib
import subprocess

SOURCE = pathlib.Path(os.environ.get("REUNION_SOURCE", pathlib.Path(__file__).resolve().parents[2]))


def files(*suffixes):
    """Paths relative to SOURCE of all files with these suffixes; of all files without any.

    In a clone that is what git knows or would add; elsewhere, all that lies there but `build`.
    """
    listed = subprocess.run(
        ["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True)
    if listed.returncode == 0:
        found = [pathlib.Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name]
    else:
        found = [path.relative_to(SOURCE) for path in SOURCE.rglob("*")
                 if "build" not in path.relative_to(SOURCE).parts]
    found = sorted(path for path in set(found) if (SOURCE / path).is_file())
    if not found:
        raise AssertionError(f"no files in {SOURCE}")
    return [path for path in found if not suffixes or path.suffix in suffixes]


def text(path):
    return (SOURCE / path).read_text(encoding="utf-8")


def is_generated(content):
    """Whether a file says in its first line that a program has written it."""
    return "; change that instead." in content.partition("\n")[0]
