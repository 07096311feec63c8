/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment descriptors: pages of them are read-only while in use, and what they hold cannot reach ring
 * 0: no system descriptors, no ring-0 code or stack, and no 64-bit code for a 32-bit guest.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "segment descriptors are checked";

#ifdef __i386__
#define KERNEL_DPL 1
#else
#define KERNEL_DPL 3
#endif

static uint64_t descriptor(uint32_t base, uint32_t limit, uint8_t access, uint8_t flags)
{
	return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
	       (uint64_t)(limit >> 16 & 0xf) << 48 | (uint64_t)flags << 52 |
	       (uint64_t)(base >> 24) << 56;
}

#define ACCESS(dpl, type) (0x90 | (dpl) << 5 | (type))
#define SYSTEM(type) (0x80 | (type))

static long update(const void *slot, uint64_t value)
{
	mfn_t mfn = virt_to_mfn((void *)((uintptr_t)slot & ~(uintptr_t)(PAGE_SIZE - 1)));
	uint64_t machine = (uint64_t)mfn << PAGE_SHIFT | ((uintptr_t)slot & (PAGE_SIZE - 1));

#ifdef __i386__
	return hypercall4(__HYPERVISOR_update_descriptor, (long)machine, (long)(machine >> 32),
			  (long)value, (long)(value >> 32));
#else
	return hypercall2(__HYPERVISOR_update_descriptor, (long)machine, (long)value);
#endif
}

/* No descriptor that was accepted may give more than the guest has: what cannot be loaded is fine. */
static void try_system(uint64_t *gdt)
{
	unsigned int type;

	for (type = 1; type < 16; type++)
		if (!update(&gdt[7], descriptor(0, 0xfffff, SYSTEM(type), 0)))
			test_failure("a system descriptor of type %u was accepted", type);
	/* A call gate of DPL 3 to the hypervisor's code. */
	CHECK(update(&gdt[7], 0x0000ec00e0080000ull) < 0);
	CHECK_EQUAL(gdt[7], 0);
}

static void load_fs(void *selector)
{
	__asm__ volatile("mov %0, %%fs" : : "r"((unsigned int)(uintptr_t)selector));
}

static void try_rings(uint64_t *gdt)
{
	uint64_t code0 = descriptor(0, 0xfffff, ACCESS(0, 0xb), 0xc);
	uint64_t data0 = descriptor(0, 0xfffff, ACCESS(0, 0x3), 0xc);
	uint64_t data = descriptor(0, 0xfffff, ACCESS(KERNEL_DPL, 0x3), 0xc);

	/* Ring 0 is refused, or becomes the guest's ring. */
	if (!update(&gdt[8], code0))
		CHECK((gdt[8] >> 45 & 3) >= KERNEL_DPL);
	if (!update(&gdt[8], data0))
		CHECK((gdt[8] >> 45 & 3) >= KERNEL_DPL);
	CHECK(!update(&gdt[8], data));
	CHECK_EQUAL(fault_of(load_fs, (void *)(8 * 8 | KERNEL_DPL)), NO_FAULT);
	CHECK(!update(&gdt[8], 0));
	CHECK_EQUAL(fault_of(load_fs, (void *)(8 * 8 | KERNEL_DPL)), FAULT_GP);
	load_fs(NULL);
#ifdef __i386__
	CHECK(update(&gdt[8], descriptor(0, 0xfffff, ACCESS(1, 0xb), 0xa)) < 0);
	CHECK(update(&gdt[8], descriptor(0, 0xfffff, ACCESS(3, 0xb), 0xa)) < 0);
#endif
}

/* The page is read-only for as long as it is in use. */
static void try_writable(uint64_t *gdt)
{
	CHECK(page_unprotect(gdt) < 0);
	CHECK_EQUAL(fault_of_write((uintptr_t)gdt), FAULT_PF);
	CHECK(mmuext_frame(PIN(1), virt_to_mfn(gdt)) < 0);
}

static long set_ldt(uintptr_t va, unsigned int entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = va };

	op.arg2.nr_ents = entries;
	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

static void try_ldt(void)
{
	uint64_t *ldt = page_alloc_zero();

	ldt[0] = descriptor(0, 0xfffff, ACCESS(KERNEL_DPL, 0x3), 0xc);
	NEED(!page_protect(ldt));
	CHECK(set_ldt((uintptr_t)ldt + 8, 10) < 0);
	CHECK(set_ldt((uintptr_t)ldt, 8193) < 0);
	CHECK(!set_ldt((uintptr_t)ldt, 512));
	CHECK_EQUAL(fault_of(load_fs, (void *)(0 * 8 | 4 | KERNEL_DPL)), NO_FAULT);
	load_fs(NULL);
	CHECK(!set_ldt(0, 0));
	CHECK_EQUAL(fault_of(load_fs, (void *)(0 * 8 | 4 | KERNEL_DPL)), FAULT_GP);
	/* A page with a gate in it, and none at all: nothing can be loaded from there. */
	NEED(!page_unprotect(ldt));
	ldt[1] = 0x0000ec00e0080000ull;
	NEED(!page_protect(ldt));
	if (!set_ldt((uintptr_t)ldt, 512))
		CHECK(fault_of(load_fs, (void *)(0 * 8 | 4 | KERNEL_DPL)) != NO_FAULT);
	load_fs(NULL);
	CHECK(!set_ldt(0, 0));
	if (!set_ldt(scratch_address(), 512))
		CHECK(fault_of(load_fs, (void *)(0 * 8 | 4 | KERNEL_DPL)) != NO_FAULT);
	load_fs(NULL);
	CHECK(!set_ldt(0, 0));
	table_free(ldt);
}

static void try_bad_pages(void)
{
	uint64_t *page = page_alloc_zero();
	unsigned long mfn = virt_to_mfn(page);
	unsigned long none = ~0ul >> 12;

	/* Still writable. */
	CHECK(hypercall_set_gdt(&mfn, 512) < 0);
	page[3] = 0x0000ec00e0080000ull;
	NEED(!page_protect(page));
	CHECK(hypercall_set_gdt(&mfn, 512) < 0);
	CHECK(hypercall_set_gdt(&none, 512) < 0);
	CHECK(hypercall_set_gdt(&mfn, 14 * 512 + 1) < 0);
	NEED(!page_unprotect(page));
	page[3] = 0;
	page_free(page);
}

void test_main(void)
{
	uint64_t *gdt = page_alloc_zero();
	unsigned long mfn = virt_to_mfn(gdt);

	try_bad_pages();
	NEED(!page_protect(gdt));
	CHECK(!hypercall_set_gdt(&mfn, 512));
	try_writable(gdt);
	try_system(gdt);
	try_rings(gdt);
	CHECK(!hypercall_set_gdt(NULL, 0));
	CHECK(!page_unprotect(gdt));
	try_ldt();
}
