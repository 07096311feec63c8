# SPDX-License-Identifier: GPL-2.0-only
"""An initramfs for Debian's Linux: busybox, a shell on hvc0, and a command `work`."""
import os
import subprocess
import threading

from machine import BUILD, Skip, pack
from packages import find

INIT = b"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin HOME=/ PS1='guest# '
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
ulimit -c 0
echo "init: $(uname -r) with $(nproc) CPU(s)"
exec setsid cttyhack sh
"""

# Every step prints one line; the last one tells how many went wrong.
WORK = b"""#!/bin/sh
failed=0
step() {
	name=$1
	shift
	if "$@"; then echo "work: $name ok"; else echo "work: $name FAILED"; failed=$((failed + 1)); fi
}
processes() {
	sum=0
	for i in $(seq 1 60); do
		sh -c "exit $((i % 5))" || sum=$((sum + $?))
	done
	[ $sum = 120 ]
}
parallel() {
	for i in 1 2 3 4 5 6 7 8; do
		sh -c 'i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; echo done' >/tmp/p.$i &
	done
	wait
	[ "$(cat /tmp/p.* | grep -c done)" = 8 ]
}
pipes() {
	[ "$(seq 1 10000 | sort -rn | awk '{ s += $1 } END { print s }' | cat)" = 50005000 ]
}
files() {
	dd if=/dev/urandom of=/tmp/a bs=64k count=48 2>/dev/null &&
		gzip -c /tmp/a >/tmp/a.gz && gunzip -c /tmp/a.gz >/tmp/b && cmp /tmp/a /tmp/b &&
		[ "$(sha256sum </tmp/a)" = "$(sha256sum </tmp/b)" ] && rm /tmp/a /tmp/a.gz /tmp/b
}
signals() {
	got=0
	trap 'got=$((got + 1))' USR1
	for i in 1 2 3; do kill -USR1 $$; done
	trap - USR1
	sleep 100 &
	kill -KILL $!
	wait $!
	[ $? = 137 ] && [ $got = 3 ]
}
timers() {
	timeout 1 sleep 50
	[ $? = 143 ]
}
proc() {
	[ "$(grep -c ^processor /proc/cpuinfo)" = "$(nproc)" ] && grep -q xen /proc/interrupts &&
		[ "$(cat /sys/hypervisor/type)" = xen ] && [ "$(cat /sys/hypervisor/version/major)" = 4 ] &&
		ls /proc/self/fd >/dev/null && grep -q stack /proc/self/maps
}
narrow() {
	[ "$(seq 1 3000 | busybox32 sort -rn | busybox32 awk '{ s += $1 } END { print s }')" = 4501500 ] &&
		[ "$(busybox32 sh -c 'echo $((6 * 7)) | busybox32 cat')" = 42 ]
}
step processes processes
step parallel parallel
step pipes pipes
step tmpfs files
step signals signals
step timers timers
step /proc proc
step 32-bit narrow
guest_work || failed=$((failed + $?))
echo "work: $failed failed"
"""

POWEROFF = b"#!/bin/sh\nexec /bin/busybox poweroff -f\n"


# The headers of the kernel stand where only a 64-bit compiler looks, and are the same.
NARROW = ["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"]


def compiled(name="guest_work", more=(), narrow=False):
    """A static program of one of the sources here, and of others; for 32 bits if @narrow."""
    out = f"{BUILD}/peers/{name}{32 if narrow else ''}"
    new = f"{out}.{threading.get_ident()}"  # other subjects may make the same
    run = subprocess.run(["gcc", "-O2", "-static", "-pthread", "-Wall", "-Wextra", "-I.",
                          *(NARROW if narrow else []), "-o", new, f"tests/peers/{name}.c", *more, "-lm"],
                         stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        raise Skip(f"no static programs here: {run.stderr.splitlines()[-1]}")
    os.rename(new, out)
    return out


def initramfs(name, more=None, without=(), narrow=False):
    """Packs it; @more are further files, @without those that are not needed. @narrow: for 32 bits alone."""
    files = {
        "/init": INIT, "/bin/work": WORK, "/sbin/poweroff": POWEROFF,
        "/bin/guest_work": compiled(narrow=narrow),
        "/bin/busybox": find("busybox-static:i386" if narrow else "busybox-static", "/bin/busybox"),
        "/bin/busybox32": find("busybox-static:i386", "/bin/busybox"),
        "/proc/": b"", "/sys/": b"", "/dev/": b"", "/tmp/": b"", **(more or {})}
    return pack(name, {path: what for path, what in files.items() if path not in without})
