/* SPDX-License-Identifier: MIT */
/* Where the hypervisor enters a guest: HYPERVISOR_callback_op(cmd, arg). */

#ifndef __XEN_PUBLIC_CALLBACK_H__
#define __XEN_PUBLIC_CALLBACK_H__

#include "xen.h"

#define CALLBACKOP_register		0	/* struct callback_register */
#define CALLBACKOP_unregister		1	/* struct callback_unregister */

#define CALLBACKTYPE_event		0	/* event upcall */
#define CALLBACKTYPE_failsafe		1	/* a segment register or iret failed to load */
#define CALLBACKTYPE_syscall		2	/* SYSCALL in 64-bit user mode */
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi		4
#define CALLBACKTYPE_sysenter		5	/* SYSENTER in user mode */
#define CALLBACKTYPE_syscall32		7	/* SYSCALL in 32-bit user mode */

/* callback_register.flags: enter with events masked. */
#define _CALLBACKF_mask_events		0
#define CALLBACKF_mask_events		(1U << _CALLBACKF_mask_events)

#ifndef __ASSEMBLY__

struct callback_register {
	uint16_t type;				/* CALLBACKTYPE_* */
	uint16_t flags;				/* CALLBACKF_* */
	xen_callback_t address;
};
typedef struct callback_register callback_register_t;
DEFINE_XEN_GUEST_HANDLE(callback_register_t);

/* The event and failsafe callbacks stay: -EINVAL. */
struct callback_unregister {
	uint16_t type;				/* CALLBACKTYPE_* */
	uint16_t _unused;
};
typedef struct callback_unregister callback_unregister_t;
DEFINE_XEN_GUEST_HANDLE(callback_unregister_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_CALLBACK_H__ */
