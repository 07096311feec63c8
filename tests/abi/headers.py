# SPDX-License-Identifier: GPL-2.0-only
"""pvabi/ against libxen-dev: every fact, and nothing of x86 PV left out; and pvabi/ by itself."""

import fnmatch
import os

import cabi
import facts

HERE = os.path.dirname(os.path.abspath(__file__))
XEN = "/usr/include/xen"

# What the ring templates make, with messages of odd sizes.
RINGS = """
struct abi_req { uint32_t a; uint8_t b[17]; };
struct abi_rsp { uint16_t c; };
DEFINE_RING_TYPES(abi, struct abi_req, struct abi_rsp);
DEFINE_XEN_FLEX_RING_AND_INTF(abi_flex);
"""


def headers_under(folder):
    found = []
    for path, _, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(path, n), folder) for n in names if n.endswith(".h")]
    return sorted(found)


class Exceptions:
    """exceptions.txt: `KIND PATTERN reason`, KIND one of header, name, field."""

    def __init__(self, path):
        self.rows, self.used = [], set()
        with open(path, encoding="ascii") as f:
            for line in f:
                words = line.split("#")[0].split(None, 2)
                if words:
                    kind, pattern, _ = words
                    self.rows.append((kind, pattern))

    def allows(self, kind, name):
        for row in self.rows:
            if row[0] == kind and fnmatch.fnmatchcase(name, row[1]):
                self.used.add(row)
                return True
        return False

    def stale(self):
        return [row for row in self.rows if row not in self.used]


def pair(root, shared, width):
    """Ours and theirs of the headers both have."""
    rings = RINGS if "io/ring.h" in shared else ""
    ours_text = "".join(f'#include "pvabi/{h}"\n' for h in shared) + rings
    theirs_text = "#include <libc.h>\n#include <xen/xen.h>\n" + \
        "".join(f"#include <xen/{h}>\n" for h in shared) + rings
    ours = facts.Headers(cabi.Compiler(width, ["-I" + root]), ours_text,
                         lambda f: own_name(f))
    flags = ["-D__XEN_TOOLS__", "-D__XEN_INTERFACE_VERSION__=0x00040e00",
             "-isystem", os.path.join(HERE, "shim"), "-idirafter", os.path.dirname(XEN)]
    theirs = facts.Headers(cabi.Compiler(width, flags), theirs_text,
                           lambda f: their_name(f, shared))
    return ours, theirs


def own_name(file):
    if file == "<stdin>":
        return "(ring templates)"
    return os.path.normpath(file.split("pvabi/")[-1]) if "pvabi/" in file else None


def their_name(file, shared):
    if file == "<stdin>":
        return "(ring templates)"
    name = os.path.relpath(os.path.normpath(file), XEN)
    return name if name in shared else None


class Comparison:
    """Collects what to compare between ours and theirs, then lets the compiler decide."""

    def __init__(self, results, ours, theirs, exceptions, width):
        self.results, self.ours, self.theirs = results, ours, theirs
        self.exceptions, self.tag = exceptions, f"[{width}] "
        self.expressions = {}       # label -> expression
        self.objects = {}           # label -> (type, initialiser), compared by their bytes

    def missing(self, name, header):
        self.results.check(self.exceptions.allows("name", name),
                           f"{self.tag}{header}: {name}", "missing in pvabi")

    def macros(self):
        ours = self.ours.macros()
        for name, (header, params, body) in self.theirs.macros().items():
            if name not in ours:
                self.missing(name, header)
            elif facts.literal(body) and params is None:
                self.objects[name] = (f"struct {{ char s[sizeof({name})]; }}", f"{{ {name} }}")
            elif ours[name][1] != params:
                self.results.check(False, f"{self.tag}{name}", "takes other arguments")
            else:
                self.expressions.update({e: e for e in facts.probe(name, params)})

    def enumerators(self):
        ours = set(self.ours.enumerators()) | set(self.ours.macros())
        for name, header in self.theirs.enumerators().items():
            if name in ours:
                self.expressions[name] = name
            else:
                self.missing(name, header)

    def typedefs(self):
        ours = self.ours.typedefs()
        for name, header in self.theirs.typedefs().items():
            if name in ours:
                self.expressions.update({f: f for f in facts.type_facts(name)})
            else:
                self.missing(name, header)

    def records(self):
        ours = self.ours.records()
        for name, (header, record) in self.theirs.records().items():
            if name in ours:
                self.expressions.update(facts.record_facts(name, record))
                self.objects.update(facts.bit_objects(name, record))
            else:
                self.missing(name, header)

    def decide(self):
        labels, expressions = list(self.expressions), list(self.expressions.values())
        mine, other = self.ours.values(expressions), self.theirs.values(expressions)
        for label, a, b in zip(labels, mine, other):
            # What is no number for Xen either has been compared by its presence.
            if b is None or a == b or not self.exceptions.allows("fact", label):
                self.results.same(self.tag + label, b if b is None else a, b)
        if self.objects:
            todo = self.objects.values()
            mine = self.ours.compiler.images(self.ours.prologue, todo)
            other = self.theirs.compiler.images(self.theirs.prologue, todo)
            for label, a, b in zip(self.objects, mine, other):
                if a == b or not self.exceptions.allows("fact", label):
                    self.results.same(self.tag + label, a, b)


