#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""200 guests on their rings at once, served by the control domain's store, in QEMU. Prints TAP.

  many_run.py [--width pv32|pv64] [--guests N] [--verbose]
"""

import argparse
import sys
import tempfile

from guest_run import Machine, Report, wait_until


def answers(machine, count):
    seen = machine.run(f"repeat 1 {count} xenstore-read /local/domain/%/data/answer")
    return [line for line in seen.split("\n") if line.startswith("greeting-")]


def try_many(machine, report, count):
    before = machine.run("xenstore-ls")
    seen = machine.run(f"repeat 1 {count} xl create -q /guests/greet.cfg 'name=\"d%\"'")
    listed = machine.run("xl list")
    report.result(f"d{count} " in listed and "rror" not in seen, f"{count} guests", seen[-2000:])
    # One that floods the store must not keep the others from being heard.
    machine.run("xl create /guests/flood.cfg")
    machine.run(f"repeat 1 {count} xenstore-write /local/domain/%/data/ask greeting-%")
    wanted = [f"greeting-{number}" for number in range(1, count + 1)]
    report.result(wait_until(lambda: answers(machine, count) == wanted, 300),
                  "each answers what it is asked through the store, beside one that floods it",
                  "\n".join(answers(machine, count)[-20:]))
    machine.run("xl destroy flood")
    seen = machine.run(f"repeat 1 {count} xl destroy d%")
    listed = machine.run("xl list")
    report.result("d1 " not in listed and f"d{count} " not in listed and "rror" not in seen,
                  "and all are destroyed", seen[-2000:] + listed[-500:])
    after = machine.run("xenstore-ls")
    left = set(after.split("\n")) - set(before.split("\n")) - {
        'local = ""', ' domain = ""', 'vm = ""'}
    report.result(not left, "and have left nothing in the store", after[-2000:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", choices=("pv32", "pv64"), default="pv64")
    parser.add_argument("--hypervisor", default="build/paravane")
    parser.add_argument("--guests", type=int, default=200)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="store-") as directory:
        machine = Machine(arguments, directory, 512 + 10 * arguments.guests, 256, 600)
        try_many(machine, report, arguments.guests)
        machine.console.close(force=True)
        if arguments.verbose:
            sys.stderr.write(machine.said.getvalue())
    print(f"1..{report.count}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
