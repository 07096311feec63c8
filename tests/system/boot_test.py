#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""From GRUB to the prompt, on BIOS and UEFI, and the README's tour."""
import re
import shutil

from machine import BUILD, Machine, Tap, check, contains, log_path

OVMF = "/usr/share/OVMF/OVMF_CODE.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS.fd"


def boots(machine):
    machine.expect("Welcome to Paravane.s control domain", timeout=180)
    machine.prompt()


def creates_a_guest(machine):
    contains(machine.run("xl create /guests/hello.cfg"), "Parsing config from /guests/hello.cfg")
    listing = machine.run("xl list")
    check(re.search(r"^Name +ID +Mem VCPUs\tState\tTime\(s\)$", listing, re.M), listing)
    check(re.search(r"^Domain-0 +0 +\d+ +1 +r----- +\d+\.\d$", listing, re.M), listing)
    check(re.search(r"^hello +1 +8 +1 +[rb-]{6} +\d+\.\d$", listing, re.M), listing)


def shows_its_console(machine):
    machine.type("xl console hello\r")
    machine.expect("Hello from a guest of 8192 KiB, 32-bit, xen-3.0-x86_32p")
    machine.expect("3\r")
    machine.console.send("\x1d")
    machine.prompt()


def destroys_it(machine):
    contains(machine.run("xl destroy hello"), "")
    check("hello" not in machine.run("xl list"), "hello is still listed")


def has_a_shell(machine):
    contains(machine.run("ls /guests"), "hello-pv32", "hello.cfg", "spin.cfg")
    contains(machine.run("cat /guests/hello.cfg"), "kernel", "hello-pv32")
    contains(machine.run("help"), "xenstore-ls", "poweroff", "free")
    contains(machine.run("free"), "Mem:")
    contains(machine.run("xenstore-ls"), "tool = ", "local = ")
    contains(machine.run("xl help"), "create", "destroy")


def edits_lines_and_remembers(machine):
    # The editor draws its prompt anew as it goes, so what counts is the output's own line.
    for keys, answer in [("echo wrong\x17right\r", "right"), ("\x1b[A\r", "right"),
                         ("cho left\x1b[He\r", "left"), ("echo one\x15echo two\r", "two")]:
        machine.type(keys)
        machine.expect(rf"\n{answer}\r")
        machine.prompt()


def powers_off(machine):
    status = machine.power_off()
    check(status == 0, f"QEMU's exit status is {status}")


def tour(tap):
    machine = Machine.from_iso(log_path("boot-bios"))
    try:
        tap.run("GRUB boots it on BIOS", boots, machine)
        tap.run("xl create and list", creates_a_guest, machine)
        tap.run("xl console, and back by Ctrl-]", shows_its_console, machine)
        tap.run("xl destroy", destroys_it, machine)
        tap.run("shell commands", has_a_shell, machine)
        tap.run("line editing and history", edits_lines_and_remembers, machine)
        tap.run("poweroff ends QEMU with status 0", powers_off, machine)
    finally:
        machine.close()


def uefi(tap):
    variables = f"{BUILD}/test-logs/ovmf-vars.fd"
    shutil.copyfile(OVMF_VARS, variables)
    machine = Machine.from_iso(log_path("boot-uefi"), arguments=[
        "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}",
        "-drive", f"if=pflash,format=raw,file={variables}"], memory=768, timeout=120)
    try:
        tap.run("GRUB boots it on UEFI", boots, machine)
        tap.run("a guest runs there", creates_a_guest, machine)
        tap.run("poweroff by UEFI's ACPI tables", powers_off, machine)
    finally:
        machine.close()


if __name__ == "__main__":
    points = Tap()
    tour(points)
    uefi(points)
    points.done()
