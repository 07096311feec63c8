/* SPDX-License-Identifier: MIT */
/* Mapping of another domain's frames into the window. */
#include <errno.h>
#include <minios/foreign.h>
#include <minios/mm.h>

static void *give_up(void *addr, size_t count, int error, int *error_out)
{
	if (addr) {
		unmap_pages(addr, count);
		window_free(addr, count);
	}
	if (error_out)
		*error_out = error;
	return NULL;
}

void *foreign_map(domid_t dom, const xen_pfn_t *frames, size_t count, int prot, int *errors,
		  int *error_out)
{
	pte_t flags = prot & PROT_MAP_WRITE ? PTE_KERNEL : PTE_KERNEL_RO;
	void *addr = window_alloc(count);
	int failed;

	if (!addr)
		return give_up(NULL, 0, -ENOMEM, error_out);
	failed = map_frames(addr, frames, count, flags, dom, errors);
	if (failed < 0)
		return give_up(addr, count, failed, error_out);
	if ((size_t)failed == count || (failed && !errors))
		return give_up(addr, count, errors ? errors[0] : -EINVAL, error_out);
	return addr;
}

void foreign_unmap(void *addr, size_t count)
{
	unmap_pages(addr, count);
	window_free(addr, count);
}
