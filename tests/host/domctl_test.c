/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl: its table and loop, and each operation's checks and effects. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/control/domctl.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/cpuid_policy.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_control.h"

static struct domain *control, *guest;
static struct xen_domctl *op;

#define BUFFER	4096

void send_global_virq(u32 virq)
{
	ck_assert_uint_eq(virq, VIRQ_DOM_EXC);
}

static void setup(void)
{
	fake_reset();
	control = fake_domain(0, true, false, ~0u);
	guest = fake_domain(1, false, false, 64);
	fake_run(control);
	op = (void *)fake_guest;
}

static void teardown(void)
{
	fake_reset();
}

static void begin(u32 cmd, domid_t id)
{
	memset(op, 0, sizeof(*op));
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = id;
}

static long call(void)
{
	return do_domctl((u64)op);
}

static long simple(u32 cmd, domid_t id)
{
	begin(cmd, id);
	return call();
}

static void *buffer(void)
{
	return fake_guest + BUFFER;
}

/* --- the table and the loop ------------------------------------------------------------------ */

START_TEST(rows_are_found)
{
	unsigned found = 0;

	for (u32 cmd = 0; cmd < 1100; cmd++) {
		const struct domctl_row *row = domctl_find(cmd);

		if (!row)
			continue;
		found++;
		ck_assert_uint_eq(row->cmd, cmd);
		ck_assert_ptr_nonnull(row->run);
	}
	ck_assert_uint_eq(found, 37);
	ck_assert_ptr_null(domctl_find(~0u));
}
END_TEST

START_TEST(order_of_checks)
{
	ck_assert_int_eq(do_domctl(FAKE_BAD_ADDR), -EFAULT);
	begin(XEN_DOMCTL_pausedomain, 7);
	op->interface_version++;
	ck_assert_int_eq(call(), -EACCES);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, 7), -ESRCH);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, DOMID_SELF), -ESRCH);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, DOMID_XEN), -ESRCH);
	ck_assert_int_eq(simple(XEN_DOMCTL_gethvmcontext, 1), -ENOSYS);
	ck_assert_int_eq(simple(999999, 7), -ESRCH);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, 0), -EINVAL);
	fake_run(guest);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 1), -EPERM);
	ck_assert_int_eq(simple(XEN_DOMCTL_gethvmcontext, 1), -EPERM);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 7), -ESRCH);
	begin(XEN_DOMCTL_createdomain, 0);
	op->u.createdomain.max_vcpus = 1;
	ck_assert_int_eq(call(), -EPERM);
}
END_TEST

/* Who comes while another operation works on the domain is sent back; readers are not. */
START_TEST(operations_exclude_each_other)
{
	atomic_store(&guest->info->control_busy, true);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, 1), FAKE_CONTINUED);
	ck_assert_uint_eq(fake_args[0], (u64)op);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
	atomic_store(&guest->info->control_busy, false);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, 1), 0);
	ck_assert(!atomic_load(&guest->info->control_busy));
	/* Who comes after the one that destroyed it finds nothing to work on. */
	atomic_store(&guest->dying, DOMAIN_DEAD);
	ck_assert_int_eq(simple(XEN_DOMCTL_getvcpucontext, 1), -ESRCH);
	ck_assert_int_eq(simple(XEN_DOMCTL_unpausedomain, 1), -ESRCH);
	ck_assert(!atomic_load(&guest->info->control_busy));
}
END_TEST

/* --- life ------------------------------------------------------------------------------------ */

static struct xen_domctl_createdomain *create(domid_t id)
{
	begin(XEN_DOMCTL_createdomain, id);
	op->u.createdomain.max_vcpus = 2;
	op->u.createdomain.max_evtchn_port = ~0u;
	op->u.createdomain.max_grant_frames = -1;
	op->u.createdomain.max_maptrack_frames = 5;
	op->u.createdomain.grant_opts = 1;
	memset(op->u.createdomain.handle, 0xab, 16);
	return &op->u.createdomain;
}

START_TEST(creates)
{
	struct domain *d;

	create(0)->flags = XEN_DOMCTL_CDF_xs_domain;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->domain, 2);
	d = domain_get(2);
	ck_assert_ptr_nonnull(d);
	ck_assert(!d->is_privileged);
	ck_assert_uint_eq(d->handle[15], 0xab);
	ck_assert_uint_eq(d->max_vcpus, 2);
	ck_assert_uint_eq(fake_calls.grant_frames, 64);
	ck_assert_uint_eq(fake_calls.maptrack_frames, 5);
	ck_assert_uint_eq(fake_calls.max_port, INT32_MAX);
	ck_assert_uint_eq(fake_calls.grant_version, 1);
	domain_put(d);
	create(2);
	ck_assert_int_eq(call(), -EEXIST);
	create(4);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->domain, 4);
}
END_TEST

