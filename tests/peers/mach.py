# SPDX-License-Identifier: GPL-2.0-only
"""
GNU Mach of Debian, an image with a __xen_guest section. It prints nothing: it builds its page tables
and ends. How often it asks for what on Xen 4.17 was counted there.
"""
import collections

from machine import Paravane, config
from packages import find
from trace import Trace

SCHED_OP_COMPAT, MMU_UPDATE, MMUEXT_OP = 6, 1, 26
PIN_L1, NEW_BASEPTR = 0, 5
SHUTDOWN = 2
PAGE_FAULT = "14"
PREEMPTED = 1 << 31  # in a count: the guest issues a call again that was interrupted half-way


def run(check):
    name = "mach"
    files = {"/guests/mach.gz": find("gnumach-image-1.8-xen-486", "/boot/gnumach-1.8-xen-*.gz"),
             "/guests/mach.cfg": config(name=name, kernel="/guests/mach.gz", memory=64)}
    machine = Paravane(name, files, more=Trace.options(name))
    trace = Trace(name)
    with machine as m:
        out = m.command("xl create /guests/mach.cfg")
        check("its __xen_guest section is read", "rror" not in out, out)
        m.wait_gone(name)
        check("it ends, and so does its domain", True)
        m.type("poweroff")
        m.end()
    lines = trace.lines()
    calls = [[int(number, 0) for number in line[1:]] for line in lines if line[0] == "call"]
    calls = [call for call in calls
             if call[0] not in (MMU_UPDATE, MMUEXT_OP) or not call[2] & PREEMPTED]
    count = collections.Counter(call[0] for call in calls)
    ops = collections.Counter(call[3] for call in calls if call[0] == MMUEXT_OP)
    check("121 mmu_update", count[MMU_UPDATE] == 121, count)
    check("112 L1 tables pinned", ops[PIN_L1] == 112, ops)
    check("one new_baseptr", ops[NEW_BASEPTR] == 1, ops)
    traps = [line for line in lines if line[0] == "trap"]
    check("one page fault", [trap[1] for trap in traps] == [PAGE_FAULT], traps)
    check("the last call is shutdown", calls[-1][:2] == [SCHED_OP_COMPAT, SHUTDOWN], calls[-1])
