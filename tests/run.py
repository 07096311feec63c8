#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the tests that make built, a few at once, and counts: the last line is
`N passed, N failed, N skipped`. The output of each is kept in the folder of logs.
"""
import argparse
import fnmatch
import importlib
import os
import re
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tests.guest import run as guest          # noqa: E402
from tests.system.machine import Failure, Skip  # noqa: E402

PROGRAM_TIMEOUT = 600
TAIL_LINES = 30


class Results:
    """Counts, and the lines that a person sees."""

    def __init__(self):
        self.count = {"ok": 0, "failed": 0, "skipped": 0}
        self.lock = threading.Lock()

    def add(self, title, verdict, note="", log=None):
        with self.lock:
            self.count[verdict] += 1
            if verdict == "skipped" and not note:
                verdict, note = "failed", "skipped without a reason"
                self.count["skipped"] -= 1
                self.count["failed"] += 1
            print(f"{verdict:8}{title}{': ' if note else ''}{note}", flush=True)
            if verdict == "failed" and log:
                self.show_tail(log)

    @staticmethod
    def show_tail(log):
        try:
            with open(log, encoding="utf-8", errors="replace") as f:
                lines = f.read().replace("\r", "").splitlines()[-TAIL_LINES:]
        except OSError:
            return
        print(f"        --- the end of {log}:")
        for line in lines:
            print(f"        | {line}")

    def add_tap(self, title, text, status, log):
        """Test Anything Protocol: a line for each test, and the plan they must fit."""
        planned, seen = None, 0
        for line in text.splitlines():
            plan = re.match(r"1\.\.(\d+)(?:\s*#\s*skip\s*(.*))?", line, re.I)
            if plan:
                planned = int(plan.group(1))
                if planned == 0:
                    self.add(title, "skipped", plan.group(2) or "")
                continue
            point = re.match(r"(not )?ok\b\s*\d*\s*-?\s*([^#]*)(?:#\s*skip\S*\s*(.*))?", line, re.I)
            if not point:
                continue
            seen += 1
            name = f"{title}: {point.group(2).strip()}"
            if point.group(3) is not None:
                self.add(name, "skipped", point.group(3))
            elif point.group(1):
                self.add(name, "failed", log=log)
            else:
                self.count["ok"] += 1
        if planned is None or planned != seen:
            self.add(title, "failed", f"{seen} of {planned} tests reported", log)
        elif status and "not ok" not in text:
            self.add(title, "failed", f"exit status {status}", log)


def run_program(command, log):
    """(exit status or None, output); the output is in the log as well."""
    with open(log, "w+", encoding="utf-8", errors="replace") as out:
        try:
            status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT,
                                    stdin=subprocess.DEVNULL, timeout=PROGRAM_TIMEOUT,
                                    check=False).returncode
        except subprocess.TimeoutExpired:
            status = None
        out.seek(0)
        return status, out.read()


class Runner:
    def __init__(self, options):
        self.options = options
        self.results = Results()
        self.jobs = []
        os.makedirs(options.logs, exist_ok=True)

    def log(self, name):
        return os.path.join(self.options.logs, re.sub(r"[^\w.-]+", "-", name) + ".log")

    def wanted(self, title):
        only = self.options.only
        return not only or any(fnmatch.fnmatch(title, f"*{p}*") for p in only.split())

    def plan(self, title, function, *args):
        self.jobs.append((title, function, args))

    # --- programs ---------------------------------------------------------------------------------
    def tap(self, title, command):
        log = self.log(title)
        if not os.path.exists(command[-1]):
            self.results.add(title, "failed", f"{command[-1]} was not built")
            return
        status, text = run_program(command, log)
        if status is None:
            self.results.add(title, "failed", f"took more than {PROGRAM_TIMEOUT} s", log)
        else:
            self.results.add_tap(title, text, status, log)

    def abi(self, title):
        log = self.log(title)
        status, text = run_program([sys.executable, "tests/abi/run.py", self.options.build], log)
        counts = re.findall(r"abi: (\d+) passed, (\d+) failed", text)
        if not counts or status is None:
            self.results.add(title, "failed", "no summary", log)
        elif status or int(counts[-1][1]) or not int(counts[-1][0]):
            self.results.add(title, "failed", f"{counts[-1][1]} facts differ", log)
        else:
            self.results.add(title, "ok", f"{counts[-1][0]} facts")

    def plan_programs(self):
        for name in self.options.host.split():
            if self.wanted(f"host {name}"):
                self.plan(f"host {name}", self.tap, [f"{self.options.build}/test/{name}_test"])
        if self.options.abi and self.wanted("abi"):
            self.plan("abi", self.abi)
        for script in self.options.tap.split():
            if self.wanted(script):
                self.plan(script, self.tap, [sys.executable, script])

    # --- guests -----------------------------------------------------------------------------------
    def guest_first(self, title, run):
        log = self.log(title)
        self.results.add(title, *guest.run_first(run, self.options.build, log), log)

    def guest_batch(self, title, runs):
        log = self.log(title)
        for run, verdict, note in guest.run_batch(runs, self.options.build, log):
            self.results.add(run.title, verdict, note)

    def plan_guests(self):
        runs = [r for r in guest.read_list(self.options.build) if self.wanted(r.title)]
        built = [r for r in runs if os.path.exists(f"{self.options.build}/tests/guest/{r.image}")]
        for run in runs:
            if run not in built:
                self.results.add(run.title, "failed", "was not built")
        for width in ("pv32", "pv64"):
            batch = [r for r in built if r.where == "domu" and r.width == width]
            if batch:
                self.plan(f"guests {width} as domains", self.guest_batch, batch)
        for run in built:
            if run.where == "first":
                self.plan(run.title, self.guest_first, run)

    # --- system -----------------------------------------------------------------------------------
    def system(self, title, function):
        log = self.log(title)
        try:
            self.results.add(title, "ok", function(log, self.options.build) or "")
        except Skip as e:
            self.results.add(title, "skipped", str(e))
        except Failure as e:
            self.results.add(title, "failed", str(e), log)

    def plan_system(self):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "system")
        for file in sorted(os.listdir(folder)):
            if not file.endswith("_test.py"):
                continue
            module = importlib.import_module(f"tests.system.{file[:-3]}")
            for name, function in vars(module).items():
                title = f"system {file[:-8]}: {name[5:].replace('_', ' ')}"
                if name.startswith("test_") and self.wanted(title):
                    self.plan(title, self.system, function)

    # --- all --------------------------------------------------------------------------------------
    def run_one(self, title, function, args):
        try:
            function(title, *args)
        except Exception:
            log = self.log(title + " runner")
            with open(log, "w", encoding="utf-8") as f:
                traceback.print_exc(file=f)
            self.results.add(title, "failed", "the runner failed", log)

    def run(self):
        started = time.monotonic()
        # What takes longest begins first.
        self.jobs.sort(key=lambda job: not job[0].startswith(("guests", "system", "tests/")))
        with ThreadPoolExecutor(self.options.jobs) as pool:
            for job in self.jobs:
                pool.submit(self.run_one, *job)
        count = self.results.count
        print(f"in {time.monotonic() - started:.0f} s; output of each test is in {self.options.logs}")
        print(f"{count['ok']} passed, {count['failed']} failed, {count['skipped']} skipped")
        return 1 if count["failed"] or not count["ok"] else 0


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--build", default="build")
    p.add_argument("--logs", default="build/test-logs")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--only", default="", help="patterns of titles")
    p.add_argument("--host", default="", help="names of host tests")
    p.add_argument("--abi", action="store_true")
    p.add_argument("--tap", default="", help="scripts that print TAP")
    p.add_argument("--guests", action="store_true")
    p.add_argument("--system", action="store_true")
    options = p.parse_args()
    runner = Runner(options)
    runner.plan_programs()
    if options.guests:
        runner.plan_guests()
    if options.system:
        runner.plan_system()
    return runner.run()


if __name__ == "__main__":
    sys.exit(main())
