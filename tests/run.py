#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Runs all tests, a few at a time, and counts: run.py [options] NAME=COMMAND ...

Each command prints TAP, or ends with "...: N passed, N failed". Its output is kept in the log
folder. A test that dies, hangs or plans more points than it made has failed. The last line is
"N passed, N failed, N skipped"; the exit status says whether anything failed.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time

POINT = re.compile(r"^(not )?ok\b[ \d]*(?:- )?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)$")
SUMMARY = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
SKIP = re.compile(r"# SKIP\b *(.*)$", re.I)


class Result:
    """What one command's output amounts to."""

    def __init__(self, name):
        self.name = name
        self.passed = self.failed = 0
        self.skips = []
        self.faults = []

    def point(self, failed, text):
        skip = SKIP.search(text)
        if failed:
            self.failed += 1
            self.faults.append(text)
        elif skip:
            self.skips.append(text)
        else:
            self.passed += 1

    def fault(self, text):
        self.failed += 1
        self.faults.append(text)

    def read(self, output):
        planned = None
        for line in output.splitlines():
            point, plan = POINT.match(line), PLAN.match(line)
            summary = SUMMARY.search(line)
            if point:
                self.point(bool(point.group(1)), point.group(2))
            elif plan:
                planned = int(plan.group(1))
            elif summary:
                self.passed += int(summary.group(1))
                for _ in range(int(summary.group(2))):
                    self.fault(line)
                for _ in range(int(summary.group(3) or 0)):
                    self.skips.append(line)
        made = self.passed + self.failed + len(self.skips)
        if not made:
            self.fault("it made no test point")
        elif planned is not None and made < planned:
            self.fault(f"{planned} points were planned, {made} made")


def run(name, command, log, seconds):
    """Runs a command in a process group of its own, so that nothing of it outlives the limit."""
    result = Result(name)
    start = time.monotonic()
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(["sh", "-c", f"exec {command}"], stdout=out,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            status = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            status = None
    with open(log, encoding="utf-8", errors="replace") as text:
        result.read(text.read())
    if status is None:
        result.fault(f"it did not end within {seconds} s")
    elif status and not result.failed:
        result.fault(f"it ended with status {status}")
    result.seconds = time.monotonic() - start
    result.log = log
    return result


def report(result):
    state = "FAILED" if result.failed else "passed"
    skipped = f", {len(result.skips)} skipped" if result.skips else ""
    print(f"{result.name:<28} {state}  {result.passed:5} passed{skipped}  "
          f"({result.seconds:.1f} s)", flush=True)
    for text in result.skips:
        print(f"    skipped: {text}")
    for text in result.faults[:10]:
        print(f"    not ok: {text}")
    if not result.failed:
        return
    print(f"    log: {result.log}, which ends:")
    with open(result.log, encoding="utf-8", errors="replace") as log:
        for line in log.read().splitlines()[-25:]:
            print(f"    | {line}")
    sys.stdout.flush()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", required=True, help="folder for the tests' output")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--seconds", type=int, default=1200, help="limit for each")
    parser.add_argument("--only", default="", help="names that match this regular expression")
    parser.add_argument("tests", nargs="*", metavar="NAME=COMMAND")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    os.makedirs(arguments.logs, exist_ok=True)
    tests = [test.split("=", 1) for test in arguments.tests]
    tests = [test for test in tests if re.search(arguments.only, test[0])]
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        futures = [pool.submit(run, name, command, f"{arguments.logs}/{name.replace('/', '-')}.log",
                               arguments.seconds) for name, command in tests]
        for future in concurrent.futures.as_completed(futures):
            result = future.result()
            report(result)
            passed += result.passed
            failed += result.failed
            skipped += len(result.skips)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
