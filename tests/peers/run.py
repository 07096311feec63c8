#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Guests that were never written for us, as one TAP stream: run.py [--jobs N] [NAME...]

Each subject is a function run(check, ...) that calls check(what, passed, detail) for each fact. The
machine's conversation is kept in build/peers/NAME.log.
"""
import argparse
import concurrent.futures
import importlib
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Failure, Skip  # noqa: E402

# A CPU of Intel's has SYSENTER in long mode, and counts its threads otherwise than AMD's, as QEMU's usual one.
INTEL = "max,vendor=GenuineIntel"

# name: module, arguments; the longest first
SUBJECTS = {
    "linux-4": ("linux_guest", ("linux-4", 4, INTEL)),
    "linux32-4": ("linux_guest", ("linux32-4", 4, INTEL, "4.15.0-213")),
    "linux-smp": ("linux_smp", (1,)),
    "linux-soak": ("linux_smp", (20,)),
    "debian-xl": ("debian_xl", ()),
    "linux-first-2": ("linux_first", ("linux-first-2", 2)),
    "linux-first-1": ("linux_first", ("linux-first-1", 1)),
    "linux32-first": ("linux_first", ("linux32-first", 2, "4.4.0-210")),
    "linux-1": ("linux_guest", ("linux-1", 1)),
    "linux32-1": ("linux_guest", ("linux32-1", 1, "max", "4.4.0-210")),
    "cores": ("cores", (("pv32", "pv64", "linux"),)),
    "cores-on-xen": ("cores", (("pv64",), True)),
    "on-xen": ("on_xen", ()),
    "mach": ("mach", ()),
    "grub-i386": ("grub", ("i386",)),
    "grub-x86_64": ("grub", ("x86_64",)),
}
# Only by name: make soak.
LONG = {"linux-smp", "linux-soak"}


def try_subject(name):
    """Returns the lines of one subject: (passed, what, detail) or (None, why skipped, '')."""
    module, args = SUBJECTS[name]
    lines = []

    def check(what, passed, detail=""):
        lines.append((bool(passed), what, "" if passed else str(detail)))

    begin = time.monotonic()
    try:
        importlib.import_module(module).run(check, *args)
    except Skip as skip:
        lines.append((None, str(skip), ""))
    except Failure as failure:
        lines.append((False, str(failure), ""))
    except Exception:  # a fault of the test itself is a failure with its whole story
        lines.append((False, "the test broke", traceback.format_exc()))
    return lines, time.monotonic() - begin


def report(name, lines, seconds, number):
    for passed, what, detail in lines:
        number += 1
        if passed is None:
            print(f"ok {number} - {name} # SKIP {what}")
            continue
        print(f"{'ok' if passed else 'not ok'} {number} - {name}: {what}")
        for line in detail.splitlines()[-20:]:
            print(f"#   {line.rstrip()}")
    print(f"# {name}: {seconds:.1f} s", flush=True)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="only name the subjects")
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    if args.list:
        print("\n".join(SUBJECTS))
        return 0
    for name in args.names:
        if name not in SUBJECTS:
            parser.error(f"no subject {name}; there are: {', '.join(SUBJECTS)}")
    names = args.names or [n for n in SUBJECTS if n not in LONG]
    number, failed = 0, 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        tried = {n: pool.submit(try_subject, n) for n in names}
        for name, future in tried.items():
            lines, seconds = future.result()
            number = report(name, lines, seconds, number)
            failed += sum(passed is False for passed, _, _ in lines)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
