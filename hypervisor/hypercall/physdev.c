/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * physdev_op: I/O privilege, device interrupts, and what the control domain says of PCI functions.
 *
 * A row says who may call, and how much argument is read first, so that a bad pointer is -EFAULT
 * before anything else is looked at. Structures whose two layouts differ are read by their function.
 */
#include "pvabi/physdev.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/services/pirq.h"
#include "pvabi/compat/physdev.h"

#define IO_PORTS	65536

static long set_iopl(gva_t arg)
{
	struct physdev_set_iopl op;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.iopl > 3)
		return -EINVAL;
	current->iopl = op.iopl;
	return 0;
}

/* The bitmap stays in the guest and is read when a port is used. */
static long set_iobitmap(gva_t arg)
{
	struct physdev_set_iobitmap op;

	if (guest_read(&op, arg, physdev_set_iobitmap, .bitmap.p = widened(narrow.bitmap),
		       .nr_ports = narrow.nr_ports))
		return -EFAULT;
	if (!guest_range_ok((gva_t)op.bitmap.p, 1) || op.nr_ports > IO_PORTS)
		return -EINVAL;
	current->iobitmap_guest = (gva_t)op.bitmap.p;
	current->iobitmap_limit = op.nr_ports;
	return 0;
}

/* --- interrupts ------------------------------------------------------------------------------- */

static long eoi(void *arg)
{
	struct physdev_eoi *op = arg;

	return pirq_eoi(current->domain, op->irq);
}

static long irq_status_query(void *arg)
{
	struct physdev_irq_status_query *op = arg;

	if (op->irq >= NR_PIRQS)
		return -EINVAL;
	op->flags = pirq_needs_eoi(current->domain, op->irq) ? XENIRQSTAT_needs_eoi : 0;
	return 0;
}

static long set_eoi_page(gva_t arg, bool eoi_unmasks)
{
	struct physdev_pirq_eoi_gmfn op = { 0 };

	if (copy_from_guest(&op, arg, guest_sizeof(physdev_pirq_eoi_gmfn)))
		return -EFAULT;
	return pirq_set_eoi_page(current->domain, op.gmfn, eoi_unmasks);
}

static long eoi_page_v1(gva_t arg)
{
	return set_eoi_page(arg, true);
}

static long eoi_page_v2(gva_t arg)
{
	return set_eoi_page(arg, false);
}

/* MSI of a function; more than one message of plain MSI needs vectors in a row, which we do not give. */
static int map_msi(struct domain *d, struct physdev_map_pirq *op)
{
	u32 segment = op->type == MAP_PIRQ_TYPE_MSI ? 0 : (u32)op->bus >> 16;
	u16 bdf = (u16)((op->bus & 0xff) << 8 | (op->devfn & 0xff));

	if (segment)
		return -ENODEV;
	if (op->type == MAP_PIRQ_TYPE_MULTI_MSI && op->entry_nr != 1)
		return -EOPNOTSUPP;
	if (op->entry_nr < 0)
		return -EINVAL;
	return pirq_map_msi(d, bdf, op->type != MAP_PIRQ_TYPE_MULTI_MSI && op->table_base,
			    (u32)op->entry_nr, &op->pirq);
}

static int map_for(struct domain *d, struct physdev_map_pirq *op)
{
	switch (op->type) {
	case MAP_PIRQ_TYPE_GSI:
		if (op->index < 0)
			return -EINVAL;
		if (!rangeset_contains(current->domain->irqs, (u32)op->index, (u32)op->index))
			return -EPERM;
		return pirq_map_gsi(d, (u32)op->index, &op->pirq);
	case MAP_PIRQ_TYPE_MSI:
	case MAP_PIRQ_TYPE_MSI_SEG:
	case MAP_PIRQ_TYPE_MULTI_MSI:
		return map_msi(d, op);
	default:
		return -EINVAL;
	}
}

_Static_assert(offsetof(struct physdev_map_pirq, pirq) ==
	       offsetof(struct compat_physdev_map_pirq, pirq), "written back in either layout");

static int run_map_pirq(struct physdev_map_pirq *op)
{
	struct domain *d;
	int rc;

	d = domain_get(op->domid);
	if (!d)
		return -ESRCH;
	/* Any number below 0 asks for one to be chosen. */
	op->pirq = MAX(op->pirq, PIRQ_ANY);
	rc = current->domain->is_privileged ? map_for(d, op) : -EPERM;
	domain_put(d);
	return rc;
}

