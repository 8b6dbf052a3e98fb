"""What drives a browser: playwright-core and axe-core from npm, beside the reference's environment.

Their versions and hashes are in tests/web/package-lock.json; neither needs another package, and no
npm is needed to unpack them. Run as a program it makes the folder and prints it.
"""

import base64
import fcntl
import hashlib
import io
import json
import os
import pathlib
import ssl
import sys
import tarfile
import urllib.request

import reference_venv
import venv_of

FOLDER = reference_venv.FOLDER.with_name(reference_venv.FOLDER.name + "-browser")
LOCK = pathlib.Path(__file__).resolve().parents[1] / "web" / "package-lock.json"
REGISTRY = "https://registry.npmjs.org"
# Debian's list of authorities, whichever Python this is.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
PATIENCE_S = 120


def fetch(name, version):
    registry = os.environ.get("NPM_CONFIG_REGISTRY", REGISTRY).rstrip("/")
    trust = ssl.create_default_context()
    if os.path.exists(AUTHORITIES):
        trust.load_verify_locations(AUTHORITIES)
    url = f"{registry}/{name}/-/{name}-{version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S, context=trust) as answer:
            return answer.read()
    except OSError as error:
        raise SystemExit(f"{url} cannot be read: {error}") from None


def unpack(archive, folder):
    """Its regular files, which all are in a folder `package`."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            path = pathlib.PurePosixPath(member.name)
            if not member.isreg() or path.is_absolute() or ".." in path.parts:
                continue
            to = folder.joinpath(*path.parts[1:])
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(files.extractfile(member).read())


def make(folder):
    venv_of.empty(folder)
    print(f"Making {folder} with playwright-core (some seconds, once)", file=sys.stderr, flush=True)
    for path, package in json.loads(LOCK.read_text())["packages"].items():
        if not path:
            continue
        name = path.removeprefix("node_modules/")
        archive = fetch(name, package["version"])
        kind, _, wanted = package["integrity"].partition("-")
        if base64.b64encode(hashlib.new(kind, archive).digest()).decode() != wanted:
            raise SystemExit(f"{name} {package['version']} is not what package-lock.json says.")
        unpack(archive, folder / path)


def ready():
    """The folder, made first where it is missing or out of date."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    wanted = LOCK.read_text()
    stamp = FOLDER / "made-from"
    with open(FOLDER.with_name(FOLDER.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            make(FOLDER)
            stamp.write_text(wanted)
    return FOLDER


if __name__ == "__main__":
    print(ready())
