"""Builds images and runs containers with podman: no daemon, no registry, nothing left behind.

Everything, storage included, is in a folder and in namespaces of the engine's own. The base image,
debian:bookworm-slim, is made on the spot (tests/container/base-image), once for a build folder.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile

from needed import needs, needs_mounts
from ours import BUILD, SOURCE
from programs import Failure, Program

SUITE = "bookworm"
PROGRAMS = ("podman", "runc", "mmdebstrap", "nsenter", "iptables", "/usr/lib/podman/netavark",
            "/usr/lib/podman/aardvark-dns")

# runc, as crun refuses a machine that has both versions of cgroups.
CONTAINERS_CONF = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
compat_api_enforce_docker_hub = false
events_logger = "file"
events_logfile_path = "{work}/events"
lock_type = "file"
tmp_dir = "{work}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "{work}/networks"
"""
STORAGE_CONF = """
[storage]
driver = "{driver}"
graphroot = "{work}/storage"
runroot = "{work}/run"
"""
REGISTRIES_CONF = """
unqualified-search-registries = []
short-name-mode = "permissive"
[aliases]
"debian" = "localhost/debian"
"""


# With a cache of apt's own, in which a package must still be there afterwards: mmdebstrap has this
# machine's apt work in the new root folder, and what is configured there could delete it here.
WITH_OWN_CACHE = """
mount -t tmpfs tmpfs /var/cache/apt
mkdir -p /var/cache/apt/archives/partial
touch /var/cache/apt/archives/kept.deb
"$@"
if [ ! -e /var/cache/apt/archives/kept.deb ]; then
    echo "$1 has deleted a package from the cache of the machine's apt." >&2
    exit 1
fi
"""


def base_image():
    """The base image's file; made first where it is missing."""
    folder = BUILD / "container"
    folder.mkdir(exist_ok=True)
    tar = folder / f"{SUITE}-slim.tar"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tar.exists():
            made = tar.with_suffix(".made")
            run("unshare", "--mount", "sh", "-euc", WITH_OWN_CACHE, "cache",
                SOURCE / "tests" / "container" / "base-image", made, SUITE)
            made.rename(tar)
    return tar


def run(*command, environment=None):
    """Run a command to its end. Returns: its standard output, and both outputs if it fails."""
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                          env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: {done.returncode}\n"
                      f"{done.stdout}\n{done.stderr}")
    return done.stdout


def limit(kind, ceiling_file):
    """The most that may be asked for: podman's own defaults are above what some machines allow."""
    hard = resource.getrlimit(kind)[1]
    ceiling = int(pathlib.Path(ceiling_file).read_text())
    return ceiling if hard == resource.RLIM_INFINITY else min(hard, ceiling)


def enter_namespace(file):
    """Have this thread in the namespace that an open file of /proc stands for."""
    if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def entering(pid):
    """A command that runs another one in a process's mounts, and in its root folder: for who is in
    a chroot, the mounts alone have another one."""
    return ["nsenter", f"--target={pid}", "--mount", "--root", "--wd"]


# Namespaces of mounts and of the network, until the standard input is closed; and in them, folders
# that are gone with them. One is the storage, which in memory is quick: an image takes some 100 MB,
# its building 500. In the others podman and what it calls put things whatever they are told: so
# that these can be made and nobody else sees them, changes to /run, /var/lib and /var/cache are in
# memory as well. Says which of podman's drivers for its storage can be had, as is seen from that.
HOLD = """
storage=$1/storage changes=$1/changes driver=overlay
ip link set lo up
mkdir "$storage" "$changes"
mount -t tmpfs tmpfs "$storage"
mount -t tmpfs tmpfs "$changes"
for folder in /run /var/lib /var/cache; do
    own=$changes$folder
    mkdir -p "$own/files" "$own/work"
    if ! mount -t overlay overlay \
            -o "lowerdir=$folder,upperdir=$own/files,workdir=$own/work" "$folder"; then
        mount -t tmpfs tmpfs "$folder"
        driver=vfs
    fi
done
for folder in /run/containers /run/netns /run/runc /var/lib/containers; do
    mkdir -p "$folder"
    mount -t tmpfs tmpfs "$folder"
done
echo "held $driver"
exec cat
"""


