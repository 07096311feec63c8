#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The same requests to our daemon and to Debian's C one: the same answers, byte by byte. Prints TAP.

  same_run.py [--seed N] [--requests N]

Random requests, good and bad, of one client and of several; where the answers are meant to differ is
in reason() below and in docs/xenstore.md. Run from the top of the tree.
"""

import argparse
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

from host import BUILD, Daemon, find_peer, message, plan, receive, result, skip, wait_for

CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, START, END = 0, 1, 2, 3, 4, 5, 6, 7
INTRODUCE, RELEASE, DOMAIN_PATH, WRITE, MKDIR, RM, SET_PERMS, EVENT, ERROR = (
    8, 9, 10, 11, 12, 13, 14, 15, 16)
IS_INTRODUCED, RESUME, SET_TARGET, RESTRICT, RESET, PART = 17, 18, 19, 20, 21, 22
NAMES = {CONTROL: "CONTROL", DIRECTORY: "DIRECTORY", READ: "READ", GET_PERMS: "GET_PERMS", WATCH: "WATCH",
         UNWATCH: "UNWATCH", START: "TRANSACTION_START", END: "TRANSACTION_END", RELEASE: "RELEASE",
         DOMAIN_PATH: "GET_DOMAIN_PATH", WRITE: "WRITE", MKDIR: "MKDIR", RM: "RM",
         SET_PERMS: "SET_PERMS", IS_INTRODUCED: "IS_DOMAIN_INTRODUCED", RESUME: "RESUME",
         SET_TARGET: "SET_TARGET", RESTRICT: "RESTRICT", RESET: "RESET_WATCHES",
         PART: "DIRECTORY_PART"}
CLIENTS = 3


class Peer:
    """Debian's daemon on a socket of its own."""

    def __init__(self, directory, program):
        self.directory = directory
        self.program = program
        self.path = f"{directory}/socket"
        self.start()

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.process = subprocess.Popen(
            [self.program, "-N", "--pid-file", f"{self.directory}/pid"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ, XENSTORED_RUNDIR=self.directory,
                     LD_PRELOAD=os.path.abspath(f"{BUILD}/test/store_shim.so")))
        self.runs = wait_for(lambda: os.path.exists(self.path))

    def connect(self):
        """Its socket is there before it listens, and holds one who waits, or two."""
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        if not wait_for(lambda: not client.connect_ex(self.path)):
            raise ConnectionError("Debian's daemon does not accept")
        client.settimeout(20)
        return client

    def stop(self):
        self.process.kill()
        self.process.wait()


class Talk:
    """One client of one daemon, and the transactions it has open, by their number."""

    def __init__(self, daemon):
        self.socket = daemon.connect()
        self.transactions = {}
        self.events = []

    def ask(self, kind, payload, transaction):
        """@transaction: 0, or which of those that this client has started."""
        number = self.transactions.get(transaction, 0x7fffffff) if transaction else 0
        self.socket.sendall(message(kind, payload, 5, number))
        while True:
            header = struct.unpack("<IIII", receive(self.socket, 16))
            body = receive(self.socket, header[3])
            if header[0] == EVENT:
                self.events.append(body)
                continue
            return header[0], header[1], header[2] == number, body

    def take_events(self):
        """Those that came before the answer to a question that changes nothing."""
        self.ask(DOMAIN_PATH, b"1\0", 0)
        events, self.events = self.events, []
        return events


