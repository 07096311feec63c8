/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPU contexts. A pv32 context is widened to the pv64 structure first (and narrowed last), so that
 * each field is checked and set in one place.
 */
#include "hypervisor/domain/context.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/debugreg.h"
#include "hypervisor/domain/fpu.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/compat/arch-x86/xen-x86_32.h"
#include "pvabi/compat/arch-x86/xen.h"

/* Both widths' contexts as one: what only pv32 has stands beside the pv64 structure. */
struct context {
	struct vcpu_guest_context native;
	u16 event_cs, failsafe_cs;
};

typedef struct compat_vcpu_guest_context compat_context_t;

size_t context_size(const struct domain *d)
{
	return d->is_pv32 ? sizeof(compat_context_t) : sizeof(struct vcpu_guest_context);
}

/* --- widths ----------------------------------------------------------------------------------- */

#define REGS32(X)								\
	X(ebx, rbx) X(ecx, rcx) X(edx, rdx) X(esi, rsi) X(edi, rdi) X(ebp, rbp) X(eax, rax)	\
	X(eip, rip) X(cs, cs) X(eflags, rflags) X(esp, rsp) X(ss, ss) X(ds, ds) X(es, es)	\
	X(fs, fs) X(gs, gs)

#define SCALARS32(X)								\
	X(flags) X(ldt_base) X(ldt_ents) X(gdt_ents) X(kernel_ss) X(kernel_sp) X(vm_assist)

#define ARRAYS32(X)	X(gdt_frames, 16) X(ctrlreg, 8) X(debugreg, 8)

static void widen(struct context *to, const compat_context_t *from)
{
	struct vcpu_guest_context *n = &to->native;

	memcpy(&n->fpu_ctxt, &from->fpu_ctxt, sizeof(n->fpu_ctxt));
#define X(name) n->name = from->name;
	SCALARS32(X)
#undef X
#define X(name, count) for (unsigned i = 0; i < (count); i++) n->name[i] = from->name[i];
	ARRAYS32(X)
#undef X
#define X(narrow, wide) n->user_regs.wide = from->user_regs.narrow;
	REGS32(X)
#undef X
	for (unsigned i = 0; i < 256; i++) {
		n->trap_ctxt[i].vector = from->trap_ctxt[i].vector;
		n->trap_ctxt[i].flags = from->trap_ctxt[i].flags;
		n->trap_ctxt[i].cs = from->trap_ctxt[i].cs;
		n->trap_ctxt[i].address = from->trap_ctxt[i].address;
	}
	n->event_callback_eip = from->event_callback_eip;
	n->failsafe_callback_eip = from->failsafe_callback_eip;
	to->event_cs = (u16)from->event_callback_cs;
	to->failsafe_cs = (u16)from->failsafe_callback_cs;
}

static void narrow(compat_context_t *to, const struct context *from)
{
	const struct vcpu_guest_context *n = &from->native;

	memcpy(&to->fpu_ctxt, &n->fpu_ctxt, sizeof(to->fpu_ctxt));
#define X(name) to->name = (u32)n->name;
	SCALARS32(X)
#undef X
#define X(name, count) for (unsigned i = 0; i < (count); i++) to->name[i] = (u32)n->name[i];
	ARRAYS32(X)
#undef X
#define X(narrow, wide) to->user_regs.narrow = (__typeof__(to->user_regs.narrow))n->user_regs.wide;
	REGS32(X)
#undef X
	for (unsigned i = 0; i < 256; i++) {
		to->trap_ctxt[i].vector = n->trap_ctxt[i].vector;
		to->trap_ctxt[i].flags = n->trap_ctxt[i].flags;
		to->trap_ctxt[i].cs = n->trap_ctxt[i].cs;
		to->trap_ctxt[i].address = (u32)n->trap_ctxt[i].address;
	}
	to->event_callback_eip = (u32)n->event_callback_eip;
	to->failsafe_callback_eip = (u32)n->failsafe_callback_eip;
	to->event_callback_cs = from->event_cs;
	to->failsafe_callback_cs = from->failsafe_cs;
}

/* --- loading ---------------------------------------------------------------------------------- */

static void load_registers(struct vcpu *v, const struct cpu_user_regs *r)
{
	bool is_pv32 = v->domain->is_pv32;
	struct regs *to = &v->regs;

	*to = (struct regs){
		.r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12, .rbp = r->rbp,
		.rbx = r->rbx, .r11 = r->r11, .r10 = r->r10, .r9 = r->r9, .r8 = r->r8,
		.rax = r->rax, .rcx = r->rcx, .rdx = r->rdx, .rsi = r->rsi, .rdi = r->rdi,
		.rip = r->rip, .rsp = r->rsp,
		.cs = fix_code_selector(r->cs, is_pv32), .ss = fix_stack_selector(r->ss, is_pv32),
		.rflags = (r->rflags & ~(u64)(EFLAGS_IOPL | EFLAGS_VM | EFLAGS_NT | EFLAGS_VIF |
					      EFLAGS_VIP)) | EFLAGS_IF | EFLAGS_MBS,
	};
	/* The processor never sees the guest's I/O privilege: instructions are emulated by it. */
	v->iopl = r->rflags >> 12 & 3;
	v->ds = r->ds;
	v->es = r->es;
	v->fs = r->fs;
	v->gs = r->gs;
}

