#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes what follows from hypercalls.def: hypercalls.py DEF OUTPUT..., by the name of each output:

hypercall_table.inc	the hypervisor's dispatch, as macro calls
hypercall_stubs.h	inline functions for guests
hypercall_pointers.inc	every pointer that a hypercall takes, for a test
hypercalls.md		the table in docs/
hypercalls.json		the fuzzer's grammar, with the layout of each structure in both widths
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cabi  # noqa: E402

HEADERS = ["xen.h", "callback.h", "domctl.h", "event_channel.h", "grant_table.h", "memory.h",
           "nmi.h", "physdev.h", "platform.h", "sched.h", "sysctl.h", "vcpu.h", "version.h"]
WIDTHS = (64, 32)


class Arg:
    def __init__(self, text):
        found = re.match(r"(value|cmd|in|out|inout|op) (.+?)(\??) (\w+)(?:\[(.*)\])?$", text)
        if not found:
            raise SystemExit(f"hypercalls.def: bad argument: {text}")
        self.kind, self.type, null, self.name, self.count = found.groups()
        self.null = bool(null)

    def registers(self, width):
        return 2 if width == 32 and self.type == "uint64_t" and self.kind == "value" else 1

    def declaration(self):
        if self.kind in ("value", "cmd"):
            return f"{self.type} {self.name}"
        const = "const " if self.kind == "in" else ""
        return f"{const}{self.type} *{self.name}"

    def words(self, width):
        """What goes into the registers."""
        if self.registers(width) == 2:
            return [f"(uint32_t){self.name}", f"(uint32_t)({self.name} >> 32)"]
        return [self.name]


class Op:
    def __init__(self, text, who):
        words = text.split()
        self.who = words.pop() if words[-1] in ("privileged", "any") else who
        self.cmd, self.direction, self.type = words[0], words[1], " ".join(words[2:])
        self.null = self.type.endswith("?")
        self.type = self.type.rstrip("?")
        if self.direction not in ("in", "out", "inout", "none") or not self.type:
            raise SystemExit(f"hypercalls.def: bad sub-operation: {text}")


class Hypercall:
    def __init__(self, words):
        self.nr, self.name, self.who = int(words[0]), words[1], words[2]
        self.form = words[3] if len(words) > 3 else None
        if self.who not in ("any", "privileged") or \
                self.form not in (None, "pv32", "pv64", "absent"):
            raise SystemExit(f"hypercalls.def: bad hypercall: {' '.join(words)}")
        self.text, self.ops = "", []
        self.args = {w: [] for w in WIDTHS}

    def widths(self):
        return [w for w in WIDTHS if self.form in (None, "absent", f"pv{w}")]

    def nargs(self, width):
        return sum(a.registers(width) for a in self.args[width])

    def split(self):
        """True if the two widths pass different registers."""
        wide, narrow = ([a.declaration() for a in self.args[w]] for w in WIDTHS)
        return wide != narrow or self.nargs(64) != self.nargs(32)


