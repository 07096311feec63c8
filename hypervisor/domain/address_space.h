/* SPDX-License-Identifier: GPL-2.0-only */
/* The page-table roots of a vCPU. */
#ifndef HV_DOMAIN_ADDRESS_SPACE_H
#define HV_DOMAIN_ADDRESS_SPACE_H

#include "hypervisor/domain/vcpu.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/mm/update.h"

/*
 * Makes @mfn the root for v's kernel (pv64: L4; pv32: L3), or for its user mode (pv64, 0: none).
 * The old root's use is given back, perhaps later by address_space_finish(). v is current or does
 * not run. -EINVAL, -ERESTART.
 */
int address_space_set_root(struct vcpu *v, mfn_t mfn);
int address_space_set_user_root(struct vcpu *v, mfn_t mfn);

static inline bool address_space_is_unfinished(const struct vcpu *v)
{
	return unlikely(v->unfinished || v->unfinished_table);
}

int address_space_go_on(struct vcpu *v);
/*
 * Long undoings that were preempted (or refused tables left half done) wait in v->unfinished. Every
 * memory-management call of @v first finishes them: 0, or -ERESTART to be called again.
 */
static inline int address_space_finish(struct vcpu *v)
{
	return address_space_is_unfinished(v) ? address_space_go_on(v) : 0;
}

/*
 * Leaves @frame, whose reference is passed on, to be finished: a use of it that is to be put, or what
 * a refused promotion left of it. Which of the two, only the caller knows: an orphan may be cleared
 * by others meanwhile, and putting a use for it then would take one that somebody relies on.
 */
void address_space_leave_unfinished(struct vcpu *v, struct frame *frame, enum undoing what);

/* As above, what an update left. */
void address_space_keep_update(struct vcpu *v, const struct pte_update *u);
static inline void address_space_leave_update(struct vcpu *v, const struct pte_update *u)
{
	if (unlikely(u->unfinished || u->table_unfinished))
		address_space_keep_update(v, u);
}

/* Everything given back, at death. 0 or -ERESTART. */
int address_space_release(struct vcpu *v);

/* What CR3 is while v runs as it is now. */
static inline u64 address_space_cr3(const struct vcpu *v)
{
	return v->domain->is_pv32 || v->in_kernel ? v->cr3 : v->cr3_user;
}

/*
 * What a pv64 kernel registered stands in its own tables, not in those of its user mode: between
 * these two, the current vCPU's addresses are its kernel's.
 */
static inline void address_space_enter_kernel(const struct vcpu *v)
{
	if (!v->domain->is_pv32 && !v->in_kernel)
		tlb_load_cr3(v->cr3);
}

static inline void address_space_leave_kernel(const struct vcpu *v)
{
	if (!v->domain->is_pv32 && !v->in_kernel)
		tlb_load_cr3(v->cr3_user);
}

/* A PAE root above 4 GiB has its number's upper bits in CR3's lower ones. */
static inline mfn_t cr3_to_mfn(const struct domain *d, u64 cr3)
{
	return d->is_pv32 ? (u32)((u32)cr3 >> 12 | (u32)cr3 << 20) : cr3 >> 12;
}

static inline u64 mfn_to_cr3(const struct domain *d, mfn_t mfn)
{
	return d->is_pv32 ? (u32)((u32)mfn << 12 | (u32)mfn >> 20) : mfn << 12;
}

#endif
