/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which segment descriptors a guest may have.
 *
 * Code and data at any privilege the guest has itself, and nothing that the CPU would interpret as a
 * way up: no task gates or TSS, no interrupt gates, no call gates (a 64-bit CPU reads those as
 * 16-byte entries, which 32-bit guests know nothing of). Paging protects the hypervisor from flat
 * segments of any limit: long mode ignores limits, and a 32-bit address cannot name it.
 */
#include "hypervisor/arch/descriptor.h"

static unsigned guest_ring(bool is_pv32)
{
	return is_pv32 ? 1 : 3;
}

static u64 raise_dpl(u64 desc, unsigned ring)
{
	unsigned dpl = (unsigned)(desc >> DESC_DPL_SHIFT) & 3;

	if (dpl >= ring)
		return desc;
	return (desc & ~(3ull << DESC_DPL_SHIFT)) | (u64)ring << DESC_DPL_SHIFT;
}

bool descriptor_fix(u64 *desc, bool is_pv32)
{
	u64 d = *desc;
	bool code;

	if (!(d & DESC_PRESENT))
		return true;
	if (!(d & DESC_S))
		return false;
	code = DESC_TYPE(d) & 8;
	/* A 64-bit code segment would let a pv32 guest name the hypervisor's addresses. */
	if (code && (d & DESC_L) && (is_pv32 || (d & DESC_DB)))
		return false;
	*desc = raise_dpl(d, guest_ring(is_pv32));
	return true;
}

u16 fix_stack_selector(u16 sel, bool is_pv32)
{
	unsigned ring = guest_ring(is_pv32);

	return (sel & 3) < ring ? (u16)((sel & ~3u) | ring) : sel;
}

u16 fix_code_selector(u16 sel, bool is_pv32)
{
	return fix_stack_selector(sel, is_pv32);
}
