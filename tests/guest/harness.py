# SPDX-License-Identifier: GPL-2.0-only
"""
How guest tests are run and what they say, whatever the hypervisor: as the first domain each gets a
boot of its own; as unprivileged domains all are created, one after the other, by one control domain.
"""
import os
import re
import shutil
import subprocess
import sys

import pexpect

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))
from machine import BUILD, Machine, log_path  # noqa: E402

VERDICT = r"Test result: (SUCCESS|SKIP|ERROR|FAILURE|CRASH)"


class Test:
    """A line NAME|WIDTH|WHERE|VCPUS|VARIANTS|CONFIG|OPTIONS|PEERS|MEMORY|CPU of the list (build.mk)."""

    def __init__(self, line):
        (self.name, self.width, where, vcpus, variants, self.config, self.options,
         peers, memory, self.cpu) = line.split("|")
        self.where = where.split()
        self.vcpus = int(vcpus)
        self.memory = int(memory)
        self.peers = peers.split()
        self.variants = self.peers or variants.split() or [""]
        self.image = f"{self.name}-{self.width}"

    def label(self, where, variant):
        return f"{self.image}{' ' + variant if variant else ''} as {where}"


def read_list(path, width, names):
    with open(path, encoding="ascii") as listing:
        tests = [Test(line.strip()) for line in listing if line.strip()]
    return [test for test in tests if test.width == width and (not names or test.name in names)]


class Outcome:
    """What one run came to: the verdict, what the test reported, and how its domain ended."""

    def __init__(self, verdict, output, crashed):
        # A message of the hypervisor may come in the middle of a line.
        text = re.sub(r"\((?:XEN|PV)\)[^\n]*\n", "", output.replace("\r", ""))
        self.reports = re.findall(r"^(?:SKIP|ERROR|FAILURE|ANSWER): .*", text, re.M)
        self.verdict = verdict
        self.crashed = crashed
        self.lost = 0

    def complaints(self):
        return [line for line in self.reports if not line.startswith("ANSWER")]

    def end(self):
        """What became of the domain."""
        return "it crashed" if self.crashed else "it went on" if self.verdict == "CRASH" else "it ended"


class Failed(Outcome):
    """No verdict: the domain or the machine did something else."""

    def __init__(self, detail):
        super().__init__("none", "", False)
        self.detail = detail

    def complaints(self):
        return self.detail.split("\n")


class Paravane:
    """The hypervisor as a machine: how it is started, and how it shows the end of the first domain."""

    name = "paravane"
    widths = ("pv32", "pv64")
    kernel = f"{BUILD}/paravane"
    cpu = "max"
    append = "console=com1 loglvl=all"
    dom0 = "pv32"
    halted = pexpect.EOF
    crashed = "dom0 has crashed"

    def machine(self, log, modules, append, memory, cpu=""):
        return Machine(["-kernel", self.kernel, "-initrd", modules, "-append",
                        f"{self.append} {append}"], log_path(f"{log}-{self.name}"),
                       memory=memory, cpu=",".join(filter(None, (self.cpu, cpu))))

    def power_off(self, machine):
        """Ends the control domain; whether the machine took it well."""
        return machine.power_off() == 0


def tail(machine):
    """The end of what the console said, without the blank lines that carriage returns make."""
    text = machine.console.before
    lines = [line for line in (text if isinstance(text, str) else "").replace("\r", "").split("\n")]
    return "\n".join([line for line in lines if line][-25:])


def run_first(host, test, variant):
    """As the first domain: its end is the machine's."""
    machine = host.machine(f"guest-{test.image}{'-' + variant if variant else ''}",
                           f"{BUILD}/tests/guest/{test.image} {variant}",
                           f"guest_loglvl=all dom0_mem=64M,max:64M dom0_max_vcpus={test.vcpus} "
                           f"{test.options}", test.memory, test.cpu)
    try:
        verdict = machine.expect(VERDICT).group(1)
        output = machine.console.before
        machine.expect(host.halted)
        said = machine.console.before + (machine.console.after if isinstance(
            machine.console.after, str) else "")
        return Outcome(verdict, output, host.crashed in said)
    except pexpect.ExceptionPexpect:
        return Failed(f"the machine said:\n{tail(machine)}")
    finally:
        machine.close()


