"""The virtual environment with the reference: PyPI's `rendez` 1.2.1, unmodified.

Run as a program it makes the environment and prints its folder, under build/venv of the source tree
or where REUNION_VENV says.
"""

import os
import pathlib

import venv_of

REQUIREMENTS = ["rendez==1.2.1"]

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("REUNION_VENV", SOURCE / "build" / "venv"))


def ready():
    return venv_of.ready(FOLDER, REQUIREMENTS)


if __name__ == "__main__":
    print(ready())
