# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU machine that runs Paravane, driven over its serial console as a person would."""
import os
import shlex
import shutil
import subprocess
import sys

import pexpect

BUILD = os.environ.get("B", "build")
PROMPT = "dom0# "


def ramdisk(name, guests):
    """One with these in /guests: {image: lines of its configuration}, the images as they are built."""
    root = f"{BUILD}/test-{name}"
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{root}/guests")
    for path, lines in guests.items():
        image = os.path.basename(path)
        shutil.copyfile(f"{BUILD}/{path}", f"{root}/guests/{image}")
        with open(f"{root}/guests/{image}.cfg", "w", encoding="ascii") as config:
            config.write(f'name = "{image}"\nkernel = "/guests/{image}"\n{lines}\n')
    with open(f"{root}.cpio", "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, stdout=out,
                       check=True)
    return f"{root}.cpio"


class Machine:
    """Boots, types, expects. Everything the console said ends up in the log given."""

    def __init__(self, arguments, log, memory=512, cpus=2, timeout=180, cpu="max"):
        command = ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", cpu,
                   "-m", str(memory), "-smp", str(cpus), "-display", "none", "-no-reboot",
                   "-serial", "stdio", *arguments]
        self.open_log(log, command)
        self.console = pexpect.spawn(command[0], command[1:], encoding="utf-8",
                                     codec_errors="replace", timeout=timeout, echo=False)
        self.console.logfile_read = self.log

    def open_log(self, path, command):
        self.log = open(path, "w", encoding="utf-8")
        self.log.write("$ " + shlex.join(command) + "\n")
        self.marks = 0

    @classmethod
    def from_iso(cls, log, arguments=(), **options):
        return cls(["-cdrom", f"{BUILD}/paravane.iso", "-boot", "d", *arguments], log, **options)

    @classmethod
    def from_kernel(cls, log, ramdisk=None, dom0=None, append="", dom0_mem="96M", arguments=(),
                    **options):
        dom0 = dom0 or f"{BUILD}/dom0-pv32"
        ramdisk = ramdisk or f"{BUILD}/ramdisk.cpio"
        return cls(["-kernel", f"{BUILD}/paravane", "-initrd", f"{dom0},{ramdisk}", "-append",
                    f"console=com1 loglvl=all guest_loglvl=all dom0_mem={dom0_mem} {append}", *arguments],
                   log, **options)

    def expect(self, pattern, timeout=-1):
        self.console.expect(pattern, timeout=timeout)
        return self.console.match

    def prompt(self, timeout=-1):
        self.console.expect_exact(PROMPT, timeout=timeout)
        return self.console.before

    def type(self, text):
        """In pieces that the smallest of serial lines can take."""
        for at in range(0, len(text), 16):
            self.console.send(text[at:at + 16])

    def run(self, line, timeout=-1):
        """
        Types a command at the shell and returns what it printed. Its end is told by a mark that is
        echoed behind it, since the shell draws its prompt anew when a message comes in between; one may
        come right behind the mark too.
        """
        self.marks += 1
        self.type(f"{line}\recho =={self.marks}\r")
        self.console.expect(rf"\n=={self.marks}", timeout=timeout)
        output = self.console.before.replace("\r", "")
        self.prompt(timeout)
        return output

    def free_pages(self):
        """Frames the hypervisor has free. Those of the dead are given back by and by."""
        for line in self.run("xl info").splitlines():
            if line.startswith("free_pages"):
                return int(line.split(":")[1])
        raise AssertionError("xl info names no free_pages")

    def power_off(self):
        """QEMU's exit status after `poweroff`."""
        self.type("poweroff\r")
        self.console.expect(pexpect.EOF)
        self.console.close()
        return self.console.exitstatus

    def close(self):
        self.console.close(force=True)
        self.log.close()


class Tap:
    """Test points as they are made; the plan at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, detail=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good and detail:
            print("".join(f"# {line}\n" for line in str(detail).splitlines()), end="", flush=True)
        return good

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    def run(self, name, function, *arguments):
        """One test function: what it raises is its failure."""
        try:
            function(*arguments)
        except (AssertionError, pexpect.ExceptionPexpect) as error:
            text = str(error) if isinstance(error, AssertionError) else short(error)
            self.ok(False, name, text)
        else:
            self.ok(True, name)

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def short(error):
    """Of pexpect's long report, what was waited for and what came."""
    lines = [line for line in str(error).splitlines()
             if line.startswith(("Timeout", "End Of File", "before", "    0:"))]
    return "\n".join(lines)[-1500:]


def log_path(name):
    os.makedirs(f"{BUILD}/test-logs", exist_ok=True)
    return f"{BUILD}/test-logs/{name}.console"


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def contains(output, *wanted):
    for text in wanted:
        check(text in output, f"no {text!r} in:\n{output}")
