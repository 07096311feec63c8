#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Domains ask our store and Debian's C one over their rings: the same answers. Prints TAP.

  domains_run.py [--seed N] [--requests N]

What same_run.py does for privileged clients, for guests: random requests of the control domain and of
guests, who come, are each other's target, shut down, die and come again; and each quota at its limit.
Where the answers are meant to differ is in reason() below, and in docs/xenstore.md. Run from the top of
the tree.
"""

import fcntl
import mmap
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

from host import BUILD, ERROR, READ, WRITE, find_peer, message, plan, skip, wait_for
from same_run import (DIRECTORY, DOMAIN_PATH, END, EVENT, GET_PERMS, INTRODUCE, IS_INTRODUCED, MKDIR,
                      NAMES, PART, RELEASE, RESET, RESTRICT, RESUME, RM, SET_PERMS, SET_TARGET, START,
                      UNWATCH, WATCH, Dialogue, malformed, plain, read_arguments)

GUESTS = (1, 2, 3)
RING = 1024
REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD = 512, 513, 514, 515
VIRQ = 1


class Page:
    """The guest's end of a ring."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 4096)
        # A whole word at a time: the other side may look at any moment.
        self.words = memoryview(self.map).cast("I")

    def get(self, index):
        return self.words[index]

    def put(self, index, value):
        self.words[index] = value & 0xffffffff

    def send(self, data):
        """As much as there is room for; how much that was."""
        at = self.get(REQ_PROD)
        count = min(len(data), RING - (at - self.get(REQ_CONS) & 0xffffffff))
        for offset in range(count):
            self.map[(at + offset) % RING] = data[offset]
        self.put(REQ_PROD, at + count)
        return count

    def receive(self):
        at, end = self.get(RSP_CONS), self.get(RSP_PROD)
        count = end - at & 0xffffffff
        data = bytes(self.map[RING + (at + offset) % RING] for offset in range(count))
        self.put(RSP_CONS, end)
        return data


class Daemon:
    """A store daemon whose domains are made of files: see domain_files.h."""

    def __init__(self, directory, command, environment):
        self.directory = directory
        os.mkdir(directory)
        for name in ("events", "signs"):
            os.mkfifo(f"{directory}/{name}")
        self.events = os.open(f"{directory}/events", os.O_RDWR)
        self.signs = os.open(f"{directory}/signs", os.O_RDWR | os.O_NONBLOCK)
        self.command = [part.replace("DIRECTORY", directory) for part in command]
        self.environment = dict(os.environ, STORE_SHIM_DIR=directory, XENSTORED_RUNDIR=directory,
                                **environment)
        self.process = None

    def start(self):
        """With a control domain and nobody else."""
        for name in os.listdir(self.directory):
            if name.startswith(("page-", "state-", "socket")):
                os.unlink(f"{self.directory}/{name}")
        self.make(0)
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=self.environment)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def make(self, domid):
        """The domain exists from now on, with an empty page."""
        path = f"{self.directory}/page-{domid}"
        with open(path + ".new", "wb") as file:
            file.write(bytes(4096))
        os.rename(path + ".new", path)
        self.set_state(domid, "r")
        return Page(path)

    def page(self, domid):
        return Page(f"{self.directory}/page-{domid}")

    def set_state(self, domid, state):
        path = f"{self.directory}/state-{domid}"
        if state:
            with open(path, "w", encoding="ascii") as file:
                file.write(state)
        else:
            os.unlink(path)

    def poke(self, port):
        os.write(self.events, struct.pack("<I", port))

    def wait_until_heard(self):
        """The daemon has taken all events: it looks at rings at any time, and might answer before."""
        waiting = bytearray(4)
        while not fcntl.ioctl(self.events, termios.FIONREAD, waiting) and any(waiting):
            time.sleep(0.001)

    def wait(self):
        """Until the daemon gives a sign, or a little while."""
        if self.process.poll() is not None:
            raise ConnectionError("the daemon has ended")
        if select.select([self.signs], [], [], 0.2)[0]:
            os.read(self.signs, 4096)


