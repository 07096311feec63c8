/* SPDX-License-Identifier: GPL-2.0-only */
/* HYPERVISOR_iret: a guest's kernel leaves by a frame on its stack, as IRET would read it. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/guest_span.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "pvabi/xen.h"

/* Flags a guest may have in its real EFLAGS. IF is always on: its masking is the event mask. */
static u64 real_flags(u64 flags)
{
	return (flags & ~(u64)(EFLAGS_IOPL | EFLAGS_VM | EFLAGS_NT | EFLAGS_VIF | EFLAGS_VIP)) |
	       EFLAGS_IF | EFLAGS_MBS;
}

/* A kernel that does not ask for it has its I/O privilege by PHYSDEVOP_set_iopl alone. */
static void set_iopl(struct vcpu *v, u64 flags)
{
	if (atomic_load(&v->domain->vm_assist) & BIT(VMASST_TYPE_architectural_iopl))
		v->iopl = flags >> 12 & 3;
}

static void set_event_mask(struct vcpu *v, bool masked)
{
	WRITE_ONCE(v->info->evtchn_upcall_mask, masked);
}

#define VM86_WORDS	9		/* eip cs eflags esp ss es ds fs gs */

/*
 * There is no virtual 8086 mode in long mode: the kernel gets a #GP as of the first instruction
 * there, upon the frame it wanted to leave by.
 */
static bool refuse_vm86(struct vcpu *v, u32 sp, u32 eflags)
{
	const struct guest_gate *gate = &v->traps[VEC_GP];
	u32 frame[1 + VM86_WORDS], to = (u32)v->kernel_sp - sizeof(frame);

	if (copy_from_guest(frame + 1, sp + 4ul, VM86_WORDS * 4))
		return false;
	frame[0] = 0;			/* the error code */
	if (copy_to_guest(to, frame, sizeof(frame)))
		return false;
	v->regs.rsp = to;
	v->regs.ss = v->kernel_ss;
	v->regs.rip = gate->address;
	v->regs.cs = gate->cs;
	v->regs.rflags = real_flags(eflags) & ~(u64)(EFLAGS_RF | EFLAGS_TF);
	set_event_mask(v, gate->mask_events || !(eflags & EFLAGS_IF));
	return true;
}

/* esp -> eax, eip, cs | mask << 16, eflags, and when leaving ring 1: esp, ss. */
static long iret32(struct vcpu *v)
{
	u32 sp = (u32)v->regs.rsp, eax, eip, cs, eflags, esp = sp + 4 * 4, ss;
	struct guest_span frame;

	if (!guest_span(&frame, sp, 4 * 4))
		goto bad_stack;
	guest_get(&frame, 0, eax, bad_stack);
	guest_get(&frame, 4, eip, bad_stack);
	guest_get(&frame, 8, cs, bad_stack);
	guest_get(&frame, 12, eflags, bad_stack);
	set_iopl(v, eflags);
	if (unlikely(eflags & EFLAGS_VM)) {
		if (!refuse_vm86(v, sp, eflags))
			goto bad_stack;
		return eax;
	}
	if (!(cs & 3)) {
		domain_crash(v->domain, "iret to ring 0");
		return 0;
	}
	if ((cs & 3) > 1) {
		if (!guest_span(&frame, sp + 4 * 4, 2 * 4))
			goto bad_stack;
		guest_get(&frame, 0, esp, bad_stack);
		guest_get(&frame, 4, ss, bad_stack);
		v->regs.ss = (u16)ss;
	}
	v->regs.rsp = esp;
	v->regs.rip = eip;
	v->regs.cs = (u16)cs;
	v->regs.rflags = real_flags(eflags);
	set_event_mask(v, !(eflags & EFLAGS_IF));
	return eax;
bad_stack:
	domain_crash(v->domain, "its stack cannot be read by iret at %x", sp);
	return 0;
}

static void load_frame64(struct vcpu *v, const struct iret_context *frame)
{
	set_iopl(v, frame->rflags);
	v->regs.rip = frame->rip;
	v->regs.cs = (u16)(frame->cs | 3);
	v->regs.rflags = real_flags(frame->rflags);
	v->regs.rsp = frame->rsp;
	v->regs.ss = (u16)(frame->ss | 3);
	v->regs.r11 = frame->r11;
	v->regs.rcx = frame->rcx;
	set_event_mask(v, !(frame->rflags & EFLAGS_IF));
}

#define GET(member) \
	guest_get(&span, offsetof(struct iret_context, member), frame.member, bad_stack)

/* All of it is read before the address space changes. */
static long iret64(struct vcpu *v)
{
	struct iret_context frame;
	struct guest_span span;

	if (!guest_span(&span, v->regs.rsp, sizeof(frame)))
		goto bad_stack;
	GET(rax);
	GET(r11);
	GET(rcx);
	GET(rip);
	GET(cs);
	GET(rflags);
	GET(rsp);
	GET(ss);
	if ((frame.cs & 3) == 3) {
		if (!v->cr3_user) {
			domain_crash(v->domain, "iret to user mode without a user page table");
			return 0;
		}
		toggle_guest_mode(v);
	}
	load_frame64(v, &frame);
	/* SYSRET would have left these two undefined: the frame's are as good. */
	return (long)frame.rax;
bad_stack:
	domain_crash(v->domain, "its stack cannot be read by iret at %lx", v->regs.rsp);
	return 0;
}

long do_iret(void)
{
	struct vcpu *v = current;

	if (unlikely(v->nmi))
		bounce_nmi_done(v);
	return v->domain->is_pv32 ? iret32(v) : iret64(v);
}
