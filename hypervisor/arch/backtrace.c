/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Back-traces: by frame pointers where they are kept (debug builds), else by every word on the
 * stack that could be a return address. Only the stacks of the CPU in question are read, so a wild stack
 * pointer cannot make it fault.
 */
#include "hypervisor/arch/asm_offsets.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/regs.h"
#include "hypervisor/arch/symbols.h"

#define FRAMES_MAX	32

/* A call may be its function's last instruction: @back is 1 for return addresses. */
static void print_frame(u64 addr, unsigned back, const char *mark)
{
	u64 offset;
	const char *name = symbol_find(addr - back, &offset);

	if (name)
		hv_print("(PV)    [<%016lx>] %s%s+%#lx\n", addr, mark, name, offset + back);
	else
		hv_print("(PV)    [<%016lx>] %s?\n", addr, mark);
}

struct stack {
	u64 low, high;
};

/* The stack that @sp is on: @cpu's own or one of its IST stacks; else an empty one. */
static struct stack find_stack(const struct percpu *cpu, u64 sp)
{
	u64 own = cpu->stack_top - CPU_STACK_SIZE, ist = (u64)cpu->ist_stacks;

	if (sp >= own && sp < cpu->stack_top)
		return (struct stack){ own, cpu->stack_top };
	if (ist && sp >= ist && sp < ist + 4 * IST_STACK_SIZE) {
		u64 low = ist + (sp - ist) / IST_STACK_SIZE * IST_STACK_SIZE;

		return (struct stack){ low, low + IST_STACK_SIZE };
	}
	return (struct stack){ 0, 0 };
}

static bool on_stack(struct stack stack, u64 addr)
{
	return addr >= stack.low && addr + 16 <= stack.high && !(addr & 7);
}

static void __used walk_frames(struct stack stack, u64 rbp)
{
	for (unsigned n = 0; n < FRAMES_MAX && on_stack(stack, rbp); n++) {
		const u64 *frame = (const u64 *)rbp;

		if (!symbol_is_text(frame[1]))
			break;
		print_frame(frame[1], 1, "");
		if (frame[0] <= rbp)
			break;
		rbp = frame[0];
	}
}

/* Too many rather than too few: old return addresses show too, hence the mark. */
static void __used scan_stack(struct stack stack, u64 rsp)
{
	unsigned n = 0;

	for (rsp = ROUND_UP(rsp, 8); on_stack(stack, rsp) && n < FRAMES_MAX; rsp += 8) {
		u64 word = *(const u64 *)rsp;

		if (symbol_is_text(word)) {
			print_frame(word, 1, "? ");
			n++;
		}
	}
}

static void backtrace_of(const struct percpu *cpu, u64 rip, u64 rsp, u64 rbp)
{
	hv_print("(PV) Call trace:\n");
	print_frame(rip, 0, "");
#ifdef PARAVANE_DEBUG
	walk_frames(find_stack(cpu, rsp), rbp);
#else
	(void)rbp;
	scan_stack(find_stack(cpu, rsp), rsp);
#endif
}

void backtrace(u64 rip, u64 rsp, u64 rbp)
{
	backtrace_of(this_cpu(), rip, rsp, rbp);
}

void backtrace_others(void)
{
	for (u32 i = 0; i < nr_cpus; i++) {
		const struct percpu *cpu = cpu_table[i];
		const struct regs *at = cpu->stopped_at;

		if (cpu == this_cpu())
			continue;
		if (!at || atomic_load((_Atomic bool *)&cpu->online)) {
			hv_print("(PV) CPU %u did not stop\n", i);
			continue;
		}
		hv_print("(PV) CPU %u was %s:\n", i, at->cs & 3 ? "in a guest" : "here");
		if (at->cs & 3)
			print_regs(at);
		else
			backtrace_of(cpu, at->rip, at->rsp, at->rbp);
	}
}

void print_regs(const struct regs *r)
{
	hv_print("(PV) RIP %04lx:[<%016lx>]  RFLAGS %016lx  vector %#x error %#x\n", r->cs, r->rip,
		 r->rflags, r->vector, r->error_code);
	hv_print("(PV) rax %016lx  rbx %016lx  rcx %016lx\n", r->rax, r->rbx, r->rcx);
	hv_print("(PV) rdx %016lx  rsi %016lx  rdi %016lx\n", r->rdx, r->rsi, r->rdi);
	hv_print("(PV) rbp %016lx  rsp %016lx  r8  %016lx\n", r->rbp, r->rsp, r->r8);
	hv_print("(PV) r9  %016lx  r10 %016lx  r11 %016lx\n", r->r9, r->r10, r->r11);
	hv_print("(PV) r12 %016lx  r13 %016lx  r14 %016lx\n", r->r12, r->r13, r->r14);
	hv_print("(PV) r15 %016lx  ss %04lx\n", r->r15, r->ss);
}
