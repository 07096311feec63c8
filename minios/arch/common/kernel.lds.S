/* SPDX-License-Identifier: MIT */
/*
 * Memory order of the image: code, read-only data with the symbol table, data, zeroes. The symbol
 * table stands behind all code, so that linking a second time with the table filled in moves no
 * function.
 */
#include <minios/arch/layout.h>

ENTRY(_start)

PHDRS {
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
	stack PT_GNU_STACK FLAGS(6);
}

SECTIONS {
	. = VIRT_BASE;
	.text : AT(ADDR(.text) - VIRT_BASE) {
		image_start = .;
		*(.text.start)
		*(.text .text.*)
		text_end = .;
	} :text
	. = ALIGN(PAGE_SIZE);
	.rodata : AT(ADDR(.rodata) - VIRT_BASE) {
		*(.rodata .rodata.*)
	} :rodata
	.note.Xen : AT(ADDR(.note.Xen) - VIRT_BASE) { *(.note.Xen) } :rodata :note
	.symbols : AT(ADDR(.symbols) - VIRT_BASE) {
		. = ALIGN(4);
		symbols_start = .;
		KEEP(*(.symbols))
		symbols_end = .;
	} :rodata
	. = ALIGN(PAGE_SIZE);
	rodata_end = .;
	.data : AT(ADDR(.data) - VIRT_BASE) {
		/* The page under it is given up: the shared info frame is mapped in its place. */
		shared_info_page = .;
		. += PAGE_SIZE;
		*(.data .data.*)
	} :data
	.bss : AT(ADDR(.bss) - VIRT_BASE) {
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE_SIZE);
		image_end = .;
	} :data
	/DISCARD/ : { *(.comment .note.GNU-stack .note.gnu.* .eh_frame .eh_frame_hdr .init .fini) }
}