class Engine:
    """Podman with a folder and namespaces of its own, as root.

    Containers are started in a network namespace that has loopback and nothing else: which bridges
    are made there, and what `--publish` means, is nobody else's business. `inside` lets a test look
    at that from there.
    """

    def __init__(self, case):
        needs(case, *PROGRAMS)
        needs_mounts(case)

    def __enter__(self):
        # A short path: sockets are made in it.
        self._own = tempfile.TemporaryDirectory(prefix="pod-", dir="/tmp")
        self.folder = pathlib.Path(self._own.name)
        self._holder = Program("namespaces", ["unshare", "--net", "--mount", "sh", "-euc", HOLD,
                                              "hold", self.folder], stdin=subprocess.PIPE)
        self._driver = self._holder.wait_for_line("held ", "out").text.split()[1]
        holder = self._holder.process.pid
        self._network = pathlib.Path(f"/proc/{holder}/ns/net")
        self._enter_mounts = [*entering(holder), "--"]
        self._enter = [*self._enter_mounts[:-1], "--net", "--"]
        self.environment = dict(os.environ)
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self):
        self._configure()
        self.podman("import", "--quiet", "--change", 'CMD ["bash"]', "--change",
                    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    base_image(), f"localhost/debian:{SUITE}-slim")

    def __exit__(self, *_):
        subprocess.run(self.command("rm", "--all", "--force", "--time", "2"), env=self.environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        # What tidies up after a container may still be at it, and write to the folder.
        while residents := self._residents():
            for pid in residents:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        # With its last process the namespace is gone, and with that every mount.
        self._holder.process.stdin.close()
        self._holder.wait_for_end()
        self._holder.__exit__()
        self._own.cleanup()

    def _residents(self):
        """All processes in the namespace but the one that holds it."""
        holder, here = self._holder.process.pid, []
        held = os.readlink(f"/proc/{holder}/ns/mnt")
        if held == os.readlink("/proc/self/ns/mnt"):
            raise Failure(f"{holder} is in no namespace of its own, but with everybody")
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):  # it has ended
                if int(pid) != holder and os.readlink(f"/proc/{pid}/ns/mnt") == held:
                    here.append(int(pid))
        return here

    def _configure(self):
        values = {"work": self.folder, "driver": self._driver}
        for name, variable, content in (
                ("containers.conf", "CONTAINERS_CONF", CONTAINERS_CONF),
                ("storage.conf", "CONTAINERS_STORAGE_CONF", STORAGE_CONF),
                ("registries.conf", "CONTAINERS_REGISTRIES_CONF", REGISTRIES_CONF)):
            (self.folder / name).write_text(content.format(**values))
            self.environment[variable] = str(self.folder / name)

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes, and programs and threads that it starts, are in the
        engine's network meanwhile, outside of all containers."""
        with open("/proc/thread-self/ns/net") as own, open(self._network) as network:
            enter_namespace(network)
            try:
                yield
            finally:
                enter_namespace(own)

    def command(self, *arguments, online=False):
        """A command of podman, in the engine's network or in the machine's."""
        return [*(self._enter_mounts if online else self._enter), "podman", *arguments]

    def podman(self, *arguments, online=False):
        """Returns: what it printed."""
        return run(*self.command(*arguments, online=online), environment=self.environment)

    def build(self, tag, dockerfile, context, **arguments):
        """An image, each RUN of it in a container on the machine's own network, which apt needs."""
        arguments = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        return self.podman("build", "--pull=never", "--format", "docker", "--isolation", "oci",
                           "--network", "host", *arguments, "--tag", tag, "--file",
                           pathlib.Path(dockerfile).resolve(), pathlib.Path(context).resolve(),
                           online=True)

    def inspect(self, name):
        """What podman knows of a container or an image."""
        return json.loads(self.podman("inspect", name))[0]

    def run(self, image, *command, options=()):
        """Start a container in the background. Returns: the Container."""
        return Container(self, self.podman("run", "--detach", *self.limits(), *options, image,
                                           *command).strip())

    @contextlib.contextmanager
    def docker_api(self):
        """Docker's API, served by podman. Returns: the environment of programs that speak to it."""
        address = f"unix://{self.folder}/docker.sock"
        with Program("podman service", self.command("--log-level=info", "system", "service",
                                                    "--time=0", address),
                     env=self.environment) as service:
            service.wait_for_line("API service listening", "err")
            yield {**self.environment, "DOCKER_HOST": address}

    @staticmethod
    def limits():
        """Options of `podman run`, without which it asks for more than root may have here."""
        files = limit(resource.RLIMIT_NOFILE, "/proc/sys/fs/nr_open")
        processes = limit(resource.RLIMIT_NPROC, "/proc/sys/kernel/pid_max")
        return [f"--ulimit=nofile={files}:{files}", f"--ulimit=nproc={processes}:{processes}"]


class Container:
    """A container of an Engine, by its id or its name."""

    def __init__(self, engine, name):
        self.engine, self.name = engine, name

    def status(self):
        """Of its first process, as /proc tells it from outside."""
        pid = self.engine.inspect(self.name)["State"]["Pid"]
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def follow(self):
        """A Program whose lines are the container's, from its start on."""
        return Program(self.name, self.engine.command("logs", "--follow", self.name),
                       env=self.engine.environment)

    def execute(self, *command):
        """Run a command in it. Returns: what it printed."""
        return self.engine.podman("exec", self.name, *command)

    def is_healthy(self):
        """Run the image's HEALTHCHECK. (Its timer would be systemd's.)"""
        return subprocess.run(self.engine.command("healthcheck", "run", self.name),
                              env=self.engine.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def stop(self, patience_s=30):
        """SIGTERM. Returns: the exit code, 137 if it had to be killed after that."""
        self.engine.podman("stop", "--time", patience_s, self.name)
        return self.engine.inspect(self.name)["State"]["ExitCode"]

    def remove(self):
        self.engine.podman("rm", "--force", "--time", "2", self.name)
