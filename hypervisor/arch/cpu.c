/* SPDX-License-Identifier: GPL-2.0-only */
/* What the CPUs of this machine can do, and the control registers they all run with. */
#include "hypervisor/arch/cpu.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/lib/string.h"

struct cpu_features cpu_has;

/* State components whose use needs nothing but XCR0: x87, SSE, AVX, AVX-512. */
#define XCR0_KNOWN	0xe7

static bool bit(u32 word, unsigned n)
{
	return word >> n & 1;
}

static u32 max_leaf(u32 range)
{
	u32 max = cpuid(range, 0).eax;

	return max >= range && max < range + 0x10000 ? max : range;
}

/* A leaf, or zeros where the CPU has none by this number. */
static struct cpuid_regs leaf(u32 number, u32 subleaf)
{
	if (number > max_leaf(number & 0x80000000))
		return (struct cpuid_regs){ 0 };
	return cpuid(number, subleaf);
}

static void detect_vendor(void)
{
	struct cpuid_regs r = cpuid(0, 0);
	char vendor[13] = { 0 };

	memcpy(vendor, &r.ebx, 4);
	memcpy(vendor + 4, &r.edx, 4);
	memcpy(vendor + 8, &r.ecx, 4);
	cpu_has.is_amd = !strcmp(vendor, "AuthenticAMD") || !strcmp(vendor, "HygonGenuine");
	/* Each maker left the other's fast system call out of long mode's compatibility side. */
	cpu_has.syscall_in_compat = cpu_has.is_amd;
	cpu_has.sysenter_in_long = !cpu_has.is_amd;
}

static void detect_features(void)
{
	struct cpuid_regs r1 = leaf(1, 0), r7 = leaf(7, 0);
	struct cpuid_regs e1 = leaf(0x80000001, 0), e7 = leaf(0x80000007, 0);

	cpu_has.fxsr = bit(r1.edx, 24);
	cpu_has.mca = bit(r1.edx, 7) && bit(r1.edx, 14);
	cpu_has.x2apic = bit(r1.ecx, 21);
	cpu_has.tsc_deadline = bit(r1.ecx, 24);
	cpu_has.xsave = bit(r1.ecx, 26);
	cpu_has.fsgsbase = bit(r7.ebx, 0);
	cpu_has.smep = bit(r7.ebx, 7);
	cpu_has.smap = bit(r7.ebx, 20);
	cpu_has.umip = bit(r7.ecx, 2);
	cpu_has.nx = bit(e1.edx, 20);
	cpu_has.gib_pages = bit(e1.edx, 26);
	cpu_has.rdtscp = bit(e1.edx, 27);
	cpu_has.tsc_aux = cpu_has.rdtscp || bit(r7.ecx, 22);	/* RDPID reads it too */
	cpu_has.invariant_tsc = bit(e7.edx, 8);
	cpu_has.phys_bits = leaf(0x80000008, 0).eax & 0xff ?: 36;
	cpu_has.pte_reserved = (BIT(52) - 1) & ~(BIT(cpu_has.phys_bits) - 1);
}

static void detect_xsave(void)
{
	struct cpuid_regs d = leaf(0xd, 0);

	cpu_has.xsave_size = 512;
	if (!cpu_has.xsave)
		return;
	cpu_has.xcr0 = (d.eax | (u64)d.edx << 32) & XCR0_KNOWN;
}

void cpu_detect(void)
{
	detect_vendor();
	detect_features();
	detect_xsave();
	if (!cpu_has.nx || !cpu_has.fxsr)
		panic("this CPU cannot forbid execution of data (NX) or save its SSE state");
}

static void set_xcr0(u64 value)
{
	asm volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

/*
 * SMEP and SMAP stay off, since a pv32 kernel at ring 1 counts as supervisor for both; global pages
 * stay off, so that a CR3 load empties the TLB; FSGSBASE is the guests' own matter.
 */
u64 cpu_setup(void)
{
	u64 cr4 = CR4_PAE | CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (cpu_has.mca)
		cr4 |= CR4_MCE;
	if (cpu_has.xsave)
		cr4 |= CR4_OSXSAVE;
	write_cr0(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	write_cr4(cr4);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	wrmsr(MSR_PAT, HOST_PAT);
	if (cpu_has.tsc_aux)
		wrmsr(MSR_TSC_AUX, 0);
	if (cpu_has.xsave) {
		set_xcr0(cpu_has.xcr0);
		cpu_has.xsave_size = cpuid(0xd, 0).ebx;
	}
	return cr4;
}

void cpu_brand(char brand[49])
{
	const char *start = brand;

	memset(brand, 0, 49);
	for (u32 i = 0; i < 3; i++) {
		struct cpuid_regs r = leaf(0x80000002 + i, 0);

		memcpy(brand + 16 * i, &r, 16);
	}
	while (*start == ' ')
		start++;
	memmove(brand, start, strlen(start) + 1);
}
