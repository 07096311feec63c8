/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Console input and debug keys.
 *
 * What is typed goes to the control domain; Ctrl-A typed three times moves it to the hypervisor and
 * back. There each character is a debug key: since it may arrive at an interrupt in the middle of
 * anything, it is kept, and run on the boot CPU's way out to a guest.
 */
#include "hypervisor/control/keys.h"

#include <stdatomic.h>

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/dump.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/console_io.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/hypercall/version.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/grant.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"

/* --- what the keys print --------------------------------------------------------------------- */

static void key_cpus(void)
{
	for (u32 i = 0; i < nr_cpus; i++) {
		struct vcpu *v = cpu_table[i]->vcpu;

		if (v->is_idle) {
			hv_print("CPU %u: idle\n", i);
			continue;
		}
		hv_print("CPU %u: d%uv%u, registers as of its last entry\n", i, v->domain->id,
			 v->id);
		print_regs(&v->regs);
	}
}

static void print_vcpu(const struct vcpu *v)
{
	struct vcpu *w = (struct vcpu *)v;

	hv_print("  vCPU %u: CPU %u%s, pause flags %#x count %u, work %#x, %lu ms run, "
		 "events %s%s\n", v->id, v->processor,
		 atomic_load(&w->running_on) ? " (running)" : "", atomic_load(&w->pause_flags),
		 atomic_load(&w->pause_count), atomic_load(&w->work),
		 sched_cpu_time(v) / 1000000, v->info->evtchn_upcall_pending ? "pending " : "",
		 v->info->evtchn_upcall_mask ? "masked" : "unmasked");
}

static void print_domain(struct domain *d)
{
	struct vcpu *v;

	hv_print("d%u: pv%d%s%s%s, %u pages of %u, pause count %u, %u references\n", d->id,
		 d->is_pv32 ? 32 : 64, d->is_privileged ? " privileged" : "",
		 domain_is_dying(d) ? " dying" : "", d->is_shut_down ? " shut down" : "",
		 d->tot_pages, d->max_pages, atomic_load(&d->pause_count),
		 atomic_load(&d->refs));
	for_each_vcpu(d, v)
		print_vcpu(v);
}

static void key_domains(void)
{
	struct domain *d;

	hv_print("domains at %lu ms:\n", now() / 1000000);
	for_each_domain(d)
		print_domain(d);
}

static void key_memory(void)
{
	u64 objects, pages;

	kalloc_count(&objects, &pages);
	hv_print("memory: %lu KiB in all, %lu KiB free, %lu KiB claimed, frames to %#lx\n",
		 total_frames << (PAGE_SHIFT - 10), free_frame_count() << (PAGE_SHIFT - 10),
		 claims_total() << (PAGE_SHIFT - 10), max_mfn);
	hv_print("%lu small objects in %lu pages\n", objects, pages);
}

static void key_events(void)
{
	struct domain *d;

	for_each_domain(d)
		evtchn_dump(d);
}

static void key_grants(void)
{
	struct domain *d;

	for_each_domain(d)
		grant_dump(d);
}

static void key_time(void)
{
	hv_print("system time %lu ns, wall clock %lu s, TSC %lu kHz\n", now(),
		 wallclock_seconds(), tsc_khz());
}

static void key_dom0(void)
{
	struct domain *d;
	struct vcpu *v;

	for_each_domain(d)
		if (d == dom0)
			for_each_vcpu(d, v)
				dump_vcpu(v, false);
}

static void key_counters(void)
{
	for (u32 i = 0; i < nr_cpus; i++) {
		const struct percpu *c = cpu_table[i];

		hv_print("CPU %u: %lu interrupts, %lu kicks, %lu flushes, %lu switches, %lu NMIs, "
			 "idle %lu ms\n", i, c->irqs, c->kicks, c->flushes, c->switches,
			 c->nmi_count, sched_idle_time(i) / 1000000);
	}
}

static void key_interrupts(void)
{
	for (u32 gsi = 0; gsi < ioapic_gsis(); gsi++)
		hv_print("GSI %u: %#lx\n", gsi, ioapic_read_entry(gsi));
}

