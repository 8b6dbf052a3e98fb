"""What a run of tests must leave of the machine as it was, looked at before and afterwards.

A state is a dictionary: of each thing that is looked at, a line that changes when the thing does.
What is not permitted to be read is left out of both, and what others do to the machine meanwhile is
none of this where it can be told apart: processes are those that descend from the run.
"""

import ctypes
import grp
import hashlib
import os
import pathlib
import pwd
import select
import signal
import stat
import time

PR_SET_CHILD_SUBREAPER = 36
# How long what has been told to end may take for it.
PATIENCE_S = 20

# Where packages and programs keep what they have, each with how many folders deep names are looked
# at. No deeper: what is in there is their business, and changes by itself.
NAMES_OF = (("/", 1), ("/run", 1), ("/var/lib", 2), ("/var/lib/apt/lists", 1), ("/var/cache", 2),
            ("/var/log", 1), ("/opt", 1), ("/srv", 1), ("/usr/local", 2), ("/run/netns", 1),
            ("/dev/shm", 1), ("/sys/class/net", 1))
# Of mount's library: made by the first mount since the machine was started, whoever calls it.
NOT_LOOKED_AT = ("/run/mount",)
CGROUPS = "/sys/fs/cgroup"
# Those that systemd makes, for whoever logs in or whatever it starts.
OF_SYSTEMD = (".slice", ".scope", ".service", ".mount", ".socket")
# Below somebody's home.
NAMES_AT_HOME = ((".", 1), (".cache", 1), (".config", 1), (".local/share", 1))
CONTENT_OF = "/etc"
ENABLED = ("/etc/systemd/system", "/etc/systemd/user", "/etc/init.d")


def kind_of(path):
    """What an entry is: its type, permissions and owner, and where it leads if it is a link."""
    status = path.lstat()
    leads = f" -> {os.readlink(path)}" if stat.S_ISLNK(status.st_mode) else ""
    return f"{stat.filemode(status.st_mode)} {status.st_uid}:{status.st_gid}{leads}"


def entries(folder, depth):
    """All paths below a folder down to a depth; links are not followed."""
    try:
        children = sorted(pathlib.Path(folder).iterdir())
    except OSError:
        return
    for child in children:
        yield child
        if depth > 1 and child.is_dir() and not child.is_symlink():
            yield from entries(child, depth - 1)


def names(folder, depth):
    """The entries below a folder, each with its kind."""
    told = {}
    for path in entries(folder, depth):
        try:
            if str(path) not in NOT_LOOKED_AT:
                told[str(path)] = kind_of(path)
        except OSError:  # it has gone
            pass
    return told


def contents(folder):
    """The same, and of files a digest of what is in them."""
    told = names(folder, 100)
    for name, kind in told.items():
        if kind.startswith("-"):
            try:
                digest = hashlib.sha256(pathlib.Path(name).read_bytes()).hexdigest()
            except OSError:
                digest = "cannot be read"
            told[name] = f"{kind} {digest}"
    return told


def mounts(table="/proc/self/mountinfo"):
    """What is mounted where, without the numbers that the kernel gives it."""
    told = {}
    with open(table) as lines:
        for line in lines:
            fields, _, source = line.partition(" - ")
            place = fields.split()[4]
            told[place] = told.get(place, "") + f"{fields.split()[3]} {source.split()[0]};"
    return told


def users():
    return {**{f"user {user.pw_name}": f"{user.pw_uid}:{user.pw_gid} {user.pw_dir} {user.pw_shell}"
               for user in pwd.getpwall()},
            **{f"group {group.gr_name}": f"{group.gr_gid} {','.join(group.gr_mem)}"
               for group in grp.getgrall()}}


def enabled():
    """The links by which services start at boot."""
    told = {}
    for folder in (*ENABLED, *pathlib.Path("/etc").glob("rc*.d")):
        told.update({name: kind for name, kind in names(folder, 2).items()
                     if kind.startswith("l")})
    return told


