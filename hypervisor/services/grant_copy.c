/* SPDX-License-Identifier: GPL-2.0-only */
/* Copying between frames that are named by grants or by the caller's own frame numbers. */
#include "hypervisor/lib/string.h"
#include "hypervisor/services/grant_impl.h"

/* One side of a copy: the frame, the part of it that may be touched, and what holds it. */
struct side {
	struct domain *d;		/* referenced */
	struct domain *trans;		/* of a transitive grant: referenced, else NULL */
	struct grant_use use, inner;	/* pinned when the side is given by a grant */
	bool by_grant, writes;
	mfn_t mfn;			/* held if it is valid */
	u16 start, length;
};

static int find_domain(struct side *side, domid_t id)
{
	/* By frame number one may name one's own only. */
	if (id != DOMID_SELF && !side->by_grant)
		return GNTST_permission_denied;
	side->d = grant_get_domain(id);
	return side->d ? GNTST_okay : GNTST_bad_domain;
}

/* A grant of a grant: the frame belongs to a third domain, which granted it to @side->d. */
static int pin_behind(struct side *side)
{
	struct grant_use *inner = &side->inner;
	int rc;

	if (side->use.trans_dom == side->d->id || side->use.trans_dom >= DOMID_FIRST_RESERVED)
		return GNTST_general_error;
	side->trans = grant_get_domain(side->use.trans_dom);
	if (!side->trans)
		return GNTST_general_error;
	*inner = (struct grant_use){
		.granter = side->trans, .ref = side->use.trans_ref, .user = side->d->id,
		.writes = side->writes, .pins = 1,
	};
	rc = grant_pin(inner);
	/* One step, no more. */
	if (rc == GRANT_TRANSITIVE) {
		grant_unpin(inner);
		rc = GNTST_general_error;
	}
	if (rc) {
		domain_put(side->trans);
		side->trans = NULL;
	}
	return rc;
}

static int pin_side(struct side *side, u32 ref)
{
	const struct grant_use *found = &side->use;
	int rc;

	side->use = (struct grant_use){
		.granter = side->d, .ref = ref, .user = current->domain->id,
		.writes = side->writes, .pins = 1,
	};
	rc = grant_pin(&side->use);
	if (rc == GRANT_TRANSITIVE) {
		rc = pin_behind(side);
		if (rc)
			grant_unpin(&side->use);
		found = &side->inner;
	}
	side->mfn = found->mfn;
	side->start = found->start;
	side->length = found->length;
	return rc;
}

static void unpin_side(struct side *side)
{
	if (!side->by_grant)
		return;
	if (side->trans) {
		grant_unpin(&side->inner);
		domain_put(side->trans);
	}
	grant_unpin(&side->use);
}

static int hold_side(struct side *side, const struct gnttab_copy_ptr *ptr)
{
	int rc = GNTST_okay;

	if (side->by_grant) {
		rc = pin_side(side, ptr->u.ref);
		if (rc)
			return rc;
	} else {
		side->mfn = ptr->u.gmfn;
		side->start = 0;
		side->length = PAGE_SIZE;
	}
	rc = mm_grant_hold(side->mfn, side->trans ? side->trans : side->d, side->writes);
	if (rc)
		unpin_side(side);
	return rc;
}

static void release_side(struct side *side)
{
	mm_grant_release(side->mfn, side->writes);
	unpin_side(side);
}

static bool within(const struct side *side, u16 offset, u16 len)
{
	return offset >= side->start && (u32)offset + len <= (u32)side->start + side->length;
}

static int copy_held(const struct gnttab_copy *op, const struct side *src, const struct side *dst)
{
	if ((u32)op->source.offset + op->len > PAGE_SIZE ||
	    (u32)op->dest.offset + op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	if (!within(src, op->source.offset, op->len) || !within(dst, op->dest.offset, op->len))
		return GNTST_general_error;
	/* Both sides may be the same frame. */
	memmove((u8 *)mfn_to_virt(dst->mfn) + op->dest.offset,
		(u8 *)mfn_to_virt(src->mfn) + op->source.offset, op->len);
	return GNTST_okay;
}

static int hold_and_copy(const struct gnttab_copy *op, struct side *src, struct side *dst)
{
	int rc = hold_side(src, &op->source);

	if (rc)
		return rc;
	rc = hold_side(dst, &op->dest);
	if (!rc) {
		rc = copy_held(op, src, dst);
		release_side(dst);
	}
	release_side(src);
	return rc;
}

void grant_copy(struct gnttab_copy *op)
{
	struct side src = { .by_grant = op->flags & GNTCOPY_source_gref };
	struct side dst = { .by_grant = op->flags & GNTCOPY_dest_gref, .writes = true };
	int rc = find_domain(&src, op->source.domid);

	if (!rc)
		rc = find_domain(&dst, op->dest.domid);
	if (!rc)
		rc = hold_and_copy(op, &src, &dst);
	if (dst.d)
		domain_put(dst.d);
	if (src.d)
		domain_put(src.d);
	op->status = rc;
}
