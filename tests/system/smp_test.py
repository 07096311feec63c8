#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Many CPUs (of xAPIC; x2APIC is bochs_test.py's), a minute of four vCPUs' time, the watchdog, scaling."""
import os
import re
import shutil
import subprocess

from machine import BUILD, Machine, Tap, check, contains, log_path

CPUS = 64
SWITCH = "\x01\x01\x01"


def wait_until(machine, command, pattern, looks=60):
    """Repeats a command until it says so."""
    for _ in range(looks):
        found = re.search(pattern, machine.run(command), re.M)
        if found:
            return found
    raise AssertionError(f"{command}: never {pattern!r}")


def all_cpus_came(machine):
    machine.prompt(timeout=240)
    info = machine.run("xl info")
    check(re.search(rf"^nr_cpus +: {CPUS}$", info, re.M), info)


def vcpus_are_pinned(machine):
    """A guest that is awake each second, on the last CPU and then on the first but one."""
    machine.run("xl create /guests/clock.cfg")
    for cpu in (CPUS - 1, 1):
        machine.run(f"xl vcpu-pin clock 0 {cpu}")
        wait_until(machine, "xl vcpu-list clock", rf"^clock +\d+ +0 +{cpu} +\S+ +[\d.]+ +{cpu} /")
    machine.run("xl destroy clock")


def many_cpus(tap):
    log = log_path("smp-many")
    machine = Machine.from_kernel(log, memory=1024, cpus=CPUS, timeout=300,
                                  arguments=["-no-hpet"])
    try:
        tap.run(f"{CPUS} CPUs come up", all_cpus_came, machine)
        tap.run("vCPUs go where they are pinned", vcpus_are_pinned, machine)
        tap.ok(machine.power_off() == 0, "poweroff")
        with open(log, encoding="utf-8") as text:
            said = text.read()
        tap.ok("did not start" not in said and "TSC is off" not in said, "none is missing or off")
        tap.ok("MHz by the PM timer" in said, "without an HPET the PM timer is the measure")
    finally:
        machine.close()


def a_minute(tap):
    """Time is counted in instructions here, so a minute of it takes as long as those."""
    machine = Machine(["-icount", "shift=7,sleep=off", "-kernel", f"{BUILD}/paravane", "-initrd",
                       f"{BUILD}/tests/guest/clock-pv64 minute", "-append",
                       "console=com1 loglvl=all dom0_mem=64M dom0_max_vcpus=4"],
                      log_path("smp-clock"), memory=256, cpus=4, timeout=400)
    try:
        verdict = machine.expect(r"Test result: (SUCCESS|SKIP|ERROR|FAILURE|CRASH)").group(1)
        tap.ok(verdict == "SUCCESS", "a minute on four vCPUs never goes back",
               machine.console.before)
    finally:
        machine.close()


def turns(machine, name):
    """What the busy guest of that name does in a second: the best of some, since we share our host."""
    machine.type(f"xl console {name}\r")
    machine.expect(r"turns \d+")
    counts = [int(machine.expect(r"turns (\d+)").group(1)) for _ in range(4)]
    machine.console.send("\x1d")
    machine.prompt()
    return max(counts)


def lock_waits(machine):
    """How often any lock was waited for until now, but for those of the console and of control."""
    out = machine.run("xl debug-keys l")
    check("locks of 3 CPUs" in out, out)
    return {kind: int(n) for kind, n in re.findall(r"^ +(.+): waited for (\d+) times", out, re.M)
            if kind not in ("console", "control operation", "list of domains")}


def start_busy(machine, name, cpu):
    machine.run(f"xl create /guests/busy-pv64.cfg 'name=\"{name}\"' 'cpus=\"{cpu}\"'")
    wait_until(machine, f"xl vcpu-list {name}", rf"^{name} +\d+ +0 +{cpu} ")


def two_do_not_wait(machine):
    """Two domains on CPUs of their own: nothing that they do often takes a lock that both need."""
    machine.prompt()
    machine.run("xl vcpu-pin Domain-0 0 0")
    start_busy(machine, "a", 1)
    alone = turns(machine, "a")
    machine.run("xl destroy a")
    before = lock_waits(machine)
    start_busy(machine, "b", 1)
    start_busy(machine, "c", 2)
    both = turns(machine, "b"), turns(machine, "c")
    after = lock_waits(machine)
    waits = {kind: n - before.get(kind, 0) for kind, n in after.items() if n > before.get(kind, 0)}
    print(f"# turns a second: {alone} alone, {both[0]} and {both[1]} together; lock waits {waits}")
    check(sum(waits.values()) * 200 < sum(both), f"{waits} in more than {sum(both)} turns")
    for name in "bc":
        machine.run(f"xl destroy {name}")


def scaling(tap):
    root = f"{BUILD}/test-busy"
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{root}/guests")
    shutil.copyfile(f"{BUILD}/tests/guest/busy-pv64", f"{root}/guests/busy-pv64")
    with open(f"{root}/guests/busy-pv64.cfg", "w", encoding="ascii") as config:
        config.write('name = "busy"\nkernel = "/guests/busy-pv64"\nmemory = 24\nextra = "forever"\n')
    with open(f"{root}.cpio", "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, stdout=out,
                       check=True)
    machine = Machine.from_kernel(log_path("smp-scaling"), ramdisk=f"{root}.cpio", cpus=3,
                                  timeout=300)
    try:
        tap.run("two busy domains on two CPUs wait for no lock", two_do_not_wait, machine)
        tap.ok(machine.power_off() == 0, "and end with the machine")
    finally:
        machine.close()


def names_the_stuck(machine):
    machine.prompt()
    machine.console.send(SWITCH)
    machine.expect("console input to Paravane")
    machine.console.send("H")
    machine.expect("Panic on CPU 0:")
    machine.expect("watchdog: CPU 0 is stuck")
    machine.expect(r"key_hang\+")
    for cpu in (1, 2, 3):
        machine.expect(rf"CPU {cpu} was here:")
        machine.expect(r"\] \S*(run_guests|do_pending|prepare_exit|idle)")


def watchdog(tap):
    machine = Machine.from_kernel(log_path("smp-watchdog"), cpus=4,
                                  append="watchdog_timeout=2 noreboot")
    try:
        tap.run("the watchdog names the stuck CPU and shows where all are", names_the_stuck,
                machine)
    finally:
        machine.close()


if __name__ == "__main__":
    TAP = Tap()
    many_cpus(TAP)
    a_minute(TAP)
    watchdog(TAP)
    scaling(TAP)
    TAP.done()