def cgroups():
    return {str(path): "a cgroup" for path in entries(CGROUPS, 2)
            if path.suffix not in OF_SYSTEMD and path.is_dir() and not path.is_symlink()}


def leave_cgroups(before):
    """Remove those that are new since a state() and in which there is nothing: podman, told to do
    without systemd, keeps its own for ever."""
    for name in sorted(cgroups().keys() - before["cgroups"].keys(), reverse=True):
        for folder, _, _ in os.walk(name, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:  # somebody is in it
                pass


def state(home=None):
    """Returns: a dictionary of dictionaries, by what is looked at."""
    home = pathlib.Path(home or pathlib.Path.home())
    told = {f"names in {folder}": names(folder, depth) for folder, depth in NAMES_OF}
    told.update({f"names in {home / below}": names(home / below, depth)
                 for below, depth in NAMES_AT_HOME})
    return {**told, "the contents of /etc": contents(CONTENT_OF), "mounts": mounts(),
            "cgroups": cgroups(),
            "users and groups": users(), "services that are enabled": enabled()}


def opened():
    """All files that a process has open, or stands in, and all cgroups that it is in, as far as
    that may be known."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for places in (pathlib.Path("/proc", pid, "fd"), pathlib.Path("/proc", pid)):
            try:
                if places.name != "fd":
                    found.update(cgroups_in((places / "cgroup").read_text()))
                names_there = os.listdir(places) if places.name == "fd" else ["cwd"]
                found.update(os.readlink(places / name) for name in names_there)
            except OSError:  # it has ended, or is another user's
                pass
    return found


def cgroups_in(text):
    """The folders of the cgroups that a process's file tells, of either version."""
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for version in ("", "/unified", *(f"/{name.removeprefix('name=')}"
                                          for name in controllers.split(",") if name)):
            yield CGROUPS + version + path


def is_in_use(name, files):
    """Whether a file is open, or one below it or beside it that belongs to it (as a database's
    log). All processes of the run have ended by then: it is somebody else's."""
    return any(file == name or file.startswith((name + "/", name + "-")) or
               name.startswith(file + "-") for file in files)


def differences(before, after, files=()):
    """Returns: a line for each thing that is new, gone or changed from one state() to another, but
    for new names of what is among the opened() `files`."""
    found = []
    for what in before:
        old, new = before[what], after[what]
        for name in sorted(old.keys() | new.keys()):
            if name not in old and is_in_use(name, files):
                continue
            if name not in old:
                found.append(f"{what}: {name} is new ({new[name]})")
            elif name not in new:
                found.append(f"{what}: {name} is gone (it was {old[name]})")
            elif old[name] != new[name]:
                found.append(f"{what}: {name} was {old[name]} and is {new[name]}")
    return found


def adopt():
    """Have every process that descends from this one become its child when its parent ends."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def wait_for(pid):
    """Until a child has ended, taking leave of every adopted one that does so before.

    Returns: its exit code, negative if it was ended by a signal.
    """
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def children():
    """(pid, command line) of this process's children that have not ended."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            text = pathlib.Path("/proc", pid, "stat").read_text()
            kind, parent = text.rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and kind not in "ZX":
                line = pathlib.Path("/proc", pid, "cmdline").read_bytes()
                found.append((int(pid), line.replace(b"\0", b" ").decode(errors="replace").strip()))
        except OSError:  # it has ended
            pass
    return found


def ends(pid, patience_s):
    """Whether a child ends in time."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], max(patience_s, 0))[0])
    finally:
        os.close(process)


def processes_left(patience_s=PATIENCE_S):
    """End what descends from this process and is still there after a while. Returns: a line for
    each of these."""
    deadline_s = time.monotonic() + patience_s
    for pid, _ in children():
        ends(pid, deadline_s - time.monotonic())
    found = []
    while left := children():
        for pid, line in left:
            found.append(f"processes: {pid} runs on ({line})")
            os.kill(pid, signal.SIGKILL)
            ends(pid, PATIENCE_S)
            os.waitpid(pid, 0)
    return found
