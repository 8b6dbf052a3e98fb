"""What a test cannot do without: it is skipped, with the reason; in CI it fails.

Each of these can be called in a test, in setUp, in setUpClass (with the class) and in setUpModule
(with None), before anything that would have to be taken back.
"""

import ctypes
import os
import shutil
import subprocess
import tempfile
import unittest


def lacks(case, reason):
    """Raises: what has the test, its class or its module skipped; in CI, what fails it."""
    if os.environ.get("CI"):
        raise getattr(case, "failureException", AssertionError)(reason)
    raise unittest.SkipTest(reason)


def needs(case, *programs):
    """That programs, or files, are there."""
    for program in programs:
        if not shutil.which(program) and not os.path.exists(program):
            lacks(case, f"{program} is not installed")


def needs_root(case):
    """That it is run as root, which nobody is in a user namespace."""
    with open("/proc/self/uid_map") as users:
        everybody = int(users.readline().split()[2]) > 1
    if os.geteuid() != 0 or not everybody:
        lacks(case, "it has to be run as root")


def mounted(place, table="/proc/self/mountinfo"):
    """The type of the file system that is mounted at a place, None if none is."""
    with open(table) as lines:
        found = [line.partition(" - ")[2].split()[0] for line in lines if line.split()[4] == place]
    return found[-1] if found else None


def root_of_the_mounts():
    """Returns: device and inode of the root folder that a process is put into that enters this
    one's mounts (a child tries); None where that is not permitted."""
    library = ctypes.CDLL(None)
    ours, child_s = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if library.setns(os.open("/proc/self/ns/mnt", os.O_RDONLY), 0) == 0:
                root = os.stat("/")
                os.write(child_s, f"{root.st_dev} {root.st_ino}".encode())
                status = 0
        finally:
            os._exit(status)
    os.close(child_s)
    with open(ours, "rb") as pipe:
        told = pipe.read().split()
    os.waitpid(child, 0)
    return (int(told[0]), int(told[1])) if told else None


def chroot(table="/proc/self/mountinfo"):
    """Returns: how it shows that the root folder is not the one of all mounts, "" if it is."""
    if mounted("/", table) is None:
        return "nothing is mounted at /"
    here, there = os.stat("/"), root_of_the_mounts()
    if there and there != (here.st_dev, here.st_ino):
        return "who enters its mounts has another root folder"
    try:
        if not os.path.samestat(here, os.stat(os.path.join("/proc/1/root", ""))):
            return "the first process has another root folder"
    except OSError:  # not to be known by everybody
        pass
    return ""


def needs_own_root_folder(case):
    """That it does not run in a chroot, from which who enters other mounts is put outside."""
    how = chroot()
    if how:
        lacks(case, f"it cannot be run in a chroot ({how})")


def needs_namespaces(case, *kinds):
    """That namespaces may be made: options of unshare, such as "--net"."""
    needs(case, "unshare")
    tried = subprocess.run(["unshare", *kinds, "true"], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True)
    if tried.returncode != 0:
        lacks(case, f"it needs namespaces, and unshare {' '.join(kinds)} fails: "
                    f"{tried.stderr.strip()}")


def needs_mounts(case):
    """That it is root, in no chroot, and may mount where nobody else sees it."""
    needs_root(case)
    needs(case, "mount")
    needs_own_root_folder(case)
    needs_namespaces(case, "--mount", "--net")
    with tempfile.TemporaryDirectory() as place:
        tried = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", place],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if tried.returncode != 0:
        lacks(case, f"it needs mounts of its own: {tried.stderr.strip()}")


def needs_own_etc(case):
    """That /etc, /var/lib and /run are the test's own (lib/in-etc), as they are changed."""
    needs_mounts(case)
    # As in-etc makes them.
    if mounted("/etc") != "overlay" or mounted("/var/lib") != "overlay" \
            or mounted("/run") != "tmpfs" or not os.path.isdir("/run/changes"):
        lacks(case, "it needs an /etc of its own: run it by tests/lib/in-etc")
