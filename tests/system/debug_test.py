#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""`make debug`: QEMU waits for gdb, whose script knows the hypervisor, the control domain, guests."""
import os
import socket

import pexpect

from machine import BUILD, Tap, check, log_path

GDB_PROMPT = r"\(gdb\) $"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Session:
    """The machine that waits, and the debugger as its message says to start it."""

    def __init__(self, log):
        self.log = open(log, "w", encoding="utf-8")
        environment = dict(os.environ, TERM="dumb", GDB_PORT=str(free_port()),
                           PARAVANE_SOCKET=f"{BUILD}/test-logs/debug.sock")
        environment.pop("MAKEFLAGS", None)
        self.machine = self.spawn("sh", ["tools/image/debug.sh", f"{BUILD}/paravane.iso",
                                         f"{BUILD}/paravane.debug", f"{BUILD}/dom0-pv32.debug"],
                                  environment)
        self.machine.expect(r"gdb -x (\S+)")
        self.script = self.machine.match.group(1)
        self.gdb = None

    def spawn(self, command, arguments, environment):
        child = pexpect.spawn(command, arguments, encoding="utf-8", codec_errors="replace",
                              timeout=300, echo=False, env=environment)
        child.logfile_read = self.log
        return child

    def start_gdb(self):
        self.gdb = self.spawn("gdb", ["-q", "-nx", "-x", self.script],
                              dict(os.environ, TERM="dumb"))
        self.gdb.expect(GDB_PROMPT)
        check("fff0" in self.ask("info registers rip"), self.gdb.before)

    def ask(self, line):
        self.gdb.send(line + "\n")
        self.gdb.expect(GDB_PROMPT)
        return self.gdb.before

    def stops_at(self, function, source):
        check("breakpoint" in self.ask(f"thbreak {function}").lower(), self.gdb.before)
        output = self.ask("continue")
        check(f"{function} (" in output and source in output, output)

    def close(self):
        for child in (self.gdb, self.machine):
            if child:
                child.close(force=True)
        self.log.close()


def shows_a_backtrace(session):
    output = session.ask("backtrace")
    check("#1 " in output, output)


def knows_guests(session):
    output = session.ask("guest hello-pv32") + session.ask("info address domain_reboot")
    check("domain_reboot" in output and "is a function" in output, output)


if __name__ == "__main__":
    tap = Tap()
    debug = Session(log_path("debug"))
    try:
        tap.run("gdb finds the waiting machine", debug.start_gdb)
        tap.run("a breakpoint of the hypervisor", debug.stops_at, "params_parse", "params.c")
        tap.run("its back-trace", shows_a_backtrace, debug)
        tap.run("a breakpoint of the control domain", debug.stops_at, "kernel_main", "main.c")
        tap.run("symbols of a guest", knows_guests, debug)
    finally:
        debug.close()
    tap.done()
