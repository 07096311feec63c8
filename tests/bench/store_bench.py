#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Our store daemon beside Debian's two, in one run on one machine; prints a table.

  store_bench.py [--seconds S] [--connections N ...]

Debian's daemons come from the package xen-utils-4.17, installed or unpacked in build/peers/xen-utils;
those that are not there or do not run are left out, and the table says so.
"""

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time

BIN = ("/usr/lib/xen-4.17/bin", "build/peers/xen-utils/usr/lib/xen-4.17/bin")
SHIM = os.path.abspath("build/test/store_shim.so")
# Where the OCaml daemon listens is compiled in.
OXENSTORED_SOCKET = "/var/run/xenstored/socket"
ROWS = (("read_per_s", "reads /s"), ("read_p50_us", "  median us"), ("read_p99_us", "  99 % us"),
        ("write_per_s", "writes /s"), ("write_p50_us", "  median us"),
        ("write_p99_us", "  99 % us"),
        ("transaction_per_s", "transactions of 5 writes /s"),
        ("transaction_p50_us", "  median us"), ("transaction_p99_us", "  99 % us"),
        ("directory_per_s", "listings of 1,000 /s"), ("watched_write_per_s",
                                                     "writes watched by all /s"),
        ("crowded_read_per_s", "reads beside 1,000 domains /s"),
        ("crowded_write_per_s", "writes beside 1,000 domains /s"),
        ("create_per_s", "nodes created /s, to 100,000"), ("bytes_per_node", "  bytes each"),
        ("remove_s", "  removed in s"))


def find(name):
    for directory in BIN:
        path = os.path.join(directory, name)
        if os.access(path, os.X_OK):
            return os.path.abspath(path)
    return None


def ours(directory):
    path = f"{directory}/socket"
    return ["build/host/xenstored-lite", "--socket", path], path, {}


def c_daemon(directory):
    program = find("xenstored")
    return program and [program, "-N", "--pid-file", f"{directory}/pid"], f"{directory}/socket", {
        "XENSTORED_RUNDIR": directory, "LD_PRELOAD": SHIM}


def ocaml_daemon(directory):
    config = f"{directory}/config"
    with open(config, "w", encoding="ascii") as out:
        out.write(f"pid-file = {directory}/pid\nxenstored-log-file = {directory}/log\n"
                  "quota-activate = false\nmerge-activate = true\npersistent = false\n"
                  "xenstored-kva = /proc/xen/xsd_kva\nxenstored-port = /proc/xen/xsd_port\n")
    program = find("oxenstored")
    return program and [program, "--config-file", config, "--no-fork", "--no-access-log"], \
        OXENSTORED_SOCKET, {"LD_PRELOAD": SHIM}


def measure(start, connections, seconds):
    """The rows as a dictionary, or a string that says why there are none."""
    directory = tempfile.mkdtemp(prefix="store-")
    command, path, environment = start(directory)
    if not command:
        return "not installed"
    if path == OXENSTORED_SOCKET:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{directory}/output", "w", encoding="utf-8") as output:
        process = subprocess.Popen(command, env=dict(os.environ, **environment), stdout=output,
                                   stderr=output)
    try:
        for _ in range(200):
            if os.path.exists(path) and process.poll() is None:
                break
            time.sleep(0.02)
        # One who has made his socket may not listen yet.
        time.sleep(0.2)
        done = subprocess.run(["build/test/store_load", path, str(process.pid), str(connections),
                               str(seconds)], capture_output=True, text=True, check=False,
                              timeout=600)
        if done.returncode:
            return (done.stderr.strip() or "failed").splitlines()[-1]
        return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        shutil.rmtree(directory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 10, 100])
    arguments = parser.parse_args()
    daemons = (("ours", ours), ("C", c_daemon), ("OCaml", ocaml_daemon))
    for connections in arguments.connections:
        results = [(name, measure(start, connections, arguments.seconds))
                   for name, start in daemons]
        print(f"\n{connections} connections".ljust(36) +
              "".join(name.rjust(12) for name, _ in results))
        for key, title in ROWS:
            cells = "".join(("-" if isinstance(found, str) else f"{found[key]:.4g}"
                             if found[key] < 1000 else f"{found[key]:.0f}").rjust(12)
                            for _, found in results)
            print(title.ljust(35) + cells)
        for name, found in results:
            if isinstance(found, str):
                print(f"{name}: {found}")


if __name__ == "__main__":
    main()
