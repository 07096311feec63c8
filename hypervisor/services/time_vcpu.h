/* SPDX-License-Identifier: GPL-2.0-only */
/* The timers of a vCPU. */
#ifndef HV_SERVICES_TIME_VCPU_H
#define HV_SERVICES_TIME_VCPU_H

#include <stdatomic.h>

#include "hypervisor/lib/types.h"
#include "hypervisor/services/timer.h"

struct vcpu;

struct timer_vcpu {
	struct timer singleshot, periodic, poll;
	_Atomic ns_t period;		/* 0: no ticks */
	_Atomic ns_t last_tick;
	u32 published;			/* serial of the record in vcpu_info; 0: do it again */
	u32 area_version;		/* of the copy in the time area, kept here */
};

/* The vCPU runs here again: a tick if one is due, and the timer for the next. */
void vcpu_periodic_catch_up(struct vcpu *v);

#endif
