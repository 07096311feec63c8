/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which segment descriptors a guest may have.
 *
 * Code and data at any privilege the guest has itself, and nothing that the CPU would interpret as a
 * way up: no task gates or TSS, no interrupt gates. A call gate is kept, of privilege 0, so that the
 * CPU refuses each use of it. Paging protects the hypervisor from flat segments of any limit: long
 * mode ignores limits, and a 32-bit address cannot name it.
 */
#include "hypervisor/arch/descriptor.h"

#include "hypervisor/arch/traps.h"

#define FIRST_RESERVED_SELECTOR	0xe000

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

static u64 base_of(u64 desc)
{
	return (desc >> 16 & 0xffffff) | (desc >> 56) << 24;
}

/* One past the last byte. */
static u64 end_of(u64 desc)
{
	u64 nr = ((desc & 0xffff) | (desc >> 32 & 0xf0000)) + 1;

	return desc & DESC_G ? nr << 12 : nr;
}

/*
 * Kernels of old leave off their flat segments where the hypervisor used to begin, and reach no
 * more of the M2P than a hypervisor of 32 bits had.
 */
static u64 include_m2p(u64 desc, u32 m2p_start)
{
	return !base_of(desc) && end_of(desc) > m2p_start ? desc | DESC_LIMIT : desc;
}

static bool gate_selector_ok(u16 sel, bool is_pv32)
{
	return sel < FIRST_RESERVED_SELECTOR || sel & 4 ||
	       sel == (is_pv32 ? PV32_RING1_CS : PV64_RING3_CS64);
}

/* Its privilege is remembered in the selector. Bits that a gate of this width leaves unused are 0. */
static bool fix_call_gate(u64 *desc, bool is_pv32)
{
	u64 d = raise_dpl(*desc, guest_ring(is_pv32));
	u64 dpl = d >> DESC_DPL_SHIFT & 3;

	if (!gate_selector_ok((u16)(d >> 16), is_pv32) || d >> 32 & (is_pv32 ? 0xe0 : 0xff))
		return false;
	*desc = (d & ~(3ull << DESC_DPL_SHIFT | 3ull << 16)) | dpl << 16;
	return true;
}

bool descriptor_fix(u64 *desc, bool is_pv32, u32 m2p_start)
{
	u64 d = *desc;

	if (!(d & DESC_PRESENT))
		return true;
	/* Type 0 is the second half of a 64-bit gate; the CPU takes it for nothing. */
	if (!(d & DESC_S))
		return !DESC_TYPE(d) || (DESC_TYPE(d) == DESC_CALL_GATE && fix_call_gate(desc, is_pv32));
	/* A 64-bit code segment would let a pv32 guest name the hypervisor's addresses. */
	if (is_pv32 && (d & DESC_L))
		return false;
	d = raise_dpl(d, guest_ring(is_pv32));
	*desc = is_pv32 ? include_m2p(d, m2p_start) : d;
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
