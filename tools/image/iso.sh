#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes the GRUB rescue image, for BIOS and UEFI: iso.sh DIR OUTPUT HYPERVISOR DOM0 RAMDISK
set -eu

dir=$1 output=$2 hypervisor=$3 dom0=$4 ramdisk=$5
modules="normal multiboot2 serial terminal terminfo part_msdos part_gpt iso9660 echo reboot halt"

rm -rf "$dir"
mkdir -p "$dir/boot/grub"
objcopy --strip-debug "$hypervisor" "$dir/boot/paravane"
objcopy --strip-debug "$dom0" "$dir/boot/dom0"
cp "$ramdisk" "$dir/boot/ramdisk.cpio"
cp tools/image/grub.cfg "$dir/boot/grub/grub.cfg"
grub-mkrescue -o "$output" --locales= --fonts= --themes= \
	--install-modules="$modules" --modules="part_msdos part_gpt iso9660" "$dir" \
	>"$dir/../iso.log" 2>&1 || { cat "$dir/../iso.log" >&2; exit 1; }
