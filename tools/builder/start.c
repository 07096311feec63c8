/* SPDX-License-Identifier: GPL-2.0-only */
/* Fills start_info and the first vCPU's context, in the guest's width. */
#include <string.h>

#include "tools/builder/foreign.h"
#include "tools/builder/start.h"

#define FLAT_CS32 0xe019u /* ring 1 */
#define FLAT_DS32 0xe021u
#define FLAT_CS64 0xe033u /* ring 3 */
#define FLAT_SS64 0xe02bu

#define FLAG_IN_KERNEL (1u << 2)
#define FLAG_ONLINE    (1u << 5)
#define EFLAGS_IF      0x200u

#define ASSIST_PAE_EXTENDED_CR3 3

/* The same names in both widths. */
#define FILL_INFO(info, s)                                                                         \
	do {                                                                                       \
		const struct layout *l = (s)->layout;                                              \
		(info)->nr_pages = l->nr_pages;                                                    \
		(info)->shared_info = (s)->shared_info_mfn << 12;                                  \
		(info)->store_mfn = (s)->result->store_mfn;                                        \
		(info)->store_evtchn = (s)->result->store_port;                                    \
		(info)->console.mfn = (s)->result->console_mfn;                                    \
		(info)->console.evtchn = (s)->result->console_port;                                \
		(info)->pt_base = layout_virt(l, l->tables.pfn);                                   \
		(info)->nr_pt_frames = l->tables.pages;                                            \
		(info)->mfn_list = l->p2m_virt;                                                    \
		if ((s)->ramdisk_size) {                                                           \
			(info)->mod_start = l->ramdisk_apart ? l->ramdisk.pfn :                    \
							       layout_virt(l, l->ramdisk.pfn);     \
			(info)->mod_len = (s)->ramdisk_size;                                       \
			(info)->flags = l->ramdisk_apart ? SIF_MOD_START_PFN : 0;                  \
		}                                                                                  \
		if (l->p2m_apart) {                                                                \
			(info)->first_p2m_pfn = l->p2m.pfn;                                        \
			(info)->nr_p2m_frames = l->p2m.pages + l->p2m_tables.pages;                \
		}                                                                                  \
		strncpy((info)->cmd_line, (s)->cmdline, FOREIGN_CMDLINE - 1);                      \
	} while (0)

void start_fill_info(const struct start *start, void *page)
{
	memset(page, 0, 4096);
	strcpy(page, start->layout->is64 ? "xen-3.0-x86_64" : "xen-3.0-x86_32p");
	if (start->layout->is64)
		FILL_INFO((struct foreign_start_info64 *)page, start);
	else
		FILL_INFO((struct foreign_start_info32 *)page, start);
}

static uint64_t stack_top(const struct layout *l)
{
	return layout_virt(l, l->stack.pfn + 1);
}

static void fill_context32(const struct start *s, struct foreign_context32 *c)
{
	const struct layout *l = s->layout;

	c->regs.eip = s->image->entry;
	c->regs.esp = stack_top(l);
	c->regs.esi = layout_virt(l, l->start_info.pfn);
	c->regs.eflags = EFLAGS_IF;
	c->regs.cs = FLAT_CS32;
	c->regs.ss = c->regs.ds = c->regs.es = c->regs.fs = c->regs.gs = FLAT_DS32;
	c->kernel_ss = c->regs.ss;
	c->kernel_sp = c->regs.esp;
	c->flags = FLAG_IN_KERNEL | FLAG_ONLINE;
	/* Frame numbers beyond 20 bits wrap into the low, otherwise unused bits. */
	c->ctrlreg[3] = (uint32_t)(s->root_mfn << 12) | (uint32_t)(s->root_mfn >> 20);
	if (s->image->pae_extended_cr3)
		c->vm_assist |= 1u << ASSIST_PAE_EXTENDED_CR3;
}

static void fill_context64(const struct start *s, struct foreign_context64 *c)
{
	const struct layout *l = s->layout;

	c->regs.rip = s->image->entry;
	c->regs.rsp = stack_top(l);
	c->regs.rsi = layout_virt(l, l->start_info.pfn);
	c->regs.rflags = EFLAGS_IF;
	c->regs.cs = FLAT_CS64;
	c->regs.ss = FLAT_SS64;
	c->kernel_ss = c->regs.ss;
	c->kernel_sp = c->regs.rsp;
	c->flags = FLAG_IN_KERNEL | FLAG_ONLINE;
	c->ctrlreg[3] = s->root_mfn << 12;
}

void start_fill_context(const struct start *start, void *context)
{
	_Static_assert(START_MAX_CONTEXT == sizeof(struct foreign_context64), "the larger one");

	memset(context, 0, START_MAX_CONTEXT);
	if (start->layout->is64)
		fill_context64(start, context);
	else
		fill_context32(start, context);
}
