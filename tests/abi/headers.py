# SPDX-License-Identifier: GPL-2.0-only
"""pvabi/ against libxen-dev: every fact, and nothing of x86 PV left out; and pvabi/ by itself."""

import fnmatch
import os
import subprocess
import tempfile

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


def compare(results, ours, theirs, exceptions, width):
    tag = f"[{width}] "
    pairs = {}
    their_macros, our_macros = theirs.macros(), ours.macros()

    def missing(name, header):
        results.check(exceptions.allows("name", name), f"{tag}{header}: {name}", "missing in pvabi")

    strings = []
    for name, (header, params, body) in their_macros.items():
        if name not in our_macros:
            missing(name, header)
        elif facts.literal(body) and params is None:
            strings.append(name)
        elif our_macros[name][1] != params:
            results.check(False, f"{tag}{name}", "takes other arguments")
        else:
            for expression in facts.probe(name, params):
                pairs[expression] = expression
    our_enumerators = ours.enumerators()
    for name, header in theirs.enumerators().items():
        if name not in our_enumerators and name not in our_macros:
            missing(name, header)
        else:
            pairs[name] = name
    our_typedefs = ours.typedefs()
    for name, header in theirs.typedefs().items():
        if name not in our_typedefs:
            missing(name, header)
        elif name not in ("__guest_handle_void", "__guest_handle_const_void"):
            pairs.update({f: f for f in facts.type_facts(name)})
    our_records, objects = ours.records(), {}
    for name, (header, record) in theirs.records().items():
        if name not in our_records:
            missing(name, header)
            continue
        pairs.update(facts.record_facts(name, record))
        objects.update(facts.bit_objects(name, record))
    labels = list(pairs)
    expressions = [pairs[label] for label in labels]
    both = zip(labels, ours.values(expressions), theirs.values(expressions))
    for label, mine, other in both:
        if other is None:       # no number for Xen either: its presence was the check
            results.check(True, f"{tag}{label}")
        elif mine != other and exceptions.allows("fact", label):
            continue
        else:
            results.same(f"{tag}{label}", mine, other)
    compare_images(results, tag, ours, theirs, objects, strings, exceptions)


def compare_images(results, tag, ours, theirs, objects, strings, exceptions):
    todo = dict(objects)
    todo.update({s: (f"struct {{ char s[sizeof({s})]; }}", f"{{ {s} }}") for s in strings})
    if not todo:
        return
    mine = ours.compiler.images(ours.prologue, todo.values())
    other = theirs.compiler.images(theirs.prologue, todo.values())
    for label, a, b in zip(todo, mine, other):
        if a != b and exceptions.allows("fact", label):
            continue
        results.check(a == b, tag + label, f"ours {a!r}, expected {b!r}")


def standalone(results, root, own):
    """Each header compiles by itself, with both compilers, without a warning."""
    with tempfile.TemporaryDirectory() as tmp:
        source = os.path.join(tmp, "h.c")
        for header in own:
            text = f'#include "pvabi/{header}"\n#include "pvabi/{header}"\nextern int unused;\n'
            if header == "errno.h":
                text = text.replace(f'#include "pvabi/{header}"\n', "", 1)
            with open(source, "w", encoding="ascii") as f:
                f.write(text)
            for cc in ("gcc", "clang"):
                own_include = subprocess.run([cc, "-print-file-name=include"], check=True, text=True,
                                             capture_output=True).stdout.strip()
                for width in (32, 64):
                    if f"x86_{96 - width}" in header:
                        continue
                    done = subprocess.run([cc, f"-m{width}", "-std=gnu11", "-Wall", "-Wextra", "-Werror",
                                           "-ffreestanding", "-nostdinc", "-isystem", own_include,
                                           "-I" + root, "-fsyntax-only", source],
                                          capture_output=True, text=True, check=False)
                    results.check(done.returncode == 0, f"{cc} -m{width} {header}", done.stderr)


ASSEMBLY = ["xen.h", "arch-x86/xen.h", "arch-x86/cpuid.h", "callback.h", "elfnote.h", "errno.h",
            "event_channel.h", "features.h", "grant_table.h", "sched.h", "vcpu.h", "version.h"]


def assembly(results, root):
    text = "".join(f'#include "pvabi/{h}"\n' for h in ASSEMBLY) + \
        ".long __HYPERVISOR_sched_op, SCHEDOP_shutdown, XEN_ELFNOTE_ENTRY, FLAT_KERNEL_CS, XEN_EINVAL\n"
    for width in (32, 64):
        done = subprocess.run(["gcc", f"-m{width}", "-D__ASSEMBLY__", "-nostdinc", "-I" + root, "-c",
                               "-o", "/dev/null", "-x", "assembler-with-cpp", "-"], input=text,
                              capture_output=True, text=True, check=False)
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
