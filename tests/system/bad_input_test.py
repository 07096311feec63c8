#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What users get wrong: a clear error each time, and nothing lost."""
import os
import re
import shutil
import struct
import subprocess

from machine import BUILD, Machine, Tap, check, log_path

ROOT = f"{BUILD}/test-ramdisk"
SOCKET = f"{BUILD}/test-bad-input.sock"

# name of the configuration, its text, and what the error must say
CASES = [
    ("syntax", 'name = "x"\nkernel = \n', r"syntax\.cfg:2:\d+: "),
    ("quote", 'name = "x\nkernel = "k"\n', r"quote\.cfg:1:\d+: "),
    ("bracket", 'name = "x"\ncpus = [ 1, 2\n', r"bracket\.cfg:\d+:\d+: "),
    ("type", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = "much"\n',
     r"type\.cfg:3:\d+: .*memory"),
    ("nokernel", 'name = "x"\nmemory = 8\n', r"kernel"),
    ("missing", 'name = "x"\nkernel = "/guests/absent"\nmemory = 8\n', r"/guests/absent"),
    ("empty", 'name = "x"\nkernel = "/guests/bad-empty"\nmemory = 8\n', r"bad-empty"),
    ("text", 'name = "x"\nkernel = "/guests/bad-text"\nmemory = 8\n', r"bad-text.*ELF"),
    ("truncated", 'name = "x"\nkernel = "/guests/bad-truncated"\nmemory = 8\n', r"bad-truncated"),
    ("nonotes", 'name = "x"\nkernel = "/guests/bad-nonotes"\nmemory = 8\n', r"bad-nonotes.*note"),
    ("class", 'name = "x"\nkernel = "/guests/bad-class"\nmemory = 8\n', r"bad-class"),
    ("machine", 'name = "x"\nkernel = "/guests/bad-machine"\nmemory = 8\n', r"bad-machine"),
    ("overlap", 'name = "x"\nkernel = "/guests/bad-overlap"\nmemory = 8\n', r"bad-overlap.*overlap"),
    ("overflow", 'name = "x"\nkernel = "/guests/bad-overflow"\nmemory = 8\n', r"bad-overflow"),
    ("gzip", 'name = "x"\nkernel = "/guests/bad-gzip"\nmemory = 8\n', r"bad-gzip"),
    ("huge", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 100000\n', r"[Mm]emory"),
    ("tiny", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 0\n', r"memory"),
    ("ramdisk", 'name = "x"\nkernel = "/guests/hello-pv32"\nramdisk = "/none"\nmemory = 8\n', r"/none"),
    ("bigramdisk", 'name = "x"\nkernel = "/guests/hello-pv32"\nramdisk = "/guests/big"\nmemory = 1\n',
     r"fit|memory|Memory"),
    ("vcpus", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 8\nvcpus = 1000\n', r"vcpus"),
    ("cpuid", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 8\ncpuid = "host,avx=0,bvx=0"\n',
     r'cpuid\.cfg:4:21: cpuid: unknown name "bvx"'),
    ("leaves", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 8\ncpuid = "host,maxleaf=100"\n',
     r"cpuid: the hypervisor refuses leaf 0x0: "),
    ("leaf", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 8\n'
     f'cpuid = [ "7:ebx={"x" * 32}" ]\n', r"leaf\.cfg:4:13: cpuid: expected a subleaf, which this leaf has"),
    ("subleaf", 'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 8\n'
     f'cpuid = [ "7,9:ebx={"x" * 32}" ]\n', r"cpuid: the hypervisor refuses leaf 0x7, subleaf 0x9: "),
    ("name", 'name = "a/b"\nkernel = "/guests/hello-pv32"\nmemory = 8\n', r"name"),
]

# Lists of devices, from line 4 on; good ones are refused as well, at the device.
ABSENT = "this system has no such devices yet, use \\[\\]"
DEVICES = [
    ("vif = [ 'mac=00:16:3e:00:00:01,bridge=xenbr0' ]", f"4:9: vif: {ABSENT}"),
    ("vif = ['']", f"4:8: vif: {ABSENT}"),
    ("vif = [ 'mac=00:16:3e:00:00:01',\n  'mac=00:16:3e:00:00:zz' ]",
     '5:8: vif: mac: "00:16:3e:00:00:zz" is not the MAC address'),
    ("vif = [ 'bridge=a,colour=red' ]", '4:19: vif: unknown parameter "colour"'),
    ("vif = [ 'devid=1', 'devid=1' ]", "4:21: vif: devid: already taken by device 1"),
    ("vif = [ 'rate=fast' ]", '4:15: vif: rate: "fast" is not a rate'),
    ("vif = 'bridge=a'", "4:7: vif: expected a list"),
    ("disk = [ '/dev/vg/x,raw,xvda,rw' ]", f"4:10: disk: {ABSENT}"),
    ("disk = [ 'phy:/dev/cd,hdc:cdrom,r' ]", f"4:10: disk: {ABSENT}"),
    ("disk = [ 'format=raw, vdev=xvda, access=rw, target=/dev/x' ]\nvif = [ 'bridge=b' ]", f"5:9: vif: {ABSENT}"),
    ("disk = [ 'vdev=xvda,access=rw,target=/x',\n  'phy:/dev/y,xvda,w' ]",
     "5:4: disk: vdev: already taken by device 1"),
    ("disk = [ '/x,raw,xvdz9999,rw' ]", '4:18: disk: vdev: "xvdz9999" is not a virtual device'),
    ("disk = [ '/x,raw' ]", "4:11: disk: vdev: missing"),
    ("disk = [ 'vdev=xvda,access=maybe,target=/x' ]", '4:28: disk: access: "maybe" is not one of'),
    ("disk = [ 'vdev=xvda,speed=9,target=/x' ]", '4:21: disk: unknown parameter "speed"'),
    ("disk = [ 7 ]", "4:10: disk: expected a string for each device"),
    ("disk = [ 'vdev=xvda,target=/x',", "5:1: expected .* found the end of the file"),
]
CASES += [(f"device{i}", f'name = "x"\nkernel = "/guests/hello-pv32"\nmemory = 8\n{text}\n',
           rf"device{i}\.cfg:{wanted}") for i, (text, wanted) in enumerate(DEVICES)]


def variant(image, at, value):
    """The image with some bytes replaced."""
    return image[:at] + value + image[at + len(value):]


def segments(image):
    """Offsets of the ELF32 program headers of loaded segments, and of the note's."""
    phoff, = struct.unpack_from("<I", image, 28)
    size, count = struct.unpack_from("<HH", image, 42)
    headers = [phoff + i * size for i in range(count)]
    kind = {at: struct.unpack_from("<I", image, at)[0] for at in headers}
    return [at for at in headers if kind[at] == 1], [at for at in headers if kind[at] == 4]


def without_notes(image, path):
    """Notes and the old section taken out as a tool would, not by luck."""
    source = path + ".src"
    with open(source, "wb") as file:
        file.write(image)
    subprocess.run(["objcopy", "--remove-section=.note*", "--remove-section=__xen_guest", source,
                    path], check=True, stderr=subprocess.DEVNULL)
    with open(path, "rb") as file:
        result = bytearray(file.read())
    for at in segments(bytes(result))[1]:
        struct.pack_into("<I", result, at, 0)
    os.unlink(source)
    return bytes(result)


def overlapping(image):
    """A second segment at the first one's address: the note's header serves."""
    loads, notes = segments(image)
    spare = (loads[1:] or notes)[0]
    _, offset, vaddr, paddr, filesz, memsz, flags, align = struct.unpack_from("<8I", image, loads[0])
    return variant(image, spare, struct.pack("<8I", 1, offset, vaddr + 4096, paddr + 4096,
                                             min(filesz, 4096), memsz, flags, align))


def write_guests():
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(f"{ROOT}/guests")
    with open(f"{BUILD}/guests/hello-pv32", "rb") as file:
        good = file.read()
    first = segments(good)[0][0]
    images = {
        "hello-pv32": good,
        "crash-pv32": open(f"{BUILD}/guests/crash-pv32", "rb").read(),
        "bad-empty": b"",
        "bad-text": b"#!/bin/sh\necho this is no kernel\n" * 20,
        "bad-truncated": good[:len(good) // 2],
        "bad-class": variant(good, 4, b"\x07"),
        "bad-machine": variant(good, 18, struct.pack("<H", 40)),
        "bad-overflow": variant(good, first + 8, struct.pack("<II", 0xfffff000, 0xfffff000)),
        "bad-overlap": overlapping(good),
        "bad-gzip": b"\x1f\x8b\x08\0" + b"\xff" * 500,
        "big": b"\0" * (3 << 20),
    }
    images["bad-nonotes"] = without_notes(good, f"{ROOT}/nonotes")
    os.unlink(f"{ROOT}/nonotes")
    for name, image in images.items():
        with open(f"{ROOT}/guests/{name}", "wb") as file:
            file.write(image)


def write_config(name, text):
    with open(f"{ROOT}/guests/{name}.cfg", "w", encoding="ascii") as file:
        file.write(text)


def make_ramdisk():
    write_guests()
    for name, text, _ in CASES:
        write_config(name, text)
    write_config("good", 'name = "good"\nkernel = "/guests/hello-pv32"\nmemory = 8\n'
                 'extra = "600"\n')
    write_config("unknown", 'name = "u"\nkernel = "/guests/hello-pv32"\nmemory = 8\ncolour = "red"\n')
    write_config("crash", 'name = "crash"\nkernel = "/guests/crash-pv32"\nmemory = 8\n'
                 'on_crash = "destroy"\n')
    path = f"{BUILD}/test-ramdisk.cpio"
    with open(path, "wb") as out:
        names = subprocess.run(["find", "."], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=ROOT, input=names, stdout=out,
                       check=True)
    return path


def refuses(machine, name, pattern):
    output = machine.run(f"xl create /guests/{name}.cfg")
    check(re.search(pattern, output), f"expected {pattern}, got:\n{output}")
    listing = machine.run("xl list")
    check(not re.search(r"^x ", listing, re.M), f"something is left:\n{listing}")


def refuses_devices_on_the_host(machine):
    """In the same words, before anything is sent; without devices in the lists it is created."""
    environment = dict(os.environ, PARAVANE_SOCKET=os.path.abspath(SOCKET))
    for name, _, pattern in CASES[-len(DEVICES):]:
        done = subprocess.run([f"{BUILD}/host/xl", "create", f"{ROOT}/guests/{name}.cfg"], env=environment,
                              timeout=60, text=True, capture_output=True, check=False)
        check(done.returncode == 1 and re.search(pattern, done.stderr),
              f"expected {pattern}, got {done.returncode}:\n{done.stderr}")
    check(not re.search(r"^x ", machine.run("xl list"), re.M), "something is left")
    output = machine.run("xl create -p /guests/good.cfg 'vif=[]' 'disk=[]'")
    check("good" in machine.run("xl list"), output)
    machine.run("xl destroy good")


def warns_of_unknown_keys(machine):
    output = machine.run("xl create /guests/unknown.cfg")
    check(re.search("(?i)warning.*colour|colour.*(unknown|ignored)", output), output)
    machine.run("xl destroy u")


def refuses_a_name_in_use(machine):
    machine.run("xl create /guests/good.cfg")
    output = machine.run("xl create /guests/good.cfg")
    check("good" in output and re.search("(?i)exists|in use", output), output)
    machine.run("xl destroy good")


def refuses_unknown_domains(machine):
    for verb in ("destroy", "console", "pause", "unpause", "shutdown", "reboot", "domid"):
        output = machine.run(f"xl {verb} nobody")
        check("nobody" in output, f"xl {verb}: {output}")
    for verb in ("destroy", "pause"):
        output = machine.run(f"xl {verb} 4711")
        check("4711" in output, f"xl {verb}: {output}")


def survives_a_crashing_guest(machine):
    machine.run("xl create /guests/crash.cfg")
    for _ in range(50):
        if "crash" not in machine.run("xl list"):
            return
    raise AssertionError("the crashed guest was not destroyed")


def settled_pages(machine, wanted=None):
    """Free frames once the dead are gone: the same twice, or what is wanted."""
    last = -1
    for _ in range(40):
        pages = machine.free_pages()
        if pages == wanted or (wanted is None and pages == last):
            return pages
        last = pages
    return last


def loses_nothing(machine, rounds):
    """Creates and destroys, half of them failing, each failure in turn."""
    machine.run("xl create /guests/good.cfg")
    machine.run("xl destroy good")
    before = settled_pages(machine)
    for i in range(rounds // 2):
        machine.run("xl create /guests/good.cfg")
        machine.run(f"xl create /guests/{CASES[i % len(CASES)][0]}.cfg")
        machine.run("xl destroy good")
    after = settled_pages(machine, before)
    check(after == before, f"{before} pages were free, {after} are now")


def store_is_clean(machine):
    output = machine.run("xenstore-ls /local/domain")
    ids = re.findall(r"^ *(\d+) = ", output, re.M)
    check(set(ids) <= {"0"}, f"domains left in the store:\n{output}")


if __name__ == "__main__":
    tap = Tap()
    vm = Machine.from_kernel(log_path("bad-input"), ramdisk=make_ramdisk(),
                             arguments=["-serial", f"unix:{SOCKET},server=on,wait=off"])
    try:
        tap.run("boots", vm.prompt)
        for case, _, wanted in CASES:
            tap.run(f"refuses {case}.cfg", refuses, vm, case, wanted)
        tap.run("refuses devices on the host", refuses_devices_on_the_host, vm)
        tap.run("warns of unknown keys", warns_of_unknown_keys, vm)
        tap.run("refuses a name in use", refuses_a_name_in_use, vm)
        tap.run("refuses domains that do not exist", refuses_unknown_domains, vm)
        tap.run("a guest that crashes at once is destroyed", survives_a_crashing_guest, vm)
        tap.run("200 creates and destroys lose no page", loses_nothing, vm, 200)
        tap.run("nothing is left in the store", store_is_clean, vm)
    finally:
        vm.close()
    tap.done()