/* The number is written back in any case. If it cannot be, the interrupt stays mapped nevertheless. */
static long map_pirq(gva_t arg)
{
	struct physdev_map_pirq op;
	int rc;

	if (guest_read(&op, arg, physdev_map_pirq,
		       .domid = narrow.domid, .type = narrow.type, .index = narrow.index,
		       .pirq = narrow.pirq, .bus = narrow.bus, .devfn = narrow.devfn,
		       .entry_nr = narrow.entry_nr, .table_base = narrow.table_base))
		return -EFAULT;
	rc = run_map_pirq(&op);
	if (copy_to_guest(arg + offsetof(struct physdev_map_pirq, pirq), &op.pirq, sizeof(op.pirq)))
		return -EFAULT;
	return rc;
}

static long unmap_pirq(void *arg)
{
	struct physdev_unmap_pirq *op = arg;
	struct domain *d = domain_get(op->domid);
	int rc;

	if (!d)
		return -ESRCH;
	if (!current->domain->is_privileged)
		rc = -EPERM;
	else
		rc = op->pirq < 0 ? -EINVAL : pirq_unmap(d, (u32)op->pirq);
	domain_put(d);
	return rc;
}

static long get_free_pirq(void *arg)
{
	struct physdev_get_free_pirq *op = arg;
	int pirq = pirq_reserve(current->domain, op->type == MAP_PIRQ_TYPE_GSI);

	op->pirq = (u32)pirq;
	return MIN(pirq, 0);
}

static long unmask_notify(gva_t arg)
{
	(void)arg;
	pirq_eoi_unmasked(current->domain);
	return 0;
}

static long setup_gsi(void *arg)
{
	struct physdev_setup_gsi *op = arg;

	if (op->gsi < 0 || (u32)op->gsi >= ioapic_gsis())
		return -EINVAL;
	if (!current->domain->is_privileged)
		return -EPERM;
	return pirq_setup_gsi((u32)op->gsi, op->triggering, op->polarity);
}

/* Vectors are none of a guest's business: it gets the number back, as on Xen. */
static long alloc_irq_vector(void *arg)
{
	struct physdev_irq *op = arg;

	op->vector = op->irq;
	return 0;
}

static int read_apic_op(gva_t arg, struct physdev_apic *op)
{
	if (guest_read(op, arg, physdev_apic, narrow.apic_physbase, narrow.reg, narrow.value))
		return -EFAULT;
	return current->domain->is_privileged ? 0 : -EPERM;
}

static long apic_read(gva_t arg)
{
	struct physdev_apic op;
	int rc = read_apic_op(arg, &op);

	if (rc)
		return rc;
	rc = ioapic_read_register(op.apic_physbase, op.reg, &op.value);
	if (copy_to_guest(arg + guest_offsetof(physdev_apic, value), &op.value, sizeof(op.value)))
		return -EFAULT;
	return rc;
}

#define ENTRY_MASKED	0x10000
#define ENTRY_VECTOR	0xff

/*
 * How kernels of old set up a line: the vector is the number that alloc_irq_vector gave them, which
 * becomes its pirq. What is in use stays as it is.
 */
static long apic_write(gva_t arg)
{
	struct physdev_apic op;
	bool level, low;
	int gsi, pirq, rc = read_apic_op(arg, &op);

	if (!rc)
		rc = ioapic_decode_write(op.apic_physbase, op.reg, op.value, &gsi, &level, &low);
	if (rc || gsi < 0)
		return rc;
	rc = pirq_setup_gsi((u32)gsi, level, low);
	if (rc || op.value & ENTRY_MASKED)
		return rc == -EEXIST ? 0 : rc;
	pirq = (int)(op.value & ENTRY_VECTOR);
	return pirq_map_gsi(current->domain, (u32)gsi, &pirq);
}

/* --- PCI functions ---------------------------------------------------------------------------- */

/* All of them are the control domain's anyway; nothing is kept about them here. */
static long pci_known(void *arg)
{
	(void)arg;
	return 0;
}

static long pci_add_ext(void *arg)
{
	const struct physdev_manage_pci_ext *op = arg;

	if (op->is_extfn > 1 || op->is_virtfn > 1)
		return -EINVAL;
	return current->domain->is_privileged ? 0 : -EPERM;
}

static long mmcfg_reserved(void *arg)
{
	(void)arg;
	return -ENODEV;	/* configuration space is used through its ports only */
}

/* There is no sleep from which a function's messages would have to be set up again. */
static long restore_msi(void *arg)
{
	(void)arg;
	return -ENODEV;
}

static long no_such_device(void *arg)
{
	(void)arg;
	return -ENOSYS;
}

