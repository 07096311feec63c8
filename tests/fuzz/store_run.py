#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the store's fuzzers: a bounded number of seeded runs each, or for a time. Prints TAP.

What a long run finds worth keeping stays in build/fuzz/corpus/NAME; a crash leaves its input in
build/fuzz/NAME-crash-*.
"""

import argparse
import os
import subprocess
import sys

FUZZERS = {"store_wire": 100_000, "store_ring": 60_000}


def run(name, runs, seconds):
    command = [f"build/fuzz/{name}", "-seed=1", "-max_len=2048", "-print_final_stats=1",
               "-close_fd_mask=1", f"-artifact_prefix=build/fuzz/{name}-"]
    if seconds:
        corpus = f"build/fuzz/corpus/{name}"
        os.makedirs(corpus, exist_ok=True)
        command += [f"-max_total_time={seconds}", corpus]
    else:
        command += [f"-runs={runs}", "-len_control=20"]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, help="for so long each, instead of so many runs")
    arguments = parser.parse_args()
    failures = 0
    for number, (name, runs) in enumerate(FUZZERS.items(), 1):
        done = run(name, runs, arguments.seconds)
        executed = [line.split()[-1] for line in done.stderr.splitlines()
                    if "number_of_executed_units" in line]
        good = done.returncode == 0 and executed
        failures += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}: {executed or ['no']} inputs"
              .replace("['", "").replace("']", ""), flush=True)
        if not good:
            for line in done.stderr.splitlines()[-40:]:
                print(f"# {line}")
    print(f"1..{len(FUZZERS)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
