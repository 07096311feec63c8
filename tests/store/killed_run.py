#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Clients of the host daemon that are killed in the middle of whatever they do. Prints TAP.

Afterwards the daemon's heap, nodes, watches and connections must be what they were before. Run from
the top of the tree.
"""

import mmap
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time

from host import READ, WATCH, WRITE, Daemon, answer, message, plan, result, wait_for

CONTROL, DIRECTORY, GET_PERMS, UNWATCH, START, END, MKDIR, RM, SET_PERMS, RESET = (
    0, 1, 3, 5, 6, 7, 12, 13, 14, 21)
KILLS = 300
AT_A_TIME = 6
CONNECTIONS = 4


class Victim:
    """Lives in a process of its own until it is killed."""

    def __init__(self, daemon, seed):
        self.daemon = daemon
        self.draw = random.Random(seed)
        self.clients = [self.connect() for _ in range(CONNECTIONS)]

    def connect(self):
        client = self.daemon.connect()
        client.setblocking(False)
        return client

    def path(self):
        return b"/killed/%d%s" % (self.draw.randrange(20), self.draw.choice(
            (b"", b"/a", b"/a/b/c/d", b"//", b"/%d" % self.draw.randrange(1000))))

    def request(self):
        """Of any kind, in a transaction that may be open or not."""
        kind = self.draw.choice((READ, WRITE, WRITE, WRITE, WATCH, WATCH, UNWATCH, DIRECTORY, GET_PERMS,
                                 START, START, END, MKDIR, RM, SET_PERMS, RESET, 99))
        payload = self.path() + b"\0"
        if kind == WRITE:
            payload += b"v" * self.draw.choice((0, 10, 3000))
        elif kind in (WATCH, UNWATCH):
            payload += b"token%d\0" % self.draw.randrange(3)
        elif kind == SET_PERMS:
            payload += b"n%d\0r%d\0" % (self.draw.randrange(9), self.draw.randrange(9))
        elif kind in (START, RESET):
            payload = b"\0"
        elif kind == END:
            payload = self.draw.choice((b"T\0", b"F\0"))
        transaction = 0 if kind == START else self.draw.choice((0, 0, 1, 2, 3))
        return message(kind, payload, 1, transaction)

    def act(self):
        """Returns how many requests it has made."""
        index = self.draw.randrange(CONNECTIONS)
        client = self.clients[index]
        what = self.draw.randrange(20)
        try:
            if what < 12:
                client.send(self.request())
                return 1
            if what < 13:
                # Many at once, of which nobody reads the answers.
                client.send(b"".join(self.request() for _ in range(50)))
                return 50
            if what < 14:
                part = self.request()
                client.send(part[:self.draw.randrange(len(part))])
                return 1
            # The first one is never read.
            if index:
                client.recv(self.draw.choice((5, 100000)))
        except BlockingIOError:
            pass
        except OSError:
            self.clients[index] = self.connect()
        return 0

    def live(self, count):
        """@count: eight bytes of shared memory."""
        made = 0
        while True:
            made += self.act()
            count[:8] = struct.pack("<Q", made)


def start_victim(daemon, seed, counts):
    pid = os.fork()
    if pid:
        return pid
    try:
        Victim(daemon, seed).live(memoryview(counts)[8 * seed:])
    finally:
        os._exit(1)


def kill_many(daemon, counts):
    """How many died of the kill, and not before."""
    draw = random.Random(1)
    victims = [start_victim(daemon, seed, counts) for seed in range(AT_A_TIME)]
    killed = 0
    for seed in range(AT_A_TIME, AT_A_TIME + KILLS):
        time.sleep(draw.uniform(0, 0.015))
        pid = victims.pop(draw.randrange(AT_A_TIME))
        os.kill(pid, signal.SIGKILL)
        killed += os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
        victims.append(start_victim(daemon, seed, counts))
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return killed


def ask(client, kind, payload):
    client.sendall(message(kind, payload))
    return answer(client)[1]


def state(client):
    """Heap, connections, domains, watches and their places, accounts, permission sets; and nodes."""
    return ask(client, CONTROL, b"memreport\0") + ask(client, CONTROL, b"check\0")


def main():
    directory = tempfile.mkdtemp(prefix="store-")
    daemon = Daemon(directory)
    counts = mmap.mmap(-1, 8 * (KILLS + AT_A_TIME))
    try:
        with daemon.connect() as client:
            ask(client, CONTROL, b"memreport\0")
            before = state(client)
            killed = kill_many(daemon, counts)
            made = sum(struct.unpack(f"<{len(counts) // 8}Q", counts[:]))
            result(killed == KILLS and made > 10_000,
                   f"{killed} clients killed after more than 10,000 requests", made)

            def same():
                # What follows half a message is read as a message, and may name any node, and the root.
                ask(client, WRITE, b"/\0")
                for name in ask(client, DIRECTORY, b"/\0").split(b"\0")[:-1]:
                    ask(client, RM, b"/" + name + b"\0")
                ask(client, MKDIR, b"/tool/xenstored\0")
                return state(client) == before
            result(wait_for(same), "nothing is left of them in the store's memory",
                   f"{before.decode()}\n{state(client).decode()}")
        code = daemon.stop()
        result(code == 0, "the daemon ends cleanly", code)
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
        shutil.rmtree(directory)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
