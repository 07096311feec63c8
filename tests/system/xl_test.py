#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""xl in both its places, the control domain's shell and this host, through every verb."""
import os
import re
import subprocess
import time

import pexpect

from machine import BUILD, Machine, Tap, check, contains, log_path

SOCKET = f"{BUILD}/test-xl.sock"
XL = os.path.abspath(f"{BUILD}/host/xl")
ENVIRONMENT = dict(os.environ, PARAVANE_SOCKET=os.path.abspath(SOCKET))
WAIT = 300

LIST = """\
Name                                        ID   Mem VCPUs\tState\tTime(s)
Domain-0                                     0    96     1     r-----       T
hello                                        N     8     1     -b----       T
"""
VCPU_LIST = """\
Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)
Domain-0                             0     0    C   r--        T  all / all
hello                                N     0    C   -b-        T  all / all
"""
LABELS_AND_NODES = """\
Name                                        ID   Mem VCPUs\tState\tTime(s)   Security Label NODE Affinity
Domain-0                                     0    96     1     r-----       T                - all
hello                                        N     8     1     -b----       T                - all
"""
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Each line a pattern; the machine has two CPUs.
INFO = r"""
host                   : dom0
release                : mini-os
version                : (git:[0-9a-f]{12}|unavailable)( \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4})?
machine                : (i686|x86_64)
nr_cpus                : 2
max_cpu_id             : 1
nr_nodes               : 1
cores_per_socket       : 2
threads_per_core       : 1
cpu_mhz                : \d+\.\d{3}
hw_caps                : [0-9a-f]{8}(:[0-9a-f]{8}){7}
virt_caps              : pv gnttab-v1 gnttab-v2
total_memory           : \d+
free_memory            : \d+
free_pages             : \d+
sharing_freed_memory   : 0
sharing_used_memory    : 0
outstanding_claims     : 0
free_cpus              : 0
cpu_topology           :
cpu:    core    socket     node
  0:       0        0        0
  1:       1        0        0
device topology        :
device           node
No device topology data available
numa_info              :
node:    memsize    memfree    distances
   0:     {0,6}\d+      {0,6}\d+      10
xen_major              : 4
xen_minor              : 17
xen_extra              : \.0-paravane
xen_version            : 4\.17\.0-paravane
xen_caps               : xen-3\.0-x86_64 xen-3\.0-x86_32p[ ]
xen_scheduler          : credit
xen_pagesize           : 4096
platform_params        : virt_start=0x[0-9a-f]+
xen_changeset          : (git:[0-9a-f]{12}|unavailable)
xen_commandline        : .*console=com1.*
cc_compiler            : .+
cc_compile_by          : paravane
cc_compile_domain      : localdomain
cc_compile_date        : (\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4})?
build_id               : [0-9a-f]{40}
xend_config_format     : 4
"""


