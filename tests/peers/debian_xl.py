# SPDX-License-Identifier: GPL-2.0-only
"""
Debian's own toolstack on Paravane: its Linux as the first domain, in it Xen's xl, libxl, xenstored
and xenconsoled as the packages bring them, and guests of both widths and a Linux made by them.
"""
import os
import re
import subprocess

from initramfs import initramfs
from linux_first import vmlinux, with_dependencies
from machine import BUILD, Machine, config
from packages import Skip, fetch, linux, one

SHELL = "guest# "
PACKAGES = (
    "xen-utils-4.17", "xenstore-utils", "libxenmisc4.17", "libxencall1", "libxenstore4",
    "libxenevtchn1", "libxenforeignmemory1", "libxengnttab1", "libxentoollog1", "libxentoolcore1",
    "libxendevicemodel1", "libxenhypfs1", "libyajl2")
MODULES = ("xen_privcmd", "xen_evtchn", "xen_gntdev", "xen_gntalloc", "xenfs")
LIBRARIES = "/lib/x86_64-linux-gnu/"
TOOLS = "/usr/lib/xen-4.17/bin"
PROGRAMS = tuple(f"{TOOLS}/{name}" for name in (
    "xl", "xenstored", "xenconsoled", "xenconsole", "xen-init-dom0", "libxl-save-helper", "lsevtchn",
    "test-cpu-policy", "test-resource",
    "xen-hptool")) + ("/usr/bin/xenstore-read",)
START = b"""export PATH=$PATH:/usr/lib/xen-4.17/bin:/usr/bin
for m in %s; do insmod /modules/$m.ko; done
mkdir -p /dev/pts /run/xenstored /var/run/xenstored
mount -t devpts devpts /dev/pts
mount -t xenfs xenfs /proc/xen
xenstored --pid-file /run/xs.pid && xen-init-dom0 && xenconsoled --pid-file=/run/xc.pid && echo tools are up
"""


def program_files():
    """The programs, and the libraries that they load: the packages', or this machine's."""
    trees = [fetch(package) for package in PACKAGES]
    paths = ":".join(f"{tree}/usr/lib/x86_64-linux-gnu" for tree in trees)
    files = {}
    for name in PROGRAMS:
        found = [tree + name for tree in trees if os.path.exists(tree + name)]
        if not found:
            raise Skip(f"none of the packages has {name}")
        files[name] = found[0]
        out = subprocess.run(["ldd", found[0]], env={**os.environ, "LD_LIBRARY_PATH": paths},
                             stdout=subprocess.PIPE, text=True, check=True).stdout
        if "not found" in out:
            raise Skip(f"libraries of {name} are missing: {out}")
        for path in re.findall(r"(/\S+)", out):
            files[path if "/ld-linux" in path else LIBRARIES + os.path.basename(path)] = \
                os.path.realpath(path)
    # Loaded when a thread is cancelled.
    files[f"{LIBRARIES}libgcc_s.so.1"] = one(f"{LIBRARIES}libgcc_s.so.1")
    return files


def guest_files(name):
    files = {"/guests/vmlinuz": linux(), "/guests/initramfs": initramfs(f"{name}-guest"),
             "/guests/linux.cfg": config(
                 name="linux", type="pv", kernel="/guests/vmlinuz", ramdisk="/guests/initramfs",
                 memory=192, vcpus=2, cmdline="console=hvc0", cpuid="host,avx=0")}
    files["/guests/clock"] = f"{BUILD}/guests/clock-pv32"
    files["/guests/clock.cfg"] = config(name="clock", type="pv", kernel="/guests/clock", memory=16)
    for width in ("pv32", "pv64"):
        files[f"/guests/{width}"] = f"{BUILD}/guests/hello-{width}"
        files[f"/guests/{width}.cfg"] = config(
            name=width, type="pv", kernel=f"/guests/{width}", memory=16, cmdline="3000")
    return files


class Toolstack:
    """The shell of the first domain."""

    def __init__(self, machine, check):
        self.m, self.check = machine, check

    def ask(self, line, timeout=90):
        self.m.type(line)
        self.m.expect(SHELL, timeout)
        return self.m.child.before

    def expect(self, line, pattern, what, timeout=90):
        out = self.ask(line, timeout)
        self.check(what, re.search(pattern, out), out)
        return out

    def leave_console(self):
        self.m.child.send("\x1d")
        self.m.expect(SHELL)


def listed(name, state, memory=r"\d+"):
    return rf"(?m)^{name} +\d+ +{memory} +\d+\s+{state}"


def free_memory(t):
    return re.search(r"free_memory +: (\d+)", t.ask("xl info")).group(1)


