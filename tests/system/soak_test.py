#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Domains come and go, SOAK of them, some paused, some running, some ended by themselves; then as many
xl on the host are killed in the middle of what they do, and sometimes the one that holds the line for
them. Afterwards nothing is left: no page, no node of the store, no event channel, no grant.
"""
import os
import random
import re
import signal
import subprocess
import time

from machine import BUILD, Machine, Tap, check, log_path

COUNT = int(os.environ.get("SOAK", "100"))
BATCH = 50          # more at once than one answer of the daemon lists
SMALL = "/guests/hello.cfg 'memory=4' 'name=\"d%\"'"
SOCKET = os.path.abspath(f"{BUILD}/test-soak.sock")
XL = os.path.abspath(f"{BUILD}/host/xl")
ENVIRONMENT = dict(os.environ, PARAVANE_SOCKET=SOCKET)
SEED = int(os.environ.get("SEED", "1"))


def dump(machine, key):
    """What the hypervisor prints for a debug key, in an order that says nothing of the past."""
    machine.run("xl dmesg -c")
    machine.run(f"xl debug-keys {key}")
    return sorted(line for line in machine.run("xl dmesg").splitlines() if "# echo" not in line)


def memory(machine):
    """
    Free pages, with those that hold the hypervisor's small objects: how many these take depends on which
    of them are still in use, and one of each size is kept. And the objects themselves.
    """
    objects, pages = map(int, re.search(r"(\d+) small objects in (\d+) pages", "\n".join(
        dump(machine, "m"))).groups())
    return machine.free_pages() + pages, objects


def census(machine):
    return {"pages and objects": memory(machine),
            "nodes": len(machine.run("xenstore-ls -f").splitlines()),
            "event channels": dump(machine, "e"), "grants": dump(machine, "g")}


def settled(machine):
    """The census once it stays the same: the dead are taken apart by and by."""
    now, same = census(machine), 0
    for _ in range(200):
        last, now = now, census(machine)
        same = same + 1 if now == last else 0
        if same == 5:
            return now
    raise AssertionError(f"never the same: {last}, {now}")


def come_and_go(machine, count):
    for first in range(1, count + 1, BATCH):
        last = first + BATCH - 1
        paused = "-p " if first // BATCH % 2 else ""
        output = machine.run(f"repeat {first} {last} xl create {paused}-q {SMALL}", timeout=300)
        check("rror" not in output and "ailed" not in output, output)
        listed = machine.run("xl list")
        check(all(f"d{n} " in listed for n in range(first, last + 1)), listed)
        output = machine.run(f"repeat {first} {last} xl destroy d%", timeout=300)
        check("rror" not in output and "ailed" not in output, output)


def leaves_nothing(machine):
    # Heaps and tables grow to what so many need at once.
    come_and_go(machine, BATCH)
    before = settled(machine)
    check(all(before.values()), f"nothing to be seen: {before}")
    come_and_go(machine, COUNT)
    for _ in range(100):        # the dead are taken apart by and by
        after = census(machine)
        if after == before:
            return
    raise AssertionError(f"before {before}, after {COUNT} domains {after}")


# --- xl, killed ------------------------------------------------------------------------------------
def commands(name):
    """What an xl may be in the middle of; a path of this host means that a kernel is sent."""
    create = ["create", "-q", "examples/hello.cfg", "memory=4", f'name="{name}"']
    sent = [*create, f'kernel="{BUILD}/guests/hello-pv64"']
    return [create, [*create, "-p"], [*create, "-c"], [*create, "-F"], sent, sent, [*sent, "-c"],
            ["console", "stays"], ["list", "-l"], ["vcpu-list"], ["top", "-b", "-d", "1"], ["info", "-n"],
            ["dump-core", "stays", f"{BUILD}/test-logs/soak.core"], ["dmesg"],
            ["config-update", "stays", "examples/hello.cfg", f'kernel="{BUILD}/guests/hello-pv64"'],
            ["reboot", "stays"], ["reboot", "-w", "stays"], ["shutdown", "-ww", "stays"], ["destroy", "stays"]]


def holders():
    """The processes that xl leaves behind to hold the line of this test's machine."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                ours = f"PARAVANE_SOCKET={SOCKET}".encode() in file.read().split(b"\0")
            if ours and os.readlink(f"/proc/{pid}/exe") == XL:
                yield int(pid)
        except OSError:
            pass        # it has ended, or is somebody else's


def xl(*words):
    done = subprocess.run([XL, *words], env=ENVIRONMENT, stdin=subprocess.DEVNULL, timeout=300, text=True,
                          capture_output=True, check=False)
    check(done.returncode == 0, f"xl {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def kill_one(rng, name):
    words = rng.choice(commands(name))
    child = subprocess.Popen([XL, *words], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.random() ** 2 * 0.6)
    child.kill()
    child.wait()
    if rng.random() < 0.1:
        for pid in holders():
            os.kill(pid, signal.SIGKILL)
        while list(holders()):
            time.sleep(0.01)    # who connects to one that is dying sees it die


def guests():
    """State by name."""
    return {line.split()[0]: line.split()[4] for line in xl("list").splitlines()[2:]}


def clean_up():
    """What the killed have still asked for may be on its way: done when nobody is there, twice."""
    for _ in range(50):
        if "p" not in guests().get("stays", "-"):
            break
    else:
        raise AssertionError("its core was being read; now it stays paused")
    empty = 0
    for _ in range(50):
        names = list(guests())
        empty = 0 if names else empty + 1
        if empty == 2:
            return
        # One that waits to be restarted is not listed.
        for name in ["stays", *names]:
            subprocess.run([XL, "destroy", name], env=ENVIRONMENT, timeout=300, check=False,
                           stderr=subprocess.DEVNULL)
    raise AssertionError("domains cannot be destroyed")


def kill(rng, count):
    for i in range(count):
        if i % 10 == 0:
            clean_up()
            xl("create", "-q", "examples/hello.cfg", "memory=4", 'name="stays"')
        kill_one(rng, f"k{i}")
    clean_up()


def survives_kills(machine):
    rng = random.Random(SEED)
    kill(rng, 20)
    before = settled(machine)
    kill(rng, COUNT)
    for _ in range(100):
        after = census(machine)
        if after == before:
            return
    raise AssertionError(f"SEED={SEED}: before {before}, after {COUNT} kills {after}")


if __name__ == "__main__":
    tap = Tap()
    vm = Machine.from_kernel(log_path("soak"), cpus=2,
                             arguments=["-serial", f"unix:{SOCKET},server=on,wait=off"])
    try:
        tap.run("boots", vm.prompt)
        tap.run(f"{COUNT} domains come and go and leave nothing", leaves_nothing, vm)
        tap.run(f"{COUNT} xl are killed and leave nothing", survives_kills, vm)
        tap.ok(vm.power_off() == 0, "poweroff")
    finally:
        vm.close()
    tap.done()
