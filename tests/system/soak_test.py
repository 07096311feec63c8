#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Domains come and go, SOAK of them, some paused, some running, some ended by themselves; afterwards
nothing is left of them: no page, no node of the store, no event channel, no grant.
"""
import os

from machine import Machine, Tap, check, log_path

COUNT = int(os.environ.get("SOAK", "100"))
BATCH = 50          # more at once than one answer of the daemon lists
SMALL = "/guests/hello.cfg 'memory=4' 'name=\"d%\"'"


def dump(machine, key):
    """What the hypervisor prints for a debug key, in an order that says nothing of the past."""
    machine.run("xl dmesg -c")
    machine.run(f"xl debug-keys {key}")
    return sorted(line for line in machine.run("xl dmesg").splitlines() if "# echo" not in line)


def census(machine):
    return {"free pages": machine.free_pages(),
            "nodes": len(machine.run("xenstore-ls -f").splitlines()),
            "event channels": dump(machine, "e"), "grants": dump(machine, "g")}


def come_and_go(machine, count):
    for first in range(1, count + 1, BATCH):
        last = first + BATCH - 1
        paused = "-p " if first // BATCH % 2 else ""
        output = machine.run(f"repeat {first} {last} xl create {paused}-q {SMALL}", timeout=300)
        check("rror" not in output and "ailed" not in output, output)
        listed = machine.run("xl list")
        check(all(f"d{n} " in listed for n in range(first, last + 1)), listed)
        output = machine.run(f"repeat {first} {last} xl destroy d%", timeout=300)
        check("rror" not in output and "ailed" not in output, output)


def leaves_nothing(machine):
    # Heaps and tables grow to what so many need at once.
    come_and_go(machine, BATCH)
    before = census(machine)
    check(all(before.values()), f"nothing to be seen: {before}")
    come_and_go(machine, COUNT)
    for _ in range(100):        # the dead are taken apart by and by
        after = census(machine)
        if after == before:
            return
    raise AssertionError(f"before {before}, after {COUNT} domains {after}")


if __name__ == "__main__":
    tap = Tap()
    vm = Machine.from_kernel(log_path("soak"), cpus=2)
    try:
        tap.run("boots", vm.prompt)
        tap.run(f"{COUNT} domains come and go and leave nothing", leaves_nothing, vm)
        tap.ok(vm.power_off() == 0, "poweroff")
    finally:
        vm.close()
    tap.done()
