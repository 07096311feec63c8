/* SPDX-License-Identifier: GPL-2.0-only */
/* The control domain takes the second CPU away from under two busy vCPUs, and gives it back. */
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/domctl.h"
#include "pvabi/sched.h"
#include "pvabi/sysctl.h"

const char test_title[] = "a CPU can be parked and taken back";

#define ROUNDS	20
#define STEPS	2000

static unsigned long steps;
static bool over;

static void count(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST))
		__atomic_fetch_add(&steps, 1, __ATOMIC_SEQ_CST);
}

/* On one CPU only if this one gives way to it. */
static void other_goes_on(void)
{
	unsigned long from = __atomic_load_n(&steps, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&steps, __ATOMIC_SEQ_CST) - from < STEPS)
		hypercall_sched_op(SCHEDOP_yield, NULL);
}

static long hotplug(unsigned int cpu, unsigned int what)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_cpu_hotplug,
				 .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

	op.u.cpu_hotplug.cpu = cpu;
	op.u.cpu_hotplug.op = what;
	return hypercall_sysctl(&op);
}

static unsigned int online_cpus(void)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo,
				 .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

	NEED(!hypercall_sysctl(&op));
	return op.u.physinfo.nr_cpus;
}

/* The CPU that a vCPU of this domain is on. */
static unsigned int cpu_of(unsigned int vcpu)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuinfo, .domain = 0,
				 .interface_version = XEN_DOMCTL_INTERFACE_VERSION };

	op.u.getvcpuinfo.vcpu = vcpu;
	NEED(!hypercall_domctl(&op));
	return op.u.getvcpuinfo.cpu;
}

void test_main(void)
{
	unsigned int i;

	vcpu_need_second();
	if (online_cpus() != 2)
		test_skip("the machine has not two CPUs");
	CHECK_EQUAL(hotplug(0, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE), -XEN_EINVAL);
	CHECK_EQUAL(hotplug(2, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE), -XEN_EINVAL);
	CHECK_EQUAL(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_ONLINE), -XEN_EEXIST);
	vcpu_start(count, NULL);
	for (i = 0; i < ROUNDS; i++) {
		CHECK_EQUAL(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE), 0);
		CHECK_EQUAL(online_cpus(), 1);
		CHECK_EQUAL(cpu_of(0), 0);
		CHECK_EQUAL(cpu_of(1), 0);
		other_goes_on();
		CHECK_EQUAL(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_ONLINE), 0);
		CHECK_EQUAL(online_cpus(), 2);
		other_goes_on();
	}
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	vcpu_join();
}
