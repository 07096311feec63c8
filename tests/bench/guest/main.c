/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions per operation, as a guest sees them.
 *
 * Under QEMU's -icount the time stamp counter counts instructions: the guest's few (a call, the
 * hypercall stub, the handler in entry_WIDTH.S) and the hypervisor's. The loop around them is
 * measured by itself and taken off. Of several rounds the cheapest counts: in others an interrupt
 * came in between. Runs as the first domain, on Paravane and on Xen, and prints "bench NAME COUNT".
 */
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/arch/paging.h>
#include <minios/event.h>
#include <minios/time.h>
#include "tests/bench/guest/bench.h"
#include "tests/bench/guest/entry.h"
#include "tests/guest/lib/console.h"
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"
#include "pvabi/callback.h"
#include "pvabi/grant_table.h"
#include "pvabi/memory.h"
#include "pvabi/sched.h"
#include "pvabi/version.h"

const char test_title[] = "instructions per operation";

#define ROUNDS	  8
#define MSR_EFER  0xc0000080

static uint64_t loop_cost;
long failures;

static __attribute__((noipa)) uint64_t one_round(void (*op)(void), unsigned int count)
{
	uint64_t begin = time_cycles();

	for (unsigned int i = 0; i < count; i++)
		op();
	return time_cycles() - begin;
}

static uint64_t cheapest(void (*op)(void), unsigned int count)
{
	uint64_t best = ~0ull;

	op();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t cost = one_round(op, count);

		best = cost < best ? cost : best;
	}
	return best / count;
}

void report(const char *name, uint64_t cost)
{
	printk("bench %s %llu\n", name, (unsigned long long)cost);
	if (failures)
		test_error("%s failed %ld times", name, failures);
}

void bench(const char *name, void (*op)(void), unsigned int count)
{
	report(name, cheapest(op, count) - loop_cost);
}

static void nothing(void)
{
	__asm__ volatile("");
}

/* --- calls ------------------------------------------------------------------------------------- */

static void null_call(void)
{
	failures += hypercall_xen_version(XENVER_version, NULL) < 0;
}

static void yield(void)
{
	failures += hypercall_sched_op(SCHEDOP_yield, NULL) != 0;
}

static void emulated_rdmsr(void)
{
	bench_rdmsr(MSR_EFER);
}

/* --- events ------------------------------------------------------------------------------------ */

static struct evtchn_send event;

static void set_callback(unsigned int type, void (*entry)(void))
{
	struct callback_register cb = { .type = type };

#ifdef __i386__
	cb.address.cs = FLAT_KERNEL_CS;
	cb.address.eip = (unsigned long)entry;
#else
	cb.address = (unsigned long)entry;
#endif
	NEED(!hypercall_callback_op(CALLBACKOP_register, &cb));
}

static void send_event(void)
{
	failures += hypercall_event_channel_op(EVTCHNOP_send, &event) != 0;
	failures += shared_info->vcpu_info[0].evtchn_upcall_pending;
}

/* A channel to ourselves, with both ends unmasked. */
static void bench_events(void)
{
	int end = event_alloc_unbound_in(DOMID_SELF, DOMID_SELF);
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF, .remote_port = end };

	NEED(end > 0);
	bind.remote_dom = 0;
	NEED(!hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &bind));
	event.port = bind.local_port;
	memset(shared_info->evtchn_mask, 0, sizeof(shared_info->evtchn_mask[0]));
	memset(shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending[0]));
	set_callback(CALLBACKTYPE_event, bench_event);
	priv_events_unmask();
	bench("event", send_event, 1000);
	priv_events_mask();
	memset(shared_info->evtchn_mask, 0xff, sizeof(shared_info->evtchn_mask[0]));
}

/* --- page tables ------------------------------------------------------------------------------- */

static struct mmu_update updates[PT_ENTRIES];
static uintptr_t va;		/* the first that a level-1 table of its own maps */
static pte_t leaf[2];		/* entries for two pages, to be written in turn */
static unsigned int turn;
static pte_t *entry;		/* the one of va */
static mfn_t table, roots[2];

static pte_t next_leaf(void)
{
	return leaf[turn++ & 1];
}

