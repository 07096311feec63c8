/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs that kernels read and write, most of them without asking first whether they are there: what each
 * gives, and whether it can be written with what it gave and with 0.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "pvabi/sched.h"

struct access {
	uint32_t msr, low, high;
};

static void read_msr(void *arg)
{
	struct access *a = arg;

	__asm__ volatile("rdmsr" : "=a"(a->low), "=d"(a->high) : "c"(a->msr));
}

static void write_msr(void *arg)
{
	struct access *a = arg;

	__asm__ volatile("wrmsr" : : "a"(a->low), "d"(a->high), "c"(a->msr) : "memory");
}

static const char *outcome(unsigned int fault)
{
	return fault == NO_FAULT ? "done" : fault == FAULT_GP ? "#GP" : "another fault";
}

/* Those whose value is another each time are only read, and so is what would make a hypercall page. */
enum how { ALL, READ, READ_UNTOLD };

static const struct row {
	uint32_t msr;
	const char *name;
	enum how how;
} rows[] = {
	{ 0x00000000, "P5_MC_ADDR", ALL },
	{ 0x00000010, "TSC", READ_UNTOLD },
	{ 0x00000017, "PLATFORM_ID", ALL },
	{ 0x0000001b, "APIC_BASE", ALL },
	{ 0x0000002a, "EBL_CR_POWERON", ALL },
	{ 0x00000034, "SMI_COUNT", ALL },
	{ 0x0000003a, "FEATURE_CONTROL", ALL },
	{ 0x0000003b, "TSC_ADJUST", ALL },
	{ 0x00000048, "SPEC_CTRL", ALL },
	{ 0x00000049, "PRED_CMD", ALL },
	{ 0x00000079, "UCODE_WRITE", ALL },
	{ 0x0000008b, "UCODE_REV", ALL },
	{ 0x000000c1, "PERFCTR0", ALL },
	{ 0x000000ce, "PLATFORM_INFO", ALL },
	{ 0x000000e7, "MPERF", ALL },
	{ 0x000000fe, "MTRRcap", ALL },
	{ 0x0000010a, "ARCH_CAPABILITIES", ALL },
	{ 0x0000010b, "FLUSH_CMD", ALL },
	{ 0x00000122, "TSX_CTRL", ALL },
	{ 0x00000140, "MISC_FEATURES_ENABLES", ALL },
	{ 0x00000174, "SYSENTER_CS", ALL },
	{ 0x00000175, "SYSENTER_ESP", ALL },
	{ 0x00000176, "SYSENTER_EIP", ALL },
	{ 0x00000179, "MCG_CAP", ALL },
	{ 0x0000017a, "MCG_STATUS", ALL },
	{ 0x0000017b, "MCG_CTL", ALL },
	{ 0x00000186, "EVNTSEL0", ALL },
	{ 0x00000198, "PERF_STATUS", ALL },
	{ 0x00000199, "PERF_CTL", ALL },
	{ 0x0000019a, "THERM_CONTROL", ALL },
	{ 0x0000019c, "THERM_STATUS", ALL },
	{ 0x000001a0, "MISC_ENABLE", ALL },
	{ 0x000001a2, "TEMPERATURE_TARGET", ALL },
	{ 0x000001b0, "ENERGY_PERF_BIAS", ALL },
	{ 0x000001d9, "DEBUGCTL", ALL },
	{ 0x00000200, "MTRR_PHYSBASE0", ALL },
	{ 0x00000277, "PAT", ALL },
	{ 0x000002ff, "MTRR_DEF_TYPE", ALL },
	{ 0x00000309, "FIXED_CTR0", ALL },
	{ 0x0000038f, "PERF_GLOBAL_CTRL", ALL },
	{ 0x00000400, "MC0_CTL", ALL },
	{ 0x00000401, "MC0_STATUS", ALL },
	{ 0x00000480, "VMX_BASIC", ALL },
	{ 0x00000600, "DS_AREA", ALL },
	{ 0x00000606, "RAPL_POWER_UNIT", ALL },
	{ 0x000006e0, "TSC_DEADLINE", ALL },
	{ 0x00000802, "x2APIC_ID", ALL },
	{ 0x00000830, "x2APIC_ICR", ALL },
	{ 0x00000da0, "XSS", ALL },
	{ 0x40000000, "hypercall page", READ },
	{ 0x40000001, "hypervisor's, unused", ALL },
	{ 0x40000105, "synthetic of another's", ALL },
	{ 0xc0000080, "EFER", ALL },
	{ 0xc0000081, "STAR", ALL },
	{ 0xc0000082, "LSTAR", ALL },
	{ 0xc0000083, "CSTAR", ALL },
	{ 0xc0000084, "SFMASK", ALL },
	{ 0xc0000103, "TSC_AUX", ALL },
	{ 0xc0010000, "K7_EVNTSEL0", ALL },
	{ 0xc0010004, "K7_PERFCTR0", ALL },
	{ 0xc0010010, "SYSCFG", ALL },
	{ 0xc0010015, "HWCR", ALL },
	{ 0xc001001f, "NB_CFG", ALL },
	{ 0xc0010020, "PATCH_LOADER", ALL },
	{ 0xc0010058, "MMIO_CONF_BASE", ALL },
	{ 0xc0010061, "PSTATE_CUR_LIMIT", ALL },
	{ 0xc0010062, "PSTATE_CTL", ALL },
	{ 0xc0010064, "PSTATE_DEF0", ALL },
	{ 0xc0010114, "VM_CR", ALL },
	{ 0xc0010117, "VM_HSAVE_PA", ALL },
	{ 0xc001011f, "VIRT_SPEC_CTRL", ALL },
	{ 0xc0010140, "OSVW_ID_LENGTH", ALL },
	{ 0xc0010141, "OSVW_STATUS", ALL },
	{ 0xc0010200, "F15H_PERF_CTL", ALL },
	{ 0xc0011004, "CPUID_7_FEATURES", ALL },
	{ 0xc0011005, "CPUID_1_FEATURES", ALL },
	{ 0xc0011020, "LS_CFG", ALL },
	{ 0xc0011022, "DC_CFG", ALL },
	{ 0xc0011023, "BU_CFG", ALL },
	{ 0xc0011029, "DE_CFG", ALL },
	{ 0xc0011030, "IBS_FETCH_CTL", ALL },
	{ 0xdeadbeef, "nobody's", ALL },
};

