/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest kernel executes privileged instructions itself: each is refused, and changes nothing. */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "privileged instructions are refused";

/* The registers these use are a called function's to use, so no operands or clobbers are needed. */
#define KERNEL_ONLY(name, text)                                                           \
	static void do_##name(void *arg)                                                  \
	{                                                                                 \
		(void)arg;                                                                \
		__asm__ volatile(text);                                                   \
	}

#define INSTRUCTION(name, text)                                                           \
	KERNEL_ONLY(name, text)                                                           \
	RING3_CODE(user_##name, text "\n" RING3_END)

static const char pseudo_descriptor[16] __attribute__((used, aligned(16)));

#ifdef __i386__
#define TABLE "pseudo_descriptor"
#else
#define TABLE "pseudo_descriptor(%rip)"
#endif

INSTRUCTION(hlt, "hlt");
INSTRUCTION(cli, "cli");
INSTRUCTION(sti, "sti");
INSTRUCTION(invd, "invd");
INSTRUCTION(ltr, "xorl %eax, %eax; ltr %ax");
INSTRUCTION(lldt, "movl $8, %eax; lldt %ax");
INSTRUCTION(lmsw, "xorl %eax, %eax; lmsw %ax");
INSTRUCTION(in_pic, "inb $0x21, %al");
INSTRUCTION(out_pic, "movb $0xff, %al; outb %al, $0x21");
INSTRUCTION(out_reset, "movw $0xcf9, %dx; movb $0x0, %al; outb %al, %dx");
INSTRUCTION(wrmsr_efer, "movl $0xc0000080, %ecx; xorl %eax, %eax; xorl %edx, %edx; wrmsr");
KERNEL_ONLY(lgdt, "lgdt " TABLE)
KERNEL_ONLY(lidt, "lidt " TABLE)
#ifdef __i386__
INSTRUCTION(bad_cr3, "movl $0xfffff000, %eax; movl %eax, %cr3");
INSTRUCTION(write_cr4, "xorl %eax, %eax; movl %eax, %cr4");
INSTRUCTION(far_ring0, "ljmp $0xe008, $0");
INSTRUCTION(iret_ring0, "pushl $0xe010; pushl %esp; pushfl; pushl $0xe008; pushl $0; iretl");
#else
INSTRUCTION(bad_cr3, "movl $0xfffff000, %eax; movq %rax, %cr3");
INSTRUCTION(write_cr4, "xorl %eax, %eax; movq %rax, %cr4");
INSTRUCTION(swapgs, "swapgs");
INSTRUCTION(iret_ring0, "pushq $0xe010; pushq %rsp; pushfq; pushq $0xe008; pushq $0; iretq");
INSTRUCTION(sysret, "movl $0x1000, %ecx; sysretq");
#endif

/* How else than by a fault it may end: swallowed; done, as the first domain's ports are open. */
enum { FAULTS, QUIET, FIRST_MAY };

struct row {
	const char *name;
	void (*kernel)(void *);
	const char *user, *user_end;
	int may;
};

#define ROW(n, may) { #n, do_##n, user_##n, user_##n##_end, may }

static const struct row rows[] = {
	ROW(hlt, FAULTS),
	ROW(cli, FAULTS),
	ROW(sti, FAULTS),
	ROW(invd, QUIET),
	ROW(ltr, FAULTS),
	ROW(lldt, FAULTS),
	ROW(lmsw, QUIET),
	ROW(in_pic, FIRST_MAY),
	ROW(out_pic, FIRST_MAY),
	ROW(out_reset, FIRST_MAY),
	ROW(wrmsr_efer, QUIET),
	ROW(bad_cr3, FAULTS),
	ROW(write_cr4, QUIET),
	{ "lgdt", do_lgdt, NULL, NULL, FAULTS },
	{ "lidt", do_lidt, NULL, NULL, FAULTS },
#ifdef __i386__
	ROW(far_ring0, FAULTS),
#else
	ROW(swapgs, FAULTS),
	ROW(sysret, FAULTS),
#endif
	ROW(iret_ring0, FAULTS),
};

static unsigned long flags(void)
{
	unsigned long f;

	__asm__ volatile("pushf; pop %0" : "=r"(f));
	return f;
}

/* What a refused instruction raises. */
static bool refused(unsigned int vector)
{
	return vector == FAULT_GP || vector == FAULT_UD;
}

static void try_row(const struct row *r)
{
	unsigned int vector = fault_of(r->kernel, NULL);

	bool may = r->may == QUIET || (r->may == FIRST_MAY && start_is_control());

	if (!refused(vector) && !may)
		test_failure("%s in the kernel: vector %d", r->name, (int)vector);
	if (!(flags() & 0x200))
		test_failure("%s in the kernel: interrupts are off", r->name);
	if (!r->user)
		return;
	vector = ring3_run(r->user, r->user_end, 0);
	if (!refused(vector))
		test_failure("%s at ring 3: vector %d", r->name, (int)vector);
}

void test_main(void)
{
	size_t i;

	ring3_init();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		try_row(&rows[i]);
	/* The segments and the root we started with are still there. */
	CHECK_EQUAL(fault_of_read((uintptr_t)start_info), NO_FAULT);
}
