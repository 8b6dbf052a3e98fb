"""Run every benchmark, print one table, and write build/bench.json.

    bench.py --build FOLDER --json FILE [NAME…]

A benchmark is a program `bench_NAME.py` beside this file; it appends its results to the file it is
given with --json (report.py). NAMEs choose those whose names begin so. The exit code says whether
they ran, not whether their goals are met: that is in the table.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import report

HERE = pathlib.Path(__file__).resolve().parent
LIBRARY = HERE.parent / "lib"


def run(script, options):
    environment = {**os.environ, "PYTHONPATH": f"{LIBRARY}:{HERE}", "PYTHONDONTWRITEBYTECODE": "1",
                   "REUNION_BUILD": str(options.build.resolve())}
    print(f"{script.stem} …", file=sys.stderr, flush=True)
    return subprocess.run(
        [LIBRARY / "in-namespace", sys.executable, script, "--json", options.json.resolve()],
        env=environment, stdin=subprocess.DEVNULL).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()

    options.json.unlink(missing_ok=True)
    scripts = [script for script in sorted(HERE.glob("bench_*.py"))
               if not options.names or script.stem.startswith(
                   tuple(f"bench_{name}" for name in options.names))]
    failed = [script.stem for script in scripts if not run(script, options)]
    entries = json.loads(options.json.read_text()) if options.json.exists() else []
    if entries:
        print(report.table(entries))
    if failed or not entries:
        sys.exit(f"These benchmarks failed: {', '.join(failed) or 'none was run'}")


if __name__ == "__main__":
    main()