START_TEST(create_refuses)
{
	create(0)->flags = XEN_DOMCTL_CDF_hvm;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->flags = XEN_DOMCTL_CDF_iommu;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->flags = 1u << 31;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->max_vcpus = 0;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->max_vcpus = MAX_VCPUS + 1;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->grant_opts = 0;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->grant_opts = 3;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->grant_opts = 0x11;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->arch.emulation_flags = XEN_X86_EMU_LAPIC;
	ck_assert_int_eq(call(), -EOPNOTSUPP);
	create(0)->arch.misc_flags = 2;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->vmtrace_size = 4096;
	ck_assert_int_eq(call(), -EINVAL);
	create(0)->cpupool_id = 1;
	ck_assert_int_eq(call(), -ENODEV);
	ck_assert_ptr_null(domain_get(2));
}
END_TEST

/* Limits move directories of pages, which whoever can name the domain may be reading. */
START_TEST(create_settles_before_it_shows)
{
	create(3);
	ck_assert_int_eq(call(), 0);
	ck_assert(!fake_calls.limits_while_visible);
}
END_TEST

/* What fails late leaves nothing behind. */
START_TEST(create_undoes)
{
	fake_calls.grant_limits_rc = -EINVAL;
	create(3);
	ck_assert_int_eq(call(), -EINVAL);
	ck_assert_ptr_null(domain_get(3));
}
END_TEST

START_TEST(destroys_with_continuation)
{
	fake_calls.kill_restarts = 2;
	ck_assert_int_eq(simple(XEN_DOMCTL_destroydomain, 1), FAKE_CONTINUED);
	ck_assert_int_eq(do_domctl(fake_args[0]), FAKE_CONTINUED);
	ck_assert_int_eq(do_domctl(fake_args[0]), 0);
	ck_assert_int_eq(fake_calls.killed, 1);
	ck_assert_int_eq(simple(XEN_DOMCTL_destroydomain, 0), -EINVAL);
}
END_TEST

/* Nothing is given to a domain that death has walked through already; asking is fine. */
START_TEST(the_dying_get_nothing)
{
	static const u32 refused[] = {
		XEN_DOMCTL_resumedomain, XEN_DOMCTL_set_address_size, XEN_DOMCTL_hypercall_init,
		XEN_DOMCTL_irq_permission, XEN_DOMCTL_iomem_permission,
		XEN_DOMCTL_ioport_permission, XEN_DOMCTL_max_vcpus, XEN_DOMCTL_setvcpucontext,
		XEN_DOMCTL_set_ext_vcpucontext,
	};

	atomic_store(&guest->dying, DOMAIN_DYING);
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		begin(refused[i], 1);
		op->u.address_size.size = 32;
		op->u.vcpucontext.ctxt.p = buffer();
		ck_assert_int_eq(call(), -EINVAL);
	}
	ck_assert_int_eq(fake_calls.contexts + fake_calls.resumed, 0);
	ck_assert(!guest->is_pv32);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
	ck_assert(op->u.getdomaininfo.flags & XEN_DOMINF_dying);
	ck_assert_int_eq(simple(XEN_DOMCTL_destroydomain, 1), 0);
}
END_TEST

START_TEST(pauses_and_resumes)
{
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, 1), 0);
	ck_assert_uint_eq(guest->pause_by_control, 1);
	ck_assert_int_eq(simple(XEN_DOMCTL_unpausedomain, 1), 0);
	ck_assert_uint_eq(guest->pause_by_control, 0);
	ck_assert_int_eq(simple(XEN_DOMCTL_resumedomain, 1), 0);
	ck_assert_int_eq(fake_calls.resumed, 1);
}
END_TEST

