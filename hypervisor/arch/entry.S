/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in and the one way out. Assembly only saves, switches and restores; what is to be done
 * is decided in C.
 *
 * From a guest the CPU pushes onto the end of the current vCPU's struct regs (TSS.RSP0 and, for
 * SYSCALL, percpu.regs_end point there); the rest of the frame follows, and the stack becomes this
 * CPU's own. From within the hypervisor the same frame is pushed onto the stack in use.
 *
 *   struct regs   +0 r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi
 *               +120 error_code (u32), vector (u32)
 *               +128 rip cs rflags rsp ss
 *
 * GS: within the hypervisor GS_BASE is this CPU's struct percpu, and KERNEL_GS_BASE the guest's
 * active GS base; SWAPGS at each crossing exchanges them. NMI, #DB, #DF and #MC may come at any
 * instruction, so they load GS_BASE by itself from the bottom of their own stack.
 */
#include "hypervisor/arch/asm_offsets.h"

	.macro save_gprs
	push %rdi
	push %rsi
	push %rdx
	push %rcx
	push %rax
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	.endm

	.macro restore_gprs
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rax
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
	.endm

	/* After save_gprs from a guest: C's environment, %rdi = the current vCPU. SYSCALL clears DF. */
	.macro enter_c
	mov %gs:PERCPU_STACK_TOP, %rsp
	mov %gs:PERCPU_CURRENT, %rdi
	.endm

	.text

/* --- hypercalls ------------------------------------------------------------------------------- */

	/* pv32: int 0x82, DPL 1. */
	.globl entry_hypercall
	.balign 64
entry_hypercall:
	pushq $0
	movl $0x82, 4(%rsp)
	swapgs
	save_gprs
	cld
	enter_c
	call hypercall_entry
	jmp leave_to_guest

	/* `int 0x80` of a guest's application, DPL 3. */
	.globl entry_system_call
	.balign 64
entry_system_call:
	pushq $0
	movl $0x80, 4(%rsp)
	swapgs
	save_gprs
	cld
	enter_c
	call guest_system_call
	jmp leave_to_guest

	/* pv64: SYSCALL; rcx = rip, r11 = rflags, nothing is on any stack. */
	.globl entry_syscall
	.balign 64
entry_syscall:
	swapgs
	mov %rsp, %gs:PERCPU_SCRATCH
	mov %gs:PERCPU_REGS_END, %rsp
	pushq $SYSCALL_SS		/* what a pv64 guest believes it had */
	pushq %gs:PERCPU_SCRATCH
	push %r11
	pushq $SYSCALL_CS
	push %rcx
	pushq $ENTRY_SYSCALL
	save_gprs
	enter_c
	call syscall_entry
	jmp leave_to_guest

	/* SYSCALL from compatibility mode, where the CPU has it (AMD). */
	.globl entry_syscall32
	.balign 64
entry_syscall32:
	swapgs
	mov %rsp, %gs:PERCPU_SCRATCH
	mov %gs:PERCPU_REGS_END, %rsp
	pushq $SYSCALL_SS
	pushq %gs:PERCPU_SCRATCH
	push %r11
	pushq $SYSCALL32_CS
	push %rcx
	pushq $ENTRY_SYSCALL
	save_gprs
	enter_c
	call guest_syscall32
	jmp leave_to_guest

	/*
	 * SYSENTER, where the CPU has it in long mode (not AMD). Where it stood is lost, and only IF has been
	 * cleared: IRET would fail with NT, and with TF each instruction up to the POPF is a #DB, which is
	 * passed over so that the guest's flags are saved as they were.
	 */
	.globl entry_sysenter
	.balign 64
entry_sysenter:
	swapgs
	mov %gs:PERCPU_REGS_END, %rsp
	pushq $SYSCALL_SS
	pushq $0
	pushfq
	pushq $SYSENTER_CS
	pushq $0
	pushq $ENTRY_SYSCALL
	save_gprs
	enter_c
	pushq $2
	popfq
	call guest_sysenter
	jmp leave_to_guest

/* --- the way out ------------------------------------------------------------------------------ */

	/*
	 * To whichever vCPU is current when C has done all pending work. In: nothing but GS; to
	 * leave_to_guest, also that the stack is this CPU's, empty. Interrupts are off. IRET reads a
	 * copy on this stack, so that a fault of it leaves the vCPU's frame whole.
	 */
	.globl exit_to_guest
exit_to_guest:
	mov %gs:PERCPU_STACK_TOP, %rsp
leave_to_guest:
	call prepare_exit		/* rax = the struct regs to load */
	push 160(%rax)
	push 152(%rax)
	push 144(%rax)
	push 136(%rax)
	push 128(%rax)
	mov 0(%rax), %r15
	mov 8(%rax), %r14
	mov 16(%rax), %r13
	mov 24(%rax), %r12
	mov 32(%rax), %rbp
	mov 40(%rax), %rbx
	mov 48(%rax), %r11
	mov 56(%rax), %r10
	mov 64(%rax), %r9
	mov 72(%rax), %r8
	mov 88(%rax), %rcx
	mov 96(%rax), %rdx
	mov 104(%rax), %rsi
	mov 112(%rax), %rdi
	mov 80(%rax), %rax
	swapgs
exit_iret:
	iretq

/* --- exceptions and interrupts ---------------------------------------------------------------- */

	/*
	 * %rsp: error code and vector pushed. From ring 0 the handler gets the frame on this stack
	 * and we return by it; from a guest we leave by exit_to_guest.
	 */
	.balign 64
