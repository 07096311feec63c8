#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Our client library in mini-OS, beside the store in one image, as the first domain. Prints TAP.

  library_run.py [--width pv32|pv64] [--verbose]
"""

import argparse
import subprocess
import sys

from host import plan, result

# What every suite of the client library makes at least.
CHECKS = 60


def run(width, verbose):
    try:
        done = subprocess.run([
            "qemu-system-x86_64", "-machine", "accel=tcg", "-cpu", "max", "-m", "256", "-nographic",
            "-no-reboot", "-kernel", "build/paravane", "-append", "console=com1",
            "-initrd", f"build/guests/store-library-{width}",
        ], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=300,
            check=False)
        said = done.stdout
    except subprocess.TimeoutExpired as expired:
        said = (expired.stdout or b"").decode(errors="replace")
    if verbose:
        sys.stderr.write(said)
    lines = [line.strip() for line in said.splitlines()]
    passed = sum(line.startswith("ok ") for line in lines)
    bad = [line for line in lines if line.startswith(("not ok ", "Bail out!"))]
    result(passed >= CHECKS and not bad and f"1..{passed}" in lines,
           f"the library in mini-OS, {width} ({passed} checks)", "\n".join(bad or lines[-20:]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", choices=("pv32", "pv64"))
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    for width in [arguments.width] if arguments.width else ("pv32", "pv64"):
        run(width, arguments.verbose)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
