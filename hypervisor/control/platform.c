/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op: the machine as the control domain sets and reads it.
 *
 * The structures of both widths differ only where they carry pointers; those commands read their
 * part again by width. What goes back is the command's own part.
 */
#include "pvabi/platform.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/symbols.h"
#include "hypervisor/control/policy.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "pvabi/compat/platform.h"
#include "pvabi/sched.h"

_Static_assert(offsetof(struct xen_platform_op, u) == 8 &&
	       offsetof(struct compat_xen_platform_op, u) == 8, "the parts begin alike");
_Static_assert(offsetof(struct xenpf_settime64, system_time) ==
	       offsetof(struct compat_xenpf_settime64, system_time) &&
	       offsetof(struct xenpf_settime32, system_time) ==
	       offsetof(struct compat_xenpf_settime32, system_time) &&
	       offsetof(struct xenpf_firmware_info, u) ==
	       offsetof(struct compat_xenpf_firmware_info, u), "and these are alike");

static long settime32(struct xen_platform_op *op, gva_t arg)
{
	const struct xenpf_settime32 *t = &op->u.settime32;

	(void)arg;
	wallclock_set(t->secs, t->nsecs, t->system_time);
	return 0;
}

static long settime64(struct xen_platform_op *op, gva_t arg)
{
	const struct xenpf_settime64 *t = &op->u.settime64;

	(void)arg;
	if (t->mbz)
		return -EINVAL;
	wallclock_set(t->secs, t->nsecs, t->system_time);
	return 0;
}

static bool is_online(u32 cpu)
{
	return cpu < nr_cpus && sched_usable_cpus() & BIT(cpu);
}

static long get_cpuinfo(struct xen_platform_op *op, gva_t arg)
{
	struct xenpf_pcpuinfo *p = &op->u.pcpu_info;

	if (p->xen_cpuid >= nr_cpus) {
		p->flags = XEN_PCPU_FLAGS_INVALID;
	} else {
		p->apic_id = cpu_table[p->xen_cpuid]->apic_id;
		p->acpi_id = cpu_table[p->xen_cpuid]->acpi_id;
		p->flags = is_online(p->xen_cpuid) ? XEN_PCPU_FLAGS_ONLINE : 0;
	}
	p->max_present = nr_cpus - 1;
	return copy_to_guest(arg + offsetof(struct xen_platform_op, u), p, sizeof(*p));
}

/* All CPUs are of one kind. */
static long get_cpu_version(struct xen_platform_op *op, gva_t arg)
{
	struct xenpf_pcpu_version *p = &op->u.pcpu_version;
	struct xenpf_pcpu_version out = { .xen_cpuid = p->xen_cpuid, .max_present = nr_cpus - 1 };
	struct cpuid_regs vendor = cpuid(0, 0), signature = cpuid(1, 0);
	u32 family = signature.eax >> 8 & 0xf, model = signature.eax >> 4 & 0xf;

	if (is_online(p->xen_cpuid)) {
		memcpy(out.vendor_id, &vendor.ebx, 4);
		memcpy(out.vendor_id + 4, &vendor.edx, 4);
		memcpy(out.vendor_id + 8, &vendor.ecx, 4);
		out.family = family + (family == 0xf ? signature.eax >> 20 & 0xff : 0);
		out.model = model | (family == 0xf || family == 6 ? signature.eax >> 12 & 0xf0 : 0);
		out.stepping = signature.eax & 0xf;
	}
	return copy_to_guest(arg + offsetof(struct xen_platform_op, u), &out, sizeof(out));
}

/* What is known of a machine's faults: interrupts are not moved about here, and registers are good. */
static long platform_quirk(struct xen_platform_op *op, gva_t arg)
{
	u32 id = op->u.platform_quirk.quirk_id;

	(void)arg;
	return id >= QUIRK_NOIRQBALANCING && id <= QUIRK_IOAPIC_GOOD_REGSEL ? 0 : -EINVAL;
}

/* Pointers and where the answer's time stands, of either width. */
struct idle_request {
	gva_t map, times, now_at;
	u32 nr_cpus;
};

static void decode_getidletime(const struct xen_platform_op *op, gva_t arg, struct idle_request *r)
{
	const struct compat_xenpf_getidletime *narrow = (const void *)&op->u.getidletime;
	const struct xenpf_getidletime *wide = &op->u.getidletime;
	bool is_pv32 = guest_is_pv32();

	r->map = is_pv32 ? narrow->cpumap_bitmap.c : (gva_t)wide->cpumap_bitmap.p;
	r->times = is_pv32 ? narrow->idletime.c : (gva_t)wide->idletime.p;
	r->nr_cpus = is_pv32 ? narrow->cpumap_nr_cpus : wide->cpumap_nr_cpus;
	r->now_at = arg + offsetof(struct xen_platform_op, u) +
		    (is_pv32 ? offsetof(struct compat_xenpf_getidletime, now) :
			       offsetof(struct xenpf_getidletime, now));
}

static long getidletime(struct xen_platform_op *op, gva_t arg)
{
	struct idle_request r;
	u64 map = 0, time = now();
	u32 bytes;

	decode_getidletime(op, arg, &r);
	bytes = DIV_UP(MIN(r.nr_cpus, 64u), 8);
	if (copy_from_guest(&map, r.map, bytes))
		return -EFAULT;
	for (u32 i = 0; i < MIN(r.nr_cpus, nr_cpus); i++) {
		u64 idle = sched_idle_time(i);

		if (map & BIT(i) && copy_to_guest(r.times + i * sizeof(idle), &idle, sizeof(idle)))
			return -EFAULT;
	}
	map &= nr_cpus < 64 ? BIT(nr_cpus) - 1 : ~0ull;
	if (copy_to_guest(r.map, &map, bytes) || copy_to_guest(r.now_at, &time, sizeof(time)))
		return -EFAULT;
	return 0;
}

