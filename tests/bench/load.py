"""Load on a server by wrk, and the other servers that ours is measured beside.

Everything here is on one machine, client and server alike. Both sides of a comparison have the same
connections and the same threads at both ends.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile

from certificates import Authority
from harness import ClockServer, Server
from ours import BUILD
from programs import Failure, Program

HERE = pathlib.Path(__file__).resolve().parent

CONNECTIONS = 64
# As many as the server has unless told otherwise; one alone would be slower than the echo server.
CLIENT_THREADS = 2
SERVER_THREADS = 2
# An answer later than this is a failure.
TIMEOUT_S = 30


class Target:
    """A server that runs: where it is asked, and its processes."""

    def __init__(self, url, *programs):
        self.url = url
        self.pids = [program.process.pid for program in programs]

    def processor_s(self):
        """What it has spent so far."""
        ticks = 0
        for pid in self.pids:
            # The name, which comes first, may have anything in it.
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Load:
    """What one run of wrk gave; every request of it has succeeded."""
    requests: int
    seconds: float
    p99_ms: float
    bytes: int
    processor_us: float  # of the server, for each request: what noise touches least

    @property
    def rate(self):
        return self.requests / self.seconds


def wrk(target, *what, seconds, connections=CONNECTIONS, threads=CLIENT_THREADS):
    """Load a target for some seconds; `what` is for load.lua."""
    before_s = target.processor_s()
    done = subprocess.run(
        ["wrk", "--threads", str(threads), "--connections", str(connections), "--duration",
         f"{seconds}s", "--timeout", f"{TIMEOUT_S}s", "--script", HERE / "load.lua", target.url,
         "--", *what], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return told(done, target, before_s)


def told(done, target, before_s):
    """What a generator of load has told in its last line; the target had spent so much before."""
    if done.returncode:
        raise Failure(f"{done.args[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    requests, measured_s, failed, p99_ms, read_bytes = done.stdout.splitlines()[-1].split()
    if int(failed) or not int(requests):
        raise Failure(f"{failed} of {requests} requests to {target.url} failed:\n{done.stdout}")
    spent_us = (target.processor_s() - before_s) * 1e6
    return Load(int(requests), float(measured_s), float(p99_ms), int(read_bytes),
                spent_us / int(requests))


def stream(target, api, path, *key, seconds):
    """The same by load_stream, which finds `api`; with the server's key, over the box transport."""
    before_s = target.processor_s()
    done = subprocess.run(
        [BUILD / "tests" / "bench" / "load_stream", api.host, str(api.port), path, str(seconds),
         str(CLIENT_THREADS), str(CONNECTIONS), *(each.hex() for each in key)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return told(done, target, before_s)


def at(server, path="/"):
    """One of our servers as a target."""
    return Target(server.url + path, server.program)


def post_t1s(server, **load):
    return wrk(at(server), "post", "/v1/t1", **load)


# Our server

@contextlib.contextmanager
def folder():
    """A new folder on the disk that the build is on, which must be one."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as made:
        kind = subprocess.run(["stat", "--file-system", "--format", "%T", made], check=True,
                              capture_output=True, text=True).stdout.strip()
        if kind in ("tmpfs", "ramfs"):
            raise Failure(f"{BUILD} is in memory ({kind}): what is durable has to be measured "
                          "on a disk")
        yield pathlib.Path(made)


def ours(directory, *flags, database=None):
    """Our server with its database in `directory` unless another is named, and all settings that
    measurements touch at their defaults but for `flags`."""
    return Server("--threads", str(SERVER_THREADS), *flags, directory=directory,
                  database=database)


def clocked(directory):
    """The same, with clocks that are moved: a bucket of links closes by time alone."""
    return ClockServer("--threads", str(SERVER_THREADS), directory=directory)


def resident_bytes(server):
    status = pathlib.Path(f"/proc/{server.program.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@contextlib.contextmanager
def profile(server, name):
    """Where BENCH_PROFILE names a folder, what `server` spends its time on meanwhile is
    written to a file there. That costs a little of what is measured."""
    target = os.environ.get("BENCH_PROFILE")
    if not target:
        yield
        return
    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    with folder() as made:
        # Virtual machines often have no counters of cycles, but all have clocks.
        with Program("perf", ["perf", "record", "--event", "cpu-clock", "--freq", "499", "--output",
                              made / "data", "--pid", server.program.process.pid]) as perf:
            yield
            perf.stop(signal.SIGINT)
        (target / f"{name}.txt").write_bytes(subprocess.run(
            ["perf", "report", "--input", made / "data", "--stdio", "--sort",
             "comm,dso,symbol"], stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout)


# The others

@contextlib.contextmanager
def echo():
    """A bare libmicrohttpd that answers a body with itself."""
    with Program("echo server", [BUILD / "tests" / "bench" / "echo_server", SERVER_THREADS],
                 stdin=subprocess.PIPE) as program:
        port = program.wait_for_line("", "out").text
        yield Target(f"http://127.0.0.1:{port}", program)
        program.process.stdin.close()
        program.wait_for_end()


def free_port():
    """One that nobody else in this network namespace takes."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


# As Debian's, but for the log, which ours does not have either, and for connections that last. Each
# worker is a process of its own, without a master, which would want to become another user; then
# all that `user` says is whose the folders are.
NGINX = """\
daemon off;
master_process off;
{user}
pid {folder}/pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    sendfile on;
    tcp_nopush on;
    access_log off;
    keepalive_requests 1000000000;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {tls}
    server {{ listen 127.0.0.1:{port} reuseport{ssl}; root {folder}; }}
}}
"""


@contextlib.contextmanager
def nginx(content, tls=False):
    """Nginx with `content` as a static file; over TLS 1.3, or in plain."""
    with folder() as made, contextlib.ExitStack() as workers:
        port = free_port()
        (made / "content").write_bytes(content)
        certificate = ""
        if tls:
            file, key = Authority(made, "authority").issue("server", "IP:127.0.0.1")
            certificate = (f"ssl_protocols TLSv1.3; ssl_certificate {file}; "
                           f"ssl_certificate_key {key};")
        (made / "nginx.conf").write_text(NGINX.format(
            folder=made, port=port, tls=certificate, ssl=" ssl" if tls else "",
            user="user root root;" if os.geteuid() == 0 else ""))
        programs = [workers.enter_context(Program("nginx", [
            "/usr/sbin/nginx", "-e", "stderr", "-p", made, "-c", made / "nginx.conf"]))
            for _ in range(SERVER_THREADS)]
        for program in programs:
            # It listens by then.
            program.wait_for_line('using the "epoll" event method')
        yield Target(f"http{'s' if tls else ''}://127.0.0.1:{port}/content", *programs)


# Options and results

def options(description, **defaults):
    """The command line of a benchmark; `defaults` are further numbers."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=pathlib.Path, required=True)
    for name, value in {"rounds": 5, "seconds": 3, **defaults}.items():
        parser.add_argument("--" + name, type=int, default=value)
    return parser.parse_args()


def median_rates(**loads):
    return medians("1/s", **{name: [each.rate for each in measured]
                             for name, measured in loads.items()})


def show_processor_time(**loads):
    """What the servers have spent for each request, which shows who has still to save."""
    medians("us of the server's processor time for each request",
            **{name: [each.processor_us for each in measured] for name, measured in loads.items()})


def medians(unit, **measured):
    """The median of each list, which are shown."""
    for name, figures in measured.items():
        print(f"  {name}: {' '.join(f'{each:.4g}' for each in figures)} {unit}", file=sys.stderr)
    return [statistics.median(figures) for figures in measured.values()]
