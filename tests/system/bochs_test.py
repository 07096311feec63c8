#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""On CPUs with x2APIC, which only Bochs has: the boot image, NMIs, and guests on several CPUs."""
import os
import re
import sys

from bochs import Bochs, make_iso
from machine import BUILD, Tap, check, log_path

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "guest"))
from harness import Paravane, judge, read_list, run_domus, run_first  # noqa: E402

CPUS = 4
SWITCH = "\x01\x01\x01"

# What lives by interrupts between CPUs and by the APIC's timer; and the CPU's own way in by SYSENTER.
GUESTS = {"pv32": ["clock", "evtchn-wakeup", "sysenter", "timer", "tlb"],
          "pv64": ["clock", "evtchn-wakeup", "many-vcpus", "sysenter", "sysenter-kernel", "timer", "tlb"]}
FIRST = {"pv32": ["tlb"], "pv64": ["parking"]}


class OnBochs(Paravane):
    """Each machine boots from an image of its own."""

    name = "bochs"

    def __init__(self, cpus):
        self.cpus = cpus

    def machine(self, log, modules, append, memory, cpu=""):
        return Bochs(make_iso(f"{log}-{self.name}", modules, f"{self.append} {append}"),
                     log_path(f"{log}-{self.name}"), memory=memory, cpus=self.cpus)


def boots(machine):
    machine.expect("APIC: x2APIC, timer by TSC deadline")
    machine.expect(f"CPUs: {CPUS} of {CPUS} started")
    machine.prompt()


def uses_each_cpu(machine):
    """Guests that sleep and wake, each on one CPU that others have to interrupt for it."""
    for cpu in range(1, CPUS):
        machine.run(f"xl create /guests/clock.cfg 'name=\"on{cpu}\"' 'cpus=\"{cpu}\"'")
    for cpu in range(1, CPUS):
        machine.type(f"xl console on{cpu}\r")
        for _ in range(3):
            machine.expect(r":\d\d:\d\d")
        machine.console.send("\x1d")
        machine.prompt()
    listing = machine.run("xl vcpu-list")
    counters = machine.run("xl debug-keys c")
    for cpu in range(1, CPUS):
        check(re.search(rf"^on{cpu} +\d+ +0 +{cpu} ", listing, re.M), listing)
        check(re.search(rf"^CPU {cpu}: \d+ interrupts, [1-9]\d* kicks", counters, re.M), counters)


def tour(tap):
    machine = Bochs(f"{BUILD}/paravane.iso", log_path("bochs-tour"), cpus=CPUS)
    try:
        tap.run("every CPU comes up with x2APIC", boots, machine)
        tap.run("guests run on each", uses_each_cpu, machine)
        tap.ok(machine.power_off() == 0, "poweroff")
    finally:
        machine.close()


def names_the_stuck(machine):
    machine.prompt()
    machine.console.send(SWITCH)
    machine.expect("console input to Paravane")
    machine.console.send("H")
    machine.expect("watchdog: CPU 0 is stuck")
    for cpu in range(1, CPUS):
        machine.expect(rf"CPU {cpu} was here:")


def watchdog(tap):
    image = make_iso("bochs-watchdog", f"{BUILD}/dom0-pv32,{BUILD}/ramdisk.cpio",
                     "console=com1 dom0_mem=64M watchdog_timeout=2 noreboot")
    machine = Bochs(image, log_path("bochs-watchdog"), cpus=CPUS)
    try:
        tap.run("NMIs find the stuck CPU and stop the others", names_the_stuck, machine)
    finally:
        machine.close()


def guests(tap):
    tests = []
    for width, names in GUESTS.items():
        tests += read_list(f"{BUILD}/tests/guest/list", width, names)
    for test in tests:
        test.cpu = ""  # Bochs' is one of Intel's, whoever asks
    whole = run_domus(OnBochs(CPUS), tests,
                      lambda test, variant, outcome: judge(tap, test.label("domU", variant), outcome))
    tap.ok(whole, "the machine outlives them all")
    for width, names in FIRST.items():
        for test in read_list(f"{BUILD}/tests/guest/list", width, names):
            judge(tap, test.label("first", ""), run_first(OnBochs(2), test, ""))


if __name__ == "__main__":
    TAP = Tap()
    tour(TAP)
    watchdog(TAP)
    guests(TAP)
    TAP.done()
