"""What a test cannot do without."""

import os
import shutil


def needs(case, *programs):
    """Skip the test, saying why, where one of the programs is missing; in CI, fail."""
    for program in programs:
        if not shutil.which(program) and not os.path.exists(program):
            if os.environ.get("CI"):
                case.fail(f"{program} is not installed")
            case.skipTest(f"{program} is not installed")


def needs_root(case):
    """Skip the test, saying why, where it is not run as root, which nobody is in a user namespace;
    in CI, fail."""
    with open("/proc/self/uid_map") as users:
        everybody = int(users.readline().split()[2]) > 1
    if os.geteuid() != 0 or not everybody:
        if os.environ.get("CI"):
            case.fail("it has to be run as root")
        case.skipTest("it has to be run as root")
