/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptor tables of each CPU, and what C does at the hypervisor's own traps and interrupts. */
#include "hypervisor/arch/traps.h"

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/faulting.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"

_Static_assert(offsetof(struct percpu, vcpu) == PERCPU_CURRENT, "asm_offsets.h");
_Static_assert(offsetof(struct percpu, regs_end) == PERCPU_REGS_END, "asm_offsets.h");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK_TOP, "asm_offsets.h");
_Static_assert(offsetof(struct percpu, scratch) == PERCPU_SCRATCH, "asm_offsets.h");
_Static_assert(PV64_RING3_DS == SYSCALL_SS && PV64_RING3_CS64 == SYSCALL_CS &&
	       PV64_RING3_CS32 == SYSCALL32_CS, "asm_offsets.h");
_Static_assert(offsetof(struct regs, rax) == 80 && offsetof(struct regs, rip) == 128,
	       "entry.S draws struct regs");

struct idt_gate {
	u64 low, high;
};

struct table_register {
	u16 limit;
	u64 base;
} __packed;

#define GATE_INTERRUPT	0xe

/* From entry.S. */
extern const char entry_stubs[], entry_hypercall[], entry_system_call[];
extern const char entry_syscall[], entry_syscall32[], entry_sysenter[];
struct exception_fixup {
	u64 fault, resume;
};
extern const struct exception_fixup __start_ex_table[], __stop_ex_table[];
void trap_from_guest(struct vcpu *v);
void trap_from_hypervisor(struct regs *regs);
u32 trap_on_own_stack(struct regs *regs);

static struct idt_gate idt[256] __aligned(16);
static void (*irq_handlers[256])(u8 vector);

/* --- tables ----------------------------------------------------------------------------------- */

static void set_gate(unsigned vector, const char *entry, unsigned dpl, unsigned ist)
{
	u64 addr = (u64)entry;

	idt[vector].low = (addr & 0xffff) | (u64)HV_CS64 << 16 | (u64)ist << 32 |
			  (u64)GATE_INTERRUPT << 40 | (u64)dpl << 45 | 1ull << 47 |
			  (addr & 0xffff0000) << 32;
	idt[vector].high = addr >> 32;
}

/* IST stacks, by TSS slot. */
enum { IST_NMI = 1, IST_DF, IST_MC, IST_DB, NR_IST = NR_IST_STACKS };

void traps_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(idt); i++)
		set_gate(i, entry_stubs + i * 16, 0, 0);
	set_gate(VEC_NMI, entry_stubs + VEC_NMI * 16, 0, IST_NMI);
	set_gate(VEC_DF, entry_stubs + VEC_DF * 16, 0, IST_DF);
	set_gate(VEC_MC, entry_stubs + VEC_MC * 16, 0, IST_MC);
	set_gate(VEC_DB, entry_stubs + VEC_DB * 16, 0, IST_DB);
	/* Guests may use these two by INT3 and INTO; both kernels' rings and their users. */
	set_gate(VEC_BP, entry_stubs + VEC_BP * 16, 3, 0);
	set_gate(VEC_OF, entry_stubs + VEC_OF * 16, 3, 0);
	/* So do system calls of most kernels' applications: refusing them first would cost a #GP. */
	set_gate(VEC_SYSTEM_CALL, entry_system_call, 3, 0);
	set_gate(VEC_HYPERCALL, entry_hypercall, 1, 0);
}

/* A flat 4 GiB segment: code (0xb) or data (0x3), and whether code is 64-bit. */
static u64 flat_segment(unsigned type, unsigned dpl, bool is_64)
{
	return 0x000f00000000ffff | DESC_PRESENT | DESC_S | DESC_G | (is_64 ? DESC_L : DESC_DB) |
	       (u64)type << 40 | (u64)dpl << DESC_DPL_SHIFT;
}

#define FLAT_CODE	0xb
#define FLAT_DATA	0x3

static void set_segment(u64 *page, u16 selector, u64 descriptor)
{
	page[(selector & 0xfff) / 8] = descriptor;
}

