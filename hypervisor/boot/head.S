/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions. A Multiboot loader, or GRUB under UEFI after it has left the firmware's
 * services, jumps to boot_entry in 32-bit protected mode without paging, with a magic number in
 * %eax and the address of its information in %ebx. We switch to long mode, jump to where the image
 * is linked, and call boot_main(magic, information). Other CPUs come by boot_ap_trampoline.
 *
 * Nothing is decided here but whether the CPU has long mode. The page tables stand ready as data.
 */
#include "hypervisor/arch/asm_offsets.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/boot/multiboot.h"

/* Where a symbol of the image stands before paging is on. */
#define PHYS(symbol)	((symbol) - IMAGE_OFFSET)

#define CODE64		0x08
#define DATA		0x10

#define CR0_PG_WP_PE	0x80010001
#define CR4_PAE		0x20
#define MSR_EFER_NR	0xc0000080
#define EFER_NXE_LME	0x900

	/* With CR4.PAE set. Paging, long mode, NX and WP: the next jump into CODE64 completes it. */
	.macro switch_paging_on
	mov $PHYS(boot_l4), %eax
	mov %eax, %cr3
	mov $MSR_EFER_NR, %ecx
	rdmsr
	or $EFER_NXE_LME, %eax
	wrmsr
	mov $CR0_PG_WP_PE, %eax
	mov %eax, %cr0
	.endm

	/* In long mode: from low addresses to those of the image, with its descriptor table. */
	.macro move_up
	movabs $1f, %rax
	jmp *%rax
1:	lgdt boot_gdtr(%rip)
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %eax, %fs
	mov %eax, %gs
	.endm

/* --- what loaders look for -------------------------------------------------------------------- */

	.section .multiboot, "a"

	/* Multiboot1: flag bit 16 says that these addresses count, not the ELF headers. */
	.balign 8
mb1_header:
	.long MB1_HEADER_MAGIC
	.long MB1_HEADER_FLAGS
	.long -(MB1_HEADER_MAGIC + MB1_HEADER_FLAGS)
	.long PHYS(mb1_header)
	.long PHYS(image_start)
	.long PHYS(image_load_end)
	.long PHYS(image_end)
	.long PHYS(boot_entry)

	.balign 8
mb2_header:
	.long MB2_HEADER_MAGIC
	.long 0				/* i386 protected mode */
	.long mb2_header_end - mb2_header
	.long -(MB2_HEADER_MAGIC + (mb2_header_end - mb2_header))

	.macro tag type, size
	.balign 8
	.short \type, 0
	.long \size
	.endm

	tag MB2_HEADER_REQUEST, 32
	.long MB2_TAG_CMDLINE, MB2_TAG_LOADER, MB2_TAG_MODULE, MB2_TAG_MMAP
	.long MB2_TAG_ACPI_OLD, MB2_TAG_ACPI_NEW
	tag MB2_HEADER_ADDRESS, 24
	.long PHYS(mb2_header), PHYS(image_start), PHYS(image_load_end), PHYS(image_end)
	tag MB2_HEADER_ENTRY, 12
	.long PHYS(boot_entry)
	tag MB2_HEADER_CONSOLE, 12
	.long 2				/* text mode is welcome, not required */
	tag MB2_HEADER_MODULE_ALIGN, 8
	tag MB2_HEADER_END, 8
mb2_header_end:

/* --- the boot CPU ----------------------------------------------------------------------------- */

	.section .text.boot, "ax"
	.code32

	/* %eax = magic, %ebx = information; both live in %edi and %esi from here on. */
	.globl boot_entry
boot_entry:
	cli
	cld
	mov %eax, %edi
	mov %ebx, %esi
	mov $PHYS(boot_stack_top), %esp

	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb no_long_mode
	mov $0x80000001, %eax
	cpuid
	and $(1 << 29 | 1 << 20), %edx	/* long mode and NX */
	cmp $(1 << 29 | 1 << 20), %edx
	jne no_long_mode

	mov %cr4, %eax
	or $CR4_PAE, %eax
	mov %eax, %cr4
	switch_paging_on
	lgdt PHYS(boot_gdtr_low)
	ljmp $CODE64, $PHYS(boot_long_mode)

	/* Says so on COM1 and halts; nobody else will. */
no_long_mode:
	mov $PHYS(no_long_mode_text), %esi
	mov $0x3f8, %dx
