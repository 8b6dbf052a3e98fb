"""The virtual environment with the reference: PyPI's `rendez` 1.2.1, unmodified.

Run as a program it makes the environment and prints its folder. It is made once for each list of
requirements, under build/venv of the source tree or where REUNION_VENV says.
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

REQUIREMENTS = ["rendez==1.2.1"]

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("REUNION_VENV", SOURCE / "build" / "venv"))


def interpreter():
    """A Python with `ensurepip` and its C headers: two dependencies are built from source."""
    able = "import ensurepip, os, sysconfig; open(sysconfig.get_path('include') + '/Python.h')"
    # Debian's comes first, because it is the one whose packages `make deps` installs.
    candidates = ["/usr/bin/python3", sys.executable]
    for candidate in candidates:
        if not os.path.exists(candidate):
            continue
        tried = subprocess.run([candidate, "-c", able], capture_output=True)
        if tried.returncode == 0:
            return candidate
    raise SystemExit(f"None of {', '.join(candidates)} can make the virtual environment: "
                     "please install python3-venv and python3-dev.")


def make(folder):
    python = interpreter()
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Making {folder} with {', '.join(REQUIREMENTS)} (a minute or two, once)",
          file=sys.stderr, flush=True)
    log = folder.with_name(folder.name + ".log")
    with log.open("wb") as output:
        for command in ([python, "-m", "venv", folder],
                        [folder / "bin" / "pip", "install", "--disable-pip-version-check",
                         *REQUIREMENTS]):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=subprocess.STDOUT)
            if done.returncode != 0:
                output.flush()
                sys.stderr.write(log.read_text(errors="replace")[-4000:])
                raise SystemExit(f"Making the virtual environment failed; see {log}.")


def ready():
    """The folder of the environment, which is made first where it is missing or out of date."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    wanted = "\n".join(REQUIREMENTS)
    stamp = FOLDER / "requirements"
    with open(FOLDER.with_name(FOLDER.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            make(FOLDER)
            stamp.write_text(wanted)
    return FOLDER


if __name__ == "__main__":
    print(ready())
