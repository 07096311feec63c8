# SPDX-License-Identifier: GPL-2.0-only
# From `nm -n`: the table of function names that arch/symbols.c searches.
#
# Layout: u32 number of symbols; per symbol, in order of address, u32 offset from the start of the
# image and u32 offset of its name from the start of the names; then the names.

BEGIN {
	base = "ffff8280"
	count = at = 0
}

# Code only. Local labels of the assembler and linker marks are of no use in a back-trace.
$2 ~ /^[tT]$/ && substr($1, 1, 8) == base && $3 !~ /^\./ && $3 !~ /^image_/ {
	offset[count] = substr($1, 9)
	name[count++] = $3
}

END {
	print "\t.section .symbols, \"a\"\n\t.balign 4\n\t.long " count + 0
	for (i = 0; i < count; i++) {
		print "\t.long 0x" offset[i] ", " at
		at += length(name[i]) + 1
	}
	for (i = 0; i < count; i++)
		print "\t.asciz \"" name[i] "\""
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
