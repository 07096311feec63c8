/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds the first domain, as any PV domain builder would, but from inside: memory, kernel,
 * ramdisk, p2m, start_info, page tables, one vCPU. The tables are then validated and pinned
 * by the same code that serves guests.
 */
#include "hypervisor/boot/dom0.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/boot/boot_info.h"
#include "hypervisor/boot/dom0_access.h"
#include "hypervisor/boot/dom0_tables.h"
#include "hypervisor/domain/hypercall_page.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/context.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/print.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/services/time.h"
#include "pvabi/compat/arch-x86/xen.h"
#include "pvabi/compat/xen.h"
#include "pvabi/features.h"

/* --- memory ---------------------------------------------------------------------------------- */

static unsigned order_of(u64 pages)
{
	unsigned order = 0;

	while (1ull << order < pages)
		order++;
	return order;
}

/* An old PAE kernel names its root in 32 bits of CR3; which frame that is it may choose. */
static unsigned address_bits(const struct dom0_builder *b)
{
	return !b->layout.is_64 && b->kernel.pae == PAE_BELOW_4G ? 32 : 64;
}

/* The first page of which nobody expects anything: a kernel clears what it allocates. */
static u64 end_of_layout(const struct dom0_layout *l)
{
	u64 mapped = (l->end - l->virt_base) >> PAGE_SHIFT;
	u64 initrd = l->initrd_pfn ? l->initrd_pfn + PFN_UP(l->initrd_size) : 0;

	return MAX(MAX(mapped, initrd), l->p2m_pfn + l->p2m_frames);
}

static int alloc_memory(struct dom0_builder *b, u64 pages)
{
	u64 cleared = end_of_layout(&b->layout);
	unsigned order = MAX_ORDER;
	u64 pfn = 0;

	b->mfn_order = order_of(PFN_UP(pages * sizeof(*b->mfn)));
	b->mfn = alloc_pages(b->mfn_order);
	if (!b->mfn)
		return -ENOMEM;
	while (pfn < pages) {
		struct frame *frame = NULL;

		if (1ull << order <= pages - pfn)
			frame = alloc_first_domain_frames(b->d, order, address_bits(b), pfn);
		if (!frame && !order--)
			return -ENOMEM;
		for (u64 i = 0; frame && i < 1ull << order; i++, pfn++) {
			b->mfn[pfn] = (u32)(frame_to_mfn(frame) + i);
			if (pfn < cleared)
				clear_page(mfn_to_virt(b->mfn[pfn]));
		}
	}
	return 0;
}

/* --- contents -------------------------------------------------------------------------------- */

static const void *module_data(const struct boot_module *m)
{
	return (const u8 *)mfn_to_virt(PFN_DOWN(m->start)) + (m->start & ~PAGE_MASK);
}

/* These frames are zeroed, so what a segment has in memory but not in the file is there already. */
static void load_kernel(struct dom0_builder *b)
{
	const struct pv_kernel *k = &b->kernel;
	u64 page = k->hypercall_page;

	for (unsigned i = 0; i < k->nr_segments; i++)
		dom0_write(b, k->segment[i].virt, k->file.data + k->segment[i].offset,
			   k->segment[i].filesz);
	if (page != NO_ADDR)
		hypercall_page_fill(dom0_frame(b, dom0_pfn(b, page)), !b->layout.is_64);
}

static void load_initrd(struct dom0_builder *b, const struct boot_module *m)
{
	const struct dom0_layout *l = &b->layout;
	const u8 *data = module_data(m);

	if (!l->initrd_pfn) {
		dom0_write(b, l->initrd, data, l->initrd_size);
		return;
	}
	for (u64 at = 0; at < l->initrd_size; at += PAGE_SIZE)
		memcpy(dom0_frame(b, l->initrd_pfn + (at >> PAGE_SHIFT)), data + at,
		       MIN(l->initrd_size - at, PAGE_SIZE));
}

