"""Tests of a class side by side, for those that mostly wait. They are told as unittest tells them,
each when it has ended."""

import concurrent.futures
import io
import sys
import unittest

AT_ONCE = 6


def run_one(test):
    """Returns: whether it went well, and what is to be shown."""
    shown = io.StringIO()
    result = unittest.TextTestRunner(stream=shown, verbosity=2)._makeResult()
    test.run(result)
    result.printErrors()
    return result.wasSuccessful(), shown.getvalue()


def main(case, at_once=AT_ONCE):
    """Run those that the command line names, or all, and exit."""
    names = sys.argv[1:] or unittest.defaultTestLoader.getTestCaseNames(case)
    case.setUpClass()
    try:
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            went_well = []
            for done in concurrent.futures.as_completed(
                    [pool.submit(run_one, case(name)) for name in names]):
                good, shown = done.result()
                went_well.append(good)
                sys.stderr.write(shown)
                sys.stderr.flush()
    finally:
        case.tearDownClass()
    sys.exit(0 if went_well and all(went_well) else 1)
