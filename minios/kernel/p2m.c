/* SPDX-License-Identifier: MIT */
/* Which frame stands behind each page of ours: the builder's list, or a longer one (mm.c). */
#include <minios/p2m.h>

static mfn_t *list;
static pfn_t entries;

void p2m_init(mfn_t *new_list, pfn_t new_entries)
{
	list = new_list;
	entries = new_entries;
}

const mfn_t *p2m_list(void)
{
	return list;
}

pfn_t p2m_entries(void)
{
	return entries;
}

mfn_t pfn_to_mfn(pfn_t pfn)
{
	return pfn < entries ? list[pfn] : INVALID_MFN;
}

void p2m_set(pfn_t pfn, mfn_t mfn)
{
	list[pfn] = mfn;
}