def begin(t):
    t.expect(". /bin/start", "tools are up", "xenstored, xen-init-dom0 and xenconsoled start")
    t.expect("xl info", r"xen_version +: 4\.17\.0-paravane", "xl info")
    t.expect("xl info -n", r"No device topology data available(?s:.*)node: +memsize",
             "xl info -n")
    t.expect("xl list", listed("Domain-0", "r-----"), "xl list")
    t.expect("test-cpu-policy | tail -n 1", "all ok", "Xen's test-cpu-policy")
    t.expect("test-resource", "Test grant table(?s:.(?!Fail))*$", "Xen's test-resource")


def small_guests(t):
    for width in ("pv32", "pv64"):
        t.ask(f"xl create /guests/{width}.cfg")
        t.expect("xl list", listed(width, "[-r][-b]----", 16), f"xl create makes a {width} guest")
        t.m.type(f"xl console {width}")
        t.check(f"xl console {width}", t.m.expect(r"Hello from a guest of 16384 KiB"))
        t.leave_console()
    t.expect("xl sched-credit -d pv64 -w 512; xl sched-credit", r"pv64 +\d+ +512", "xl sched-credit")
    t.expect("xl vcpu-pin pv64 0 1; xl vcpu-list", r"pv64 +\d+ +0 +\d+ +\S+ +[\d.]+ +1 / all",
             "xl vcpu-pin, vcpu-list")
    t.expect("xl mem-set pv64 12; xl list", listed("pv64", r"\S+", 12), "xl mem-set")
    t.expect("xl pause pv64; xl list", listed("pv64", "-[-b]p---"), "xl pause")
    t.expect("xl dump-core pv64 /tmp/core; ls -l /tmp/core", r"\d{8} .*/tmp/core", "xl dump-core")
    t.expect("xl unpause pv64; xl rename pv64 other; xl list", listed("other", "[-r][-b]----"),
             "xl unpause, rename")
    t.expect("xl list -l other", r'"kernel": "/guests/pv64"', "xl list -l")
    t.expect("xl destroy pv32; xl destroy other; xl list", r"Domain-0[^\n]*\n[^a-z]*$", "xl destroy")


def machine_controls(t):
    """What the first domain does to the machine, and others see: its clock is set, a CPU is taken away."""
    t.ask("xl create /guests/clock.cfg; date -s '2031-02-03 04:05:06'")
    t.m.type("xl console clock")
    t.check("a guest sees the clock that Linux has set", t.m.expect(r"wall clock 2031-02-03 04:0[5-9]:"))
    t.leave_console()
    t.expect("xl vcpu-pin clock 0 1; xen-hptool cpu-offline 1; xl info", r"nr_cpus +: 1\r",
             "xen-hptool takes a CPU away")
    t.expect("xl vcpu-list clock", r"clock +\d+ +0 +0 ", "what ran there runs elsewhere")
    t.expect("xen-hptool cpu-online 1; xl info", r"nr_cpus +: 2\r", "and brings it back")
    t.ask("xl destroy clock")


def linux_guest(t):
    t.m.type("xl create -c /guests/linux.cfg")
    t.m.expect(r"init: \S+ with 2 CPU", 180)
    t.check("xl create -c makes a Linux guest", t.m.expect(SHELL))
    t.expect("grep -cw avx /proc/cpuinfo; grep -cw sse2 /proc/cpuinfo", r"\n0\r*\n2\r*\n",
             "which has the CPU that cpuid= says")
    # A reboot makes a new domain of it, and its old console ends.
    t.m.type("reboot -f")
    t.m.expect(SHELL, 120)
    t.m.type("until xl console linux; do sleep 1; done")
    t.m.expect(r"init: \S+ with 2 CPU", 180)
    t.check("which comes again when it reboots", t.m.expect(SHELL))
    t.leave_console()
    t.expect("xl shutdown -w linux; xl list", r"Domain-0[^\n]*\n[^a-z]*$", "xl shutdown -w", 240)


def run(check):
    name = "debian-xl"
    modules = with_dependencies(MODULES)
    files = {f"/modules/{n}.ko": path for n, path in modules}
    files["/bin/start"] = START % " ".join(n for n, _ in modules).encode()
    files["/etc/xen/xl.conf"] = b'autoballoon="off"\n'
    for folder in ("run", "var/run/xen", "var/lib/xen", "var/log/xen", "var/lock", "var/lib/xenstored"):
        files[f"/{folder}/"] = b""
    files.update(program_files())
    files.update(guest_files(name))
    with Machine(name, f"{BUILD}/paravane",
                 [f"{vmlinux(name, linux())} console=hvc0", initramfs(f"{name}-ird", files)],
                 "console=com1 loglvl=all guest_loglvl=all dom0_mem=512M", memory=1024, cpus=2,
                 limit=900) as m:
        t = Toolstack(m, check)
        m.expect(SHELL, 240)
        begin(t)
        before = free_memory(t)
        small_guests(t)
        machine_controls(t)
        linux_guest(t)
        after = free_memory(t)
        check("all memory is free again", before == after, f"{before} MiB, then {after} MiB")
        m.type("poweroff -f")
        m.end(60)
        m.check_no_warnings()
        check("the hypervisor does not complain", True)
