#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""On one CPU, guests that never yield leave the control domain and others their share."""
from machine import Machine, Tap, contains, log_path


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
    tap.done()
