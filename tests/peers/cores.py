# SPDX-License-Identifier: GPL-2.0-only
"""
Core dumps beside Xen's own: Debian's Linux as the first domain, in it our daemon and our xl make
guests, and Debian's xl and ours dump the same guest while it is paused. The two files must hold the same
in every section; gdb reads ours, and crash too where it and the kernel's debug symbols are installed. Once
on Paravane, and once, for what guests it takes, on Debian's Xen.
"""
import mmap
import os
import re
import struct
import subprocess

from debian_xl import MODULES, SHELL, START, Toolstack, program_files
from initramfs import initramfs
from linux_first import vmlinux, with_dependencies
from machine import BUILD, Machine, config
from packages import Skip, linux, xen

SLOT = 128  # MiB of the disk for each core
TOOLS = ("xen", "ours")
EHDR = {1: "<HHIIIIIHHHHHH", 2: "<HHIQQQIHHHHHH"}  # by class, after e_ident
SHDR = {1: "<IIIIIIIIII", 2: "<IIQQQQIIQQ"}
# Xen's alignments are those of C structures, and its order is its own: neither means anything.
SECTIONS = (".note.Xen", ".xen_prstatus", ".xen_shared_info", ".xen_p2m", ".xen_pages")


class Core:
    """An ELF core: its header, and of each section the type, the size of an entry and the bytes."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.file = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        self.width = self.file[4]
        self.ident = self.file[:4] + self.file[5:16]  # all but the class, which of ours is the guest's
        (self.type, self.machine, _, _, _, shoff, _, _, _, self.phnum, size, count,
         names) = struct.unpack_from(EHDR[self.width], self.file, 16)
        headers = [struct.unpack_from(SHDR[self.width], self.file, shoff + size * i)
                   for i in range(count)]
        self.sections = {}
        for name, kind, _, _, at, length, _, _, _, entry in headers:
            name = self.file[headers[names][4] + name:].split(b"\0", 1)[0].decode()
            self.sections[name] = (kind, entry, self.file[at:at + length])


def same(theirs, ours, name):
    """Registers of a 32-bit guest stand in entries that Xen's 64-bit tools make as large as their own."""
    kind, entry, data = ours.sections[name]
    xen_kind, xen_entry, xen_data = theirs.sections[name]
    if name == ".xen_prstatus" and ours.width == 1:
        xen_data = b"".join(xen_data[at:at + entry] for at in range(0, len(xen_data), xen_entry))
        xen_entry = entry
    return (xen_kind, xen_entry, xen_data) == (kind, entry, data)


def difference(theirs, ours, name):
    (kind, entry, data), (xen_kind, xen_entry, xen_data) = (c.sections[name] for c in (ours, theirs))
    where = [i for i, pair in enumerate(zip(data, xen_data)) if pair[0] != pair[1]]
    return f"types {xen_kind} {kind}, entries {xen_entry} {entry}, different bytes: {where[:20]}"


def compare(check, path, guest):
    theirs, ours = (Core(f"{path}.{tool}") for tool in TOOLS)
    check(f"{guest}: the ELF header says the same", (theirs.ident, theirs.type, theirs.machine) ==
          (ours.ident, ours.type, ours.machine), f"{theirs.ident} {ours.ident}")
    check(f"{guest}: the same sections", sorted(theirs.sections) == sorted(ours.sections),
          f"{sorted(theirs.sections)}\n{sorted(ours.sections)}")
    for name in SECTIONS:
        check(f"{guest}: {name} is the same to the byte", same(theirs, ours, name),
              difference(theirs, ours, name))
    check(f"{guest}: gdb's pieces are few", 2 < ours.phnum < 5000, ours.phnum)


