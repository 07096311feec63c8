#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Guests that never yield leave others their share; on 1, 2 and 4 CPUs by weight, and within caps; and no
wake-up is lost among them.
"""
import re

from machine import Machine, Tap, check, contains, log_path, ramdisk


def starts_spinners(machine):
    contains(machine.run("xl create /guests/spin.cfg"), "Parsing config")
    contains(machine.run("xl create /guests/spin.cfg 'name=\"spin2\"'"), "Parsing config")
    contains(machine.run("xl list"), "spin ", "spin2 ")


def others_go_on(machine):
    machine.run("xl create /guests/hello.cfg")
    machine.type("xl console hello\r")
    machine.expect("3\r")
    machine.console.send("\x1d")
    machine.prompt()


def spinners_run_too(machine):
    for name in ("spin", "spin2"):
        before = cpu_time(machine, name)
        for _ in range(50):
            if cpu_time(machine, name) > before:
                break
        else:
            raise AssertionError(f"{name} has stopped at {before} s")


def cpu_time(machine, name):
    """Seconds of processor time, from xl list's last column."""
    listing = machine.run(f"xl list {name}")
    return float(next(l for l in listing.splitlines() if l.startswith(name + " ")).split()[-1])


def spinner_times(machine):
    listing = machine.run("xl list")
    return {m.group(1): float(m.group(2)) for m in
            re.finditer(r"^(s\d+) +\d+ +\d+ +\d+ +\S+ +([\d.]+)", listing, re.M)}


def shares_follow_weights(machine, cpus):
    """The first is to get one CPU, 2 * @cpus - 2 others half of one each; of time since a look."""
    names = [f"s{i}" for i in range(2 * cpus - 1 if cpus > 1 else 2)]
    for name in names:
        machine.run(f"xl create /guests/spin-pv32.cfg 'name=\"{name}\"'")
    machine.run("xl sched-credit -d s0 -w 512")
    before = spinner_times(machine)
    for _ in range(2000):
        ran = {name: t - before[name] for name, t in spinner_times(machine).items()}
        if ran["s0"] >= 8:
            break
    for name in names[1:]:
        check(0.4 <= ran[name] / ran["s0"] <= 0.6, f"{name} should have run half of s0: {ran}")


def caps_hold(machine):
    """One of the spinners capped to a tenth of a CPU, beside the first, which is not."""
    machine.run("xl sched-credit -d s1 -c 10")
    machine.run("xl sched-credit -d s0 -w 256")
    before, begin = spinner_times(machine), uptime(machine)
    for _ in range(2000):
        if uptime(machine) - begin >= 8:
            break
    ran, passed = spinner_times(machine)["s1"] - before["s1"], uptime(machine) - begin
    check(ran <= 0.12 * passed + 0.2, f"s1 ran {ran} s in {passed} s under a cap of 10%")
    check(ran >= 0.05 * passed - 0.2, f"s1 ran only {ran} s in {passed} s under a cap of 10%")


def no_wake_up_is_lost(machine):
    """Beside the spinners a token goes round 32 vCPUs, each asleep until another one wakes it."""
    machine.run("xl create /guests/many-vcpus-pv32.cfg")
    for _ in range(1000):
        if re.search(r"^many-vcpus-pv32 .* ---s-- ", machine.run("xl list"), re.M):
            break
    machine.type("xl console many-vcpus-pv32\r")
    verdict = machine.expect(r"Test result: (\w+)\s").group(1)
    machine.console.send("\x1d")
    machine.prompt()
    check(verdict == "SUCCESS", verdict)


def uptime(machine):
    """Seconds of the hypervisor's clock, by its debug key."""
    machine.type("xl debug-keys t\r")
    ns = int(machine.expect(r"system time (\d+) ns").group(1))
    machine.prompt()
    return ns / 1e9


def try_cpus(tap, cpus):
    guests = ramdisk("fairness", {
        "guests/spin-pv32": "memory = 8",
        "tests/guest/many-vcpus-pv32": 'memory = 24\nvcpus = 32\non_poweroff = "preserve"'})
    vm = Machine.from_kernel(log_path(f"fairness-{cpus}"), ramdisk=guests, cpus=cpus, timeout=300)
    try:
        vm.prompt()
        tap.run(f"on {cpus} CPU(s) shares follow weights", shares_follow_weights, vm, cpus)
        tap.run(f"on {cpus} CPU(s) caps hold", caps_hold, vm)
        tap.run(f"on {cpus} CPU(s) no wake-up is lost", no_wake_up_is_lost, vm)
        tap.ok(vm.power_off() == 0, f"{cpus} CPU(s): poweroff")
    finally:
        vm.close()


if __name__ == "__main__":
    tap = Tap()
    vm = Machine.from_kernel(log_path("fairness"), cpus=1)
    try:
        tap.run("boots on one CPU", vm.prompt)
        tap.run("two guests that never yield start", starts_spinners, vm)
        tap.run("a third one gets its time", others_go_on, vm)
        tap.run("and so do they", spinners_run_too, vm)
        tap.ok(vm.power_off() == 0, "poweroff")
    finally:
        vm.close()
    for count in (1, 2, 4):
        try_cpus(tap, count)
    tap.done()
