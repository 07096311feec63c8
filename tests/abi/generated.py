# SPDX-License-Identifier: GPL-2.0-only
"""What is generated from pvabi/: twins, hypercall table, stubs, documents."""

import os
import re

import cabi
import facts
import hypercalls

# Constants which are no sub-operations, though their names start as if they were.
NO_SUBOP = {
    "XENMEM_resource", "XENMEM_access_op_", "XENMEM_paging_op_", "XENMEM_sharing_op_",
    "XENMEM_SHARING", "XENMEM_FORK", "XENMEM_RDM", "PHYSDEVOP_DBGP", "PHYSDEVOP_IRQ_UNMASK",
    "PHYSDEVOP_free_irq_vector", "GNTTABOP_error_msgs", "XENPF_INTERFACE", "XENPF_ACPI",
    "PHYSDEVOP_pirq_eoi_gmfn",
}
FAMILIES = {
    "memory_op": ("memory.h", "XENMEM_[a-z]"), "xen_version": ("version.h", "XENVER_"),
    "grant_table_op": ("grant_table.h", "GNTTABOP_"), "vcpu_op": ("vcpu.h", "VCPUOP_"),
    "sched_op": ("sched.h", "SCHEDOP_"), "event_channel_op": ("event_channel.h", "EVTCHNOP_"),
    "physdev_op": ("physdev.h", "PHYSDEVOP_"), "callback_op": ("callback.h", "CALLBACKOP_"),
    "nmi_op": ("nmi.h", "XENNMI_"), "platform_op": ("platform.h", r"XENPF_(?!settime\s)"),
    "domctl": ("domctl.h", "XEN_DOMCTL_"), "sysctl": ("sysctl.h", "XEN_SYSCTL_"),
}


def own_file(file):
    return os.path.normpath(file.split("pvabi/")[-1]) if "pvabi/" in file else None


def twins(results, root, builddir):
    """Each compat_foo has for -m64 the facts that foo has for -m32."""
    folder = os.path.join(builddir, "gen", "pvabi", "compat")
    names = sorted(os.path.relpath(os.path.join(p, n), folder)
                   for p, _, files in os.walk(folder) for n in files)
    flags = ["-I" + root, "-I" + os.path.join(builddir, "gen")]
    text32 = "".join(f'#include "pvabi/{n}"\n' for n in names)
    text64 = "".join(f'#include "pvabi/compat/{n}"\n' for n in names)
    narrow = facts.Headers(cabi.Compiler(32, flags), text32, own_file)
    wide = facts.Headers(cabi.Compiler(64, flags), text64, own_file)
    twin_records(results, names, narrow, wide)
    twin_constants(results, narrow, wide)
    for name in names:
        for cc in ("gcc", "clang"):
            text = f'#include "pvabi/compat/{name}"\n'
            done = facts.strict(cc, 64, flags + ["-fsyntax-only"], text)
            results.check(done.returncode == 0, f"{cc} compat/{name}", done.stderr)


def twin_records(results, names, narrow, wide):
    there = {f"{r.kind} {r.tag}" for r in wide.unit.records}
    here, other = {}, {}
    for name, (header, record) in narrow.records().items():
        twin = name.replace(" ", " compat_", 1)
        if header not in names:
            continue
        results.check(twin in there, f"{twin} exists", "missing")
        if twin in there:
            here.update(facts.record_facts(name, record, twin))
            other.update(facts.record_facts(name, record))
    values = zip(here, wide.values(list(here.values())),
                 narrow.values([other[label] for label in here]))
    for label, a, b in values:
        results.same(f"compat: {label}", a, b)


def twin_constants(results, narrow, wide):
    for name, (params, body, _) in wide.unit.macros.items():
        if name.startswith("COMPAT_") and params is None and re.match(r"0x[0-9a-f]+$", body):
            native = name[len("COMPAT_"):]
            known = native if native in narrow.unit.macros else "__" + native
            results.same(name, int(body, 16), narrow.values([known])[0])