1:	lodsb
	test %al, %al
	jz 2f
	outb %al, %dx
	jmp 1b
2:	hlt
	jmp 2b

	.section .rodata
no_long_mode_text:
	.asciz "Paravane needs a CPU with long mode and NX.\r\n"

	.section .text.boot, "ax"
	.code64

	/* Still at low addresses: %edi = magic, %esi = information. */
boot_long_mode:
	move_up
	lea boot_stack_top(%rip), %rsp
	xor %ebp, %ebp
	push %rbp			/* back-traces end here */
	push %rbp
	mov %edi, %edi
	mov %esi, %esi
	call boot_main
	ud2

/* --- other CPUs ------------------------------------------------------------------------------- */

	/*
	 * Copied to a page below 1 MiB, where a started CPU begins in real mode with %cs:0 = its
	 * start. Goes to long mode at once: everything it names below is identity-mapped.
	 */
	.code16
	.globl boot_ap_trampoline, boot_ap_trampoline_end
boot_ap_trampoline:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	lgdtl boot_ap_gdtr - boot_ap_trampoline
	mov $CR4_PAE, %eax
	mov %eax, %cr4
	switch_paging_on
	ljmpl $CODE64, $PHYS(boot_ap_long_mode)
	.balign 4
boot_ap_gdtr:
	.short boot_gdt_end - boot_gdt - 1
	.long PHYS(boot_gdt)
boot_ap_trampoline_end:

	.code64
boot_ap_long_mode:
	move_up
	mov boot_ap_cr3(%rip), %rax
	mov %rax, %cr3
	mov boot_ap_percpu(%rip), %rdi
	mov PERCPU_STACK_TOP(%rdi), %rsp
	xor %ebp, %ebp
	push %rbp
	push %rbp
	call smp_ap_entry
	ud2

/* --- data ------------------------------------------------------------------------------------- */

	.section .data
	.balign 16
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* CODE64 */
	.quad 0x00cf93000000ffff	/* DATA */
boot_gdt_end:

	.balign 4
	.short 0
boot_gdtr_low:
	.short boot_gdt_end - boot_gdt - 1
	.long PHYS(boot_gdt)
	.balign 8
	.short 0, 0, 0
boot_gdtr:
	.short boot_gdt_end - boot_gdt - 1
	.quad boot_gdt

	/* Set by arch/smp.c for the CPU that is being started. */
	.balign 8
	.globl boot_ap_cr3, boot_ap_percpu
boot_ap_cr3:
	.quad 0
boot_ap_percpu:
	.quad 0

	/*
	 * Page tables until mm/map_init.c has made ours: the first 4 GiB at address 0 and in the
	 * direct map, the image where it is linked.
	 */
#define TABLE		0x23		/* present, writable, accessed */
#define PAGE		0x63		/* ... and dirty */
#define PAGE_2M		0xe3
#define L4_INDEX(addr)	((addr) >> 39 & 511)

	.section .data.page_aligned, "aw"
	.balign 4096
boot_l4:
	.quad PHYS(boot_l3_low) + TABLE
	.fill L4_INDEX(IMAGE_BASE) - 1, 8, 0
	.quad PHYS(boot_l3_image) + TABLE
	.quad PHYS(boot_l3_low) + TABLE
	.fill 512 - L4_INDEX(IMAGE_BASE) - 2, 8, 0
boot_l3_low:
	.set i, 0
	.rept 4
	.quad PHYS(boot_l2_low) + TABLE + i * 4096
	.set i, i + 1
	.endr
	.fill 508, 8, 0
boot_l2_low:
	.set i, 0
	.rept 4 * 512
	.quad PAGE_2M + (i << 21)
	.set i, i + 1
	.endr
boot_l3_image:
	.quad PHYS(boot_l2_image) + TABLE
	.fill 511, 8, 0
boot_l2_image:
	.quad PHYS(boot_l1_image) + TABLE
	.quad PHYS(boot_l1_image) + TABLE + 4096
	.fill 510, 8, 0
boot_l1_image:
	.set i, 0
	.rept 2 * 512
	.quad PAGE + IMAGE_LOAD + (i << 12)
	.set i, i + 1
	.endr

	/* The page below the stack is unmapped once we have our own page tables. */
	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_stack_guard
boot_stack_guard:
	.fill 4096, 1, 0
	.fill CPU_STACK_SIZE, 1, 0
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
