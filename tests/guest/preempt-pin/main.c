/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinning a table above hundreds of full ones takes long; events come in between, and the result is
 * the same. So does undoing it, and a refusal at the very end leaves nothing held.
 */
#include <minios/event.h>
#include <minios/irq.h>
#include <minios/time.h>
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/vcpu.h"

const char test_title[] = "large tables are validated in steps";

#define TABLES 128

static volatile unsigned int ticks;
static pte_t *lower[TABLES];

static void on_tick(evtchn_port_t port, void *ctx)
{
	(void)port, (void)ctx;
	ticks++;
	hypercall_set_timer_op(time_monotonic() + 100 * NS_PER_USEC);
}

static pte_t *make_tables(mfn_t target)
{
	pte_t *upper = page_alloc_zero();
	unsigned int i, j;

	NEED(upper);
	for (i = 0; i < TABLES; i++) {
		lower[i] = page_alloc_zero();
		NEED(lower[i]);
		for (j = 0; j < PT_ENTRIES; j++)
			lower[i][j] = make_pte(target, PTE_KERNEL);
		NEED(!page_protect(lower[i]));
		upper[i] = make_pte(virt_to_mfn(lower[i]), PTE_TABLE(1));
	}
	return upper;
}

void test_main(void)
{
	void *target = page_alloc_zero();
	pte_t *upper = make_tables(virt_to_mfn(target));
	mfn_t mfn = virt_to_mfn(upper);
	unsigned int round, before, i;
	uint64_t limit;

	NEED(event_bind_virq(VIRQ_TIMER, on_tick, NULL) > 0);
	hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	irq_restore(false);
	hypercall_set_timer_op(time_monotonic() + 100 * NS_PER_USEC);

	NEED(!page_protect(upper));
	for (round = 0; round < 5; round++) {
		before = ticks;
		CHECK(!mmuext_frame(PIN(2), mfn));
		/* All the uses are counted: the target cannot become a table. */
		CHECK(page_protect(target) == 0 && mmuext_frame(PIN(1), virt_to_mfn(target)) < 0);
		CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
		/* An emulator's timer may come late, but it comes. */
		limit = time_monotonic() + MSEC(10000);
		while (ticks == before && time_monotonic() < limit)
			;
		CHECK(ticks > before);
		/* And all are given back. */
		CHECK(!mmuext_frame(PIN(1), virt_to_mfn(target)));
		CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(target)));
		CHECK(!page_unprotect(target));
	}
	/* The last of all entries is bad. */
	NEED(!page_unprotect(lower[TABLES - 1]));
	lower[TABLES - 1][PT_ENTRIES - 1] = make_pte(mfn, PTE_KERNEL);
	NEED(!page_protect(lower[TABLES - 1]));
	for (round = 0; round < 3; round++)
		CHECK(mmuext_frame(PIN(2), mfn) < 0);
	irq_save();
	for (i = 0; i < TABLES; i++)
		CHECK(!page_unprotect(lower[i]));
	CHECK(!page_unprotect(upper));
	CHECK(!page_protect(target));
	CHECK(!mmuext_frame(PIN(1), virt_to_mfn(target)));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(target)));
}
