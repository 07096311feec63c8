#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the 64-bit guest tests on Debian's Xen and on Paravane and compares what they say, line by line:
on_xen.py LIST [NAME...]

The file `differs` beside a test names the lines in which the two may differ, each as a regular
expression, " -- ", and the reason, which is shown. Otherwise Xen is right. An expression that matches
no difference any more is a failure as well, unless the line begins with "sometimes ".
"""
import difflib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "peers")]
from harness import Paravane, read_list, run_domus, run_first  # noqa: E402
from machine import Tap  # noqa: E402  (the one of tests/system)
from packages import Skip, xen  # noqa: E402


class Xen(Paravane):
    """Debian's Xen, on a machine whose SMAP is off: TCG's faults in an IRET of a ring-3 kernel."""

    name = "xen"
    widths = ("pv64",)
    cpu = "max,-smap"
    append = "console=com1 loglvl=all"
    dom0 = "pv64"
    halted = r"Hardware Dom0 (halted|crashed)"  # without ACPI's help it stops there
    crashed = "Dom0 crashed"

    def __init__(self):
        self.kernel = xen()

    def power_off(self, machine):
        machine.type("poweroff\r")
        machine.expect(self.halted)
        return True


class Differences:
    """What is written beside a test about where the two may differ."""

    def __init__(self, test):
        path = os.path.join(HERE, test.name, "differs")
        self.rows, self.met = [], set()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as rows:
                self.rows = [row.strip().split(" -- ", 1) for row in rows if row[0] not in "#\n"]

    def reason(self, line):
        for pattern, reason in self.rows:
            if re.search(pattern.removeprefix("sometimes "), line):
                self.met.add(pattern)
                return reason
        return None

    def stale(self):
        return [pattern for pattern, _ in self.rows
                if pattern not in self.met and not pattern.startswith("sometimes ")]


def compare(tap, label, differences, theirs, ours):
    """One test point: the lines that only one of the two has, each explained or not."""
    explained, unexplained = [], []
    for line in difflib.ndiff(theirs.reports, ours.reports):
        side, said = {"-": "xen", "+": "paravane"}.get(line[0]), line[2:]
        reason = side and differences.reason(said)
        if reason:
            explained.append(f"# {label}, {side}: {said}\n#     {reason}")
        elif side:
            unexplained.append(f"{side}: {said}")
    # What was reported explains another verdict, but not another end.
    if theirs.end() != ours.end() or (theirs.verdict != ours.verdict and not explained):
        unexplained.append(f"xen: {theirs.end()}, {theirs.verdict}")
        unexplained.append(f"paravane: {ours.end()}, {ours.verdict}")
    if "none" in (theirs.verdict, ours.verdict):
        unexplained += [line for outcome in (theirs, ours) if outcome.verdict == "none"
                        for line in outcome.complaints()]
    print("".join(f"{text}\n" for text in explained), end="")
    tap.ok(not unexplained, label, "\n".join(unexplained))


def run_domus_on(host, tests):
    """{(test, variant): outcome}"""
    outcomes = {}

    def note(test, variant, outcome):
        outcomes[test, variant] = outcome

    run_domus(host, [test for test in tests if "domu" in test.where], note)
    return outcomes


def compare_all(tap, hosts, tests, differences):
    for test in tests:
        for variant in test.variants if "first" in test.where else []:
            compare(tap, test.label("first", variant), differences[test],
                    *(run_first(host, test, variant) for host in hosts))
    theirs, ours = (run_domus_on(host, tests) for host in hosts)
    for test, variant in theirs:
        compare(tap, test.label("domU", variant), differences[test], theirs[test, variant],
                ours[test, variant])


def main():
    tap = Tap()
    tests = read_list(sys.argv[1], "pv64", sys.argv[2:])
    differences = {test: Differences(test) for test in tests}
    try:
        compare_all(tap, (Xen(), Paravane()), tests, differences)
    except Skip as skip:
        tap.skip("guest tests on Xen", skip)
        tap.done()
    for test in tests:
        for pattern in differences[test].stale():
            tap.ok(False, f"{test.image}: no difference matches {pattern!r} any more")
    tap.done()


if __name__ == "__main__":
    main()