def run_gdb(check, path, guest, threads):
    """Every thread's registers, and the instruction they stand at."""
    out = subprocess.run(["gdb", "-batch", "-nx", "-ex", f"core {path}.ours", "-ex",
                          "thread apply all x/i $pc"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False).stdout
    check(f"{guest}: gdb reads where its vCPUs are", len(re.findall(r"(?m)^=> 0x\w+:\s+\w", out)) ==
          threads, out)


def find_symbols():
    """The kernel's symbols are a package of 860 MB, which is not fetched for this."""
    release = os.path.basename(linux()).partition("-")[2]
    symbols = f"/usr/lib/debug/boot/vmlinux-{release}"
    if not os.path.exists("/usr/bin/crash") or not os.path.exists(symbols):
        raise Skip(f"no crash or no {symbols} (packages crash, linux-image-{release}-dbg)")
    return symbols, release


def gdb_with_symbols(check, path, symbols):
    out = subprocess.run(["gdb", "-batch", "-nx", "-ex", f"core {path}.ours", "-ex",
                          f"file {symbols}", "-ex", "p nr_threads", "-ex", "thread apply all bt"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                         check=False).stdout
    threads = re.search(r"\$1 = (\d+)", out)
    check("linux: gdb reads the kernel's variables", threads and int(threads.group(1)) > 20, out)
    check("linux: and both stacks", out.count("in cpu_startup_entry") == 2, out)


def crash_with_symbols(check, path, symbols, release):
    commands = f"{path}.commands"
    with open(commands, "w", encoding="utf-8") as f:
        f.write("sys\nlist task_struct.tasks -s task_struct.comm -h init_task\nbt -a\nps\nquit\n")
    told = {}
    for tool in TOOLS:
        out = subprocess.run(["crash", "-s", "-i", commands, symbols, f"{path}.{tool}"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True, timeout=300, check=False).stdout
        # But for its name, and that the program headers for gdb are not where it looks for them.
        told[tool] = re.sub(r"linux\.\w+$|WARNING: .*PHdr to far.*\n", "", out, flags=re.M)
    out = told["ours"]
    check("linux: crash knows the kernel", f"RELEASE: {release}" in out and "CPUS: 2" in out, out)
    check("linux: crash lists its tasks", "xenwatch" in out and "khvcd" in out, out)
    check("linux: crash has the stacks of both vCPUs", out.count("cpu_startup_entry") == 2, out)
    check("linux: crash says of Xen's core the same", told["xen"] == out, told["xen"])


def files_of_first_domain(name):
    modules = with_dependencies(MODULES + ("virtio_pci", "virtio_blk"))
    files = {f"/modules/{n}.ko": path for n, path in modules}
    files["/bin/start"] = START % " ".join(n for n, _ in modules).encode()
    for folder in ("run", "var/run/xen", "var/lib/xen", "var/log/xen", "var/lock", "var/lib/xenstored"):
        files[f"/{folder}/"] = b""
    files.update(program_files())
    files["/bin/paravaned"], files["/bin/our-xl"] = f"{BUILD}/host/paravaned", f"{BUILD}/host/xl"
    files["/guests/vmlinuz"] = linux()
    files["/guests/initramfs"] = initramfs(f"{name}-guest", {}, without=("/bin/busybox32",
                                                                         "/bin/guest_work"))
    files["/guests/linux.cfg"] = config(
        name="linux", kernel="/guests/vmlinuz", ramdisk="/guests/initramfs", memory=112, vcpus=2,
        cmdline="console=hvc0 nokaslr")
    for width in ("pv32", "pv64"):
        files[f"/guests/{width}"] = f"{BUILD}/guests/hello-{width}"
        files[f"/guests/{width}.cfg"] = config(name=width, kernel=f"/guests/{width}", memory=16,
                                               cmdline="3000")
    return files


def dump(t, guest, number):
    """Both cores of a guest, each written to its place on the disk."""
    t.m.type(f"our-xl create -c /guests/{guest}.cfg")
    t.m.expect(SHELL if guest == "linux" else "Hello from a guest", 200)
    t.leave_console()
    # What is left of the boot goes by, and then the timer that the guest still waits for.
    t.ask(f"sleep 2; our-xl pause {guest}; sleep 2")
    for i, line in enumerate((f"xl dump-core `our-xl domid {guest}` /tmp/core",
                              f"our-xl dump-core {guest} /tmp/core 2>/dev/null")):
        out = t.expect(f"{line} && stat -c 'size %s' /tmp/core", r"size \d+",
                       f"{guest}: {line.split()[0]} dump-core", 300)
        size = int(re.search(r"size (\d+)", out).group(1))
        t.ask(f"dd if=/tmp/core of=/dev/vda bs=1M seek={SLOT * (2 * number + i)} conv=fsync", 300)
        yield size
    t.ask(f"rm /tmp/core; our-xl destroy {guest}")


def unpack(disk, paths, sizes):
    with open(disk, "rb") as f:
        for number, (path, size) in enumerate(zip(paths, sizes)):
            f.seek(number * SLOT << 20)
            with open(path, "wb") as out:
                out.write(f.read(size))
    os.unlink(disk)


def examine(check, name, guests):
    for guest in guests:
        path = f"{BUILD}/peers/{name}-{guest}"
        compare(check, path, guest)
        run_gdb(check, path, guest, 2 if guest == "linux" else 1)
    if "linux" in guests:
        symbols, release = find_symbols()
        gdb_with_symbols(check, path, symbols)
        crash_with_symbols(check, path, symbols, release)


def machine(name, on_xen, disk):
    """Xen takes the package's bzImage, and SMAP only without QEMU's fault (docs/peers.md)."""
    first = linux() if on_xen else vmlinux(name, linux())
    return Machine(name, xen() if on_xen else f"{BUILD}/paravane",
                   [f"{first} console=hvc0", initramfs(f"{name}-ird", files_of_first_domain(name))],
                   "console=com1 loglvl=all guest_loglvl=all dom0_mem=640M", memory=1024, cpus=2,
                   cpu="max,-smap" if on_xen else "max",
                   more=["-drive", f"if=virtio,file={disk},format=raw,cache=unsafe"], limit=900)


def run(check, guests, on_xen=False):
    name = "cores-on-xen" if on_xen else "cores"
    paths = [f"{BUILD}/peers/{name}-{guest}.{tool}" for guest in guests for tool in TOOLS]
    disk = f"{BUILD}/peers/{name}.disk"
    with open(disk, "wb") as f:
        f.truncate(len(paths) * SLOT << 20)
    with machine(name, on_xen, disk) as m:
        t = Toolstack(m, check)
        m.expect(SHELL, 240)
        t.expect(". /bin/start", "tools are up", "Debian's xenstored starts")
        t.ask("export PARAVANE_DAEMON=/run/paravane.sock; paravaned $PARAVANE_DAEMON >/tmp/log 2>&1 &")
        t.expect("until our-xl list; do sleep 1; done", "Domain-0", "our daemon runs beside it")
        sizes = [size for number, guest in enumerate(guests) for size in dump(t, guest, number)]
        m.type("poweroff -f")
        m.end(60)
        m.check_no_warnings()
    unpack(disk, paths, sizes)
    try:
        examine(check, name, guests)
    finally:
        for path in paths:
            os.unlink(path)
