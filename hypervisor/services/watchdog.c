/* SPDX-License-Identifier: GPL-2.0-only */
/* Domain watchdogs: a domain that does not re-arm its timer in time is shut down. */
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"
#include "pvabi/sched.h"

static void watchdog_expired(void *arg)
{
	struct sched_domain *sd = arg;

	if (sd->d->is_shut_down || domain_is_dying(sd->d))
		return;
	log_warn("d%u: its watchdog has expired", sd->d->id);
	domain_shutdown(sd->d, SHUTDOWN_watchdog);
}

void watchdog_create(struct sched_domain *sd)
{
	spin_init(&sd->watchdog_lock, "watchdogs", RANK_SCHED);
	for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
		timer_init(&sd->watchdog[i], watchdog_expired, sd, 0);
}

void watchdog_kill(struct sched_domain *sd)
{
	for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
		timer_kill(&sd->watchdog[i]);
}

static long start_one(struct sched_domain *sd, ns_t expires)
{
	for (u32 i = 0; i < DOMAIN_WATCHDOGS; i++) {
		if (sd->watchdogs_in_use & 1u << i)
			continue;
		sd->watchdogs_in_use |= 1u << i;
		timer_set(&sd->watchdog[i], expires);
		return i + 1;
	}
	return -ENOSPC;
}

static long change_one(struct sched_domain *sd, u32 i, ns_t expires, bool stops)
{
	if (!(sd->watchdogs_in_use & 1u << i))
		return -EINVAL;
	if (stops) {
		timer_stop(&sd->watchdog[i]);
		sd->watchdogs_in_use &= ~(1u << i);
	} else {
		timer_set(&sd->watchdog[i], expires);
	}
	return 0;
}

long sched_watchdog(u32 id, u32 timeout_s)
{
	struct sched_domain *sd = current->domain->sched;
	ns_t expires = now() + timeout_s * NS_PER_SECOND;
	long rc;

	if (id > DOMAIN_WATCHDOGS)
		return -EINVAL;
	lock(&sd->watchdog_lock);
	rc = id ? change_one(sd, id - 1, expires, !timeout_s) : start_one(sd, expires);
	unlock(&sd->watchdog_lock);
	return rc;
}