START_TEST(describes_a_domain)
{
	const struct xen_domctl_getdomaininfo *i = &op->u.getdomaininfo;

	guest->pause_by_control = 1;
	guest->handle[3] = 9;
	ck_assert_ptr_nonnull(alloc_domain_frames(guest, 2, 64, INVALID_M2P));
	ck_assert_int_eq(simple(XEN_DOMCTL_max_vcpus, 1), -EINVAL);
	begin(XEN_DOMCTL_max_vcpus, 1);
	op->u.max_vcpus.max = 2;
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(call(), 0);
	atomic_store(&guest->vcpu[1]->pause_flags, PAUSE_DOWN);
	atomic_store(&guest->vcpu[0]->pause_flags, PAUSE_BLOCKED);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
	ck_assert_uint_eq(i->domain, 1);
	ck_assert_uint_eq(i->flags & 0xffff, XEN_DOMINF_paused | XEN_DOMINF_blocked);
	ck_assert_uint_eq(i->tot_pages, 4);
	ck_assert_uint_eq(i->max_pages, 64);
	ck_assert_uint_eq(i->nr_online_vcpus, 1);
	ck_assert_uint_eq(i->max_vcpu_id, 1);
	ck_assert_uint_eq(i->cpu_time, 201);
	ck_assert_uint_eq(i->shared_info_frame, virt_to_mfn(guest->shared));
	ck_assert_uint_eq(i->handle[3], 9);
	guest->is_shut_down = true;
	guest->shutdown_code = 3;
	atomic_store(&guest->vcpu[0]->pause_flags, 0);
	atomic_store(&guest->vcpu[0]->running_on, 1);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
	ck_assert_uint_eq(i->flags, XEN_DOMINF_paused | XEN_DOMINF_running | XEN_DOMINF_shutdown |
			  3u << XEN_DOMINF_shutdownshift);
}
END_TEST

/* Tools walk through all domains so. */
START_TEST(describes_the_next_domain)
{
	fake_domain(5, false, false, 64);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 2), 0);
	ck_assert_uint_eq(op->domain, 5);
	ck_assert_uint_eq(op->u.getdomaininfo.domain, 5);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, 6), -ESRCH);
	ck_assert_int_eq(simple(XEN_DOMCTL_getdomaininfo, DOMID_SELF), -EINVAL);
	ck_assert_int_eq(simple(XEN_DOMCTL_pausedomain, 2), -ESRCH);
}
END_TEST

/* --- properties ------------------------------------------------------------------------------ */

static long state_of(domid_t id)
{
	begin(XEN_DOMCTL_get_domain_state, id);
	op->interface_version = 0;
	return call();
}

START_TEST(tells_who_has_changed)
{
	const struct xen_domctl_get_domain_state *s = &op->u.get_domain_state;

	ck_assert_int_eq(state_of(DOMID_INVALID), -ENOENT);
	guest->is_shut_down = true;
	domain_changed(guest);
	domain_changed(guest);
	ck_assert_int_eq(state_of(DOMID_INVALID), 0);
	ck_assert_uint_eq(op->domain, 1);
	ck_assert_uint_eq(s->state, XEN_DOMCTL_GETDOMSTATE_STATE_EXIST |
			  XEN_DOMCTL_GETDOMSTATE_STATE_SHUTDOWN);
	ck_assert_int_eq(state_of(DOMID_INVALID), -ENOENT);
	ck_assert_int_eq(state_of(1), 0);	/* without having changed */
	ck_assert_int_eq(state_of(7), -ESRCH);
	ck_assert_int_eq(state_of(0), 0);
	ck_assert_uint_eq(s->caps, XEN_DOMCTL_GETDOMSTATE_CAP_CONTROL |
			  XEN_DOMCTL_GETDOMSTATE_CAP_HARDWARE);
	/* One that has gone has no state, but its id is told. */
	domain_changed(&(struct domain){ .id = DOMID_FIRST_RESERVED - 1 });
	ck_assert_int_eq(state_of(DOMID_INVALID), 0);
	ck_assert_uint_eq(op->domain, DOMID_FIRST_RESERVED - 1);
	ck_assert_uint_eq(s->state, 0);
	/* The interface is stable: its version is another one. */
	ck_assert_int_eq(simple(XEN_DOMCTL_get_domain_state, 1), -EACCES);
	begin(XEN_DOMCTL_get_domain_state, 1);
	op->interface_version = 0;
	op->u.get_domain_state.pad0 = 1;
	ck_assert_int_eq(call(), -EINVAL);
	fake_run(guest);
	ck_assert_int_eq(state_of(DOMID_INVALID), -EPERM);
}
END_TEST

