#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
xl's help, its manual page and bash's completion name the same commands and options. That help names
all that is taken is a part of host/xl.
"""
import os
import re
import subprocess
import sys

XL = os.path.abspath(f"{os.environ.get('B', 'build')}/host/xl")
PAGE = "docs/xl.1"
COMPLETION = "tools/xl/completion.bash"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def from_help():
    """Options by command, as "xl help COMMAND" tells them."""
    told = {"help": set()}
    for verb in re.findall(r"^ ([a-z-]+) ", output(XL, "help"), re.M):
        lines = re.findall(r"^-.*", output(XL, "help", verb), re.M)
        told[verb] = {o for line in lines
                      for o in re.findall(r"(?:^|[ ,])(--?[A-Za-z][a-z_-]*)", line)}
    return told


def from_page():
    """The same from the manual page: .It lines below the .Ss of a command."""
    told, verb = {}, None
    commands = open(PAGE).read().split("\n.Sh COMMANDS\n")[1].split("\n.Sh ")[0]
    for line in commands.splitlines():
        if line.startswith(".Ss "):
            verb = line[4:]
            told[verb] = set()
        elif line.startswith(".It "):
            told[verb] |= {"-" + o for o in re.findall(r"Fl (-?[A-Za-z][a-z_-]*)", line)}
    return told


def complete(*words):
    """What bash offers for the last of @words."""
    script = (f'. {COMPLETION}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _paravane_xl; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return set(output("bash", "-c", script, "bash", XL, *words).split())


def from_completion():
    return {verb: complete(verb, "-") for verb in complete("")}


def compare(name, told, truth):
    faults = [f"{name}: command {verb}" for verb in told.keys() ^ truth.keys()]
    for verb in told.keys() & truth.keys():
        faults += [f"{name}: {verb} {option}" for option in told[verb] ^ truth[verb]]
    return faults


def main():
    truth = from_help()
    faults = compare(PAGE, from_page(), truth) + compare(COMPLETION, from_completion(), truth)
    globals_told = set(re.search(r"^Usage xl \[-(\w+)\]", output(XL, "help")).group(1))
    section = open(PAGE).read().split("\n.Sh GLOBAL OPTIONS\n")[1].split("\n.Sh ")[0]
    if set(re.findall(r"^\.It Fl (\w)$", section, re.M)) != globals_told:
        faults.append(f"{PAGE}: global options")
    if complete("-") != {"-" + letter for letter in globals_told}:
        faults.append(f"{COMPLETION}: global options")
    if complete("-v", "list", "-") != truth["list"]:
        faults.append(f"{COMPLETION}: options after a global one")
    for fault in sorted(faults):
        print(f"# differs from xl help: {fault}")
    print(f"{'not ok' if faults else 'ok'} 1 - {len(truth)} commands are told alike\n1..1")
    sys.exit(bool(faults))


main()