static void write_p2m(struct dom0_builder *b)
{
	const struct dom0_layout *l = &b->layout;
	u64 first = l->p2m_pfn ? l->p2m_pfn : dom0_pfn(b, l->p2m);
	u64 per_page = PAGE_SIZE / (l->is_64 ? 8 : 4);

	for (u64 pfn = 0; pfn < l->nr_pages; pfn++) {
		void *page = dom0_frame(b, first + pfn / per_page);

		if (l->is_64)
			((u64 *)page)[pfn % per_page] = b->mfn[pfn];
		else
			((u32 *)page)[pfn % per_page] = b->mfn[pfn];
	}
}

/* --- start_info ------------------------------------------------------------------------------ */

static void describe_screen(const struct boot_framebuffer *fb, struct dom0_vga_console_info *out)
{
	bool text = fb->present && fb->type == 2;

	if (!fb->present || text) {
		out->video_type = XEN_VGATYPE_TEXT_MODE_3;
		out->u.text_mode_3.font_height = 16;
		out->u.text_mode_3.columns = text ? (u16)fb->width : 80;
		out->u.text_mode_3.rows = text ? (u16)fb->height : 25;
		return;
	}
	out->video_type = XEN_VGATYPE_VESA_LFB;
	out->u.vesa_lfb.width = (u16)fb->width;
	out->u.vesa_lfb.height = (u16)fb->height;
	out->u.vesa_lfb.bytes_per_line = (u16)fb->pitch;
	out->u.vesa_lfb.bits_per_pixel = fb->bpp;
	out->u.vesa_lfb.lfb_base = (u32)fb->address;
	out->u.vesa_lfb.ext_lfb_base = (u32)(fb->address >> 32);
	out->u.vesa_lfb.lfb_size = (u32)DIV_UP((u64)fb->pitch * fb->height, KiB(64));
	out->u.vesa_lfb.red_pos = 16;
	out->u.vesa_lfb.green_pos = 8;
	out->u.vesa_lfb.red_size = out->u.vesa_lfb.green_size = out->u.vesa_lfb.blue_size = 8;
}

/* The same members in both widths' structures. */
#define FILL_START_INFO(si, b, l, flag_bits)					\
	do {									\
		snprintf((si)->magic, sizeof((si)->magic), "xen-3.0-x86_%d%s",	\
			 (l)->is_64 ? 64 : 32, (l)->is_64 ? "" : "p");		\
		(si)->nr_pages = (l)->nr_pages;					\
		(si)->shared_info = virt_to_mfn((b)->d->shared) << PAGE_SHIFT;	\
		(si)->flags = (flag_bits);					\
		(si)->console.dom0.info_off = sizeof(*(si));			\
		(si)->console.dom0.info_size = sizeof(struct dom0_vga_console_info);	\
		(si)->pt_base = (l)->tables;					\
		(si)->nr_pt_frames = (l)->nr_tables;				\
		(si)->mfn_list = (l)->p2m;					\
		(si)->mod_start = (l)->initrd_pfn ? (l)->initrd_pfn : (l)->initrd;	\
		(si)->mod_len = (l)->initrd_size;				\
		(si)->first_p2m_pfn = (l)->p2m_pfn;				\
		(si)->nr_p2m_frames = (l)->p2m_frames;				\
	} while (0)

static void write_start_info(struct dom0_builder *b, const struct boot_info *info)
{
	const struct dom0_layout *l = &b->layout;
	u8 *page = dom0_frame(b, dom0_pfn(b, l->start_info));
	u32 flags = SIF_INITDOMAIN | SIF_PRIVILEGED | (l->initrd_pfn ? SIF_MOD_START_PFN : 0);
	const char *args = info->module[0].string;
	struct compat_start_info *si32 = (void *)page;
	struct start_info *si64 = (void *)page;

	if (l->is_64) {
		FILL_START_INFO(si64, b, l, flags);
		str_copy((char *)si64->cmd_line, args, sizeof(si64->cmd_line));
		describe_screen(&info->framebuffer, (void *)(si64 + 1));
	} else {
		FILL_START_INFO(si32, b, l, flags);
		str_copy((char *)si32->cmd_line, args, sizeof(si32->cmd_line));
		describe_screen(&info->framebuffer, (void *)(si32 + 1));
	}
}