START_TEST(sets_properties)
{
	begin(XEN_DOMCTL_max_mem, 1);
	op->u.max_mem.max_memkb = 4099;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(guest->max_pages, 1024);
	op->u.max_mem.max_memkb = ~0ull;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(guest->max_pages, UINT32_MAX - 1);
	begin(XEN_DOMCTL_settimeoffset, 1);
	op->u.settimeoffset.time_offset_seconds = -60;
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(guest->time_offset_seconds, -60);
	ck_assert_int_eq(fake_calls.wallclocks, 1);
	begin(XEN_DOMCTL_setdomainhandle, 1);
	memset(op->u.setdomainhandle.handle, 7, 16);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(guest->handle[0], 7);
	begin(XEN_DOMCTL_setdebugging, 1);
	op->u.setdebugging.enable = 1;
	ck_assert_int_eq(call(), 0);
	ck_assert(guest->info->is_debugged);
}
END_TEST

static long set_width(u32 size)
{
	begin(XEN_DOMCTL_set_address_size, 1);
	op->u.address_size.size = size;
	return call();
}

START_TEST(sets_the_width)
{
	ck_assert_int_eq(set_width(64), 0);
	ck_assert_int_eq(set_width(16), -EINVAL);
	ck_assert_int_eq(set_width(32), 0);
	ck_assert(guest->is_pv32);
	ck_assert_int_eq(set_width(64), -EINVAL);
	ck_assert_int_eq(simple(XEN_DOMCTL_get_address_size, 1), 0);
	ck_assert_uint_eq(op->u.address_size.size, 32);
	guest->is_pv32 = false;
	ck_assert_ptr_nonnull(alloc_domain_frames(guest, 0, 64, INVALID_M2P));
	ck_assert_int_eq(set_width(32), -EACCES);
}
END_TEST

/* --- memory and permissions ------------------------------------------------------------------ */

START_TEST(fills_the_hypercall_page)
{
	struct frame *frame = alloc_domain_frames(guest, 0, 64, INVALID_M2P);
	mfn_t mfn = frame_to_mfn(frame);

	begin(XEN_DOMCTL_hypercall_init, 1);
	op->u.hypercall_init.gmfn = mfn;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(*(u8 *)mfn_to_virt(mfn), 0x51);
	/* A page table is never written behind its owner's back; another's frame not at all. */
	ck_assert_int_eq(get_frame_and_type(frame, guest, FT_L1), 0);
	ck_assert_int_eq(call(), -EACCES);
	put_frame_and_type(frame);
	op->u.hypercall_init.gmfn = virt_to_mfn(control->shared);
	ck_assert_int_eq(call(), -EACCES);
	op->u.hypercall_init.gmfn = 1ull << 40;
	ck_assert_int_eq(call(), -EACCES);
}
END_TEST

START_TEST(tells_kinds_of_frames)
{
	struct frame *frame = alloc_domain_frames(guest, 1, 64, INVALID_M2P);
	mfn_t mfn = frame_to_mfn(frame);
	u64 *wide = buffer();
	u32 *narrow = buffer();

	ck_assert_int_eq(get_frame_and_type(frame, guest, FT_L2), 0);
	atomic_fetch_or(&frame->type, FT_PINNED);
	begin(XEN_DOMCTL_getpageframeinfo3, 1);
	op->u.getpageframeinfo3.num = 3;
	op->u.getpageframeinfo3.array.p = buffer();
	wide[0] = mfn;
	wide[1] = mfn + 1;
	wide[2] = virt_to_mfn(control->shared);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(wide[0], XEN_DOMCTL_PFINFO_L2TAB | XEN_DOMCTL_PFINFO_LPINTAB);
	ck_assert_uint_eq(wide[1], XEN_DOMCTL_PFINFO_NOTAB);
	ck_assert_uint_eq(wide[2], XEN_DOMCTL_PFINFO_XTAB);
	/* The array has the caller's width, whatever the domain's. */
	control->is_pv32 = true;
	narrow[0] = (u32)mfn;
	narrow[1] = 0xfffffff;
	op->u.getpageframeinfo3.num = 2;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(narrow[0], XEN_DOMCTL_PFINFO_L2TAB | XEN_DOMCTL_PFINFO_LPINTAB);
	ck_assert_uint_eq(narrow[1], XEN_DOMCTL_PFINFO_XTAB);
	op->u.getpageframeinfo3.num = 1025;
	ck_assert_int_eq(call(), -E2BIG);
	op->u.getpageframeinfo3.num = 1;
	op->u.getpageframeinfo3.array.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
	atomic_fetch_and(&frame->type, ~FT_PINNED);
	put_frame_and_type(frame);
}
END_TEST

