# SPDX-License-Identifier: GPL-2.0-only
"""
Files out of packages, fetched without installing them and kept in the build folder: Debian's, and two
kernels of Ubuntu's, since Debian 12 has no Linux that runs as a 32-bit PV guest.
"""
import glob
import gzip
import hashlib
import os
import re
import subprocess
import tempfile
import threading
import urllib.request

BUILD = os.environ.get("B", "build")
KEPT = os.path.abspath(f"{BUILD}/peers/packages")
LOCK = threading.Lock()  # subjects run side by side
UBUNTU = "http://archive.ubuntu.com/ubuntu/pool/main/l/linux/"
# Linux' 32-bit PV port ended with 5.8. What the archive calls each, and the check sum of the package.
LINUX32 = {
    "4.4.0-210": ("4.4.0-210.242", "2ded03a1237a13cf195f0a73678c234a02afa386c93f4702a5074afde4a12f51"),
    "4.15.0-213": ("4.15.0-213.224", "da5497ea532127f11b9be52628cf3f5b6f65100e69866c2291752092f043529d"),
}


class Skip(Exception):
    """The test cannot be tried here; the text says why."""


def options(architecture):
    """For a package of another architecture: package lists of our own; the system's stay as they are."""
    lists = os.path.join(KEPT, f"lists-{architecture}")
    chosen = []
    for option in (f"APT::Architecture={architecture}", f"APT::Architectures={architecture}",
                   f"Dir::State::Lists={lists}", f"Dir::Cache={KEPT}", "Debug::NoLocking=1"):
        chosen += ["-o", option]
    if not os.path.isdir(lists):
        os.makedirs(f"{lists}/partial")
        # A list that cannot be had is one that is not needed, or the download will say so.
        subprocess.run(["apt-get", *chosen, "update"], check=False, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return chosen


def download(package, folder):
    name, _, architecture = package.partition(":")
    try:
        subprocess.run(["apt-get", *(options(architecture) if architecture else []), "download",
                        name], cwd=folder, check=True, timeout=120, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError) as error:
        raise Skip(f"package {package} cannot be fetched ({type(error).__name__})") from None
    return one(f"{folder}/{name}_*.deb")


def fetch(package, download_to=download):
    """Unpacks a package that need not be installed; returns the folder, or skips the test."""
    tree = os.path.join(KEPT, package.replace(":", "-"))
    with LOCK:
        if os.path.isdir(tree):
            return tree
        os.makedirs(KEPT, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as folder:
            os.chmod(folder, 0o755)
            subprocess.run(["dpkg", "-x", download_to(package, folder), f"{folder}/tree"], check=True)
            try:
                os.rename(f"{folder}/tree", tree)
            except OSError:
                if not os.path.isdir(tree):  # another test program was first
                    raise
    return tree


def find(package, pattern):
    """A file of a package: the installed one, or one of the package fetched."""
    installed = [] if ":" in package else sorted(glob.glob(pattern))
    return installed[-1] if installed else one(fetch(package) + pattern)


def linux_tree():
    """Debian's kernel package; linux-image-amd64 only names the one in use."""
    out = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], stdout=subprocess.PIPE,
                         text=True, check=False).stdout
    match = re.search(r"Depends: (linux-image-6\.1\.\S+)", out)
    if not match:
        raise Skip("the package lists do not know linux-image-amd64")
    return fetch(match.group(1))


def linux():
    """The kernel as the package brings it."""
    return one(linux_tree() + "/boot/vmlinuz-6.1.*")


def download_linux32(package, folder):
    """From Ubuntu's archive, by address: apt knows Debian's only."""
    version, wanted = LINUX32[re.search(r"linux-image-(.*)-generic", package).group(1)]
    path = f"{folder}/linux32.deb"
    try:
        with urllib.request.urlopen(f"{UBUNTU}{package}_{version}_i386.deb", timeout=60) as reply:
            content = reply.read()
    except OSError as error:
        raise Skip(f"package {package} of Ubuntu cannot be fetched ({type(error).__name__})") from None
    if hashlib.sha256(content).hexdigest() != wanted:
        raise Skip(f"package {package} of Ubuntu is not the one that was meant")
    with open(path, "wb") as out:
        out.write(content)
    return path


def linux32(version):
    """A kernel that is a 32-bit PV guest, as its package brings it."""
    tree = fetch(f"linux-image-{version}-generic", download_linux32)
    return one(f"{tree}/boot/vmlinuz-*")


def linux_modules():
    return one(linux_tree() + "/lib/modules/6.1.*/kernel")


def xen():
    """Debian's Xen as the ELF32 that QEMU loads; what is asked of it stands in the package."""
    packed = one(fetch("xen-hypervisor-4.17-amd64") + "/boot/xen-4.17-amd64.gz")
    path = f"{BUILD}/peers/xen-4.17"
    with gzip.open(packed) as f, open(f"{path}.{os.getpid()}", "wb") as out:
        out.write(f.read())
    os.rename(out.name, path)  # another run may be starting from it
    return path


def one(pattern):
    """The file of that pattern, which must exist."""
    found = sorted(glob.glob(pattern))
    if not found:
        raise Skip(f"no {pattern} here")
    return found[-1]