def compare(results, ours, theirs, exceptions, width):
    comparison = Comparison(results, ours, theirs, exceptions, width)
    comparison.macros()
    comparison.enumerators()
    comparison.typedefs()
    comparison.records()
    comparison.decide()


def standalone(results, root, own):
    """Each header compiles by itself, and twice, with both compilers, without a warning."""
    for header in own:
        text = f'#include "pvabi/{header}"\n' * 2
        for cc in ("gcc", "clang"):
            for width in (32, 64):
                if f"x86_{96 - width}" in header:
                    continue
                done = facts.strict(cc, width, ["-I" + root, "-fsyntax-only"], text)
                results.check(done.returncode == 0, f"{cc} -m{width} {header}", done.stderr)


ASSEMBLY = ["xen.h", "arch-x86/xen.h", "arch-x86/cpuid.h", "callback.h", "elfnote.h", "errno.h",
            "event_channel.h", "features.h", "grant_table.h", "sched.h", "vcpu.h", "version.h"]


def assembly(results, root):
    """Entry code takes constants from these headers."""
    text = "".join(f'#include "pvabi/{h}"\n' for h in ASSEMBLY) + \
        ".long __HYPERVISOR_sched_op, SCHEDOP_shutdown, XEN_ELFNOTE_ENTRY, FLAT_KERNEL_CS\n" \
        ".long XEN_EINVAL, VGCF_in_kernel, HYPERVISOR_VIRT_START & 0xffff0000\n"
    for width in (32, 64):
        done = facts.strict("gcc", width, ["-D__ASSEMBLY__", "-I" + root, "-c", "-o", "/dev/null"],
                            text, "assembler-with-cpp")
        results.check(done.returncode == 0, f"headers in assembly -m{width}", done.stderr)


def exceptions_list():
    return Exceptions(os.path.join(HERE, "exceptions.txt"))


def compare_all(results, root, width, exceptions=None):
    """Every header both have, for one width."""
    own = set(headers_under(os.path.join(root, "pvabi")))
    # The header of the other width cannot stand beside this one's.
    shared = [h for h in headers_under(XEN) if h in own and f"x86_{96 - width}" not in h]
    ours, theirs = pair(root, shared, width)
    compare(results, ours, theirs, exceptions or exceptions_list(), width)


def run(results, root):
    own = headers_under(os.path.join(root, "pvabi"))
    exceptions = exceptions_list()
    for header in headers_under(XEN):
        if header not in own:
            results.check(exceptions.allows("header", header), f"pvabi/{header}", "no such header")
    for width in (64, 32):
        compare_all(results, root, width, exceptions)
    for kind, pattern in exceptions.stale():
        results.check(False, f"exceptions.txt: {kind} {pattern}", "matches nothing any more")
    standalone(results, root, own)
    assembly(results, root)
