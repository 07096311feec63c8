#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Real clients against the store's host daemon, and its client library against another daemon.

Prints TAP. Run from the top of the tree; `make store-tests` builds what it needs.
"""

import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from host import (BUILD, DAEMON, ERROR, READ, WATCH, WRITE, Daemon, answer, find_peer, message, plan,
                  result, skip, wait_for)

# --- Debian's xenstore-utils ---------------------------------------------------------------------

def try_utilities(daemon):
    def output(*command):
        done = daemon.run(*command)
        return done.stdout.rstrip("\n") if done.returncode == 0 else f"failed: {done.stderr}"

    def same(what, seen, expected):
        result(seen == expected, what, f"seen: {seen!r}\nexpected: {expected!r}")

    same("xenstore-write", output("xenstore-write", "/vm/a", "1", "/vm/b/c", "two words"), "")
    same("xenstore-read", output("xenstore-read", "/vm/a", "/vm/b/c"), "1\ntwo words")
    same("xenstore-read -p", output("xenstore-read", "-p", "/vm/a"), "/vm/a: 1")
    same("xenstore-list", output("xenstore-list", "/vm"), "a\nb")
    same("xenstore-ls -f", output("xenstore-ls", "-f", "/vm"),
         '/vm/a = "1"\n/vm/b = ""\n/vm/b/c = "two words"')
    same("xenstore-chmod", output("xenstore-chmod", "/vm/b", "n5", "r6", "b7"), "")
    same("xenstore-chmod is seen", output("xenstore-ls", "-f", "-p", "/vm/b").split("  ")[0],
         '/vm/b/c = "two words"')
    result("n5,r6,b7" in output("xenstore-ls", "-p", "/vm"), "xenstore-ls -p")
    result(daemon.run("xenstore-exists", "/vm/b/c").returncode == 0, "xenstore-exists: it does")
    result(daemon.run("xenstore-exists", "/vm/none").returncode == 1, "xenstore-exists: not")
    result(daemon.run("xenstore-read", "/vm/none").returncode != 0, "xenstore-read of nothing")
    result(daemon.run("xenstore-write", "/bad//path", "x").returncode != 0,
           "xenstore-write to a bad path")
    same("xenstore-rm", output("xenstore-rm", "/vm/a"), "")
    same("xenstore-rm is seen", output("xenstore-list", "/vm"), "b")
    same("xenstore-rm -t", output("xenstore-rm", "-t", "/vm/b/c"), "")
    result(daemon.run("xenstore-exists", "/vm").returncode == 1, "xenstore-rm -t tidies up")


def try_control(daemon):
    program = find_peer("xenstore-control")
    if not program:
        skip("xenstore-control", "package xen-utils-4.17")
        return

    def control(*arguments):
        return daemon.run(program, *arguments)

    result("memreport" in control("help").stdout, "xenstore-control help")
    result("sound" in control("check").stdout, "xenstore-control check")
    result("heap: " in control("memreport").stdout, "xenstore-control memreport")
    result(control("quota", "set", "watches", "77").returncode == 0
           and "watches            77" in control("quota").stdout, "xenstore-control quota")
    result(control("log", "on").returncode == 0 and control("log", "off").returncode == 0,
           "xenstore-control log")
    result(control("dance").returncode != 0 and "not supported" in control("dance").stderr,
           "xenstore-control with a command that is none")


def try_watch(daemon):
    watch = subprocess.Popen(["xenstore-watch", "-n", "3", "/w"], env=daemon.environment(),
                             stdout=subprocess.PIPE, text=True)
    # The first event says that the watch is set.
    lines = [watch.stdout.readline()]
    daemon.run("xenstore-write", "/w/x", "1")
    daemon.run("xenstore-write", "/elsewhere", "1")
    daemon.run("xenstore-rm", "/w")
    try:
        lines += watch.communicate(timeout=120)[0].splitlines(True)
    except subprocess.TimeoutExpired:
        watch.kill()
    result("".join(lines) == "/w\n/w/x\n/w\n", "xenstore-watch", lines)


def try_large_listing(daemon):
    pairs = []
    for number in range(1000):
        pairs += [f"/many/child-{number:04}", str(number)]
    done = daemon.run("xenstore-write", *pairs)
    listed = daemon.run("xenstore-list", "/many").stdout.split()
    result(done.returncode == 0 and listed == [f"child-{n:04}" for n in range(1000)],
           "1,000 children listed")
    result(daemon.run("xenstore-rm", "/many").returncode == 0, "1,000 children removed")


# --- the library's calls -------------------------------------------------------------------------

def try_header():
    """Whatever the headers of Debian's libxenstore declare is in our library."""
    text = ""
    for name in ("xenstore.h", "xenstore_lib.h"):
        with open(f"/usr/include/{name}", encoding="ascii") as header:
            text += re.sub(r"/\*.*?\*/", "", header.read(), flags=re.S)
    declared = set(re.findall(r"\b(xs_\w+)\s*\(", text))
    symbols = subprocess.run(["nm", f"{BUILD}/host/libxenstore-lite.a"], text=True, check=False,
                             capture_output=True).stdout
    missing = declared - set(re.findall(r" T (xs_\w+)", symbols))
    result(len(declared) > 30 and not missing, f"all {len(declared)} calls of libxenstore", missing)


