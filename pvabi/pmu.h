/* SPDX-License-Identifier: MIT */
/* Performance counters for guests: HYPERVISOR_xenpmu_op(cmd, arg). */

#ifndef __XEN_PUBLIC_PMU_H__
#define __XEN_PUBLIC_PMU_H__

#include "xen.h"
#include "arch-x86/pmu.h"

#define XENPMU_VER_MAJ		0
#define XENPMU_VER_MIN		1

/* Commands; the argument is struct xen_pmu_params. */
#define XENPMU_mode_get		0	/* privileged, as the next three */
#define XENPMU_mode_set		1
#define XENPMU_feature_get	2
#define XENPMU_feature_set	3
#define XENPMU_init		4	/* val: frame to share */
#define XENPMU_finish		5
#define XENPMU_lvtpc_set	6	/* takes lapic_lvtpc over */
#define XENPMU_flush		7	/* loads the registers */

/* xen_pmu_params.val for XENPMU_mode_*: whom a guest may profile. */
#define XENPMU_MODE_OFF		0
#define XENPMU_MODE_SELF	(1 << 0)
#define XENPMU_MODE_HV		(1 << 1)	/* itself; the first domain the hypervisor too */
#define XENPMU_MODE_ALL		(1 << 2)	/* the first domain everybody, others nobody */

/* xen_pmu_params.val for XENPMU_feature_*. */
#define XENPMU_FEATURE_INTEL_BTS	(1 << 0)
#define XENPMU_FEATURE_IPC_ONLY		(1 << 1)
#define XENPMU_FEATURE_ARCH_ONLY	(1 << 2)

struct xen_pmu_params {
	struct {
		uint32_t maj;
		uint32_t min;
	} version;				/* in, out: XENPMU_VER_* */
	uint64_t val;				/* in or out */
	uint32_t vcpu;
	uint32_t pad;
};
typedef struct xen_pmu_params xen_pmu_params_t;
DEFINE_XEN_GUEST_HANDLE(xen_pmu_params_t);

/* The shared page. */
struct xen_pmu_data {
	uint32_t vcpu_id;			/* interrupted, as the next two */
	uint32_t pcpu_id;
	domid_t domain_id;			/* DOMID_XEN: the hypervisor */
	uint8_t pad[6];
	xen_pmu_arch_t pmu;
};

#endif /* __XEN_PUBLIC_PMU_H__ */
