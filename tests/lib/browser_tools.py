"""What drives a browser: playwright-core and axe-core from npm, beside the reference's environment.

Their versions and hashes are in tests/web/package-lock.json. Run as a program it makes the folder
and prints it; where there is no npm it says so, and the tests are skipped.
"""

import fcntl
import pathlib
import shutil
import subprocess
import sys

import reference_venv
import venv_of

FOLDER = reference_venv.FOLDER.with_name(reference_venv.FOLDER.name + "-browser")
LISTS = [pathlib.Path(__file__).resolve().parents[1] / "web" / name
         for name in ("package.json", "package-lock.json")]


def make(folder):
    venv_of.empty(folder)
    print(f"Making {folder} with playwright-core (some seconds, once)", file=sys.stderr, flush=True)
    for each in LISTS:
        shutil.copyfile(each, folder / each.name)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder)
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace")[-4000:])
        raise SystemExit(f"Making {folder} failed.")


def ready():
    """The folder, made first where it is missing or out of date; None without npm."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    wanted = "".join(each.read_text() for each in LISTS)
    stamp = FOLDER / "made-from"
    with open(FOLDER.with_name(FOLDER.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            if not shutil.which("npm"):
                return None
            make(FOLDER)
            stamp.write_text(wanted)
    return FOLDER


if __name__ == "__main__":
    print(ready() or "npm is not installed: the tests in a browser are skipped")