# --- the suite in C ------------------------------------------------------------------------------

def run_suite(what, program, environment):
    try:
        done = subprocess.run([program], env=environment, text=True, timeout=120,
                              capture_output=True)
    except subprocess.TimeoutExpired as expired:
        result(False, what, f"timed out\n{(expired.stdout or b'').decode()}")
        return
    bad = [line for line in done.stdout.splitlines() if line.startswith(("not ok", "Bail"))]
    passed = sum(line.startswith("ok") for line in done.stdout.splitlines())
    result(done.returncode == 0 and passed > 40 and not bad, f"{what} ({passed} checks)",
           "\n".join(bad) + done.stderr)


# --- clients that misbehave ----------------------------------------------------------------------

def still_serves(daemon):
    with daemon.connect() as client:
        client.sendall(message(READ, b"/tool\0"))
        return answer(client) == (READ, b"")


def try_rubbish(daemon):
    with daemon.connect() as client:
        client.sendall(os.urandom(100) + b"\xff" * 100)
        try:
            while client.recv(65536):
                pass
            closed = True
        except ConnectionError:
            closed = True
        except TimeoutError:
            closed = False
    result(closed, "a client that sends rubbish is closed")
    with daemon.connect() as client:
        client.sendall(struct.pack("<IIII", WRITE, 1, 0, 4097))
        try:
            closed = client.recv(1) == b""
        except ConnectionError:
            closed = True
    result(closed, "a message that is too long ends the connection")
    for size in (1, 15, 16, 20):
        with daemon.connect() as client:
            client.sendall(message(WRITE, b"/x\0value")[:size])
    result(still_serves(daemon), "clients that die in the middle of a message disturb nobody")
    with daemon.connect() as client:
        client.sendall(message(READ, b"/tool\0"))
        client.shutdown(socket.SHUT_WR)
        try:
            good = answer(client) == (READ, b"") and client.recv(1) == b""
        except OSError as error:
            good = error
    result(good is True, "a client that will ask no more is answered, then closed", good)


def try_pieces(daemon):
    with daemon.connect() as client:
        for byte in message(WRITE, b"/pieces\0value"):
            client.sendall(bytes([byte]))
        first = answer(client)
        client.sendall(message(READ, b"/pieces\0") * 200)
        rest = [answer(client) for _ in range(200)]
    result(first == (WRITE, b"OK\0") and rest == [(READ, b"value")] * 200,
           "a message in single bytes, and 200 at once")


def try_deaf_client(daemon):
    """Asks and never reads: it is not served beyond a bound, and others are."""
    deaf = daemon.connect()
    deaf.setblocking(False)
    request = message(READ, b"/big\0") * 100
    with daemon.connect() as client:
        client.sendall(message(WRITE, b"/big\0" + b"v" * 4000))
        answer(client)
    sent = 0
    refused = 0
    while refused < 20 and sent < 200_000_000:
        try:
            sent += deaf.send(request)
            refused = 0
        except BlockingIOError:
            refused += 1
            time.sleep(0.01)
    result(refused >= 20, "a client that does not read its answers is made to wait")
    result(still_serves(daemon), "while others are served")
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as statm:
        resident = int(statm.read().split()[1]) * 4096
    result(resident < 64 << 20, "and the daemon's memory stays bounded", resident)
    deaf.close()
    result(still_serves(daemon), "and when it goes, nothing happens")