class Requests:
    """Random requests: payloads that are right, and some that are not."""

    def __init__(self, seed, alone):
        self.draw = random.Random(seed)
        self.alone = alone
        self.restart()

    def restart(self):
        self.started = [0] * CLIENTS
        self.open = False # when alone: the last transaction

    def path(self):
        draw = self.draw
        if draw.randrange(12) == 0:
            return draw.choice((b"", b"/", b"relative", b"/a//b", b"/a/", b"/a b", b"/\xff", b"@none",
                                b"@releaseDomain", b"@introduceDomain", b"//", b"/" + b"n" * 300,
                                b"/" + b"x/" * 100 + b"x", b"/" + b"l" * 3070, b"/" + b"l" * 3071,
                                b"/" + b"l" * 3072, b"relative/" + b"l" * 2039, b"relative/" + b"l" * 2040))
        parts = [draw.choice((b"a", b"b", b"c", b"data", b"A", b"1", b"-_@"))
                 for _ in range(draw.choice((1, 1, 2, 2, 3, 4)))]
        return b"/" + b"/".join(parts)

    def perms(self):
        draw = self.draw
        entry = lambda: draw.choice((b"n", b"r", b"w", b"b")) + b"%d" % draw.randrange(5)
        entries = [entry() for _ in range(draw.choice((1, 1, 2, 3)))]
        if draw.randrange(8) == 0:
            entries.append(draw.choice((b"", b"x1", b"n", b"r-1", b"r1x", b"r99999999999", b"7")))
        return b"\0".join(entries) + b"\0"

    def number(self):
        return self.draw.choice((b"0", b"7", b"8", b"", b"x", b"-1", b"7x", b"70000", b"4294967295",
                                 b"99999999999999999999"))

    def token(self):
        return self.draw.choice((b"token0", b"token1", b"token2", b"", b"/a b\xff", b"t" * 1000))

    def payload(self, kind):
        draw, path = self.draw, self.path() + b"\0"
        if kind == WRITE:
            return path + bytes(draw.randrange(256) for _ in range(draw.choice((0, 1, 10, 700))))
        if kind == SET_PERMS:
            return path + self.perms()
        if kind in (WATCH, UNWATCH):
            return path + self.token() + b"\0"
        if kind in (START, RESET):
            return draw.choice((b"\0", b"\0", b"", b"x", b"x\0y\0"))
        if kind == CONTROL:
            return draw.choice((b"none\0", b"\0", b"log\0on\0", b"log\0off\0", b"log\0dance\0", b"help\0",
                                b"print\0", b"print\0text\0", b"check\0", b"quota\0", b"quota\0set\0nodes\0",
                                b"quota\0" + b"0\0", b"quota\0set\0none\0001\0",
                                b"quota\0set\0watches\000130\0"))
        if kind == END:
            return draw.choice((b"T\0", b"T\0", b"F\0", b"X\0", b"", b"T"))
        if kind in (DOMAIN_PATH, IS_INTRODUCED, RELEASE, RESUME):
            return self.number() + b"\0"
        if kind == SET_TARGET:
            return self.number() + b"\0" + self.number() + b"\0"
        if kind == PART:
            return path + draw.choice((b"0", b"0", b"1", b"3", b"5000", b"", b"x", b"-1")) + b"\0"
        return path

    def spoil(self, payload):
        """Now and then the strings end too early, or there is one too many."""
        draw = self.draw
        if draw.randrange(25) == 0 and payload:
            return payload[:draw.randrange(len(payload))]
        if draw.randrange(40) == 0:
            return payload + draw.choice((b"more\0", b"more", b"\0"))
        return payload

    def next(self):
        """Client, kind, payload, which of the client's transactions."""
        draw = self.draw
        client = 0 if self.alone else draw.randrange(CLIENTS)
        kind = draw.choice((READ, READ, DIRECTORY, DIRECTORY, GET_PERMS, GET_PERMS, WRITE, WRITE, WRITE,
                            WRITE, MKDIR, MKDIR, RM, SET_PERMS, SET_PERMS, WATCH, UNWATCH, START, START,
                            END, END, END, DOMAIN_PATH, IS_INTRODUCED, RELEASE, RESUME, SET_TARGET,
                            RESTRICT, RESET, PART, CONTROL, 27 + draw.randrange(100)))
        payload = self.spoil(self.payload(kind))
        started = self.started[client]
        if self.alone:
            transaction = started if self.open else 0
            self.open = kind == START or self.open and kind not in (END, RESET)
            if kind == END and payload not in (b"T\0", b"F\0"):
                payload = b"F\0"
        else:
            transaction = draw.randrange(1, started + 1) if started and draw.randrange(2) else 0
            if kind == START and draw.randrange(8):
                transaction = 0
            if draw.randrange(60) == 0:
                transaction = 1000
        self.started[client] += kind == START and not transaction
        return client, kind, payload, transaction


