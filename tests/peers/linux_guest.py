# SPDX-License-Identifier: GPL-2.0-only
"""Linux, the package's bzImage as it is, as a guest made by xl create: Debian's, and 32-bit ones of Ubuntu's."""
import re
import time

from initramfs import compiled, initramfs
from machine import Paravane, config
from packages import linux, linux32

SHELL = "guest# "
COMPLAINTS = r"WARNING:|BUG:|Oops|Call Trace|soft lockup|rcu: INFO|Unable to handle"


def ask(m, line, timeout=60):
    m.type(line)
    m.expect(SHELL, timeout)
    return m.child.before


def do_work(m, check):
    out = ask(m, "work", 240)
    steps = re.findall(r"work: (.*) (ok|FAILED)", out)
    for name, result in steps:
        check(f"{name}", result == "ok", out)
    check("all its work", len(steps) == 16 and "work: 0 failed" in out, out)


def store_client(narrow):
    """Our client library of the store, in a program for Linux."""
    return compiled("guest_store", [f"xenstore-lite/{name}.c" for name in (
        "client", "client_talk", "client_host", "path", "wire")], narrow)


def use_store(m, check):
    out = ask(m, "guest_store", 120)
    steps = re.findall(r"store: (.*) (ok|FAILED)", out)
    for name, result in steps:
        check(f"our library over /dev/xen/xenbus: {name}", result == "ok", out)
    check("all of it", len(steps) == 12 and "store: 0 failed" in out, out)


def check_quiet(m, check):
    said = m.said()
    complaint = re.search(f".*({COMPLAINTS}).*", said)
    check("Linux complains of nothing", not complaint, complaint and complaint.group())
    m.check_no_warnings()
    check("nor does the hypervisor", True)


def check_vectors(m, check):
    """The kernel saves AVX registers; else applications must not use them, and work tries none."""
    found = re.findall(r"x86/fpu: .*", m.said())
    check("saves AVX registers", any("AVX registers" in line for line in found), found)


def check_cpuid(m, check, when):
    """What cpuid= takes away the kernel does not know of; a neighbour it does."""
    out = ask(m, "grep -cw rdseed /proc/cpuinfo; grep -cw adx /proc/cpuinfo")
    check(f"has the CPU that cpuid= says {when}", re.search(r"\n0\r*\n1\r*\n", out), out)


def start(m, check, vcpus):
    m.attach("xl create -c /guests/linux.cfg")
    out = m.expect(rf"init: \S+ with {vcpus} CPU")
    m.expect(SHELL)
    check(f"boots to its shell on hvc0 with {vcpus} vCPU(s)", out)
    check_vectors(m, check)


def restart(m, check, vcpus):
    """The guest reboots; on_reboot makes a new domain of it, whose console is another one."""
    m.type("reboot -f")
    m.expect("dom0# ", 60)
    m.attach("xl console linux")
    m.expect(rf"init: \S+ with {vcpus} CPU", 120)
    m.expect(SHELL)
    check_cpuid(m, check, "after a reboot too")
    m.detach()
    out = m.command("xl list")
    check("reboots by on_reboot", re.search(r"linux +[2-9]", out), out)


def signals(m, check):
    """What only a guest with handlers for it can show: an NMI, a SysRq key, a balloon."""
    m.detach()
    m.command("xl trigger linux nmi 1")
    m.command("xl sysrq linux h")
    for size in ("160", "224", "192"):
        m.command(f"xl mem-set linux {size}")
        # A step that fails Linux tries again after a pause that doubles, up to half a minute.
        out, end = "", time.monotonic() + 150
        while not re.search(rf"linux +\d+ +{size} ", out) and time.monotonic() < end:
            out = m.command("xl list linux")
        check(f"its balloon comes to {size} MiB", re.search(rf"linux +\d+ +{size} ", out), out)
    m.attach("xl console linux")
    m.expect(r"Uhhuh. NMI received for unknown reason [0-9a-f]+ on CPU 1", 60)
    check("an NMI comes to its handler", True)
    m.expect(r"(?i)sysrq ?: (SysRq : )?HELP", 60)
    check("a SysRq key comes to its handler", True)
    m.type("")
    m.expect(SHELL)


def run(check, name, vcpus, cpu="max", version=None):
    """@version: of a 32-bit Linux; Debian's otherwise."""
    narrow = version is not None
    more = {"/bin/guest_store": store_client(narrow)} if vcpus == 1 else {}
    files = {"/guests/vmlinuz": linux32(version) if narrow else linux(),
             "/guests/initramfs": initramfs(f"{name}-ird", more, narrow=narrow),
             "/guests/linux.cfg": config(
                 name="linux", kernel="/guests/vmlinuz", ramdisk="/guests/initramfs", memory=192, maxmem=256,
                 vcpus=vcpus, cmdline="console=hvc0 earlyprintk=xen", cpuid="host,rdseed=0")}
    with Paravane(name, files, dom0_memory="176M", memory=704, cpu=cpu, limit=900) as m:
        start(m, check, vcpus)
        do_work(m, check)
        if vcpus == 1:
            use_store(m, check)
            check_cpuid(m, check, "first")
            restart(m, check, vcpus)
        else:
            signals(m, check)
            m.detach()
        m.command("xl shutdown linux")
        m.wait_gone("linux", 300)
        check("ends when asked to", True)
        m.type("poweroff")
        m.end()
        check_quiet(m, check)
