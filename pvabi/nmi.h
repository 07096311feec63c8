/* SPDX-License-Identifier: MIT */
/* Non-maskable interrupts for guests: HYPERVISOR_nmi_op(cmd, arg). */

#ifndef __XEN_PUBLIC_NMI_H__
#define __XEN_PUBLIC_NMI_H__

#include "xen.h"

#define XENNMI_register_callback	0	/* struct xennmi_callback; vCPU 0 only */
#define XENNMI_unregister_callback	1	/* no argument */

/* arch_shared_info.nmi_reason, in the control domain. */
#define _XEN_NMIREASON_io_error		0
#define XEN_NMIREASON_io_error		(1UL << _XEN_NMIREASON_io_error)
#define _XEN_NMIREASON_pci_serr		1
#define XEN_NMIREASON_pci_serr		(1UL << _XEN_NMIREASON_pci_serr)
#define _XEN_NMIREASON_unknown		2
#define XEN_NMIREASON_unknown		(1UL << _XEN_NMIREASON_unknown)

struct xennmi_callback {
	unsigned long handler_address;
	unsigned long pad;
};
typedef struct xennmi_callback xennmi_callback_t;
DEFINE_XEN_GUEST_HANDLE(xennmi_callback_t);

#endif /* __XEN_PUBLIC_NMI_H__ */
