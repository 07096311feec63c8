/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of those above device interrupts: a machine of 24 inputs on which nobody was given one. */
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/pirq.h"

u32 ioapic_gsis(void)
{
	return 24;
}

int ioapic_read_register(u64 address, u32 reg, u32 *value)
{
	*value = 0x170020;
	return address == 0xfec00000 && reg == 1 ? 0 : -EINVAL;
}

int ioapic_decode_write(u64 address, u32 reg, u32 value, int *gsi, bool *level, bool *low)
{
	*gsi = reg >= 0x10 ? (int)(reg - 0x10) / 2 : -1;
	*level = *low = false;
	(void)value;
	return address == 0xfec00000 ? 0 : -EINVAL;
}

int pirq_reserve(struct domain *d, bool for_gsi)
{
	(void)d;
	return for_gsi ? 16 : -ENOSPC;
}

void pirq_eoi_unmasked(struct domain *d)
{
	(void)d;
}

int pirq_map_gsi(struct domain *d, u32 gsi, int *pirq)
{
	(void)d;
	*pirq = (int)gsi;
	return gsi < 24 ? 0 : -EINVAL;
}

int pirq_map_msi(struct domain *d, u16 bdf, bool is_x, u32 entry, int *pirq)
{
	(void)d;
	(void)pirq;
	return bdf == 0x18 && is_x == (entry == 1) ? 0 : -ENODEV;
}

int pirq_unmap(struct domain *d, u32 pirq)
{
	(void)d;
	return pirq < 24 ? 0 : -EINVAL;
}

bool pirq_is_mapped(struct domain *d, u32 pirq)
{
	(void)d;
	(void)pirq;
	return false;
}

int pirq_bind(struct domain *d, u32 pirq, u32 port)
{
	(void)d;
	(void)pirq;
	(void)port;
	return -EINVAL;
}

void pirq_unbind(struct domain *d, u32 pirq, u32 port)
{
	(void)d;
	(void)pirq;
	(void)port;
}

int pirq_eoi(struct domain *d, u32 pirq)
{
	(void)d;
	(void)pirq;
	return -EINVAL;
}

bool pirq_needs_eoi(struct domain *d, u32 pirq)
{
	(void)d;
	(void)pirq;
	return false;
}

int pirq_set_eoi_page(struct domain *d, u64 gfn, bool eoi_unmasks)
{
	(void)d;
	(void)eoi_unmasks;
	return gfn == 7 ? 0 : -EINVAL;
}

int pirq_setup_gsi(u32 gsi, bool level, bool low)
{
	(void)level;
	(void)low;
	return gsi < 24 ? 0 : -EINVAL;
}
