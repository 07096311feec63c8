/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's time stamp counter: the machine's own, or one that is made up for it. */
#ifndef HV_SERVICES_TIME_TSC_H
#define HV_SERVICES_TIME_TSC_H

#include "hypervisor/services/time_scale.h"

struct domain;
struct vcpu;

/* domctl's tsc_mode */
enum tsc_mode {
	TSC_MODE_DEFAULT,	/* the machine's, unless a rate is asked for that it does not have */
	TSC_MODE_ALWAYS_EMULATE,
	TSC_MODE_NEVER_EMULATE,
};

struct tsc_state {
	u32 mode, khz, incarnation;
	ns_t elapsed;		/* since its TSC was 0 */
};

/* domain.time: changes only while the domain is paused. */
struct time_domain {
	u32 mode, incarnation;
	u32 khz;		/* of the emulated one */
	struct time_record record;	/* its line; serial 0: not emulated */
};

/* -EINVAL: no such mode, or a rate outside 1 MHz .. 32 GHz. With @d paused. */
int tsc_set(struct domain *d, const struct tsc_state *state);
void tsc_get(const struct domain *d, struct tsc_state *state);

#endif
