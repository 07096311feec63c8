/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vCPU maps another frame at an address that three others read: once a call that flushes has
 * returned, none may read the frame before. Every call that flushes, by every set of vCPUs.
 */
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "no vCPU reads through a mapping that was flushed";

#define READERS	3
#define FRAMES	64	/* far more than are mapped between two looks at `reached` that count */
#define NEAR	8
#define STEPS	6000
#define TIME	SEC(2)

static const volatile unsigned int *window;	/* each frame holds its number */
static pte_t entries[FRAMES];
static uint64_t window_pte;			/* where the entry is */
static unsigned int reached;			/* the step whose frame is surely mapped */
static bool over;
static unsigned long reads[READERS + 1], stale[READERS + 1];

/*
 * A reader that was away while many frames went by cannot tell; otherwise what it reads is of a step
 * between what was surely mapped before and the one after what is so now.
 */
static void read_on(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg;

	while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
		unsigned int before = __atomic_load_n(&reached, __ATOMIC_SEQ_CST);
		unsigned int read = *window;
		unsigned int after = __atomic_load_n(&reached, __ATOMIC_SEQ_CST);

		if (after - before > NEAR)
			continue;
		reads[me]++;
		if ((read - before) % FRAMES > after - before + 1)
			stale[me]++;
	}
}

static long flush(unsigned int cmd)
{
	/* More vCPUs than there are, too. */
	static const uint64_t vcpus = ~0ull;
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.linear_addr = (unsigned long)window;
	if (cmd == MMUEXT_INVLPG_MULTI || cmd == MMUEXT_TLB_FLUSH_MULTI)
		set_xen_guest_handle(op.arg2.vcpumask, &vcpus);
	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

/* By what a mapping is changed and flushed: one call, or mmu_update and then this one. */
static const struct {
	unsigned long uvmf;
	unsigned int mmuext;
} ways[] = {
	{ .uvmf = UVMF_INVLPG | UVMF_ALL },
	{ .uvmf = UVMF_TLB_FLUSH | UVMF_ALL },
	{ .uvmf = UVMF_INVLPG | UVMF_MULTI },
	{ .uvmf = UVMF_TLB_FLUSH | UVMF_MULTI },
	{ .mmuext = MMUEXT_INVLPG_ALL },
	{ .mmuext = MMUEXT_TLB_FLUSH_ALL },
	{ .mmuext = MMUEXT_INVLPG_MULTI },
	{ .mmuext = MMUEXT_TLB_FLUSH_MULTI },
};

static void map_next(unsigned int step, unsigned int way)
{
	static const unsigned long vcpus = ~0ul;
	unsigned long flags = ways[way].uvmf;
	pte_t entry = entries[step % FRAMES];

	if (ways[way].mmuext) {
		CHECK(!pt_update(window_pte, entry));
		CHECK(!flush(ways[way].mmuext));
	} else {
		/* The set of vCPUs is given by its address, whose low bits are free for the kind. */
		if (!(flags & UVMF_ALL))
			flags |= (unsigned long)&vcpus;
		CHECK(!hypercall_update_va_mapping((unsigned long)window, entry, flags));
	}
	__atomic_store_n(&reached, step, __ATOMIC_SEQ_CST);
}

static void prepare(void)
{
	uintptr_t address = scratch_address();
	unsigned int i;

	for (i = 0; i < FRAMES; i++) {
		unsigned int *frame = page_alloc();

		NEED(frame);
		*frame = i;
		entries[i] = make_pte(virt_to_mfn(frame), PTE_KERNEL_RO);
	}
	window = (const volatile unsigned int *)address;
	window_pte = pt_machine(pt_walk(address, 1));
	NEED(!pt_update(window_pte, entries[0]));
}

void test_main(void)
{
	uint64_t end;
	unsigned int i, step = 0;

	vcpu_need(READERS + 1);
	prepare();
	for (i = 1; i <= READERS; i++)
		vcpu_start_on(i, read_on, (void *)(uintptr_t)i);
	end = clock_read(0) + TIME;
	while (step < STEPS && clock_read(0) < end) {
		step++;
		map_next(step, step % (sizeof(ways) / sizeof(ways[0])));
	}
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	for (i = 1; i <= READERS; i++) {
		vcpu_join_on(i);
		if (stale[i])
			test_failure("vCPU %u read through old mappings %lu times of %lu", i, stale[i], reads[i]);
		CHECK(reads[i] > 0);
	}
}
