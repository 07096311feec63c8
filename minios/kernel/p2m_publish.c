/* SPDX-License-Identifier: MIT */
/*
 * Tells the toolstack which memory we have, so that it can write a core or move us: three levels of
 * frames of frame numbers, the last of which is the list itself.
 */
#include <minios/p2m.h>
#include <minios/start.h>

#define PER_PAGE (PAGE_SIZE / sizeof(mfn_t))

static mfn_t *new_level(void)
{
	mfn_t *page = page_alloc();

	for (size_t i = 0; page && i < PER_PAGE; i++)
		page[i] = INVALID_MFN;
	return page;
}

void p2m_publish(void)
{
	pfn_t entries = p2m_entries();
	size_t pages = (entries + PER_PAGE - 1) / PER_PAGE, i;
	mfn_t *root = new_level(), *middle = NULL;

	for (i = 0; root && i < pages && i / PER_PAGE < PER_PAGE; i++) {
		if (i % PER_PAGE == 0) {
			middle = new_level();
			if (!middle)
				break;
			root[i / PER_PAGE] = virt_to_mfn(middle);
		}
		middle[i % PER_PAGE] = virt_to_mfn(p2m_list() + i * PER_PAGE);
	}
	if (!root)
		return;
	/* A list that could not be made whole says so by its end. */
	shared_info->arch.max_pfn = i < pages ? i * PER_PAGE : entries;
	shared_info->arch.pfn_to_mfn_frame_list_list = virt_to_mfn(root);
}