static const struct row {
	u32 cmd;
	u8 size;			/* of the argument, the same in both layouts */
	enum { ANY, CONTROL, CONTROL_FIRST } who;	/* asked after the reading, or before it */
	bool out;
	long (*run)(void *arg);
	long (*run_self)(gva_t arg);	/* in place of the above: reads and checks by itself */
} rows[] = {
#define SAME(type)	sizeof(struct type)
	{ PHYSDEVOP_set_iopl, 0, ANY, false, NULL, set_iopl },
	{ PHYSDEVOP_set_iobitmap, 0, ANY, false, NULL, set_iobitmap },
	{ PHYSDEVOP_eoi, SAME(physdev_eoi), ANY, false, eoi, NULL },
	{ PHYSDEVOP_irq_status_query, SAME(physdev_irq_status_query), ANY, true,
	  irq_status_query, NULL },
	{ PHYSDEVOP_pirq_eoi_gmfn_v1, 0, ANY, false, NULL, eoi_page_v1 },
	{ PHYSDEVOP_pirq_eoi_gmfn_v2, 0, ANY, false, NULL, eoi_page_v2 },
	{ PHYSDEVOP_map_pirq, 0, ANY, false, NULL, map_pirq },
	{ PHYSDEVOP_unmap_pirq, SAME(physdev_unmap_pirq), ANY, false, unmap_pirq, NULL },
	{ PHYSDEVOP_get_free_pirq, SAME(physdev_get_free_pirq), ANY, true, get_free_pirq, NULL },
	{ PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0, ANY, false, NULL, unmask_notify },
	{ PHYSDEVOP_setup_gsi, SAME(physdev_setup_gsi), ANY, false, setup_gsi, NULL },
	{ PHYSDEVOP_alloc_irq_vector, SAME(physdev_irq), CONTROL, true, alloc_irq_vector, NULL },
	{ PHYSDEVOP_apic_read, 0, ANY, false, NULL, apic_read },
	{ PHYSDEVOP_apic_write, 0, ANY, false, NULL, apic_write },
	{ PHYSDEVOP_manage_pci_add, SAME(physdev_manage_pci), CONTROL, false, pci_known, NULL },
	{ PHYSDEVOP_manage_pci_remove, SAME(physdev_manage_pci), CONTROL, false, pci_known, NULL },
	{ PHYSDEVOP_manage_pci_add_ext, SAME(physdev_manage_pci_ext), ANY, false, pci_add_ext, NULL },
	{ PHYSDEVOP_pci_device_add, SAME(physdev_pci_device_add), CONTROL, false, pci_known, NULL },
	{ PHYSDEVOP_pci_device_remove, SAME(physdev_pci_device), CONTROL, false, pci_known, NULL },
	{ PHYSDEVOP_prepare_msix, SAME(physdev_pci_device), CONTROL, false, pci_known, NULL },
	{ PHYSDEVOP_release_msix, SAME(physdev_pci_device), CONTROL, false, pci_known, NULL },
	{ PHYSDEVOP_pci_mmcfg_reserved, SAME(physdev_pci_mmcfg_reserved), CONTROL_FIRST, false,
	  mmcfg_reserved, NULL },
	{ PHYSDEVOP_restore_msi, SAME(physdev_restore_msi), ANY, false, restore_msi, NULL },
	{ PHYSDEVOP_restore_msi_ext, SAME(physdev_pci_device), ANY, false, restore_msi, NULL },
	{ PHYSDEVOP_dbgp_op, SAME(physdev_dbgp_op), CONTROL_FIRST, false, no_such_device, NULL },
#undef SAME
};

#define ARGUMENT_MAX	64

static long run_row(const struct row *row, gva_t arg)
{
	u64 argument[ARGUMENT_MAX / 8];
	long rc;

	if (row->run_self)
		return row->run_self(arg);
	if (row->who == CONTROL_FIRST && !current->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest(argument, arg, row->size))
		return -EFAULT;
	if (row->who == CONTROL && !current->domain->is_privileged)
		return -EPERM;
	rc = row->run(argument);
	if (!rc && row->out && copy_to_guest(arg, argument, row->size))
		return -EFAULT;
	return rc;
}

_Static_assert(sizeof(struct physdev_pci_mmcfg_reserved) <= ARGUMENT_MAX, "the largest");

long do_physdev_op(u64 cmd, u64 arg)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].cmd == (u32)cmd)
			return run_row(&rows[i], arg);
	return -ENOSYS;
}

/* The old form: command and argument in one structure. Later commands are not known to it. */
long do_physdev_op_compat(u64 op)
{
	u32 cmd;

	if (copy_from_guest(&cmd, op, sizeof(cmd)))
		return -EFAULT;
	switch (cmd) {
	case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
	case PHYSDEVOP_irq_status_query:
	case PHYSDEVOP_set_iopl:
	case PHYSDEVOP_set_iobitmap:
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
		return do_physdev_op(cmd, op + guest_offsetof(physdev_op, u));
	default:
		return -ENOSYS;
	}
}
