/* SPDX-License-Identifier: MIT */
/* From the first C instruction to kernel_main(): shared info, traps, events. */
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include <minios/event.h>
#include <minios/hypercall.h>
#include <minios/p2m.h>
#include <minios/start.h>
#include "pvabi/sched.h"

struct start_info *start_info;
struct shared_info *shared_info = (void *)shared_info_page;

void arch_start(struct start_info *si)
{
	start_info = si;
	p2m_init((mfn_t *)si->mfn_list, si->nr_pages);
	/* Nothing can be reported before this: there is no trap table, and no event mask. */
	if (priv_pt_set((uintptr_t)shared_info, si->shared_info | PTE_KERNEL))
		priv_shutdown(SHUTDOWN_crash);
	priv_events_mask();
	event_init();
	priv_traps_init();
	kernel_main();
}

bool start_is_control(void)
{
	return start_info->flags & SIF_INITDOMAIN;
}

const char *start_cmdline(void)
{
	return (const char *)start_info->cmd_line;
}
