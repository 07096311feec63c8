#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Our store daemon beside Debian's two, in one run on one machine; prints tables.

  store_bench.py [--seconds S] [--connections N ...]

Debian's daemons come from the package xen-utils-4.17, installed or unpacked in build/peers/xen-utils;
those that are not there or do not run are left out, and the table says so. The last column is how many
times better ours is than the better of the others.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("B", "build")
BIN = ("/usr/lib/xen-4.17/bin", f"{BUILD}/peers/xen-utils/usr/lib/xen-4.17/bin")
SHIM = os.path.abspath(f"{BUILD}/test/store_shim.so")
# Where the OCaml daemon listens is compiled in.
OXENSTORED_SOCKET = "/var/run/xenstored/socket"
AIM = 1.5
# Key, title, and whether more is better.
ROWS = (("read_per_s", "reads /s", True), ("read_p50_us", "  median us", False),
        ("read_p99_us", "  99 % us", False),
        ("write_per_s", "writes /s", True), ("write_p50_us", "  median us", False),
        ("write_p99_us", "  99 % us", False),
        ("transaction_per_s", "transactions of 5 writes /s", True),
        ("transaction_p50_us", "  median us", False), ("transaction_p99_us", "  99 % us", False),
        ("directory_per_s", "listings of 1,000 /s", True), ("directory_p50_us", "  median us", False),
        ("watched_write_per_s", "writes watched by all /s", True),
        ("watched_write_p50_us", "  median us", False),
        ("crowded_read_per_s", "reads beside 1,000 domains /s", True),
        ("crowded_write_per_s", "writes beside 1,000 domains /s", True),
        ("create_per_s", "nodes created /s, to 100,000", True),
        ("bytes_per_node", "  bytes each", False), ("remove_ms", "  removed in ms", False))


def find(name):
    for directory in BIN:
        path = os.path.join(directory, name)
        if os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise OSError(f"no {name}: package xen-utils-4.17")


def ours(directory):
    path = f"{directory}/socket"
    return [f"{BUILD}/host/xenstored-lite", "--socket", path], path, {}


def c_daemon(directory):
    return [find("xenstored"), "-N", "--pid-file", f"{directory}/pid"], f"{directory}/socket", {
        "XENSTORED_RUNDIR": directory, "LD_PRELOAD": SHIM}


def ocaml_daemon(directory):
    config = f"{directory}/config"
    with open(config, "w", encoding="ascii") as out:
        out.write(f"pid-file = {directory}/pid\nxenstored-log-file = {directory}/log\n"
                  "quota-activate = false\nmerge-activate = true\npersistent = false\n"
                  "xenstored-kva = /proc/xen/xsd_kva\nxenstored-port = /proc/xen/xsd_port\n")
    os.makedirs(os.path.dirname(OXENSTORED_SOCKET), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(OXENSTORED_SOCKET)
    return [find("oxenstored"), "--config-file", config, "--no-fork", "--no-access-log"], \
        OXENSTORED_SOCKET, {"LD_PRELOAD": SHIM}


def on_processor(number):
    """Each has its place, since otherwise the system moves them as it likes, in the midst of a row."""
    processors = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {processors[number]})


class Daemon:
    """One of them, in a directory of its own; OSError if it is not there or does not come up."""

    def __init__(self, name, describe):
        self.name = name
        self.directory = tempfile.mkdtemp(prefix="store-")
        self.process = None
        try:
            self.start(*describe(self.directory))
        except OSError:
            self.stop()
            raise

    def start(self, command, path, environment):
        self.path = path
        with open(f"{self.directory}/output", "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(command, env=dict(os.environ, **environment),
                                            stdout=output, stderr=output,
                                            preexec_fn=on_processor(0))
        end = time.monotonic() + 20
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > end:
                raise OSError("it does not run here")
            time.sleep(0.02)

    def listens(self):
        return subprocess.run(["xenstore-exists", "/"], env=dict(os.environ, XENSTORED_PATH=self.path),
                              capture_output=True, check=False).returncode == 0

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.directory)


def measure(connections, seconds):
    """{row: {daemon: value}}, and why daemons are missing."""
    daemons, missing, rows = [], [], {}
    try:
        for name, describe in (("ours", ours), ("C", c_daemon), ("OCaml", ocaml_daemon)):
            try:
                daemons.append(Daemon(name, describe))
            except OSError as error:
                missing.append(f"{name}: {error}")
        arguments = [str(connections), str(seconds)]
        for daemon in daemons:
            arguments += [daemon.name, daemon.path, str(daemon.process.pid)]
        # With one connection load and daemon take turns: on two processors that measures how long an
        # idle one takes to wake up. With more each has one to itself.
        place = on_processor(0 if connections == 1 else -1)
        done = subprocess.run([f"{BUILD}/test/store_load", *arguments], stdout=subprocess.PIPE,
                              text=True, check=True, timeout=1200, preexec_fn=place)
    finally:
        for daemon in daemons:
            daemon.stop()
    for line in done.stdout.splitlines():
        key, name, value = line.split()
        rows.setdefault(key, {})[name] = float(value)
    return rows, missing


def shown(value):
    return "-" if value is None else f"{value:.4g}" if value < 1000 else f"{value:.0f}"


def ratio(row, more_is_better):
    """How many times better ours is than the better of the others; None if there are none."""
    others = [value for name, value in row.items() if name != "ours"]
    if not others:
        return None
    return row["ours"] / max(others) if more_is_better else min(others) / row["ours"]


def print_table(connections, rows, missing):
    """Returns the titles of the rows that miss the aim."""
    missed = []
    print(f"\n{connections} connection{'s' * (connections > 1)}".ljust(36)
          + "".join(name.rjust(11) for name in ("ours", "C", "OCaml", "times")))
    for key, title, more_is_better in ROWS:
        times = ratio(rows[key], more_is_better)
        cells = [shown(rows[key].get(name)) for name in ("ours", "C", "OCaml")]
        cells.append("-" if times is None else f"{times:.2f}")
        print(title.ljust(35) + "".join(cell.rjust(11) for cell in cells))
        if times is not None and times < AIM:
            missed.append(title.strip())
    for line in missing:
        print(line)
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2, help="for each row and daemon")
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 10, 100])
    arguments = parser.parse_args()
    for connections in arguments.connections:
        missed = print_table(connections, *measure(connections, arguments.seconds))
        print(f"below {AIM} times the better: {', '.join(missed) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
