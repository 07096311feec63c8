/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vCPU rewrites an instruction that another one executes, as Linux does for its static keys: a
 * breakpoint over the first byte, the rest, the first byte; after each step the other vCPU has to have
 * met a serializing instruction. Who runs into the breakpoint tries again until it is gone.
 *
 * QEMU before 8.1 may translate the instruction while it is being written, and go on with what it
 * was: a breakpoint that is no longer in memory, without end.
 */
#include <minios/trap.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "an instruction is rewritten while another vCPU executes it";

#define ROUNDS		3000
#define BREAKPOINT	0xcc
#define RETRIES		10000u
#define INSN_BYTES	5

/* int code(void): what the first instruction is, a nop or a jump, decides between 0 and 1. */
static unsigned char code[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE))) = {
	0x0f, 0x1f, 0x44, 0x00, 0x00,		/* nop */
	0xb8, 0x00, 0x00, 0x00, 0x00, 0xc3,	/* mov $0, %eax; ret */
	0xb8, 0x01, 0x00, 0x00, 0x00, 0xc3,	/* mov $1, %eax; ret */
};
static const unsigned char insns[2][INSN_BYTES] = {
	{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	{ 0xe9, 0x06, 0x00, 0x00, 0x00 },
};

static unsigned int wanted, seen;	/* serializing steps */
static unsigned int rewritten;		/* rounds; the last bit says which instruction stands there */
static unsigned int stale, most_stale;
static bool done;

static void serialize(void)
{
	unsigned int leaf = 0, b, c = 0, d;
	unsigned int step = __atomic_load_n(&wanted, __ATOMIC_SEQ_CST);

	__asm__ volatile("cpuid" : "+a"(leaf), "=b"(b), "+c"(c), "=d"(d) :: "memory");
	__atomic_store_n(&seen, step, __ATOMIC_SEQ_CST);
}

static bool on_breakpoint(struct trap_frame *frame)
{
	const volatile unsigned char *at = (const volatile unsigned char *)trap_ip(frame) - 1;

	if (at != code)
		return false;
	stale = *at == BREAKPOINT ? 0 : stale + 1;
	if (stale > most_stale)
		most_stale = stale;
	trap_set_ip(frame, (uintptr_t)(stale > RETRIES ? code + INSN_BYTES : code));
	serialize();
	return true;
}

static void step(void)
{
	unsigned int target = __atomic_add_fetch(&wanted, 1, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&seen, __ATOMIC_SEQ_CST) != target)
		hypercall_sched_op(SCHEDOP_yield, NULL);
}

static void rewrite(void *arg)
{
	volatile unsigned char *at = code;
	unsigned int round, i;

	(void)arg;
	for (round = 1; round <= ROUNDS; round++) {
		const unsigned char *insn = insns[round & 1];

		at[0] = BREAKPOINT;
		step();
		for (i = 1; i < INSN_BYTES; i++)
			at[i] = insn[i];
		step();
		at[0] = insn[0];
		step();
		__atomic_store_n(&rewritten, round, __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
}

void test_main(void)
{
	int (*call)(void) = (int (*)(void))(uintptr_t)code;
	unsigned int before, after, wrong = 0;
	int got;

	vcpu_need_second();
	trap_set_handler(FAULT_BP, on_breakpoint);
	vcpu_start(rewrite, NULL);
	while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
		before = __atomic_load_n(&rewritten, __ATOMIC_SEQ_CST);
		got = call();
		after = __atomic_load_n(&wanted, __ATOMIC_SEQ_CST);
		if (after == 3 * before && got != (int)(before & 1))
			wrong++;
		serialize();
		__asm__ volatile("pause");	/* where CPUs take turns, this ends ours */
	}
	vcpu_join();
	printk("a breakpoint that was gone was met %u times in a row at most\n", most_stale);
	CHECK(most_stale <= RETRIES);
	CHECK_EQUAL(wrong, 0);
	CHECK_EQUAL(call(), ROUNDS & 1);
}
