#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Packs the control domain's ramdisk: ramdisk.sh DIR OUTPUT "PACKED GUESTS" FILES...
# Kernels lose their debugging information, which nobody reads there; those named are gzip'ed.
set -eu

dir=$1 output=$2 packed=$3
shift 3

rm -rf "$dir"
mkdir -p "$dir/guests" "$dir/etc"
cp -r tools/image/etc/. "$dir/etc/"
for file in "$@"; do
	case $file in
	*.cfg)
		cp "$file" "$dir/guests/"
		;;
	*)
		name=$(basename "$file")
		objcopy --strip-debug "$file" "$dir/guests/$name"
		case " $packed " in
		*" ${name%-pv*} "*)
			gzip -9 -n "$dir/guests/$name"
			mv "$dir/guests/$name.gz" "$dir/guests/$name"
			;;
		esac
		;;
	esac
done
(cd "$dir" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$output"
