/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cores: of living domains, read by a client while the domain stands still, and of dead ones, kept
 * in memory since a control domain has no disk, to be fetched later.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/core/core.h"
#include "tools/daemon/daemon.h"
#include "tools/hypercall/xc.h"

static struct dump *free_dump(struct daemon *d, struct fault *fault)
{
	int i;

	for (i = 0; i < DAEMON_MAX_DUMPS; i++)
		if (!d->dumps[i].id)
			return &d->dumps[i];
	fault_set(fault, -EBUSY, "too many cores are being read, try again later");
	return NULL;
}

int dump_begin(struct daemon *d, struct client *owner, domid_t domid, struct dump **dump,
	       struct fault *fault)
{
	struct dump *new = free_dump(d, fault);
	int rc;

	if (!new)
		return fault->code;
	rc = xc_domain_pause(domid);
	if (rc)
		return fault_set(fault, rc, "pausing it: %s", strerror(-rc));
	rc = core_open(domid, &new->core, fault);
	if (rc) {
		xc_domain_unpause(domid);
		return rc;
	}
	new->id = ++d->next_dump;
	new->owner = owner;
	new->domid = domid;
	new->kept = false;
	*dump = new;
	return 0;
}

int dump_begin_kept(struct daemon *d, struct client *owner, const char *name, struct dump **dump,
		    struct fault *fault)
{
	struct dump *new = free_dump(d, fault);
	int i;

	if (!new)
		return fault->code;
	for (i = 0; i < DAEMON_KEPT_CORES; i++) {
		if (!d->kept[i].core || strcmp(d->kept[i].name, name))
			continue;
		*new = (struct dump){ ++d->next_dump, owner, d->kept[i].core, true, 0 };
		*dump = new;
		return 0;
	}
	return fault_set(fault, -ENOENT, "no core of a domain %s was kept", name);
}

struct dump *dump_by_id(struct daemon *d, struct client *owner, unsigned int id)
{
	int i;

	for (i = 0; id && i < DAEMON_MAX_DUMPS; i++)
		if (d->dumps[i].id == id && d->dumps[i].owner == owner)
			return &d->dumps[i];
	return NULL;
}

void dump_end(struct dump *dump)
{
	if (!dump->kept) {
		core_close(dump->core);
		xc_domain_unpause(dump->domid);
	}
	memset(dump, 0, sizeof(*dump));
}

void dumps_drop_client(struct daemon *d, struct client *owner)
{
	int i;

	for (i = 0; i < DAEMON_MAX_DUMPS; i++)
		if (d->dumps[i].id && d->dumps[i].owner == owner)
			dump_end(&d->dumps[i]);
}

void dumps_drop_domain(struct daemon *d, domid_t domid)
{
	int i;

	for (i = 0; i < DAEMON_MAX_DUMPS; i++)
		if (d->dumps[i].id && !d->dumps[i].kept && d->dumps[i].domid == domid)
			dump_end(&d->dumps[i]);
}

static bool is_read(const struct daemon *d, const struct core *core)
{
	int i;

	for (i = 0; i < DAEMON_MAX_DUMPS; i++)
		if (d->dumps[i].id && d->dumps[i].core == core)
			return true;
	return false;
}

/* The place of the same domain's last core, a free one, or that of the oldest. */
static struct kept_core *place_for(struct daemon *d, const char *name)
{
	struct kept_core *free = NULL, *place;
	int i;

	for (i = 0; i < DAEMON_KEPT_CORES; i++) {
		if (!d->kept[i].core)
			free = free ? free : &d->kept[i];
		else if (!strcmp(d->kept[i].name, name))
			return &d->kept[i];
	}
	if (free)
		return free;
	place = &d->kept[d->next_kept];
	d->next_kept = (d->next_kept + 1) % DAEMON_KEPT_CORES;
	return place;
}

void dump_keep(struct daemon *d, const struct domain *domain)
{
	const char *name = domain->config.name;
	struct kept_core *place = place_for(d, name);
	struct fault fault;
	struct core *core;
	int rc;

	if (place->core && is_read(d, place->core)) {
		daemon_log(d, "domain %s: no core is kept, another is being read", name);
		return;
	}
	/* The old one goes first: both might not find room. */
	if (place->core)
		core_close(place->core);
	place->core = NULL;
	rc = core_open(domain->domid, &core, &fault);
	if (!rc) {
		rc = core_keep(core, DAEMON_KEPT_SIZE);
		if (rc) {
			core_close(core);
			fault_set(&fault, rc, "not enough memory in the control domain");
		}
	}
	if (rc) {
		daemon_log(d, "domain %s: no core is kept: %s", name, fault.text);
		return;
	}
	strcpy(place->name, name);
	place->core = core;
	daemon_log(d, "domain %s: its core is kept, \"xl dump-core -k %s FILE\" fetches it", name,
		   name);
}

void dumps_forget(struct daemon *d)
{
	int i;

	for (i = 0; i < DAEMON_KEPT_CORES; i++) {
		if (d->kept[i].core)
			core_close(d->kept[i].core);
		d->kept[i].core = NULL;
	}
}
