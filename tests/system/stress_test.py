#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Everything at once, at random, for some time: stress_test.py [SECONDS [SEED]]. Guests of many vCPUs are
made, paused, unpaused, pinned, weighed and destroyed while they run and take vCPUs up and down; none may
find its clock gone back, a wake-up lost, or die; afterwards every counter is back where it was.
"""
import random
import re
import sys
import time

from machine import Machine, Tap, check, log_path, ramdisk

GUESTS = {"clock": 4, "many-vcpus": 32}
GUESTS_MAX = 4
CPUS = 2


def make_ramdisk():
    """Each guest in both widths, to run without end."""
    return ramdisk("stress", {
        f"tests/guest/{name}-{width}": f'memory = 24\nvcpus = {vcpus}\nextra = "forever"\n'
                                       'on_poweroff = "preserve"\non_crash = "preserve"'
        for name, vcpus in GUESTS.items() for width in ("pv32", "pv64")})


class Stress:
    """What is running, and what may be done to it."""

    def __init__(self, machine, seed):
        self.machine = machine
        self.random = random.Random(seed)
        self.running = {}
        self.made = self.done = 0

    def create(self):
        if len(self.running) == GUESTS_MAX:
            return
        image = f"{self.random.choice(list(GUESTS))}-{self.random.choice(['pv32', 'pv64'])}"
        name = f"g{self.made}"
        self.made += 1
        out = self.machine.run(f"xl create /guests/{image}.cfg 'name=\"{name}\"'")
        check("rror" not in out, out)
        self.running[name] = GUESTS[image.rsplit("-", 1)[0]]

    def on_one(self, *commands):
        """Some commands that name a guest and one of its vCPUs."""
        if not self.running:
            return
        name = self.random.choice(list(self.running))
        vcpu = self.random.randrange(self.running[name])
        for command in commands:
            out = self.machine.run(command.format(name=name, vcpu=vcpu))
            check("rror" not in out and "failed" not in out, out)

    def destroy(self):
        if len(self.running) > 1:
            name = self.random.choice(list(self.running))
            self.machine.run(f"xl destroy {name}")
            del self.running[name]

    def step(self):
        cpu = self.random.choice(["0", "1", "all"])
        weight, cap = self.random.randint(64, 1024), self.random.choice([0, 0, 50, 150])
        self.random.choice([
            self.create, self.create, self.destroy,
            lambda: self.on_one("xl pause {name}", "xl unpause {name}"),
            lambda: self.on_one(f"xl vcpu-pin {{name}} {{vcpu}} {cpu}"),
            lambda: self.on_one(f"xl vcpu-pin {{name}} all {cpu}"),
            lambda: self.on_one(f"xl sched-credit -d {{name}} -w {weight} -c {cap}"),
            lambda: self.on_one("xl debug-keys r"),
        ])()
        self.done += 1
        self.check_alive()

    def states(self):
        return {m.group(1): (m.group(2), float(m.group(3))) for m in re.finditer(
            r"^(g\d+) +\d+ +\d+ +\d+\s+([-rbpscd]{6})\s+([\d.]+)", self.machine.run("xl list"),
            re.M)}

    def check_alive(self):
        states = self.states()
        for name in self.running:
            check(name in states, f"{name} has vanished")
            check(not set("sc") & set(states[name][0]), f"{name} has ended: {states[name]}")

    def all_go_on(self):
        """With nothing done to them any more each gets on: nobody sleeps for ever."""
        for name in self.running:
            self.machine.run(f"xl vcpu-pin {name} all all")
            self.machine.run(f"xl sched-credit -d {name} -w 256 -c 0")
        before = self.states()
        for _ in range(200):
            now = self.states()
            if all(now[name][1] > before[name][1] for name in self.running):
                return
        raise AssertionError(f"some stand still: {before}, {now}")

    def end(self):
        for name in list(self.running):
            self.machine.run(f"xl destroy {name}")
        self.running.clear()


def counters(machine):
    """What lives, and what the living have."""
    keys = {key: machine.run(f"xl debug-keys {key}") for key in "egmqr"}
    objects, pages = map(int, re.search(r"(\d+) small objects in (\d+) pages", keys["m"]).groups())
    # Small objects share pages, and which of them share one may differ afterwards: so they are counted
    # by themselves, and the frames without their pages.
    return {"frames": machine.free_pages() + pages,
            "small objects": objects,
            "vCPUs": sum(map(int, re.findall(r"CPU \d+: (\d+) vCPUs", keys["r"]))),
            "domains": len(re.findall(r"^d\d+: pv", keys["q"], re.M)),
            "event channels": re.findall(r"^d\d+: \d+ event channels", keys["e"], re.M),
            "grant tables": re.findall(r"^d\d+: grant table.*", keys["g"], re.M),
            "grants in use": re.findall(r"^ +\d+: d\d+ reads.*", keys["g"], re.M)}


def settled_counters(machine, wanted):
    for _ in range(60):
        found = counters(machine)
        if found == wanted:
            break
    return found


def run_for(tap, stress, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stress.step()
    tap.ok(stress.done > 0, f"{stress.done} operations on {stress.made} guests")


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    tap = Tap()
    print(f"# seed {seed}")
    machine = Machine.from_kernel(log_path("stress"), ramdisk=make_ramdisk(), cpus=CPUS,
                                  timeout=180)
    stress = Stress(machine, seed)
    try:
        tap.run("boots", machine.prompt)
        # What grows with the greatest number at once, and is kept for the next, does so before.
        while len(stress.running) < GUESTS_MAX:
            stress.create()
        stress.end()
        before = settled_counters(machine, counters(machine))
        tap.run("nobody dies or is lost", run_for, tap, stress, seconds)
        tap.run("all go on afterwards", stress.all_go_on)
        stress.end()
        after = settled_counters(machine, before)
        tap.ok(after == before, "every counter is back", f"{before}\n{after}")
        tap.ok(machine.power_off() == 0, "poweroff")
    finally:
        machine.close()
    tap.done()


if __name__ == "__main__":
    main()
