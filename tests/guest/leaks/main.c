/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nothing of one domain's is seen by the next: `fill` leaves marks in all registers that a domain can
 * have (FPU, SSE, AVX, debug registers, segment bases) and dies with them; `look` comes right after it
 * on the same CPUs. And what the hypervisor writes in answers is the answer, or zero: never what stood
 * on its stack.
 */
#include <string.h>
#include <minios/arch/arch.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "pvabi/event_channel.h"
#include "pvabi/grant_table.h"
#include "pvabi/memory.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"
#include "pvabi/version.h"

const char test_title[] = "registers and answers leak nothing";

#define MARK 0xa5

static uint8_t answer[2048];

struct registers {
	uint8_t sse[16 * 16];
	uint8_t avx[16 * 16];	/* the upper halves */
	uint8_t x87[8 * 10];
} __attribute__((aligned(64)));

#define CR4_OSXSAVE (1ul << 18)

static bool has_avx;

/* As kernels do; what the CPU lacks faults. */
static void use_avx(void *arg)
{
	unsigned long cr4;

	(void)arg;
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_OSXSAVE));
	__asm__ volatile("xsetbv" : : "a"(7), "d"(0), "c"(0));
	__asm__ volatile("vextractf128 $1, %%ymm0, (%0)" : : "r"(answer) : "memory");
}

#ifdef __i386__
#define EACH_XMM(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7)
#else
#define EACH_XMM(x)                                                                       \
	x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12) x(13) x(14) x(15)
#endif

#define STORE_SSE(n) __asm__ volatile("movups %%xmm" #n ", %0" : "=m"(r->sse[16 * (n)]));
#define LOAD_SSE(n)  __asm__ volatile("movups %0, %%xmm" #n : : "m"(r->sse[16 * (n)]));
#define STORE_AVX(n)                                                                      \
	__asm__ volatile("vextractf128 $1, %%ymm" #n ", %0" : "=m"(r->avx[16 * (n)]));
#define LOAD_AVX(n)                                                                       \
	__asm__ volatile("vinsertf128 $1, %0, %%ymm" #n ", %%ymm" #n : : "m"(r->avx[16 * (n)]));

static void store(struct registers *r)
{
	uint8_t image[512] __attribute__((aligned(16)));
	unsigned int i;

	__asm__ volatile("fxsave %0" : "=m"(image));
	for (i = 0; i < 8; i++)
		memcpy(&r->x87[10 * i], &image[32 + 16 * i], 10);
	EACH_XMM(STORE_SSE)
	if (has_avx) {
		EACH_XMM(STORE_AVX)
	}
}

static void load(struct registers *r)
{
	unsigned int i;

	__asm__ volatile("fninit");
	for (i = 0; i < 8; i++)
		__asm__ volatile("fldpi");
	EACH_XMM(LOAD_SSE)
	if (has_avx) {
		EACH_XMM(LOAD_AVX)
	}
}

static unsigned long debug_register(unsigned int n)
{
	return hypercall1(__HYPERVISOR_get_debugreg, n);
}

static void fill(void)
{
	static struct registers r;
	unsigned int n;

	memset(&r, MARK, sizeof(r));
	load(&r);
	for (n = 0; n < 4; n++)
		CHECK(!hypercall2(__HYPERVISOR_set_debugreg, n, 0x1230000 + n * 0x1000));
	/* Armed for execution, all four. */
	CHECK(!hypercall2(__HYPERVISOR_set_debugreg, 7, 0x55));
#ifndef __i386__
	for (n = SEGBASE_FS; n <= SEGBASE_GS_KERNEL; n++)
		CHECK(!hypercall2(__HYPERVISOR_set_segment_base, n, 0x123456789000));
#endif
}

static void check_clear(const char *what, const uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i]) {
			test_failure("byte %u of the %s registers is 0x%x", (unsigned int)i, what,
				     bytes[i]);
			return;
		}
}

#ifndef __i386__
static uint64_t base_of(unsigned int msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (uint64_t)high << 32;
}
#endif

static void look(void)
{
	static struct registers r;
	unsigned int n;

	store(&r);
	check_clear("SSE", r.sse, sizeof(r.sse));
	check_clear("AVX", r.avx, sizeof(r.avx));
	check_clear("x87", r.x87, sizeof(r.x87));
	for (n = 0; n < 4; n++)
		CHECK_EQUAL(debug_register(n), 0);
	CHECK_EQUAL(debug_register(7) & 0xff, 0);
#ifndef __i386__
	CHECK_EQUAL(base_of(0xc0000100), 0);
	CHECK_EQUAL(base_of(0xc0000101), 0);
	CHECK_EQUAL(base_of(0xc0000102), 0);
#endif
}

/* --- answers ----------------------------------------------------------------------------------- */

/* What lies in [from, to) of the answer is nobody's: it may have been left alone or cleared. */
static void check_rest(const char *what, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (answer[i] && answer[i] != MARK) {
			test_failure("%s: byte %u is 0x%x", what, (unsigned int)i, answer[i]);
			return;
		}
}

static void prepare(void)
{
	memset(answer, MARK, sizeof(answer));
}

static void check_text(const char *what, unsigned int cmd, size_t size)
{
	prepare();
	hypercall_xen_version(cmd, answer);
	answer[size - 1] = answer[size - 1] == MARK ? 0 : answer[size - 1];
	check_rest(what, strlen((char *)answer), size);
	check_rest(what, size, sizeof(answer));
}

static void check_version(void)
{
	struct xen_compile_info *info = (void *)answer;
	const char *const parts[] = {
		info->compiler, info->compile_by, info->compile_domain, info->compile_date,
	};
	const size_t sizes[] = {
		sizeof(info->compiler), sizeof(info->compile_by), sizeof(info->compile_domain),
		sizeof(info->compile_date),
	};
	size_t i;

	check_text("extra version", XENVER_extraversion, sizeof(xen_extraversion_t));
	check_text("capabilities", XENVER_capabilities, sizeof(xen_capabilities_info_t));
	check_text("changeset", XENVER_changeset, sizeof(xen_changeset_info_t));
	check_text("command line", XENVER_commandline, sizeof(xen_commandline_t));
	prepare();
	CHECK(!hypercall_xen_version(XENVER_compile_info, info));
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t at = parts[i] - (char *)answer;

		check_rest("compile info", at + strlen(parts[i]), at + sizes[i]);
	}
	check_rest("compile info", sizeof(*info), sizeof(answer));
}

static void check_structures(void)
{
	struct vcpu_runstate_info *run = (void *)answer;
	struct evtchn_status *status = (void *)answer;
	struct xen_machphys_mapping *mapping = (void *)answer;

	prepare();
	CHECK(!hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, run));
	CHECK_EQUAL(run->state, RUNSTATE_running);
	check_rest("run state", sizeof(run->state), offsetof(struct vcpu_runstate_info,
							     state_entry_time));
	check_rest("run state", sizeof(*run), sizeof(answer));
	prepare();
	*status = (struct evtchn_status){ .dom = DOMID_SELF, .port = 1 };
	CHECK(!hypercall_event_channel_op(EVTCHNOP_status, status));
	check_rest("port status", sizeof(*status), sizeof(answer));
	prepare();
	CHECK(!hypercall_memory_op(XENMEM_machphys_mapping, mapping));
	check_rest("M2P mapping", sizeof(*mapping), sizeof(answer));
}

void test_main(void)
{
	has_avx = fault_of(use_avx, NULL) == NO_FAULT;
	test_answer("AVX: %u", has_avx);
	if (test_variant_is("fill")) {
		fill();
		return;
	}
	look();
	check_version();
	check_structures();
}
