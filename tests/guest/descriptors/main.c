/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment descriptors: pages of them are read-only while in use, and what they hold cannot reach ring
 * 0: no system descriptors but call gates that cannot be used, no ring-0 code or stack, and no 64-bit
 * code for a 32-bit guest.
 */
#include "tests/guest/lib/descriptor.h"
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "segment descriptors are checked";

#ifdef __i386__
#define KERNEL_DPL 1
#define IS_PV32 1
#else
#define KERNEL_DPL 3
#define IS_PV32 0
#endif

static uint64_t descriptor(uint32_t base, uint32_t limit, uint8_t access, uint8_t flags)
{
	return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
	       (uint64_t)(limit >> 16 & 0xf) << 48 | (uint64_t)flags << 52 |
	       (uint64_t)(base >> 24) << 56;
}

#define ACCESS(dpl, type) (0x90 | (dpl) << 5 | (type))
#define SYSTEM(type) (0x80 | (type))

#define PRESENT 0x80
#define CODE_OR_DATA 0x10
#define CALL_GATE 0xc
#define FLAG_L 2

static uint8_t raised(uint8_t access)
{
	return (access >> 5 & 3) < KERNEL_DPL ? (access & ~0x60) | KERNEL_DPL << 5 : access;
}

/* What becomes of a descriptor with these; false: it may not stand in a table. */
static bool expected(uint8_t access, uint8_t flags, uint64_t *stored)
{
	*stored = descriptor(0, 0xfff, access, flags);
	if (!(access & PRESENT))
		return true;
	if (access & CODE_OR_DATA) {
		*stored = descriptor(0, 0xfff, raised(access), flags);
		return !IS_PV32 || !(flags & FLAG_L);
	}
	if ((access & 0xf) == CALL_GATE)	/* to segment 0: its privilege is kept there */
		*stored = descriptor(raised(access) >> 5 & 3, 0xfff, access & ~0x60, flags);
	return (access & 0xf) == CALL_GATE || !(access & 0xf);
}

static void try_one(uint64_t *slot, uint8_t access, uint8_t flags)
{
	uint64_t stored;
	bool may = expected(access, flags, &stored);
	long rc = descriptor_update(slot, descriptor(0, 0xfff, access, flags));

	if (rc != (may ? 0 : -XEN_EINVAL))
		test_failure("access %x, flags %x: %ld", access, flags, rc);
	else if (may && *slot != stored)
		test_failure("access %x, flags %x: stored as %llx", access, flags,
			     (unsigned long long)*slot);
}

/* All of them. */
static void try_matrix(uint64_t *gdt)
{
	unsigned int access, flags;

	for (access = 0; access < 256; access++)
		for (flags = 0; flags < 16; flags++)
			try_one(&gdt[7], access, flags);
	CHECK(!descriptor_update(&gdt[7], 0));
}

static uint64_t call_gate(uint16_t selector, uint8_t dpl, uint8_t low_byte)
{
	return 0x1234 | (uint64_t)selector << 16 | (uint64_t)low_byte << 32 |
	       (uint64_t)(SYSTEM(CALL_GATE) | dpl << 5) << 40;
}

static void far_call(void *selector)
{
	struct {
		uint32_t offset;
		uint16_t selector;
	} __attribute__((packed)) target = { 0, (uint16_t)(uintptr_t)selector };

	__asm__ volatile("lcall *%0" : : "m"(target) : "memory");
}

/* The selector is one of the guest's, or the hypervisor's that all kernels have. */
static void try_gates(uint64_t *gdt)
{
	CHECK(!descriptor_update(&gdt[7], call_gate(8 | KERNEL_DPL, 3, 0)));
	CHECK_EQUAL(gdt[7] == call_gate(8 | 3, 0, 0), true);
	CHECK(!IS_PV32 || !descriptor_update(&gdt[7], call_gate(8, 0, 0)));
	CHECK(!descriptor_update(&gdt[7], call_gate(0xdff8, 3, 0)));
	CHECK(descriptor_update(&gdt[7], call_gate(0xe008, 3, 0)) == -XEN_EINVAL);
	CHECK(!descriptor_update(&gdt[7], call_gate(0xe00c, 3, 0)));
	CHECK(!descriptor_update(&gdt[7], call_gate(FLAT_KERNEL_CS, 3, 0)));
	CHECK(descriptor_update(&gdt[7], call_gate(FLAT_KERNEL_CS & ~3, 3, 0)) == -XEN_EINVAL);
	/* Parameters are pushed by 32-bit gates only. */
	CHECK_EQUAL(descriptor_update(&gdt[7], call_gate(8, 3, 0x1f)), IS_PV32 ? 0 : -XEN_EINVAL);
	CHECK(descriptor_update(&gdt[7], call_gate(8, 3, 0x20)) == -XEN_EINVAL);
	CHECK(!descriptor_update(&gdt[7], call_gate(FLAT_KERNEL_CS, 3, 0)));
	/* A 32-bit one is followed, to where it names nothing. */
	CHECK_EQUAL(fault_of(far_call, (void *)(7 * 8 | 3)), IS_PV32 ? FAULT_PF : FAULT_GP);
	CHECK(!IS_PV32 || last_fault.ip == 0x1234);
	CHECK(!descriptor_update(&gdt[7], 0));
}

