/* SPDX-License-Identifier: GPL-2.0-only */
/* The control daemon's loop: events of guests' consoles, deaths of domains, requests of clients. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/daemon/daemon.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/store.h"

void daemon_log(struct daemon *d, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (!d->log)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	d->log(text);
}

int daemon_init(struct daemon *d)
{
	struct xen_domctl_getdomaininfo info;
	int rc = xc_domain_info(0, &info);

	if (rc)
		return rc;
	memset(d, 0, sizeof(*d));
	d->end = &d->domains;
	d->listen_fd = -1;
	d->check_deaths = true;
	d->own_target_kb = d->own_max_kb = info.tot_pages * 4;
	return plat_store_open();
}

void daemon_destroy(struct daemon *d)
{
	clients_close(d);
	domains_forget(d);
	dumps_forget(d);
	plat_store_close();
}

static void events_work(struct daemon *d)
{
	struct domain *domain;
	int port;

	while ((port = plat_evtchn_next()) >= 0) {
		domain = index_find(d, BY_PORT, port);
		if (domain && console_work(&domain->console))
			clients_console_output(d, domain);
	}
}

static void deaths_told(struct daemon *d)
{
	domid_t domid;

	while (plat_store_domain_event(&domid)) {
		if (domid == PLAT_STORE_ANY)
			d->check_deaths = true;
		else
			death_check(d, domid);
	}
}

static void accept_work(struct daemon *d)
{
	int fd;

	while (d->accept && (fd = d->accept()) >= 0)
		daemon_add_client(d, fd);
}

void daemon_work(struct daemon *d)
{
	events_work(d);
	deaths_told(d);
	deaths_work(d);
	accept_work(d);
	clients_work(d);
}

void daemon_step(struct daemon *d)
{
	struct plat_wait items[DAEMON_MAX_CLIENTS + 3];
	size_t count = 0;

	daemon_work(d);
	items[count++] = (struct plat_wait){ plat_evtchn_fd(), false };
	if (plat_store_event_fd() >= 0)
		items[count++] = (struct plat_wait){ plat_store_event_fd(), false };
	if (d->listen_fd >= 0)
		items[count++] = (struct plat_wait){ d->listen_fd, false };
	count += clients_wait_items(d, items + count, DAEMON_MAX_CLIENTS);
	plat_wait(items, count, deaths_deadline(d));
}
