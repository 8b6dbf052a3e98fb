"""The virtual environment with schemathesis and openapi-spec-validator, beside the reference's.

Run as a program it makes the environment and prints its folder.
"""

import pathlib

import reference_venv
import venv_of

FOLDER = reference_venv.FOLDER.with_name(reference_venv.FOLDER.name + "-schemathesis")
LIST = pathlib.Path(__file__).with_name("schemathesis-requirements.txt")


def ready():
    lines = LIST.read_text().splitlines()
    return venv_of.ready(FOLDER, [line for line in lines if line and not line.startswith("#")])


if __name__ == "__main__":
    print(ready())
