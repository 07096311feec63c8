#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the 32-bit twins of the public headers: compat.py OUTDIR HEADER...

Reads each header as a 32-bit compiler sees it and writes OUTDIR/HEADER, in which every structure
has the same layout for a 64-bit compiler, under a name that starts with compat_.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cabi  # noqa: E402

ULONG = {"unsigned long": "compat_ulong_t", "long": "compat_long_t",
         "xen_ulong_t": "compat_ulong_t", "xen_pfn_t": "compat_pfn_t",
         "uint64_t": "compat_uint64_t", "int64_t": "compat_int64_t"}

# Headers which a 64-bit compiler must not see; what they define stands in the twin only.
I386_ONLY = {"arch-x86/xen-x86_32.h"}


class Twin:
    """Writes records of one unit in their 32-bit form."""

    def __init__(self, unit):
        self.records = {r.tag for r in unit.records}
        self.typedefs = {m.name: m for m, _ in unit.typedefs}

    def scalar(self, words):
        """The name to use for a type that is no record."""
        text = " ".join(words)
        if words[0] in ("struct", "union"):
            return f"{words[0]} compat_{words[1]}"
        if text.startswith("__guest_handle_64_"):
            return "compat_handle_64_t"
        if text.startswith("__guest_handle_"):
            return "compat_handle_t"
        if text in ULONG:
            return ULONG[text]
        return f"compat_{text}" if self.differs(text) else text

    def differs(self, name):
        """True if a typedef has another layout for the other width, so that it needs a twin."""
        member = self.typedefs.get(name)
        if member is None:
            return False
        if member.pointers or isinstance(member.base, cabi.Record):
            return True
        base = " ".join(member.base)
        return member.base[0] in ("struct", "union") or base in ULONG or self.differs(base)

    def type(self, member, depth):
        if member.pointers:
            return "compat_ptr_t"
        if isinstance(member.base, cabi.Record):
            return self.record(member.base, depth)
        if member.aligned == 8 and member.base == ["uint64_t"]:
            return "uint64_t"
        if member.aligned == 8 and member.base == ["int64_t"]:
            return "int64_t"
        return self.scalar(member.base)

    def dims(self, member):
        swap = {"xen_ulong_t": "compat_ulong_t", "unsigned long": "compat_ulong_t"}
        text = "".join(f"[{d}]" for d in member.dims)
        for old, new in swap.items():
            text = re.sub(rf"\b{old}\b", new, text)
        return text.replace("( ", "(").replace(" )", ")").replace("sizeof (", "sizeof(")

    def member(self, member, depth):
        tail = f" : {member.bits}" if member.bits is not None else ""
        if member.aligned == 8:
            tail += " __attribute__((aligned(8)))"
        name = f" {member.name}" if member.name else ""
        return "\t" * depth + f"{self.type(member, depth)}{name}{self.dims(member)}{tail};\n"

    def record(self, record, depth=0):
        tag = f" compat_{record.tag}" if record.tag else ""
        body = "".join(self.member(m, depth + 1) for m in record.members)
        return f"{record.kind}{tag} {{\n{body}" + "\t" * depth + "}"

    def typedef(self, member):
        if member.name in ULONG or member.name.startswith("__guest_handle_"):
            return ""
        if not self.differs(member.name):
            return ""
        return f"typedef {self.type(member, 0)} compat_{member.name}{self.dims(member)};\n"


def include(header):
    return f'#include "pvabi/{header}"\n'


def constants(header, file32, unit32, cc32, cc64):
    """Lines for the constants which a 32-bit guest sees with another value than a 64-bit one."""
    names = sorted(n for n, (params, body, where) in unit32.macros.items()
                   if params is None and body and "*)" not in body and where.endswith(file32))
    values32 = cc32.values(include(header), names)
    values64 = cc64.values(include("xen.h" if header in I386_ONLY else header), names)
    lines = []
    for name, value32, value64 in zip(names, values32, values64):
        clean = name.lstrip("_")
        if value32 is None or value32 == value64 or (clean != name and clean in names):
            continue
        lines.append(f"#define COMPAT_{clean}\t{value32:#x}\n")
    return lines


def twin(header, headers, outdir, cc32, cc64):
    unit32 = cabi.parse(cc32, include(header))
    where = f"pvabi/{header}"
    writer = Twin(unit32)
    body = []
    for item, file in unit32.order:
        if not file.endswith(where):
            continue
        if isinstance(item, cabi.Record):
            body.append(f"\n{writer.record(item)};\n")
        else:
            body.append(writer.typedef(item))
    guard = "__PVABI_COMPAT_" + re.sub(r"\W", "_", header).upper() + "__"
    out = ["/* SPDX-License-Identifier: MIT */\n",
           f"/* The layouts of pvabi/{header} for a 32-bit guest. Generated; do not edit. */\n\n",
           f"#ifndef {guard}\n#define {guard}\n\n", '#include "pvabi/compat.h"\n']
    if header not in I386_ONLY:
        out.append(include(header))
    for file in unit32.files:
        name = file.split("pvabi/")[-1] if "pvabi/" in file else None
        name = os.path.normpath(name) if name else None
        if name in headers and name != header:
            out.append(f'#include "pvabi/compat/{name}"\n')
    lines = constants(header, where, unit32, cc32, cc64)
    if lines:
        out += ["\n"] + lines
    out += body
    out.append(f"\n#endif /* {guard} */\n")
    path = os.path.join(outdir, header)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.write("".join(out))


def main():
    outdir, headers = sys.argv[1], sys.argv[2:]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    cc32, cc64 = (cabi.Compiler(w, ["-I" + root]) for w in (32, 64))
    for header in headers:
        twin(header, headers, outdir, cc32, cc64)


if __name__ == "__main__":
    main()
