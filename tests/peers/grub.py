# SPDX-License-Identifier: GPL-2.0-only
"""PV GRUB of Debian, both widths: to its prompt, and work there over the console."""
from machine import Paravane, config
from packages import find

IMAGES = {"i386": "/usr/lib/grub-xen/grub-i386-xen.bin",
          "x86_64": "/usr/lib/grub-xen/grub-x86_64-xen.bin"}
GRUB = "grub> "


def ask(machine, line):
    machine.type(line)
    machine.expect(GRUB)
    return machine.child.before


def run(check, width):
    files = {f"/guests/{width}.bin": find("grub-xen-host", IMAGES[width]),
             "/guests/grub.cfg": config(name="grub", kernel=f"/guests/{width}.bin", memory=128)}
    with Paravane(f"grub-{width}", files) as m:
        m.attach("xl create -c /guests/grub.cfg")
        m.expect("Welcome to GRUB!")
        m.expect(GRUB)
        check("reaches its prompt", True)
        out = ask(m, "help")
        check("help lists commands", "cat " in out and "xen_ls" in out, out)
        out = ask(m, "ls")
        check("ls lists the memdisk", "(memdisk)" in out, out)
        out = ask(m, "cat (memdisk)/grub.cfg")
        check("reads a file from its memdisk", "pvboot" in out, out)
        m.detach()
        out = m.command("xl list")
        check("is listed", "grub" in out and " 128" in out, out)
        m.command("xl destroy grub")
        m.wait_gone("grub")
        check("is destroyed", True)
        m.check_no_warnings()
        check("without a warning of the hypervisor", True)
