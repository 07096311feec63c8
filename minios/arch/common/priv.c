/* SPDX-License-Identifier: MIT */
/* The privileged operations as hypercalls: both widths. */
#include <errno.h>
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include <minios/event.h>
#include <minios/hypercall.h>
#include <minios/panic.h>
#include <minios/start.h>
#include <minios/trap.h>
#include "pvabi/sched.h"

void priv_idle(void)
{
	hypercall_sched_op(SCHEDOP_block, NULL);
}

void priv_events_deliver(void)
{
	do {
		priv_events_mask();
		event_upcall(NULL);
		priv_barrier();
		__atomic_store_n(&priv_vcpu_info()->evtchn_upcall_mask, 0, __ATOMIC_SEQ_CST);
	} while (__atomic_load_n(&priv_vcpu_info()->evtchn_upcall_pending, __ATOMIC_RELAXED));
}

void priv_set_timer(uint64_t deadline)
{
	hypercall_set_timer_op(deadline);
}

int priv_trap_gate(unsigned int vector, unsigned int dpl, void (*entry)(void))
{
	/*
	 * Exceptions mask events on the way in. A software interrupt leaves them alone, so that the
	 * hypervisor can give it a gate of its own that the CPU takes directly.
	 */
	struct trap_info gates[2] = {
		{
			.vector = vector,
			.flags = dpl | (vector < 32 ? 4 : 0),
			.cs = FLAT_KERNEL_CS,
			.address = (unsigned long)entry,
		},
	};

	return hypercall_set_trap_table(gates);
}

/* None for NMIs: we have no use for one, and without a gate the hypervisor drops it. */
void priv_traps_init(void)
{
	unsigned int v;
	long ret = arch_callbacks_init();

	for (v = 0; v < TRAP_EXCEPTIONS && !ret; v++)
		if (v != TRAP_NMI)
			ret = priv_trap_gate(v, v == 3 || v == 4 ? 3 : 0, trap_entries[v]);
	BUG_ON(ret);
}

void priv_kernel_stack(uintptr_t sp)
{
	hypercall_stack_switch(FLAT_KERNEL_SS, sp);
}

uintptr_t priv_fault_address(void)
{
	return priv_vcpu_info()->arch.cr2;
}

int priv_pt_write(const struct priv_pt_write *writes, size_t count, size_t *done, unsigned int dom)
{
	struct mmu_update reqs[32];
	unsigned int made = 0;
	size_t at = 0, n, i;
	int ret = 0;

	while (at < count && !ret) {
		n = count - at < 32 ? count - at : 32;
		for (i = 0; i < n; i++) {
			reqs[i].ptr = writes[at + i].where | MMU_NORMAL_PT_UPDATE;
			reqs[i].val = writes[at + i].value;
		}
		made = 0;
		ret = hypercall_mmu_update(reqs, n, &made, dom);
		at += ret ? made : n;
	}
	if (done)
		*done = at;
	return ret;
}

int priv_pt_set(uintptr_t va, pte_t pte)
{
	return hypercall_update_va_mapping(va, pte, UVMF_INVLPG | UVMF_LOCAL);
}

static int mmuext(unsigned int cmd, unsigned long arg)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.linear_addr = arg;
	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

void priv_tlb_flush(void)
{
	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0);
}

void priv_tlb_flush_page(uintptr_t va)
{
	mmuext(MMUEXT_INVLPG_LOCAL, va);
}

int priv_pt_pin(unsigned long mfn, unsigned int level)
{
	return mmuext(MMUEXT_PIN_L1_TABLE + level - 1, mfn);
}

int priv_pt_unpin(unsigned long mfn)
{
	return mmuext(MMUEXT_UNPIN_TABLE, mfn);
}

int priv_load_gdt(unsigned long mfn, unsigned int entries)
{
	return hypercall_set_gdt(&mfn, entries);
}

void priv_shutdown(unsigned int reason)
{
	struct sched_shutdown arg = { .reason = reason };

	for (;;)
		hypercall_sched_op(SCHEDOP_shutdown, &arg);
}