def try_deaf_watcher(daemon):
    """Watches everything and never reads, while 100,000 nodes change."""
    deaf = daemon.connect()
    deaf.sendall(message(WATCH, b"/\0t\0"))
    with daemon.connect() as client:
        for start in range(0, 100_000, 500):
            client.sendall(b"".join(message(WRITE, f"/deaf/{n % 300}/{n}\0".encode() + b"x" * 50)
                                    for n in range(start, start + 500)))
            for _ in range(500):
                answer(client)
        client.sendall(message(13, b"/deaf\0"))
        good = answer(client) == (13, b"OK\0")
    result(good and still_serves(daemon), "100,000 events for one who does not read them")
    seen = b""
    deaf.settimeout(1)
    try:
        while True:
            more = deaf.recv(1 << 20)
            seen += more
            if not more:
                break
    except TimeoutError:
        pass
    result(len(seen) < 8 << 20 and seen.endswith(b"/\0t\0"),
           "become, beyond a bound, one event for the whole watch", len(seen))
    deaf.close()


def try_deaf_log(directory):
    """Every request is logged, into a pipe that nobody reads."""
    daemon = Daemon(directory, "logging", stderr=subprocess.PIPE)
    with daemon.connect() as client:
        client.settimeout(5)
        client.sendall(message(0, b"log\0on\0"))
        answer(client)
        try:
            for _ in range(5000):
                client.sendall(message(READ, b"/tool\0"))
                answer(client)
            good = True
        except TimeoutError:
            good = False
    result(good, "a log that nobody reads does not stop the daemon")
    if good:
        result(daemon.stop() == 0, "nor its end")
    else:
        daemon.process.kill()


