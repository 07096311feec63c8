/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl and platform_op: tables, privilege, and what each tells. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/arch/console.h"
#include "hypervisor/arch/pci.h"
#include "hypervisor/arch/symbols.h"
#include "hypervisor/control/keys.h"
#include "hypervisor/control/sysctl.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "pvabi/compat/platform.h"
#include "pvabi/platform.h"
#include "pvabi/sched.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_control.h"

#define BUFFER	4096

static struct domain *control, *guest;
static struct xen_sysctl *op;

/* --- what they ask of other parts ------------------------------------------------------------ */

static const char ring[] = "first line\nsecond line\n";
static bool ring_cleared;
static char keys_pressed[256];
static u32 slice = 30, ratelimit = 1000;
static u64 wall_seconds;
static u32 wall_ns;
static int shutdown_reason;

size_t console_read_ring(char *dst, size_t len, u32 *index)
{
	size_t n = MIN(len, sizeof(ring) - 1 - *index);

	memcpy(dst, ring + *index, n);
	*index += (u32)n;
	return n;
}

/* One function is there. */
u32 pci_read(u16 bdf, u8 reg, unsigned bytes)
{
	ck_assert_uint_eq(reg, 0);
	ck_assert_uint_eq(bytes, 2);
	return bdf == 0x0110 ? 0x8086 : 0xffff;
}

void console_clear_ring(void)
{
	ring_cleared = true;
}

void debug_key(char key)
{
	keys_pressed[strlen(keys_pressed)] = key;
}

ns_t sched_idle_time(u32 cpu)
{
	return 1000 + cpu;
}

int sched_set_global(u32 tslice_ms, u32 ratelimit_us)
{
	if (!tslice_ms)
		return -EINVAL;
	slice = tslice_ms;
	ratelimit = ratelimit_us;
	return 0;
}

void sched_get_global(u32 *tslice_ms, u32 *ratelimit_us)
{
	*tslice_ms = slice;
	*ratelimit_us = ratelimit;
}

void wallclock_set(u64 seconds, u32 nanoseconds, ns_t at_system_time)
{
	wall_seconds = seconds + at_system_time;
	wall_ns = nanoseconds;
}

void domain_shutdown(struct domain *d, u8 reason)
{
	ck_assert_ptr_eq(d, control);
	shutdown_reason = reason;
}

const char *symbol_by_number(u32 number, u64 *addr)
{
	*addr = 0x1000 + number;
	return number > 1 ? NULL : number ? "" : "first";
}

/* --- sysctl ---------------------------------------------------------------------------------- */

static void setup(void)
{
	fake_reset();
	control = fake_domain(0, true, false, ~0u);
	guest = fake_domain(3, false, false, 64);
	fake_run(control);
	op = (void *)fake_guest;
	memset(keys_pressed, 0, sizeof(keys_pressed));
	ring_cleared = false;
	shutdown_reason = -1;
}

static void teardown(void)
{
	fake_reset();
}

static void *buffer(void)
{
	return fake_guest + BUFFER;
}

static void begin(u32 cmd)
{
	memset(op, 0, sizeof(*op));
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
}

static long call(void)
{
	return do_sysctl((u64)op);
}

START_TEST(checks_first)
{
	ck_assert_int_eq(do_sysctl(FAKE_BAD_ADDR), -EFAULT);
	begin(XEN_SYSCTL_physinfo);
	op->interface_version = 0x14;
	ck_assert_int_eq(call(), -EACCES);
	begin(XEN_SYSCTL_perfc_op);
	ck_assert_int_eq(call(), -ENOSYS);
	begin(XEN_SYSCTL_get_pmstat);
	ck_assert_int_eq(call(), -ENODEV);
	begin(XEN_SYSCTL_livepatch_op);
	ck_assert_int_eq(call(), -EOPNOTSUPP);
	fake_run(guest);
	begin(XEN_SYSCTL_physinfo);
	ck_assert_int_eq(call(), -EPERM);
	for (u32 cmd = 0; cmd < 40; cmd++)
		if (sysctl_find(cmd))
			ck_assert_uint_eq(sysctl_find(cmd)->cmd, cmd);
}
END_TEST

