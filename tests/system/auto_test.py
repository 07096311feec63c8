#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""/etc/xl/auto/*.cfg of the ramdisk: those domains start at boot, in the order of their names."""
import os
import re
import shutil
import subprocess

from machine import BUILD, Machine, Tap, check, log_path

ROOT = f"{BUILD}/test-auto"
AUTO = "/etc/xl/auto"
# In an order that is none; one cannot start, one is no configuration, one waits to be unpaused.
FILES = {
    "30-third.cfg": 'name = "third"\n',
    "10-first.cfg": 'name = "first"\n',
    "20-broken.cfg": 'name = "broken"\nmemory = "much"\n',
    "25-same.cfg": 'name = "first"\n',
    "28-second.cfg": 'name = "second"\n',
    "40-other.txt": 'name = "other"\n',
}


def make_ramdisk():
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(ROOT + AUTO)
    shutil.copytree(f"{BUILD}/ramdisk/guests", f"{ROOT}/guests")
    for name, text in FILES.items():
        with open(f"{ROOT}{AUTO}/{name}", "w", encoding="ascii") as config:
            config.write('kernel = "/guests/hello-pv32"\nmemory = 8\ncmdline = "600"\n' + text)
    path = f"{ROOT}.cpio"
    with open(path, "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=ROOT, stdout=out,
                       check=True)
    return path


def starts_in_order(machine):
    booted = machine.prompt()
    told = re.findall(rf"(Started|Not started:) {AUTO}/(\S+)", booted)
    wanted = [("Started", "10-first.cfg"), ("Not started:", "20-broken.cfg"),
              ("Not started:", "25-same.cfg"), ("Started", "28-second.cfg"),
              ("Started", "30-third.cfg")]
    check(told == wanted, f"told: {told}")
    check(booted.index("30-third") < booted.index("Welcome"), "welcome comes first")


def says_why(machine):
    machine.log.flush()
    with open(machine.log.name, encoding="utf-8") as log:
        said = log.read()
    check(re.search(r"20-broken.cfg:\d+:\d+: .*memory", said), "no place of the wrong value")
    check('Domain with name "first" already exists' in said, "no reason for the second first")


def runs_them(machine):
    listed = re.findall(r"^(\S+) +(\d+) +8 ", machine.run("xl list"), re.M)
    names = [name for name, _ in sorted(listed, key=lambda row: int(row[1]))]
    check(names == ["first", "second", "third"], f"listed: {listed}")
    for name in names:
        machine.type(f"xl console {name}\r")
        machine.expect("Hello from a guest")
        machine.console.send("\x1d")
        machine.prompt()


if __name__ == "__main__":
    tap = Tap()
    vm = Machine.from_kernel(log_path("auto"), ramdisk=make_ramdisk())
    try:
        tap.run("domains of /etc/xl/auto start in the order of their names", starts_in_order, vm)
        tap.run("why others did not start is said", says_why, vm)
        tap.run("they run", runs_them, vm)
        tap.ok(vm.power_off() == 0, "poweroff")
    finally:
        vm.close()
    tap.done()
