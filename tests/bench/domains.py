#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
What it costs to create and to destroy a domain of 8 MiB when 1, 100 and 1,000 others are alive:
instructions from `xl create -p` in the control domain's shell to its answer.
"""
import os
import re
import sys

sys.path.insert(0, "tests/system")
from machine import Machine     # noqa: E402

ALIVE = (1, 100, 1000)
SMALL = 'memory=2'              # of those that are only there


def through_shell(build, control="pv32", counts=ALIVE):
    """{alive: (instructions to create, to destroy)}"""
    machine = Machine(["-kernel", f"{build}/paravane", "-initrd",
                       f"{build}/dom0-{control},{build}/ramdisk.cpio", "-append",
                       "console=com1 dom0_mem=384M", "-icount", "shift=0,sleep=off"],
                      f"{build}/bench/domains-{control}.log", memory=8192, cpus=1, timeout=900)
    rows, alive = {}, 0

    def timed(line):
        output = machine.run(line)
        match = re.search(r"(\d+) cycles", output)
        if not match or "rror" in output:
            sys.exit(f"bench: {line}: {output}")
        return int(match[1])

    try:
        machine.prompt()
        machine.run("xl create -p /guests/hello.cfg")   # the caches of store and daemon fill
        machine.run("xl destroy hello")
        for count in counts:
            output = machine.run(f"repeat {alive + 1} {count} xl create -p -q /guests/hello.cfg "
                                 f"'{SMALL}' 'name=\"d%\"'")
            if output.strip().count("\n") > 2:
                sys.exit(f"bench: cannot have {count} domains: {output[-500:]}")
            alive = count
            rows[count] = (timed("time xl create -p /guests/hello.cfg"),
                           timed("time xl destroy hello"))
    finally:
        machine.close()
    return rows


def print_rows(rows):
    print(f"{'beside so many domains':26}" + "".join(f"{n:>11}" for n in rows))
    for title, at in (("xl create -p, 8 MiB", 0), ("xl destroy", 1)):
        print(f"{title:26}" + "".join(f"{row[at]:>11}" for row in rows.values()))


if __name__ == "__main__":
    build = os.environ.get("B", "build")
    os.makedirs(f"{build}/bench", exist_ok=True)
    print_rows(through_shell(build, *sys.argv[1:2]))
