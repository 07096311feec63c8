/* SPDX-License-Identifier: MIT */
/* What the application says, in assembly. */

.macro text name, words:vararg
\name:	.ascii	\words
\name\()_end:
.endm

	text text_call, "application: a system call\n"
	text text_spin, "application: computing while timer events come in\n"
	text text_read, "application: reading kernel memory\n"
	text text_write, "application: writing kernel memory\n"
	text text_cli, "application: turning interrupts off\n"
	text text_bad, "application: NOTHING STOPPED ME\n"
