"""Manual pages, looked at by the two programs that show them."""

import os
import subprocess

from needed import needs


def shown(case, page, *command):
    """What a program makes of a page, without a complaint."""
    done = subprocess.run([*command, page], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
    case.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout[-2000:])
    return done.stdout


def assert_good_roff(case, page):
    """Returns: the page as text."""
    needs(case, "mandoc", "man")
    case.assertEqual(shown(case, page, "mandoc", "-Tlint", "-Wwarning"), "")
    return shown(case, page, "man", "--warnings", "--local-file")
