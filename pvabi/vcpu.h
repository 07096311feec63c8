/* SPDX-License-Identifier: MIT */
/* Virtual CPUs: HYPERVISOR_vcpu_op(cmd, vcpuid, arg). */

#ifndef __XEN_PUBLIC_VCPU_H__
#define __XEN_PUBLIC_VCPU_H__

#include "xen.h"

#define VCPUOP_initialise			0	/* vcpu_guest_context_t; stays down */
#define VCPUOP_up				1
#define VCPUOP_down				2
#define VCPUOP_is_up				3	/* returns 1 or 0 */
#define VCPUOP_get_runstate_info		4	/* struct vcpu_runstate_info */
#define VCPUOP_register_runstate_memory_area	5
#define VCPUOP_set_periodic_timer		6	/* the caller's own vCPU only */
#define VCPUOP_stop_periodic_timer		7
#define VCPUOP_set_singleshot_timer		8	/* the caller's own vCPU only */
#define VCPUOP_stop_singleshot_timer		9
#define VCPUOP_register_vcpu_info		10	/* once for each vCPU */
#define VCPUOP_send_nmi				11
#define VCPUOP_get_physid			12	/* a vCPU pinned for good only */
#define VCPUOP_register_vcpu_time_memory_area	13

/* vcpu_runstate_info.state. */
#define RUNSTATE_running	0	/* on a CPU */
#define RUNSTATE_runnable	1	/* could run, but another one does */
#define RUNSTATE_blocked	2	/* idle, waits for an event */
#define RUNSTATE_offline	3	/* down, paused, or shut down */

/* Set in state_entry_time while the structure is being changed (VMASST_TYPE_runstate_...). */
#define XEN_RUNSTATE_UPDATE	(xen_mk_ullong(1) << 63)

/* vcpu_set_singleshot_timer.flags: -ETIME if the time is past already. */
#define _VCPU_SSHOTTMR_future	(0)
#define VCPU_SSHOTTMR_future	(1U << _VCPU_SSHOTTMR_future)

/* The parts of vcpu_get_physid.phys_id. */
#define xen_vcpu_physid_to_x86_apicid(physid)	((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid)	((uint32_t)((physid) >> 32))

#ifndef __ASSEMBLY__

struct vcpu_runstate_info {
	int state;				/* RUNSTATE_* */
	uint64_t state_entry_time;		/* system time, ns */
	uint64_t time[4];			/* ns spent in each RUNSTATE_*, up to that time */
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_runstate_info_t);

/* The hypervisor keeps a copy at this linear address. */
struct vcpu_register_runstate_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_runstate_info_t) h;
		struct vcpu_runstate_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_runstate_memory_area vcpu_register_runstate_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_runstate_memory_area_t);

struct vcpu_set_periodic_timer {
	uint64_t period_ns;			/* at least a millisecond */
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_periodic_timer_t);

struct vcpu_set_singleshot_timer {
	uint64_t timeout_abs_ns;		/* system time */
	uint32_t flags;				/* VCPU_SSHOTTMR_* */
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_singleshot_timer_t);

/* Moves vcpu_info out of shared_info to a place in a page of the guest's; must not cross it. */
struct vcpu_register_vcpu_info {
	uint64_t mfn;
	uint32_t offset;			/* bytes, within the page */
	uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_vcpu_info_t);

struct vcpu_get_physid {
	uint64_t phys_id;			/* out: APIC id, ACPI id << 32 */
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_get_physid_t);

DEFINE_XEN_GUEST_HANDLE(vcpu_time_info_t);

/* A copy of vcpu_time_info that user mode may read. */
struct vcpu_register_time_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_time_info_t) h;
		struct vcpu_time_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_time_memory_area_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_VCPU_H__ */
