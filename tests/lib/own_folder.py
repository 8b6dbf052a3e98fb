"""Folders that the tests make themselves, and the only ones below which they delete a tree.

Everything else in tests/ that would remove a folder with what is in it calls remove_tree() here, or
leaves it to tempfile.TemporaryDirectory; tests/architecture/test_deletion.py sees to that.
"""

import os
import pathlib
import shutil

# In a folder that outlives the program that made it, this file says that a test did.
MARK = ".made-by-the-tests"


class NotOwn(Exception):
    """What was to be deleted is somebody else's, or may be."""


def make(folder):
    """A new folder that make() has marked as the tests' own, so that a later run may delete it.

    Returns: its path. One that is there and empty is taken; FileExistsError for any other.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is there already, and not empty")
    (folder / MARK).touch()
    return folder


def mounts_below(path):
    """The places below a path, or at it, at which something is mounted."""
    with open("/proc/self/mountinfo") as table:
        places = [line.split()[4].encode().decode("unicode_escape") for line in table]
    return [place for place in places if pathlib.Path(place).is_relative_to(path)]


def require_own(folder):
    """NotOwn, with the reason, for a folder that no test has made."""
    folder = pathlib.Path(folder)
    if not folder.is_absolute() or ".." in folder.parts:
        raise NotOwn(f"{folder} is not deleted: no absolute path")
    if folder != folder.resolve():
        raise NotOwn(f"{folder} is not deleted: it leads elsewhere, to {folder.resolve()}")
    mark = folder / MARK
    if not mark.is_file() or mark.is_symlink():
        raise NotOwn(f"{folder} is not deleted: no test has made it (it has no {MARK})")
    if mark.stat().st_uid != os.geteuid():
        raise NotOwn(f"{folder} is not deleted: another user has made it")
    mounted = mounts_below(folder)
    if mounted:
        raise NotOwn(f"{folder} is not deleted: something is mounted at {mounted[0]}")


def remove_tree(folder):
    """Delete a folder of make(), with all that is in it; NotOwn where it is not one.

    Links are removed, not followed. The mark goes last, so that what was interrupted can be
    finished.
    """
    require_own(folder)
    folder = pathlib.Path(folder)
    for entry in folder.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    (folder / MARK).unlink()
    folder.rmdir()
