// SPDX-License-Identifier: GPL-2.0-only
/*
 * What more than one vCPU costs.
 *
 * With -icount all CPUs take turns in one thread and the TSC counts the instructions of all of them;
 * PAUSE and HLT end a turn. So what two CPUs do for one operation is their sum, waiting included as
 * far as somebody waits: short, since who waits pauses.
 */
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/arch/paging.h>
#include <minios/time.h>
#include "tests/bench/guest/bench.h"
#include "tests/bench/guest/entry.h"
#include "tests/guest/lib/console.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/event_channel.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

#define VCPUS_MAX 32
#define STACK	  1024

static struct vcpu_guest_context context;
static uintptr_t stacks[VCPUS_MAX][STACK / sizeof(uintptr_t)] __attribute__((aligned(16)));
static unsigned int nr_vcpus = 1;

/* Starts another vCPU of ours in @fn, which does not return, with event upcalls masked. */
static void start_vcpu(void (*fn)(unsigned int id))
{
	unsigned int id = nr_vcpus++;
	uintptr_t *sp = stacks[id] + STACK / sizeof(uintptr_t);

	memset(&context, 0, sizeof(context));
	context.flags = VGCF_IN_KERNEL;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.user_regs.eflags = 0x202;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = (uintptr_t)sp;
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	context.event_callback_eip = (uintptr_t)bench_second_event;
#ifdef __i386__
	context.event_callback_cs = FLAT_KERNEL_CS;
	context.user_regs.ds = context.user_regs.es = FLAT_KERNEL_DS;
	context.user_regs.eip = (uintptr_t)fn;
	*--sp = id;
	*--sp = 0;			/* where a call leaves its return address */
	context.user_regs.esp = (uintptr_t)sp;
#else
	context.user_regs.rip = (uintptr_t)fn;
	context.user_regs.rdi = id;
	context.user_regs.rsp = (uintptr_t)(sp - 1);
#endif
	NEED(!hypercall_vcpu_op(VCPUOP_initialise, id, &context));
	shared_info->vcpu_info[id].evtchn_upcall_mask = 1;
	NEED(!hypercall_vcpu_op(VCPUOP_up, id, NULL));
}

/* --- two CPUs ---------------------------------------------------------------------------------- */

enum mode { SPINNING, BLOCKING };

volatile int bench_woken;
static volatile enum mode mode;
static volatile uint64_t arrived;	/* when the second saw that it had been woken; 0 meanwhile */
static struct evtchn_send ipi;

static inline void pause_cpu(void)
{
	__asm__ volatile("pause");
}

/* Upcalls come while it pauses or blocks, and at no other time: so none is missed. */
static void second(unsigned int id)
{
	struct vcpu_info *info = &shared_info->vcpu_info[id];

	for (;;) {
		if (mode == BLOCKING) {
			hypercall_sched_op(SCHEDOP_block, NULL);
		} else {
			__atomic_store_n(&info->evtchn_upcall_mask, 0, __ATOMIC_SEQ_CST);
			if (__atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_SEQ_CST))
				hypercall_sched_op(SCHEDOP_yield, NULL);
			pause_cpu();
		}
		__atomic_store_n(&info->evtchn_upcall_mask, 1, __ATOMIC_SEQ_CST);
		if (!bench_woken)
			continue;
		bench_woken = 0;
		arrived = time_cycles();
	}
}

static uint64_t wake_once(void)
{
	uint64_t begin = time_cycles();

	arrived = 0;
	failures += hypercall_event_channel_op(EVTCHNOP_send, &ipi) != 0;
	while (!arrived)
		pause_cpu();
	return arrived - begin;
}

static void bench_wake(const char *name, enum mode how)
{
	uint64_t best = ~0ull;

	mode = how;
	wake_once();
	for (unsigned int i = 0; i < 100; i++) {
		uint64_t cost = wake_once();

		best = cost < best ? cost : best;
	}
	report(name, best);
}

static void flush_page_everywhere(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_INVLPG_ALL, .arg1.linear_addr = (uintptr_t)stacks };

	failures += hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF) != 0;
}

void bench_two_cpus(void)
{
	struct evtchn_bind_ipi bind = { .vcpu = 1 };

	NEED(!hypercall_event_channel_op(EVTCHNOP_bind_ipi, &bind));
	ipi.port = bind.port;
	memset(shared_info->evtchn_mask, 0, sizeof(shared_info->evtchn_mask[0]));
	memset(shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending[0]));
	start_vcpu(second);
	bench_wake("ipi", SPINNING);
	bench("flush_running", flush_page_everywhere, 100);
	bench_wake("wake", BLOCKING);
	bench("flush_idle", flush_page_everywhere, 100);
}

/* --- many on one CPU --------------------------------------------------------------------------- */

#define STARTING	1000000		/* cycles that are not counted */
#define MEASURING	50000000
#define CROWD_MEASURING	300000000	/* ten times the scheduler's accounting period */

static volatile unsigned long yields[VCPUS_MAX];

static void yield_for_ever(unsigned int id)
{
	for (;;) {
		hypercall_sched_op(SCHEDOP_yield, NULL);
		yields[id]++;
	}
}

static unsigned long all_yields(void)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; i < nr_vcpus; i++)
		sum += yields[i];
	return sum;
}

/*
 * What passes between two yields of ours, on the average of all our vCPUs: for long enough that
 * everybody gets the share that is his.
 */
static uint64_t cost_of_yield(uint64_t cycles)
{
	unsigned long before = all_yields();
	uint64_t begin = time_cycles(), passed;

	do {
		failures += hypercall_sched_op(SCHEDOP_yield, NULL) != 0;
		yields[0]++;
		passed = time_cycles() - begin;
	} while (passed < cycles);
	return passed / (all_yields() - before);
}

void bench_scheduler(void)
{
	start_vcpu(yield_for_ever);
	cost_of_yield(STARTING);
	report("yield_2", cost_of_yield(MEASURING));
	while (nr_vcpus < VCPUS_MAX)
		start_vcpu(yield_for_ever);
	cost_of_yield(STARTING);
	report("yield_32", cost_of_yield(MEASURING));
}

/* Other domains have as many vCPUs as we, and fair shares: so each of theirs yields as often. */
void bench_crowd(void)
{
	while (nr_vcpus < VCPUS_MAX && !hypercall_vcpu_op(VCPUOP_is_up, nr_vcpus, NULL))
		start_vcpu(yield_for_ever);
	for (;;) {
		report("crowd", cost_of_yield(CROWD_MEASURING));
		test_console_flush();
	}
}
