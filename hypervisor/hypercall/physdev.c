/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * physdev_op: I/O privilege, and the answers for domains to which no device was given.
 *
 * A row says who may call, how much argument is read first (so that a bad pointer is -EFAULT before
 * anything else is looked at), and what the answer is.
 */
#include "pvabi/physdev.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
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
	struct compat_physdev_set_iobitmap narrow;
	struct physdev_set_iobitmap op;

	if (!guest_is_pv32()) {
		if (copy_from_guest(&op, arg, sizeof(op)))
			return -EFAULT;
	} else {
		if (copy_from_guest(&narrow, arg, sizeof(narrow)))
			return -EFAULT;
		op.bitmap.p = (void *)(u64)narrow.bitmap.c;
		op.nr_ports = narrow.nr_ports;
	}
	if (!guest_range_ok((gva_t)op.bitmap.p, 1) || op.nr_ports > IO_PORTS)
		return -EINVAL;
	current->iobitmap_guest = (gva_t)op.bitmap.p;
	current->iobitmap_limit = op.nr_ports;
	return 0;
}

static const struct row {
	u32 cmd;
	u8 size, size_pv32;		/* of the argument, 0: @run reads it itself */
	bool privileged;
	int answer;			/* when there is no @run */
	long (*run)(gva_t arg);
} rows[] = {
#define SIZES(type)	sizeof(struct type), sizeof(struct compat_##type)
	{ PHYSDEVOP_set_iopl, 0, 0, false, 0, set_iopl },
	{ PHYSDEVOP_set_iobitmap, 0, 0, false, 0, set_iobitmap },
	/* Interrupt lines: a domain without any has none by that number. */
	{ PHYSDEVOP_eoi, SIZES(physdev_eoi), false, -EINVAL, NULL },
	{ PHYSDEVOP_irq_status_query, SIZES(physdev_irq_status_query), false, -EINVAL, NULL },
	{ PHYSDEVOP_get_free_pirq, SIZES(physdev_get_free_pirq), true, -ENOSYS, NULL },
	{ PHYSDEVOP_map_pirq, SIZES(physdev_map_pirq), true, -ENOSYS, NULL },
	{ PHYSDEVOP_unmap_pirq, SIZES(physdev_unmap_pirq), true, -ENOSYS, NULL },
	{ PHYSDEVOP_setup_gsi, SIZES(physdev_setup_gsi), true, -ENOSYS, NULL },
	{ PHYSDEVOP_alloc_irq_vector, SIZES(physdev_irq), true, -ENOSYS, NULL },
	{ PHYSDEVOP_apic_read, SIZES(physdev_apic), true, -ENOSYS, NULL },
	{ PHYSDEVOP_apic_write, SIZES(physdev_apic), true, -ENOSYS, NULL },
	{ PHYSDEVOP_manage_pci_add, SIZES(physdev_manage_pci), true, -ENOSYS, NULL },
	{ PHYSDEVOP_manage_pci_remove, SIZES(physdev_manage_pci), true, -ENOSYS, NULL },
	{ PHYSDEVOP_pci_device_remove, SIZES(physdev_pci_device), true, -ENOSYS, NULL },
#undef SIZES
};

static long run_row(const struct row *row, gva_t arg)
{
	u64 argument[8];
	u8 size = guest_is_pv32() ? row->size_pv32 : row->size;

	if (row->run)
		return row->run(arg);
	if (copy_from_guest(argument, arg, size))
		return -EFAULT;
	return row->privileged && !current->domain->is_privileged ? -EPERM : row->answer;
}

_Static_assert(sizeof(struct physdev_map_pirq) <= 64, "run_row() reads it into eight words");

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
		return 0;
	case PHYSDEVOP_irq_status_query:
	case PHYSDEVOP_set_iopl:
	case PHYSDEVOP_set_iobitmap:
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
		return do_physdev_op(cmd, op + (guest_is_pv32() ?
						offsetof(struct compat_physdev_op, u) :
						offsetof(struct physdev_op, u)));
	default:
		return -ENOSYS;
	}
}