/* Events are masked until the kernel unmasks them. The member stands alike in both widths. */
static void init_shared_info(struct domain *d)
{
	_Static_assert(sizeof(struct vcpu_info) == sizeof(struct compat_vcpu_info), "64 bytes");

	for (unsigned i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		d->shared->vcpu_info[i].evtchn_upcall_mask = 1;
	wallclock_publish(d);
}

/* --- the vCPU -------------------------------------------------------------------------------- */

static void fill_context32(const struct dom0_builder *b, u32 root,
			   struct compat_vcpu_guest_context *c)
{
	struct compat_cpu_user_regs *r = &c->user_regs;

	r->cs = COMPAT_FLAT_KERNEL_CS;
	r->ds = r->es = r->fs = r->gs = r->ss = COMPAT_FLAT_KERNEL_DS;
	r->eip = (u32)b->kernel.entry;
	r->esp = (u32)b->layout.stack_end;
	r->esi = (u32)b->layout.start_info;
	r->eflags = 0x200;
	c->kernel_ss = r->ss;
	c->kernel_sp = r->esp;
	c->ctrlreg[3] = (u32)mfn_to_cr3(b->d, root);
	c->flags = VGCF_in_kernel | VGCF_online;
	if (b->kernel.pae == PAE_ANYWHERE)
		c->vm_assist = 1u << VMASST_TYPE_pae_extended_cr3;
}

static void fill_context64(const struct dom0_builder *b, u32 root, struct vcpu_guest_context *c)
{
	struct cpu_user_regs *r = &c->user_regs;

	r->cs = FLAT_KERNEL_CS;
	r->ds = r->es = r->fs = r->gs = FLAT_KERNEL_DS;
	r->ss = FLAT_KERNEL_SS;
	r->rip = b->kernel.entry;
	r->rsp = b->layout.stack_end;
	r->rsi = b->layout.start_info;
	r->rflags = 0x200;
	c->kernel_ss = r->ss;
	c->kernel_sp = r->rsp;
	c->ctrlreg[3] = xen_pfn_to_cr3(root);
	c->flags = VGCF_in_kernel | VGCF_online;
}

/* Nothing else runs yet, but pending work of this CPU makes long validations come back early. */
static int load_vcpu(struct dom0_builder *b, struct vcpu *v)
{
	u32 root = b->mfn[dom0_pfn(b, b->layout.tables)];
	void *context = kalloc(context_size(b->d));
	int rc;

	if (!context)
		return -ENOMEM;
	if (b->layout.is_64)
		fill_context64(b, root, context);
	else
		fill_context32(b, root, context);
	do {
		rc = vcpu_load_context(v, context);
	} while (rc == -ERESTART);
	kfree(context);
	return rc;
}

/* As MMUEXT_PIN_L4_TABLE or _L3_: the kernel expects its first root to be pinned. */
static int pin_root(struct dom0_builder *b)
{
	struct frame *root = mfn_to_frame(b->mfn[dom0_pfn(b, b->layout.tables)]);
	int rc = get_frame_and_type(root, b->d, b->layout.is_64 ? FT_L4 : FT_L3);

	if (!rc)
		atomic_fetch_or(&root->type, FT_PINNED);
	return rc;
}

static int create_vcpus(struct domain *d)
{
	struct vcpu *v;
	int rc = 0;

	for (unsigned i = 0; !rc && i < d->max_vcpus; i++)
		rc = vcpu_create(d, i, &v);
	return rc;
}

/* --- all of it ------------------------------------------------------------------------------- */

static int parse_kernel(struct dom0_builder *b, const struct boot_info *info)
{
	const struct boot_module *m = &info->module[0];
	const char *why;
	int rc;

	if (!info->nr_modules) {
		log_err("no boot module: the first one must be the kernel of the control domain");
		return -ENOENT;
	}
	rc = pv_kernel_parse(&b->kernel, module_data(m), m->size, &why);
	if (!rc && b->kernel.has_supported_features && !(b->kernel.features & 1u << XENFEAT_dom0)) {
		why = "does not name dom0 among the features it supports";
		rc = -EINVAL;
	}
	if (rc)
		log_err("the first boot module %s", why);
	return rc;
}

static int lay_out(struct dom0_builder *b, const struct boot_info *info)
{
	u64 pages = dom0_pages(&opt_dom0_mem, free_frame_count());
	u64 initrd = info->nr_modules > 1 ? info->module[1].size : 0;
	const char *why;
	int rc = dom0_lay_out(&b->layout, &b->kernel, initrd, pages, &why);

	if (rc)
		log_err("the control domain's kernel %s (%lu KiB now)", why,
			pages << (PAGE_SHIFT - 10));
	return rc;
}

static int create(struct dom0_builder *b)
{
	u32 vcpus = opt_dom0_max_vcpus ? MIN(opt_dom0_max_vcpus, (u32)MAX_VCPUS) : 1;
	int rc = domain_create(0, true, vcpus, NULL, NULL, &b->d);

	if (rc)
		return rc;
	rc = domain_set_width(b->d, !b->layout.is_64);
	if (rc)
		return rc;
	b->d->max_pages = opt_dom0_mem.max > 0 ? (u32)(opt_dom0_mem.max >> PAGE_SHIFT) : ~0u;
	rc = dom0_grant_access(b->d);
	return rc ? rc : create_vcpus(b->d);
}

static int fill(struct dom0_builder *b, const struct boot_info *info)
{
	int rc = alloc_memory(b, b->layout.nr_pages);

	if (rc)
		return rc;
	load_kernel(b);
	if (b->layout.initrd_size)
		load_initrd(b, &info->module[1]);
	write_p2m(b);
	write_start_info(b, info);
	init_shared_info(b->d);
	dom0_build_tables(b);
	rc = load_vcpu(b, b->d->vcpu[0]);
	return rc ? rc : pin_root(b);
}

static void announce(const struct dom0_builder *b)
{
	const struct dom0_layout *l = &b->layout;
	const struct pv_kernel *k = &b->kernel;

	log_info("dom0: %s, pv%d, %lu MiB, %u vCPU(s), entry %#lx", k->os[0] ? k->os : "kernel",
		 l->is_64 ? 64 : 32, l->nr_pages >> (20 - PAGE_SHIFT), b->d->max_vcpus, k->entry);
	log_debug("dom0: kernel %#lx-%#lx, ramdisk %#lx (%lu bytes), p2m %#lx, start_info %#lx",
		  k->start, k->end, l->initrd_pfn ? l->initrd_pfn : l->initrd, l->initrd_size,
		  l->p2m, l->start_info);
	log_debug("dom0: page tables %#lx (%lu), stack ends %#lx, mapped to %#lx", l->tables,
		  l->nr_tables, l->stack_end, l->end);
}

/* What an interrupted construction leaves is not undone: without a control domain nothing runs. */
int dom0_build(const struct boot_info *info)
{
	struct dom0_builder *b = kalloc(sizeof(*b));
	int rc;

	if (!b)
		return -ENOMEM;
	rc = parse_kernel(b, info);
	if (!rc)
		rc = lay_out(b, info);
	if (!rc) {
		rc = create(b);
		if (!rc)
			rc = fill(b, info);
		if (rc)
			log_err("building the control domain failed: error %d, %lu KiB are free", rc,
				free_frame_count() << (PAGE_SHIFT - 10));
	}
	if (!rc) {
		announce(b);
		dom0 = b->d;
		rc = domain_unpause_by_control(b->d);
	}
	if (b->mfn)
		free_pages(b->mfn, b->mfn_order);
	kfree(b);
	return rc;
}
