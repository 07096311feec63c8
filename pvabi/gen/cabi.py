# SPDX-License-Identifier: MIT
"""Reads C headers: which records, types and constants they have, and what a compiler makes of them.

Declarations come out of the preprocessor and through a parser for what interface headers contain:
structures, unions, enumerations, typedefs. Values (sizes, offsets, constants) are never computed
here: a file of initialisers is compiled, and the numbers are read back out of the object, so that
nothing needs to be linked or run and -m32 works without a 32-bit C library.
"""

import os
import re
import struct
import subprocess
import tempfile

SCALARS = {"void", "char", "short", "int", "long", "signed", "unsigned", "float", "double", "_Bool"}
QUALIFIERS = {"const", "volatile", "extern", "static", "inline", "__inline", "__inline__",
              "register", "__extension__", "restrict", "__restrict"}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[A-Za-z_]\w*|\d[\w.]*|'
                   r'<<|>>|->|\.\.\.|\S')


class Error(Exception):
    """The headers, or the compiler, did something unforeseen."""

    def __init__(self, text):
        super().__init__("\n".join(text.split("\n")[:12]))


class Record:
    """A structure or union. `members` is None while only its name is known."""

    def __init__(self, kind, tag, members, where):
        self.kind, self.tag, self.members, self.where = kind, tag, members, where


class Member:
    """A member or a typedef: `base` is a list of words, or a Record defined in place."""

    def __init__(self, name, base, pointers, dims, bits, aligned):
        self.name, self.base, self.pointers = name, base, pointers
        self.dims, self.bits, self.aligned = dims, bits, aligned


class Unit:
    """What one preprocessed header and those it includes declare, in order."""

    def __init__(self):
        self.records = []       # Record, top level or nested with a tag
        self.typedefs = []      # (Member, file)
        self.enumerators = []   # (name, file)
        self.macros = {}        # name -> (parameters or None, body, file)
        self.order = []         # Record or Member, top level, as written
        self.files = []


class Compiler:
    """One compiler with one width and one way to find headers."""

    def __init__(self, width, flags, cc=None):
        self.cc = cc or os.environ.get("PVABI_CC", "gcc")
        own = subprocess.run([self.cc, "-print-file-name=include"], check=True,
                             capture_output=True, text=True).stdout.strip()
        self.width = width
        self.args = [self.cc, f"-m{width}", "-std=gnu11", "-ffreestanding", "-nostdinc",
                     "-isystem", own, "-w"] + list(flags)

    def run(self, args, text):
        # Not in the current folder: a quoted include would find headers there first.
        return subprocess.run(self.args + args, input=text, capture_output=True, text=True,
                              check=False, cwd="/")

    def preprocess(self, text):
        done = self.run(["-E", "-dD", "-x", "c", "-"], text)
        if done.returncode:
            raise Error(done.stderr)
        return done.stdout

    def values(self, prologue, expressions, size=8):
        """The values of constant expressions; None for those that are none."""
        good = dict(enumerate(expressions))
        head = prologue.rstrip("\n").count("\n") + 2
        while good:
            keys = list(good)
            lines = [prologue.rstrip("\n")]
            for key in keys:
                lines.append(f'const unsigned long long fact_{key} '
                             f'__attribute__((section(".facts"), aligned(8))) = '
                             f'(unsigned long long)({good[key]});')
            blob, errors = self.section("\n".join(lines) + "\n")
            if blob is not None:
                out = [None] * len(expressions)
                for i, key in enumerate(keys):
                    out[key] = struct.unpack_from("<Q", blob, 8 * i)[0]
                return out
            bad = {int(line) for line in re.findall(r"^<stdin>:(\d+):\d+: error", errors, re.M)}
            bad = {keys[line - head] for line in bad if head <= line < head + len(keys)}
            if not bad:
                raise Error(errors)
            for key in bad:
                del good[key]
        return [None] * len(expressions)

    def images(self, prologue, objects):
        """The bytes of initialised objects: (type, initialiser) each."""
        lines, sizes = [prologue], self.values(prologue, [f"sizeof({t})" for t, _ in objects])
        for i, (ctype, init) in enumerate(objects):
            lines.append(f'const {ctype} fact_{i} '
                         f'__attribute__((section(".facts"), aligned(64))) = {init};')
        blob, errors = self.section("\n".join(lines) + "\n")
        if blob is None:
            raise Error(errors)
        out, at = [], 0
        for size in sizes:
            out.append(blob[at:at + size])
            at = (at + size + 63) & ~63
        return out

    def section(self, text):
        with tempfile.TemporaryDirectory() as tmp:
            obj, out = os.path.join(tmp, "o"), os.path.join(tmp, "b")
            done = self.run(["-fmax-errors=0", "-ftrack-macro-expansion=0", "-fno-toplevel-reorder",
                             "-c", "-o", obj, "-x", "c", "-"], text)
            if done.returncode:
                return None, done.stderr
            subprocess.run(["objcopy", "-O", "binary", "--only-section=.facts",
                            "--set-section-flags", ".facts=alloc,load,data", obj, out], check=True)
            with open(out, "rb") as f:
                return f.read(), ""


