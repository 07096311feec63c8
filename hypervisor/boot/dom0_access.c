/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first domain's permissions: all I/O ports, device memory and interrupts, except what the
 * hypervisor drives itself. RAM is never device memory, even where the hypervisor or a module
 * stands in it and no allocator knows it.
 */
#include "hypervisor/boot/dom0_access.h"

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/console.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"

struct port_range {
	u16 first, last;
};

/* Interrupt controllers with their trigger registers, and the timer. */
static const struct port_range our_ports[] = {
	{ 0x20, 0x21 }, { 0xa0, 0xa1 }, { 0x4d0, 0x4d1 }, { 0x40, 0x43 },
};

static const struct {
	const char *name;
	struct port_range ports;
} consoles[] = {
	{ "com1", { 0x3f8, 0x3ff } },
	{ "com2", { 0x2f8, 0x2ff } },
};

#define LOCAL_APIC	0xfee00000ull
#define IO_APIC		0xfec00000ull

static int grant_ports(struct rangeset *set)
{
	int rc = rangeset_add(set, 0, 0xffff);

	for (unsigned i = 0; !rc && i < ARRAY_SIZE(our_ports); i++)
		rc = rangeset_remove(set, our_ports[i].first, our_ports[i].last);
	for (unsigned i = 0; !rc && i < ARRAY_SIZE(consoles); i++)
		if (strstr(opt_console, consoles[i].name))
			rc = rangeset_remove(set, consoles[i].ports.first, consoles[i].ports.last);
	return rc;
}

static int take_away(struct rangeset *set, paddr_t device)
{
	return rangeset_remove(set, PFN_DOWN(device), PFN_DOWN(device));
}

static int grant_memory(struct rangeset *set)
{
	int rc = rangeset_add(set, 0, (1ull << (cpu_has.phys_bits - PAGE_SHIFT)) - 1);

	for (u32 i = 0; !rc && i < machine_map.nr; i++) {
		const struct machine_region *r = &machine_map.region[i];

		/* Frames that are RAM in part belong to nobody: firmware keeps tables there. */
		if (r->type == RAM_USABLE && PFN_UP(r->start) < PFN_DOWN(r->start + r->size))
			rc = rangeset_remove(set, PFN_UP(r->start),
					     PFN_DOWN(r->start + r->size) - 1);
	}
	for (u32 i = 0; !rc && i < acpi.nr_ioapics; i++)
		rc = take_away(set, acpi.ioapics[i].address);
	if (!rc)
		rc = take_away(set, LOCAL_APIC);
	return rc ? rc : take_away(set, IO_APIC);
}

int dom0_grant_access(struct domain *d)
{
	int rc;

	d->ioports = rangeset_new(kalloc, kfree);
	d->iomem = rangeset_new(kalloc, kfree);
	d->irqs = rangeset_new(kalloc, kfree);
	if (!d->ioports || !d->iomem || !d->irqs)
		return -ENOMEM;		/* what there is goes with the domain */
	rc = grant_ports(d->ioports);
	if (!rc)
		rc = grant_memory(d->iomem);
	return rc ? rc : rangeset_add(d->irqs, 1, ~0u);	/* but the timer's */
}
