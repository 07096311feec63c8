# SPDX-License-Identifier: GPL-2.0-only
"""
Debian's Linux, or a 32-bit one of Ubuntu's, as the first domain, straight under the hypervisor: its shell on
hvc0, and disks whose interrupts come by MSI-X and by a GSI (virtio-blk), by MSI (AHCI), by an edge (IDE).

Who loads the first domain is the hypervisor, which takes an ELF file; so the test takes it out of the
package's bzImage.
"""
import glob
import hashlib
import lzma
import os
import re
import zlib

from initramfs import initramfs
from linux_guest import check_quiet
from machine import BUILD, Machine
from packages import linux, linux32, linux_modules

SHELL = "guest# "
DISK_SIZE = 3 << 20
# serial: how it is attached; what /proc/interrupts says of it
DISKS = {
    "msix": ("virtio-blk-pci", r"xen-pirq +-msi-x"),
    "gsi": ("virtio-blk-pci,vectors=0", r"xen-pirq +-ioapic-level"),
    "msi": ("ide-hd,bus=ahci.0", r"xen-pirq +-msi\b"),
}
# Of drivers built in: those of the 32-bit Linux do not know that virtio's addresses are to be the machine's.
DISKS32 = {"edge": ("ide-hd,bus=ide.0", r"xen-pirq[- ]+ioapic-edge")}


def vmlinux(name, bzimage):
    """The ELF file in the bzImage, by the offsets of its setup header."""
    with open(bzimage, "rb") as f:
        image = f.read()
    start = (image[0x1f1] + 1) * 512 + int.from_bytes(image[0x248:0x24c], "little")
    packed = image[start:start + int.from_bytes(image[0x24c:0x250], "little")]
    path = f"{BUILD}/peers/{name}.vmlinux"
    with open(path, "wb") as f:
        # Its last word is the size unpacked, which gzip writes there by itself.
        f.write(zlib.decompress(packed, 31) if packed[:2] == b"\x1f\x8b" else lzma.decompress(packed[:-4]))
    return path


def with_dependencies(names):
    """Modules in the order in which they must be loaded: each file says what it depends on."""
    found = {os.path.basename(p)[:-3].replace("-", "_"): p
             for p in glob.glob(f"{linux_modules()}/**/*.ko", recursive=True)}
    order = []

    def add(name):
        if name in order:
            return
        with open(found[name], "rb") as f:
            depends = re.search(rb"\0depends=([^\0]*)\0", f.read()).group(1).decode()
        for other in depends.split(",") if depends else []:
            add(other.replace("-", "_"))
        order.append(name)

    for name in names:
        add(name)
    return [(name, found[name]) for name in order]


def make_disks(name, kinds):
    """A file of noise for each, and its check sum."""
    options, sums = ["-device", "ahci,id=ahci"], {}
    for serial, (device, _) in kinds.items():
        path = f"{BUILD}/peers/{name}.{serial}"
        noise = hashlib.shake_128(serial.encode()).digest(DISK_SIZE)
        with open(path, "wb") as f:
            f.write(noise)
        sums[serial] = hashlib.sha256(noise).hexdigest()
        options += ["-drive", f"if=none,id={serial},file={path},format=raw", "-device",
                    f"{device},drive={serial},serial={serial}"]
    return options, sums


def ask(m, line, timeout=60):
    m.type(line)
    m.expect(SHELL, timeout)
    return m.child.before


def find_disks(m):
    """Serial to device name, once all have been found."""
    out = ask(m, "disks")
    return dict(re.findall(r"(?m)^(\w+) is (\w+)\r*$", out))


def run(check, name, cpus, version=None):
    """@version: of a 32-bit Linux; Debian's otherwise."""
    kinds = DISKS32 if version else DISKS
    modules = [] if version else with_dependencies(["virtio_pci", "virtio_blk", "ahci", "sd_mod"])
    files = {f"/modules/{name}.ko": path for name, path in modules}
    files["/bin/load"] = "".join(f"insmod /modules/{name}.ko\n" for name, _ in modules).encode()
    # A disk of SATA tells its serial number by its identity page only.
    ata = "edge" if version else "msi"
    files["/bin/disks"] = ("for d in /sys/block/[vs]d*; do s=$(cat $d/serial 2>/dev/null);"
                           f' echo "${{s:-{ata}}} is ${{d##*/}}"; done\n').encode()
    options, sums = make_disks(name, kinds)
    ird = initramfs(f"{name}-ird", files, narrow=version is not None)
    image = vmlinux(name, linux32(version) if version else linux())
    with Machine(name, f"{BUILD}/paravane", [f"{image} console=hvc0 earlyprintk=xen", ird],
                 "console=com1 loglvl=all guest_loglvl=all dom0_mem=384M "
                 f"dom0_max_vcpus={cpus}", memory=512, cpus=cpus,
                 more=options, limit=900) as m:
        m.expect(rf"init: \S+ with {cpus} CPU")
        m.expect(SHELL)
        check(f"boots to its shell on hvc0 with {cpus} vCPU(s)", True)
        ask(m, "sh /bin/load")
        disks = {}
        for _ in range(30):
            disks = find_disks(m)
            if len(disks) == len(kinds):
                break
            ask(m, "sleep 1")
        check("finds its disks", sorted(disks) == sorted(kinds), disks)
        for serial, device in disks.items():
            out = ask(m, f"sha256sum /dev/{device}")
            check(f"reads the disk with {serial.upper()}", sums[serial] in out, out)
        out = ask(m, "cat /proc/interrupts")
        for serial, (_, pattern) in kinds.items():
            counts = [int(n) for line in out.splitlines() if re.search(pattern, line)
                      for n in line.split()[1:1 + cpus]]
            check(f"by interrupts of kind {serial.upper()}", sum(counts) > 0, out)
        m.type("poweroff -f")
        m.end(60)
        check("switches the machine off", True)
        check_quiet(m, check)
