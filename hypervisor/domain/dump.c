/* SPDX-License-Identifier: GPL-2.0-only */
/* Register and stack dumps of guests. */
#include "hypervisor/domain/dump.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"

#define STACK_LINES	8
#define WORDS_PER_LINE	4

static void dump_registers(const struct vcpu *v)
{
	const struct regs *r = &v->regs;

	hv_print("d%uv%u %s, %s mode, %s\n", v->domain->id, v->id,
		 v->domain->is_pv32 ? "pv32" : "pv64", guest_in_kernel(v) ? "kernel" : "user",
		 v->info->evtchn_upcall_mask ? "events masked" : "events open");
	hv_print("rip %04lx:%016lx rsp %04lx:%016lx flags %08lx cr2 %016lx\n", r->cs, r->rip, r->ss,
		 r->rsp, r->rflags, v->ctrlreg[2]);
	hv_print("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
	hv_print("rsi %016lx rdi %016lx rbp %016lx cr3 %016lx\n", r->rsi, r->rdi, r->rbp, v->cr3);
	if (v->domain->is_pv32)
		return;
	hv_print("r8  %016lx r9  %016lx r10 %016lx r11 %016lx\n", r->r8, r->r9, r->r10, r->r11);
	hv_print("r12 %016lx r13 %016lx r14 %016lx r15 %016lx\n", r->r12, r->r13, r->r14, r->r15);
}

static void dump_stack(const struct vcpu *v)
{
	unsigned size = v->domain->is_pv32 ? 4 : 8;
	gva_t sp = v->regs.rsp;

	for (unsigned line = 0; line < STACK_LINES; line++) {
		u64 words[WORDS_PER_LINE] = { 0 };

		for (unsigned i = 0; i < WORDS_PER_LINE; i++, sp += size)
			if (copy_from_guest(&words[i], sp, size)) {
				hv_print("stack ends at %lx\n", sp);
				return;
			}
		hv_print("%016lx: %0*lx %0*lx %0*lx %0*lx\n", sp - size * WORDS_PER_LINE,
			 size * 2, words[0], size * 2, words[1], size * 2, words[2], size * 2,
			 words[3]);
	}
}

void dump_vcpu(struct vcpu *v, bool stack)
{
	dump_registers(v);
	if (stack && v == current)
		dump_stack(v);
}
