/* SPDX-License-Identifier: MIT */
/* PCI devices handed to a guest: a page with one request at a time each way. */

#ifndef __XEN_PCI_COMMON_H__
#define __XEN_PCI_COMMON_H__

#include <stdint.h>

/* The node "magic". */
#define XEN_PCI_MAGIC		"7"

/* xen_pci_sharedinfo.flags: set by the front end with a request, cleared by the back end. */
#define _XEN_PCIF_active	(0)
#define XEN_PCIF_active		(1 << _XEN_PCIF_active)
#define _XEN_PCIB_AERHANDLER	(1)	/* the front end wants to hear of bus errors */
#define XEN_PCIB_AERHANDLER	(1 << _XEN_PCIB_AERHANDLER)
#define _XEN_PCIB_active	(2)	/* the back end has a request, in aer_op */
#define XEN_PCIB_active		(1 << _XEN_PCIB_active)

/* xen_pci_op.cmd, xen_pcie_aer_op.cmd. */
#define XEN_PCI_OP_conf_read	(0)
#define XEN_PCI_OP_conf_write	(1)
#define XEN_PCI_OP_enable_msi	(2)
#define XEN_PCI_OP_disable_msi	(3)
#define XEN_PCI_OP_enable_msix	(4)
#define XEN_PCI_OP_disable_msix	(5)
#define XEN_PCI_OP_aer_detected	(6)
#define XEN_PCI_OP_aer_resume	(7)
#define XEN_PCI_OP_aer_mmio	(8)
#define XEN_PCI_OP_aer_slotreset (9)
#define XEN_PCI_OP_enable_multi_msi (10)

/* xen_pci_op.err. */
#define XEN_PCI_ERR_success		(0)
#define XEN_PCI_ERR_dev_not_found	(-1)
#define XEN_PCI_ERR_invalid_offset	(-2)
#define XEN_PCI_ERR_access_denied	(-3)
#define XEN_PCI_ERR_not_implemented	(-4)
#define XEN_PCI_ERR_op_failed		(-5)

/* Vectors in one request. */
#define SH_INFO_MAX_VEC		128

struct xen_msix_entry {
	uint16_t vector;
	uint16_t entry;
};

struct xen_pci_op {
	uint32_t cmd;				/* in: XEN_PCI_OP_* */
	int32_t err;				/* out: XEN_PCI_ERR_*, or an errno below zero */
	uint32_t domain;			/* in: which device, as the next two */
	uint32_t bus;
	uint32_t devfn;
	int32_t offset;				/* in: register */
	int32_t size;				/* in: 1, 2 or 4 bytes */
	uint32_t value;				/* in, out */
	uint32_t info;				/* number of msix_entries */
	struct xen_msix_entry msix_entries[SH_INFO_MAX_VEC];
};

struct xen_pcie_aer_op {
	uint32_t cmd;
	int32_t err;
	uint32_t domain;
	uint32_t bus;
	uint32_t devfn;
};

struct xen_pci_sharedinfo {
	uint32_t flags;
	struct xen_pci_op op;
	struct xen_pcie_aer_op aer_op;
};

#endif /* __XEN_PCI_COMMON_H__ */
