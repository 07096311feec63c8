# SPDX-License-Identifier: GPL-2.0-only
"""The control domain of ours, 64 bits wide, as the first domain of Debian's unmodified Xen 4.17."""
from machine import BUILD, ControlDomain, config, pack
from packages import xen


def start(name, files):
    # TCG's SMAP makes an error of every IRET at ring 3 that reads its stack; Xen leaves SMAP on.
    return ControlDomain(name, xen(), [f"{BUILD}/dom0-pv64", pack(name, files)],
                         "console=com1 dom0_mem=128M,max:128M loglvl=all guest_loglvl=all",
                         memory=512, cpu="max,-smap")


def domain_state(m, name):
    """The line of xl list, as words, or nothing."""
    for line in m.command("xl list").splitlines():
        if line.split()[:1] == [name]:
            return line.split()
    return []


def try_hello(m, check):
    m.attach("xl create -c /guests/hello.cfg")
    m.expect("[Hh]ello")
    m.detach()
    state = domain_state(m, "hello")
    check("hello-pv64 is created, greets and is listed", state[2:3] == ["8"], state)
    m.command("xl destroy hello")
    m.wait_gone("hello")
    check("and destroyed", True)


def try_shell(m, check):
    m.command("xl create /guests/shell.cfg")
    m.attach("xl console shell")
    m.child.send("\r")
    m.expect("> ")
    m.type("help")
    m.expect("end this domain")
    check("shell-pv64 answers on its console", True)
    m.type("store domid")
    answer = m.expect(r"\n(\d+)\r")
    m.detach()
    check("and reads the store", domain_state(m, "shell")[1:2] == [answer.group(1)], answer)
    m.command("xl shutdown shell")
    m.wait_gone("shell")
    check("and ends when asked to", True)


def try_again(m, check):
    """Domains come and go without loss of memory."""
    def free():
        """Xen gives back the last of a domain when it is listed no more: read until it is at rest."""
        readings = []
        while len(readings) < 5 or len(set(readings[-5:])) > 1:
            m.type("xl info")
            m.expect(r"free_memory +: (\d+)")
            readings.append(int(m.child.match.group(1)))
        return readings[-1]

    before = free()
    for _ in range(3):
        m.command("xl create /guests/shell.cfg")
        m.command("xl destroy shell")
        m.wait_gone("shell")
    after = free()
    check("and three times more, with as much memory left", abs(before - after) <= 1,
          f"{before} MiB before, {after} MiB after")


def run(check):
    files = {}
    for guest, cmdline in (("hello", "60"), ("shell", "")):
        files[f"/guests/{guest}-pv64"] = f"{BUILD}/guests/{guest}-pv64"
        files[f"/guests/{guest}.cfg"] = config(name=guest, kernel=f"/guests/{guest}-pv64",
                                               memory=8, cmdline=cmdline)
    with start("on-xen", files) as m:
        out = m.command("xl info")
        check("dom0-pv64 starts on Xen 4.17", "4.17." in out and "xen-3.0-x86_64" in out, out)
        try_hello(m, check)
        try_shell(m, check)
        try_again(m, check)
        m.type("poweroff")
        m.expect("Hardware Dom0 halted")  # without ACPI's help Xen stops there
        check("and ends", True)
