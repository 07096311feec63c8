# SPDX-License-Identifier: GPL-2.0-only
"""
make bench: instructions per operation, counted by QEMU (-icount: one instruction is one tick of the
time stamp counter), as one bench guest of each width and the control domain's shell see them. With
--xen the pv64 guest runs on that Xen too.
"""
import argparse
import math
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, "tests/system")
from machine import Machine     # noqa: E402

ICOUNT = ["-icount", "shift=0,sleep=off"]
QEMU = ["qemu-system-x86_64", "-machine", "accel=tcg", "-m", "512", "-display", "none",
        "-serial", "stdio", "-no-reboot", "-net", "none", *ICOUNT]

# What, what it is called, and what it costs on Xen: Debian's 4.17 (pv64), and a release build of
# upstream Xen with 32-bit PV (pv32).
ROWS = [
    ("null", "null hypercall", 312, 281),
    ("event", "event: send to upcall and back", 673, 967),
    ("update_va", "update_va_mapping", 963, 930),
    ("mmu_update_512", "mmu_update of 512 entries", 351000, 355000),
    ("pte_store", "emulated page-table store", 2531, 1886),
    ("pin_l1", "pin and unpin of a full L1", 185600, 188500),
    ("page_fault", "page fault to the kernel and back", 482, 732),
    ("syscall", "application system call", 291, 692),
    ("new_baseptr", "new_baseptr", 1921, 1046),
    ("grant_map", "grant map and unmap", 2879, 2767),
    ("yield", "yield, nobody waits", 2060, 2019),
    ("rdmsr", "emulated rdmsr", 1704, 1175),
    ("populate", "populate one page", 2117, 1640),
    ("boot", "own boot work", 48000000, 41000000),
]

# What more than one vCPU costs (tests/bench/guest/smp.c): the sum of what all CPUs do.
SMP_ROWS = [
    ("ipi", "IPI to a running vCPU of another CPU"),
    ("wake", "wake-up of a vCPU on an idle CPU"),
    ("flush_running", "TLB shoot-down, the other vCPU runs"),
    ("flush_idle", "TLB shoot-down, the other vCPU idles"),
    ("yield_2", "schedule and switch, 2 vCPUs"),
    ("yield_32", "schedule and switch, 32 vCPUs"),
]
CROWD_VCPUS = 25                # of each domain, where a hundred and a thousand are runnable


def boot(kernel, guest, cpu="max", cpus=1, vcpus=1):
    """Boots the guest as the first domain; what it printed as {name: count}."""
    wait = "Test result: SUCCESS"
    command = [*QEMU, "-cpu", cpu, "-smp", str(cpus), "-kernel", kernel, "-initrd", guest,
               "-append", f"console=com1 dom0_mem=64M dom0_max_vcpus={vcpus}"]
    lines, verdict = {}, False
    with subprocess.Popen(["timeout", "120", *command], stdout=subprocess.PIPE, text=True,
                          errors="replace") as qemu:
        for line in qemu.stdout:
            match = re.search(r"bench (\w+) (\d+)", line)
            if match:
                lines[match[1]] = int(match[2])
            if wait in line:
                verdict = True
                qemu.terminate()        # Xen's first domain halts the machine, which does not end
                break
    if not verdict:
        sys.exit(f"bench: {guest} on {kernel} did not succeed: {lines}")
    return lines


def all_rows(kernel, guest, cpu="max"):
    """On one CPU with one vCPU, on two with one each, and with many on one."""
    return {**boot(kernel, guest, cpu), **boot(kernel, f"{guest} smp", cpu, cpus=2, vcpus=2),
            **boot(kernel, f"{guest} sched", cpu, vcpus=32)}


def firmware(image):
    """Instructions before the first one of a Multiboot kernel."""
    command = [*QEMU, "-cpu", "max", "-smp", "1", "-kernel", image, "-device", "isa-debug-exit"]
    out = subprocess.run(["timeout", "60", *command], stdout=subprocess.PIPE, check=False).stdout
    return int(re.search(rb"[0-9a-f]{16}", out)[0], 16)


def ramdisk(build):
    """The control domain's, and the bench guest in it twice: one measures, one is its partner."""
    tree = f"{build}/bench/ramdisk"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(f"{build}/ramdisk", tree)
    shutil.copy(f"{build}/bench/guest-pv32", f"{tree}/guests/bench-pv32")
    for name, role, vcpus in [("partner", "partner", 1), ("switch", "switch", 1),
                              *((f"crowd{i}", "crowd", CROWD_VCPUS) for i in range(40))]:
        with open(f"{tree}/guests/{name}.cfg", "w", encoding="utf-8") as config:
            config.write(f'name = "{name}"\ntype = "pv"\nkernel = "/guests/bench-pv32"\n'
                         f'memory = 8\nvcpus = {vcpus}\ncmdline = "{role}"\n')
    names = subprocess.run(["find", "."], cwd=tree, stdout=subprocess.PIPE, check=True).stdout
    with open(f"{tree}.cpio", "wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tree, input=names, stdout=out,
                       check=True)
    return f"{tree}.cpio"


