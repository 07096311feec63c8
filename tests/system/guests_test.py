#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each guest that is shipped does what it is for, in both widths, side by side."""
import os
import re
import shutil
import subprocess

from machine import BUILD, Machine, Tap, check, log_path

ROOT = f"{BUILD}/test-shipped"
WIDTHS = ("pv32", "pv64")
GUESTS = ("clock", "crash", "hello", "memory", "ring3", "shell", "spin")


def make_ramdisk():
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(f"{ROOT}/guests")
    for image in (f"{guest}-{width}" for guest in GUESTS for width in WIDTHS):
        subprocess.run(["objcopy", "--strip-debug", f"{BUILD}/guests/{image}",
                        f"{ROOT}/guests/{image}"], check=True)
        with open(f"{ROOT}/guests/{image}.cfg", "w", encoding="ascii") as config:
            config.write(f'name = "{image}"\nkernel = "/guests/{image}"\nmemory = 12\n'
                         'on_poweroff = "preserve"\non_crash = "preserve"\n')
    path = f"{ROOT}.cpio"
    with open(path, "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=ROOT, stdout=out,
                       check=True)
    return path


def flags(machine, name):
    listed = re.search(rf"^{name} +\d+ +\d+ +\d+\s+([-rbpscd]{{6}})", machine.run("xl list"), re.M)
    return listed.group(1) if listed else ""


def start(machine, name, extra=""):
    output = machine.run(f"xl create /guests/{name}.cfg {extra}")
    check(flags(machine, name), f"{name} does not run:\n{output}")


def says(machine, name, *patterns, keys=""):
    """What the console shows, in this order; what is to be typed after the first of it."""
    machine.type(f"xl console {name}\r")
    try:
        matches = []
        for pattern in patterns:
            matches.append(machine.expect(pattern))
            machine.type(keys)
            keys = ""
        return matches
    finally:
        machine.console.send("\x1d")
        machine.prompt()


def ends(machine, name, flag):
    for _ in range(1000):
        if flag in flags(machine, name):
            return
    raise AssertionError(f"{name} does not end: {flags(machine, name)}")


def hello(machine, name):
    start(machine, name, "'cmdline=\"2\"'")
    bits = name[-2:]
    ends(machine, name, "s")
    says(machine, name, rf"Hello from a guest of 12288 KiB, {bits}-bit", "1\r", "2\r", "Goodbye")


def shell(machine, name):
    start(machine, name)
    says(machine, name, "> ", r"an answer\r", keys="echo an answer\r")


def clock(machine, name):
    start(machine, name)
    time = r"system time (\d+)\.(\d+)  wall clock (\d{4})-\d\d-\d\d \d\d:\d\d:(\d\d) UTC"
    first, second = says(machine, name, time, time)
    check(int(first.group(3)) >= 2024, f"the wall clock shows {first.group(3)}")
    passed = [int(m.group(1)) * 10**9 + int(m.group(2)) for m in (first, second)]
    check(passed[1] > passed[0], f"time went from {passed[0]} to {passed[1]}")


def memory(machine, name):
    start(machine, name)
    ends(machine, name, "s")
    says(machine, name, r"round 1: [1-9]\d* blocks", r"round 2: [1-9]\d* blocks", "memory: good")


def ring3(machine, name):
    start(machine, name)
    ends(machine, name, "s")
    says(machine, name, "ring3: isolated")


def crash(machine, name):
    start(machine, name)
    ends(machine, name, "c")
    says(machine, name, "About to write to address 16", "[Pp]age fault", "poke", "outer")


def crash_restarts(machine, width):
    """on_crash = "restart": it comes back under another id."""
    name = f"crash-{width}"
    machine.run(f"xl destroy {name}")
    machine.run(f"xl create /guests/{name}.cfg 'on_crash=\"restart\"'")
    first = re.search(r"\d+", machine.run(f"xl domid {name}"))
    for _ in range(1000):
        now = re.search(r"^\d+", machine.run(f"xl domid {name}"), re.M)
        if now and first and now.group() != first.group():
            break
    else:
        raise AssertionError("it was not restarted")
    machine.run(f"xl destroy {name}")


def spin(machine, name):
    start(machine, name)
    check("r" in flags(machine, name) or "-" in flags(machine, name), "it does not run")
    machine.run(f"xl destroy {name}")
    check(not flags(machine, name), "it is still there")


if __name__ == "__main__":
    tap = Tap()
    vm = Machine.from_kernel(log_path("guests"), ramdisk=make_ramdisk())
    try:
        tap.run("boots", vm.prompt)
        for width in WIDTHS:
            for test in (hello, shell, clock, memory, ring3, crash, spin):
                tap.run(f"{test.__name__}-{width}", test, vm, f"{test.__name__}-{width}")
            tap.run(f"crash-{width}, restarted", crash_restarts, vm, width)
        tap.ok(vm.power_off() == 0, "the machine outlives them all")
    finally:
        vm.close()
    tap.done()
