/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a vCPU's shared information stands, and how to write to it in either width. */
#include "hypervisor/domain/vcpu_info.h"

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/compat/xen.h"

#define INFO_SIZE	sizeof(struct vcpu_info)

_Static_assert(sizeof(struct vcpu_info) == 64, "one cache line in both widths");
_Static_assert(sizeof(struct compat_vcpu_info) == 64, "one cache line in both widths");
_Static_assert(offsetof(struct vcpu_info, time) == offsetof(struct compat_vcpu_info, time),
	       "time stands at the same place in both widths");

/* Read by vCPUs that have no place yet: nothing pending, everything masked, never shared. */
static struct vcpu_info no_info = { .evtchn_upcall_mask = 1 };

void vcpu_info_reset(struct vcpu *v)
{
	struct frame *frame = v->info_frame;

	if (v->id < XEN_LEGACY_MAX_VCPUS && v->domain->shared) {
		v->info = &v->domain->shared->vcpu_info[v->id];
		v->info->evtchn_upcall_mask = 1;
	} else {
		v->info = &no_info;
	}
	v->info_frame = NULL;
	if (frame)
		put_frame_and_type(frame);
}

static int move_info(struct vcpu *v, struct frame *frame, u32 offset)
{
	struct vcpu_info *info = (void *)((u8 *)mfn_to_virt(frame_to_mfn(frame)) + offset);

	lock(&v->areas_lock);
	if (v->info_frame) {
		unlock(&v->areas_lock);
		return -EINVAL;
	}
	memcpy(info, v->info, INFO_SIZE);
	v->info_frame = frame;
	/* Senders may still mark the old place; the caller marks everything pending once. */
	__atomic_store_n(&v->info, info, __ATOMIC_RELEASE);
	unlock(&v->areas_lock);
	return 0;
}

int vcpu_register_info(struct vcpu *v, mfn_t mfn, u32 offset)
{
	struct frame *frame;
	int rc;

	if (offset > PAGE_SIZE - INFO_SIZE || offset % (v->domain->is_pv32 ? 4 : 8))
		return -ENXIO;
	if (v->info_frame || !mfn_valid(mfn))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (get_frame_and_type(frame, v->domain, FT_WRITABLE))
		return -EINVAL;
	/* Not current: only one that is not yet up may be moved, or it would look elsewhere. */
	if (v != current && !(atomic_load(&v->pause_flags) & PAUSE_DOWN))
		rc = -EINVAL;
	else
		rc = move_info(v, frame, offset);
	if (rc)
		put_frame_and_type(frame);
	return rc;
}

void vcpu_info_set_cr2(struct vcpu *v, gva_t cr2)
{
	if (v->domain->is_pv32)
		((struct compat_vcpu_info *)v->info)->arch.cr2 = (u32)cr2;
	else
		v->info->arch.cr2 = cr2;
}

void *vcpu_info_pending_sel(struct vcpu *v)
{
	if (v->domain->is_pv32)
		return &((struct compat_vcpu_info *)v->info)->evtchn_pending_sel;
	return &v->info->evtchn_pending_sel;
}