static void update_va(void)
{
	failures += hypercall_update_va_mapping(va, next_leaf(), UVMF_NONE) != 0;
}

static void update_all(void)
{
	failures += hypercall_mmu_update(updates, PT_ENTRIES, NULL, DOMID_SELF) != 0;
}

/* Two calls, so that each entry changes each time. */
static void update_512(void)
{
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		updates[i].val = leaf[0];
	update_all();
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		updates[i].val = leaf[1];
	update_all();
}

static void fill_updates(void)
{
	for (unsigned int n = 0; n < 2; n++)
		for (unsigned int i = 0; i < PT_ENTRIES; i++)
			*(volatile uint64_t *)&updates[i].val = leaf[n];
}

static void store_entry(void)
{
	bench_store(entry, (unsigned long)next_leaf());
}

static void pin_and_unpin(void)
{
	failures += mmuext_frame(MMUEXT_PIN_L1_TABLE, table) != 0;
	failures += mmuext_frame(MMUEXT_UNPIN_TABLE, table) != 0;
}

static void new_root(void)
{
	failures += mmuext_frame(MMUEXT_NEW_BASEPTR, roots[turn++ & 1]) != 0;
}

static void *need_page(void)
{
	void *page = page_alloc_zero();

	NEED(page);
	return page;
}

static void bench_updates(void)
{
	void *window = window_alloc(2 * PT_ENTRIES);

	NEED(window);
	va = ((uintptr_t)window + PT_ENTRIES * PAGE_SIZE - 1) & -(PT_ENTRIES * PAGE_SIZE);
	NEED(!map_prepare((void *)va, 1));
	for (unsigned int i = 0; i < 2; i++)
		leaf[i] = make_pte(virt_to_mfn(need_page()), PTE_KERNEL);
	entry = (pte_t *)pt_walk(va, 1);
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		updates[i].ptr = pt_machine(entry + i) | MMU_NORMAL_PT_UPDATE;

	bench("update_va", update_va, 1000);
	report("mmu_update_512", (cheapest(update_512, 4) - cheapest(fill_updates, 4)) / 2);
	bench("pte_store", store_entry, 1000);
	NEED((*entry & PTE_FRAME) == (leaf[(turn - 1) & 1] & PTE_FRAME));
}

/* A table that nothing else uses, each entry of which maps a page writable. */
static void bench_pin(void)
{
	pte_t *page = need_page();

	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		page[i] = leaf[0];
	NEED(!page_protect(page));
	table = virt_to_mfn(page);
	bench("pin_l1", pin_and_unpin, 4);
}

/* A second root with the same entries. */
static void bench_root(void)
{
	pte_t *page = need_page(), *root = (pte_t *)start_info->pt_base;

	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		if (PT_LEVELS == 4 ? i < 256 || i > 271 : i < 4)
			page[i] = root[i];
	if (PT_LEVELS == 3)
		page[3] = make_pte(virt_to_mfn(copy_top_table()), PTE_PRESENT);
	NEED(!page_protect(page));
	roots[0] = virt_to_mfn(page);
	roots[1] = virt_to_mfn(root);
	NEED(!mmuext_frame(PIN(PT_LEVELS), roots[0]));
	turn = 0;
	bench("new_baseptr", new_root, 1000);
	NEED(!mmuext_frame(MMUEXT_NEW_BASEPTR, roots[1]));
}

/* --- faults and applications ------------------------------------------------------------------- */

static const void *absent;

static void touch(void)
{
	bench_touch(absent);
}

static void bench_fault(void)
{
	absent = (void *)(va + PT_ENTRIES * PAGE_SIZE);
	NEED(!priv_trap_gate(14, 0, bench_page_fault));
	bench("page_fault", touch, 1000);
	NEED(!priv_trap_gate(14, 0, trap_entries[14]));
}

#ifdef __i386__
RING3_CODE(calls, "mov %eax, %ebx\n jmp 2f\n 1: int $0x80\n dec %ebx\n 2: test %ebx, %ebx\n"
		  " jnz 1b\n ud2\n");
#else
RING3_CODE(calls, "mov %rdi, %rbx\n jmp 2f\n 1: syscall\n dec %rbx\n 2: test %rbx, %rbx\n"
		  " jnz 1b\n ud2\n");
