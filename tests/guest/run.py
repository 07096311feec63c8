#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the guest tests: run.py LIST, of lines NAME|WIDTH|WHERE|VCPUS|VARIANTS (tests/guest/build.mk).

As the first domain each gets a boot of its own; as unprivileged domains all are created, one after
the other, by one control domain. The verdict is the guest's last line; after CRASH its domain must
have crashed, and the machine must have lived on.
"""
import os
import re
import shutil
import subprocess
import sys

import pexpect

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))
from machine import BUILD, Machine, Tap, log_path  # noqa: E402

VERDICT = r"Test result: (SUCCESS|SKIP|ERROR|FAILURE|CRASH)"
ROOT = f"{BUILD}/test-guests"


class Test:
    def __init__(self, line):
        self.name, self.width, where, vcpus, variants = line.split("|")
        self.where = where.split()
        self.vcpus = int(vcpus)
        self.variants = variants.split() or [""]
        self.image = f"{self.name}-{self.width}"

    def label(self, where, variant):
        return f"{self.image}{' ' + variant if variant else ''} as {where}"


def judge(tap, label, verdict, output, crashed):
    """One test point of a verdict and what came with it."""
    reports = "\n".join(line for line in output.replace("\r", "").split("\n")
                        if re.match("(SKIP|ERROR|FAILURE): ", line))
    if verdict == "SKIP":
        tap.skip(label, reports.replace("\n", "; ").replace("SKIP: ", ""))
    elif verdict == "CRASH":
        tap.ok(crashed, label, reports or "the domain survived what should have ended it")
    else:
        tap.ok(verdict == "SUCCESS", label, f"{verdict}\n{reports}")


def run_first(tap, test, variant):
    """As the first domain: its end is the machine's."""
    label = test.label("first", variant)
    log = log_path(f"guest-{test.image}{'-' + variant if variant else ''}")
    machine = Machine(["-kernel", f"{BUILD}/paravane", "-initrd",
                       f"{BUILD}/tests/guest/{test.image} {variant}", "-append",
                       f"console=com1 loglvl=all guest_loglvl=all dom0_mem=64M "
                       f"dom0_max_vcpus={test.vcpus}"], log, memory=256)
    try:
        verdict = machine.expect(VERDICT).group(1)
        output = machine.console.before
        machine.expect(pexpect.EOF)
        judge(tap, label, verdict, output, "dom0 has crashed" in machine.console.before)
    except pexpect.ExceptionPexpect:
        tap.ok(False, label, f"no verdict:\n{str(machine.console.before)[-1500:]}")
    finally:
        machine.close()


def make_ramdisk(tests):
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(f"{ROOT}/guests")
    for test in tests:
        shutil.copyfile(f"{BUILD}/tests/guest/{test.image}", f"{ROOT}/guests/{test.image}")
        for variant in test.variants:
            with open(f"{ROOT}/guests/{test.image}{variant}.cfg", "w", encoding="ascii") as config:
                config.write(f'name = "test"\nkernel = "/guests/{test.image}"\nmemory = 16\n'
                             f'vcpus = {test.vcpus}\nextra = "{variant}"\n'
                             'on_crash = "destroy"\non_reboot = "destroy"\n')
    path = f"{BUILD}/test-guests.cpio"
    with open(path, "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=ROOT, stdout=out,
                       check=True)
    return path


def run_domu(tap, machine, test, variant):
    label = test.label("domU", variant)
    machine.type(f"xl create -c /guests/{test.image}{variant}.cfg\r")
    verdict = machine.expect(VERDICT, timeout=120).group(1)
    output = machine.console.before
    # The domain ends, its console with it, and the shell comes back.
    end = machine.expect(r"has shut down: (\w+)").group(1)
    machine.run("")
    judge(tap, label, verdict, output, end == "crash")


def run_domus(tap, tests):
    if not tests:
        return
    machine = Machine.from_kernel(log_path("guest-domu"), ramdisk=make_ramdisk(tests))
    try:
        machine.prompt()
        for test in tests:
            for variant in test.variants:
                run_domu(tap, machine, test, variant)
        tap.ok(machine.power_off() == 0, "the machine outlives them all")
    except pexpect.ExceptionPexpect as error:
        tap.ok(False, "unprivileged tests", f"{error}"[-2500:])
    finally:
        machine.close()


def main():
    tap = Tap()
    with open(sys.argv[1], encoding="ascii") as listing:
        tests = [Test(line.strip()) for line in listing if line.strip()]
    for test in tests:
        if "first" in test.where:
            for variant in test.variants:
                run_first(tap, test, variant)
    run_domus(tap, [test for test in tests if "domu" in test.where])
    tap.done()


if __name__ == "__main__":
    main()