START_TEST(reads_the_console)
{
	struct xen_sysctl_readconsole *r = &op->u.readconsole;

	begin(XEN_SYSCTL_readconsole);
	r->buffer.p = buffer();
	r->count = 6;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(r->count, 6);
	ck_assert_mem_eq(buffer(), "first ", 6);
	r->incremental = 1;
	r->count = 1000;
	r->clear = 1;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(r->count, sizeof(ring) - 7);
	ck_assert_mem_eq(buffer(), "line\nsecond", 11);
	ck_assert(ring_cleared);
	r->incremental = 0;
	r->buffer.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
}
END_TEST

START_TEST(lists_domains)
{
	struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
	struct xen_domctl_getdomaininfo *info = buffer();

	fake_domain(5, false, true, 16);
	begin(XEN_SYSCTL_getdomaininfolist);
	l->max_domains = 10;
	l->buffer.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(l->num_domains, 3);
	ck_assert_uint_eq(info[0].domain, 0);
	ck_assert_uint_eq(info[1].domain, 3);
	ck_assert_uint_eq(info[2].domain, 5);
	l->first_domain = 1;
	l->max_domains = 1;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(l->num_domains, 1);
	ck_assert_uint_eq(info[0].domain, 3);
	l->first_domain = 6;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(l->num_domains, 0);
	l->first_domain = 0;
	l->buffer.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
}
END_TEST

START_TEST(describes_the_machine)
{
	struct xen_sysctl_physinfo *p = &op->u.physinfo;
	struct xen_sysctl_cputopo *topo = buffer();
	struct xen_sysctl_cpuinfo *idle = buffer();

	begin(XEN_SYSCTL_physinfo);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(p->nr_cpus, 2);
	ck_assert_uint_eq(p->total_pages, total_frames);
	ck_assert_uint_eq(p->free_pages, free_frame_count());
	ck_assert(p->capabilities & XEN_SYSCTL_PHYSCAP_pv);
	ck_assert(!(p->capabilities & XEN_SYSCTL_PHYSCAP_hvm));
	ck_assert(p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1);
	ck_assert(p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2);
	begin(XEN_SYSCTL_getcpuinfo);
	op->u.getcpuinfo.max_cpus = 8;
	op->u.getcpuinfo.info.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.getcpuinfo.nr_cpus, 2);
	ck_assert_uint_eq(idle[1].idletime, 1001);
	begin(XEN_SYSCTL_cputopoinfo);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.cputopoinfo.num_cpus, 2);
	op->u.cputopoinfo.num_cpus = 1;
	op->u.cputopoinfo.cputopo.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.cputopoinfo.num_cpus, 1);
	ck_assert_uint_eq(topo[0].core, 0);
	begin(XEN_SYSCTL_numainfo);
	op->u.numainfo.num_nodes = 4;
	op->u.numainfo.meminfo.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.numainfo.num_nodes, 1);
	ck_assert_uint_eq(*(u64 *)buffer(), total_frames << 12);
	begin(XEN_SYSCTL_availheap);
	op->u.availheap.node = -1;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.availheap.avail_bytes, free_frame_count() << 12);
}
END_TEST

START_TEST(presses_debug_keys)
{
	begin(XEN_SYSCTL_debug_keys);
	strcpy(buffer(), "qm");
	op->u.debug_keys.keys.p = buffer();
	op->u.debug_keys.nr_keys = 2;
	ck_assert_int_eq(call(), 0);
	ck_assert_str_eq(keys_pressed, "qm");
	op->u.debug_keys.keys.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
}
END_TEST

