#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Runs the guest tests: run.py LIST WIDTH [NAME...]; the list has lines NAME|WIDTH|WHERE|VCPUS|VARIANTS|CONFIG
(tests/guest/build.mk).

As the first domain each gets a boot of its own; as unprivileged domains all are created, one after
the other, by one control domain. The verdict is the guest's last line; after CRASH its domain must
have crashed, and the machine must have lived on. Every page must be free again after each domain.
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


class Test:
    def __init__(self, line):
        self.name, self.width, where, vcpus, variants, self.config = line.split("|")
        self.where = where.split()
        self.vcpus = int(vcpus)
        self.variants = variants.split() or [""]
        self.image = f"{self.name}-{self.width}"

    def label(self, where, variant):
        return f"{self.image}{' ' + variant if variant else ''} as {where}"


def tail(machine):
    """The end of what the console said, without the blank lines that carriage returns make."""
    text = machine.console.before
    lines = [line for line in (text if isinstance(text, str) else "").replace("\r", "").split("\n")]
    return "\n".join([line for line in lines if line][-25:])


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
        tap.ok(False, label, f"no verdict:\n{tail(machine)}")
    finally:
        machine.close()


def make_ramdisk(tests):
    root = f"{BUILD}/test-guests-{tests[0].width}"
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{root}/guests")
    for test in tests:
        shutil.copyfile(f"{BUILD}/tests/guest/{test.image}", f"{root}/guests/{test.image}")
        for variant in test.variants:
            with open(f"{root}/guests/{test.image}{variant}.cfg", "w", encoding="ascii") as config:
                config.write(f'name = "test"\nkernel = "/guests/{test.image}"\nmemory = 24\n'
                             f'vcpus = {test.vcpus}\nextra = "{variant}"\n{test.config}\n'
                             'on_poweroff = "preserve"\non_crash = "preserve"\n'
                             'on_reboot = "preserve"\n')
    path = f"{root}.cpio"
    with open(path, "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, stdout=out,
                       check=True)
    return path


def settled_pages(machine, wanted):
    """Free frames once the dead are gone, but not before some looks."""
    for _ in range(20):
        pages = machine.free_pages()
        if pages == wanted or wanted is None:
            break
    return pages


def wait_for_end(machine):
    """How the domain ended; it is preserved, so that its console can still be read."""
    for _ in range(1000):
        listed = re.search(r"^test +\d+ +\d+ +\d+\s+([-rbpscd]{6})",
                           machine.run("xl list test"), re.M)
        flags = listed.group(1) if listed else ""
        if "c" in flags or "s" in flags:
            return "crash" if "c" in flags else "poweroff"
    return "never"


def run_domu(tap, machine, test, variant, pages):
    """Returns the free frames after it."""
    label = test.label("domU", variant)
    machine.run(f"xl create /guests/{test.image}{variant}.cfg")
    end = wait_for_end(machine)
    machine.type("xl console test\r")
    verdict = machine.expect(VERDICT, timeout=20).group(1)
    output = machine.console.before
    machine.console.send("\x1d")
    machine.prompt()
    machine.run("xl destroy test")
    after = settled_pages(machine, pages)
    if pages is None or after == pages:
        judge(tap, label, verdict, output, end == "crash")
    else:
        tap.ok(False, label, f"{verdict}, but {pages - after} frames were lost")
    return after


def run_batch(tap, left, part):
    """Runs from the list until it is empty or the machine cannot go on."""
    log = log_path(f"guest-domu-{left[0][0].width}-{part}")
    machine = Machine.from_kernel(log, ramdisk=make_ramdisk([test for test, _ in left]))
    # The first domain leaves what is kept for the next ones: what counts is measured after it.
    pages = None
    try:
        machine.prompt()
        while left:
            pages = run_domu(tap, machine, *left[0], pages)
            left.pop(0)
        tap.ok(machine.power_off() == 0, "the machine outlives them all")
    except pexpect.ExceptionPexpect:
        label = left.pop(0) if left else None
        tap.ok(False, label[0].label("domU", label[1]) if label else "poweroff",
               f"the machine said:\n{tail(machine)}")
    finally:
        machine.close()


def run_domus(tap, tests):
    """A test that takes the machine along costs a new one."""
    left = [(test, variant) for test in tests for variant in test.variants]
    part = 0
    while left:
        part += 1
        run_batch(tap, left, part)


def main():
    tap = Tap()
    width, names = sys.argv[2], sys.argv[3:]
    with open(sys.argv[1], encoding="ascii") as listing:
        tests = [Test(line.strip()) for line in listing if line.strip()]
    tests = [test for test in tests if test.width == width and (not names or test.name in names)]
    for test in tests:
        if "first" in test.where:
            for variant in test.variants:
                run_first(tap, test, variant)
    run_domus(tap, [test for test in tests if "domu" in test.where])
    tap.done()


if __name__ == "__main__":
    main()