static long ports(u32 first, u32 nr, u8 allow)
{
	begin(XEN_DOMCTL_ioport_permission, 1);
	op->u.ioport_permission.first_port = first;
	op->u.ioport_permission.nr_ports = nr;
	op->u.ioport_permission.allow_access = allow;
	return call();
}

START_TEST(gives_only_what_it_has)
{
	control->ioports = rangeset_new(kalloc, kfree);
	ck_assert_int_eq(rangeset_add(control->ioports, 0x100, 0x1ff), 0);
	ck_assert_int_eq(ports(0x100, 0, 1), -EINVAL);
	ck_assert_int_eq(ports(0xffff, 2, 1), -EINVAL);
	ck_assert_int_eq(ports(0x1f0, 0x11, 1), -EPERM);
	ck_assert_int_eq(ports(0x1f0, 8, 0), 0);
	ck_assert_ptr_null(guest->ioports);
	ck_assert_int_eq(ports(0x1f0, 8, 1), 0);
	ck_assert(rangeset_contains(guest->ioports, 0x1f0, 0x1f7));
	ck_assert_int_eq(ports(0x1f4, 1, 0), 0);
	ck_assert(!rangeset_contains(guest->ioports, 0x1f4, 0x1f4));
	begin(XEN_DOMCTL_iomem_permission, 1);
	op->u.iomem_permission.first_mfn = ~0ull;
	op->u.iomem_permission.nr_mfns = 2;
	ck_assert_int_eq(call(), -EINVAL);
	op->u.iomem_permission.first_mfn = 0xa0;
	ck_assert_int_eq(call(), -EPERM);
	begin(XEN_DOMCTL_irq_permission, 1);
	ck_assert_int_eq(call(), -EPERM);
	ck_assert_int_eq(fake_calls.paused, fake_calls.unpaused);
}
END_TEST

/* --- vCPUs ----------------------------------------------------------------------------------- */

START_TEST(moves_contexts)
{
	u64 *context = buffer();

	begin(XEN_DOMCTL_setvcpucontext, 1);
	op->u.vcpucontext.vcpu = 1;
	op->u.vcpucontext.ctxt.p = buffer();
	ck_assert_int_eq(call(), -EINVAL);
	op->u.vcpucontext.vcpu = 0;
	*context = 0x1234;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(guest->vcpu[0]->regs.rip, 0x1234);
	ck_assert_int_eq(fake_calls.paused, 1);
	ck_assert_int_eq(fake_calls.unpaused, 1);
	fake_calls.context_rc = -ERESTART;
	ck_assert_int_eq(call(), FAKE_CONTINUED);
	ck_assert_int_eq(fake_calls.unpaused, 2);
	op->u.vcpucontext.ctxt.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
	op->u.vcpucontext.ctxt.p = NULL;
	ck_assert_int_eq(call(), -EINVAL);
	begin(XEN_DOMCTL_getvcpucontext, 1);
	op->u.vcpucontext.ctxt.p = buffer();
	ck_assert_int_eq(call(), -ENODATA);
	guest->vcpu[0]->is_initialised = true;
	*context = 0;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(*context, 0x1234);
	op->domain = 0;
	ck_assert_int_eq(call(), -EINVAL);
}
END_TEST

START_TEST(sends_triggers)
{
	begin(XEN_DOMCTL_sendtrigger, 1);
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(fake_calls.kicks, 1);
	ck_assert_uint_eq(atomic_load(&guest->vcpu[0]->work), VCPU_WORK_NMI);
	op->u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
	ck_assert_int_eq(call(), -EINVAL);
	op->u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_INIT;
	ck_assert_int_eq(call(), -ENOSYS);
	op->u.sendtrigger.vcpu = 1;
	ck_assert_int_eq(call(), -ESRCH);
}
END_TEST

static struct xen_domctl_vcpuaffinity *affinity(u32 cmd, u32 flags, u32 bits)
{
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;

	begin(cmd, 1);
	a->flags = flags;
	a->cpumap_hard = (struct xenctl_bitmap){ { buffer() }, bits };
	a->cpumap_soft = (struct xenctl_bitmap){ { (u8 *)buffer() + 64 }, bits };
	return a;
}