class Parser:
    def __init__(self, text):
        self.unit = Unit()
        self.tokens = []
        self.at = 0
        self.file = "<none>"
        self.lex(text)
        self.parse()

    def lex(self, text):
        name = "<none>"
        files = []
        for line in text.split("\n"):
            mark = re.match(r'#\s+\d+\s+"([^"]*)"', line)
            if mark:
                name = mark.group(1)
                if name not in files:
                    files.append(name)
                continue
            macro = re.match(r"#define\s+(\w+)(\(([^)]*)\))?\s*(.*)", line)
            if macro:
                self.unit.macros[macro.group(1)] = (macro.group(3) if macro.group(2) else None,
                                                    macro.group(4).strip(), name)
                continue
            undef = re.match(r"#undef\s+(\w+)", line)
            if undef:
                self.unit.macros.pop(undef.group(1), None)
                continue
            if line.startswith("#"):
                continue
            self.tokens += [(t, name) for t in TOKEN.findall(line)]
        self.tokens.append((None, name))
        self.unit.files = files

    def peek(self):
        return self.tokens[self.at][0]

    def take(self, want=None):
        token, self.file = self.tokens[self.at]
        if want is not None and token != want:
            context = " ".join(str(t) for t, _ in self.tokens[max(0, self.at - 12):self.at + 5])
            raise Error(f"{self.file}: expected {want!r}, found {token!r} in: {context}")
        self.at += 1
        return token

    def group(self, opening, closing):
        """The text between balanced brackets."""
        self.take(opening)
        depth, words = 1, []
        while depth:
            token = self.take()
            if token is None:
                raise Error("unbalanced " + opening)
            depth += (token == opening) - (token == closing)
            words.append(token)
        return " ".join(words[:-1])

    def attributes(self):
        aligned = None
        while self.peek() in ("__attribute__", "__attribute", "asm", "__asm__"):
            self.take()
            found = re.search(r"aligned \( (\d+) \)", self.group("(", ")"))
            aligned = int(found.group(1)) if found else aligned
        return aligned

    def parse(self):
        while self.peek() is not None:
            if self.peek() == ";":
                self.take()
            elif self.peek() in ("_Static_assert", "asm", "__asm__"):
                self.take()
                self.group("(", ")")
            elif self.peek() == "typedef":
                self.take()
                base, aligned = self.specifier()
                for member in self.declarators(base, aligned):
                    self.unit.typedefs.append((member, self.file))
                    self.unit.order.append((member, self.file))
                self.take(";")
            else:
                self.declaration()

    def declaration(self):
        """A record or enumeration; functions and objects are passed over."""
        base, _ = self.specifier()
        if isinstance(base, Record):
            self.unit.order.append((base, base.where))
        while self.peek() not in (";", None):
            if self.peek() == "{":
                self.group("{", "}")
                if self.peek() != ";":
                    return
            else:
                self.take()
        if self.peek() == ";":
            self.take()

    def specifier(self):
        """Everything before a declarator: words, or a Record defined here."""
        words, record, aligned = [], None, None
        while True:
            token = self.peek()
            if token in QUALIFIERS:
                self.take()
            elif token in ("__attribute__", "__attribute"):
                aligned = self.attributes() or aligned
            elif token in ("struct", "union", "enum"):
                result = self.tagged()
                if isinstance(result, Record):
                    record = result
                else:
                    words = result
            elif token in SCALARS:
                words.append(self.take())
            elif not words and record is None and token and re.match(r"[A-Za-z_]", token):
                words.append(self.take())
            else:
                return (record if record is not None else words), aligned

    def tagged(self):
        kind = self.take()
        self.attributes()
        tag = self.take() if self.peek() != "{" else None
        if self.peek() != "{":
            return [kind, tag]
        where = self.file
        if kind == "enum":
            for name in re.findall(r"(?:^|,) ?([A-Za-z_]\w*)", self.group("{", "}")):
                self.unit.enumerators.append((name, where))
            return [kind, tag] if tag else ["int"]
        record = Record(kind, tag, self.members(), where)
        self.attributes()
        if tag:
            self.unit.records.append(record)
        return record

    def members(self):
        members = []
        self.take("{")
        while self.peek() != "}":
            base, aligned = self.specifier()
            if self.peek() == ";":
                members.append(Member(None, base, 0, [], None, aligned))
            else:
                members += self.declarators(base, aligned)
            self.take(";")
        self.take("}")
        return members

    def declarators(self, base, aligned):
        found = []
        while True:
            pointers, dims, bits, name = 0, [], None, None
            while self.peek() == "*" or self.peek() in QUALIFIERS:
                pointers += self.take() == "*"
            if self.peek() == "(":      # a pointer to a function
                name = re.search(r"(\w+)$", self.group("(", ")")).group(1)
                self.group("(", ")")
                pointers = 1
            elif self.peek() not in (";", ",", ":"):
                name = self.take()
            while self.peek() == "[":
                dims.append(self.group("[", "]"))
            if self.peek() == ":":
                self.take()
                bits = int(self.take(), 0)
            own = self.attributes() or aligned
            found.append(Member(name, base, pointers, dims, bits, own))
            if self.peek() != ",":
                return found
            self.take()


def parse(compiler, text):
    return Parser(compiler.preprocess(text)).unit


def paths(record, prefix=""):
    """(path, Member) of each member that has an address, and of those inside nested records."""
    for member in record.members or []:
        nested = isinstance(member.base, Record) and not member.pointers
        if member.name is None:
            if nested:
                yield from paths(member.base, prefix)
            continue
        path = prefix + member.name
        yield path, member
        if nested:
            yield from paths(member.base, path + "[0]" * len(member.dims) + ".")
