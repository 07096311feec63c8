/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's part of the address space: the machine-to-physical table can be read, nothing can
 * be written, the rest cannot be touched, and hypercalls do not touch it on a guest's behalf.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"
#include "pvabi/memory.h"
#include "pvabi/version.h"

const char test_title[] = "the hypervisor's memory is out of reach";

RING3_CODE(touch, "movb (" RING3_ARG "), %cl\n" RING3_END);
RING3_CODE(store, "movb $0, (" RING3_ARG ")\n" RING3_END);

#ifdef __i386__
#define M2P_START 0xf5800000ul
static const uintptr_t forbidden[] = { 0 };
#else
#define M2P_START 0xffff800000000000ul
/* From behind the table: one address a GiB or so of what x86-64 Xen keeps there. */
static const uintptr_t forbidden[] = {
	0xffff820000000000, 0xffff828000000000, 0xffff82a000000000, 0xffff82c000000000,
	0xffff82d000000000, 0xffff82d080000000, 0xffff82d040000000, 0xffff82e000000000,
	0xffff830000000000, 0xffff830000100000, 0xffff838000000000, 0xffff840000000000,
	0xffff850000000000, 0xffff87fffffff000,
};
#endif

static void check_table(void)
{
	struct xen_machphys_mapping where;
	mfn_t mfn = virt_to_mfn((void *)start_info);
	uintptr_t entry;

	NEED(!hypercall_memory_op(XENMEM_machphys_mapping, &where));
	CHECK_EQUAL(where.v_start, M2P_START);
	entry = where.v_start + mfn * sizeof(unsigned long);
	CHECK_EQUAL(fault_of_read(entry), NO_FAULT);
	CHECK_EQUAL(*(unsigned long *)entry, virt_to_pfn(start_info));
	CHECK_EQUAL(fault_of_write(entry), FAULT_PF);
	CHECK_EQUAL(last_fault.address, entry);
	CHECK_EQUAL(RING3_RUN(store, entry), FAULT_PF);
}

static void check_hypercalls(uintptr_t va)
{
	char *p = (char *)va;

	CHECK_EQUAL(hypercall_xen_version(XENVER_extraversion, p), -XEN_EFAULT);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_machphys_mapping, p), -XEN_EFAULT);
	CHECK_EQUAL(hypercall_set_trap_table((void *)p), -XEN_EFAULT);
	CHECK(hypercall_mmu_update((void *)p, 1, NULL, DOMID_SELF) < 0);
	CHECK(hypercall_console_io(0, 1, p) != 1 || !start_is_control());
}

/* Mappings there are refused, whatever they would map. */
static void check_mapping(uintptr_t va)
{
	mfn_t own = virt_to_mfn((void *)start_info);

	CHECK(hypercall_update_va_mapping(va, make_pte(own, PTE_KERNEL_RO), UVMF_INVLPG) < 0);
	CHECK(hypercall_update_va_mapping(va, 0, UVMF_INVLPG) < 0);
}

void test_main(void)
{
	size_t i;

	ring3_init();
	check_table();
	check_mapping(M2P_START);
	for (i = 0; i < ARRAY_SIZE(forbidden); i++) {
		uintptr_t va = forbidden[i];

		if (!va)
			continue;
		CHECK_EQUAL(fault_of_read(va), FAULT_PF);
		CHECK_EQUAL(fault_of_write(va), FAULT_PF);
		CHECK_EQUAL(RING3_RUN(touch, va), FAULT_PF);
		check_hypercalls(va);
		check_mapping(va);
	}
}
