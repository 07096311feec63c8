/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug registers: checked when set, in the CPU only while their owner runs. */
#include "hypervisor/domain/debugreg.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/lib/errno.h"

#define DR6_FIXED	0xffff0ff0ull
#define DR6_SETTABLE	0x0000e00full
#define DR7_FIXED	0x00000400ull
#define DR7_RESERVED	0x0000d800ull
#define DR7_GD		0x00002000ull	/* would trap our own accesses */
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

/* The enabling bits of breakpoints on I/O. */
static u64 io_enables(u64 dr7)
{
	u64 bits = 0;

	for (unsigned i = 0; i < 4; i++)
		if ((dr7 >> (16 + 4 * i) & 3) == DR7_IO)
			bits |= 3ull << (2 * i);
	return bits;
}

/*
 * A guest's port I/O is emulated, so its breakpoints on I/O are too: the CPU never has them, and
 * they stand in debugreg[5], whose name is an alias of register 7.
 */
static int set_control(struct vcpu *v, u64 value)
{
	bool was_armed = is_armed(v);
	u64 io = value & DR7_ENABLED ? io_enables(value) : 0;

	if (value & DR7_GD || (io && !(v->ctrlreg[4] & CR4_DE)))
		return -EPERM;
	value = (value & ~DR7_RESERVED) | DR7_FIXED;
	v->debugreg[5] = value & io;
	v->debugreg[7] = value & ~io;
	if (v != current)
		return 0;
	if (is_armed(v))
		load(v);
	else if (was_armed)
		WRITE_DR(7, DR7_FIXED);
	return 0;
}

/* Registers 4 and 5 are aliases unless CR4.DE does away with them. */
static bool find(const struct vcpu *v, unsigned *reg)
{
	if (*reg != 4 && *reg != 5)
		return *reg <= 7;
	*reg += 2;
	return !(v->ctrlreg[4] & CR4_DE);
}

int debugreg_set(struct vcpu *v, unsigned reg, u64 value)
{
	if (!find(v, &reg))
		return -ENODEV;
	if (reg >= 6 && value >> 32)
		return -EINVAL;
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
	if (!find(v, &reg))
		return -ENODEV;
	*value = reg == 6 && v == current && is_armed(v) ? READ_DR(6) : v->debugreg[reg];
	if (reg == 7)
		*value |= v->debugreg[5];
	return 0;
}

bool debugreg_watches_port(struct vcpu *v, u16 port, unsigned bytes)
{
	static const u8 widths[] = { 1, 2, 8, 4 };
	u64 met = 0;

	for (unsigned i = 0; v->debugreg[5] && i < 4; i++) {
		u64 start = v->debugreg[i], width = widths[v->debugreg[7] >> (18 + 4 * i) & 3];

		if ((v->debugreg[5] >> (2 * i) & 3) && start < port + bytes && port < start + width)
			met |= BIT(i);
	}
	if (!met)
		return false;
	v->debugreg[6] |= met;
	if (is_armed(v))
		WRITE_DR(6, READ_DR(6) | met);
	return true;
}
