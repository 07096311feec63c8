#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boot options do what they say, the screen shows the console, and each end of dom0 is the machine's."""
import json
import os
import re
import socket

import pexpect

from machine import BUILD, Machine, Tap, check, contains, log_path

QMP = f"{BUILD}/test-logs/machine.qmp"


def options():
    """Known ones take effect, others are named."""
    vm = Machine.from_kernel(log_path("machine-options"), dom0_mem="64M",
                             append="maxcpus=1 colour=red maxcpus=many no-sync_console")
    try:
        vm.prompt()
        boot = vm.console.before
        contains(boot, 'unknown option "colour=red"', '"maxcpus=many" makes no sense',
                 "CPUs: 1 of 2")
        check("sync_console" not in re.sub("Command line: .*", "", boot), boot)
        contains(vm.run("xl info"), "nr_cpus                : 1\n", "colour=red")
        check(re.search(r"^Domain-0 +0 +64 ", vm.run("xl list"), re.M), "dom0 has other memory")
        check(vm.power_off() == 0, "poweroff failed")
    finally:
        vm.close()


def tsc_rate(option, name, *arguments, run=False):
    """The TSC's frequency by a clock source."""
    vm = Machine.from_kernel(log_path(f"machine-clock-{option}"), append=f"clocksource={option}",
                             arguments=arguments)
    try:
        rate = float(vm.expect(rf"TSC runs at ([\d.]+) MHz by the {name}\r").group(1))
        if run:
            vm.prompt()
            check(vm.power_off() == 0, "poweroff failed")
        return rate
    finally:
        vm.close()


def clock_sources():
    """Each counter of known frequency that may be asked for gives the same one of the TSC."""
    rates = [tsc_rate("hpet", "HPET"), tsc_rate("acpi", "PM timer"), tsc_rate("pit", "PIT", run=True),
             tsc_rate("hpet", "PM timer", "-machine", "hpet=off"), tsc_rate("sundial", "HPET")]
    check(max(rates) < min(rates) * 1.01, rates)


def wall_clock():
    """The machine's clock of that moment is what a guest shows."""
    vm = Machine.from_kernel(log_path("machine-rtc"), dom0_mem="64M",
                             arguments=["-rtc", "base=2031-02-03T04:05:06"])
    try:
        vm.prompt()
        vm.run("xl create /guests/clock.cfg")
        vm.type("xl console clock\r")
        vm.expect(r"wall clock 2031-02-03 04:(0[5-9]|1\d)")
        vm.console.send("\x1d")
        vm.prompt()
        check(vm.power_off() == 0, "poweroff failed")
    finally:
        vm.close()


def screen_text():
    """The text screen's characters, out of the machine's memory."""
    dump = os.path.abspath(f"{BUILD}/test-logs/machine-screen")
    with socket.socket(socket.AF_UNIX) as qmp:
        qmp.connect(QMP)
        lines = qmp.makefile("rw", encoding="utf-8")
        lines.readline()
        for command in ({"execute": "qmp_capabilities"},
                        {"execute": "pmemsave", "arguments": {
                            "val": 0xb8000, "size": 80 * 25 * 2, "filename": dump}}):
            lines.write(json.dumps(command) + "\n")
            lines.flush()
            while "return" not in (answer := json.loads(lines.readline())):
                check("error" not in answer, answer)
    with open(dump, "rb") as file:
        cells = file.read()[::2].decode("latin-1")
    return "\n".join(cells[at:at + 80].rstrip() for at in range(0, len(cells), 80))


def screen():
    """console=vga,com1: what the serial line shows stands on the screen too."""
    vm = Machine(["-kernel", f"{BUILD}/paravane", "-initrd",
                  f"{BUILD}/dom0-pv32,{BUILD}/ramdisk.cpio", "-qmp", f"unix:{QMP},server=on,wait=off",
                  "-append", "console=vga,com1 dom0_mem=64M"], log_path("machine-screen"))
    try:
        vm.prompt()
        vm.run("echo on the screen")
        contains(screen_text(), "echo on the screen\non the screen\n")
        check(vm.power_off() == 0, "poweroff failed")
    finally:
        vm.close()


def reboot():
    """dom0's reboot: the machine starts anew."""
    vm = Machine(["-kernel", f"{BUILD}/paravane", "-initrd",
                  f"{BUILD}/dom0-pv32,{BUILD}/ramdisk.cpio", "-append",
                  "console=com1 dom0_mem=64M", "-action", "reboot=reset"],
                 log_path("machine-reboot"))
    try:
        vm.prompt()
        vm.type("reboot\r")
        vm.expect(r"\(PV\) Paravane")
        vm.prompt()
        check(vm.power_off() == 0, "poweroff failed")
    finally:
        vm.close()


def crash(width, append, last):
    """dom0's crash: registers, its back-trace, and then what the options say."""
    vm = Machine(["-kernel", f"{BUILD}/paravane", "-initrd", f"{BUILD}/guests/crash-{width}",
                  "-append", f"console=com1 dom0_mem=64M {append}"],
                 log_path(f"machine-crash-{width}"))
    try:
        for pattern in ("About to write to address 16", "[Pp]age fault", "poke", "outer",
                        "(?i)dom0 has crashed", last):
            vm.expect(pattern)
    finally:
        vm.close()


if __name__ == "__main__":
    tap = Tap()
    tap.run("boot options", options)
    tap.run("clock sources", clock_sources)
    tap.run("the real-time clock", wall_clock)
    tap.run("the screen", screen)
    tap.run("dom0 reboots the machine", reboot)
    tap.run("dom0 crashes, and the machine halts", crash, "pv32", "noreboot", "(?i)halt")
    tap.run("dom0 crashes, and the machine reboots", crash, "pv64", "", pexpect.EOF)
    tap.done()
