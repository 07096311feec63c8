/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounce frames.
 *
 * pv32, on the ring-1 stack (from ring 3: kernel_ss:kernel_sp, and user esp and ss are pushed):
 *
 *	[gs fs es ds]  [error code]  eip  cs | mask << 16  eflags  [esp ss]
 *
 * pv64, on the kernel's stack, aligned to 16 (from user mode: kernel_sp):
 *
 *	rcx r11  [ds es fs gs]  [error code]  rip  cs | mask << 32  rflags  rsp  ss
 *
 * Lowest address first (pv32's selectors too: ds, es, fs, gs). The saved event mask stands above CS;
 * EFLAGS.IF shows its complement, and IOPL what the guest set if it asked to see that, since the
 * real ones are ours. In a
 * pv64 frame from the kernel itself, CS has RPL 0, by which kernels tell the two apart.
 */
#include "hypervisor/domain/bounce.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/mm/tlb.h"

#define FRAME_WORDS_MAX		12
#define CLEARED_ON_ENTRY	(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC)

/* What stands above a plain frame. */
enum extra { EXTRA_NONE, EXTRA_ERROR_CODE, EXTRA_SELECTORS };

struct bounce {
	const struct guest_gate *gate;
	enum extra extra;
	u32 error_code;
	const char *what;
};

void toggle_guest_mode(struct vcpu *v)
{
	v->in_kernel = !v->in_kernel;
	segment_swap_gs(v, v->in_kernel);
	tlb_load_cr3(address_space_cr3(v));
}

/* EFLAGS as the guest is to see them. */
static u64 visible_flags(const struct vcpu *v, bool masked)
{
	u64 flags = v->regs.rflags & ~(u64)(EFLAGS_IF | EFLAGS_IOPL);

	if (atomic_load(&v->domain->vm_assist) & BIT(VMASST_TYPE_architectural_iopl))
		flags |= (u64)v->iopl << 12;
	return flags | (masked ? 0 : EFLAGS_IF);
}

#define READ_SELECTOR(seg)							\
	({									\
		u16 sel_;							\
		asm volatile("mov %%" #seg ", %0" : "=r"(sel_));		\
		sel_;								\
	})

/* --- pv32 ------------------------------------------------------------------------------------- */

static unsigned fill_frame32(struct vcpu *v, const struct bounce *b, bool from_user, bool masked,
			     u32 *word)
{
	unsigned n = 0;

	if (b->extra == EXTRA_SELECTORS) {
		word[n++] = READ_SELECTOR(ds);
		word[n++] = READ_SELECTOR(es);
		word[n++] = READ_SELECTOR(fs);
		word[n++] = READ_SELECTOR(gs);
	}
	if (b->extra == EXTRA_ERROR_CODE)
		word[n++] = b->error_code;
	word[n++] = (u32)v->regs.rip;
	word[n++] = (u16)v->regs.cs | (u32)masked << 16;
	word[n++] = (u32)visible_flags(v, masked);
	if (from_user) {
		word[n++] = (u32)v->regs.rsp;
		word[n++] = (u16)v->regs.ss;
	}
	return n;
}

static bool bounce32(struct vcpu *v, const struct bounce *b, bool masked, gva_t *fault)
{
	bool from_user = (v->regs.cs & 3) != 1;
	u32 word[FRAME_WORDS_MAX];
	unsigned n = fill_frame32(v, b, from_user, masked, word);
	u32 sp = (from_user ? (u32)v->kernel_sp : (u32)v->regs.rsp) - n * 4;

	if (copy_to_guest_fault(sp, word, n * 4, fault))
		return false;
	if (from_user)
		v->regs.ss = v->kernel_ss;
	v->regs.rsp = sp;
	v->regs.cs = b->gate->cs;
	return true;
}

/* --- pv64 ------------------------------------------------------------------------------------- */

static unsigned fill_frame64(struct vcpu *v, const struct bounce *b, bool from_user, bool masked,
			     u64 *word)
{
	unsigned n = 0;

	word[n++] = v->regs.rcx;
	word[n++] = v->regs.r11;
	if (b->extra == EXTRA_SELECTORS) {
		word[n++] = READ_SELECTOR(ds);
		word[n++] = READ_SELECTOR(es);
		word[n++] = READ_SELECTOR(fs);
		word[n++] = READ_SELECTOR(gs);
	}
	if (b->extra == EXTRA_ERROR_CODE)
		word[n++] = b->error_code;
	word[n++] = v->regs.rip;
	word[n++] = (v->regs.cs & (from_user ? 0xffff : 0xfffc)) | (u64)masked << 32;
	word[n++] = visible_flags(v, masked);
	word[n++] = v->regs.rsp;
	word[n++] = v->regs.ss;
	return n;
}

static bool bounce64(struct vcpu *v, const struct bounce *b, bool masked, gva_t *fault)
{
	bool from_user = !v->in_kernel;
	u64 word[FRAME_WORDS_MAX], sp;
	unsigned n = fill_frame64(v, b, from_user, masked, word);

	if (from_user)
		toggle_guest_mode(v);
	sp = ((from_user ? v->kernel_sp : v->regs.rsp) & ~0xfull) - n * 8;
	if (copy_to_guest_fault(sp, word, n * 8, fault))
		return false;
	v->regs.ss = PV64_RING3_DS;
	v->regs.rsp = sp;
	v->regs.cs = PV64_RING3_CS64;
	return true;
}

/* --- both ------------------------------------------------------------------------------------- */

static void enter_kernel(struct vcpu *v, const struct bounce *b)
{
	bool masked = READ_ONCE(v->info->evtchn_upcall_mask) != 0, done;
	gva_t fault = 0;

	if (unlikely(!b->gate->address)) {
		domain_crash(v->domain, "%s without a handler for it", b->what);
		return;
	}
	done = v->domain->is_pv32 ? bounce32(v, b, masked, &fault) :
				    bounce64(v, b, masked, &fault);
	if (unlikely(!done)) {
		domain_crash(v->domain, "%s: its kernel stack cannot be written at %lx", b->what,
			     fault);
		return;
	}
	v->regs.rip = b->gate->address;
	v->regs.rflags &= ~(u64)CLEARED_ON_ENTRY;
	if (b->gate->mask_events)
		WRITE_ONCE(v->info->evtchn_upcall_mask, 1);
}

static const char *const trap_text[20] = {
	"divide error", "debug trap", "NMI", "breakpoint", "overflow trap", "bound range exception",
	"invalid opcode", "FPU trap", "double fault", "coprocessor overrun", "invalid TSS",
	"segment not present", "stack fault", "general protection fault", "page fault", "trap 15",
	"x87 error", "alignment check", "machine check", "SIMD error",
};

void bounce_trap(struct vcpu *v, u32 vector, bool has_error_code, u32 error_code)
{
	struct bounce b = {
		.gate = &v->traps[vector],
		.extra = has_error_code ? EXTRA_ERROR_CODE : EXTRA_NONE,
		.error_code = error_code,
		.what = vector < ARRAY_SIZE(trap_text) ? trap_text[vector] : "software interrupt",
	};

	enter_kernel(v, &b);
}

/* A pv64 kernel runs with user privilege, but its own faults are to look like a kernel's. */
void bounce_page_fault(struct vcpu *v, gva_t addr, u32 error_code)
{
	if (!v->domain->is_pv32 && v->in_kernel)
		error_code &= ~(u32)PF_USER;
	vcpu_info_set_cr2(v, addr);
	v->ctrlreg[2] = addr;
	v->last_fault = addr;
	if (unlikely(!v->traps[VEC_PF].address)) {
		domain_crash(v->domain, "page fault at %lx, error code %x, without a handler", addr,
			     error_code);
		return;
	}
	bounce_trap(v, VEC_PF, true, error_code);
}

void bounce_event(struct vcpu *v)
{
	struct guest_gate gate = v->event;
	struct bounce b = { .gate = &gate, .what = "event upcall" };

	gate.mask_events = true;
	enter_kernel(v, &b);
}

void bounce_nmi(struct vcpu *v)
{
	struct bounce b = { .gate = &v->traps[VEC_NMI], .what = "NMI" };

	enter_kernel(v, &b);
}

void bounce_syscall(struct vcpu *v, const struct guest_gate *gate)
{
	struct bounce b = { .gate = gate, .what = "system call" };

	enter_kernel(v, &b);
}

void bounce_failsafe(struct vcpu *v)
{
	struct guest_gate gate = v->failsafe;
	struct bounce b = { .gate = &gate, .extra = EXTRA_SELECTORS, .what = "failsafe callback" };

	gate.mask_events = v->failsafe_masks_events;
	enter_kernel(v, &b);
}