START_TEST(sets_affinity)
{
	u8 *map = buffer();

	map[0] = 0xff;
	map[1] = 0xff;
	map[64] = 0x05;
	affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT, 12);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(fake_calls.hard, 0xfff);
	ck_assert_uint_eq(fake_calls.soft, 5);
	/* What comes back is in effect: two CPUs there are. */
	ck_assert_uint_eq(map[0], 3);
	ck_assert_uint_eq(map[1], 0);
	ck_assert_uint_eq(map[64], 1);
	map[9] = 0x77;
	affinity(XEN_DOMCTL_getvcpuaffinity, XEN_VCPUAFFINITY_HARD, 80);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(map[0], 3);
	ck_assert_uint_eq(map[9], 0);
	affinity(XEN_DOMCTL_setvcpuaffinity, 0, 8);
	ck_assert_int_eq(call(), -EINVAL);
	affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, 8)->cpumap_hard.bitmap.p = NULL;
	ck_assert_int_eq(call(), -EINVAL);
	affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, 8)->vcpu = 1;
	ck_assert_int_eq(call(), -ESRCH);
	affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, 8)->vcpu = 2;
	ck_assert_int_eq(call(), -EINVAL);
	map[0] = 0xfc;
	affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, 8);
	ck_assert_int_eq(call(), -EINVAL);
	affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, 8)->cpumap_hard.bitmap.p =
		(void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
}
END_TEST

START_TEST(sets_shares)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;

	fake_calls.weight = 256;
	begin(XEN_DOMCTL_scheduler_op, 1);
	ck_assert_int_eq(call(), -EINVAL);
	s->sched_id = XEN_SCHEDULER_CREDIT;
	s->cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	s->u.credit.cap = 50;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(fake_calls.weight, 256);
	ck_assert_uint_eq(fake_calls.cap, 50);
	s->u.credit.weight = 512;
	s->u.credit.cap = 0xffff;
	ck_assert_int_eq(call(), 0);
	s->cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(s->u.credit.weight, 512);
	ck_assert_uint_eq(s->u.credit.cap, 50);
	s->cmd = XEN_DOMCTL_SCHEDOP_putvcpuinfo;
	ck_assert_int_eq(call(), -EINVAL);
}
END_TEST

/* The policy of domain 1 as it stands, in buffer(); returns the number of leaves. */
static u32 read_policy(void)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

	begin(XEN_DOMCTL_get_cpu_policy, 1);
	p->nr_leaves = CPUID_POLICY_LEAVES;
	p->leaves.p = buffer();
	ck_assert_int_eq(call(), 0);
	return p->nr_leaves;
}

static long set_policy(const struct xen_cpuid_leaf *leaves, u32 nr)
{
	begin(XEN_DOMCTL_set_cpu_policy, 1);
	op->u.cpu_policy.nr_leaves = nr;
	op->u.cpu_policy.leaves.p = buffer();
	memmove(buffer(), leaves, nr * sizeof(*leaves));
	return call();
}

static long set_policy_msr(u32 idx, u64 value)
{
	struct xen_msr_entry *msr = buffer();

	begin(XEN_DOMCTL_set_cpu_policy, 1);
	op->u.cpu_policy.nr_msrs = 1;
	op->u.cpu_policy.msrs.p = msr;
	*msr = (struct xen_msr_entry){ .idx = idx, .val = value };
	return call();
}

static const struct xen_cpuid_leaf *leaf_of(u32 nr, u32 leaf, u32 subleaf)
{
	const struct xen_cpuid_leaf *l = buffer();

	for (u32 i = 0; i < nr; i++)
		if (l[i].leaf == leaf && l[i].subleaf == subleaf)
			return &l[i];
	ck_abort_msg("no leaf 0x%x, 0x%x", leaf, subleaf);
}

START_TEST(tells_cpu_policies)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
	const struct xen_cpuid_leaf *leaf = buffer();
	const struct xen_msr_entry *msr = buffer();
	u32 nr;

	begin(XEN_DOMCTL_get_cpu_policy, 1);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(p->nr_leaves, 120);
	ck_assert_uint_eq(p->nr_msrs, 2);
	nr = read_policy();
	ck_assert_uint_gt(nr, 10);
	ck_assert_uint_eq(leaf[0].leaf, 0);
	ck_assert_uint_eq(leaf[0].subleaf, XEN_CPUID_NO_SUBLEAF);
	ck_assert_uint_eq(leaf[1].leaf, 1);
	/* Machine checks are no part of it. */
	ck_assert_uint_eq(leaf[1].d & 1u << 7, 0);
	for (u32 i = 1; i < nr; i++)
		ck_assert(leaf[i].leaf > leaf[i - 1].leaf ||
			  (leaf[i].leaf == leaf[i - 1].leaf &&
			   leaf[i].subleaf > leaf[i - 1].subleaf));
	p->nr_leaves = nr - 1;
	ck_assert_int_eq(call(), -ENOBUFS);
	begin(XEN_DOMCTL_get_cpu_policy, 1);
	p->msrs.p = buffer();
	p->nr_msrs = 1;
	ck_assert_int_eq(call(), -ENOBUFS);
	p->nr_msrs = 2;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(msr[0].idx, 0xce);
	ck_assert_uint_eq(msr[1].val, 0);
}
END_TEST

