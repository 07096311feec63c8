#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares pvabi/ with the headers of Debian's libxen-dev, and the generated files with pvabi/.

run.py BUILDDIR [-v]: prints what differs and `N passed, N failed`; exit status 1 if anything does.

A fact is one number that a compiler gives: a constant, the size or alignment of a type, the place,
size or signedness of a member. Facts are found by parsing Xen's headers as the preprocessor leaves
them, so that what Xen has and we lack is a failure as well, unless exceptions.txt says why.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "pvabi", "gen")]

import generated  # noqa: E402
import headers  # noqa: E402
import selftest  # noqa: E402


class Results:
    """Counts checks and prints those that fail."""

    def __init__(self, verbose):
        self.passed, self.failed, self.verbose = 0, 0, verbose

    def check(self, good, name, detail=""):
        self.passed += bool(good)
        self.failed += not good
        if not good or self.verbose:
            print(f"{'ok' if good else 'not ok'} - {name}" + (f": {detail}" if not good else ""))

    def same(self, name, ours, theirs):
        self.check(ours == theirs, name, f"ours {show(ours)}, expected {show(theirs)}")


def show(value):
    return hex(value) if isinstance(value, int) else str(value)


def main():
    builddir = os.path.abspath(sys.argv[1])
    results = Results("-v" in sys.argv[2:])
    headers.run(results, ROOT)
    generated.run(results, ROOT, builddir)
    selftest.run(results, ROOT)
    print(f"abi: {results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
