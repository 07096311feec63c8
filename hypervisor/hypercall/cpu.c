/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest sets of its vCPU: trap table, stacks, callbacks, descriptors, debug registers. */
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/debugreg.h"
#include "hypervisor/domain/fpu.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/callback.h"
#include "pvabi/compat/arch-x86/xen.h"
#include "pvabi/compat/callback.h"
#include "pvabi/nmi.h"
#include "pvabi/xen.h"

#define DESCRIPTORS_PER_PAGE	512

/* --- traps ------------------------------------------------------------------------------------ */

static int read_trap(u64 table, unsigned i, struct trap_info *t)
{
	return guest_read(t, table + i * guest_sizeof(trap_info), trap_info,
			  narrow.vector, narrow.flags, narrow.cs, narrow.address);
}

long do_set_trap_table(u64 table)
{
	struct vcpu *v = current;
	struct trap_info t;

	if (!table) {
		memset(v->traps, 0, 256 * sizeof(*v->traps));
		return 0;
	}
	/* Each vector once, and the entry that ends it. */
	for (unsigned i = 0; i <= 256; i++) {
		if (read_trap(table, i, &t))
			return -EFAULT;
		if (!t.address)
			return 0;
		if (!guest_is_pv32() && !is_canonical(t.address))
			return -EINVAL;
		v->traps[t.vector] = (struct guest_gate){
			.address = t.address,
			.cs = fix_code_selector(t.cs, guest_is_pv32()),
			.dpl = TI_GET_DPL(&t),
			.mask_events = TI_GET_IF(&t) != 0,
		};
	}
	return 0;
}

long do_stack_switch(u64 ss, u64 sp)
{
	current->kernel_ss = fix_stack_selector((u16)ss, guest_is_pv32());
	current->kernel_sp = sp;
	return 0;
}

/* --- callbacks -------------------------------------------------------------------------------- */

struct callback {
	u16 type, flags;
	u16 cs;
	u64 address;
};

static void set_gate(struct guest_gate *gate, const struct callback *cb)
{
	gate->address = cb->address;
	gate->cs = fix_code_selector(cb->cs, guest_is_pv32());
	gate->mask_events = cb->flags & CALLBACKF_mask_events;
}

/* Entered in the kernel's flat segment, events masked, whichever way it was asked for. */
static void set_nmi_gate(struct vcpu *v, u64 address)
{
	v->traps[VEC_NMI] = (struct guest_gate){
		.address = address, .mask_events = true,
		.cs = fix_code_selector(guest_is_pv32() ? PV32_RING1_CS : 0, guest_is_pv32()),
	};
}

static long register_callback(struct vcpu *v, const struct callback *cb)
{
	if (!guest_is_pv32() && !is_canonical(cb->address))
		return -EINVAL;
	switch (cb->type) {
	case CALLBACKTYPE_event:
		set_gate(&v->event, cb);
		return 0;
	case CALLBACKTYPE_failsafe:
		set_gate(&v->failsafe, cb);
		v->failsafe_masks_events = cb->flags & CALLBACKF_mask_events;
		return 0;
	case CALLBACKTYPE_syscall:
		if (guest_is_pv32())
			return -ENOSYS;
		set_gate(&v->syscall, cb);
		return 0;
	case CALLBACKTYPE_syscall32:
		set_gate(&v->syscall32, cb);
		return 0;
	case CALLBACKTYPE_sysenter:
		set_gate(&v->sysenter, cb);
		return 0;
	case CALLBACKTYPE_nmi:
		set_nmi_gate(v, cb->address);
		return 0;
	default:
		return -ENOSYS;
	}
}

/* No kernel can do without the others; a pv32 one has none of its own for SYSCALL. */
static long unregister_callback(struct vcpu *v, u16 type)
{
	switch (type) {
	case CALLBACKTYPE_syscall:
		return guest_is_pv32() ? -ENOSYS : -EINVAL;
	case CALLBACKTYPE_event:
	case CALLBACKTYPE_failsafe:
	case CALLBACKTYPE_syscall32:
	case CALLBACKTYPE_sysenter:
		return -EINVAL;
	case CALLBACKTYPE_nmi:
		v->traps[VEC_NMI].address = 0;
		return 0;
	default:
		return -ENOSYS;
	}
}

static long read_callback(u64 arg, struct callback *cb)
{
	struct compat_callback_register narrow;
	struct callback_register wide;

	if (guest_is_pv32()) {
		if (copy_from_guest(&narrow, arg, sizeof(narrow)))
			return -EFAULT;
		*cb = (struct callback){ narrow.type, narrow.flags, (u16)narrow.address.cs,
					 narrow.address.eip };
		return 0;
	}
	if (copy_from_guest(&wide, arg, sizeof(wide)))
		return -EFAULT;
	*cb = (struct callback){ wide.type, wide.flags, 0, wide.address };
	return 0;
}

long do_callback_op(u64 cmd, u64 arg)
{
	struct callback_unregister un;
	struct callback cb;
	long rc;

	switch ((u32)cmd) {
	case CALLBACKOP_register:
		rc = read_callback(arg, &cb);
		return rc ? rc : register_callback(current, &cb);
	case CALLBACKOP_unregister:
		if (copy_from_guest(&un, arg, sizeof(un)))
			return -EFAULT;
		return unregister_callback(current, un.type);
	default:
		return guest_is_pv32() ? -EINVAL : -ENOSYS;	/* as on Xen, for no better reason */
	}
}