/* To see that the watchdog works: it names this CPU, and shows where all are. */
static void key_hang(void)
{
	hv_print("CPU %u hangs by debug key\n", this_cpu()->id);
	for (;;)
		cpu_relax();
}

static void key_reboot(void)
{
	hv_print("reboot by debug key\n");
	machine_reboot();
}

static void key_version(void)
{
	hv_print("Paravane %u.%u%s, compiler " COMPILER "\n", VERSION_MAJOR, VERSION_MINOR,
		 VERSION_EXTRA);
}

static void key_help(void);
static void key_all(void);

static const struct debug_key {
	char key;
	bool harmless;		/* part of '*' */
	void (*run)(void);
	const char *what;
} keys[] = {
	{ '*', false,	key_all,	"everything below that only prints" },
	{ '0', true,	key_dom0,	"registers of the control domain" },
	{ 'H', false,	key_hang,	"hang this CPU, for the watchdog to find" },
	{ 'R', false,	key_reboot,	"reboot the machine" },
	{ 'c', true,	key_counters,	"counters of each CPU" },
	{ 'd', true,	key_cpus,	"registers of all CPUs" },
	{ 'e', true,	key_events,	"event channels" },
	{ 'g', true,	key_grants,	"grant tables" },
	{ 'h', false,	key_help,	"this help" },
	{ 'i', true,	key_interrupts,	"interrupt routes" },
	{ 'l', true,	locks_dump,	"locks: waits, and hold times" },
	{ 'm', true,	key_memory,	"memory" },
	{ 'q', true,	key_domains,	"domains and their vCPUs" },
	{ 'r', true,	sched_dump,	"run queues" },
	{ 't', true,	key_time,	"clocks" },
	{ 'v', true,	key_version,	"version" },
};

static void key_help(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		hv_print("'%c': %s\n", keys[i].key, keys[i].what);
}

static void key_all(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].harmless) {
			hv_print("--- '%c': %s\n", keys[i].key, keys[i].what);
			keys[i].run();
		}
}

void debug_key(char key)
{
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == key) {
			keys[i].run();
			return;
		}
	if (key > ' ' && key < 0x7f)
		hv_print("no debug key '%c'; 'h' lists them\n", key);
}

/* --- keys on their way from the interrupt to the boot CPU's exit ----------------------------- */

#define PENDING_MAX	16	/* a power of two */

/* One producer (the console's interrupt), one consumer (the boot CPU). */
static struct {
	char key[PENDING_MAX];
	_Atomic u32 head, tail;
} pending;

static void defer_key(char c)
{
	u32 head = atomic_load_explicit(&pending.head, memory_order_relaxed);

	if (head - atomic_load(&pending.tail) == PENDING_MAX)
		return;
	pending.key[head % PENDING_MAX] = c;
	atomic_store(&pending.head, head + 1);
	cpu_raise(cpu_table[0], CPU_WORK_KEY);
}

void debug_key_run(void)
{
	u32 tail = atomic_load_explicit(&pending.tail, memory_order_relaxed);

	for (; tail != atomic_load(&pending.head); tail++) {
		char c = pending.key[tail % PENDING_MAX];

		atomic_store(&pending.tail, tail + 1);
		debug_key(c);
	}
}

/* --- who gets what is typed ------------------------------------------------------------------ */

#define SWITCH_KEY	0x01	/* Ctrl-A */
#define SWITCH_COUNT	3

static bool input_is_ours;	/* only the console's interrupt reads and writes these two */
static unsigned switches_seen;

static void give(char c)
{
	if (input_is_ours || !dom0)
		defer_key(c);
	else if (console_input_put(c))
		send_global_virq(VIRQ_CONSOLE);
}

static void switch_input(void)
{
	input_is_ours = !input_is_ours;
	hv_print("\n*** console input to %s (Ctrl-A three times switches)\n",
		 input_is_ours ? "Paravane, 'h' for help" : "dom0");
}

void console_input(char c)
{
	if (c == SWITCH_KEY) {
		if (++switches_seen == SWITCH_COUNT) {
			switches_seen = 0;
			switch_input();
		}
		return;
	}
	/* Fewer of them were meant for the guest. */
	for (; switches_seen; switches_seen--)
		give(SWITCH_KEY);
	give(c);
}