/* TSS and LDT descriptors take two slots. */
static void set_system_segment(u64 *page, u16 selector, unsigned type, u64 base, u32 limit)
{
	set_segment(page, selector, (limit & 0xffff) | (u64)(limit & 0xf0000) << 32 |
		    (base & 0xffffff) << 16 | DESC_PRESENT | (u64)type << 40 |
		    (base & 0xff000000) << 32);
	set_segment(page, selector + 8, base >> 32);
}

static void fill_gdt_page(u64 *page, bool is_pv32, const struct tss *tss)
{
	set_segment(page, HV_CS64, flat_segment(FLAT_CODE, 0, true));
	set_segment(page, HV_DS64, flat_segment(FLAT_DATA, 0, false));
	if (is_pv32) {
		set_segment(page, PV32_RING1_CS, flat_segment(FLAT_CODE, 1, false));
		set_segment(page, PV32_RING1_DS, flat_segment(FLAT_DATA, 1, false));
		set_segment(page, PV32_RING3_CS, flat_segment(FLAT_CODE, 3, false));
		set_segment(page, PV32_RING3_DS, flat_segment(FLAT_DATA, 3, false));
	} else {
		set_segment(page, PV64_RING3_CS32, flat_segment(FLAT_CODE, 3, false));
		set_segment(page, PV64_RING3_DS, flat_segment(FLAT_DATA, 3, false));
		set_segment(page, PV64_RING3_CS64, flat_segment(FLAT_CODE, 3, true));
	}
	set_system_segment(page, HV_TSS, 0x9, (u64)tss, sizeof(*tss) - 1);
}

static u64 ldt_window(const struct percpu *cpu)
{
	return CPU_WINDOW_BASE + (u64)cpu->id * CPU_WINDOW_SIZE + GDT_WINDOW_PAGES * PAGE_SIZE;
}

void load_ldt(struct percpu *cpu, bool is_pv32, u32 entries)
{
	if (entries)
		set_system_segment(cpu->gdt_hv_page[is_pv32], HV_LDT, 0x2, ldt_window(cpu),
				   entries * 8 - 1);
	asm volatile("lldt %w0" : : "r"(entries ? HV_LDT : 0));
	cpu->ldt_loaded = entries != 0;
}

static void load_tables(struct percpu *cpu)
{
	u64 window = CPU_WINDOW_BASE + (u64)cpu->id * CPU_WINDOW_SIZE;
	struct table_register gdtr = { GDT_WINDOW_PAGES * PAGE_SIZE - 1, window };
	struct table_register idtr = { sizeof(idt) - 1, (u64)idt };

	asm volatile("lgdt %0" : : "m"(gdtr));
	asm volatile("lidt %0" : : "m"(idtr));
	asm volatile("lldt %w0" : : "r"(0));
	asm volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
		     : : "i"(HV_CS64) : "rax", "memory");
	asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss" : : "r"(HV_DS64));
	asm volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(0));
	wrmsr(MSR_GS_BASE, (u64)cpu);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	asm volatile("ltr %w0" : : "r"(HV_TSS));
}

static void init_tss(struct percpu *cpu)
{
	struct tss *tss = cpu->tss;

	for (unsigned i = 0; i < NR_IST; i++) {
		u8 *stack = cpu->ist_stacks + i * IST_STACK_SIZE;

		*(struct percpu **)stack = cpu;		/* ist_entry finds it by the stack's address */
		tss->ist[i] = (u64)stack + IST_STACK_SIZE;
	}
	tss->rsp[0] = cpu->regs_end;
	tss->iomap = sizeof(*tss);
}

/*
 * SYSRET's selectors do not matter, since the way out is IRET; SYSCALL's CS is ours and its SS the
 * next descriptor. The flags that would follow the guest into the hypervisor are cleared. SYSENTER, which
 * clears none but IF, takes the same CS and no stack: its entry takes one before it needs any.
 */
static void init_syscall(void)
{
	wrmsr(MSR_STAR, (u64)PV64_RING3_CS32 << 48 | (u64)HV_CS64 << 32);
	wrmsr(MSR_LSTAR, (u64)entry_syscall);
	wrmsr(MSR_CSTAR, (u64)entry_syscall32);
	wrmsr(MSR_SFMASK, EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL | EFLAGS_NT | EFLAGS_RF |
			  EFLAGS_VM | EFLAGS_AC);
	wrmsr(MSR_SYSENTER_CS, cpu_has.sysenter_in_long ? HV_CS64 : 0);
	wrmsr(MSR_SYSENTER_EIP, (u64)entry_sysenter);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}

