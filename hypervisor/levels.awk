# SPDX-License-Identifier: GPL-2.0-only
# Refuses includes that go up: a folder uses its own level and those below (hypervisor/README.md).
# What must call upwards does so by arch/upcalls.h, which declares and includes nothing.

BEGIN {
	n = split("lib arch mm domain services hypercall control boot", names)
	for (i = 1; i <= n; i++)
		level[names[i]] = i
}

/^#include "hypervisor\// {
	split($2, included, "/")
	split(FILENAME, file, "/")
	if (level[included[2]] > level[file[2]]) {
		print FILENAME ":" FNR ": " file[2] "/ includes " $2 ", of a level above"
		bad = 1
	}
}

END {
	exit bad
}
