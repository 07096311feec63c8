/* SPDX-License-Identifier: GPL-2.0-only */
/* What only the control domain may ask: refused to others, and nothing happens. */
#include "tests/guest/lib/test.h"
#include "pvabi/domctl.h"
#include "pvabi/memory.h"
#include "pvabi/physdev.h"
#include "pvabi/platform.h"
#include "pvabi/sched.h"
#include "pvabi/sysctl.h"

const char test_title[] = "control operations are refused to unprivileged domains";

static void try_domctl(void)
{
	static const uint32_t commands[] = {
		XEN_DOMCTL_createdomain, XEN_DOMCTL_destroydomain, XEN_DOMCTL_pausedomain,
		XEN_DOMCTL_unpausedomain, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_getvcpucontext,
		XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_max_mem, XEN_DOMCTL_max_vcpus,
		XEN_DOMCTL_getpageframeinfo3, XEN_DOMCTL_iomem_permission,
		XEN_DOMCTL_ioport_permission, XEN_DOMCTL_hypercall_init,
	};
	struct xen_domctl op = { .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	long answer;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		op.cmd = commands[i];
		op.domain = 0;
		answer = hypercall_domctl(&op);
		test_answer("domctl %u: %ld", commands[i], answer);
		CHECK(answer < 0);
		op.domain = DOMID_SELF;
		CHECK(hypercall_domctl(&op) < 0);
	}
	op.interface_version++;
	CHECK(hypercall_domctl(&op) < 0);
}

static void try_others(void)
{
	struct xen_sysctl sysctl = { .cmd = XEN_SYSCTL_physinfo,
				     .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
	struct xen_platform_op platform = { .cmd = XENPF_settime64,
					    .interface_version = XENPF_INTERFACE_VERSION };
	struct sched_remote_shutdown shutdown = { .domain_id = 0, .reason = SHUTDOWN_poweroff };
	struct xen_memory_map map = { .nr_entries = 1 };
	char c = 'x';

	CHECK_EQUAL(hypercall_sysctl(&sysctl), -XEN_EPERM);
	CHECK_EQUAL(hypercall_platform_op(&platform), -XEN_EPERM);
	CHECK(hypercall_sched_op(SCHEDOP_remote_shutdown, &shutdown) < 0);
	CHECK(hypercall_memory_op(XENMEM_machine_memory_map, &map) < 0);
	CHECK(hypercall_console_io(1, 1, &c) <= 0);
	CHECK(hypercall2(__HYPERVISOR_kexec_op, 0, 0) < 0);
	CHECK(hypercall2(__HYPERVISOR_xsm_op, 0, 0) < 0);
}

void test_main(void)
{
	try_domctl();
	try_others();
}
