# SPDX-License-Identifier: GPL-2.0-only
"""The comparison must notice: each of these faults, put into a copy of pvabi/, has to be found."""

import os
import shutil
import tempfile

import headers

# (header, text, replacement): one fault each.
FAULTS = [
    ("xen.h", "#define __HYPERVISOR_mmu_update\t\t\t\t1", "#define __HYPERVISOR_mmu_update 2"),
    ("xen.h", "#define VIRQ_DEBUG\t1", "#define VIRQ_DEBUGGED 1"),
    ("xen.h", "\tuint32_t wc_nsec;\n", ""),
    ("xen.h", "\tint8_t tsc_shift;", "\tuint8_t tsc_shift;"),
    ("xen.h", "XEN_GUEST_HANDLE(const_void) vcpumask", "XEN_GUEST_HANDLE(uint64) vcpumask"),
    ("event_channel.h", "\tdomid_t dom, remote_dom;", "\tdomid_t remote_dom, dom;"),
    ("domctl.h", "\tuint64_aligned_t max_memkb;", "\tuint64_t max_memkb;"),
    ("domctl.h", "#define XEN_DOMCTL_SCHEDRT_extra\t", "#define XEN_DOMCTL_SCHEDRT_more\t"),
    ("types.h", "typedef unsigned long xen_pfn_t;", "typedef uint64_t xen_pfn_t;"),
    ("memory.h", "(((x) + 1) << 8)", "(((x) + 2) << 8)"),
    ("platform.h", "uint32_t bm_check:1;\n", "uint32_t bm_check:2;\n"),
    ("errno.h", "XEN_ERRNO(ENOSYS, 38)", "XEN_ERRNO(ENOSYS, 39)"),
    ("io/protocols.h", '"x86_32-abi"', '"x86-32-abi"'),
    ("io/ring.h", "uint8_t __pad[44]", "uint8_t __pad[40]"),
    ("sched.h", "#define SHUTDOWN_MAX\t\t5", "#define SHUTDOWN_MAX(x) 5"),
]


class Silent:
    """Takes results and keeps only whether one was bad."""

    def __init__(self):
        self.found = []

    def check(self, good, name, _detail=""):
        if not good:
            self.found.append(name)

    def same(self, name, ours, theirs):
        self.check(ours == theirs, name)


def notices(root, header, old, new):
    with tempfile.TemporaryDirectory() as tmp:
        shutil.copytree(os.path.join(root, "pvabi"), os.path.join(tmp, "pvabi"))
        path = os.path.join(tmp, "pvabi", header)
        with open(path, encoding="ascii") as f:
            text = f.read()
        assert old in text, f"{header} has no {old!r}"
        with open(path, "w", encoding="ascii") as f:
            f.write(text.replace(old, new, 1))
        silent = Silent()
        try:
            headers.compare_all(silent, tmp, 32)
        except headers.cabi.Error:
            silent.found.append("does not compile")
        return silent.found


def run(results, root):
    for header, old, new in FAULTS:
        results.check(notices(root, header, old, new),
                      f"a fault is noticed: {header}: {old.strip()}", "not noticed")
    found = notices(root, "xen.h", "uint32_t", "uint32_t")
    results.check(not found, "a faithful copy is not accused", str(found[:3]))
