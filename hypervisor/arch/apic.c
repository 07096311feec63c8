/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC. */
#include "hypervisor/arch/apic.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"

/* Registers, by their number in x2APIC mode; in memory they stand 16 bytes apart. */
enum {
	APIC_ID = 0x02, APIC_TPR = 0x08, APIC_EOI = 0x0b, APIC_LDR = 0x0d, APIC_SVR = 0x0f,
	APIC_ESR = 0x28, APIC_ICR = 0x30, APIC_ICR_HIGH = 0x31,
	APIC_LVT_TIMER = 0x32, APIC_LVT_THERMAL = 0x33, APIC_LVT_PERF = 0x34, APIC_LVT_LINT0 = 0x35,
	APIC_LVT_LINT1 = 0x36, APIC_LVT_ERROR = 0x37,
	APIC_TIMER_INITIAL = 0x38, APIC_TIMER_CURRENT = 0x39, APIC_TIMER_DIVIDE = 0x3e,
};

#define MSR_TSC_DEADLINE	0x6e0

#define BASE_X2APIC		0x400
#define BASE_ENABLED		0x800
#define SVR_ENABLED		0x100
#define LVT_MASKED		0x10000
#define LVT_NMI			0x00400
#define LVT_TSC_DEADLINE	0x40000
#define DIVIDE_BY_1		0xb

#define ICR_NMI			0x0400
#define ICR_INIT		0x0500
#define ICR_STARTUP		0x0600
#define ICR_PENDING		0x1000
#define ICR_ASSERT		0x4000

#define CALIBRATION_CYCLES	2000000
#define CALIBRATION_LOOKS	8

static bool x2apic;
static _Atomic u32 *registers;	/* xAPIC mode */
static u64 ticks_per_cycle;	/* of the timer, as 32.32 fixed point; 0 in TSC-deadline mode */

static u32 apic_read(unsigned reg)
{
	if (x2apic)
		return (u32)rdmsr(MSR_X2APIC_BASE + reg);
	return atomic_load_explicit(&registers[reg * 4], memory_order_relaxed);
}

static void apic_write(unsigned reg, u32 value)
{
	if (x2apic)
		wrmsr(MSR_X2APIC_BASE + reg, value);
	else
		atomic_store_explicit(&registers[reg * 4], value, memory_order_relaxed);
}

u32 apic_id(void)
{
	u32 id = apic_read(APIC_ID);

	return x2apic ? id : id >> 24;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* --- interrupts to CPUs ----------------------------------------------------------------------- */

static void write_icr(u32 apic, u32 command)
{
	if (x2apic) {
		/* Unlike a store to the xAPIC this does not wait for earlier stores by itself. */
		atomic_thread_fence(memory_order_seq_cst);
		asm volatile("lfence" : : : "memory");
		wrmsr(MSR_X2APIC_BASE + APIC_ICR, (u64)apic << 32 | command);
		return;
	}
	while (apic_read(APIC_ICR) & ICR_PENDING)
		cpu_relax();
	apic_write(APIC_ICR_HIGH, apic << 24);
	apic_write(APIC_ICR, command);
}

void send_ipi(u32 cpu, u8 vector)
{
	write_icr(cpu_table[cpu]->apic_id, ICR_ASSERT | vector);
}

void send_nmi_to_others(void)
{
	for (u32 i = 0; i < nr_cpus; i++)
		if (i != this_cpu()->id && atomic_load(&cpu_table[i]->online))
			write_icr(cpu_table[i]->apic_id, ICR_ASSERT | ICR_NMI);
}

void apic_send_init(u32 apic)
{
	write_icr(apic, ICR_ASSERT | ICR_INIT);
}

void apic_send_startup(u32 apic, u8 page)
{
	write_icr(apic, ICR_ASSERT | ICR_STARTUP | page);
}

/* --- timer ------------------------------------------------------------------------------------ */

void apic_timer_set(u64 deadline)
{
	u64 now, ticks = 0;

	if (!ticks_per_cycle) {
		wrmsr(MSR_TSC_DEADLINE, deadline == ~0ull ? 0 : deadline);
		return;
	}
	if (deadline != ~0ull) {
		now = rdtsc();
		if (deadline > now)
			ticks = (u64)((unsigned __int128)(deadline - now) * ticks_per_cycle >> 32);
		ticks = MIN(ticks + 1, 0xffffffffull);
	}
	apic_write(APIC_TIMER_INITIAL, (u32)ticks);
}

/* The timer and the TSC at one moment: of some looks that which was disturbed least. */
static u32 timer_now(u64 *tsc)
{
	u64 best = ~0ull;
	u32 count = 0;

	for (unsigned i = 0; i < CALIBRATION_LOOKS; i++) {
		u64 before = rdtsc();
		u32 now = apic_read(APIC_TIMER_CURRENT);
		u64 took = rdtsc() - before;

		if (took >= best)
			continue;
		best = took;
		count = now;
		*tsc = before + took / 2;
	}
	return count;
}

/* How fast the timer counts, in terms of the TSC: no third clock is needed. */
static void calibrate(void)
{
	u64 begin, end;
	u32 from, ticks;

	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, ~0u);
	from = timer_now(&begin);
	while (rdtsc() - begin < CALIBRATION_CYCLES)
		cpu_relax();
	ticks = from - timer_now(&end);
	apic_write(APIC_TIMER_INITIAL, 0);
	if (!ticks)
		panic("the local APIC's timer does not count");
	ticks_per_cycle = ((u64)ticks << 32) / (end - begin);
}

static void timer_init(void)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_TIMER_INITIAL, 0);
	if (ticks_per_cycle) {
		apic_write(APIC_LVT_TIMER, VEC_TIMER);
		return;
	}
	apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VEC_TIMER);
	/* The mode must be in force before the first deadline is written. */
	asm volatile("mfence" : : : "memory");
}

/* --- start ------------------------------------------------------------------------------------ */

/* The two 8259s: moved away from the exceptions' vectors, for spurious ones, and masked. */
static void silence_pic(void)
{
	static const u8 bases[2] = { 0x20, 0x28 }, cascade[2] = { 4, 2 };

	for (unsigned i = 0; i < 2; i++) {
		u16 port = i ? 0xa0 : 0x20;

		outb(port, 0x11);
		outb(port + 1, bases[i]);
		outb(port + 1, cascade[i]);
		outb(port + 1, 0x01);
		outb(port + 1, 0xff);
	}
}

static void enable(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	wrmsr(MSR_APIC_BASE, base | BASE_ENABLED);
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | BASE_ENABLED | BASE_X2APIC);
}

void apic_cpu_init(void)
{
	enable();
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, LVT_MASKED | VEC_SPURIOUS);
	apic_write(APIC_SVR, SVR_ENABLED | VEC_SPURIOUS);
	timer_init();
	this_cpu()->apic_id = apic_id();
}

void apic_init(void *xapic_registers)
{
	silence_pic();
	registers = xapic_registers;
	x2apic = !registers;
	enable();
	if (!cpu_has.tsc_deadline)
		calibrate();
	apic_cpu_init();
	log_info("APIC: %s, timer by %s", x2apic ? "x2APIC" : "xAPIC",
		 cpu_has.tsc_deadline ? "TSC deadline" : "count");
}