long do_set_callbacks(u64 event, u64 failsafe, u64 syscall)
{
	const struct callback cb[] = {
		{ .type = CALLBACKTYPE_event, .address = event },
		{ .type = CALLBACKTYPE_failsafe, .address = failsafe },
		{ .type = CALLBACKTYPE_syscall, .address = syscall },
	};

	/* The old call has no answer for one that is refused. */
	for (unsigned i = 0; i < ARRAY_SIZE(cb); i++)
		register_callback(current, &cb[i]);
	return 0;
}

long compat_set_callbacks(u64 event_cs, u64 event, u64 failsafe_cs, u64 failsafe)
{
	const struct callback cb[] = {
		{ .type = CALLBACKTYPE_event, .cs = (u16)event_cs, .address = event },
		{ .type = CALLBACKTYPE_failsafe, .cs = (u16)failsafe_cs, .address = failsafe },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cb); i++)
		register_callback(current, &cb[i]);
	return 0;
}

static long register_nmi(u64 arg)
{
	struct callback cb = { .type = CALLBACKTYPE_nmi };
	struct xennmi_callback wide;
	u32 narrow[2];

	if (guest_is_pv32()) {
		if (copy_from_guest(narrow, arg, sizeof(narrow)))
			return -EFAULT;
		cb.address = narrow[0];
	} else {
		if (copy_from_guest(&wide, arg, sizeof(wide)))
			return -EFAULT;
		cb.address = wide.handler_address;
	}
	return register_callback(current, &cb);
}

long do_nmi_op(u64 cmd, u64 arg)
{
	switch ((u32)cmd) {
	case XENNMI_register_callback:
		return register_nmi(arg);
	case XENNMI_unregister_callback:
		return unregister_callback(current, CALLBACKTYPE_nmi);
	default:
		return -ENOSYS;
	}
}

/* --- FPU and debug registers ------------------------------------------------------------------ */

long do_fpu_taskswitch(u64 set)
{
	fpu_set_task_switched(current, set != 0);
	return 0;
}

long do_set_debugreg(u64 reg, u64 value)
{
	return debugreg_set(current, (u32)reg, value);
}

long do_get_debugreg(u64 reg)
{
	u64 value;
	int rc = debugreg_get(current, (u32)reg, &value);

	return rc ? rc : (long)value;
}

/* --- descriptors ------------------------------------------------------------------------------ */

long do_set_gdt(u64 frames, u64 entries)
{
	unsigned nr = (unsigned)DIV_UP(MIN(entries, 65536ul), DESCRIPTORS_PER_PAGE);
	u64 mfns[GUEST_GDT_PAGES];
	u32 narrow[GUEST_GDT_PAGES];

	if (nr > GUEST_GDT_PAGES)
		return -EINVAL;
	if (!guest_is_pv32()) {
		if (copy_from_guest(mfns, frames, nr * sizeof(*mfns)))
			return -EFAULT;
	} else {
		if (copy_from_guest(narrow, frames, nr * sizeof(*narrow)))
			return -EFAULT;
		for (unsigned i = 0; i < nr; i++)
			mfns[i] = narrow[i];
	}
	return segment_set_gdt(current, mfns, (unsigned)entries);
}

/* Into a descriptor page, or into one that is not used as anything yet. */
static long write_descriptor(struct frame *frame, unsigned index, u64 descriptor)
{
	u64 *table = mfn_to_virt(frame_to_mfn(frame));
	int rc = get_frame_type(frame, frame_type(frame) == FT_SEG ? FT_SEG : FT_WRITABLE, false);

	if (rc)
		return rc;
	WRITE_ONCE(table[index], descriptor);
	put_frame_type(frame, false);
	return 0;
}

long do_update_descriptor(u64 machine_addr, u64 descriptor)
{
	struct domain *d = current->domain;
	mfn_t mfn = PFN_DOWN(machine_addr);
	struct frame *frame;
	long rc;

	if (machine_addr & 7 || !mfn_valid(mfn) ||
	    !descriptor_fix(&descriptor, d->is_pv32, d->compat_m2p_start))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, d))
		return -EINVAL;
	rc = write_descriptor(frame, (unsigned)(machine_addr & ~PAGE_MASK) / 8, descriptor);
	put_frame(frame);
	return rc;
}

long compat_update_descriptor(u64 ma_lo, u64 ma_hi, u64 desc_lo, u64 desc_hi)
{
	return do_update_descriptor(ma_hi << 32 | ma_lo, desc_hi << 32 | desc_lo);
}

long do_set_segment_base(u64 which, u64 base)
{
	return segment_set_base(current, (unsigned)MIN(which, 64ul), base);
}

/* --- assists ---------------------------------------------------------------------------------- */

#define ASSISTS_PV32	(BIT(VMASST_TYPE_4gb_segments) | BIT(VMASST_TYPE_4gb_segments_notify) |	\
			 BIT(VMASST_TYPE_writable_pagetables) | BIT(VMASST_TYPE_pae_extended_cr3) | \
			 BIT(VMASST_TYPE_architectural_iopl) | BIT(VMASST_TYPE_runstate_update_flag))
/* Some of those mean nothing to a pv64 guest, which may ask for them all the same. */
#define ASSISTS_PV64	(ASSISTS_PV32 | BIT(VMASST_TYPE_m2p_strict))

long do_vm_assist(u64 cmd, u64 type)
{
	struct domain *d = current->domain;
	u64 valid = d->is_pv32 ? ASSISTS_PV32 : ASSISTS_PV64;

	type = (u32)type;
	if (type >= 64 || !(valid & BIT(type)))
		return -EINVAL;
	switch ((u32)cmd) {
	case VMASST_CMD_enable:
		atomic_fetch_or(&d->vm_assist, BIT(type));
		return 0;
	case VMASST_CMD_disable:
		atomic_fetch_and(&d->vm_assist, ~BIT(type));
		return 0;
	default:
		return -ENOSYS;
	}
}