def read(path):
    calls, call = [], None
    with open(path, encoding="ascii") as f:
        for number, line in enumerate(f, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            key, _, rest = line.partition(" ")
            if key == "hypercall":
                call = Hypercall(rest.split())
                calls.append(call)
            elif key == "text:":
                call.text = rest
            elif key in ("arg", "arg32", "arg64"):
                for width in WIDTHS:
                    if key in ("arg", f"arg{width}"):
                        call.args[width].append(Arg(rest))
            elif key == "op":
                call.ops.append(Op(rest, call.who))
            else:
                raise SystemExit(f"{path}:{number}: what is {key}?")
    if len({c.nr for c in calls}) != len(calls):
        raise SystemExit(f"{path}: a number occurs twice")
    return calls


TABLE_MACROS = {"HYPERCALL": "nr, name, nargs, flags", "HYPERCALL_PV64": "nr, name, nargs, flags",
                "HYPERCALL_PV32": "nr, name, nargs, flags", "HYPERCALL_ABSENT": "nr, name"}


def table(calls):
    out = ["""/* SPDX-License-Identifier: MIT */
/*
 * All hypercalls. Generated from pvabi/hypercalls.def; do not edit.
 *
 * HYPERCALL(nr, name, nargs, flags)		served alike for both widths
 * HYPERCALL_PV64(nr, name, nargs, flags)	served for 64-bit guests, or in this form for them
 * HYPERCALL_PV32(nr, name, nargs, flags)	the same for 32-bit guests
 * HYPERCALL_ABSENT(nr, name)			has a number, but is not served
 *
 * nargs counts registers. Define those wanted before each inclusion; all are undefined after it.
 */

#ifndef HCF_ANY
#define HCF_ANY			0	/* every domain may call */
#define HCF_PRIVILEGED		1	/* a control domain may call */
#define NR_HYPERCALLS		64
#endif

"""]
    for name, args in TABLE_MACROS.items():
        out.append(f"#ifndef {name}\n#define {name}({args})\n#endif\n")
    out.append("\n")
    for call in calls:
        flags = "HCF_PRIVILEGED" if call.who == "privileged" else "HCF_ANY"
        if call.form == "absent":
            out.append(f"HYPERCALL_ABSENT({call.nr}, {call.name})\n")
        elif call.form is None and not call.split():
            out.append(f"HYPERCALL({call.nr}, {call.name}, {call.nargs(64)}, {flags})\n")
        else:
            for width in call.widths():
                out.append(f"HYPERCALL_PV{width}({call.nr}, {call.name}, {call.nargs(width)}, "
                           f"{flags})\n")
    out.append("\n" + "".join(f"#undef {name}\n" for name in TABLE_MACROS))
    return "".join(out)


REGISTERS = {32: ["b", "c", "d", "S", "D"], 64: ["D", "S", "d", "r10", "r8"]}


def lines(parts):
    """A macro body: one part a line, joined by backslashes in a column."""
    width = 95
    out = []
    for i, part in enumerate(parts):
        columns = len(part.expandtabs(8))
        tabs = "\t" * max(1, (width - columns + 7) // 8)
        out.append(part + (tabs + "\\" if i + 1 < len(parts) else ""))
    return "\n".join(out) + "\n"


def call_macro(width, nargs):
    """__HYPERCALLn(name, a1..an): argument registers are clobbered, so they go in and out."""
    params = "".join(f", a{i + 1}" for i in range(nargs))
    parts = [f"#define __HYPERCALL{nargs}(name{params})", "\t({", "\t\tlong __ret;"]
    outs = ['"=a"(__ret)']
    for i in range(nargs):
        reg = REGISTERS[width][i]
        named = f' asm("{reg}")' if len(reg) > 1 else ""
        storage = "register " if named else ""
        parts.append(f"\t\t{storage}unsigned long __a{i + 1}{named} = (unsigned long)(a{i + 1});")
        outs.append(f'"+{"r" if named else reg}"(__a{i + 1})')
    clobber = '"memory"' if width == 32 else '"memory", "rcx", "r11"'
    parts += ['\t\tasm volatile("call hypercall_page + %c[entry]"',
              "\t\t\t     : " + ", ".join(outs),
              '\t\t\t     : [entry] "i"(__HYPERVISOR_##name * 32)',
              f"\t\t\t     : {clobber});", "\t\t__ret;", "\t})"]
    return lines(parts)


def stub(call, width):
    args = call.args[width]
    declaration = ", ".join(a.declaration() for a in args) or "void"
    words = [w for a in args for w in a.words(width)]
    inner = ", ".join([call.name] + words)
    head = f"static inline long HYPERVISOR_{call.name}({declaration})"
    if len(head) > 100:
        pad = "\n\t\t\t\t"
        head = f"static inline long HYPERVISOR_{call.name}({pad}" + f",{pad}".join(
            a.declaration() for a in args) + ")"
    return f"{head}\n{{\n\treturn __HYPERCALL{len(words)}({inner});\n}}\n"


def stubs(calls):
    out = ["""/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls as functions, for guests. Generated from pvabi/hypercalls.def; do not edit.
 *
 * They call into hypercall_page, a page of the guest's which the hypervisor has filled in as
 * XEN_ELFNOTE_HYPERCALL_PAGE asked. On x86-64 compile with -mno-red-zone: a call pushes.
 * HYPERVISOR_iret is not here, since it does not return: jump to its entry.
 */

#ifndef __PVABI_HYPERCALL_STUBS_H__
#define __PVABI_HYPERCALL_STUBS_H__

"""]
    out += [f'#include "pvabi/{h}"\n' for h in HEADERS]
    out.append("\nextern char hypercall_page[4096];\n\n#ifdef __i386__\n\n")
    out += [call_macro(32, n) + "\n" for n in range(1, 6)]
    out.append("#else /* __x86_64__ */\n\n")
    out += [call_macro(64, n) + "\n" for n in range(1, 6)]
    out.append("#endif\n")
    for call in calls:
        if call.name == "iret" or call.form == "absent":
            continue
        if call.form is None and not call.split():
            out.append("\n" + stub(call, 64))
            continue
        for width in call.widths():
            macro = "__i386__" if width == 32 else "__x86_64__"
            out.append(f"\n#ifdef {macro}\n{stub(call, width)}#endif\n")
    out.append("\n#endif /* __PVABI_HYPERCALL_STUBS_H__ */\n")
    return "".join(out)


def pointer_rows(call, width):
    """(label, may be null, direction, position, all arguments as C) for each pointer of a call."""
    def other(arg):
        if arg.kind == "cmd" or arg.type == "domid_t" or arg.name == "foreigndom":
            return "0" if arg.kind == "cmd" else "DOMID_SELF"
        if arg.kind == "value":
            return counts if arg.name in ("count", "entries", "length", "size") else "0"
        return "POINTER_GOOD"

    args = call.args[width]
    counts = "64" if any(a.type == "char" for a in args) else "1"
    command = next((i for i, a in enumerate(args) if a.kind == "cmd"), None)
    for at, arg in enumerate(args):
        words = [other(a) for a in args]
        if arg.kind in ("in", "out", "inout"):
            yield arg.name, arg.null, arg.kind, at, words
        if arg.kind != "op":
            continue
        for op in call.ops:
            if op.type != "-":
                words[command] = op.cmd
                yield op.cmd, op.null, op.direction, at, list(words)


def pointers(calls):
    out = ["""/* SPDX-License-Identifier: MIT */
/*
 * Every pointer that a hypercall takes. Generated from pvabi/hypercalls.def; do not edit.
 *
 * POINTER(name, what, null, direction, at, arguments...): argument number `at` is the one, and null
 * says whether it may be; the others make the call look at it. POINTER_GOOD is one that is good.
 */

"""]
    for width in WIDTHS:
        out.append(f"#ifdef {'__x86_64__' if width == 64 else '__i386__'}\n")
        for call in calls:
            for what, null, direction, at, words in pointer_rows(call, width):
                out.append(f"POINTER({call.name}, {what}, {null:d}, {direction}, {at}, "
                           f"{', '.join(words)})\n")
        out.append("#endif\n")
    return "".join(out)


def signature(call, width):
    parts = []
    for arg in call.args[width]:
        tail = f"[{arg.count}]" if arg.count else ""
        if arg.count is None and arg.kind not in ("value", "cmd"):
            tail = ""
        star = "" if arg.kind in ("value", "cmd") or arg.count is not None else "*"
        const = "const " if arg.kind == "in" else ""
        parts.append(f"{const}{arg.type} {star}{arg.name}{tail}")
    return ", ".join(parts) or "-"


def docs(calls):
    out = ["""# Hypercalls

Generated from `pvabi/hypercalls.def` by `make docs`; do not edit.

The number goes into `eax`/`rax`. Arguments go into `ebx ecx edx esi edi` (32-bit guests) or
`rdi rsi rdx r10 r8` (64-bit guests); a 32-bit guest passes a `uint64_t` in two registers, low half
first. A result below zero is an error of `pvabi/errno.h`. "Control" means that only a control
domain may call; what is not served answers `-ENOSYS`.

| nr | name | arguments | who | what it does |
|---:|---|---|---|---|
"""]
    for call in calls:
        who = "control" if call.who == "privileged" else "any"
        if call.form == "absent":
            who = "not served"
        elif call.form:
            who += f", {call.form}"
        if call.split() and signature(call, 64) != signature(call, 32):
            args = f"pv64: `{signature(call, 64)}`<br>pv32: `{signature(call, 32)}`"
        else:
            args = f"`{signature(call, 64)}`"
        out.append(f"| {call.nr} | `{call.name}` | {args} | {who} | {call.text} |\n")
    for call in calls:
        if not call.ops or call.form == "absent":
            continue
        out.append(f"\n## Sub-operations of {call.name}\n\n"
                   "| command | argument | direction | who |\n|---|---|---|---|\n")
        for op in call.ops:
            who = "control" if op.who == "privileged" else "any"
            out.append(f"| `{op.cmd}` | {'none' if op.type == '-' else f'`{op.type}`'} | "
                       f"{'' if op.direction == 'none' else op.direction} | {who} |\n")
    return "".join(out)


class Layouts:
    """Offsets and sizes of the scalars in each structure that a hypercall takes, for one width."""

    def __init__(self, width, root):
        self.include = "".join(f'#include "pvabi/{h}"\n' for h in HEADERS)
        self.cc = cabi.Compiler(width, ["-I" + root])
        unit = cabi.parse(self.cc, self.include)
        self.records = {(r.kind, r.tag): r for r in unit.records}
        self.typedefs = {m.name: m for m, _ in unit.typedefs}

    def record(self, words):
        """The record a type name stands for, or None."""
        while isinstance(words, list):
            if words[0] in ("struct", "union"):
                return self.records.get(tuple(words))
            member = self.typedefs.get(" ".join(words))
            if member is None or member.pointers or member.dims:
                return None
            words = member.base
        return words

    def leaves(self, record, prefix=""):
        for member in record.members:
            inner = None if member.pointers else self.record(member.base)
            handle = isinstance(member.base, list) and member.base[0].startswith("__guest_handle_")
            name = prefix + (member.name or "")
            if inner is not None and not handle:
                dot = "." if member.name else ""
                yield from self.leaves(inner, name + "[0]" * len(member.dims) + dot)
            elif member.bits is None:
                yield name, "handle" if handle or member.pointers else "number", len(member.dims)

    def layout(self, name):
        record = self.record(name.split())
        if record is None:
            size, = self.cc.values(self.include, [f"sizeof({name})"])
            return {"size": size, "fields": []}
        fields = list(self.leaves(record))
        facts = [f"sizeof({name})"]
        for path, _, dims in fields:
            element = "[0]" * dims
            facts += [f"__builtin_offsetof({name}, {path})", f"sizeof((({name} *)0)->{path})",
                      f"sizeof((({name} *)0)->{path}{element})"]
        values = self.cc.values(self.include, facts)
        out = []
        for i, (path, kind, _) in enumerate(fields):
            offset, size, element = values[1 + 3 * i:4 + 3 * i]
            # A flexible array has no size of its own: count 0.
            out.append({"name": path, "offset": offset, "size": element, "kind": kind,
                        "count": (size or 0) // element})
        return {"size": values[0], "fields": out}


def grammar(calls):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    layouts = {w: Layouts(w, root) for w in WIDTHS}
    names = set()
    for call in calls:
        names |= {o.type for o in call.ops if o.type != "-" and not o.type.startswith("u.")}
        names |= {a.type for w in WIDTHS for a in call.args[w]
                  if a.kind in ("in", "out", "inout") and a.type not in ("void", "char")}
    commands = [o.cmd for c in calls for o in c.ops]
    numbers = dict(zip(commands, layouts[64].cc.values(layouts[64].include, commands)))
    if None in numbers.values():
        raise SystemExit("hypercalls.def: no such command: " +
                         ", ".join(c for c, v in numbers.items() if v is None))
    out = {"hypercalls": [], "structures": {}}
    for call in calls:
        out["hypercalls"].append({
            "nr": call.nr, "name": call.name, "who": call.who, "served": call.form != "absent",
            "widths": call.widths(), "text": call.text,
            "args": {str(w): [{"name": a.name, "kind": a.kind, "type": a.type, "nullable": a.null,
                               "count": a.count, "registers": a.registers(w)} for a in call.args[w]]
                     for w in call.widths()},
            "ops": [{"cmd": o.cmd, "value": numbers[o.cmd], "direction": o.direction,
                     "type": None if o.type == "-" else o.type, "who": o.who} for o in call.ops]})
    for name in sorted(names):
        out["structures"][name] = {str(w): layouts[w].layout(name) for w in WIDTHS}
    return json.dumps(out, indent=1) + "\n"


MAKERS = {"hypercall_table.inc": table, "hypercall_stubs.h": stubs,
          "hypercall_pointers.inc": pointers, "hypercalls.md": docs, "hypercalls.json": grammar}


def main():
    definition, outputs = sys.argv[1], sys.argv[2:]
    calls = read(definition)
    for path in outputs:
        text = MAKERS[os.path.basename(path)](calls)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)


if __name__ == "__main__":
    main()