START_TEST(knows_scheduler_and_pool)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
	struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;

	begin(XEN_SYSCTL_sched_id);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.sched_id.sched_id, XEN_SCHEDULER_CREDIT);
	begin(XEN_SYSCTL_scheduler_op);
	ck_assert_int_eq(call(), -EINVAL);
	s->sched_id = XEN_SCHEDULER_CREDIT;
	s->cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	ck_assert_int_eq(call(), -EINVAL);
	s->u.sched_credit.tslice_ms = 10;
	ck_assert_int_eq(call(), 0);
	s->cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(s->u.sched_credit.tslice_ms, 10);
	s->cpupool_id = 1;
	ck_assert_int_eq(call(), -ESRCH);
	begin(XEN_SYSCTL_cpupool_op);
	p->op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	p->cpumap.bitmap.p = buffer();
	p->cpumap.nr_bits = 8;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(p->n_dom, 2);
	ck_assert_uint_eq(*(u8 *)buffer(), 3);
	p->cpupool_id = 1;
	ck_assert_int_eq(call(), -ENOENT);
	p->op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	ck_assert_int_eq(call(), -EOPNOTSUPP);
}
END_TEST

START_TEST(gives_feature_words)
{
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;

	begin(XEN_SYSCTL_get_cpu_featureset);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(f->nr_features, 14);
	f->features.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_ne(*(u32 *)buffer(), 0);
	f->nr_features = 3;
	ck_assert_int_eq(call(), -ENOBUFS);
	f->index = XEN_SYSCTL_cpu_featureset_hvm;
	ck_assert_int_eq(call(), -EOPNOTSUPP);
	f->index = 6;
	ck_assert_int_eq(call(), -EINVAL);
}
END_TEST

START_TEST(gives_cpu_policies)
{
	struct xen_sysctl_cpu_policy *p = &op->u.cpu_policy;
	struct xen_cpuid_leaf *leaf = buffer();

	begin(XEN_SYSCTL_get_cpu_policy);
	p->index = XEN_SYSCTL_cpu_policy_host;
	p->nr_leaves = 256;
	p->leaves.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(leaf[1].leaf, 1);
	p->index = XEN_SYSCTL_cpu_policy_pv_max;
	p->nr_leaves = 256;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(leaf[1].d & 1u << 7, 0);
	p->index = XEN_SYSCTL_cpu_policy_hvm_max;
	ck_assert_int_eq(call(), -EOPNOTSUPP);
	p->index = 6;
	ck_assert_int_eq(call(), -EINVAL);
	p->index = 0;
	p->_rsvd = 1;
	ck_assert_int_eq(call(), -EINVAL);
}
END_TEST

START_TEST(names_nodes_of_functions)
{
	struct xen_sysctl_pcitopoinfo *t = &op->u.pcitopoinfo;
	struct physdev_pci_device *function = buffer();
	u32 *node = (u32 *)(function + 100);

	memset(function, 0, 100 * sizeof(*function));
	function[0] = (struct physdev_pci_device){ 0, 1, 0x10 };
	function[1] = (struct physdev_pci_device){ 0, 1, 0x11 };
	function[2] = (struct physdev_pci_device){ 1, 1, 0x10 };
	begin(XEN_SYSCTL_pcitopoinfo);
	t->num_devs = 100;
	ck_assert_int_eq(call(), -EINVAL);
	t->devs.p = function;
	ck_assert_int_eq(call(), -EINVAL);
	t->nodes.p = node;
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(t->num_devs, 64);
	ck_assert_uint_eq(node[0], XEN_INVALID_NODE_ID);
	ck_assert_uint_eq(node[1], XEN_INVALID_DEV);
	ck_assert_uint_eq(node[2], XEN_INVALID_DEV);
	t->num_devs = 0;
	ck_assert_int_eq(call(), 0);
	t->num_devs = 1;
	t->nodes.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
	t->devs.p = (void *)FAKE_BAD_ADDR;
	ck_assert_int_eq(call(), -EFAULT);
}
END_TEST

/* --- platform_op ----------------------------------------------------------------------------- */

static struct xen_platform_op *platform(u32 cmd)
{
	struct xen_platform_op *p = (void *)fake_guest;

	memset(p, 0, sizeof(*p));
	p->cmd = cmd;
	p->interface_version = XENPF_INTERFACE_VERSION;
	return p;
}

static long call_platform(void)
{
	return do_platform_op((u64)fake_guest);
}

