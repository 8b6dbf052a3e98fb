"""Virtual environments with packages from PyPI, each made once for a list of requirements."""

import fcntl
import os
import subprocess
import sys

import own_folder


def interpreter():
    """A Python with `ensurepip` and its C headers: some dependencies are built from source."""
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


def empty(folder):
    """Make the folder; one that is there is removed first if it was made by this."""
    try:
        if folder.exists() and any(folder.iterdir()):
            own_folder.remove_tree(folder.resolve())
        own_folder.make(folder)
    except (OSError, own_folder.NotOwn) as error:
        raise SystemExit(f"The virtual environment {folder} cannot be made anew: {error}. "
                         "Please name another folder (make VENV=…), or remove it.") from None


def make(folder, requirements):
    python = interpreter()
    empty(folder)
    print(f"Making {folder} with {requirements[0]} (a minute or two, once)", file=sys.stderr,
          flush=True)
    log = folder.with_name(folder.name + ".log")
    with log.open("wb") as output:
        for command in ([python, "-m", "venv", folder],
                        [folder / "bin" / "pip", "install", "--disable-pip-version-check",
                         *requirements]):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=subprocess.STDOUT)
            if done.returncode != 0:
                output.flush()
                sys.stderr.write(log.read_text(errors="replace")[-4000:])
                raise SystemExit(f"Making the virtual environment failed; see {log}.")


def ready(folder, requirements):
    """The folder, in which the environment is made first where it is missing or out of date."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    wanted = "\n".join(requirements)
    stamp = folder / "requirements"
    with open(folder.with_name(folder.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            make(folder, requirements)
            stamp.write_text(wanted)
    return folder
