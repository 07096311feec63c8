/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every pointer of every hypercall and sub-operation, as pvabi/hypercalls.def has them, once each:
 * null, unmapped, read-only where something is written, the hypervisor's own, at the very end of the
 * address space, from a good page into none, and (64-bit) non-canonical. Each is refused and nothing
 * is written; which error it is is for Xen to say.
 */
#include <string.h>
#include <minios/arch/arch.h>
#include "tests/guest/lib/bad_pointers.h"
#include "tests/guest/lib/test.h"
#include "pvabi/callback.h"
#include "pvabi/domctl.h"
#include "pvabi/event_channel.h"
#include "pvabi/grant_table.h"
#include "pvabi/memory.h"
#include "pvabi/nmi.h"
#include "pvabi/physdev.h"
#include "pvabi/platform.h"
#include "pvabi/sched.h"
#include "pvabi/sysctl.h"
#include "pvabi/vcpu.h"
#include "pvabi/version.h"

const char test_title[] = "bad pointers are refused";

enum direction { in, out, inout };

struct row {
	const char *name, *what;
	unsigned int nr;
	bool may_be_null;
	enum direction direction;
	unsigned int at;
	unsigned long args[5];
};

/* Stands for the page that is good for all. */
#define POINTER_GOOD 0x600d600d

#define POINTER(name, what, null, direction, at, ...) \
	{ #name, #what, __HYPERVISOR_##name, null, direction, at, { __VA_ARGS__ } },
static const struct row rows[] = {
#include "pvabi/hypercall_pointers.inc"
};

static char *good;

static bool applies(const struct row *r, enum bad_pointer kind)
{
	if (kind == READ_ONLY)
		/* An array of calls must be read before it is written: that is for another test. */
		return r->direction != in && r->nr != __HYPERVISOR_multicall &&
		       r->nr != __HYPERVISOR_console_io;
	return bad_pointer_exists(kind);
}

static long call(const struct row *r, uintptr_t pointer)
{
	unsigned long a[5];
	size_t i;

	memset(good, 0, PAGE_SIZE);
	for (i = 0; i < 5; i++)
		a[i] = r->args[i] == POINTER_GOOD ? (unsigned long)good : r->args[i];
	a[r->at] = pointer;
	return hypercall5(r->nr, a[0], a[1], a[2], a[3], a[4]);
}

/* Answers of how many were done: none. */
static bool counts(const struct row *r)
{
	return r->nr == __HYPERVISOR_memory_op && (r->args[0] == XENMEM_increase_reservation ||
						   r->args[0] == XENMEM_decrease_reservation ||
						   r->args[0] == XENMEM_populate_physmap);
}

static bool refused(const struct row *r, enum bad_pointer kind, long answer)
{
	return answer < 0 || (!answer && counts(r)) || (kind == NULL_POINTER && r->may_be_null);
}

static void try_row(const struct row *r)
{
	long answer, last = 1;
	enum bad_pointer kind;

	for (kind = 0; kind < BAD_POINTERS; kind++) {
		if (!applies(r, kind))
			continue;
		answer = call(r, bad_pointer(kind));
		if (answer != last)
			test_answer("%s %s %s: %ld", r->name, r->what, bad_pointer_name(kind), answer);
		last = answer;
		if (!refused(r, kind, answer))
			test_failure("%s %s %s was accepted: %ld", r->name, r->what, bad_pointer_name(kind),
				     answer);
	}
	if (!bad_pointer_page_is_clear())
		test_error("%s %s has written to a page that is read-only", r->name, r->what);
}

void test_main(void)
{
	size_t i;

	bad_pointers_init();
	good = page_alloc_zero();
	NEED(good);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		try_row(&rows[i]);
}
