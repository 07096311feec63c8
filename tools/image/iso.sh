#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes the GRUB rescue image, for BIOS and UEFI: iso.sh DIR OUTPUT HYPERVISOR DOM0 RAMDISK
set -eu

dir=$1 output=$2 hypervisor=$3 dom0=$4 ramdisk=$5

rm -rf "$dir"
mkdir -p "$dir/boot/grub"
objcopy --strip-debug "$hypervisor" "$dir/boot/paravane"
objcopy --strip-debug "$dom0" "$dir/boot/dom0"
cp "$ramdisk" "$dir/boot/ramdisk.cpio"
cp tools/image/grub.cfg "$dir/boot/grub/grub.cfg"

# All modules: a list would have to exist for every platform that happens to be installed.
grub-mkrescue -o "$output" --locales= --fonts= --themes= "$dir" \
	>"$dir/../iso.log" 2>&1 || { cat "$dir/../iso.log" >&2; exit 1; }
