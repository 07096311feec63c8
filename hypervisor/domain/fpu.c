/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching of FPU state, which leaves nothing behind for the next. It is loaded before a vCPU runs
 * and not when it first asks for it: CPUs are known that compute on with what stands in the registers
 * before they raise the trap (and emulators that do not raise it for AVX). What stays away is a load
 * where the registers still hold this vCPU's state.
 */
#include "hypervisor/domain/fpu.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"

#define FXSAVE_SIZE	512
#define FCW_RESET	0x037f
#define MXCSR_RESET	0x1f80
#define MXCSR_OFFSET	24
#define MXCSR_VALID	0x0000ffff
#define XSTATE_BV	512		/* offset: which components the image holds */
#define XSTATE_LEGACY	3
#define NO_CPU		(~0u)
#define XCR0_X87	0x1
#define XCR0_SSE	0x2
#define XCR0_AVX	0x4
#define XCR0_AVX512	0xe0

int fpu_alloc(struct vcpu *v)
{
	size_t size = MAX((size_t)cpu_has.xsave_size, (size_t)FXSAVE_SIZE);
	u8 *area = alloc_pages(size > PAGE_SIZE ? 2 : 0);

	if (!area)
		return -ENOMEM;
	*(u16 *)area = FCW_RESET;
	*(u32 *)(area + MXCSR_OFFSET) = MXCSR_RESET;
	v->fpu_area = area;
	v->xcr0 = v->xcr0_used = XCR0_X87 | XCR0_SSE;
	v->fpu_cpu = NO_CPU;
	return 0;
}

void fpu_free(struct vcpu *v)
{
	if (v->fpu_area)
		free_pages(v->fpu_area, cpu_has.xsave_size > PAGE_SIZE ? 2 : 0);
}

static void set_trap(struct percpu *cpu, bool trap)
{
	if (cpu->fpu_trap == trap)
		return;
	cpu->fpu_trap = trap;
	if (trap)
		stts();
	else
		clts();
}

static void load_xcr0(struct percpu *cpu, u64 value)
{
	if (likely(cpu->xcr0 == value) || !cpu_has.xsave)
		return;
	cpu->xcr0 = value;
	asm volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

/*
 * What the guest has ever enabled is saved and loaded, whatever it has enabled just now. The other
 * registers may hold anybody's state: it cannot see them, and when it enables them they are cleared.
 */
static void save(struct vcpu *v)
{
	load_xcr0(this_cpu(), v->xcr0_used);
	if (cpu_has.xsave)
		asm volatile("xsave64 (%0)" : : "r"(v->fpu_area), "a"(~0u), "d"(~0u) : "memory");
	else
		asm volatile("fxsave64 (%0)" : : "r"(v->fpu_area) : "memory");
}

#define FSW_OFFSET	2
#define FSW_ERROR	0x80

/*
 * AMD's CPUs neither save nor load the addresses of the last x87 instruction and operand unless an
 * exception is pending: those of the former owner would show. An instruction of ours replaces them.
 */
static void forget_x87_pointers(const struct vcpu *v)
{
	static const u32 zero;

	if (cpu_has.is_amd && !(*(const u16 *)((const u8 *)v->fpu_area + FSW_OFFSET) & FSW_ERROR))
		asm volatile("fnclex; ffree %%st(7); fildl %0" : : "m"(zero));
}

static void restore(struct vcpu *v)
{
	forget_x87_pointers(v);
	load_xcr0(this_cpu(), v->xcr0_used);
	if (cpu_has.xsave)
		asm volatile("xrstor64 (%0)" : : "r"(v->fpu_area), "a"(~0u), "d"(~0u) : "memory");
	else
		asm volatile("fxrstor64 (%0)" : : "r"(v->fpu_area) : "memory");
	load_xcr0(this_cpu(), v->xcr0);
}

/* This CPU's registers hold v's state, and v has not used another CPU's since. */
static bool is_live(const struct percpu *cpu, const struct vcpu *v)
{
	return cpu->fpu_serial == v->serial && v->fpu_cpu == cpu->id;
}

static void make_live(struct percpu *cpu, struct vcpu *v)
{
	set_trap(cpu, false);
	restore(v);
	cpu->fpu_serial = v->serial;
	v->fpu_cpu = cpu->id;
}

/* The guest may have set its TS after it used the registers, so the trap says nothing of them. */
void fpu_switch_out(struct vcpu *v)
{
	struct percpu *cpu = this_cpu();

	if (!is_live(cpu, v))
		return;
	set_trap(cpu, false);
	save(v);
}

void fpu_switch_in(struct vcpu *v)
{
	struct percpu *cpu = this_cpu();

	if (!is_live(cpu, v))
		make_live(cpu, v);
	set_trap(cpu, v->wants_fpu_trap);
	load_xcr0(cpu, v->xcr0);
}

/* The image says nothing of components that were not used, so they come as after reset. */
static void use_components(struct vcpu *v, u64 components)
{
	fpu_switch_out(v);
	v->xcr0_used |= components;
	make_live(this_cpu(), v);
	set_trap(this_cpu(), v->wants_fpu_trap);
}

bool fpu_set_xcr0(struct vcpu *v, u64 value)
{
	if (!cpu_has.xsave || (value & ~cpu_has.xcr0) || !(value & XCR0_X87))
		return false;
	if ((value & XCR0_AVX) && !(value & XCR0_SSE))
		return false;
	if ((value & XCR0_AVX512) &&
	    (value & (XCR0_AVX512 | XCR0_AVX)) != (XCR0_AVX512 | XCR0_AVX))
		return false;
	if (value & ~v->xcr0_used)
		use_components(v, value);
	v->xcr0 = value;
	load_xcr0(this_cpu(), value);
	return true;
}

/* Delivering the guest's #NM clears its TS, as guests of this ABI expect. */
void fpu_trap(struct vcpu *v)
{
	fpu_set_task_switched(v, false);
}

void fpu_set_task_switched(struct vcpu *v, bool set)
{
	v->wants_fpu_trap = set;
	if (set)
		v->ctrlreg[0] |= CR0_TS;
	else
		v->ctrlreg[0] &= ~(u64)CR0_TS;
	set_trap(this_cpu(), set);
}

void fpu_get_fxsave(const struct vcpu *v, void *image)
{
	memcpy(image, v->fpu_area, FXSAVE_SIZE);
}

/* A restore of reserved MXCSR bits would fault in the hypervisor. */
void fpu_set_fxsave(struct vcpu *v, const void *image)
{
	u8 *area = v->fpu_area;

	v->fpu_cpu = NO_CPU;
	memcpy(area, image, FXSAVE_SIZE);
	*(u32 *)(area + MXCSR_OFFSET) &= MXCSR_VALID;
	if (cpu_has.xsave)
		*(u64 *)(area + XSTATE_BV) = XSTATE_LEGACY;
}