class Talk:
    """One domain at one daemon, and its open transactions by their number."""

    def __init__(self, daemon, domid):
        self.daemon = daemon
        self.domid = domid
        self.page = daemon.page(domid)
        self.transactions = {}
        self.events = []
        self.data = b""

    def fill(self, size):
        end = time.monotonic() + 10
        while len(self.data) < size:
            more = self.page.receive()
            if more:
                self.data += more
                self.daemon.poke(100 + self.domid)
                continue
            if time.monotonic() > end:
                raise TimeoutError(f"domain {self.domid} is not answered by {self.daemon.directory}")
            self.daemon.wait()

    def take(self, size):
        self.fill(size)
        data, self.data = self.data[:size], self.data[size:]
        return data

    def say(self, data):
        end = time.monotonic() + 10
        while data:
            data = data[self.page.send(data):]
            self.daemon.poke(100 + self.domid)
            if data:
                self.daemon.wait()
            if time.monotonic() > end:
                raise TimeoutError(f"domain {self.domid} is not read")

    def ask(self, kind, payload, transaction=0):
        number = self.transactions.get(transaction, 0x7fffffff) if transaction else 0
        self.say(message(kind, payload, 5, number))
        while True:
            header = struct.unpack("<IIII", self.take(16))
            body = self.take(header[3])
            if header[0] == EVENT:
                self.events.append(body)
                continue
            return header[0], header[1], header[2] == number, body

    def take_events(self):
        self.ask(DOMAIN_PATH, b"1\0")
        events, self.events = self.events, []
        return events


def error_of(answer):
    return answer[3][:-1].decode() if answer[0] == ERROR else ""


# --- random requests ------------------------------------------------------------------------------