#ifdef __i386__
/* By gates: from ring 1 itself, and from ring 3 with one parameter. */
void same_ring(void);
void from_ring3(void);
__asm__(".text\nsame_ring: incl %ebx\nlret\n"
	"from_ring3: movl 8(%esp), %ecx\nincl %ebx\nlret $4\n");

RING3_CODE(by_gate, "pushl $0x4321; xorl %ebx, %ebx; xorl %ecx, %ecx; lcall $0x3b, $0\n"
		    "cmpl $1, %ebx; jne 1f; cmpl $0x4321, %ecx; jne 1f\n" RING3_END "1: ud2\n");
RING3_CODE(jump_by_gate, "ljmp $0x3b, $0\n");

static uint64_t gate_to(void (*code)(void), uint8_t dpl, uint8_t nr_params)
{
	uint32_t at = (uint32_t)(uintptr_t)code;

	return (call_gate(FLAT_KERNEL_CS, dpl, nr_params) & ~0xffffull) | (at & 0xffff) |
	       (uint64_t)(at & 0xffff0000) << 32;
}

static void try_calls(uint64_t *gdt)
{
	unsigned int calls = 0;

	CHECK(!descriptor_update(&gdt[7], gate_to(same_ring, 1, 1)));
	__asm__ volatile("lcall $0x39, $0" : "+b"(calls) : : "memory", "cc");
	CHECK_EQUAL(calls, 1);
	CHECK_EQUAL(RING3_RUN(by_gate, 0), FAULT_GP);
	CHECK_EQUAL(last_fault.error, 7 * 8);
	CHECK(!descriptor_update(&gdt[7], gate_to(from_ring3, 3, 1)));
	CHECK_EQUAL(RING3_RUN(by_gate, 0), TRAP_USER_CALL);
	/* A jump does not change the ring. */
	CHECK_EQUAL(RING3_RUN(jump_by_gate, 0), FAULT_GP);
	CHECK_EQUAL(last_fault.error, FLAT_KERNEL_CS & ~3);
	CHECK(!descriptor_update(&gdt[7], 0));
}

/* Flat segments that end where the hypervisor once began reach to the end; others stay. */
static void try_limits(uint64_t *gdt)
{
	CHECK(!descriptor_update(&gdt[7], descriptor(0, 0xf67ff, ACCESS(1, 3), 0xc)));
	CHECK_EQUAL(gdt[7] == descriptor(0, 0xfffff, ACCESS(1, 3), 0xc), true);
	CHECK(!descriptor_update(&gdt[7], descriptor(0, 0xf57ff, ACCESS(1, 3), 0xc)));
	CHECK_EQUAL(gdt[7] == descriptor(0, 0xf57ff, ACCESS(1, 3), 0xc), true);
	CHECK(!descriptor_update(&gdt[7], descriptor(0x1000, 0xf67ff, ACCESS(1, 3), 0xc)));
	CHECK_EQUAL(gdt[7] == descriptor(0x1000, 0xf67ff, ACCESS(1, 3), 0xc), true);
	CHECK(!descriptor_update(&gdt[7], 0));
}
#else
static void try_calls(uint64_t *gdt)
{
	(void)gdt;
}

static void try_limits(uint64_t *gdt)
{
	(void)gdt;
}
#endif

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
	if (!descriptor_update(&gdt[8], code0))
		CHECK((gdt[8] >> 45 & 3) >= KERNEL_DPL);
	if (!descriptor_update(&gdt[8], data0))
		CHECK((gdt[8] >> 45 & 3) >= KERNEL_DPL);
	CHECK(!descriptor_update(&gdt[8], data));
	CHECK_EQUAL(fault_of(load_fs, (void *)(8 * 8 | KERNEL_DPL)), NO_FAULT);
	CHECK(!descriptor_update(&gdt[8], 0));
	CHECK_EQUAL(fault_of(load_fs, (void *)(8 * 8 | KERNEL_DPL)), FAULT_GP);
	load_fs(NULL);
#ifdef __i386__
	CHECK(descriptor_update(&gdt[8], descriptor(0, 0xfffff, ACCESS(1, 0xb), 0xa)) < 0);
	CHECK(descriptor_update(&gdt[8], descriptor(0, 0xfffff, ACCESS(3, 0xb), 0xa)) < 0);
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

	ring3_init();
	try_bad_pages();
	NEED(!page_protect(gdt));
	CHECK(!hypercall_set_gdt(&mfn, 512));
	try_writable(gdt);
	try_matrix(gdt);
	try_gates(gdt);
	try_calls(gdt);
	try_limits(gdt);
	try_rings(gdt);
	CHECK(!hypercall_set_gdt(NULL, 0));
	CHECK(!page_unprotect(gdt));
	try_ldt();
}
