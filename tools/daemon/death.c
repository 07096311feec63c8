/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens when a domain shuts down, by its configuration's on_poweroff, on_reboot and so on.
 *
 * A domain that dies within seconds of its start again and again is held back, twice as long each
 * time, so that a kernel which cannot boot does not keep the machine busy.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pvabi/sched.h"
#include "tools/daemon/daemon.h"
#include "tools/daemon/life.h"
#include "tools/hypercall/xc.h"

#define SECOND	   1000000000ull
#define QUICK	   (5 * SECOND)
#define FIRST_HOLD (1 * SECOND)
#define MAX_HOLD   (64 * SECOND)

static int death_of(unsigned int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return DEATH_POWEROFF;
	case SHUTDOWN_reboot:
		return DEATH_REBOOT;
	case SHUTDOWN_watchdog:
		return DEATH_WATCHDOG;
	case SHUTDOWN_soft_reset:
		return DEATH_SOFT_RESET;
	default:
		return DEATH_CRASH;
	}
}

static uint64_t hold_time(struct domain *domain)
{
	uint64_t hold = FIRST_HOLD;
	unsigned int i;

	if (plat_now() - domain->started >= QUICK) {
		domain->quick_deaths = 0;
		return 0;
	}
	domain->quick_deaths++;
	for (i = 1; i < domain->quick_deaths && hold < MAX_HOLD; i++)
		hold *= 2;
	return domain->quick_deaths > 1 ? hold / 2 : 0;
}

/* At once, or when its time has come. */
static void restart_after(struct daemon *d, struct domain *domain, uint64_t hold)
{
	if (hold)
		daemon_log(d, "domain %s died at once %u times, restarted in %u s",
			   domain->config.name, domain->quick_deaths,
			   (unsigned int)(hold / SECOND));
	else
		domain_restart(d, domain);
}

static void restart(struct daemon *d, struct domain *domain)
{
	uint64_t hold = hold_time(domain);

	domain_hold(d, domain, plat_now() + hold);
	restart_after(d, domain, hold);
}

/* The dead one stays under another name, a new one takes its place. */
static void rename_restart(struct daemon *d, struct domain *domain)
{
	uint64_t hold = hold_time(domain);
	char name[DOMAIN_NAME_MAX + 16];
	struct domain *fresh;
	struct fault fault;

	domain->life = LIFE_PRESERVED;
	snprintf(name, sizeof(name), "%.200s-%u", domain->config.name, domain->domid);
	if (domain_succeed(d, domain, name, plat_now() + hold, &fresh, &fault))
		daemon_log(d, "domain %s is not restarted: %s", domain->config.name, fault.text);
	else
		restart_after(d, fresh, hold);
}

static void act(struct daemon *d, struct domain *domain, unsigned int reason)
{
	enum death death = death_of(reason);
	enum death_action action = domain->config.on[death];

	daemon_log(d, "domain %s (%u) has shut down: %s, action: %s", domain->config.name,
		   domain->domid, death_names[death], death_action_names[action]);
	clients_tell(d, &(struct life_event){ "shutdown", domain->domid, -1, (int)reason,
					      death_action_names[action] });
	if (action == ACTION_COREDUMP_DESTROY || action == ACTION_COREDUMP_RESTART)
		dump_keep(d, domain);
	switch (action) {
	case ACTION_RESTART:
	case ACTION_COREDUMP_RESTART:
		restart(d, domain);
		break;
	case ACTION_RENAME_RESTART:
		rename_restart(d, domain);
		break;
	case ACTION_PRESERVE:
		domain->life = LIFE_PRESERVED;
		break;
	default:
		domain_destroy(d, domain);
	}
}

static void check(struct daemon *d, struct domain *domain)
{
	struct xen_domctl_getdomaininfo info;
	int rc = xc_domain_info(domain->domid, &info);

	if (rc == -ESRCH) {
		/* Somebody else destroyed it: what is left of it here goes too. */
		domain_destroy(d, domain);
		return;
	}
	if (rc || !(info.flags & XEN_DOMINF_shutdown))
		return;
	/* The last words are in the ring, and the clients shall see them. */
	if (console_work(&domain->console))
		clients_console_output(d, domain);
	act(d, domain, info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
}

void death_check(struct daemon *d, domid_t domid)
{
	struct domain *domain = domain_by_id(d, domid);

	if (domain && domain->life == LIFE_RUNNING)
		check(d, domain);
}

void deaths_work(struct daemon *d)
{
	struct domain *domain, *next;

	for (domain = d->domains; domain && d->check_deaths; domain = next) {
		next = domain->next;
		if (domain->life == LIFE_RUNNING)
			check(d, domain);
	}
	d->check_deaths = false;
	for (domain = d->domains; domain && d->held; domain = next) {
		next = domain->next;
		if (domain->life == LIFE_HELD && plat_now() >= domain->restart_at)
			domain_restart(d, domain);
	}
}

uint64_t deaths_deadline(const struct daemon *d)
{
	const struct domain *domain;
	uint64_t deadline = PLAT_NEVER;

	for (domain = d->domains; domain && d->held; domain = domain->next)
		if (domain->life == LIFE_HELD && domain->restart_at < deadline)
			deadline = domain->restart_at;
	return deadline;
}