static void load_gates(struct vcpu *v, const struct context *c)
{
	const struct vcpu_guest_context *n = &c->native;
	bool is_pv32 = v->domain->is_pv32;

	for (unsigned i = 0; i < 256; i++) {
		const struct trap_info *t = &n->trap_ctxt[i];

		v->traps[i] = (struct guest_gate){
			.address = t->address,
			.cs = fix_code_selector(t->cs, is_pv32),
			.dpl = TI_GET_DPL(t),
			.mask_events = TI_GET_IF(t) != 0,
		};
	}
	v->event.address = n->event_callback_eip;
	v->event.cs = fix_code_selector(c->event_cs, is_pv32);
	v->failsafe.address = n->failsafe_callback_eip;
	v->failsafe.cs = fix_code_selector(c->failsafe_cs, is_pv32);
	v->failsafe_masks_events = n->flags & VGCF_failsafe_disables_events;
	v->kernel_ss = fix_stack_selector((u16)n->kernel_ss, is_pv32);
	v->kernel_sp = n->kernel_sp;
	if (!is_pv32) {
		v->syscall.address = n->syscall_callback_eip;
		v->syscall.mask_events = n->flags & VGCF_syscall_disables_events;
		v->fs_base = n->fs_base;
		v->gs_base_kernel = n->gs_base_kernel;
		v->gs_base_user = n->gs_base_user;
	}
}

static bool addresses_ok(const struct domain *d, const struct vcpu_guest_context *n)
{
	if (d->is_pv32)
		return true;
	return is_canonical(n->user_regs.rip) && is_canonical(n->fs_base) &&
	       is_canonical(n->gs_base_kernel) && is_canonical(n->gs_base_user) &&
	       is_canonical(n->event_callback_eip) && is_canonical(n->failsafe_callback_eip) &&
	       is_canonical(n->syscall_callback_eip) && is_canonical(n->kernel_sp);
}

/* What involves frames; only the first time. Preempted, it is done again from the start. */
static int load_frames(struct vcpu *v, const struct vcpu_guest_context *n)
{
	struct domain *d = v->domain;
	u64 user = d->is_pv32 ? 0 : n->ctrlreg[1] >> 12;
	int rc = address_space_finish(v);

	if (!rc)
		rc = segment_set_gdt(v, (const u64 *)n->gdt_frames, (unsigned)n->gdt_ents);
	if (!rc)
		rc = segment_set_ldt(v, n->ldt_base, (unsigned)n->ldt_ents);
	if (!rc)
		rc = address_space_set_root(v, cr3_to_mfn(d, n->ctrlreg[3]));
	/* Of an attempt that failed there may be an old root, which takes its time to go. */
	if (!rc)
		rc = address_space_finish(v);
	if (!rc && user)
		rc = address_space_set_user_root(v, user);
	return rc;
}

static int load(struct vcpu *v, const struct context *c)
{
	const struct vcpu_guest_context *n = &c->native;
	int rc;

	if (n->gdt_ents > GUEST_GDT_PAGES * 512 || n->ldt_ents > 8192 ||
	    !addresses_ok(v->domain, n))
		return -EINVAL;
	if (!v->is_initialised) {
		rc = load_frames(v, n);
		if (rc)
			return rc;
	}
	load_registers(v, &n->user_regs);
	load_gates(v, c);
	v->ctrlreg[4] = n->ctrlreg[4];
	for (unsigned i = 0; i < 8; i++)
		if (i != 4 && i != 5 && debugreg_set(v, i, n->debugreg[i]))
			v->debugreg[i] = i == 7 ? 0x400 : 0;
	v->in_kernel = !v->domain->is_pv32 && ((n->flags & VGCF_in_kernel) || !v->cr3_user);
	if (n->flags & VGCF_i387_valid)
		fpu_set_fxsave(v, &n->fpu_ctxt);
	v->domain->vm_assist |= (u32)n->vm_assist;
	v->ctrlreg[0] = CR0_PG | CR0_PE | CR0_ET | (n->ctrlreg[0] & CR0_TS);
	v->wants_fpu_trap = n->ctrlreg[0] & CR0_TS;
	v->is_initialised = true;
	v->domain->has_context |= v->id == 0;
	if (n->flags & VGCF_online)
		atomic_fetch_and(&v->pause_flags, ~PAUSE_DOWN);
	else
		atomic_fetch_or(&v->pause_flags, PAUSE_DOWN);
	return 0;
}

