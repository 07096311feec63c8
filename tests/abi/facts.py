# SPDX-License-Identifier: GPL-2.0-only
"""Facts about a set of headers: named numbers, computed by a compiler."""

import re
import subprocess

import cabi

# Macros that take arguments are tried with these.
PROBES = (0, 1, 5, 0x12345, 0x80000001)


class Headers:
    """Headers as one compiler sees them, together."""

    def __init__(self, compiler, prologue, belongs):
        """belongs(file): the name of one of the headers in question, or None."""
        self.compiler, self.prologue, self.belongs = compiler, prologue, belongs
        self.unit = cabi.parse(compiler, prologue)

    def of(self, pairs):
        """{name: header} of what stands in the headers in question."""
        out = {}
        for name, file in pairs:
            header = self.belongs(file)
            if header is not None:
                out[name] = header
        return out

    def macros(self):
        """{name: (header, number of parameters or None, body)}."""
        out = {}
        for name, (params, body, file) in self.unit.macros.items():
            header = self.belongs(file)
            if header is None or (not body and params is None):
                continue
            count = None if params is None else len([p for p in params.split(",") if p.strip()])
            out[name] = (header, count, body)
        return out

    def enumerators(self):
        return self.of(self.unit.enumerators)

    def typedefs(self):
        named = self.of((m.name, f) for m, f in self.unit.typedefs)
        return {n: h for n, h in named.items() if n is not None}

    def records(self):
        """{"struct foo": (header, Record)}."""
        return {f"{r.kind} {r.tag}": (self.belongs(r.where), r)
                for r in self.unit.records if self.belongs(r.where) is not None}

    def values(self, expressions):
        return self.compiler.values(self.prologue, expressions)


def probe(name, params):
    """Expressions by which a macro can be compared."""
    if params is None:
        return [name]
    return [f"{name}({', '.join([hex(p)] * params)})" for p in PROBES]


def type_facts(name):
    return [f"sizeof({name})", f"_Alignof({name})"]


def is_scalar(member):
    if isinstance(member.base, cabi.Record):
        return False
    return not member.dims and not member.pointers and member.base[0] not in ("struct", "union") \
        and not member.base[0].startswith("__guest_handle_")


def record_facts(name, record, rename=None):
    """Expressions for a record: {label: expression}; `rename` is its name for the compiler."""
    ctype = rename or name
    out = {f"sizeof({name})": f"sizeof({ctype})", f"alignof({name})": f"_Alignof({ctype})"}
    for path, member in cabi.paths(record):
        if member.bits is not None:
            continue
        at = f"(({ctype} *)0)->{path}"
        out[f"offsetof({name}, {path})"] = f"__builtin_offsetof({ctype}, {path})"
        if member.dims and member.dims[-1] in ("", "0"):
            out[f"element of {name}.{path}"] = f"sizeof({at}[0])"
            continue
        out[f"size of {name}.{path}"] = f"sizeof({at})"
        if member.dims:
            out[f"element of {name}.{path}"] = f"sizeof({at}[0])"
        if not isinstance(member.base, cabi.Record) and not member.pointers and \
                member.base[0].startswith("__guest_handle_") and rename is None:
            out[f"pointee of {name}.{path}"] = f"sizeof(*{at}{'[0]' * len(member.dims)}.p)"
        elif is_scalar(member):
            out[f"sign of {name}.{path}"] = f"(__typeof__({at}))-1 < (__typeof__({at}))1"
    return out


def bit_objects(name, record):
    """Initialised objects which show where bit fields are: {label: (type, initialiser)}."""
    return {f"bits of {name}.{path}": (name, f"{{ .{path} = -1 }}")
            for path, member in cabi.paths(record) if member.bits is not None}


def strict(cc, width, args, text, language="c"):
    """Runs a compiler as the project's code is compiled, without a C library."""
    own = subprocess.run([cc, "-print-file-name=include"], check=True, text=True,
                         capture_output=True).stdout.strip()
    return subprocess.run([cc, f"-m{width}", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror",
                           "-ffreestanding", "-mno-red-zone", "-nostdinc", "-isystem", own]
                          + args + ["-x", language, "-"], input=text, cwd="/",
                          capture_output=True, text=True, check=False)


def literal(body):
    """True if a macro stands for a string."""
    return re.match(r'"', body) is not None
