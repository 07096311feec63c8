/* SPDX-License-Identifier: GPL-2.0-only */
/* Pausing, shutting down, crashing and resuming whole domains. */
#include <stdarg.h>

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/dump.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/print.h"
#include "pvabi/sched.h"

/* --- pausing ---------------------------------------------------------------------------------- */

static void pause_nosync(struct domain *d)
{
	struct vcpu *v;

	atomic_fetch_add(&d->pause_count, 1);
	for_each_vcpu(d, v)
		sched_sleep(v);
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;

	BUG_ON(d == current->domain);
	pause_nosync(d);
	for_each_vcpu(d, v)
		sched_sleep_sync(v);
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;

	BUG_ON(!atomic_load(&d->pause_count));
	if (atomic_fetch_sub(&d->pause_count, 1) != 1)
		return;
	for_each_vcpu(d, v)
		sched_wake(v);
}

int domain_pause_by_control(struct domain *d)
{
	bool first;

	if (d == current->domain)
		return -EINVAL;
	lock(&d->lock);
	first = d->pause_by_control++ == 0;
	unlock(&d->lock);
	if (first)
		domain_pause(d);
	return 0;
}

int domain_unpause_by_control(struct domain *d)
{
	bool last;

	if (d == current->domain)
		return -EINVAL;
	lock(&d->lock);
	if (!d->pause_by_control) {
		unlock(&d->lock);
		return -EINVAL;
	}
	last = --d->pause_by_control == 0;
	d->has_run |= last;
	unlock(&d->lock);
	if (last)
		domain_unpause(d);
	return 0;
}

/* --- shutdown --------------------------------------------------------------------------------- */

/* The machine goes the way of the control domain. */
static void dom0_shutdown(u8 reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		log_info("dom0 asks for power off");
		machine_poweroff();
		break;
	case SHUTDOWN_reboot:
		log_info("dom0 asks for a reboot");
		machine_reboot();
		break;
	case SHUTDOWN_crash:
		panic("dom0 has crashed");
	default:
		log_info("dom0 is shut down, reason %u: rebooting", reason);
		machine_reboot();
	}
}

/* False when it was shut down already. */
static bool begin_shutdown(struct domain *d, u8 reason)
{
	bool first;

	lock(&d->lock);
	first = !d->is_shut_down;
	if (first) {
		d->is_shut_down = true;
		d->shutdown_code = reason;
	}
	unlock(&d->lock);
	return first;
}

void domain_announce_shutdown(struct domain *d, u8 code)
{
	u32 none = 0;

	atomic_compare_exchange_strong(&d->announced_code, &none, code + 1u);
}

void domain_shutdown(struct domain *d, u8 reason)
{
	u32 announced = atomic_load(&d->announced_code);

	if (announced)
		reason = (u8)(announced - 1);
	if (d == dom0)
		dom0_shutdown(reason);
	if (!begin_shutdown(d, reason))
		return;
	pause_nosync(d);
	domain_changed(d);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (d->is_shut_down)
		return;
	hv_log(d == dom0 ? LOG_ERR : LOG_WARN, "d%u crashed: %s", d->id, text);
	if (current->domain == d)
		dump_vcpu(current, d == dom0);
	domain_shutdown(d, SHUTDOWN_crash);
}

void domain_resume(struct domain *d)
{
	struct vcpu *v;
	bool was;

	domain_pause(d);
	lock(&d->lock);
	was = d->is_shut_down;
	d->is_shut_down = false;
	d->shutdown_code = 0;
	atomic_store(&d->announced_code, 0);
	unlock(&d->lock);
	for_each_vcpu(d, v)
		if (was)
			atomic_fetch_and(&v->pause_flags, ~PAUSE_BLOCKED);
	if (was)
		domain_unpause(d);	/* what domain_shutdown() paused */
	domain_unpause(d);
}