int vcpu_load_context(struct vcpu *v, const void *ctxt)
{
	struct context *c = kalloc(sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	if (v->domain->is_pv32)
		widen(c, ctxt);
	else
		memcpy(&c->native, ctxt, sizeof(c->native));
	rc = load(v, c);
	kfree(c);
	return rc;
}

int vcpu_set_context(struct vcpu *v, gva_t ctxt)
{
	size_t size = context_size(v->domain);
	void *copy = kalloc(size);
	int rc = -ENOMEM;

	if (copy)
		rc = copy_from_guest(copy, ctxt, size);
	if (!rc)
		rc = v->is_initialised ? -EEXIST : vcpu_load_context(v, copy);
	kfree(copy);
	return rc;
}

/* --- saving ----------------------------------------------------------------------------------- */

static void save_registers(const struct vcpu *v, struct cpu_user_regs *to)
{
	const struct regs *r = &v->regs;

	to->r15 = r->r15, to->r14 = r->r14, to->r13 = r->r13, to->r12 = r->r12;
	to->rbp = r->rbp, to->rbx = r->rbx, to->r11 = r->r11, to->r10 = r->r10;
	to->r9 = r->r9, to->r8 = r->r8, to->rax = r->rax, to->rcx = r->rcx;
	to->rdx = r->rdx, to->rsi = r->rsi, to->rdi = r->rdi;
	to->rip = r->rip, to->rflags = r->rflags | (u64)v->iopl << 12, to->rsp = r->rsp;
	to->cs = (u16)r->cs, to->ss = (u16)r->ss;
	to->ds = v->ds, to->es = v->es, to->fs = v->fs, to->gs = v->gs;
	to->saved_upcall_mask = v->info->evtchn_upcall_mask;
}

static void save(const struct vcpu *v, struct context *c)
{
	const struct domain *d = v->domain;
	struct vcpu_guest_context *n = &c->native;

	fpu_get_fxsave(v, &n->fpu_ctxt);
	n->flags = VGCF_i387_valid | (guest_in_kernel(v) ? VGCF_in_kernel : 0) |
		   (atomic_load(&((struct vcpu *)v)->pause_flags) & PAUSE_DOWN ? 0 : VGCF_online) |
		   (v->failsafe_masks_events ? VGCF_failsafe_disables_events : 0) |
		   (v->syscall.mask_events ? VGCF_syscall_disables_events : 0);
	save_registers(v, &n->user_regs);
	for (unsigned i = 0; i < 256; i++)
		n->trap_ctxt[i] = (struct trap_info){
			.vector = (u8)i,
			.flags = (u8)(v->traps[i].dpl | (v->traps[i].mask_events ? 4 : 0)),
			.cs = v->traps[i].cs,
			.address = v->traps[i].address,
		};
	n->ldt_base = v->ldt_base;
	n->ldt_ents = v->ldt_entries;
	n->gdt_ents = v->gdt_entries;
	for (unsigned i = 0; i < GUEST_GDT_PAGES; i++)
		n->gdt_frames[i] = i < DIV_UP(v->gdt_entries, 512) ? v->gdt_frames[i] : 0;
	n->kernel_ss = v->kernel_ss;
	n->kernel_sp = v->kernel_sp;
	for (unsigned i = 0; i < 8; i++) {
		n->ctrlreg[i] = v->ctrlreg[i];
		n->debugreg[i] = v->debugreg[i];
	}
	n->ctrlreg[3] = v->root ? mfn_to_cr3(d, frame_to_mfn(v->root)) : 0;
	n->ctrlreg[1] = v->root_user ? mfn_to_cr3(d, frame_to_mfn(v->root_user)) : 0;
	n->event_callback_eip = v->event.address;
	n->failsafe_callback_eip = v->failsafe.address;
	n->syscall_callback_eip = v->syscall.address;
	n->vm_assist = d->vm_assist;
	n->fs_base = v->fs_base;
	n->gs_base_kernel = v->gs_base_kernel;
	n->gs_base_user = v->gs_base_user;
	c->event_cs = v->event.cs;
	c->failsafe_cs = v->failsafe.cs;
}

int vcpu_save_context(const struct vcpu *v, void *ctxt)
{
	struct context *c = kalloc(sizeof(*c));

	if (!c)
		return -ENOMEM;
	save(v, c);
	if (v->domain->is_pv32)
		narrow(ctxt, c);
	else
		memcpy(ctxt, &c->native, sizeof(c->native));
	kfree(c);
	return 0;
}
