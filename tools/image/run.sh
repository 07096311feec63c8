#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Boots the image in QEMU with the serial console on this terminal: run.sh IMAGE [QEMU ARGUMENTS]
# The second serial port is the socket by which xl on the host reaches the control daemon.
set -eu

image=$1
shift
socket=${PARAVANE_SOCKET:-build/paravane.sock}
if [ -t 0 ]; then
	# Ctrl-C is a key of the guests' console, not the end of the machine.
	saved=$(stty -g)
	trap 'stty "$saved"' EXIT
	echo "Ctrl-A X ends the machine, 'poweroff' does so properly." >&2
fi
qemu-system-x86_64 -machine q35,accel=tcg -cpu max -smp "${CPUS:-2}" -m "${MEMORY:-512}" \
	-display none -no-reboot -cdrom "$image" -boot d \
	-serial mon:stdio \
	-serial "unix:$socket,server=on,wait=off" "$@"