START_TEST(sets_the_clock)
{
	struct xen_platform_op *p = platform(XENPF_settime64);

	p->u.settime64.secs = 1ull << 33;
	p->u.settime64.nsecs = 5;
	p->u.settime64.system_time = 7;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(wall_seconds, (1ull << 33) + 7);
	ck_assert_uint_eq(wall_ns, 5);
	p->u.settime64.mbz = 1;
	ck_assert_int_eq(call_platform(), -EINVAL);
	platform(XENPF_settime32)->u.settime32.secs = 99;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(wall_seconds, 99);
	platform(XENPF_settime32)->interface_version = 1;
	ck_assert_int_eq(call_platform(), -EACCES);
	platform(XENPF_microcode_update);
	ck_assert_int_eq(call_platform(), -EINVAL);
	platform(XENPF_core_parking);
	ck_assert_int_eq(call_platform(), -ENOSYS);
	fake_run(guest);
	ck_assert_int_eq(call_platform(), -EPERM);
}
END_TEST

START_TEST(tells_of_cpus)
{
	struct xen_platform_op *p = platform(XENPF_get_cpuinfo);

	p->u.pcpu_info.xen_cpuid = 1;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(p->u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
	ck_assert_uint_eq(p->u.pcpu_info.max_present, 1);
	p->u.pcpu_info.xen_cpuid = 2;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(p->u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);
}
END_TEST

START_TEST(tells_of_versions)
{
	struct xenpf_pcpu_version *ver = &platform(XENPF_get_cpu_version)->u.pcpu_version;

	ver->xen_cpuid = 1;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(ver->max_present, 1);
	ck_assert(ver->vendor_id[0] && ver->vendor_id[11] && ver->family >= 6);
	ver->xen_cpuid = 2;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert(!ver->vendor_id[0] && !ver->family && !ver->model && !ver->stepping);
	platform(XENPF_platform_quirk)->u.platform_quirk.quirk_id = QUIRK_IOAPIC_GOOD_REGSEL;
	ck_assert_int_eq(call_platform(), 0);
	platform(XENPF_platform_quirk)->u.platform_quirk.quirk_id = 4;
	ck_assert_int_eq(call_platform(), -EINVAL);
}
END_TEST

static long hotplug(u32 cpu, u32 what)
{
	begin(XEN_SYSCTL_cpu_hotplug);
	op->u.cpu_hotplug.cpu = cpu;
	op->u.cpu_hotplug.op = what;
	return call();
}

static u32 online_flags(u32 cpu)
{
	struct xen_platform_op *p = platform(XENPF_get_cpuinfo);

	p->u.pcpu_info.xen_cpuid = cpu;
	ck_assert_int_eq(call_platform(), 0);
	return p->u.pcpu_info.flags;
}

START_TEST(parks_cpus)
{
	const struct xen_sysctl_cputopo *topo = buffer();

	ck_assert_int_eq(hotplug(0, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE), -EINVAL);
	ck_assert_int_eq(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_ONLINE), -EEXIST);
	ck_assert_int_eq(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE), -EOPNOTSUPP);
	fake_calls.park_restarts = 1;
	ck_assert_int_eq(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE), FAKE_CONTINUED);
	ck_assert_int_eq(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE), 0);
	begin(XEN_SYSCTL_physinfo);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(op->u.physinfo.nr_cpus, 1);
	ck_assert_uint_eq(op->u.physinfo.max_cpu_id, 1);
	begin(XEN_SYSCTL_cputopoinfo);
	op->u.cputopoinfo.num_cpus = 2;
	op->u.cputopoinfo.cputopo.p = buffer();
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(topo[0].core, 0);
	ck_assert_uint_eq(topo[1].core, XEN_INVALID_CORE_ID);
	ck_assert_uint_eq(online_flags(1), 0);
	platform(XENPF_cpu_online)->u.cpu_ol.cpuid = 1;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(online_flags(1), XEN_PCPU_FLAGS_ONLINE);
	platform(XENPF_cpu_offline)->u.cpu_ol.cpuid = 1;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(online_flags(1), 0);
	ck_assert_int_eq(hotplug(1, XEN_SYSCTL_CPU_HOTPLUG_ONLINE), 0);
}
END_TEST

