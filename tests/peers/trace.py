# SPDX-License-Identifier: GPL-2.0-only
"""
What a pv64 guest asks of the hypervisor, seen by gdb from outside: the hypervisor counts nothing.

Hardware breakpoints at the doors of pv64 guests stop the machine for a moment; the control domain is
pv32 and only comes by the one that traps share. A subject starts Trace on the machine's gdb socket and reads its lines at the end.
"""
import os
import subprocess

from machine import BUILD, Failure

# Run by gdb's own Python. Each stop is one line in the file: a call with its first two arguments and
# the word that the first points to, or a trap with its vector, error code and CR2.
INSIDE = r"""
import gdb

out = open(%(file)r, "w")

def number(text):
    return int(gdb.parse_and_eval(text)) & (1 << 64) - 1

def say(line):
    out.write(line + "\n")
    out.flush()

def word_at(address):
    try:
        return number("*(unsigned int *)%%d" %% address)
    except gdb.error:
        return 0

class Call(gdb.Breakpoint):
    def stop(self):
        regs = "((struct vcpu *)$rdi)->regs."
        arg = number(regs + "rdi")
        say("call %%d %%#x %%#x %%d" %% (number(regs + "rax") & 0xffffffff, arg, number(regs + "rsi"),
                                        word_at(arg)))
        return False

class Trap(gdb.Breakpoint):
    def stop(self):
        vcpu = "((struct vcpu *)$rdi)->"
        if not number(vcpu + "domain->is_pv32"):
            say("trap %%d %%#x %%#x" %% (number(vcpu + "regs.vector"),
                                       number(vcpu + "regs.error_code"), number("$cr2")))
        return False

gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.execute("target remote %(socket)s")
Call("*hypercall_entry64", gdb.BP_HARDWARE_BREAKPOINT)
Trap("*guest_trap", gdb.BP_HARDWARE_BREAKPOINT)
say("ready")
try:
    gdb.execute("continue")
except gdb.error:
    pass
"""


class Trace:
    """gdb on a machine that was started with more=Trace.options(name)."""

    @staticmethod
    def options(name):
        socket = f"{BUILD}/peers/{name}.gdb"
        if os.path.exists(socket):
            os.unlink(socket)
        return ["-chardev", f"socket,path={socket},server=on,wait=off,id=gdb", "-gdb",
                "chardev:gdb", "-S"]

    def __init__(self, name):
        self.path = f"{BUILD}/peers/{name}.trace"
        script = f"{BUILD}/peers/{name}.gdb.py"
        with open(script, "w", encoding="utf-8") as f:
            f.write(INSIDE % {"file": self.path, "socket": f"{BUILD}/peers/{name}.gdb"})
        with open(f"{BUILD}/peers/{name}.gdb.log", "w", encoding="utf-8") as log:
            self.gdb = subprocess.Popen(["gdb", "-q", "-nx", "-batch", "-x", script,
                                         f"{BUILD}/paravane.debug"], stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log)

    def lines(self):
        """All that was seen; the machine has ended."""
        try:
            self.gdb.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.gdb.kill()
            raise Failure("gdb did not end with the machine") from None
        with open(self.path, encoding="utf-8") as f:
            return [line.split() for line in f.read().splitlines()][1:]
