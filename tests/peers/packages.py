# SPDX-License-Identifier: GPL-2.0-only
"""Files out of Debian's packages, fetched without installing them and kept in the build folder."""
import glob
import os
import re
import subprocess

from machine import BUILD, Skip

KEPT = os.path.abspath(f"{BUILD}/peers/packages")


def fetch(package):
    """Unpacks a package that need not be installed; returns the folder, or skips the test."""
    tree = os.path.join(KEPT, package.replace(":", "-"))
    if os.path.isdir(tree):
        return tree
    os.makedirs(KEPT, exist_ok=True)
    stem = package.split(":")[0]
    try:
        subprocess.run(["apt-get", "download", package], cwd=KEPT, check=True, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except (subprocess.SubprocessError, OSError) as error:
        raise Skip(f"package {package} cannot be fetched ({type(error).__name__})") from None
    deb = max(glob.glob(f"{KEPT}/{stem}_*.deb"), key=os.path.getmtime)
    subprocess.run(["dpkg", "-x", deb, tree + ".new"], check=True)
    os.rename(tree + ".new", tree)
    os.unlink(deb)
    return tree


def dependency(package, pattern):
    """The first package that @package depends on whose name matches: meta packages name one."""
    out = subprocess.run(["apt-cache", "depends", package], stdout=subprocess.PIPE, text=True,
                         check=False).stdout
    match = re.search(rf"Depends: ({pattern})", out)
    if not match:
        raise Skip(f"the package lists do not know {package}")
    return match.group(1)


def one(pattern):
    """The file of that pattern, which must exist."""
    found = sorted(glob.glob(pattern))
    if not found:
        raise Skip(f"no {pattern} here")
    return found[-1]
