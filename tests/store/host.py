# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of the store's host daemon share: daemons to start, messages to say, and TAP."""

import os
import signal
import socket
import struct
import subprocess
import time

BUILD = "build"
DAEMON = f"{BUILD}/host/xenstored-lite"
READ, WRITE, WATCH, ERROR = 2, 11, 4, 16

count = 0
failures = 0


def result(good, what, why=""):
    global count, failures
    count += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    if not good and why:
        for line in str(why).splitlines():
            print(f"# {line}", flush=True)


def skip(what, why):
    global count
    count += 1
    print(f"ok {count} - {what} # SKIP {why}", flush=True)


def plan():
    """Ends the report; the exit code."""
    print(f"1..{count}")
    return 1 if failures else 0


def find_peer(name):
    """A program of Debian's xen-utils: installed, or unpacked by make."""
    for directory in ("/usr/lib/xen-4.17/bin", f"{BUILD}/peers/xen-utils/usr/lib/xen-4.17/bin"):
        path = os.path.join(directory, name)
        if os.access(path, os.X_OK):
            return path
    return None


def wait_for(condition, seconds=10):
    """True as soon as the condition holds, False if it does not in that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Daemon:
    """Our daemon on a socket of its own."""

    def __init__(self, directory, name="socket", limit=None, stderr=subprocess.DEVNULL):
        self.path = os.path.join(directory, name)
        limited = ["prlimit", f"--nofile={limit}"] if limit else []
        self.process = subprocess.Popen([*limited, DAEMON, "--socket", self.path],
                                        stderr=stderr, text=True)
        if not wait_for(self.listens):
            raise RuntimeError("the daemon does not listen")

    def listens(self):
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def environment(self):
        return dict(os.environ, XENSTORED_PATH=self.path)

    def run(self, *command, timeout=60, **more):
        return subprocess.run(command, env=self.environment(), text=True, timeout=timeout,
                              capture_output=True, **more)

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(20)
        client.connect(self.path)
        return client

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


def message(kind, payload, request=1, transaction=0):
    return struct.pack("<IIII", kind, request, transaction, len(payload)) + payload


def receive(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


def answer(client):
    kind, _, _, size = struct.unpack("<IIII", receive(client, 16))
    return kind, receive(client, size)
