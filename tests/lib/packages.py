"""The Debian packages of the commit that is tested, built once for a build folder."""

import fcntl
import pathlib
import subprocess
import tempfile

import own_folder
from needed import needs
from ours import BUILD, SOURCE
from programs import Failure, environment

PROGRAMS = ("dpkg-buildpackage", "dh", "git")
NAMES = ("libreunion-dev", "libreunion0", "reunion-client", "reunion-mix",
         "reunion-server")


def commit():
    """The whole name of the commit that packages are made of."""
    return subprocess.run(["git", "-C", SOURCE, "rev-parse", "HEAD"], check=True, text=True,
                          capture_output=True).stdout.strip()


def make(folder, script=SOURCE / "packaging" / "make-deb", **variables):
    """Build them into a folder, with further variables in the environment."""
    done = subprocess.run([script, folder], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment(variables))
    if done.returncode != 0:
        raise Failure(f"make-deb: {done.returncode}\n{done.stdout}")


def made(case):
    """The folder with the packages; they are built where nobody has done so yet."""
    needs(case, *PROGRAMS)
    whole = BUILD / "container"
    whole.mkdir(exist_ok=True)
    folder = whole / f"debian-{commit()}"
    with open(whole / "packages-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in whole.resolve().glob("debian-*/"):
                own_folder.remove_tree(old)
            with tempfile.TemporaryDirectory(dir=whole) as partial:
                made = own_folder.make(pathlib.Path(partial, "made"))
                make(made, CCACHE_DISABLE="1")
                made.rename(folder)
    return folder


def package(folder, name):
    """The file of one package."""
    found = list(pathlib.Path(folder).glob(f"{name}_*.deb"))
    assert len(found) == 1, (name, found)
    return found[0]
