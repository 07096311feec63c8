/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every handle within a structure that the hypervisor follows, once each by every kind of bad pointer:
 * refused, nothing written, and what was taken on the way given back. Which error it is, and whether a
 * null one means that nothing is wanted, is for Xen to say.
 */
#include <string.h>
#include "tests/guest/lib/bad_pointers.h"
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "pvabi/domctl.h"
#include "pvabi/grant_table.h"
#include "pvabi/memory.h"
#include "pvabi/physdev.h"
#include "pvabi/platform.h"
#include "pvabi/sched.h"
#include "pvabi/sysctl.h"
#include "pvabi/vcpu.h"

const char test_title[] = "bad pointers within structures are refused";

/* What is read by way of the pointer, or written. */
enum direction { in, out };

struct row {
	const char *name;
	enum direction direction;
	bool may_be_accepted;		/* it is looked at later, or a null one asks for less */
	bool control;			/* the control domain's */
	long (*call)(void *pointer);
};

static char good[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* --- grant tables ------------------------------------------------------------------------------ */

/* What is wrong with the operation, or with the call. */
static long setup_table(void *p)
{
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };
	long ret;

	set_xen_guest_handle(op.frame_list, p);
	ret = hypercall_grant_table_op(GNTTABOP_setup_table, &op, 1);
	return ret ? ret : op.status;
}

static long set_version(unsigned int version)
{
	struct gnttab_set_version op = { .version = version };

	return hypercall_grant_table_op(GNTTABOP_set_version, &op, 1);
}

static long status_frames(void *p)
{
	struct gnttab_get_status_frames op = { .dom = DOMID_SELF, .nr_frames = 1 };
	long ret;

	NEED(!set_version(2));
	set_xen_guest_handle(op.frame_list, p);
	ret = hypercall_grant_table_op(GNTTABOP_get_status_frames, &op, 1);
	NEED(!set_version(1));
	return ret ? ret : op.status;
}

/* --- memory ------------------------------------------------------------------------------------ */

/* -1 for none, as the number of those that were done is the answer. */
static long reserve(unsigned int cmd, void *p)
{
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };
	long ret;

	set_xen_guest_handle(res.extent_start, p);
	ret = hypercall_memory_op(cmd, &res);
	return ret ? ret : -1;
}

static long increase(void *p)
{
	return reserve(XENMEM_increase_reservation, p);
}

static long decrease(void *p)
{
	return reserve(XENMEM_decrease_reservation, p);
}

static long populate(void *p)
{
	return reserve(XENMEM_populate_physmap, p);
}

static long exchange(void *from, void *to)
{
	struct xen_memory_exchange op = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .domid = DOMID_SELF },
	};

	set_xen_guest_handle(op.in.extent_start, from);
	set_xen_guest_handle(op.out.extent_start, to);
	return hypercall_memory_op(XENMEM_exchange, &op);
}

static long exchange_in(void *p)
{
	static xen_pfn_t to;

	return exchange(p, &to);
}

/* The frame is none of ours: the pointer is not written through, but may be looked at. */
static long exchange_out(void *p)
{
	static xen_pfn_t from = 1;

	return exchange(&from, p);
}

static long machphys_list(void *p)
{
	struct xen_machphys_mfn_list op = { .max_extents = 1 };

	set_xen_guest_handle(op.extent_start, p);
	return hypercall_memory_op(XENMEM_machphys_mfn_list, &op);
}

static long memory_map(void *p)
{
	struct xen_memory_map op = { .nr_entries = 8 };

	set_xen_guest_handle(op.buffer, p);
	return hypercall_memory_op(XENMEM_memory_map, &op);
}

static long machine_memory_map(void *p)
{
	struct xen_memory_map op = { .nr_entries = 128 };

	set_xen_guest_handle(op.buffer, p);
	return hypercall_memory_op(XENMEM_machine_memory_map, &op);
}

static long set_memory_map(void *p)
{
	struct xen_foreign_memory_map op = { .domid = DOMID_SELF, .map.nr_entries = 1 };

	set_xen_guest_handle(op.map.buffer, p);
	return hypercall_memory_op(XENMEM_set_memory_map, &op);
}

