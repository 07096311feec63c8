/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions of the CPU that C has no words for, and the bits of its control registers. */
#ifndef HV_ARCH_CPU_H
#define HV_ARCH_CPU_H

#include "hypervisor/lib/types.h"

#define CR0_PE		0x00000001
#define CR0_MP		0x00000002
#define CR0_EM		0x00000004
#define CR0_TS		0x00000008
#define CR0_ET		0x00000010
#define CR0_NE		0x00000020
#define CR0_WP		0x00010000
#define CR0_AM		0x00040000
#define CR0_PG		0x80000000

#define CR4_VME		0x00000001
#define CR4_PVI		0x00000002
#define CR4_TSD		0x00000004
#define CR4_DE		0x00000008
#define CR4_PSE		0x00000010
#define CR4_PAE		0x00000020
#define CR4_MCE		0x00000040
#define CR4_PGE		0x00000080
#define CR4_PCE		0x00000100
#define CR4_OSFXSR	0x00000200
#define CR4_OSXMMEXCPT	0x00000400
#define CR4_UMIP	0x00000800
#define CR4_FSGSBASE	0x00010000
#define CR4_OSXSAVE	0x00040000
#define CR4_SMEP	0x00100000
#define CR4_SMAP	0x00200000

#define MSR_APIC_BASE		0x0000001b
#define MSR_MISC_ENABLE		0x000001a0
#define MSR_SYSENTER_CS		0x00000174
#define MSR_SYSENTER_EIP	0x00000176
#define MSR_PAT			0x00000277
#define MSR_X2APIC_BASE		0x00000800
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103

#define EFER_SCE	0x001
#define EFER_LME	0x100
#define EFER_LMA	0x400
#define EFER_NXE	0x800

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_regs r;

	asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

/* As rdmsr, but a #GP is reported by -EFAULT instead of being fatal. arch/traps.c */
int __must_check rdmsr_safe(u32 msr, u64 *value);

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}

/* In a loop that waits for another CPU. On the host that one is a thread, which may have to be run. */
static inline void cpu_relax(void)
{
#ifndef PARAVANE_HOST_TEST
	asm volatile("pause" : : : "memory");
#else
	int sched_yield(void);

	sched_yield();
#endif
}

#define DEFINE_CR(n)								\
	static inline u64 read_cr##n(void)					\
	{									\
		u64 v;								\
		asm volatile("mov %%cr" #n ", %0" : "=r"(v));			\
		return v;							\
	}									\
	static inline void write_cr##n(u64 v)					\
	{									\
		asm volatile("mov %0, %%cr" #n : : "r"(v) : "memory");		\
	}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)
#undef DEFINE_CR

static inline void clts(void)
{
	asm volatile("clts");
}

static inline void stts(void)
{
	write_cr0(read_cr0() | CR0_TS);
}

static inline void invlpg(u64 addr)
{
	asm volatile("invlpg (%0)" : : "r"(addr) : "memory");
}

static inline void wbinvd(void)
{
	asm volatile("wbinvd" : : : "memory");
}

static inline void irq_disable(void)
{
	asm volatile("cli" : : : "memory");
}

static inline u64 read_flags(void)
{
	u64 f;

	asm volatile("pushfq; pop %0" : "=r"(f));
	return f;
}

/* Lets pending interrupts in for one moment; for the preemption points of long operations. */
static inline void irq_window(void)
{
	asm volatile("sti; nop; cli" : : : "memory");
}

/* Sleeps until an interrupt, without a gap between enabling and halting. */
static inline void idle_halt(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

#define DEFINE_PORT(suffix, type)						\
	static inline type in##suffix(u16 port)					\
	{									\
		type v;								\
		asm volatile("in" #suffix " %1, %0" : "=a"(v) : "Nd"(port));	\
		return v;							\
	}									\
	static inline void out##suffix(u16 port, type v)			\
	{									\
		asm volatile("out" #suffix " %0, %1" : : "a"(v), "Nd"(port));	\
	}
DEFINE_PORT(b, u8)
DEFINE_PORT(w, u16)
DEFINE_PORT(l, u32)
#undef DEFINE_PORT

/* By 1, 2 or 4 bytes. */
static inline u32 port_read(u16 port, unsigned bytes)
{
	return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static inline void port_write(u16 port, u32 value, unsigned bytes)
{
	if (bytes == 1)
		outb(port, (u8)value);
	else if (bytes == 2)
		outw(port, (u16)value);
	else
		outl(port, value);
}

/* Features of this machine, read once at boot (arch/cpu.c). */
struct cpu_features {
	bool xsave, fxsr, fsgsbase, smep, smap, nx, gib_pages, x2apic, tsc_deadline,
	     invariant_tsc, rdtscp, tsc_aux, mca, umip, syscall_in_compat, sysenter_in_long;
	bool is_amd;
	u32 xsave_size;		/* bytes for all features in xcr0 */
	u64 xcr0;
	u32 phys_bits;
	u64 pte_reserved;	/* address bits of a page-table entry that it does not have */
};

extern struct cpu_features cpu_has;

/* Fills cpu_has; once, on the boot CPU. Panics when something we cannot do without is missing. */
void cpu_detect(void);
/* The same control registers on every CPU; returns CR4. */
u64 cpu_setup(void);
/* Vendor and model as CPUID words them. */
void cpu_brand(char brand[49]);

/* PAT as guests know it from Xen: WB WT UC- UC WC WP UC UC. */
#define HOST_PAT	0x0000050100070406ull

#endif
