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
#include "hypervisor/arch/guest_span.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/mm/tlb.h"

#define CLEARED_ON_ENTRY	(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC)

/* What stands above a plain frame: so many words. */
enum extra { EXTRA_NONE = 0, EXTRA_ERROR_CODE = 1, EXTRA_SELECTORS = 4 };

/* The guest's active GS base and root change; the one it leaves may have been set by itself. */
static inline void enter_mode(struct vcpu *v, bool kernel, u64 *left, u64 entered, u64 cr3)
{
	v->in_kernel = kernel;
	*left = rdmsr(MSR_KERNEL_GS_BASE);
	wrmsr(MSR_KERNEL_GS_BASE, entered);
	tlb_load_cr3(cr3);
}

void toggle_guest_mode(struct vcpu *v)
{
	if (v->in_kernel) {
		enter_mode(v, false, &v->gs_base_kernel, v->gs_base_user, v->cr3_user);
		return;
	}
	enter_mode(v, true, &v->gs_base_user, v->gs_base_kernel, v->cr3);
	if (unlikely(v->kernel_work)) {
		atomic_fetch_or(&v->work, v->kernel_work);
		v->kernel_work = 0;
	}
}

/* EFLAGS as the guest is to see them. */
static u64 visible_flags(const struct vcpu *v, bool masked)
{
	u64 flags = v->regs.rflags & ~(u64)(EFLAGS_IF | EFLAGS_IOPL);

	if (atomic_load(&v->domain->vm_assist) & BIT(VMASST_TYPE_architectural_iopl))
		flags |= (u64)v->iopl << 12;
	return flags | (masked ? 0 : EFLAGS_IF);
}

/* --- pv32 ------------------------------------------------------------------------------------- */

static bool put_selectors32(const struct vcpu *v, const struct guest_span *frame)
{
	guest_put(frame, 0, (u32)v->ds, fault);
	guest_put(frame, 4, (u32)v->es, fault);
	guest_put(frame, 8, (u32)v->fs, fault);
	guest_put(frame, 12, (u32)v->gs, fault);
	return true;
fault:
	return false;
}

static inline __attribute__((always_inline)) bool bounce32(struct vcpu *v, u16 cs, enum extra extra,
							   u32 error_code, bool masked)
{
	bool from_user = (v->regs.cs & 3) != 1;
	u32 len = (extra + (from_user ? 5 : 3)) * 4, at = extra * 4;
	u32 sp = (u32)(from_user ? v->kernel_sp : v->regs.rsp) - len;
	struct guest_span frame;

	if (unlikely(!guest_span32(&frame, sp, len)))
		return false;
	if (extra == EXTRA_ERROR_CODE)
		guest_put(&frame, 0, error_code, fault);
	else if (unlikely(extra == EXTRA_SELECTORS) && !put_selectors32(v, &frame))
		return false;
	guest_put(&frame, at, (u32)v->regs.rip, fault);
	guest_put(&frame, at + 4, (u16)v->regs.cs | (u32)masked << 16, fault);
	guest_put(&frame, at + 8, (u32)visible_flags(v, masked), fault);
	if (from_user) {
		guest_put(&frame, at + 12, (u32)v->regs.rsp, fault);
		guest_put(&frame, at + 16, (u32)(u16)v->regs.ss, fault);
		v->regs.ss = v->kernel_ss;
	}
	v->regs.rsp = sp;
	v->regs.cs = cs;
	return true;
fault:
	return false;
}

/* --- pv64 ------------------------------------------------------------------------------------- */

static bool put_selectors64(const struct vcpu *v, const struct guest_span *frame)
{
	guest_put(frame, 16, (u64)v->ds, fault);
	guest_put(frame, 24, (u64)v->es, fault);
	guest_put(frame, 32, (u64)v->fs, fault);
	guest_put(frame, 40, (u64)v->gs, fault);
	return true;
fault:
	return false;
}

static inline __attribute__((always_inline)) bool bounce64(struct vcpu *v, enum extra extra,
							   u32 error_code, bool masked)
{
	bool from_user = !v->in_kernel;
	unsigned len = (2 + extra + 5) * 8, at = (2 + extra) * 8;
	struct guest_span frame;
	gva_t sp;

	if (from_user)
		toggle_guest_mode(v);
	sp = ((from_user ? v->kernel_sp : v->regs.rsp) & ~0xfull) - len;
	if (unlikely(!guest_span(&frame, sp, len)))
		return false;
	guest_put(&frame, 0, v->regs.rcx, fault);
	guest_put(&frame, 8, v->regs.r11, fault);
	if (extra == EXTRA_ERROR_CODE)
		guest_put(&frame, 16, (u64)error_code, fault);
	else if (unlikely(extra == EXTRA_SELECTORS) && !put_selectors64(v, &frame))
		return false;
	guest_put(&frame, at, v->regs.rip, fault);
	guest_put(&frame, at + 8,
		  (v->regs.cs & (from_user ? 0xffff : 0xfffc)) | (u64)masked << 32, fault);
	guest_put(&frame, at + 16, visible_flags(v, masked), fault);
	guest_put(&frame, at + 24, v->regs.rsp, fault);
	guest_put(&frame, at + 32, v->regs.ss, fault);
	v->regs.ss = PV64_RING3_DS;
	v->regs.rsp = sp;
	v->regs.cs = PV64_RING3_CS64;
	return true;
fault:
	return false;
}

/* --- both ------------------------------------------------------------------------------------- */