# --- where answers may differ ---------------------------------------------------------------------

CHANGING = (WRITE, MKDIR, RM, SET_PERMS, WATCH, UNWATCH, START, END, RESET)
STRINGS = {READ: 1, DIRECTORY: 1, GET_PERMS: 1, MKDIR: 1, RM: 1, END: 1, DOMAIN_PATH: 1,
           IS_INTRODUCED: 1, RELEASE: 1, RESUME: 1, SET_TARGET: 2, PART: 2, WATCH: 2, UNWATCH: 2}


def malformed(kind, payload):
    """Not the strings that the request takes. Debian's daemon then says what failed last, or ends."""
    if kind in (WRITE, SET_PERMS):
        return b"\0" not in payload
    if kind == CONTROL:
        return not payload.endswith(b"\0")
    return kind in STRINGS and (payload.count(b"\0") != STRINGS[kind] or not payload.endswith(b"\0"))


def reason(request, ours, theirs, alone):
    """Why the answers to a request may differ, as docs/xenstore.md has it; None: they may not."""
    _, kind, payload, transaction = request
    first, rest = (payload.split(b"\0", 1) + [b""])[:2]
    says = ours[3] if ours[0] == ERROR else b""
    if malformed(kind, payload):
        return "strings"
    if kind in (DOMAIN_PATH, IS_INTRODUCED, RELEASE, RESUME, SET_TARGET, PART) and says == b"EINVAL\0":
        return "numbers"
    if kind == PART and ours[0] == theirs[0] == PART and rest != b"0\0":
        return "order"
    if kind == CONTROL and ours[0] == theirs[0] == CONTROL:
        return "texts"
    if kind == CONTROL and payload == b"quota\0\0":
        return "numbers"
    if kind == SET_TARGET and says == b"ENOENT\0" and (first == b"0" or rest in (b"0\0", b"\0", b"x\0")):
        return "targets"
    if kind in NAMES and len(first) > 2048:
        return "long paths"
    if kind == GET_PERMS and first.startswith(b"@") or kind == SET_PERMS and first == b"@none":
        return "special names"
    if kind == UNWATCH and says == b"EINVAL\0":
        return "paths of watches"
    if kind == SET_PERMS and says == b"EINVAL\0" and rest.endswith((b"r-1\0", b"r99999999999\0")):
        return "permissions"
    if not alone and (transaction or kind == END):
        return "transactions"
    return None


# --- comparing ------------------------------------------------------------------------------------

def plain(kind, answer):
    """An answer without what may be anything: a transaction's number, a generation, an order."""
    got, request, transaction, body = answer
    if got == START:
        body = b"number"
    if got == DIRECTORY:
        body = b"\0".join(sorted(body.split(b"\0")))
    if got == PART:
        body = b"\0".join(sorted(body.split(b"\0")[1:]))
    return got if got == ERROR else kind, request, transaction, body


class Dialogue:
    """What any comparison does with its requests; it asks, compares events, and starts anew."""

    def run(self, requests, count):
        for _ in range(count):
            request = requests.next()
            try:
                same = self.ask(request) and self.compare_events(request)
            except ConnectionError:
                self.ended(request)
                same = False
            if not same:
                self.start_anew()
                requests.restart()

    def tell(self, what, which=""):
        """The test point, and how often the answers differed as they are meant to."""
        meant = ", ".join(f"{name} {count}" for name, count in sorted(self.meant.items()))
        print(f"# {which}meant to differ: {meant}; Debian's ended {self.deaths} times")
        result(not self.wrong, what, "\n".join(self.wrong[:20]))


