/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing the root of an address space, and giving the old one back in bounded steps. */
#include "hypervisor/domain/address_space.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/tlb.h"

void address_space_leave_unfinished(struct vcpu *v, struct frame *frame, enum undoing what)
{
	BUG_ON(v->unfinished);
	v->unfinished = frame;
	v->undoing = what;
}

void address_space_keep_update(struct vcpu *v, const struct pte_update *u)
{
	if (u->unfinished)
		address_space_leave_unfinished(v, u->unfinished, u->undoing);
	if (!u->table_unfinished)
		return;
	BUG_ON(v->unfinished_table);
	v->unfinished_table = u->table;
}

static int finish_table(struct vcpu *v)
{
	struct frame *table = v->unfinished_table;
	int rc = put_frame_type(table, true);

	if (rc)
		return rc;
	v->unfinished_table = NULL;
	put_frame(table);
	return 0;
}

static int finish_frame(struct vcpu *v)
{
	struct frame *frame = v->unfinished;
	int rc = undo_frame(frame, v->undoing);

	if (rc)
		return rc;
	v->unfinished = NULL;
	put_frame(frame);
	return 0;
}

int address_space_go_on(struct vcpu *v)
{
	int rc = 0;

	if (v->unfinished)
		rc = finish_frame(v);
	if (!rc && v->unfinished_table)
		rc = finish_table(v);
	return rc;
}

static void put_root(struct vcpu *v, struct frame *root)
{
	if (!root)
		return;
	if (put_frame_type(root, true))
		address_space_leave_unfinished(v, root, UNDO_USE);
	else
		put_frame(root);
}

static int get_root(struct vcpu *v, mfn_t mfn, struct frame **root)
{
	struct frame *frame;
	int rc;

	if (!mfn_valid(mfn))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, v->domain))
		return -EINVAL;
	rc = get_frame_type(frame, v->domain->is_pv32 ? FT_L3 : FT_L4, true);
	if (!rc)
		*root = frame;
	else if (rc != -ERESTART && (atomic_load(&frame->type) & FT_ORPHAN))
		address_space_leave_unfinished(v, frame, UNDO_ORPHAN);
	else
		put_frame(frame);
	return rc;
}

/* The control domain may set a guest's first root before it says that this guest is strict. */
static void show_m2p_in(struct vcpu *v, struct frame *root, bool kernel)
{
	bool strict = m2p_is_strict(v->domain);

	if (kernel ? !strict || v != current : strict)
		show_m2p(mfn_to_virt(frame_to_mfn(root)), kernel);
}

/* The LDT is where its address leads by the new root, which may be elsewhere. */
static void load_if_current(struct vcpu *v)
{
	if (v != current)
		return;
	if (unlikely(this_cpu()->ldt_pages))
		segment_drop_ldt_pages();
	tlb_load_cr3(address_space_cr3(v));
}

int address_space_set_root(struct vcpu *v, mfn_t mfn)
{
	struct frame *old = v->root, *root;
	int rc;

	if (old && frame_to_mfn(old) == mfn) {
		load_if_current(v);
		return 0;
	}
	rc = get_root(v, mfn, &root);
	if (rc)
		return rc;
	v->root = root;
	if (v->domain->is_pv32) {
		WRITE_ONCE(v->pv32_l4[0], mfn << PAGE_SHIFT | PTE_PRESENT | PTE_RW | PTE_USER |
					  PTE_ACCESSED);
		v->cr3 = virt_to_mfn(v->pv32_l4) << PAGE_SHIFT;
	} else {
		show_m2p_in(v, root, true);
		v->cr3 = mfn << PAGE_SHIFT;
	}
	load_if_current(v);
	put_root(v, old);
	return 0;
}

int address_space_set_user_root(struct vcpu *v, mfn_t mfn)
{
	struct frame *old = v->root_user, *root = NULL;
	int rc;

	if (v->domain->is_pv32)
		return -EOPNOTSUPP;
	if (old && frame_to_mfn(old) == mfn)
		return 0;
	if (mfn) {
		rc = get_root(v, mfn, &root);
		if (rc)
			return rc;
		show_m2p_in(v, root, false);
	}
	v->root_user = root;
	v->cr3_user = mfn << PAGE_SHIFT;
	put_root(v, old);
	return 0;
}

int address_space_release(struct vcpu *v)
{
	int rc = address_space_finish(v);

	if (!rc && v->root) {
		put_root(v, v->root);
		v->root = NULL;
		v->cr3 = 0;
		rc = address_space_finish(v);
	}
	if (!rc && v->root_user) {
		put_root(v, v->root_user);
		v->root_user = NULL;
		v->cr3_user = 0;
		rc = address_space_finish(v);
	}
	return rc;
}
