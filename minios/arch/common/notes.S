/* SPDX-License-Identifier: MIT */
/* How the kernel describes itself to the domain builder. */
#include <minios/arch/layout.h>
#include <minios/arch/width.h>
#include "pvabi/elfnote.h"

.macro note_begin type
	.long	4, 2f - 1f, \type
	.asciz	"Xen"
	.balign	4
1:
.endm

.macro note_end
2:	.balign	4
.endm

.macro note_string type, text:vararg
	note_begin \type
	.asciz	\text
	note_end
.endm

.macro note_number type, value:vararg
	note_begin \type
	WORD	\value
	note_end
.endm

	.section .note.Xen, "a", @note
	note_string XEN_ELFNOTE_GUEST_OS, "Paravane mini-OS"
	note_string XEN_ELFNOTE_GUEST_VERSION, "1"
	note_string XEN_ELFNOTE_LOADER, "generic"
	note_string XEN_ELFNOTE_XEN_VERSION, "xen-3.0"
	note_number XEN_ELFNOTE_VIRT_BASE, VIRT_BASE
	note_number XEN_ELFNOTE_PADDR_OFFSET, 0
	note_number XEN_ELFNOTE_ENTRY, _start
	note_number XEN_ELFNOTE_HYPERCALL_PAGE, hypercall_page
	note_string XEN_ELFNOTE_PAE_MODE, "yes"
	note_string XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb"
	note_begin XEN_ELFNOTE_L1_MFN_VALID
	.quad	1, 1
	note_end
	note_number XEN_ELFNOTE_SUSPEND_CANCEL, 1
	note_number XEN_ELFNOTE_MOD_START_PFN, 1
	ARCH_NOTES