static long acquire_resource(void *p)
{
	struct xen_mem_acquire_resource op = {
		.domid = DOMID_SELF, .type = XENMEM_resource_grant_table, .nr_frames = 1,
	};

	set_xen_guest_handle(op.frame_list, p);
	return hypercall_memory_op(XENMEM_acquire_resource, &op);
}

/* Nothing is added to the physmap of a PV domain, whatever the arrays are. */
static long physmap_batch(void *p)
{
	struct xen_add_to_physmap_batch op = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .size = 1,
	};

	set_xen_guest_handle(op.idxs, p);
	set_xen_guest_handle(op.gpfns, p);
	set_xen_guest_handle(op.errs, p);
	return hypercall_memory_op(XENMEM_add_to_physmap_batch, &op);
}

#define VNUMA(function, handle)						\
	static long function(void *p)					\
	{								\
		struct xen_vnuma_topology_info op = {			\
			.domid = DOMID_SELF, .nr_vnodes = 1, .nr_vcpus = 1, .nr_vmemranges = 1,	\
		};							\
									\
		set_xen_guest_handle(op.vdistance.h, (void *)good);	\
		set_xen_guest_handle(op.vcpu_to_vnode.h, (void *)good);	\
		set_xen_guest_handle(op.vmemrange.h, (void *)good);	\
		set_xen_guest_handle(op.handle.h, p);			\
		return hypercall_memory_op(XENMEM_get_vnumainfo, &op);	\
	}

VNUMA(vnuma_distance, vdistance)
VNUMA(vnuma_cpus, vcpu_to_vnode)
VNUMA(vnuma_memory, vmemrange)

/* --- vCPUs ------------------------------------------------------------------------------------- */

static long runstate_area(void *p)
{
	struct vcpu_register_runstate_memory_area area;

	set_xen_guest_handle(area.addr.h, p);
	return hypercall_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area);
}

static long time_area(void *p)
{
	struct vcpu_register_time_memory_area area;

	set_xen_guest_handle(area.addr.h, p);
	return hypercall_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &area);
}

static long poll_ports(void *p)
{
	struct sched_poll op = { .nr_ports = 1, .timeout = 1 };

	set_xen_guest_handle(op.ports, p);
	return hypercall_sched_op(SCHEDOP_poll, &op);
}

static void use_port(void *unused)
{
	(void)unused;
	__asm__ volatile("in $0, %%al" : : : "eax");
}

/* It is followed when a port is used, and what cannot be read of it allows nothing. */
static long iobitmap(void *p)
{
	struct physdev_set_iobitmap op = { .nr_ports = 8 };
	long ret;

	set_xen_guest_handle(op.bitmap, p);
	ret = hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (long)&op);
	if (!ret)
		CHECK_EQUAL(fault_of(use_port, NULL), p == good ? NO_FAULT : FAULT_GP);
	return ret;
}

static long flush_some(unsigned int cmd, void *p)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.linear_addr = (unsigned long)good };

	set_xen_guest_handle(op.arg2.vcpumask, p);
	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

static long flush_multi(void *p)
{
	return flush_some(MMUEXT_TLB_FLUSH_MULTI, p);
}

static long invlpg_multi(void *p)
{
	return flush_some(MMUEXT_INVLPG_MULTI, p);
}

/* --- platform_op and sysctl -------------------------------------------------------------------- */

static long platform(struct xen_platform_op *op, uint32_t cmd)
{
	op->cmd = cmd;
	op->interface_version = XENPF_INTERFACE_VERSION;
	return hypercall_platform_op(op);
}

static long idle(void *map, void *times)
{
	struct xen_platform_op op = { .u.getidletime.cpumap_nr_cpus = 64 };

	set_xen_guest_handle(op.u.getidletime.cpumap_bitmap, map);
	set_xen_guest_handle(op.u.getidletime.idletime, times);
	return platform(&op, XENPF_getidletime);
}

static long idle_map(void *p)
{
	return idle(p, good);
}

static long idle_times(void *p)
{
	static uint64_t map;

	map = 1;
	return idle(&map, p);
}