/* The firmware's disk and screen tables were not kept; the keyboard's shift state is at rest. */
static long firmware_info(struct xen_platform_op *op, gva_t arg)
{
	const struct xenpf_firmware_info *f = &op->u.firmware_info;
	u8 no_shift = 0;

	switch (f->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
		return -ESRCH;
	case XEN_FW_EFI_INFO:
		return -ENOSYS;
	case XEN_FW_KBD_SHIFT_FLAGS:
		if (f->index)
			return -ESRCH;
		return copy_to_guest(arg + offsetof(struct xen_platform_op, u) +
				     offsetof(struct xenpf_firmware_info, u), &no_shift, 1);
	default:
		return -EINVAL;
	}
}

static long cpu_online(struct xen_platform_op *op, gva_t arg)
{
	u32 cpu = op->u.cpu_ol.cpuid;

	(void)arg;
	return is_online(cpu) ? 0 : sched_unpark_cpu(cpu);
}

static long cpu_offline(struct xen_platform_op *op, gva_t arg)
{
	u32 cpu = op->u.cpu_ol.cpuid;
	int rc = cpu ? sched_park_cpu(cpu) : -EOPNOTSUPP;

	return rc == -ERESTART ? HYPERCALL_CONTINUE(arg) : rc;
}

/* There are all the CPUs that there were, and all the memory. */
static long cpu_hotadd(struct xen_platform_op *op, gva_t arg)
{
	(void)arg;
	for (u32 i = 0; i < nr_cpus; i++)
		if (cpu_table[i]->apic_id == op->u.cpu_add.apic_id)
			return -EEXIST;
	return -EINVAL;
}

static long refuse(struct xen_platform_op *op, gva_t arg)
{
	(void)op;
	(void)arg;
	return -EINVAL;
}

/* Symbols of ours, for a profiler. Behind the last is one without a name. */
static long get_symbol(struct xen_platform_op *op, gva_t arg)
{
	struct compat_xenpf_symdata *narrow = (void *)&op->u.symdata;
	struct xenpf_symdata *wide = &op->u.symdata;
	bool is_pv32 = guest_is_pv32();
	gva_t to = is_pv32 ? narrow->name.c : (gva_t)wide->name.p;
	u32 room = wide->namelen, len;
	u64 address = 0;
	const char *name = symbol_by_number(wide->symnum, &address);

	if (!name)
		return -ERANGE;
	len = (u32)strlen(name) + 1;
	if (copy_to_guest(to, name, MIN(len, room)))
		return -EFAULT;
	wide->namelen = len;
	wide->symnum += *name != 0;
	if (is_pv32) {
		narrow->address = address;
		narrow->type = 't';
	} else {
		wide->address = address;
		wide->type = 't';
	}
	return copy_to_guest(arg + offsetof(struct xen_platform_op, u), wide,
			     is_pv32 ? sizeof(*narrow) : sizeof(*wide));
}

#define ACPI_STATE_S5	5

/* The control domain found its way to the sleep registers; only switching off is done for it. */
static long enter_acpi_sleep(struct xen_platform_op *op, gva_t arg)
{
	const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

	(void)arg;
	if (s->flags & ~XENPF_ACPI_SLEEP_EXTENDED || s->sleep_state > ACPI_STATE_S5)
		return -EINVAL;
	if (s->sleep_state != ACPI_STATE_S5)
		return -EOPNOTSUPP;
	domain_shutdown(current->domain, SHUTDOWN_poweroff);
	return 0;
}

static const struct {
	u32 cmd;
	long (*run)(struct xen_platform_op *op, gva_t arg);
} rows[] = {
	{ XENPF_settime32, settime32 },
	{ XENPF_settime64, settime64 },
	{ XENPF_getidletime, getidletime },
	{ XENPF_get_cpuinfo, get_cpuinfo },
	{ XENPF_get_cpu_version, get_cpu_version },
	{ XENPF_platform_quirk, platform_quirk },
	{ XENPF_cpu_online, cpu_online },
	{ XENPF_cpu_offline, cpu_offline },
	{ XENPF_firmware_info, firmware_info },
	{ XENPF_enter_acpi_sleep, enter_acpi_sleep },
	{ XENPF_get_symbol, get_symbol },
	/* No memory types, as CPUID says; the CPUs' programs and the machine are as they are. */
	{ XENPF_read_memtype, refuse },
	{ XENPF_add_memtype, refuse },
	{ XENPF_del_memtype, refuse },
	{ XENPF_microcode_update, refuse },
	{ XENPF_cpu_hotadd, cpu_hotadd },
	{ XENPF_mem_hotadd, refuse },
};

long do_platform_op(u64 arg)
{
	struct xen_platform_op op;
	long rc;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XENPF_INTERFACE_VERSION)
		return -EACCES;
	rc = policy_check(POLICY_CONTROL_MACHINE, current->domain, NULL);
	if (rc)
		return rc;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].cmd == op.cmd)
			return rows[i].run(&op, arg);
	return -ENOSYS;
}