def read_arguments(requests):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=requests)
    return parser.parse_args()


class Comparison(Dialogue):
    """One of our daemon with Debian's."""

    def __init__(self, ours, theirs, alone):
        self.ours = ours
        self.theirs = theirs
        self.alone = alone
        self.deaths = 0
        self.meant = {}
        self.wrong = []
        self.started = [0] * CLIENTS
        self.connect()
        self.start_anew()

    def connect(self):
        self.talks = [(Talk(self.ours), Talk(self.theirs)) for _ in range(CLIENTS)]

    def ask(self, request):
        """True if both have changed the same."""
        client, kind, payload, transaction = request
        pair = self.talks[client]
        answers = [talk.ask(kind, payload, transaction) for talk in pair]
        ours, theirs = (plain(kind, answer) for answer in answers)
        if kind == START and not transaction:
            self.started[client] += 1
            for talk, answer in zip(pair, answers):
                if answer[0] == START:
                    talk.transactions[self.started[client]] = int(answer[3][:-1])
        if ours == theirs:
            return True
        why = reason(request, ours, theirs, self.alone)
        if why:
            self.meant[why] = self.meant.get(why, 0) + 1
        else:
            self.wrong.append(f"{NAMES.get(kind, kind)} {payload[:80]} in {transaction}: "
                              f"{ours[3][:200]}, not {theirs[3][:200]}")
        return kind not in CHANGING or ours[0] == theirs[0]

    def compare_events(self, request):
        """What each client was told by now, in any order, and once."""
        for pair in self.talks:
            ours, theirs = (sorted(set(talk.take_events())) for talk in pair)
            if ours != theirs:
                self.wrong.append(f"events of {request}: {ours}, not {theirs}")
                return False
        return True

    def start_anew(self):
        """Both stores empty, nobody watches, no transaction is open."""
        for pair in self.talks:
            for talk in pair:
                talk.ask(RESET, b"\0", 0)
                talk.transactions.clear()
        self.started = [0] * CLIENTS
        for talk in self.talks[0]:
            for name in talk.ask(DIRECTORY, b"/\0", 0)[3].split(b"\0")[:-1]:
                talk.ask(RM, b"/" + name + b"\0", 0)
            talk.ask(WRITE, b"/\0", 0)
            talk.ask(SET_PERMS, b"/\0n0\0", 0)
        for pair in self.talks:
            for talk in pair:
                talk.take_events()

    def ended(self, request):
        """It has ended: that happens to Debian's when strings are missing, or names are none."""
        self.deaths += 1
        if not malformed(request[1], request[2]) and not request[2].startswith(b"@"):
            self.wrong.append(f"{request} ended Debian's daemon")
        self.theirs.stop()
        self.theirs.start()
        self.connect()


def compare(what, alone, ours, theirs, arguments):
    comparison = Comparison(ours, theirs, alone)
    comparison.run(Requests(arguments.seed, alone), arguments.requests)
    comparison.tell(what, f"{what}: ")


def main():
    arguments = read_arguments(10_000)
    what = "the same answers as Debian's xenstored"
    program = find_peer("xenstored")
    if not program:
        skip(what, "no xenstored: package xen-utils-4.17")
        return plan()
    directory = tempfile.mkdtemp(prefix="store-")
    os.mkdir(f"{directory}/peer")
    peer = Peer(f"{directory}/peer", program)
    ours = Daemon(directory)
    try:
        if peer.runs:
            compare(f"{what}, to one client", True, ours, peer, arguments)
            compare(f"{what}, to several", False, ours, peer, arguments)
        else:
            skip(what, "it does not run here")
    finally:
        peer.stop()
        ours.stop()
        shutil.rmtree(directory)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
