# SPDX-License-Identifier: GPL-2.0-only
"""QEMU machines as conversations on the serial line, and the control domain's shell on top."""
import os
import re
import shutil
import subprocess

import pexpect

from packages import BUILD, Skip  # noqa: F401

PROMPT = "dom0# "
DETACH = "\x1d"
# What a console may show in the midst of an echo: cursor movements, and messages of Linux.
BETWEEN = r"(?:\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|\[ *\d+\.\d+\] [^\n]*\n)*"
TCG = "qemu-system-x86_64 -machine accel=tcg -display none -no-reboot -monitor none".split()


class Failure(Exception):
    """What was expected did not happen; the text says what."""


class Machine:
    """A machine that runs; all it says is kept in a log file."""

    def __init__(self, name, kernel, modules, append, memory=512, cpus=1, cpu="max", more=(),
                 timeout=180, limit=600):
        os.makedirs(f"{BUILD}/peers", exist_ok=True)
        self.log_path = f"{BUILD}/peers/{name}.log"
        self.log = open(self.log_path, "w", encoding="utf-8")
        command = ["timeout", str(limit)] + TCG + [
            "-cpu", cpu, "-m", str(memory), "-smp", str(cpus), "-serial", "stdio",
            "-kernel", kernel, "-append", append, *more]
        if modules:
            command += ["-initrd", ",".join(m.replace(",", ",,") for m in modules)]
        self.child = pexpect.spawn(command[0], command[1:], encoding="utf-8",
                                   codec_errors="replace", timeout=timeout, echo=False)
        self.child.delaybeforesend = None
        self.child.logfile_read = self.log

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)
        self.log.close()

    def expect(self, pattern, timeout=-1):
        """Waits for the pattern; returns what matched. What crashed meanwhile is a failure."""
        try:
            self.child.expect(pattern, timeout=timeout)
        except pexpect.TIMEOUT:
            raise Failure(f"no {pattern!r} in time; last: {self.tail()}") from None
        except pexpect.EOF:
            raise Failure(f"the machine ended before {pattern!r}; last: {self.tail()}") from None
        return self.child.match

    def tail(self):
        lines = [l.strip() for l in (self.child.before or "").splitlines() if l.strip()]
        return " | ".join(lines[-4:])

    def end(self, timeout=120):
        """Waits for the machine to switch itself off."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            raise Failure(f"the machine did not end; last: {self.tail()}") from None

    def type(self, line):
        """Types a line as fast as it is echoed: serial lines and consoles hold few characters."""
        for i in range(0, len(line), 8):
            piece = line[i:i + 8]
            self.child.send(piece)
            self.expect(BETWEEN.join(map(re.escape, piece)))
        self.child.send("\r")

    def said(self):
        """All that was said so far."""
        self.log.flush()
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def check_no_warnings(self, allowed=()):
        """No message of the hypervisor may be a warning, beyond those allowed."""
        for line in self.said().splitlines():
            if re.search(r"\(PV\).*(WARN|ERR|BUG|panic|crash|unstable|off by)", line) and not any(
                    a in line for a in allowed):
                raise Failure(f"the hypervisor complained: {line.strip()}")


class ControlDomain(Machine):
    """A machine whose first domain is the mini-OS control domain, at the prompt of its shell."""

    def start(self):
        """Waits for the prompt."""
        self.expect(PROMPT)

    def __enter__(self):
        self.start()
        return self

    def command(self, line, timeout=-1):
        """Runs a command of the control domain; returns what it printed."""
        self.type(line)
        self.expect(PROMPT, timeout)
        return self.child.before

    def attach(self, line):
        """Runs a command that leads to a guest's console."""
        self.type(line)

    def detach(self):
        self.child.send(DETACH)
        self.expect(PROMPT)

    def wait_gone(self, name, polls=40):
        """Lists domains until the one of that name is not among them."""
        for _ in range(polls):
            if not re.search(rf"(?m)^{name}\s", self.command("xl list")):
                return
        raise Failure(f"domain {name} is still there")


class Paravane(ControlDomain):
    """Our hypervisor under our control domain."""

    def __init__(self, name, files, dom0="pv32", dom0_memory="96M", memory=512, cpus=2, **more):
        super().__init__(name, f"{BUILD}/paravane",
                         [f"{BUILD}/dom0-{dom0}", pack(name, files)],
                         f"console=com1 loglvl=all guest_loglvl=all dom0_mem={dom0_memory}",
                         memory=memory, cpus=cpus, **more)


def pack(name, files):
    """Packs {path: bytes, a host file's path, or for a folder anything} as a ramdisk."""
    tree = f"{BUILD}/peers/{name}.tree"
    out = f"{BUILD}/peers/{name}.cpio"
    shutil.rmtree(tree, ignore_errors=True)
    for path, content in files.items():
        to = os.path.join(tree, path.lstrip("/"))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if path.endswith("/"):
            continue
        if isinstance(content, bytes):
            with open(to, "wb") as f:
                f.write(content)
        else:
            shutil.copy(content, to)
        if "bin/" in path or path == "/init":
            os.chmod(to, 0o755)
    with open(out, "wb") as f:
        names = subprocess.run(["find", ".", "-mindepth", "1"], cwd=tree, check=True,
                               stdout=subprocess.PIPE).stdout
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=tree, check=True,
                       input=names, stdout=f)
    shutil.rmtree(tree)
    return out


def config(**keys):
    """A domain's configuration file."""
    return "".join(f"{k} = {v if isinstance(v, int) else chr(34) + str(v) + chr(34)}\n"
                   for k, v in keys.items()).encode()
