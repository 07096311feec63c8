#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The store as guests and the control domain's shell see it, in QEMU. Prints TAP.

  guest_run.py [--width pv32|pv64] [--hypervisor FILE] [--verbose]

Any hypervisor of the ABI will do that runs the width; Paravane by default.
"""

import argparse
import io
import os
import sys
import tempfile
import time

import pexpect

PROMPT = "dom0# "
CONFIG = 'name = "store"\ntype = "pv"\nkernel = "/guests/store"\nmemory = 8\nvcpus = 1\n'
# Each behaves badly in its own way for as long as it lives; see guest/hostile.c.
HOSTILE = ("noise", "flood", "stall")


def behaving(name):
    """The configuration of a guest of that behaviour."""
    return (CONFIG.replace('"store"', f'"{name}"')
            + f'extra = "{name}"\non_crash = "destroy"\n').encode()


def cpio(files):
    """An archive in the newc format."""
    out = b""
    for number, (name, data) in enumerate([*files.items(), ("TRAILER!!!", b"")]):
        mode = 0o040755 if data is None else 0o100644
        data = data or b""
        fields = [number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        entry = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        entry += b"\0" * (-len(entry) % 4) + data
        out += entry + b"\0" * (-len(entry) % 4)
    return out


class Machine:
    def __init__(self, arguments, directory, memory=512, dom0_memory=128, timeout=120):
        ramdisk = os.path.join(directory, "ramdisk.cpio")
        with open(f"build/guests/store-{arguments.width}", "rb") as guest:
            files = {"guests": None, "guests/store": guest.read(),
                     "guests/store.cfg": CONFIG.encode()}
        files.update({f"guests/{name}.cfg": behaving(name) for name in (*HOSTILE, "die", "greet")})
        with open(ramdisk, "wb") as out:
            out.write(cpio(files))
        options = f"console=com1 dom0_mem={dom0_memory}M loglvl=all guest_loglvl=all"
        if "paravane" not in arguments.hypervisor:
            options += " sync_console"
        self.console = pexpect.spawn("qemu-system-x86_64", [
            "-machine", "accel=tcg", "-cpu", "max,-smap", "-m", str(memory), "-nographic", "-no-reboot",
            "-kernel", arguments.hypervisor,
            "-initrd", f"build/dom0-{arguments.width},{ramdisk}", "-append", options,
        ], encoding="utf-8", codec_errors="replace", timeout=timeout)
        self.said = io.StringIO()
        self.console.logfile_read = self.said
        self.console.expect_exact(PROMPT)

    def run(self, command):
        """Types slowly: a console has a short FIFO. Returns what was printed."""
        for start in range(0, len(command), 8):
            self.console.send(command[start:start + 8])
            self.console.expect_exact(command[start:start + 8])
        self.console.send("\r")
        self.console.expect_exact(PROMPT)
        return self.console.before.replace("\r", "").replace("\x1b[K", "")


class Report:
    def __init__(self):
        self.count = 0
        self.failures = 0

    def result(self, good, what, seen=""):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}", flush=True)
        if not good:
            for line in seen.splitlines():
                print(f"# {line}", flush=True)


def try_guest(machine, report):
    seen = machine.run("xl create -c /guests/store.cfg")
    for line in seen.splitlines():
        if line.startswith(("ok ", "not ok ")):
            report.result(line.startswith("ok"), "in a guest: " + line.split(" - ", 1)[-1])
    report.result("store: passed" in seen, "the guest has done all it should", seen)


def wait_until(condition, seconds=120):
    """True as soon as it holds, False if it does not in that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
    return True


def try_beside_hostile(machine, report):
    """All kinds of hostile guests at once; another must not notice."""
    for name in HOSTILE:
        machine.run(f"xl create /guests/{name}.cfg")
    listed = machine.run("xl list")
    report.result(all(name in listed for name in HOSTILE),
                  "guests that scribble over their ring, flood it, and stall in it", listed)
    machine.run("xl create /guests/die.cfg")
    report.result(wait_until(lambda: "die " not in machine.run("xl list")),
                  "one that dies in the middle of a message and a transaction", listed)
    seen = machine.run("xl create -c /guests/store.cfg")
    report.result("store: passed" in seen and "not ok" not in seen,
                  "and another is served beside them as if they were not there", seen)
    listed = machine.run("xenstore-ls")
    report.result("xenstored" in listed, "and the control domain too", listed)
    report.result("broke the protocol" in machine.said.getvalue() and "flood = " in listed,
                  "though the hostile ones were heard", listed)
    report.result("never" not in listed and "behind" not in listed,
                  "and nothing is left of the one that died", listed)
    for name in HOSTILE:
        machine.run(f"xl destroy {name}")
    listed = machine.run("xl list")
    report.result(not any(name in listed for name in HOSTILE),
                  "and they are gone when they are destroyed", listed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", choices=("pv32", "pv64"), default="pv32")
    parser.add_argument("--hypervisor", default="build/paravane")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="store-") as directory:
        machine = Machine(arguments, directory)
        before = machine.run("xenstore-ls")
        report.result("xenstored" in before, "the shell's xenstore-ls", before)
        try_guest(machine, report)
        try_beside_hostile(machine, report)
        after = machine.run("xenstore-ls")
        # The directories that guests' entries stood in may stay.
        left = set(after.split("\n")) - set(before.split("\n")) - {
            'local = ""', ' domain = ""', 'vm = ""'}
        report.result(not left, "and nothing is left of the guest", after)
        machine.console.close(force=True)
        if arguments.verbose:
            sys.stderr.write(machine.said.getvalue())
    print(f"1..{report.count}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