/* The one command whose structure differs between the widths. */
START_TEST(tells_idle_times_in_both_widths)
{
	struct xenpf_getidletime *wide = &platform(XENPF_getidletime)->u.getidletime;
	struct compat_xenpf_getidletime *narrow = (void *)wide;
	u64 *times = (u64 *)buffer() + 1;

	*(u64 *)buffer() = 0xfe;
	wide->cpumap_bitmap.p = buffer();
	wide->cpumap_nr_cpus = 8;
	wide->idletime.p = times;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(*(u64 *)buffer(), 2);
	ck_assert_uint_eq(times[0], 0);
	ck_assert_uint_eq(times[1], 1001);
	ck_assert_uint_eq(wide->now, 1000);
	platform(XENPF_getidletime);
	control->is_pv32 = true;
	*(u64 *)buffer() = 1;
	narrow->cpumap_bitmap.c = (u32)(u64)buffer();
	narrow->cpumap_nr_cpus = 2;
	narrow->idletime.c = (u32)(u64)times;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_uint_eq(times[0], 1000);
	ck_assert_uint_eq(narrow->now, 1000);
}
END_TEST

START_TEST(names_symbols_in_both_widths)
{
	struct xenpf_symdata *wide = &platform(XENPF_get_symbol)->u.symdata;
	struct compat_xenpf_symdata *narrow = (void *)wide;
	char *name = buffer();

	wide->name.p = name;
	wide->namelen = 3;
	name[3] = 'x';
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_mem_eq(name, "firx", 4);
	ck_assert_uint_eq(wide->namelen, 6);
	ck_assert_uint_eq(wide->symnum, 1);
	ck_assert_uint_eq(wide->address, 0x1000);
	platform(XENPF_get_symbol);
	control->is_pv32 = true;
	narrow->name.c = (u32)(u64)name;
	narrow->namelen = 10;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_str_eq(name, "first");
	ck_assert_uint_eq(narrow->address, 0x1000);
	ck_assert_int_eq(narrow->type, 't');
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_str_eq(name, "");
	ck_assert_uint_eq(narrow->symnum, 1);
	narrow->symnum = 2;
	ck_assert_int_eq(call_platform(), -ERANGE);
}
END_TEST

START_TEST(switches_off_only)
{
	struct xen_platform_op *p = platform(XENPF_enter_acpi_sleep);

	p->u.enter_acpi_sleep.sleep_state = 3;
	ck_assert_int_eq(call_platform(), -EOPNOTSUPP);
	p->u.enter_acpi_sleep.sleep_state = 6;
	ck_assert_int_eq(call_platform(), -EINVAL);
	p->u.enter_acpi_sleep.sleep_state = 5;
	ck_assert_int_eq(call_platform(), 0);
	ck_assert_int_eq(shutdown_reason, SHUTDOWN_poweroff);
	platform(XENPF_firmware_info)->u.firmware_info.type = XEN_FW_DISK_INFO;
	ck_assert_int_eq(call_platform(), -ESRCH);
	platform(XENPF_firmware_info)->u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
	ck_assert_int_eq(call_platform(), 0);
	platform(XENPF_firmware_info)->u.firmware_info.type = 99;
	ck_assert_int_eq(call_platform(), -EINVAL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sysctl");
	TCase *t = tcase_create("sysctl");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, checks_first);
	tcase_add_test(t, reads_the_console);
	tcase_add_test(t, lists_domains);
	tcase_add_test(t, describes_the_machine);
	tcase_add_test(t, presses_debug_keys);
	tcase_add_test(t, knows_scheduler_and_pool);
	tcase_add_test(t, gives_feature_words);
	tcase_add_test(t, gives_cpu_policies);
	tcase_add_test(t, names_nodes_of_functions);
	tcase_add_test(t, sets_the_clock);
	tcase_add_test(t, tells_of_cpus);
	tcase_add_test(t, tells_of_versions);
	tcase_add_test(t, parks_cpus);
	tcase_add_test(t, tells_idle_times_in_both_widths);
	tcase_add_test(t, names_symbols_in_both_widths);
	tcase_add_test(t, switches_off_only);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