def try_parallel(daemon):
    """Ten clients add to one counter in transactions, each as often."""
    errors = []

    def add():
        try:
            with daemon.connect() as client:
                for _ in range(50):
                    while not add_once(client):
                        pass
        except (OSError, ValueError) as error:
            errors.append(error)

    def ask(client, kind, payload, transaction=0):
        client.sendall(message(kind, payload, 1, transaction))
        return answer(client)

    def add_once(client):
        transaction = int(ask(client, 6, b"\0")[1][:-1])
        value = int(ask(client, READ, b"/counter\0", transaction)[1])
        ask(client, WRITE, b"/counter\0%d" % (value + 1), transaction)
        kind, text = ask(client, 7, b"T\0", transaction)
        if kind == ERROR and text != b"EAGAIN\0":
            raise ValueError(text)
        return kind == 7

    daemon.run("xenstore-write", "/counter", "0")
    threads = [threading.Thread(target=add) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    value = daemon.run("xenstore-read", "/counter").stdout.strip()
    result(not errors and value == "500", "no addition is lost among ten clients", errors or value)


def try_many_clients(directory):
    """More than it has descriptors for: those beyond wait, without making it spin."""
    daemon = Daemon(directory, "many", limit=40)
    clients = [daemon.connect() for _ in range(60)]
    for client in clients:
        client.sendall(message(READ, b"/tool\0"))
    served = [client for client in clients[:20] if answer(client) == (READ, b"")]
    before = daemon.cpu_seconds()
    time.sleep(0.5)
    spent = daemon.cpu_seconds() - before
    result(len(served) == 20 and spent < 0.1, "out of descriptors it rests", spent)
    for client in clients[:30]:
        client.close()
    result(all(answer(client) == (READ, b"") for client in clients[30:]),
           "and serves those who waited when others have gone")
    for client in clients:
        client.close()
    daemon.stop()


def refuses(path):
    done = subprocess.run([DAEMON, "--socket", path], capture_output=True, text=True, timeout=20,
                          check=False)
    return done.returncode == 1 and "in use" in done.stderr


def try_taken_names(directory):
    """One who listens and has no place left in its queue, and a file that is no socket."""
    busy = socket.socket(socket.AF_UNIX)
    busy.bind(f"{directory}/busy")
    busy.listen(0)
    clients = [socket.socket(socket.AF_UNIX) for _ in range(10)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex(f"{directory}/busy")
    result(refuses(f"{directory}/busy"), "the socket of one who is busy is left alone")
    for end in (*clients, busy):
        end.close()
    with open(f"{directory}/file", "w", encoding="ascii") as file:
        file.write("kept")
    refused = refuses(f"{directory}/file")
    with open(f"{directory}/file", encoding="ascii") as file:
        result(refused and file.read() == "kept", "and a file that is no socket")


def try_daemon_itself(directory):
    result(subprocess.run([DAEMON, "--help"], capture_output=True, check=False).returncode == 0,
           "--help")
    for arguments in ([], ["--socket"], ["--nonsense"], ["--socket", "/tmp/x", "extra"],
                      ["--socket", "/nonexistent/directory/socket"],
                      ["--socket", "/tmp/" + "x" * 200],
                      ["--quota", "nodes", "--socket", f"{directory}/q"],
                      ["--quota", "none=5", "--socket", f"{directory}/q"]):
        done = subprocess.run([DAEMON, *arguments], capture_output=True, check=False, text=True,
                              timeout=60)
        shown = " ".join(arguments).replace(directory, "DIR")[:60] or "no arguments"
        result(done.returncode == 1 and done.stderr, f"refuses {shown}")
    first = Daemon(directory, "twice")
    done = subprocess.run([DAEMON, "--socket", first.path], capture_output=True, check=False,
                          text=True, timeout=60)
    result(done.returncode == 1 and "in use" in done.stderr, "a second daemon on the same socket")
    first.process.kill()
    first.process.wait()
    again = Daemon(directory, "twice")
    result(still_serves(again), "a socket left over from a killed daemon is taken over")
    result(again.stop() == 0 and not os.path.exists(again.path), "ends cleanly on SIGTERM")


# --- another daemon ------------------------------------------------------------------------------

def try_other_daemon(directory):
    what = "our library against Debian's xenstored"
    path = find_peer("xenstored")
    if not path:
        skip(what, "no xenstored: package xen-utils-4.17")
        return
    environment = dict(os.environ, XENSTORED_RUNDIR=directory)
    environment.pop("XENSTORED_PATH", None)
    with open(f"{directory}/log", "w", encoding="utf-8") as log:
        process = subprocess.Popen([path, "-N", "--pid-file", f"{directory}/pid"], stderr=log,
                                   stdout=log, env=dict(environment, LD_PRELOAD=os.path.abspath(
                                       f"{BUILD}/test/store_shim.so")))
    if wait_for(lambda: os.path.exists(f"{directory}/socket")):
        run_suite(what, f"{BUILD}/test/store_client_own", environment)
    else:
        with open(f"{directory}/log", encoding="utf-8") as log:
            skip(what, f"it does not run here: {log.read().strip()}")
    process.kill()
    process.wait()


def main():
    directory = tempfile.mkdtemp(prefix="store-")
    daemon = Daemon(directory)
    try:
        try_utilities(daemon)
        try_control(daemon)
        try_watch(daemon)
        try_large_listing(daemon)
        try_header()
        run_suite("Debian's libxenstore against our daemon", f"{BUILD}/test/store_client_debian",
                  daemon.environment())
        run_suite("our library against our daemon", f"{BUILD}/test/store_client_own",
                  daemon.environment())
        try_rubbish(daemon)
        try_pieces(daemon)
        try_parallel(daemon)
        try_deaf_client(daemon)
        try_deaf_watcher(daemon)
        code = daemon.stop()
        result(code == 0, "the daemon has survived all that, and ends with 0", code)
        try_deaf_log(directory)
        try_taken_names(directory)
        try_daemon_itself(directory)
        try_many_clients(directory)
        os.mkdir(f"{directory}/other")
        try_other_daemon(f"{directory}/other")
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
        shutil.rmtree(directory)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
