# SPDX-License-Identifier: MIT
# The symbol table of symbols.c, as assembly, from the output of `nm -n`.
$2 ~ /^[tT]$/ && $3 !~ /^(image_start|text_end|critical_|\.L)/ {
	address[n] = substr($1, length($1) - 7); name[n] = $3; n++
}
END {
	print "\t.section .symbols, \"a\"\n\t.balign 4\n\t.long " n
	for (i = 0; i < n; i++) {
		print "\t.long 0x" address[i] ", " offset
		offset += length(name[i]) + 1
	}
	for (i = 0; i < n; i++)
		print "\t.asciz \"" name[i] "\""
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
BEGIN { n = 0; offset = 0 }