static long symbol_name(void *p)
{
	struct xen_platform_op op = { .u.symdata.namelen = 8 };

	set_xen_guest_handle(op.u.symdata.name, p);
	return platform(&op, XENPF_get_symbol);
}

static long sysctl(struct xen_sysctl *op, uint32_t cmd)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hypercall_sysctl(op);
}

#define SYSCTL(function, command, handle, ...)				\
	static long function(void *p)					\
	{								\
		struct xen_sysctl op = { .u = { __VA_ARGS__ } };	\
									\
		set_xen_guest_handle(op.u.handle, p);			\
		return sysctl(&op, command);				\
	}

SYSCTL(readconsole, XEN_SYSCTL_readconsole, readconsole.buffer, .readconsole.count = 16)
SYSCTL(domain_list, XEN_SYSCTL_getdomaininfolist, getdomaininfolist.buffer,
       .getdomaininfolist.max_domains = 1)
SYSCTL(debug_keys, XEN_SYSCTL_debug_keys, debug_keys.keys, .debug_keys.nr_keys = 2)
SYSCTL(cpu_info, XEN_SYSCTL_getcpuinfo, getcpuinfo.info, .getcpuinfo.max_cpus = 1)
SYSCTL(cpu_topology, XEN_SYSCTL_cputopoinfo, cputopoinfo.cputopo, .cputopoinfo.num_cpus = 1)
SYSCTL(numa_memory, XEN_SYSCTL_numainfo, numainfo.meminfo, .numainfo.num_nodes = 1)
SYSCTL(numa_distance, XEN_SYSCTL_numainfo, numainfo.distance, .numainfo.num_nodes = 1)
SYSCTL(pci_devices, XEN_SYSCTL_pcitopoinfo, pcitopoinfo.devs,
       .pcitopoinfo = { .num_devs = 1, .nodes.p = (void *)good })
SYSCTL(pci_nodes, XEN_SYSCTL_pcitopoinfo, pcitopoinfo.nodes,
       .pcitopoinfo = { .num_devs = 1, .devs.p = (void *)good })
SYSCTL(pool_cpus, XEN_SYSCTL_cpupool_op, cpupool_op.cpumap.bitmap,
       .cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO, .cpumap.nr_bits = 64 })
SYSCTL(featureset, XEN_SYSCTL_get_cpu_featureset, cpu_featureset.features,
       .cpu_featureset.nr_features = 1)
SYSCTL(host_leaves, XEN_SYSCTL_get_cpu_policy, cpu_policy.leaves, .cpu_policy.nr_leaves = 1000)
SYSCTL(host_msrs, XEN_SYSCTL_get_cpu_policy, cpu_policy.msrs, .cpu_policy.nr_msrs = 1000)

/* --- domctl ------------------------------------------------------------------------------------ */

#define DOMCTL(function, command, handle, ...)				\
	static long function(void *p)					\
	{								\
		struct xen_domctl op = {				\
			.cmd = command, .domain = test_own_id(),	\
			.interface_version = XEN_DOMCTL_INTERFACE_VERSION,	\
			.u = { __VA_ARGS__ },				\
		};							\
									\
		set_xen_guest_handle(op.u.handle, p);			\
		return hypercall_domctl(&op);				\
	}

DOMCTL(get_affinity, XEN_DOMCTL_getvcpuaffinity, vcpuaffinity.cpumap_hard.bitmap,
       .vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard.nr_bits = 64 })
DOMCTL(get_soft_affinity, XEN_DOMCTL_getvcpuaffinity, vcpuaffinity.cpumap_soft.bitmap,
       .vcpuaffinity = { .flags = XEN_VCPUAFFINITY_SOFT, .cpumap_soft.nr_bits = 64 })
DOMCTL(set_affinity, XEN_DOMCTL_setvcpuaffinity, vcpuaffinity.cpumap_hard.bitmap,
       .vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard.nr_bits = 64 })
DOMCTL(get_nodes, XEN_DOMCTL_getnodeaffinity, nodeaffinity.nodemap.bitmap,
       .nodeaffinity.nodemap.nr_bits = 64)
