# SPDX-License-Identifier: GPL-2.0-only
"""
A machine in Bochs. Its CPUs have what TCG's lack (x2APIC, a TSC deadline) and take turns in one thread by
counted instructions, so a run repeats. The console is a socket that Bochs connects to.
"""
import os
import shutil
import socket
import subprocess

import pexpect.fdpexpect

from machine import BUILD, Machine

FIRMWARE = "/usr/share/bochs/BIOS-bochs-latest"
VIDEO_BIOS = "/usr/share/bochs/VGABIOS-lgpl-latest"
GRUB = "/usr/lib/grub/i386-pc"

# 50 million instructions are a second. Whatever else it thinks wrong ends it.
CONFIG = """\
display_library: term
config_interface: textconfig
romimage: file={firmware}
vgaromimage: file={video}
megs: {memory}
cpu: model=corei7_ivy_bridge_3770k, count={cpus}, ips=50000000, reset_on_triple_fault=0
clock: sync=none, time0=1700000000
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}
log: {log}
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
"""


def make_iso(name, modules, append):
    """An image that boots the hypervisor at once; modules as QEMU's -initrd takes them."""
    root = f"{BUILD}/test-{name}"
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{root}/boot/grub")
    subprocess.run(["objcopy", "--strip-debug", f"{BUILD}/paravane", f"{root}/boot/paravane"], check=True)
    config = f"set timeout=0\nmenuentry paravane {{\n\tmultiboot2 /boot/paravane {append}\n"
    for number, module in enumerate(modules.split(",")):
        file, *words = module.split()
        shutil.copyfile(file, f"{root}/boot/module{number}")
        config += f"\tmodule2 /boot/module{number} {' '.join(words)}\n"
    with open(f"{root}/boot/grub/grub.cfg", "w", encoding="utf-8") as out:
        out.write(config + "}\n")
    subprocess.run(["grub-mkrescue", "-d", GRUB, "-o", f"{root}.iso", "--locales=", "--fonts=",
                    "--themes=", root], check=True, capture_output=True)
    return f"{root}.iso"


class Bochs(Machine):
    """Its power is off when it says so and ends; that is an error to Bochs, so the status is 1."""

    def __init__(self, iso, log, memory=256, cpus=4, timeout=180):
        base = log.removesuffix(".console")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            listener.settimeout(60)
            with open(f"{base}.bochsrc", "w", encoding="ascii") as config:
                config.write(CONFIG.format(firmware=FIRMWARE, video=VIDEO_BIOS, memory=memory, cpus=cpus,
                                           iso=iso, port=listener.getsockname()[1], log=f"{base}.bochs"))
            # Debian's has the debugger in it, which waits for a command.
            with open(f"{base}.continue", "w", encoding="ascii") as commands:
                commands.write("c\n")
            command = ["bochs", "-q", "-f", f"{base}.bochsrc", "-rc", f"{base}.continue"]
            self.open_log(log, command)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.PIPE, env=dict(os.environ, TERM="vt100"))
            line = listener.accept()[0].detach()
        self.console = pexpect.fdpexpect.fdspawn(line, encoding="utf-8", codec_errors="replace",
                                                 timeout=timeout)
        self.console.logfile_read = self.log

    def power_off(self):
        """0 if it was the power that ended it."""
        self.type("poweroff\r")
        self.console.expect(pexpect.EOF)
        return 0 if b"soft power off" in self.process.communicate(timeout=60)[1] else 1

    def close(self):
        self.process.kill()
        self.process.wait()
        self.console.close()
        self.log.close()
