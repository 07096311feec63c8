/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug registers: checked when set, in the CPU only while their owner runs. */
#include "hypervisor/domain/debugreg.h"

#include "hypervisor/arch/layout.h"
#include "hypervisor/lib/errno.h"

#define DR6_FIXED	0xffff0ff0ull
#define DR6_SETTABLE	0x0000e00full
#define DR7_FIXED	0x00000400ull
#define DR7_RESERVED	0x0000d000ull	/* and GD, which would trap our own accesses */
#define DR7_GD		0x00002000ull
#define DR7_ENABLED	0x000000ffull
#define DR7_IO		2		/* R/W field: I/O breakpoints, which need CR4.DE */

#define WRITE_DR(n, v)	asm volatile("mov %0, %%dr" #n : : "r"((u64)(v)))
#define READ_DR(n)								\
	({									\
		u64 v_;								\
		asm volatile("mov %%dr" #n ", %0" : "=r"(v_));			\
		v_;								\
	})

static bool is_armed(const struct vcpu *v)
{
	return v->debugreg[7] & DR7_ENABLED;
}

static void load(const struct vcpu *v)
{
	WRITE_DR(0, v->debugreg[0]);
	WRITE_DR(1, v->debugreg[1]);
	WRITE_DR(2, v->debugreg[2]);
	WRITE_DR(3, v->debugreg[3]);
	WRITE_DR(6, v->debugreg[6]);
	WRITE_DR(7, v->debugreg[7]);
}

void debugreg_switch_out(struct vcpu *v)
{
	if (likely(!is_armed(v)))
		return;
	v->debugreg[6] = READ_DR(6);
	WRITE_DR(7, DR7_FIXED);
}

void debugreg_switch_in(struct vcpu *v)
{
	if (unlikely(is_armed(v)))
		load(v);
}

/* While it is armed the hardware's register is the guest's, who clears it; else nobody's. */
void debugreg_trapped(struct vcpu *v)
{
	v->debugreg[6] = READ_DR(6);
	if (!is_armed(v))
		WRITE_DR(6, (u64)DR6_FIXED);
}

static bool address_ok(u64 addr)
{
	return addr < (1ull << 47) || addr >= HV_VIRT_END;
}

static bool control_ok(u64 dr7)
{
	for (unsigned i = 0; i < 4; i++) {
		bool enabled = dr7 >> (2 * i) & 3;

		if (enabled && (dr7 >> (16 + 4 * i) & 3) == DR7_IO)
			return false;
	}
	return true;
}

static int set_control(struct vcpu *v, u64 value)
{
	bool was_armed = is_armed(v);

	value = (value & ~(DR7_RESERVED | DR7_GD)) | DR7_FIXED;
	if (!control_ok(value))
		return -EPERM;
	v->debugreg[7] = value;
	if (v != current)
		return 0;
	if (is_armed(v))
		load(v);
	else if (was_armed)
		WRITE_DR(7, DR7_FIXED);
	return 0;
}

int debugreg_set(struct vcpu *v, unsigned reg, u64 value)
{
	if (reg > 7)
		return -EINVAL;
	if (reg == 4 || reg == 5)	/* aliases, without CR4.DE */
		reg += 2;
	if (reg >= 6 && value >> 32)
		return -EPERM;
	if (reg == 7)
		return set_control(v, value);
	if (reg < 4 && !address_ok(value))
		return -EPERM;
	v->debugreg[reg] = reg == 6 ? (value & DR6_SETTABLE) | DR6_FIXED : value;
	if (v == current && is_armed(v))
		load(v);
	return 0;
}

int debugreg_get(const struct vcpu *v, unsigned reg, u64 *value)
{
	if (reg > 7)
		return -EINVAL;
	if (reg == 4 || reg == 5)
		reg += 2;
	*value = reg == 6 && v == current && is_armed(v) ? READ_DR(6) : v->debugreg[reg];
	return 0;
}