DOMCTL(set_nodes, XEN_DOMCTL_setnodeaffinity, nodeaffinity.nodemap.bitmap,
       .nodeaffinity.nodemap.nr_bits = 64)
DOMCTL(frame_info, XEN_DOMCTL_getpageframeinfo3, getpageframeinfo3.array,
       .getpageframeinfo3.num = 1)
DOMCTL(leaves, XEN_DOMCTL_get_cpu_policy, cpu_policy.leaves, .cpu_policy.nr_leaves = 1000)
DOMCTL(msrs, XEN_DOMCTL_get_cpu_policy, cpu_policy.msrs, .cpu_policy.nr_msrs = 1000)

/* --- all of them ------------------------------------------------------------------------------- */

#define ROW(function, direction) { #function, direction, false, false, function }
#define LENIENT(function, direction) { #function, direction, true, false, function }
#define CONTROL(function, direction) { #function, direction, false, true, function }
#define LENIENT_CONTROL(function, direction) { #function, direction, true, true, function }

static const struct row rows[] = {
	ROW(setup_table, out),
	ROW(status_frames, out),
	LENIENT(increase, out),
	ROW(decrease, in),
	ROW(populate, in),
	ROW(exchange_in, in),
	ROW(exchange_out, out),
	ROW(machphys_list, out),
	ROW(memory_map, out),
	ROW(physmap_batch, out),
	ROW(vnuma_distance, out),
	ROW(vnuma_cpus, out),
	ROW(vnuma_memory, out),
	LENIENT(runstate_area, out),
	LENIENT(time_area, out),
	ROW(poll_ports, in),
	LENIENT(iobitmap, in),
	ROW(flush_multi, in),
	ROW(invlpg_multi, in),
	LENIENT_CONTROL(machine_memory_map, out),
	CONTROL(set_memory_map, in),
	LENIENT_CONTROL(acquire_resource, out),
	CONTROL(idle_map, out),
	CONTROL(idle_times, out),
	CONTROL(symbol_name, out),
	CONTROL(readconsole, out),
	CONTROL(domain_list, out),
	CONTROL(debug_keys, in),
	CONTROL(cpu_info, out),
	LENIENT_CONTROL(cpu_topology, out),
	LENIENT_CONTROL(numa_memory, out),
	LENIENT_CONTROL(numa_distance, out),
	CONTROL(pci_devices, in),
	CONTROL(pci_nodes, out),
	CONTROL(pool_cpus, out),
	LENIENT_CONTROL(featureset, out),
	LENIENT_CONTROL(host_leaves, out),
	LENIENT_CONTROL(host_msrs, out),
	CONTROL(get_affinity, out),
	CONTROL(get_soft_affinity, out),
	CONTROL(set_affinity, in),
	CONTROL(get_nodes, out),
	CONTROL(set_nodes, in),
	CONTROL(frame_info, out),
	LENIENT_CONTROL(leaves, out),
	LENIENT_CONTROL(msrs, out),
};

static void try_row(const struct row *r)
{
	enum bad_pointer kind;
	long answer, last = 1;

	for (kind = 0; kind < BAD_POINTERS; kind++) {
		/* What is read may stand in a page that is read-only. */
		if (!bad_pointer_exists(kind) || (kind == READ_ONLY && r->direction == in))
			continue;
		answer = r->call((void *)bad_pointer(kind));
		if (answer != last)
			test_answer("%s %s: %ld", r->name, bad_pointer_name(kind), answer);
		last = answer;
		if (answer >= 0 && !r->may_be_accepted)
			test_failure("%s %s was accepted: %ld", r->name, bad_pointer_name(kind), answer);
	}
	if (!bad_pointer_page_is_clear())
		test_error("%s has written to a page that is read-only", r->name);
}

void test_main(void)
{
	size_t i;

	bad_pointers_init();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!rows[i].control || start_is_control())
			try_row(&rows[i]);
	/* They were the places of areas, too. */
	runstate_area(good);
	time_area(good);
	iobitmap(good);
	iobitmap(NULL);
}
