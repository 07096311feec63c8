#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the guest tests on Paravane: run.py LIST WIDTH [NAME...]

The verdict is the guest's last line; after CRASH its domain must have crashed, and the machine must
have lived on. Every page must be free again after each domain.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Paravane, judge, read_list, run_domus, run_first  # noqa: E402
from machine import Tap  # noqa: E402


def main():
    tap = Tap()
    host = Paravane()
    tests = read_list(sys.argv[1], sys.argv[2], sys.argv[3:])
    for test in tests:
        for variant in test.variants if "first" in test.where else []:
            judge(tap, test.label("first", variant), run_first(host, test, variant))
    whole = run_domus(host, [test for test in tests if "domu" in test.where],
                      lambda test, variant, outcome: judge(tap, test.label("domU", variant), outcome))
    tap.ok(whole, "the machine outlives them all")
    tap.done()


if __name__ == "__main__":
    main()