def write_guest(root, config, name, image, test, extra):
    shutil.copyfile(f"{BUILD}/tests/guest/{image}", f"{root}/guests/{image}")
    with open(f"{root}/guests/{config}.cfg", "w", encoding="ascii") as out:
        out.write(f'name = "{name}"\nkernel = "/guests/{image}"\nmemory = 24\n'
                  f'vcpus = {test.vcpus}\nextra = "{extra}"\n{test.config.replace("%", extra)}\n'
                  'on_poweroff = "preserve"\non_crash = "preserve"\non_reboot = "preserve"\n')


def make_ramdisk(host, runs):
    root = f"{BUILD}/test-guests-{host.name}-{runs[0][0].width}"
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{root}/guests")
    for test, variant in runs:
        write_guest(root, f"{test.image}{variant}", "test", test.image, test, variant)
        if test.peers:
            write_guest(root, f"{test.name}-peer-{variant}", "peer", f"{test.name}-{variant}", test,
                        "peer")
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


def wait_for_end(machine, pauses=False):
    """How the domain ended; it is preserved, so that its console can still be read."""
    for _ in range(1000):
        listed = re.search(r"^test +\d+ +\d+ +\d+\s+([-rbpscd]{6})",
                           machine.run("xl list test"), re.M)
        flags = listed.group(1) if listed else ""
        if "c" in flags or "s" in flags:
            return "crash" if "c" in flags else "poweroff"
        if pauses:
            machine.run("xl pause test")
            machine.run("xl unpause test")
    return "never"


def run_domu(machine, test, variant):
    if test.peers:
        machine.run(f"xl create /guests/{test.name}-peer-{variant}.cfg")
    machine.run(f"xl create /guests/{test.image}{variant}.cfg")
    end = wait_for_end(machine, "paused" in test.where)
    machine.type("xl console test\r")
    verdict = machine.expect(VERDICT, timeout=180).group(1)
    outcome = Outcome(verdict, machine.console.before, end == "crash")
    machine.console.send("\x1d")
    machine.prompt()
    machine.run("xl destroy test")
    if test.peers:
        machine.run("xl destroy peer")
    return outcome


def run_counted(machine, test, variant, pages):
    """
    Returns the outcome and the free frames after it. The allocator may keep a page for the next one of
    a kind, or give it up again, so what counts is what each of three runs loses.
    """
    least = pages
    for _ in range(3):
        outcome = run_domu(machine, test, variant)
        pages = settled_pages(machine, pages)
        outcome.lost = 0 if least is None else max(0, least - pages)
        least = pages if least is None else min(least, pages)
        if not outcome.lost:
            break
    return outcome, pages


def run_batch(host, left, part, note):
    """Runs from the list until it is empty or the machine cannot go on."""
    machine = host.machine(f"guest-domu-{left[0][0].width}-{part}",
                           f"{BUILD}/dom0-{host.dom0},"
                           f"{make_ramdisk(host, left)}",
                           # What is said of guests would come amid what the shell says.
                           "guest_loglvl=none dom0_mem=96M,max:96M", 512, left[0][0].cpu)
    pages = None
    try:
        machine.prompt()
        while left:
            outcome, pages = run_counted(machine, *left[0], pages)
            note(*left.pop(0), outcome)
        return host.power_off(machine)
    except pexpect.ExceptionPexpect:
        failed = Failed(f"the machine said:\n{tail(machine)}")
        if left:
            note(*left.pop(0), failed)
        return False
    finally:
        machine.close()


def run_domus(host, tests, note):
    """
    Calls note(test, variant, outcome) for each, on a machine for each CPU that they ask for; one that a
    test takes along costs a new one.
    Returns whether each ended well.
    """
    ends = []
    for cpu in dict.fromkeys(test.cpu for test in tests):
        left = [(test, variant) for test in tests if test.cpu == cpu for variant in test.variants
                if not test.peers or variant in host.widths]
        while left:
            ends.append(run_batch(host, left, len(ends) + 1, note))
    return all(ends)


def judge(tap, label, outcome):
    """One test point of an outcome."""
    complaints = "\n".join(outcome.complaints())
    if outcome.lost:
        tap.ok(False, label, f"{outcome.verdict}, but {outcome.lost} frames were lost")
    elif outcome.verdict == "SKIP":
        tap.skip(label, complaints.replace("\n", "; ").replace("SKIP: ", ""))
    elif outcome.verdict == "CRASH":
        tap.ok(outcome.crashed, label, complaints or "the domain survived what should have ended it")
    else:
        tap.ok(outcome.verdict == "SUCCESS", label, f"{outcome.verdict}\n{complaints}")
