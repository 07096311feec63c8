# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU machine that runs Paravane, driven by its serial console."""
import os
import re
import shutil

import pexpect

PROMPT = "dom0# "
QEMU = "qemu-system-x86_64"
# The longest a single machine may live, whatever its test does.
LIFETIME = 900


class Failure(Exception):
    """What the test was to show is not so."""


class Skip(Exception):
    """The test cannot be run here; says why."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def ovmf():
    """UEFI firmware: (code, variables)."""
    for code, variables in (("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"), ("OVMF_CODE.fd", "OVMF_VARS.fd")):
        paths = [os.path.join("/usr/share/OVMF", f) for f in (code, variables)]
        if all(os.path.exists(p) for p in paths):
            return paths
    raise Skip("no UEFI firmware: package ovmf")


class Machine:
    """Started at once; a `with` block ends it."""

    def __init__(self, log, kernel=None, modules=(), append="", iso=None, uefi=False, memory=512,
                 cpus=2, extra=()):
        args = ["--foreground", str(LIFETIME), QEMU, "-machine", "q35,accel=tcg", "-cpu", "max",
                "-m", str(memory), "-smp", str(cpus), "-display", "none", "-no-reboot", "-net", "none",
                "-serial", "stdio", "-monitor", "none"]
        if kernel:
            args += ["-kernel", kernel, "-append", append, "-initrd", ",".join(modules)]
        if iso:
            args += ["-cdrom", iso, "-boot", "d"]
        if uefi:
            code, variables = ovmf()
            own = log + ".vars"
            shutil.copy(variables, own)
            args += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
                     "-drive", f"if=pflash,format=raw,unit=1,file={own}"]
        self.log = open(log, "w", encoding="latin-1")
        self.child = pexpect.spawn("timeout", args + list(extra), encoding="latin-1", echo=False,
                                   timeout=60, maxread=65536)
        self.child.delaybeforesend = None
        self.child.logfile_read = self.log

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)
        self.log.close()

    def expect(self, pattern, timeout=60):
        """Waits for the (regular) expression; what came before it."""
        try:
            self.child.expect(pattern, timeout=timeout)
        except pexpect.TIMEOUT:
            raise Failure(f"'{pattern}' did not come in {timeout} s") from None
        except pexpect.EOF:
            raise Failure(f"the machine ended before '{pattern}' came") from None
        return self.child.before

    def match(self):
        return self.child.match

    def wait_prompt(self, timeout=60):
        return self.expect(re.escape(PROMPT), timeout)

    def type(self, text):
        """As a person does: a few bytes at a time, each echoed before the next."""
        for i in range(0, len(text), 16):
            piece = text[i:i + 16]
            self.child.send(piece)
            self.expect(re.escape(piece), 20)

    def send(self, text):
        self.child.send(text)

    def shell(self, command, timeout=60):
        """One command of the control domain's shell; what it printed."""
        self.type(command)
        self.child.send("\r")
        out = self.wait_prompt(timeout)
        return "\n".join(line.strip("\r") for line in out.replace("\r", "\n").split("\n")
                         if line.strip()).strip()

    def ends(self, timeout=60):
        """Waits for the end of the machine; the exit status of QEMU."""
        self.expect(pexpect.EOF, timeout)
        self.child.close()
        return self.child.exitstatus

    def poweroff(self):
        self.type("poweroff")
        self.child.send("\r")
        status = self.ends()
        check(status == 0, f"QEMU ended with {status} after poweroff")


def control_domain(log, build, ramdisk=None, append="", dom0_mem="128M", width="pv32", **kw):
    """The machine at the prompt of the control domain, without a loader."""
    m = Machine(log, kernel=f"{build}/paravane",
                modules=[f"{build}/dom0-{width}", ramdisk or f"{build}/ramdisk.cpio"],
                append=f"console=com1 loglvl=all guest_loglvl=all dom0_mem={dom0_mem} {append}", **kw)
    m.wait_prompt()
    return m


def free_pages(machine):
    found = re.search(r"free_pages\s*: (\d+)", machine.shell("xl info"))
    check(found, "xl info does not say free_pages")
    return int(found.group(1))


def cpio(files):
    """A newc archive of {path: bytes}, folders included."""
    entries = set()
    for path in files:
        parts = path.split("/")[:-1]
        entries.update("/".join(parts[:i + 1]) for i in range(len(parts)))
    out = bytearray()

    def add(name, mode, data):
        name = name.encode() + b"\0"
        fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out.extend(b"070701" + b"".join(b"%08x" % f for f in fields) + name)
        out.extend(b"\0" * (-len(out) % 4))
        out.extend(data)
        out.extend(b"\0" * (-len(out) % 4))

    for folder in sorted(entries):
        add(folder, 0o040755, b"")
    for path, data in files.items():
        add(path, 0o100644, data)
    add("TRAILER!!!", 0, b"")
    return bytes(out)