static const char *const trap_text[20] = {
	"divide error", "debug trap", "NMI", "breakpoint", "overflow trap", "bound range exception",
	"invalid opcode", "FPU trap", "double fault", "coprocessor overrun", "invalid TSS",
	"segment not present", "stack fault", "general protection fault", "page fault", "trap 15",
	"x87 error", "alignment check", "machine check", "SIMD error",
};

/* What is being delivered: every gate is a member of the vCPU's, or one of its table. */
static const char *what_for(const struct vcpu *v, const struct guest_gate *gate)
{
	u64 vector = (u64)(gate - v->traps);

	if (gate == &v->event)
		return "event upcall";
	if (gate == &v->failsafe)
		return "failsafe callback";
	if (gate == &v->syscall || gate == &v->syscall32 || gate == &v->sysenter)
		return "system call";
	return vector < ARRAY_SIZE(trap_text) ? trap_text[vector] : "software interrupt";
}

static __attribute__((cold, noinline)) void no_handler(struct vcpu *v, const struct guest_gate *gate)
{
	domain_crash(v->domain, "%s without a handler for it", what_for(v, gate));
}

static __attribute__((cold, noinline)) void bad_stack(struct vcpu *v, const struct guest_gate *gate)
{
	domain_crash(v->domain, "%s: its kernel stack cannot be written below %lx",
		     what_for(v, gate), guest_in_kernel(v) ? v->regs.rsp : v->kernel_sp);
}

/*
 * Inline, so that each kind of frame is built by code of its own, without a decision a word; and for
 * each width apart, since the frame of a pv32 guest needs nothing to be saved.
 */
static inline __attribute__((always_inline)) void enter_kernel(struct vcpu *v,
		const struct guest_gate *gate, bool mask_events, enum extra extra, u32 error_code,
		bool is_pv32)
{
	bool masked = READ_ONCE(v->info->evtchn_upcall_mask) != 0, done;

	if (unlikely(!gate->address)) {
		no_handler(v, gate);
		return;
	}
	done = is_pv32 ? bounce32(v, gate->cs, extra, error_code, masked) :
			 bounce64(v, extra, error_code, masked);
	if (unlikely(!done)) {
		bad_stack(v, gate);
		return;
	}
	v->regs.rip = gate->address;
	v->regs.rflags &= ~(u64)CLEARED_ON_ENTRY;
	if (mask_events)
		WRITE_ONCE(v->info->evtchn_upcall_mask, 1);
}

#define DEFINE_ENTER(width, is_pv32)						\
	static __attribute__((noinline)) void plain##width(struct vcpu *v,	\
			const struct guest_gate *gate, bool mask_events)	\
	{									\
		enter_kernel(v, gate, mask_events, EXTRA_NONE, 0, is_pv32);	\
	}									\
	static __attribute__((noinline)) void with_code##width(struct vcpu *v,	\
			const struct guest_gate *gate, u32 error_code)		\
	{									\
		enter_kernel(v, gate, gate->mask_events, EXTRA_ERROR_CODE, error_code, is_pv32); \
	}
DEFINE_ENTER(32, true)
DEFINE_ENTER(64, false)

static void enter_plain(struct vcpu *v, const struct guest_gate *gate, bool mask_events)
{
	if (v->domain->is_pv32)
		plain32(v, gate, mask_events);
	else
		plain64(v, gate, mask_events);
}

static void enter_with_code(struct vcpu *v, const struct guest_gate *gate, u32 error_code)
{
	if (v->domain->is_pv32)
		with_code32(v, gate, error_code);
	else
		with_code64(v, gate, error_code);
}

void bounce_trap(struct vcpu *v, u32 vector, bool has_error_code, u32 error_code)
{
	const struct guest_gate *gate = &v->traps[vector];

	if (has_error_code)
		enter_with_code(v, gate, error_code);
	else
		enter_plain(v, gate, gate->mask_events);
}

/* A pv64 kernel runs with user privilege, but its own faults are to look like a kernel's. */
void bounce_page_fault(struct vcpu *v, gva_t addr, u32 error_code)
{
	if (!v->domain->is_pv32 && v->in_kernel)
		error_code &= ~(u32)PF_USER;
	vcpu_info_set_cr2(v, addr);
	v->ctrlreg[2] = addr;
	v->last_fault = addr;
	if (likely(v->traps[VEC_PF].address))
		enter_with_code(v, &v->traps[VEC_PF], error_code);
	else
		domain_crash(v->domain, "page fault at %lx, error code %x, without a handler", addr,
			     error_code);
}

void bounce_event(struct vcpu *v)
{
	enter_plain(v, &v->event, true);
}

/* One that nobody handles is lost. */
void bounce_nmi(struct vcpu *v)
{
	const struct guest_gate *gate = &v->traps[VEC_NMI];

	if (v->nmi) {
		v->nmi |= NMI_WAITING;
	} else if (gate->address) {
		v->nmi = NMI_MASKED;
		enter_plain(v, gate, gate->mask_events);
	}
}

void bounce_nmi_done(struct vcpu *v)
{
	if (v->nmi & NMI_WAITING)
		atomic_fetch_or(&v->work, VCPU_WORK_NMI);
	v->nmi = 0;
}

void bounce_syscall(struct vcpu *v, const struct guest_gate *gate)
{
	enter_plain(v, gate, gate->mask_events);
}

void bounce_failsafe(struct vcpu *v)
{
	enter_kernel(v, &v->failsafe, v->failsafe_masks_events, EXTRA_SELECTORS, 0,
		     v->domain->is_pv32);
}
