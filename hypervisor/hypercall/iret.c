/* SPDX-License-Identifier: GPL-2.0-only */
/* HYPERVISOR_iret: a guest's kernel leaves by a frame on its stack, as IRET would read it. */
#include "hypervisor/arch/guest_access.h"
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

/* esp -> eax, eip, cs | mask << 16, eflags, and when leaving ring 1: esp, ss. */
static long iret32(struct vcpu *v)
{
	u32 frame[6];
	u32 sp = (u32)v->regs.rsp;

	if (copy_from_guest(frame, sp, 4 * 4))
		goto bad_stack;
	set_iopl(v, frame[3]);
	if ((frame[2] & 3) > 1) {
		if (copy_from_guest(frame + 4, sp + 4 * 4, 2 * 4))
			goto bad_stack;
		v->regs.rsp = frame[4];
		v->regs.ss = (u16)frame[5];
	} else {
		v->regs.rsp = sp + 4 * 4;
	}
	v->regs.rip = frame[1];
	v->regs.cs = (u16)(frame[2] & 3 ? frame[2] : frame[2] | 1);
	v->regs.rflags = real_flags(frame[3]);
	set_event_mask(v, !(frame[3] & EFLAGS_IF));
	return frame[0];
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

static long iret64(struct vcpu *v)
{
	struct iret_context frame;

	if (copy_from_guest(&frame, v->regs.rsp, sizeof(frame))) {
		domain_crash(v->domain, "its stack cannot be read by iret at %lx", v->regs.rsp);
		return 0;
	}
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
}

long do_iret(void)
{
	struct vcpu *v = current;

	return v->domain->is_pv32 ? iret32(v) : iret64(v);
}
