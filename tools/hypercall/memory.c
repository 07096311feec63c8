/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory and page tables of other domains. */
#include "pvabi/memory.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/platform.h"

#define E820_RAM 1

int xc_populate(domid_t domid, xen_pfn_t *frames, unsigned int count, unsigned int order,
		unsigned int bits)
{
	struct xen_memory_reservation r = { 0 };

	set_xen_guest_handle(r.extent_start, frames);
	r.nr_extents = count;
	r.extent_order = order;
	r.mem_flags = XENMEMF_address_bits(bits);
	r.domid = domid;
	return plat_hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (unsigned long)&r, 0,
			      0);
}

int xc_domain_memory_map(domid_t domid, uint64_t kb)
{
	/* One entry, as the hypervisor reads it: 20 bytes. */
	struct {
		uint64_t addr, size;
		uint32_t type;
	} __attribute__((packed)) ram = { 0, kb << 10, E820_RAM };
	struct xen_foreign_memory_map map = { .domid = domid, .map.nr_entries = 1 };

	set_xen_guest_handle(map.map.buffer, &ram);
	return plat_hypercall(__HYPERVISOR_memory_op, XENMEM_set_memory_map, (unsigned long)&map, 0, 0);
}

int xc_pin_table(domid_t domid, unsigned int level, uint64_t mfn)
{
	struct mmuext_op op = { 0 };

	op.cmd = level == 4 ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE;
	op.arg1.mfn = mfn;
	return plat_hypercall(__HYPERVISOR_mmuext_op, (unsigned long)&op, 1, 0, domid);
}