class Requests:
    """Random requests of the control domain and of guests, and what becomes of guests."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.restart()

    def restart(self):
        self.started = {domid: 0 for domid in (0, *GUESTS)}
        self.here = set()

    def path(self):
        draw = self.draw
        if draw.randrange(15) == 0:
            return draw.choice((b"", b"/", b"/a/", b"//", b"@none", b"@releaseDomain", b"@introduceDomain",
                                b"relative/", b"/" + b"l" * 2047, b"/" + b"l" * 2048,
                                b"r" * 2047, b"r" * 2048, b"r" * 2049, b"a/" * 100 + b"x"))
        parts = [draw.choice((b"a", b"b", b"c", b"data")) for _ in range(draw.choice((1, 1, 2, 3)))]
        start = draw.choice((b"/", b"/", b"", b"", b"/local/domain/%d/" % draw.choice(GUESTS)))
        if draw.randrange(20) == 0:
            return draw.choice((b"/local", b"/local/domain", b"/local/domain/1", b"/local/domain/2"))
        return start + b"/".join(parts)

    def perms(self):
        draw = self.draw
        entry = lambda: draw.choice((b"n", b"r", b"w", b"b")) + b"%d" % draw.randrange(4)
        return b"\0".join(entry() for _ in range(draw.choice((1, 1, 2, 2, 3, 4, 5, 6)))) + b"\0"

    def payload(self, kind):
        draw, path = self.draw, self.path() + b"\0"
        number = lambda: draw.choice((b"1", b"2", b"3", b"4", b"0", b"7"))
        if kind == WRITE:
            return path + b"v" * draw.choice((0, 1, 10, 500, 1500))
        if kind == SET_PERMS:
            # A root whose owner goes would be the end of Debian's store.
            return path + (b"b0\0" if path == b"/\0" else b"") + self.perms()
        if kind in (WATCH, UNWATCH):
            return path + b"token%d\0" % draw.randrange(2)
        if kind in (START, RESET):
            return b"\0"
        if kind == END:
            return draw.choice((b"T\0", b"T\0", b"F\0"))
        if kind in (DOMAIN_PATH, IS_INTRODUCED, RESUME):
            return number() + b"\0"
        if kind == SET_TARGET:
            return number() + b"\0" + number() + b"\0"
        if kind == PART:
            return path + b"0\0"
        if kind == INTRODUCE:
            # Guests who are not here come with a page of their own: see become().
            domid = draw.choice((4, 7, *self.here))
            return b"%d\0" % domid + b"1\0" + draw.choice((b"7", b"7", b"0")) + b"\0"
        if kind == RELEASE:
            return draw.choice((b"0", b"7", b"70000")) + b"\0"
        return path

    def fate(self, domid):
        """What becomes of a guest."""
        what = self.draw.choice(("die", "release", "shut down", "again"))
        if domid not in self.here:
            what = "come"
            self.here.add(domid)
            self.started[domid] = 0
        elif what in ("die", "release"):
            self.here.discard(domid)
        return what, domid

    def next(self):
        """Who, what, payload, which of the own transactions; or what becomes of a guest."""
        draw = self.draw
        chance = draw.randrange(100)
        if chance < 4 or len(self.here) == 0:
            return 0, *self.fate(draw.choice(GUESTS)), 0
        who = draw.choice((0, *sorted(self.here) * 2))
        kind = draw.choice((READ, READ, DIRECTORY, GET_PERMS, GET_PERMS, WRITE, WRITE, WRITE, MKDIR, RM,
                            SET_PERMS, SET_PERMS, WATCH, WATCH, UNWATCH, START, END, END, DOMAIN_PATH,
                            IS_INTRODUCED, RELEASE, RESUME, SET_TARGET, RESTRICT, RESET, PART,
                            INTRODUCE, 99))
        started = self.started[who]
        transaction = started if started and draw.randrange(2) else 0
        if kind == START:
            transaction = 0
            self.started[who] += 1
        return who, kind, self.payload(kind), transaction


# --- where answers may differ ---------------------------------------------------------------------

def reason(request, ours, theirs):
    """Why the answers may differ, as docs/xenstore.md has it; None: they may not."""
    _, kind, payload, transaction = request
    first = payload.split(b"\0", 1)[0]
    if malformed(kind, payload):
        return "strings"
    if len(first) > 2047:
        return "long paths"
    if first.startswith(b"@") and (kind == GET_PERMS
                                   or kind == SET_PERMS and ours[0] == theirs[0] == ERROR):
        return "special names"
    if kind in (WRITE, MKDIR) and theirs[3] == b"ENOSPC\0":
        return "node size"
    if kind == UNWATCH and ours[3] == b"EINVAL\0":
        return "paths of watches"
    if transaction or kind == END:
        return "transactions"
    return None


class Comparison(Dialogue):
    """Our daemon and Debian's, told the same."""

    def __init__(self, ours, theirs):
        self.daemons = (ours, theirs)
        self.meant = {}
        self.wrong = []
        self.deaths = 0
        self.start_anew()

    def start_anew(self):
        for daemon in self.daemons:
            daemon.stop()
            daemon.start()
        self.talks = {0: tuple(Talk(daemon, 0) for daemon in self.daemons)}
        self.targets = set()

    def both(self, kind, payload, domid=0):
        return [talk.ask(kind, payload) for talk in self.talks[domid]]

    def become(self, what, domid):
        """Something becomes of a guest."""
        text = b"%d\0" % domid
        if what in ("die", "shut down"):
            for daemon in self.daemons:
                daemon.set_state(domid, "s" if what == "shut down" else None)
                daemon.poke(VIRQ)
                daemon.wait_until_heard()
        if what == "come":
            for daemon in self.daemons:
                daemon.make(domid)
            self.talks[domid] = tuple(Talk(daemon, domid) for daemon in self.daemons)
        if what in ("come", "again"):
            answers = self.both(INTRODUCE, text + b"1\0" + b"7\0")
        elif what == "release":
            answers = self.both(RELEASE, text)
        else:
            answers = self.both(IS_INTRODUCED, text)
        if what in ("die", "release"):
            del self.talks[domid]
        return answers

    def ask(self, request):
        """True if both have changed the same."""
        who, kind, payload, transaction = request
        if isinstance(kind, str):
            answers = self.become(kind, payload)
            if kind in ("die", "release") and payload in self.targets:
                return self.differ("targets")
            if answers[0] != answers[1]:
                self.wrong.append(f"{request}: {answers[0]}, not {answers[1]}")
            return answers[0] == answers[1]
        pair = self.talks[who]
        answers = [talk.ask(kind, payload, transaction) for talk in pair]
        ours, theirs = (plain(kind, answer) for answer in answers)
        if kind == SET_TARGET:
            self.targets.add(int(payload.split(b"\0")[1]))
        if kind == START and not transaction:
            for talk, answer in zip(pair, answers):
                if answer[0] == START:
                    talk.transactions[len(talk.transactions) + 1] = int(answer[3][:-1])
        if ours == theirs:
            return True
        why = reason(request, ours, theirs)
        if why:
            return self.differ(why)
        self.wrong.append(f"{who}: {NAMES.get(kind, kind)} {payload[:60]} in {transaction}: "
                          f"{ours[3][:80]}, not {theirs[3][:80]}")
        return False

    def differ(self, why):
        """As it is meant to be; what comes after would differ as well."""
        self.meant[why] = self.meant.get(why, 0) + 1
        return False

    def compare_events(self, request):
        for domid, pair in self.talks.items():
            ours, theirs = (sorted(set(talk.take_events())) for talk in pair)
            if ours != theirs:
                self.wrong.append(f"events of {domid} after {request}: {ours}, not {theirs}")
                return False
        return True

    def compare_limits(self):
        """How often a guest is allowed the same before it is refused, and by which error."""
        self.start_anew()
        self.become("come", 1)
        self.both(WRITE, b"/local/domain/1/data\0")
        self.both(SET_PERMS, b"/local/domain/1/data\0n1\0")
        for kind, most, payload in (
                (WRITE, 1010, lambda n: b"data/%d/%d\0v" % (n % 9, n)),
                (RM, 1, lambda n: b"data\0"),
                (SET_PERMS, 7, lambda n: b"/local/domain/1\0" + b"r1\0" * n),
                (READ, 2060, lambda n: b"l" * n + b"\0")):
            first = 2040 if kind == READ else 1
            ours, theirs = ([plain(kind, talk.ask(kind, payload(n))) for n in range(first, most)]
                            for talk in self.talks[1])
            differ = [(n, a[3], b[3]) for n, (a, b) in enumerate(zip(ours, theirs)) if a != b]
            if differ:
                self.wrong.append(f"limit of {NAMES[kind]}: {differ[:3]}")

    def ended(self, request):
        self.deaths += 1
        if not malformed(request[1], request[2]) and not request[2].startswith(b"@"):
            self.wrong.append(f"{request} ended one of them")


def main():
    arguments = read_arguments(3_000)
    what = "domains are answered as by Debian's xenstored"
    program = find_peer("xenstored")
    if not program:
        skip(what, "no xenstored: package xen-utils-4.17")
        return plan()
    directory = tempfile.mkdtemp(prefix="store-")
    shim = os.path.abspath(f"{BUILD}/test/store_shim.so")
    theirs = Daemon(f"{directory}/theirs", [program, "-N", "--pid-file", "DIRECTORY/pid"],
                    {"LD_PRELOAD": shim})
    ours = Daemon(f"{directory}/ours", [f"{BUILD}/test/store_ring_daemon"], {})
    try:
        comparison = Comparison(ours, theirs)
        comparison.run(Requests(arguments.seed), arguments.requests)
        comparison.compare_limits()
        comparison.tell(what)
    finally:
        ours.stop()
        theirs.stop()
        shutil.rmtree(directory)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
