/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: the memory map a guest is told, the machine's own, and where the M2P table is. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "pvabi/compat/memory.h"

/* --- struct xen_memory_map of either width --------------------------------------------------- */

static int read_map_header(struct xen_memory_map *map, gva_t arg)
{
	return guest_read(map, arg, xen_memory_map, narrow.nr_entries, { widened(narrow.buffer) });
}

/* The number of entries is the first member of both layouts, and all that comes back. */
_Static_assert(!offsetof(struct xen_memory_map, nr_entries) &&
	       !offsetof(struct compat_xen_memory_map, nr_entries), "written back at offset 0");

static int write_map_count(gva_t arg, u32 nr)
{
	return copy_to_guest(arg, &nr, sizeof(nr));
}

long memory_get_map(gva_t arg)
{
	struct guest_info *info = current->domain->info;
	struct xen_memory_map map;
	long rc = -ENOSYS;

	if (read_map_header(&map, arg))
		return -EFAULT;
	lock(&info->lock);
	if (info->map && info->nr_map) {
		map.nr_entries = MIN(map.nr_entries, info->nr_map);
		rc = copy_to_guest((gva_t)map.buffer.p, info->map,
				   map.nr_entries * sizeof(*info->map));
	}
	unlock(&info->lock);
	return rc ? rc : write_map_count(arg, map.nr_entries);
}

static int read_foreign_map(struct xen_foreign_memory_map *fmap, gva_t arg)
{
	return guest_read(fmap, arg, xen_foreign_memory_map, .domid = narrow.domid,
			  .map = { narrow.map.nr_entries, { widened(narrow.map.buffer) } });
}

static int replace_map(struct domain *d, const struct xen_memory_map *from)
{
	size_t size = from->nr_entries * sizeof(struct e820_entry);
	struct e820_entry *map = kalloc(MAX(size, sizeof(*map))), *old;

	if (!map)
		return -ENOMEM;
	if (copy_from_guest(map, (gva_t)from->buffer.p, size)) {
		kfree(map);
		return -EFAULT;
	}
	lock(&d->info->lock);
	old = d->info->map;
	d->info->map = map;
	d->info->nr_map = from->nr_entries;
	unlock(&d->info->lock);
	kfree(old);
	return 0;
}

#define GUEST_MAP_MAX	128

long memory_set_map(gva_t arg)
{
	struct xen_foreign_memory_map fmap;
	struct domain *d;
	long rc;

	if (read_foreign_map(&fmap, arg))
		return -EFAULT;
	if (fmap.map.nr_entries > GUEST_MAP_MAX)
		return -EINVAL;
	rc = memory_target(fmap.domid, &d);
	if (rc)
		return rc;
	rc = replace_map(d, &fmap.map);
	domain_put(d);
	return rc;
}

/*
 * The machine's map has no entry for holes, and the local APIC often stands in one: a kernel that
 * looks for room for devices must not find it there, so it is reported as reserved.
 */
#define APIC_PAGE	0xfee00000ull

static unsigned collect_machine_map(struct e820_entry *out, unsigned max)
{
	unsigned n = 0;
	bool apic_told = false;

	for (u32 i = 0; i < machine_map.nr && n < max; i++) {
		const struct machine_region *r = &machine_map.region[i];

		if (!apic_told && r->start > APIC_PAGE) {
			out[n++] = (struct e820_entry){ APIC_PAGE, PAGE_SIZE, RAM_RESERVED };
			apic_told = true;
		}
		apic_told |= r->start <= APIC_PAGE && APIC_PAGE - r->start < r->size;
		if (n < max)
			out[n++] = (struct e820_entry){ r->start, r->size, r->type };
	}
	if (!apic_told && n < max)
		out[n++] = (struct e820_entry){ APIC_PAGE, PAGE_SIZE, RAM_RESERVED };
	return n;
}

long memory_machine_map(gva_t arg)
{
	unsigned room = MACHINE_MAP_MAX + 1, n;
	struct xen_memory_map map;
	struct e820_entry *entries;
	long rc;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (read_map_header(&map, arg))
		return -EFAULT;
	if (map.nr_entries < machine_map.nr + 1)
		return -EINVAL;
	entries = kalloc(room * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	n = collect_machine_map(entries, room);
	/* Who has no buffer asks for the number. */
	rc = map.buffer.p ? copy_to_guest((gva_t)map.buffer.p, entries, n * sizeof(*entries)) : 0;
	kfree(entries);
	return rc ? rc : write_map_count(arg, n);
}

/* --- the M2P table --------------------------------------------------------------------------- */

/*
 * How far the table may ever reach; only the control domain is told the machine's real size, since
 * a guest that moves to another machine keeps what it learned.
 */
static long mapping_pv32(gva_t arg)
{
	const struct domain *d = current->domain;
	struct compat_xen_machphys_mapping m = {
		.v_start = d->compat_m2p_start,
		.v_end = COMPAT_M2P_GUEST_END,
		.max_mfn = (COMPAT_M2P_GUEST_END - d->compat_m2p_start) / sizeof(u32) - 1,
	};

	return copy_to_guest(arg, &m, sizeof(m));
}

long memory_m2p_mapping(gva_t arg)
{
	struct xen_machphys_mapping m = {
		.v_start = M2P_GUEST,
		.v_end = M2P_GUEST + M2P_SIZE,
		.max_mfn = M2P_SIZE / sizeof(u64) - 1,
	};

	if (guest_is_pv32())
		return mapping_pv32(arg);
	if (current->domain->is_privileged)
		m.max_mfn = max_mfn - 1;
	return copy_to_guest(arg, &m, sizeof(m));
}

/* First frames of the 2 MiB pieces of the table at @virt. A hole repeats what precedes. */
static long list_frames(gva_t arg, u64 virt, u64 bytes)
{
	gva_t count = arg + guest_offsetof(xen_machphys_mfn_list, nr_extents);
	struct xen_machphys_mfn_list list;
	u64 last = 0;
	u32 n;

	if (guest_read(&list, arg, xen_machphys_mfn_list, .max_extents = narrow.max_extents,
		       .extent_start.p = widened(narrow.extent_start)))
		return -EFAULT;
	for (n = 0; n < list.max_extents && n * MiB(2) < bytes; n++) {
		paddr_t at = hv_virt_to_phys((const void *)(virt + n * MiB(2)));

		if (at != ~0ull)
			last = PFN_DOWN(at);
		if (write_pfn((gva_t)list.extent_start.p, n, last))
			return -EFAULT;
	}
	return copy_to_guest(count, &n, sizeof(n));
}

static u64 compat_m2p_bytes(void)
{
	return MIN(max_mfn * sizeof(u32), (u64)COMPAT_M2P_GUEST_END - COMPAT_M2P_GUEST);
}

long memory_m2p_frames(gva_t arg)
{
	if (guest_is_pv32())
		return list_frames(arg, COMPAT_M2P_BASE, compat_m2p_bytes());
	return list_frames(arg, M2P_BASE, max_mfn * sizeof(u64));
}

long memory_m2p_frames_compat(gva_t arg)
{
	return list_frames(arg, COMPAT_M2P_BASE, compat_m2p_bytes());
}
