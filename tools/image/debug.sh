#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# As run.sh, but the machine waits for gdb: debug.sh IMAGE HYPERVISOR DOM0 (with symbols)
set -eu

image=$1 hypervisor=$2 dom0=$3
port=${GDB_PORT:-1234}
script=$(dirname "$image")/debug.gdb
cat >"$script" <<END
set confirm off
set pagination off
file $hypervisor
add-symbol-file $dom0
target remote 127.0.0.1:$port
define guest
	add-symbol-file $(dirname "$image")/guests/\$arg0.debug
end
document guest
guest IMAGE: the symbols of a guest, such as hello-pv32; they hide the control domain's, which stand at
the same addresses.
end
END
cat >&2 <<END
The machine waits for gdb. In another terminal:
	gdb -x $script
It knows the symbols of the hypervisor and of the control domain; try "hbreak NAME", "continue".
"guest hello-pv32" brings in those of a guest.
END
exec sh "$(dirname "$0")/run.sh" "$image" -S -gdb "tcp::$port"