static void try_row(const struct row *row)
{
	struct access a = { row->msr, 0, 0 };
	unsigned int fault = fault_of(read_msr, &a);

	if (fault != NO_FAULT)
		test_answer("%s: read %s", row->name, outcome(fault));
	else if (row->how == READ_UNTOLD)
		test_answer("%s: read", row->name);
	else
		test_answer("%s: %08x%08x", row->name, a.high, a.low);
	if (row->how != ALL)
		return;
	if (fault == NO_FAULT)
		test_answer("%s: written with that, %s", row->name, outcome(fault_of(write_msr, &a)));
	a.low ^= 1;
	test_answer("%s: written with its lowest bit changed, %s", row->name, outcome(fault_of(write_msr, &a)));
	a.low ^= 1;
	if (fault == NO_FAULT)
		(void)fault_of(write_msr, &a);
}

static uint32_t rdtscp_aux(void)
{
	uint32_t low, high, aux;

	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux));
	return aux;
}

/* It is the vCPU's own: whoever else runs on the CPU has another. */
static void try_tsc_aux(void)
{
	struct access a = { 0xc0000103, 0x5a, 0 };
	unsigned int i;

	CHECK_EQUAL(fault_of(write_msr, &a), NO_FAULT);
	for (i = 0; i < 200; i++) {
		CHECK_EQUAL(rdtscp_aux(), 0x5a);
		hypercall_sched_op(SCHEDOP_yield, NULL);
	}
	a.high = 1;
	CHECK_EQUAL(fault_of(write_msr, &a), FAULT_GP);
	CHECK_EQUAL(rdtscp_aux(), 0x5a);
}

void test_main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		try_row(&rows[i]);
	try_tsc_aux();
}