def numbers(results, root):
    """hypercalls.def and the headers know the same hypercalls and sub-operations."""
    calls = hypercalls.read(os.path.join(root, "pvabi", "hypercalls.def"))
    text = "".join(f'#include "pvabi/{h}"\n' for h in hypercalls.HEADERS)
    unit = facts.Headers(cabi.Compiler(64, ["-I" + root]), text, own_file)
    names = [f"__HYPERVISOR_{c.name}" for c in calls]
    for call, value in zip(calls, unit.values(names)):
        results.same(f"number of {call.name}", call.nr, value)
    for name in unit.macros():
        if re.match(r"__HYPERVISOR_(?!arch_[1-7]$|VIRT)\w+$", name):
            results.check(name in names, f"{name} is in hypercalls.def", "missing")
    for call in calls:
        if call.name in FAMILIES:
            subops(results, root, call)


def subops(results, root, call):
    header, pattern = FAMILIES[call.name]
    with open(os.path.join(root, "pvabi", header), encoding="ascii") as f:
        text = f.read()
    if call.name in ("domctl", "sysctl", "platform_op"):    # the block of commands only
        start = re.search(r"^/\* xen_\w+\.cmd\. \*/$", text, re.M).end()
        text = text[start:text.index("\n\n", start)]
    found = set(re.findall(rf"^#define ({pattern}\w+)(?:\s)", text, re.M))
    found = {n for n in found if not any(n.startswith(p) for p in NO_SUBOP)
             or n in ("PHYSDEVOP_pirq_eoi_gmfn_v1", "PHYSDEVOP_pirq_eoi_gmfn_v2")}
    listed = {o.cmd for o in call.ops}
    for name in sorted(found | listed):
        if name in found and name not in listed:
            results.check(False, f"{call.name}: {name}", "missing in hypercalls.def")
        else:
            results.check(True, f"{call.name}: {name}")


STUB_USER = """#include "pvabi/hypercall_stubs.h"
long use(mmu_update_t *reqs, void *arg);
long use(mmu_update_t *reqs, void *arg)
{
	return HYPERVISOR_mmu_update(reqs, 1, 0, DOMID_SELF) + HYPERVISOR_set_timer_op(5) +
		HYPERVISOR_sched_op(SCHEDOP_yield, arg);
}
"""

TABLE_USER = """#include "pvabi/xen.h"
#define CHECK(nr, name, ...) \\
	_Static_assert((nr) == __HYPERVISOR_##name && (nr) < NR_HYPERCALLS, #name);
#define HYPERCALL CHECK
#define HYPERCALL_PV64 CHECK
#define HYPERCALL_PV32 CHECK
#define HYPERCALL_ABSENT CHECK
#include "pvabi/hypercall_table.inc"
#ifdef HYPERCALL
#error "left behind"
#endif
"""


def code(results, root, builddir):
    flags = ["-I" + root, "-I" + os.path.join(builddir, "gen")]
    entries = [32 * 1, 32 * 15, 32 * 29]
    for cc in ("gcc", "clang"):
        for width in (32, 64):
            done = facts.strict(cc, width, flags + ["-S", "-o", "-"], STUB_USER)
            results.check(done.returncode == 0, f"{cc} -m{width} hypercall_stubs.h", done.stderr)
            for entry in entries:
                results.check(re.search(rf"call\w*\s+hypercall_page ?\+ ?{entry}\b", done.stdout),
                              f"{cc} -m{width} calls entry {entry}")
        done = facts.strict(cc, 64, flags + ["-fsyntax-only"], TABLE_USER)
        results.check(done.returncode == 0, f"{cc} hypercall_table.inc", done.stderr)


def documents(results, root):
    calls = hypercalls.read(os.path.join(root, "pvabi", "hypercalls.def"))
    with open(os.path.join(root, "docs", "hypercalls.md"), encoding="ascii") as f:
        results.check(f.read() == hypercalls.docs(calls), "docs/hypercalls.md is current",
                      "run `make docs`")


def run(results, root, builddir):
    twins(results, root, builddir)
    numbers(results, root)
    code(results, root, builddir)
    documents(results, root)
