# SPDX-License-Identifier: GPL-2.0-only
"""
Debian's Linux as the judge of vCPUs, wake-ups and clocks: four vCPUs on two CPUs chat and fork in
storms while `xl vcpu-set` takes two away and brings them back, some times over.
"""
import re

from initramfs import compiled, initramfs
from linux_guest import SHELL, ask, check_quiet
from machine import Paravane, config
from packages import linux

VCPUS = 4
STORM = b"""#!/bin/sh
# Processes that do next to nothing, many at a time, as a build does.
n=0
while [ $n -lt $1 ]; do
	for i in 1 2 3 4 5 6 7 8; do (/bin/true; echo $i | sed s/x/y/ >/dev/null) & done
	wait
	n=$((n + 1))
done
echo "storm: $((n * 8)) done"
"""
# Not "hrtimer: interrupt took": a vCPU whose slice ends in one waits for its turn, as it must.
UNSTEADY = r"\bstall|[Cc]locksource.*(unstable|skew|Marking)|hung task|blocked for more|lost"


def wait_online(m, count):
    """
    The guest's own view of how many CPUs it has. Linux takes one away by itself, but leaves bringing
    one back to its user space, once it is there.
    """
    online = "for c in /sys/devices/system/cpu/cpu[1-9]/online; do echo 1 >$c; done 2>/dev/null; "
    for _ in range(60):
        out = ask(m, (online if count == VCPUS else "") + "nproc")
        if re.search(rf"^{count}\s*$", out, re.M):
            return True
    return False


def set_vcpus(m, check, count):
    m.detach()
    # More than the machine has CPUs, which xl asks for again.
    out = m.command(f"xl vcpu-set --ignore-host linux {count}")
    check(f"xl vcpu-set {count} is content", "error" not in out, out)
    m.attach("xl console linux")
    m.type("")
    m.expect(SHELL)
    check(f"goes to {count} CPUs by xl vcpu-set", wait_online(m, count))


def work(m, check, when):
    out = ask(m, "guest_chat 2 20", 240)
    check(f"chats {when}", "chat: 32 ended, 0 failed" in out, out)
    out = ask(m, "storm 8", 240)
    check(f"forks {when}", "storm: 64 done" in out, out)


def check_steady(m, check):
    complaint = re.search(f".*({UNSTEADY}).*", m.said())
    check("no stall, no unsteady clock", not complaint, complaint and complaint.group())


def judge(m, check):
    m.attach("xl create -c /guests/linux.cfg")
    m.expect(rf"init: \S+ with {VCPUS} CPU")
    m.expect(SHELL)
    work(m, check, f"on {VCPUS} CPUs")
    set_vcpus(m, check, 2)
    work(m, check, "on 2 CPUs")
    set_vcpus(m, check, VCPUS)
    work(m, check, f"on {VCPUS} CPUs again")
    out = ask(m, "cat /sys/devices/system/clocksource/clocksource0/current_clocksource")
    check("keeps its clock source", "xen" in out or "tsc" in out, out)
    m.detach()
    m.command("xl shutdown linux")
    m.wait_gone("linux", 300)
    check("ends when asked to", True)


def run(check, times):
    files = {"/guests/vmlinuz": linux(),
             "/guests/initramfs": initramfs("linux-smp-ird", {
                 "/bin/guest_chat": compiled("guest_chat"), "/bin/storm": STORM},
                                           without=("/bin/busybox32", "/bin/guest_work")),
             "/guests/linux.cfg": config(
                 name="linux", kernel="/guests/vmlinuz", ramdisk="/guests/initramfs", memory=192,
                 vcpus=VCPUS, cmdline="console=hvc0 earlyprintk=xen")}
    with Paravane(f"linux-smp-{times}", files, dom0_memory="176M", memory=704, timeout=180,
                  limit=400 * times) as m:
        for turn in range(times):
            judge(m, check if times == 1 else
                  lambda what, passed, detail="", n=turn + 1: check(f"{n}: {what}", passed, detail))
        m.type("poweroff")
        m.end()
        check_steady(m, check)
        check_quiet(m, check)