/* A domain has a policy from its creation on. */
START_TEST(tells_cpu_policies_before_vcpus)
{
	struct xen_cpuid_leaf features;
	struct vcpu *v = guest->vcpu[0];
	u32 nr = read_policy();

	features = *leaf_of(nr, 1, XEN_CPUID_NO_SUBLEAF);
	guest->vcpu[0] = NULL;
	ck_assert_uint_eq(read_policy(), nr);
	ck_assert_mem_eq(leaf_of(nr, 1, XEN_CPUID_NO_SUBLEAF), &features, sizeof(features));
	features.d &= ~1u;
	ck_assert_int_eq(set_policy(&features, 1), 0);
	ck_assert_uint_eq(leaf_of(read_policy(), 1, XEN_CPUID_NO_SUBLEAF)->d, features.d);
	guest->vcpu[0] = v;
}
END_TEST

START_TEST(sets_cpu_policies)
{
	struct xen_cpuid_leaf name = { 0x80000002, XEN_CPUID_NO_SUBLEAF, 1, 2, 3, 4 }, features;
	struct xen_cpuid_leaf more = { 0x7, 0, 0, ~0u, ~0u, ~0u }, other = { 0x15, 0, 0, 0, 0, 0 };
	struct xen_cpuid_leaf far = { 0, XEN_CPUID_NO_SUBLEAF, 0xe, 0, 0, 0 };
	u32 nr = read_policy(), offered;

	/* As it was read, another vCPU's APIC id and all. */
	ck_assert_int_eq(set_policy(buffer(), nr), 0);
	ck_assert_uint_eq(op->u.cpu_policy.err_leaf, ~0u);
	/* Descriptions are taken, features only become fewer, and what is not named stays. */
	features = *leaf_of(read_policy(), 1, XEN_CPUID_NO_SUBLEAF);
	features.b ^= 2u << 24;
	features.d &= ~1u;		/* no x87 */
	features.d |= 1u << 7;		/* machine checks */
	ck_assert_int_eq(set_policy(&features, 1), 0);
	ck_assert_int_eq(set_policy(&name, 1), 0);
	offered = leaf_of(read_policy(), 0x7, 0)->b;
	ck_assert_int_eq(set_policy(&more, 1), 0);
	nr = read_policy();
	ck_assert_uint_eq(leaf_of(nr, 1, XEN_CPUID_NO_SUBLEAF)->d, features.d & ~(1u << 7));
	ck_assert_uint_eq(leaf_of(nr, 0x80000002, XEN_CPUID_NO_SUBLEAF)->c, 3);
	ck_assert_uint_eq(leaf_of(nr, 0x7, 0)->b, offered);
	/* Refused by name, with nothing changed. */
	ck_assert_int_eq(set_policy(&far, 1), -EINVAL);
	ck_assert_uint_eq(op->u.cpu_policy.err_leaf, 0);
	ck_assert_int_eq(set_policy(&other, 1), -ERANGE);
	ck_assert_uint_eq(op->u.cpu_policy.err_leaf, 0x15);
	ck_assert_uint_eq(op->u.cpu_policy.err_subleaf, 0);
	ck_assert_int_eq(set_policy(buffer(), CPUID_POLICY_LEAVES + 1), -E2BIG);
	ck_assert_int_eq(set_policy_msr(0xce, 0), 0);
	ck_assert_int_eq(set_policy_msr(0xce, 1), -EINVAL);
	ck_assert_uint_eq(op->u.cpu_policy.err_msr, 0xce);
	ck_assert_int_eq(set_policy_msr(0x10, 0), -ERANGE);
	ck_assert_uint_le(leaf_of(read_policy(), 0, XEN_CPUID_NO_SUBLEAF)->a, 0xd);
	/* Not once it has run. */
	guest->has_run = true;
	ck_assert_int_eq(set_policy(&name, 1), -EEXIST);
}
END_TEST