void traps_cpu_init(struct percpu *cpu)
{
	fill_gdt_page(cpu->gdt_hv_page[0], false, cpu->tss);
	fill_gdt_page(cpu->gdt_hv_page[1], true, cpu->tss);
	init_tss(cpu);
	load_tables(cpu);
	init_syscall();
}

void irq_set_handler(u8 vector, void (*handler)(u8 vector))
{
	irq_handlers[vector] = handler;
}

/* --- interrupts ------------------------------------------------------------------------------- */

static void handle_irq(u32 vector)
{
	struct percpu *cpu = this_cpu();

	cpu->irqs++;
	if (vector == VEC_KICK) {
		cpu->kicks++;	/* the work it announces is looked at on the way out */
		apic_eoi();
	} else if (vector == VEC_FLUSH) {
		apic_eoi();
		tlb_serve();
	} else if (vector == VEC_TIMER) {
		apic_eoi();
		atomic_fetch_or(&cpu->work, CPU_WORK_TIMER);
	} else if (vector == VEC_SPURIOUS) {
		log_debug("spurious interrupt on CPU %u", cpu->id);
	} else if (irq_handlers[vector]) {
		irq_handlers[vector]((u8)vector);
	} else {
		guest_irq(vector);
	}
}

/*
 * A guest may try any `int n`: with a gate of DPL 0 that is a #GP, so the vectors from 32 up that
 * arrive here really are interrupts.
 */
void trap_from_guest(struct vcpu *v)
{
	u32 vector = vcpu_regs(v)->vector;

	if (likely(vector < 32))
		guest_trap(v);
	else
		handle_irq(vector);
}

/* --- traps within the hypervisor -------------------------------------------------------------- */

static bool fix_up(struct regs *regs)
{
	const struct exception_fixup *lo = __start_ex_table, *hi = __stop_ex_table;

	for (; lo < hi; lo++)
		if (lo->fault == regs->rip) {
			regs->rip = lo->resume;
			return true;
		}
	return false;
}

static const char *const trap_names[32] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode",
	"device not available", "double fault", "coprocessor overrun", "invalid TSS",
	"segment not present", "stack fault", "general protection", "page fault", "reserved 15",
	"x87 error", "alignment check", "machine check", "SIMD error", "virtualization", "control protection",
};

static const char *trap_name(u32 vector)
{
	return vector < 32 && trap_names[vector] ? trap_names[vector] : "trap";
}

static void __noreturn fatal_trap(const struct regs *regs)
{
	if (regs->vector == VEC_PF)
		panic_regs(regs, "page fault in the hypervisor at address %016lx, error code %04x",
			   read_cr2(), regs->error_code);
	panic_regs(regs, "%s in the hypervisor, error code %04x", trap_name(regs->vector),
		   regs->error_code);
}

void trap_from_hypervisor(struct regs *regs)
{
	if (regs->vector >= 32)
		handle_irq(regs->vector);
	else if (regs->vector == VEC_PF && ldt_fault(read_cr2()))
		return;
	else if (!fix_up(regs))
		fatal_trap(regs);
}

static void handle_nmi(struct regs *regs)
{
	this_cpu()->nmi_count++;
	nmi_arrived(regs);
}

#define DR6_BS	BIT(14)

static void clear_single_step(void)
{
	u64 dr6;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%dr6" : : "r"(dr6 & ~DR6_BS));
}

/* Non-zero when a guest's #DB has been put into its vCPU. */
u32 trap_on_own_stack(struct regs *regs)
{
	if (regs->vector == VEC_NMI) {
		handle_nmi(regs);
		return 0;
	}
	if (regs->vector == VEC_DB) {
		if (regs->cs & 3) {
			*vcpu_regs(current) = *regs;
			return 1;
		}
		/*
		 * A guest's watchpoint met by one of our copies, which is the guest's only; or its TF on
		 * the way in by SYSENTER, of which nothing may remain.
		 */
		clear_single_step();
		return 0;
	}
	fatal_trap(regs);
}

int rdmsr_safe(u32 msr, u64 *value)
{
	return rdmsr_faulting(msr, value) ? -EFAULT : 0;
}
