/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The services a domain is made of, in the order of birth. Death goes the other way round: so the
 * scheduler, which the others stop vCPUs and timers with, comes first and goes last; grants, whose
 * mappings hold frames of other domains, go before the frames themselves (domain_kill()). Device
 * interrupts go after the event channels they arrive at.
 */
#include "hypervisor/domain/hooks.h"

#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/grant.h"
#include "hypervisor/services/pirq.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"

const struct domain_hooks *const domain_hooks[] = {
	&sched_hooks,
	&time_hooks,
	&pirq_hooks,
	&evtchn_hooks,
	&grant_hooks,
	&guest_info_hooks,
	NULL,
};