static long set_tsc(u32 mode, u32 khz, u64 elapsed)
{
	begin(XEN_DOMCTL_settscinfo, 1);
	op->u.tsc_info.tsc_mode = mode;
	op->u.tsc_info.gtsc_khz = khz;
	op->u.tsc_info.elapsed_nsec = elapsed;
	op->u.tsc_info.incarnation = 3;
	return call();
}

/* Mode, rate and time as they come back; and whether RDTSC is to trap. */
static void check_tsc(u32 mode, u32 khz, u64 elapsed, bool emulated)
{
	const struct xen_domctl_tsc_info *t = &op->u.tsc_info;

	ck_assert_int_eq(simple(XEN_DOMCTL_gettscinfo, 1), 0);
	ck_assert_uint_eq(t->tsc_mode, mode);
	ck_assert_uint_eq(t->gtsc_khz, khz);
	ck_assert_uint_eq(t->incarnation, 3);
	ck_assert_uint_le(elapsed - t->elapsed_nsec, 1);
	ck_assert(guest->emulates_tsc == emulated);
}

START_TEST(makes_up_a_tsc)
{
	ck_assert_int_eq(set_tsc(3, 0, 0), -EINVAL);
	ck_assert_int_eq(set_tsc(1, 999, 0), -EINVAL);
	ck_assert_int_eq(set_tsc(1, 32000001, 0), -EINVAL);
	ck_assert_int_eq(fake_calls.paused, fake_calls.unpaused);
	ck_assert_int_eq(fake_calls.republished, 0);
	ck_assert_int_eq(set_tsc(1, 0, 0), 0);
	ck_assert_int_eq(fake_calls.republished, 1);
	check_tsc(1, 2000000, 0, true);
	/* The first tick of its line is the moment it was set; it goes on from what had elapsed. */
	ck_assert_uint_eq(guest_tsc(guest->vcpu[0]), 0);
	ck_assert_int_eq(set_tsc(1, 1000000, 5000000000), 0);
	check_tsc(1, 1000000, 5000000000, true);
	ck_assert_uint_le(5000000000 - guest_tsc(guest->vcpu[0]), 2);
	/* By default only another rate than the machine's is made up. */
	ck_assert_int_eq(set_tsc(0, 3000000, 0), 0);
	check_tsc(0, 3000000, 0, true);
	ck_assert_int_eq(set_tsc(0, 2000000, 0), 0);
	check_tsc(0, 2000000, 1000, false);
	ck_assert_int_eq(set_tsc(2, 3000000, 0), 0);
	check_tsc(2, 2000000, 1000, false);
}
END_TEST

START_TEST(answers_what_is_not_there)
{
	begin(XEN_DOMCTL_shadow_op, 1);
	op->u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;
	ck_assert_int_eq(call(), -EOPNOTSUPP);
	op->u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF;
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(simple(XEN_DOMCTL_getvcpuextstate, 1), -ENOSYS);
	ck_assert_int_eq(simple(XEN_DOMCTL_psr_alloc, 1), -ENODEV);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("domctl");
	TCase *t = tcase_create("domctl");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, rows_are_found);
	tcase_add_test(t, order_of_checks);
	tcase_add_test(t, operations_exclude_each_other);
	tcase_add_test(t, creates);
	tcase_add_test(t, create_refuses);
	tcase_add_test(t, create_undoes);
	tcase_add_test(t, create_settles_before_it_shows);
	tcase_add_test(t, destroys_with_continuation);
	tcase_add_test(t, the_dying_get_nothing);
	tcase_add_test(t, pauses_and_resumes);
	tcase_add_test(t, describes_a_domain);
	tcase_add_test(t, describes_the_next_domain);
	tcase_add_test(t, tells_who_has_changed);
	tcase_add_test(t, sets_properties);
	tcase_add_test(t, sets_the_width);
	tcase_add_test(t, fills_the_hypercall_page);
	tcase_add_test(t, tells_kinds_of_frames);
	tcase_add_test(t, gives_only_what_it_has);
	tcase_add_test(t, moves_contexts);
	tcase_add_test(t, sends_triggers);
	tcase_add_test(t, sets_affinity);
	tcase_add_test(t, sets_shares);
	tcase_add_test(t, tells_cpu_policies);
	tcase_add_test(t, tells_cpu_policies_before_vcpus);
	tcase_add_test(t, sets_cpu_policies);
	tcase_add_test(t, makes_up_a_tsc);
	tcase_add_test(t, answers_what_is_not_there);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