#endif

#define CALLS 1000

static void no_system_call(void)
{
	failures += RING3_RUN(calls, 0) != FAULT_UD;
}

static void system_calls(void)
{
	failures += RING3_RUN(calls, CALLS) != FAULT_UD;
}

static void bench_application(void)
{
	uint64_t with, without;

	ring3_init();
#ifdef __i386__
	NEED(!priv_trap_gate(TRAP_USER_CALL, 3, bench_syscall));
#else
	set_callback(CALLBACKTYPE_syscall, bench_syscall);
#endif
	without = cheapest(no_system_call, 1);
	with = cheapest(system_calls, 1);
	report("syscall", (with - without) / CALLS);
}

/* --- grants ------------------------------------------------------------------------------------ */

static struct gnttab_map_grant_ref grant_map;
#define REF 8

static void map_and_unmap(void)
{
	struct gnttab_unmap_grant_ref unmap = { .host_addr = grant_map.host_addr };

	failures += hypercall_grant_table_op(GNTTABOP_map_grant_ref, &grant_map, 1) != 0;
	failures += grant_map.status != GNTST_okay;
	unmap.handle = grant_map.handle;
	failures += hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1) != 0;
	failures += unmap.status != GNTST_okay;
}

static void bench_grant(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	void *window = (void *)scratch_address();
	grant_entry_v1_t *grants = window;
	xen_pfn_t frame;

	set_xen_guest_handle(setup.frame_list, &frame);
	NEED(!hypercall_grant_table_op(GNTTABOP_setup_table, &setup, 1) && !setup.status);
	NEED(!hypercall_update_va_mapping((uintptr_t)window, make_pte(frame, PTE_KERNEL),
					  UVMF_INVLPG));
	grants[REF].domid = 0;
	grants[REF].frame = virt_to_mfn(need_page());
	grants[REF].flags = GTF_permit_access;
	grant_map.host_addr = scratch_address();
	grant_map.flags = GNTMAP_host_map;
	grant_map.ref = REF;
	bench("grant_map", map_and_unmap, 500);
}

/* --- memory ------------------------------------------------------------------------------------ */

/* A page is asked for, again and again; what gives it back in between does not count. */
static void bench_populate(void)
{
	struct xen_memory_reservation change = { .nr_extents = 1, .domid = DOMID_SELF };
	void *page = need_page();
	xen_pfn_t pfn = virt_to_pfn(page), frame = virt_to_mfn(page);
	uint64_t best = ~0ull, begin, cost;

	NEED(!hypercall_update_va_mapping((uintptr_t)page, 0, UVMF_INVLPG));
	set_xen_guest_handle(change.extent_start, &frame);
	for (unsigned int i = 0; i < 100; i++) {
		failures += hypercall_memory_op(XENMEM_decrease_reservation, &change) != 1;
		frame = pfn;
		begin = time_cycles();
		failures += hypercall_memory_op(XENMEM_populate_physmap, &change) != 1;
		cost = time_cycles() - begin;
		best = cost < best ? cost : best;
	}
	report("populate", best);
}

/*
 * Two domains on one CPU yield to each other: there and back are two switches. Which of them we are
 * stands on the command line; without a word, everything else is measured.
 */
static void bench_switch(void)
{
	if (test_variant_is("partner"))
		for (;;)
			yield();
	report("switch", (cheapest(yield, 1000) - loop_cost) / 2);
	test_console_flush();
	for (;;)
		priv_idle();
}

void test_main(void)
{
	uint64_t started = time_cycles();

	loop_cost = cheapest(nothing, 1000);
	printk("bench start %llu\n", (unsigned long long)started);
	if (test_variant_is("smp"))
		return bench_two_cpus();
	if (test_variant_is("sched"))
		return bench_scheduler();
	if (test_variant_is("crowd"))
		bench_crowd();
	if (*test_variant())
		bench_switch();
	bench("null", null_call, 1000);
	bench("yield", yield, 1000);
	bench("rdmsr", emulated_rdmsr, 1000);
	bench_updates();
	bench_pin();
	bench_root();
	bench_fault();
	bench_events();
	bench_grant();
	bench_populate();
	bench_application();
}
