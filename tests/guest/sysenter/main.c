/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SYSENTER, which Intel's CPUs have in long mode too: into the kernel's callback for it, or a #GP when
 * there is none. The CPU keeps neither where it stood nor its stack, and all flags but IF go along.
 */
#include "tests/guest/lib/callback.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "SYSENTER comes by its callback";

#define FLAG_TF		0x100ul
#define FLAG_IF		0x200ul
#define FLAG_NT		0x4000ul
#define CPUID_SEP	(1u << 11)

#ifdef __i386__
#define MASK_SHIFT	16
#define USER_CS		FLAT_RING3_CS
#define USER_SS		FLAT_RING3_DS
#define SET_FLAG(bit)	"pushfl; orl $" bit ", (%esp); popfl\n"
#else
#define MASK_SHIFT	32
#define USER_CS		FLAT_USER_CS64
#define USER_SS		FLAT_RING3_SS64
#define SET_FLAG(bit)	"pushfq; orq $" bit ", (%rsp); popfq\n"
#endif

/* Each goes on at the same address, behind the jump with which it begins. */
RING3_CODE(plain, "jmp 1f\n sysenter_back: " RING3_END "1: sysenter\n");
RING3_CODE(nested, "jmp 1f\n " RING3_END "1: " SET_FLAG("0x4000") "sysenter\n");
RING3_CODE(traced, "jmp 1f\n " RING3_END "1: " SET_FLAG("0x100") "sysenter\n");
extern const char sysenter_back[];

/* As the hypervisor leaves it on the kernel's stack, less rcx and r11. */
struct frame {
	unsigned long ip, cs, flags, sp, ss;
};

static struct frame seen;
static unsigned int times;
static bool masked;

/* Called by the entry below; what it makes of the frame is where the application goes on. */
void on_sysenter(struct frame *f);
void on_sysenter(struct frame *f)
{
	times++;
	seen = *f;
	masked = shared_info->vcpu_info[0].evtchn_upcall_mask;
	*f = (struct frame){ RING3_PAGE + (sysenter_back - plain), USER_CS, FLAG_IF, RING3_STACK - 64, USER_SS };
}

#define STRING(x) #x
#define IRET(nr)  "jmp hypercall_page + " STRING(nr) " * 32\n"

void sysenter_entry(void);
#ifdef __x86_64__
__asm__("sysenter_entry:\n"
	" popq %rcx\n popq %r11\n cld\n"
	" movq %rsp, %rbx\n movq %rsp, %rdi\n andq $-16, %rsp\n call on_sysenter\n movq %rbx, %rsp\n"
	" pushq $0\n" IRET(23));
#else
__asm__("sysenter_entry:\n"
	" cld\n movl %esp, %ebx\n pushl %ebx\n call on_sysenter\n movl %ebx, %esp\n" IRET(23));
#endif

static void set_callback(uint16_t flags)
{
	NEED(!callback_register(CALLBACKTYPE_sysenter, (uintptr_t)sysenter_entry, flags));
}

static void check_frame(unsigned int nth)
{
	CHECK_EQUAL(times, nth);
	CHECK_EQUAL(seen.ip, 0);
	CHECK_EQUAL(seen.cs, 3);	/* nor does it say that events were masked */
	CHECK_EQUAL(seen.sp, 0);
	CHECK_EQUAL(seen.ss, USER_SS);
	CHECK_EQUAL(seen.flags & FLAG_IF, FLAG_IF);
}

static void try_from_user(void)
{
	ring3_init();
	CHECK_EQUAL(RING3_RUN(plain, 0), FAULT_GP);
	CHECK_EQUAL(last_fault.error, 0);
	CHECK_EQUAL(last_fault.ip, 0);

	set_callback(0);
	CHECK_EQUAL(RING3_RUN(plain, 0), TRAP_USER_CALL);
	check_frame(1);
	CHECK(!masked);
	set_callback(CALLBACKF_mask_events);
	CHECK_EQUAL(RING3_RUN(plain, 0), TRAP_USER_CALL);
	check_frame(2);
	CHECK(masked);

	CHECK_EQUAL(RING3_RUN(nested, 0), TRAP_USER_CALL);
	check_frame(3);
	CHECK_EQUAL(seen.flags & (FLAG_NT | FLAG_TF), FLAG_NT);
	CHECK_EQUAL(RING3_RUN(traced, 0), TRAP_USER_CALL);
	check_frame(4);
	CHECK_EQUAL(seen.flags & (FLAG_NT | FLAG_TF), FLAG_TF);
}

static bool shown(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	__asm__ volatile("ud2; .ascii \"xen\"; cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx & CPUID_SEP;
}

void test_main(void)
{
	CHECK(shown());
	try_from_user();
}