def control_domain(build, log, memory=512):
    return Machine(["-kernel", f"{build}/paravane", "-initrd",
                    f"{build}/dom0-pv32,{ramdisk(build)}", "-append",
                    "console=com1 dom0_mem=96M", *ICOUNT],
                   f"{build}/bench/{log}.log", memory=memory, cpus=1, timeout=300)


def through_control_domain(build):
    """Creating and destroying by xl, and switching between two domains that yield to each other."""
    machine = control_domain(build, "control")
    rows = {}

    # One that counts for long: with -icount hours of idle time pass while a line is typed.
    create = "xl create /guests/hello.cfg 'cmdline=\"1000000\"'"

    def timed(name, line):
        out = machine.run(line)
        if "rc=" in out:
            raise RuntimeError(f"{line}: {out}")
        rows[name] = int(re.search(r"(\d+) cycles", out)[1])

    try:
        machine.prompt()
        machine.run(create)      # the caches of store and daemon fill
        machine.run("xl destroy hello")
        timed("create", f"time {create}")
        timed("destroy", "time xl destroy hello")
        machine.run("xl create /guests/partner.cfg")
        begun = int(re.search(r"from (\d+)", machine.run("time xl create /guests/switch.cfg"))[1])
        machine.type("xl console switch\r")
        # The guest reads the same counter first of all.
        rows["first"] = int(machine.expect(r"bench start (\d+)\r")[1]) - begun
        rows["switch"] = int(machine.expect(r"bench switch (\d+)\r")[1])
    finally:
        machine.close()
    return rows


def crowd(build, domains):
    """A yield among the vCPUs of so many domains: one of them says how much passes between its own."""
    machine = control_domain(build, f"crowd-{domains}", memory=1024)
    try:
        machine.prompt()
        for i in range(domains):
            machine.run(f"xl create -p /guests/crowd{i}.cfg")
        for i in reversed(range(domains)):
            machine.run(f"xl unpause crowd{i}")
        machine.type("xl console crowd0\r")
        for _ in range(2):              # the others have started all their vCPUs by the second
            cost = int(machine.expect(r"bench crowd (\d+)\r")[1])
    finally:
        machine.close()
    return cost / domains


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def heading(title, xen, with_ratios):
    ratio = f"{'ratio':>7}" if with_ratios else ""
    return f"{title:38}{'pv32':>11}{ratio}{'pv64':>12}{ratio}" + \
        (f"{'Xen pv64':>13}{'ratio':>7}" if xen else "")


def print_table(ours, xen):
    """Ours, the references, the ratio to them; and, in the same run, Xen's own pv64 figures."""
    print(heading("operation", xen, True))
    ratios = {"pv32": [], "pv64": [], "xen": []}
    for key, title, *reference in ROWS:
        line = f"{title:38}"
        for width, by_xen in zip(("pv32", "pv64"), reference):
            ratio = ours[width][key] / by_xen
            ratios[width].append(ratio)
            line += f"{ours[width][key]:>{11 if width == 'pv32' else 12}}{ratio:>7.2f}"
        if xen:
            ratios["xen"].append(ours["pv64"][key] / xen[key])
            line += f"{xen[key]:>13}{ratios['xen'][-1]:>7.2f}"
        print(line)
    line = f"{'geometric mean':38}{geometric_mean(ratios['pv32']):>18.2f}"
    line += f"{geometric_mean(ratios['pv64']):>19.2f}"
    print(line + (f"{geometric_mean(ratios['xen']):>20.2f}" if xen else ""))


def print_smp_table(ours, xen):
    print("\n" + heading("vCPUs and CPUs, instructions of all", xen, False))
    for key, title in SMP_ROWS:
        line = f"{title:38}{ours['pv32'][key]:>11}{ours['pv64'][key]:>12}"
        print(line + (f"{xen[key]:>13}{ours['pv64'][key] / xen[key]:>7.2f}" if xen else ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--xen", help="an unpacked Xen to run the same pv64 guest on")
    args = parser.parse_args()
    build = args.build
    os.environ["B"] = build
    before = firmware(f"{build}/bench/firmware")
    ours = {w: all_rows(f"{build}/paravane", f"{build}/bench/guest-{w}") for w in ("pv32", "pv64")}
    # QEMU's fault with SMAP (docs/bench.md) concerns Xen.
    xen = all_rows(args.xen, f"{build}/bench/guest-pv64", cpu="max,-smap") if args.xen else None
    for rows in (*ours.values(), *([xen] if xen else [])):
        rows["boot"] = rows["start"] - before
    print_table(ours, xen)
    print_smp_table(ours, xen)
    control = through_control_domain(build)
    print("\nby the pv32 control domain")
    for key, title in (("switch", "switch to another domain"),
                       ("first", "xl create to the first instruction"),
                       ("create", "xl create, to its return"),
                       ("destroy", "xl destroy")):
        print(f"{title:36}{control[key]:>11}")
    for domains in (4, 40):
        title = f"schedule and switch, {domains * CROWD_VCPUS:,} vCPUs"
        print(f"{title:38}{crowd(build, domains):>11.0f}")


if __name__ == "__main__":
    main()