class Host:
    """xl on this machine."""

    def run(self, *words):
        # The same configurations, from the tree.
        words = [re.sub(r"^/guests/(\w+\.cfg)$", r"examples/\1", word) for word in words]
        done = subprocess.run([XL, *words], env=ENVIRONMENT, timeout=WAIT, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def start(self, *words):
        return subprocess.Popen([XL, *words], env=ENVIRONMENT, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class Shell:
    """xl in the control domain, which tells no status but by its words."""

    def __init__(self, machine):
        self.machine = machine

    def run(self, *words):
        quoted = [f"'{word}'" if re.search(r"[ \"]", word) else word for word in words]
        if "-w" in words and words[0] in ("shutdown", "reboot") or "-F" in words:
            # It watches for Ctrl-C, so that what is typed ahead would be lost.
            self.machine.type("xl " + " ".join(quoted) + "\r")
            begin = self.machine.expect("Shutting down domain|Rebooting domain|Parsing config").group()
            return None, begin + self.machine.prompt(WAIT)
        output = self.machine.run("xl " + " ".join(quoted), timeout=WAIT)
        lines = output.splitlines(True)[1:]
        return None, "".join(line for line in lines if not line.startswith("dom0# "))


def good(xl, *words):
    status, output = xl.run(*words)
    check(not status, f"xl {' '.join(words)}: {status}\n{output}")
    return output


def bad(xl, status, pattern, *words):
    got, output = xl.run(*words)
    check(got in (None, status), f"xl {' '.join(words)}: {got}, not {status}\n{output}")
    check(re.search(pattern, output), f"xl {' '.join(words)}: no {pattern} in\n{output}")


def until(condition, what):
    deadline = time.monotonic() + WAIT
    while not condition():
        check(time.monotonic() < deadline, what)
        time.sleep(0.1)


def row(xl, name):
    for line in good(xl, "list").splitlines():
        if line.split()[:1] == [name]:
            return line.split()
    return None


def same(output, golden):
    """Numbers that differ from run to run are letters in the golden text."""
    pattern = re.escape(golden).replace(r"\ ", " ").replace("\\\t", "\t").replace("\\\n", "\n")
    for letter, number in (("T", r"\d+\.\d"), ("N", r"\d+"), ("C", r"\d")):
        pattern = re.sub(rf" +{letter}\b(?!\w)", lambda _, n=number: " +" + n, pattern)
    # Whoever is asked may be running just now.
    pattern = pattern.replace(r"\-b\-\-\-\-", "[r-][b-]----").replace(r"\-b\-", "[r-][b-]-")
    check(re.fullmatch(pattern, output), f"got:\n{output}\nnot:\n{golden}")


def describes_the_machine(xl):
    lines = good(xl, "info", "-n").splitlines()
    wanted = INFO.splitlines()[1:]
    for line, pattern in zip(lines, wanted):
        check(re.fullmatch(pattern, line), f"{line!r}, not {pattern!r}")
    check(len(lines) == len(wanted), f"{len(lines)} lines, not {len(wanted)}")
    check(good(xl, "info", "xen_m") == "4\n17\n", "not by name")


def prints_what_xen_prints(xl, _):
    good(xl, "create", "/guests/hello.cfg")
    until(lambda: row(xl, "hello")[4] in ("-b----", "r-----"), "hello does not run")
    same(good(xl, "list"), LIST)
    same(good(xl, "vcpu-list"), VCPU_LIST)
    describes_the_machine(xl)
    contains(good(xl, "list", "-v"), "UUID", "Reason-Code")
    contains(good(xl, "list", "-c"), "Cpupool", "Pool-0")
    same(good(xl, "list", "-Z", "-n"), LABELS_AND_NODES)
    check(re.fullmatch(rf"UUID {{34}}ID    name\n{UUID}  \d+    hello {{25}}\n", good(xl, "vm-list")), "vm-list")
    contains(good(xl, "list", "-l", "hello"), '"domid": ', '"name": "hello"', '"max_memkb": 8192')
    domid = good(xl, "domid", "hello").strip()
    check(good(xl, "domname", domid).strip() == "hello", domid)
    check(re.search(r"^hello +\d+ +0:\d\d:\d\d$", good(xl, "uptime"), re.M), "no uptime")
    check(re.fullmatch(r" \d\d:\d\d:\d\d up  0:\d\d, hello \(\d+\)\n"
                       r" \d\d:\d\d:\d\d up  0:\d\d, Domain-0 \(0\)\n",
                       good(xl, "uptime", "-s", "hello", "0")), "no short uptime")
    contains(good(xl, "dmesg"), "aravane")
    contains(good(xl, "top", "-b", "-i", "1"), "NAME", "hello")
    good(xl, "destroy", "hello")


def leads_a_life(xl, _):
    contains(good(xl, "create", "-n", "/guests/hello.cfg"), '"kernel": "/guests/hello-pv32"')
    check(row(xl, "hello") is None, "a dry run has created it")
    contains(good(xl, "create", "-d", "-p", "--vncviewer", "-iA", "/guests/hello.cfg"), '"kernel": "/guests/hello')
    good(xl, "destroy", "hello")
    check(not good(xl, "create", "-q", "-p", "/guests/hello.cfg", 'name="other"', "memory=9"), "not quiet")
    check(row(xl, "other")[2] == "9" and "p" in row(xl, "other")[4], row(xl, "other"))
    good(xl, "unpause", "other")
    until(lambda: "p" not in row(xl, "other")[4], "still paused")
    good(xl, "pause", "other")
    check("p" in row(xl, "other")[4], row(xl, "other"))
    good(xl, "unpause", "other")
    good(xl, "rename", "other", "another")
    check(row(xl, "another") and not row(xl, "other"), "not renamed")
    before = row(xl, "another")[1]
    good(xl, "reboot", "another")
    until(lambda: (row(xl, "another") or [0, before])[1] != before, "not rebooted")
    # However fast the daemon destroys it, what the guest has done is told.
    for _ in range(5):
        contains(good(xl, "reboot", "-w", "another"), "Rebooting domain", "Waiting for 1 domains",
                 "has been shut down, reason code 1")
        until(lambda: row(xl, "another"), "not there again")
    contains(good(xl, "shutdown", "-w", "another"), "Shutting down domain", "Waiting for 1 domains",
             "has been shut down, reason code 0")
    until(lambda: row(xl, "another") is None, "not shut down")
    contains(good(xl, "create", "-F", "/guests/hello.cfg", 'cmdline="0"'), "has shut down, reason code 0 0x0",
             "Action for shutdown reason code 0 is destroy")
    check(row(xl, "hello") is None, "-F did not wait")
    good(xl, "create", "-e", "/guests/hello.cfg", 'cmdline="0"')
    until(lambda: row(xl, "hello")[4].endswith("s--"), "not left as it was")
    good(xl, "destroy", "hello")
    good(xl, "create", "/guests/hello.cfg")
    good(xl, "create", "/guests/clock.cfg")
    contains(good(xl, "shutdown", "-a", "-w"), "Shutting down domain", "Waiting for 2 domains")
    until(lambda: row(xl, "hello") is None and row(xl, "clock") is None, "not all shut down")


def changes_what_lives(xl, _):
    good(xl, "create", "/guests/hello.cfg", "vcpus=1", "maxvcpus=2", "maxmem=16")
    good(xl, "vcpu-pin", "hello", "all", "0")
    check(re.search(r"^hello .* 0 / all$", good(xl, "vcpu-list", "hello"), re.M), "not pinned")
    good(xl, "vcpu-pin", "hello", "0", "all")
    good(xl, "vcpu-set", "hello", "2")
    good(xl, "sched-credit", "-d", "hello", "-w", "512", "-c", "50")
    contains(good(xl, "sched-credit"), "Cpupool Pool-0: tslice=")
    check(re.search(r"^hello +\d+ +512 +50$", good(xl, "sched-credit", "-d", "hello"), re.M),
          "weight and cap")
    good(xl, "sched-credit", "-s", "-t", "20", "-r", "2000")
    contains(good(xl, "sched-credit", "-s"), "tslice=20ms ratelimit=2000us")
    good(xl, "sched-credit", "-s", "-t", "30", "-r", "1000")
    good(xl, "sysrq", "hello", "s")
    good(xl, "debug-keys", "q")
    contains(good(xl, "dmesg"), "omain")
    contains(good(xl, "-N", "config-update", "hello", "/guests/hello.cfg", "memory=5"), '"target_memkb": 5120')
    contains(good(xl, "config-update", "-d", "-q", "hello", "/guests/hello.cfg", "memory=7"),
             '"target_memkb": 7168', "setting dom")
    good(xl, "reboot", "hello")
    until(lambda: (row(xl, "hello") or [0, 0, 0])[2] == "7", "the new configuration is not used")
    good(xl, "destroy", "hello")


def triggers(xl, _):
    """Mini-OS has no handler for NMIs: they are lost on it. Buttons are for HVM domains."""
    for width in ("pv32", "pv64"):
        good(xl, "create", "/guests/hello.cfg", f'kernel="/guests/hello-{width}"', 'on_crash="preserve"')
        until(lambda: row(xl, "hello")[4] == "-b----", "hello does not come to rest")
        good(xl, "trigger", "hello", "nmi")
        good(xl, "trigger", "hello", "nmi", "0")
        bad(xl, 1, "the domain has no vCPU 7", "trigger", "hello", "nmi", "7")
        for name in ("power", "sleep", "reset", "init", "s3resume"):
            bad(xl, 1, f"trigger {name}: PV domains have no use for it", "trigger", "hello", name)
        bad(xl, 1, 'Invalid trigger "smi"', "trigger", "hello", "smi")
        bad(xl, 1, "Invalid sysrq", "sysrq", "hello", "so")
        good(xl, "shutdown", "-w", "hello")
        until(lambda: row(xl, "hello") is None, "hello does not shut down after an NMI")


def balloons(xl, _):
    """Below and above what the guest was started with, and not beyond maxmem."""
    for width in ("pv32", "pv64"):
        good(xl, "create", "/guests/hello.cfg", f'kernel="/guests/hello-{width}"', "memory=8", "maxmem=16")
        for size in ("4", "8", "12m", "16384k", "6", "16"):
            good(xl, "mem-set", "hello", size)
            mib = {"12m": "12", "16384k": "16"}.get(size, size)
            until(lambda: row(xl, "hello")[2] == mib, f"{width}: the balloon does not reach {mib} MiB")
        bad(xl, 1, r"memory must be at least 1 MiB and at most maxmem, 16 MiB", "mem-set", "hello", "17")
        bad(xl, 1, r"memory must be at least", "mem-set", "hello", "1000k")
        bad(xl, 1, r"maxmem must be at least memory, 16 MiB", "mem-max", "hello", "15")
        good(xl, "mem-set", "hello", "8")
        good(xl, "mem-max", "hello", "12")
        bad(xl, 1, r"at most maxmem, 12 MiB", "mem-set", "hello", "13")
        good(xl, "mem-set", "hello", "12")
        until(lambda: row(xl, "hello")[2] == "12", f"{width}: the balloon does not come back to 12 MiB")
        good(xl, "destroy", "hello")


def balloons_itself(xl, _):
    """The control domain gives memory to others and takes it back."""
    free = int(good(xl, "info", "free_memory"))
    good(xl, "mem-set", "0", "48")
    until(lambda: row(xl, "Domain-0")[2] == "48", "the control domain keeps its memory")
    check(int(good(xl, "info", "free_memory")) >= free + 47, "it is not free")
    good(xl, "create", "/guests/hello.cfg")
    good(xl, "destroy", "hello")
    bad(xl, 1, "memory must be at least 32 MiB and at most maxmem, 96 MiB", "mem-set", "0", "97")
    bad(xl, 1, "memory must be at least 32 MiB", "mem-set", "Domain-0", "31")
    good(xl, "mem-set", "Domain-0", "96")
    until(lambda: row(xl, "Domain-0")[2] == "96", "the control domain does not get its memory back")


def brings_memory_that_works(host, _):
    for width in ("pv32", "pv64"):
        good(host, "create", "/guests/shell.cfg", f'kernel="/guests/shell-{width}"', "memory=8", "maxmem=64")
        good(host, "mem-set", "shell", "64")
        until(lambda: row(host, "shell")[2] == "64", "the balloon does not reach 64 MiB")
        console = pexpect.spawn(XL, ["console", "shell"], env=ENVIRONMENT, timeout=WAIT)
        console.expect("> ")
        console.send("fill 56\r")
        console.expect(r"\n0 pages wrong")
        console.send("fill 80\r")
        console.expect("80: ")
        console.close()
        good(host, "destroy", "shell")


def refuses_clearly(xl, _):
    nobody = r"nobody is an invalid domain identifier"
    for words in (["destroy"], ["pause"], ["unpause"], ["shutdown"], ["reboot"], ["console"],
                  ["vcpu-list"], ["list"], ["uptime"]):
        bad(xl, 1, nobody, *words, "nobody")
    for words in (["rename", "nobody", "x"], ["vcpu-pin", "nobody", "0", "0"],
                  ["vcpu-set", "nobody", "1"], ["mem-set", "nobody", "8"],
                  ["mem-max", "nobody", "8"], ["trigger", "nobody", "nmi"],
                  ["sysrq", "nobody", "s"], ["sched-credit", "-d", "nobody", "-w", "1"]):
        bad(xl, 1, nobody, *words)
    bad(xl, 1, "nobody", "domid", "nobody")
    bad(xl, 1, "4711", "domname", "4711")
    bad(xl, 1, "Error: Domain '4711' does not exist.", "list", "4711")
    bad(xl, 1, "Invalid domain id", "domname", "x")
    for words in (["destroy"], ["rename", "x"], ["mem-set", "x"], ["vcpu-pin", "x"], ["sysrq", "x"],
                  ["trigger", "x"], ["debug-keys"], ["dump-core", "x"]):
        bad(xl, 2, r"requires at least \d argument", *words)
    bad(xl, 2, "unknown option", "list", "-x")
    bad(xl, 1, "Usage: xl list", "list", "0", "nobody")
    bad(xl, 2, "Usage: xl create", "create", "/guests/hello.cfg", "memory=8", "more")
    bad(xl, 1, "unknown cpupool 'Pool-1'", "sched-credit", "-p", "Pool-1")
    bad(xl, 1, "vCPUs migrate without a delay", "sched-credit", "-s", "-m", "5")
    bad(xl, 1, "claims is not available", "claims")
    bad(xl, 1, "You must specify", "shutdown")
    bad(xl, 1, "invalid memory size: much", "mem-set", "x", "much")
    bad(xl, 1, "Must specify a domain", "sched-credit", "-w", "1")
    bad(xl, 1, "tslice must be", "sched-credit", "-s", "-t", "5000")
    bad(xl, 1, "command not implemented: 'frobnicate'", "frobnicate")
    bad(xl, 1, "getenforce is not available: there is no security module", "getenforce")
    bad(xl, 1, "block-attach is not available", "block-attach", "x")
    bad(xl, 3, "Failed to read config file", "create", "/absent.cfg")
    bad(xl, 3, "kernel /absent: No such file", "create", "/guests/hello.cfg", 'kernel="/absent"')
    bad(xl, 6, "Config file not specified", "create")
    bad(xl, 1, "memory: expected a number", "create", "-n", "/guests/hello.cfg", 'memory="x"')
    bad(xl, 1, "privileged domain 0", "destroy", "0")
    contains(good(xl, "help"), "create", "dump-core")


def explains_each_verb(xl, _):
    for line in good(xl, "help").splitlines():
        if re.match(r" [a-z]", line):
            contains(good(xl, "help", line.split()[0]), f"Usage: xl [-vftN] {line.split()[0]}")


def alone(test, xl, machine):
    """What a test before has left behind does not spoil the next."""
    for line in good(xl, "list").splitlines()[2:]:
        xl.run("destroy", line.split()[1])
    test(xl, machine)


def runs(tap, place, xl, machine):
    for test in (prints_what_xen_prints, leads_a_life, changes_what_lives, triggers, balloons, balloons_itself,
                 refuses_clearly):
        tap.run(f"{place}: {test.__name__.replace('_', ' ')}", alone, test, xl, machine)


# --- what only one place can show ------------------------------------------------------------------
def finds_the_examples(host, _):
    good(host, "create", "examples/hello.cfg")
    good(host, "destroy", "hello")


def shows_all_words_of_a_short_life(host, _):
    """From the first to the last, however soon it ends."""
    for _ in range(5):
        output = good(host, "create", "-q", "-c", "/guests/hello.cfg", 'cmdline="0"')
        contains(output, "Hello from a guest", "Goodbye.")
        until(lambda: row(host, "hello") is None, "still there")


def hands_over_a_kernel(host, _):
    output = good(host, "create", "-q", "-c", "/guests/hello.cfg", 'cmdline="0"',
                  f'kernel="{BUILD}/guests/hello-pv32"')
    contains(output, "Goodbye.")
    check("#" not in output and "\033" not in output, "a bar, or colour, in a pipe")


def refuses_an_image_at_once(host, _):
    """The control domain has 96 MiB; what is sent is small, but would be unpacked."""
    image = f"{BUILD}/test-logs/xl-image"
    with open(image, "wb") as file:
        file.truncate(100 << 20)
    bad(host, 3, "xl-image: no room for it in the control domain, boot with a larger dom0_mem",
        "create", "/guests/hello.cfg", f'ramdisk="{image}"')
    with open(image, "wb") as file:
        file.write(b"no kernel")
    bad(host, 3, "kernel: .*xl-image: not an ELF file", "create", "/guests/hello.cfg", f'kernel="{image}"')
    os.unlink(image)
    good(host, "create", "-p", "/guests/hello.cfg")
    bad(host, 3, 'Domain with name "hello" already exists', "create", "/guests/hello.cfg", f'kernel="{XL}"')


def shows_a_bar_on_a_terminal(host, _):
    child = pexpect.spawn(XL, ["create", "-p", "examples/hello.cfg",
                               f'kernel="{BUILD}/guests/hello-pv32"'], env=ENVIRONMENT, timeout=WAIT)
    child.expect(r"\[#+ *\] +\d+%")
    child.expect(r"\[#{30}\] 100%")
    child.expect(pexpect.EOF)
    good(host, "destroy", "hello")
    child = pexpect.spawn(XL, ["create", "-p", "-q", "examples/hello.cfg", f'kernel="{BUILD}/guests/hello-pv32"'],
                          env=ENVIRONMENT, timeout=WAIT, dimensions=(24, 40))
    child.expect(pexpect.EOF)
    bars = child.before.strip(b"\r\n").split(b"\r")
    check(bars[-1].endswith(b"hello-pv32 [##########] 100%"), bars)
    check(max(map(len, bars)) < 40, "a bar that is wider than the screen")
    good(host, "destroy", "hello")


def is_shared_by_many(host, machine):
    good(host, "create", "/guests/shell.cfg")
    consoles = [host.start("console", "shell") for _ in range(3)]
    lists = [host.start("list") for _ in range(20)]
    for child in lists:
        contains(child.communicate(timeout=WAIT)[0], "shell")
        check(child.returncode == 0, f"xl list: {child.returncode}")
    consoles[0].kill()
    contains(machine.run("xl list"), "shell")
    good(host, "destroy", "shell")
    for child in consoles[1:]:
        child.communicate(timeout=WAIT)
        check(child.returncode == 0, f"xl console: {child.returncode}")
    consoles[0].communicate()


def has_a_live_top(_, __):
    child = pexpect.spawn(XL, ["top", "-d", "1"], env=ENVIRONMENT, timeout=WAIT)
    for _ in range(2):
        child.expect(r"\033\[H.*Domain-0")
    child.send("q")
    child.expect(r"\033\[\?1049l")
    child.expect(pexpect.EOF)


def fits_its_screen(host, _):
    for number in range(8):
        good(host, "create", "-p", "-q", "/guests/hello.cfg", f'name="d{number}"', "memory=4")
    child = pexpect.spawn(XL, ["top", "-d", "1"], env=ENVIRONMENT, timeout=WAIT, dimensions=(8, 40))
    child.expect(r"\033\[H(xl top - 9 domains.*?)\033\[J")
    lines = re.sub(rb"\033\[\d*[a-zA-Z]", b"", child.match.group(1)).split(b"\r\n")
    check(len(lines) == 8 and max(map(len, lines)) == 40, lines)
    check(lines[-1] == b"and more that have no room here" and lines[-2].split()[0] == b"d3", lines)
    child.setwinsize(40, 120)
    child.expect(r"\033\[Hxl top - 9 domains, \d+ running; \d+ MiB, \d+ free; 2 CPUs; q ends.* d7 .*\033\[J")
    check(b"and more" not in child.match.group(), child.match.group())
    child.send("\x03")
    child.expect(pexpect.EOF)
    check("\033" not in good(host, "top", "-i", "1"), "control sequences in a pipe")


def colours_errors_on_a_terminal(_, __):
    for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
        child = pexpect.spawn(XL, ["pause", "0"], env={**ENVIRONMENT, **environment}, timeout=WAIT)
        child.expect(pexpect.EOF)
        wanted = b"\033[1;31mxl: error:\033[0m not for" if coloured else b"xl: error: not for"
        check(child.before.startswith(wanted), child.before)


def dumps_cores(host, machine):
    for width in ("pv32", "pv64"):
        core = f"{BUILD}/test-logs/xl-{width}.core"
        good(host, "create", "/guests/hello.cfg", f'kernel="/guests/hello-{width}"')
        until(lambda: row(host, "hello")[4] == "-b----", "hello does not come to rest")
        good(host, "dump-core", "hello", core)
        good(host, "destroy", "hello")
        sections = subprocess.run(["readelf", "-SW", core], check=True, capture_output=True,
                                  text=True).stdout
        contains(sections, ".note.Xen", ".xen_prstatus", ".xen_shared_info", ".xen_p2m", ".xen_pages")
        trace = subprocess.run(["gdb", "-batch", "-nx", "-ex", f"core {core}", "-ex",
                                f"file {BUILD}/guests/hello-{width}.debug", "-ex", "bt",
                                "-ex", "p start_info->magic"],
                               check=False, capture_output=True, text=True).stdout
        check(re.search(r"^#\d .* at minios/", trace, re.M), f"no trace:\n{trace}")
        contains(trace, f"xen-3.0-x86_{'32p' if width == 'pv32' else '64'}")
        os.unlink(core)
    contains(machine.run("xl dump-core Domain-0 /x"), "Read-only file system; use xl on the host")


def keeps_the_core_of_a_crash(host, _):
    core = f"{BUILD}/test-logs/xl-crash.core"
    good(host, "create", "/guests/crash.cfg", 'on_crash="coredump-destroy"')
    until(lambda: row(host, "crash") is None, "crash is not destroyed")
    good(host, "dump-core", "-k", "crash", core)
    trace = subprocess.run(["gdb", "-batch", "-nx", "-ex", f"core {core}", "-ex",
                            f"file {BUILD}/guests/crash-pv32.debug", "-ex", "bt"],
                           check=False, capture_output=True, text=True).stdout
    contains(trace, "panic_trap", "outer")
    os.unlink(core)


def says_when_nothing_runs(host, _):
    bad(host, 1, "no connection to the control daemon: .*make run", "list")


if __name__ == "__main__":
    points = Tap()
    vm = Machine.from_kernel(log_path("xl"), timeout=WAIT,
                             arguments=["-serial", f"unix:{SOCKET},server=on,wait=off"])
    here = Host()
    try:
        points.run("boots", vm.prompt)
        runs(points, "in the control domain", Shell(vm), vm)
        runs(points, "on the host", here, vm)
        for point in (explains_each_verb, finds_the_examples, shows_all_words_of_a_short_life, hands_over_a_kernel,
                      refuses_an_image_at_once,
                      shows_a_bar_on_a_terminal, is_shared_by_many, has_a_live_top, fits_its_screen,
                      colours_errors_on_a_terminal, dumps_cores,
                      keeps_the_core_of_a_crash, brings_memory_that_works):
            points.run(f"on the host: {point.__name__.replace('_', ' ')}", alone, point, here, vm)
    finally:
        vm.close()
    points.run("on the host: says when nothing runs", says_when_nothing_runs, here, None)
    points.done()