common_entry:
	testb $3, 16(%rsp)		/* cs: after error/vector and rip */
	jz from_hypervisor
	swapgs
	save_gprs
	cld
	enter_c
	call trap_from_guest
	jmp leave_to_guest

from_hypervisor:
	save_gprs
	cld
	lea exit_iret(%rip), %rax
	cmp %rax, 128(%rsp)
	je iret_refused
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call trap_from_hypervisor
	mov %rbx, %rsp
	restore_gprs
	add $8, %rsp
	iretq

	/*
	 * IRET refused the guest's selectors or RIP: nothing of the guest ran, its frame is in the
	 * vCPU, but GS is the guest's already. C names the failsafe callback.
	 */
iret_refused:
	swapgs
	mov %rsp, %rdi
	call iret_failed
	jmp exit_to_guest

	/*
	 * #DB, NMI, #DF, #MC: on stacks of their own, at the bottom of which stands the percpu pointer.
	 * GS may be anybody's: save its base, load ours, put it back.
	 */
	.balign 64
ist_entry:
	save_gprs
	cld
	mov $MSR_GS_BASE_NR, %ecx
	rdmsr
	shl $32, %rdx
	or %rax, %rdx
	mov %rdx, %r12
	mov %rsp, %rbx
	mov %rsp, %rax
	and $-IST_STACK_SIZE, %rax
	mov (%rax), %rax
	mov %rax, %rdx
	shr $32, %rdx
	wrmsr
	mov %rbx, %rdi
	and $-16, %rsp
	call trap_on_own_stack
	mov $MSR_GS_BASE_NR, %ecx
	test %eax, %eax
	jnz leave_own_stack
	mov %rbx, %rsp
	mov %r12, %rax
	mov %r12, %rdx
	shr $32, %rdx
	wrmsr
	restore_gprs
	add $8, %rsp
	iretq

	/* A #DB of the guest is in its vCPU's frame now: go on as after any other trap of it. */
leave_own_stack:
	mov $MSR_KERNEL_GS_BASE_NR, %ecx
	mov %r12, %rax
	mov %r12, %rdx
	shr $32, %rdx
	wrmsr
	enter_c
	call trap_from_guest
	jmp leave_to_guest

	/*
	 * One stub per vector, 16 bytes each, in order: push a zero where the CPU pushes no error
	 * code, put the vector above it, go on.
	 */
	.globl entry_stubs
	.balign 16
entry_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector > 31 || !((1 << (vector & 31)) & ERROR_CODE_VECTORS)
	pushq $0
	.endif
	movl $vector, 4(%rsp)
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp ist_entry
	.else
	jmp common_entry
	.endif
	.set vector, vector + 1
	.endr

/* --- copies that may fault -------------------------------------------------------------------- */

	/*
	 * size_t copy_faulting(void *dst, const void *src, size_t len): bytes not copied.
	 * rdi, rsi, rdx in; rep movsb leaves in rcx what is left when a fault ends it.
	 */
	.globl copy_faulting
copy_faulting:
	mov %rdx, %rcx
	cmp $8, %rdx
	jb copy_bytes
	shr $3, %rcx
	and $7, %edx
copy_words:
	rep movsq
	mov %edx, %ecx
copy_bytes:
	rep movsb
	mov %rcx, %rax
	ret
copy_words_failed:
	lea (%rdx, %rcx, 8), %rax
	ret
copy_bytes_failed:
	mov %rcx, %rax
	ret

	/* int rdmsr_faulting(u32 msr, u64 *value): 0, or 1 after a fault. */
	.globl rdmsr_faulting
rdmsr_faulting:
	mov %edi, %ecx
read_msr:
	rdmsr
	shl $32, %rdx
	or %rdx, %rax
	mov %rax, (%rsi)
	xor %eax, %eax
	ret
read_msr_failed:
	mov $1, %eax
	ret

	/* int load_segment_X(u16 sel): 0, or 1 when the selector was refused (then it is null). */
	.macro segment_loader seg
	.globl load_\seg
load_\seg:
seg_\seg:
	mov %edi, %\seg
	xor %eax, %eax
	ret
seg_\seg\()_failed:
	xor %eax, %eax
	mov %eax, %\seg
	inc %eax
	ret
	.section .ex_table, "a"
	.quad seg_\seg, seg_\seg\()_failed
	.text
	.endm
	segment_loader ds
	segment_loader es
	segment_loader fs

	/*
	 * int load_gs(u16 sel, u64 *base): GS is ours, so take our base back at once; *base is what
	 * the guest's descriptor says.
	 */
	.globl load_gs
load_gs:
	mov %gs:0, %r8
seg_gs:	mov %edi, %gs
	xor %r9d, %r9d
gs_loaded:
	mov $MSR_GS_BASE_NR, %ecx
	rdmsr
	mov %eax, (%rsi)
	mov %edx, 4(%rsi)
	mov %r8, %rax
	mov %r8, %rdx
	shr $32, %rdx
	wrmsr
	mov %r9d, %eax
	ret
seg_gs_failed:
	xor %eax, %eax
	mov %eax, %gs
	mov $1, %r9d
	jmp gs_loaded

	.section .ex_table, "a"
	.quad seg_gs, seg_gs_failed
	.quad copy_words, copy_words_failed
	.quad copy_bytes, copy_bytes_failed
	.quad read_msr, read_msr_failed

	.section .note.GNU-stack, "", @progbits
