/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl: birth, life and death of domains, and their properties. */
#include "hypervisor/control/bitmap_io.h"
#include "hypervisor/control/domain_info.h"
#include "hypervisor/control/domctl.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/grant.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_tsc.h"

/* --- birth ----------------------------------------------------------------------------------- */

/* What a PV domain without devices of its own can be; anything else is refused, not forgotten. */
#define CREATE_FLAGS	(XEN_DOMCTL_CDF_s3_integrity | XEN_DOMCTL_CDF_oos_off | \
			 XEN_DOMCTL_CDF_xs_domain)

static int check_create(const struct xen_domctl_createdomain *c)
{
	u32 grant_version = XEN_DOMCTL_GRANT_version(c->grant_opts);

	if (c->flags & ~CREATE_FLAGS || c->grant_opts & ~XEN_DOMCTL_GRANT_version_mask ||
	    c->iommu_opts || c->vmtrace_size)
		return -EINVAL;
	if (c->max_vcpus < 1 || c->max_vcpus > MAX_VCPUS)
		return -EINVAL;
	if (c->arch.misc_flags & ~XEN_X86_MSR_RELAXED)
		return -EINVAL;
	if (c->arch.emulation_flags & ~XEN_X86_EMU_PIT)
		return -EOPNOTSUPP;
	if (grant_version < 1 || grant_version > 2)
		return -EINVAL;
	return c->cpupool_id ? -ENODEV : 0;
}

#define DEFAULT_GRANT_FRAMES	64
#define DEFAULT_MAPTRACK_FRAMES	1024

/* Directories of pages change with the limits: so this is done before any guest can name @d. */
static int set_limits(struct domain *d, const struct xen_domctl_createdomain *c)
{
	u32 frames = c->max_grant_frames < 0 ? DEFAULT_GRANT_FRAMES : (u32)c->max_grant_frames;
	u32 maptrack = c->max_maptrack_frames < 0 ? DEFAULT_MAPTRACK_FRAMES :
						    (u32)c->max_maptrack_frames;

	evtchn_set_max_port(d, MIN(c->max_evtchn_port, (u32)INT32_MAX));
	grant_set_max_version(d, XEN_DOMCTL_GRANT_version(c->grant_opts));
	return grant_set_limits(d, frames, maptrack);
}

static int settle(struct domain *d, const void *arg)
{
	const struct xen_domctl_createdomain *c = arg;

	d->create_flags = c->flags;
	d->ssidref = c->ssidref;
	memcpy(d->handle, c->handle, sizeof(d->handle));
	return set_limits(d, c);
}

int domctl_createdomain(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	int id = op->domain, rc = check_create(c);

	if (rc)
		return rc;
	if (!id || id >= (int)DOMID_FIRST_RESERVED)
		id = domain_pick_id();
	if (id < 0)
		return id;
	rc = domain_create((domid_t)id, false, c->max_vcpus, settle, c, &d);
	op->domain = (domid_t)id;
	return rc;
}

/* --- life and death -------------------------------------------------------------------------- */

int domctl_destroydomain(struct domain *d, struct xen_domctl *op)
{
	(void)op;
	return domain_kill(d);
}

int domctl_pausedomain(struct domain *d, struct xen_domctl *op)
{
	(void)op;
	return domain_pause_by_control(d);
}

int domctl_unpausedomain(struct domain *d, struct xen_domctl *op)
{
	(void)op;
	return domain_unpause_by_control(d);
}

int domctl_resumedomain(struct domain *d, struct xen_domctl *op)
{
	(void)op;
	domain_resume(d);
	return 0;
}

/* --- properties ------------------------------------------------------------------------------ */

int domctl_getdomaininfo(struct domain *d, struct xen_domctl *op)
{
	domain_info_fill(d, &op->u.getdomaininfo);
	op->domain = d->id;
	return 0;
}

static void fill_state(const struct domain *d, struct xen_domctl_get_domain_state *state)
{
	state->state = XEN_DOMCTL_GETDOMSTATE_STATE_EXIST;
	if (d->is_shut_down)
		state->state |= XEN_DOMCTL_GETDOMSTATE_STATE_SHUTDOWN;
	if (domain_is_dying(d))
		state->state |= XEN_DOMCTL_GETDOMSTATE_STATE_DYING;
	if (atomic_load(&d->dying) == DOMAIN_DEAD)
		state->state |= XEN_DOMCTL_GETDOMSTATE_STATE_DEAD;
	state->caps = d->is_privileged ? XEN_DOMCTL_GETDOMSTATE_CAP_CONTROL |
					 XEN_DOMCTL_GETDOMSTATE_CAP_HARDWARE : 0;
	state->unique_id = d->serial;
}

/* Of the domain named, or, for DOMID_INVALID, of one that has changed: that is told once. */
int domctl_get_domain_state(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_get_domain_state *state = &op->u.get_domain_state;
	bool any = op->domain == DOMID_INVALID;

	if (state->pad0)
		return -EINVAL;
	if (any && !domain_next_changed(&op->domain))
		return -ENOENT;
	memset(state, 0, sizeof(*state));
	d = op->domain < DOMID_FIRST_RESERVED ? domain_get(op->domain) : NULL;
	if (!d)
		return any ? 0 : -ESRCH;
	fill_state(d, state);
	domain_put(d);
	return 0;
}

/* A maximum below what it has is fine: it then gets nothing more. */
int domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
	u64 pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

	lock(&d->pages_lock);
	d->max_pages = (u32)MIN(pages, (u64)UINT32_MAX - 1);
	unlock(&d->pages_lock);
	return 0;
}

int domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
	u32 size = op->u.address_size.size;

	if (size == (d->is_pv32 ? 32 : 64))
		return 0;
	return size == 32 ? domain_set_width(d, true) : -EINVAL;
}

int domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
	op->u.address_size.size = d->is_pv32 ? 32 : 64;
	return 0;
}

int domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
	memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
	return 0;
}

int domctl_setdebugging(struct domain *d, struct xen_domctl *op)
{
	d->info->is_debugged = op->u.setdebugging.enable;
	return 0;
}

int domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
	d->time_offset_seconds = op->u.settimeoffset.time_offset_seconds;
	if (!domain_is_dying(d))
		wallclock_publish(d);
	return 0;
}

int domctl_gettscinfo(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_tsc_info *t = &op->u.tsc_info;
	struct tsc_state state;

	tsc_get(d, &state);
	*t = (struct xen_domctl_tsc_info){
		.tsc_mode = state.mode,
		.gtsc_khz = state.khz,
		.incarnation = state.incarnation,
		.elapsed_nsec = state.elapsed,
	};
	return 0;
}

int domctl_settscinfo(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_tsc_info *t = &op->u.tsc_info;
	struct tsc_state state = { t->tsc_mode, t->gtsc_khz, t->incarnation, t->elapsed_nsec };
	int rc;

	domain_pause(d);
	rc = tsc_set(d, &state);
	domain_unpause(d);
	return rc;
}

/* All memory is one node, of number 0. */
int domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
	u64 nodes;
	int rc = bitmap_read(&op->u.nodeaffinity.nodemap, &nodes, 1);

	(void)d;
	return rc ? rc : nodes ? 0 : -EINVAL;
}

int domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
	(void)d;
	return bitmap_write(&op->u.nodeaffinity.nodemap, 1, 1);
}
