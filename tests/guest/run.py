# SPDX-License-Identifier: GPL-2.0-only
"""
Guest tests: each kernel alone as the first domain, and all of them, one after another, as
unprivileged domains of one control domain, which must survive them and lose no page of memory.
"""
import re

from tests.system.machine import Failure, Machine, check, control_domain, cpio, free_pages

CONFIG = """name = "t"
kernel = "/t/{image}"
memory = 24
vcpus = {vcpus}
cmdline = "{variant}"
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "destroy"
"""


class Run:
    """One run of one kernel."""

    def __init__(self, name, width, where, vcpus, variant):
        self.name, self.width, self.where = name, width, where
        self.vcpus, self.variant = vcpus, variant
        self.image = f"{name}-{width}"
        self.title = f"guest {self.image}{':' if variant else ''}{variant} ({where})"
        self.config = f"{self.image}{'-' if variant else ''}{variant}.cfg"


def read_list(build):
    runs = []
    with open(f"{build}/tests/guest/list", encoding="ascii") as lines:
        for line in lines:
            if not line.strip():
                continue
            name, width, where, vcpus, variants = line.strip().split("|")
            for place in where.split():
                for variant in variants.split() or [""]:
                    runs.append(Run(name, width, place, int(vcpus), variant))
    return runs


def verdict(output, crashed):
    """(ok | failed | skipped, note) from all that the test printed."""
    found = re.findall(r"Test result: (\w+)", output)
    reports = re.findall(r"(?:ERROR|FAILURE|SKIP): [^\r\n]*", output)
    last = found[-1] if found else "none"
    if last == "SUCCESS":
        return "ok", ""
    if last == "SKIP":
        return "skipped", reports[0][6:] if reports else ""
    if last == "CRASH" and len(found) == 1:
        return ("ok", "") if crashed else ("failed", "the domain did not crash")
    return "failed", reports[0] if reports else f"verdict: {last}"


def run_first(run, build, log):
    """As the first domain."""
    append = f"console=com1 loglvl=all guest_loglvl=all dom0_mem=32M dom0_max_vcpus={run.vcpus}"
    with Machine(log, kernel=f"{build}/paravane", append=append + " noreboot=0",
                 modules=[f"{build}/tests/guest/{run.image} {run.variant}"], memory=256) as m:
        try:
            m.ends(90)
        except Failure as e:
            found = verdict(m.child.before or "", False)
            return "failed", found[1] if found[0] == "failed" and "verdict" not in found[1] else str(e)
        output = m.child.before
    if "Panic on CPU" in output:
        return "failed", "the hypervisor panicked"
    return verdict(output, re.search(r"dom0 (has )?crash|Domain 0 crash|dom0.*crash", output))


def run_domu(m, run):
    """As an unprivileged domain under a control domain that is at its prompt."""
    m.type(f"xl create -c /t/{run.config}")
    m.send("\r")
    output = m.wait_prompt(120)
    return verdict(output, "shut down: crash" in output)


def settled_free_pages(m, want):
    """Dying takes a moment: the number once it stands, at the latest after ten looks."""
    for _ in range(10):
        now = free_pages(m)
        if now == want:
            break
    return now


def batch_files(runs, build):
    files = {}
    for run in runs:
        with open(f"{build}/tests/guest/{run.image}", "rb") as image:
            files[f"t/{run.image}"] = image.read()
        files[f"t/{run.config}"] = CONFIG.format(image=run.image, vcpus=run.vcpus,
                                                 variant=run.variant).encode()
    return files


def run_batch(runs, build, log):
    """Yields (run, verdict, note). A run that takes the machine along costs a new machine."""
    ramdisk = log + ".cpio"
    with open(ramdisk, "wb") as out:
        out.write(cpio(batch_files(runs, build)))
    left, part = list(runs), 0
    while left:
        part += 1
        with control_domain(f"{log}.{part}", build, ramdisk=ramdisk) as m:
            run = None
            try:
                # The first domain ever made leaves what is kept for the next ones.
                before = None
                while left:
                    run = left[0]
                    result = run_domu(m, run)
                    after = free_pages(m)
                    if before is None:
                        before = after
                    if after != before:
                        after = settled_free_pages(m, before)
                    if after != before and result[0] == "ok":
                        result = "failed", f"{before - after} pages lost"
                    before = after
                    left.pop(0)
                    yield (run, *result)
                m.poweroff()
            except Failure as e:
                if left:
                    yield left.pop(0), "failed", str(e)
                else:
                    yield run, "failed", str(e)
