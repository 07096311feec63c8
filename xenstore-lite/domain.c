/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections of domains over their rings. */
#include "xenstore-lite/domain.h"

#include <errno.h>
#include <stdio.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/store.h"

struct domain *domain_find(struct server *server, uint32_t domid)
{
	struct account *account =
		domid <= DOMID_LAST ? account_find(&server->store.accounts, domid) : NULL;

	return account ? account->domain : NULL;
}

bool domain_exists(struct server *server, uint32_t domid)
{
	if (!domid || !server->platform)
		return true;
	if (domid > DOMID_LAST)
		return false;
	/* Whoever owns something or is connected was there, and it is not yet known to be gone. */
	return account_find(&server->store.accounts, domid) || server->platform->exists(domid);
}

/* --- the ring as a transport ------------------------------------------------------------------ */

static int read_ring(struct connection *connection, void *buffer, size_t len)
{
	struct domain *domain = connection->peer;
	int got = ring_read(&domain->ring, buffer, len);

	domain->must_notify |= got > 0;
	return got;
}

static int write_ring(struct connection *connection, const struct span *span, unsigned int spans)
{
	struct domain *domain = connection->peer;
	unsigned int i;
	int sent = 0;

	for (i = 0; i < spans; i++) {
		int now = ring_write(&domain->ring, span[i].data, span[i].len);

		if (now < 0)
			return now;
		sent += now;
		domain->must_notify |= now > 0;
		if ((size_t)now < span[i].len)
			break;
	}
	return sent;
}

static void start_anew(struct domain *domain)
{
	connection_reset(domain->connection);
	domain->connection->dead = false;
	ring_reset(&domain->ring);
	domain->must_notify = true;
}

static void attend(struct connection *connection)
{
	struct domain *domain = connection->peer;

	if (ring_wants_reset(&domain->ring))
		start_anew(domain);
}

/* One notification tells of all that was read and written since the last. */
static void notify(struct connection *connection, bool read, bool write)
{
	struct domain *domain = connection->peer;

	(void)read;
	(void)write;
	if (!domain->must_notify)
		return;
	domain->must_notify = false;
	connection->server->platform->notify(domain->channel);
}

static const struct transport ring_transport = {
	.read = read_ring,
	.write = write_ring,
	.attend = attend,
	.settled = notify,
};

void domain_ignore(struct connection *connection)
{
	struct domain *domain = connection->peer;

	if (!domain->complained)
		server_log(connection->server,
			   "domain %u broke the protocol; ignored until it reconnects",
			   domain->domid);
	domain->complained = true;
	connection_reset(connection);
	ring_set_error(&domain->ring, XENSTORE_ERROR_PROTO);
	connection->server->platform->notify(domain->channel);
}

/* --- coming and going ------------------------------------------------------------------------- */

static int connect(struct server *server, struct domain *domain, uint64_t frame, uint32_t port)
{
	struct connection_kind kind = {
		.transport = &ring_transport,
		.peer = domain,
		.domid = domain->domid,
		.privileged = domain->domid == 0,
		.is_domain = true,
	};
	char base[24];
	int error;

	snprintf(base, sizeof(base), "/local/domain/%u", domain->domid);
	kind.base = base;
	error = server->platform->map(domain->domid, frame, &domain->page);
	if (error)
		return error;
	ring_attach(&domain->ring, domain->page);
	domain->connection = connection_new(server, &kind);
	error = -ENOMEM;
	if (!domain->connection)
		goto unmap;
	error = server->platform->bind(domain->domid, port, domain->connection, &domain->channel);
	if (!error)
		return 0;
	connection_free(domain->connection);
unmap:
	server->platform->unmap(domain->domid, domain->page);
	return error;
}

/* A domain that is connected already: it begins anew, with another event channel. */
static int reconnect(struct server *server, struct domain *domain, uint32_t remote_port)
{
	void *channel;
	int error;

	error = server->platform->bind(domain->domid, remote_port, domain->connection, &channel);
	if (error)
		return error;
	server->platform->unbind(domain->channel);
	domain->channel = channel;
	start_anew(domain);
	connection_wake(domain->connection);
	return 0;
}

int domain_introduce(struct server *server, uint16_t domid, uint64_t frame, uint32_t port)
{
	struct domain *domain = domain_find(server, domid);
	int error;

	if (!server->platform)
		return -ENOSYS;
	if (domain && domain->frame == frame)
		return reconnect(server, domain, port);
	/* Another page: the id has come back before we heard that its last bearer is gone. */
	if (domain)
		domain_release(server, domain);
	domain = memory_zalloc(sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	domain->domid = domid;
	domain->frame = frame;
	domain->features = DOMAIN_FEATURES;
	chain_init(&domain->servants);
	chain_init(&domain->fellow);
	error = connect(server, domain, frame, port);
	if (error) {
		memory_free(domain, sizeof(*domain));
		return error;
	}
	domain->connection->account->domain = domain;
	chain_add_tail(&domain->link, &server->domains);
	server->domain_count++;
	ring_announce(&domain->ring, domain->features);
	server->platform->notify(domain->channel);
	connection_wake(domain->connection);
	server_special(server, "@introduceDomain", domid, server->introduce_perms);
	return 0;
}

void domain_set_target(struct domain *domain, struct domain *target)
{
	chain_remove(&domain->fellow);
	chain_add_tail(&domain->fellow, &target->servants);
	domain->connection->target = target->domid;
}

static void drop_targets(struct domain *domain)
{
	chain_remove(&domain->fellow);
	while (!chain_empty(&domain->servants)) {
		struct domain *servant =
			container_of(domain->servants.next, struct domain, fellow);

		chain_remove(&servant->fellow);
		servant->connection->target = PERM_NOBODY;
	}
}

struct perms **domain_release_perms(struct server *server, uint16_t domid)
{
	struct domain *domain = domain_find(server, domid);

	return domain ? &domain->release_perms : NULL;
}

static void disconnect(struct server *server, struct domain *domain)
{
	if (domain->release_perms)
		perms_put(domain->release_perms);
	drop_targets(domain);
	domain->connection->account->domain = NULL;
	server->platform->unbind(domain->channel);
	connection_free(domain->connection);
	server->platform->unmap(domain->domid, domain->page);
	chain_remove(&domain->link);
	server->domain_count--;
	memory_free(domain, sizeof(*domain));
}

static struct perms *release_rules(struct server *server, const struct domain *domain)
{
	return domain->release_perms ? domain->release_perms : server->release_perms;
}

/*
 * Domain ids come back; what the dead one owned or was allowed must not come with them. All of this
 * costs what the domain had, and nothing for the other domains there are.
 */
void domain_release(struct server *server, struct domain *domain)
{
	struct perms *rules = perms_ref(release_rules(server, domain));
	uint16_t domid = domain->domid;

	disconnect(server, domain);
	perms_forget_domain(&server->store.perms, domid, server->store.orphans);
	server_special(server, "@releaseDomain", domid, rules);
	perms_put(rules);
}

void domain_release_all(struct server *server)
{
	while (!chain_empty(&server->domains))
		disconnect(server, container_of(server->domains.next, struct domain, link));
}

void domain_report(struct server *server, uint16_t domid, enum domain_state state)
{
	struct domain *domain = domain_find(server, domid);

	if (!domain)
		return;
	domain->reported = state != DOMAIN_GONE;
	if (state != DOMAIN_SHUT_DOWN || domain->shut_down)
		return;
	domain->shut_down = true;
	server_special(server, "@releaseDomain", domid, release_rules(server, domain));
}

void domain_has_changed(struct server *server, uint16_t domid, enum domain_state state)
{
	struct domain *domain = domain_find(server, domid);

	if (state != DOMAIN_GONE)
		domain_report(server, domid, state);
	else if (domain)
		domain_release(server, domain);
	else
		perms_forget_domain(&server->store.perms, domid, server->store.orphans);
}

static bool is_gone(void *context, uint16_t domid)
{
	struct server *server = context;

	return !domain_find(server, domid) && !server->platform->exists(domid);
}

void domain_check_all(struct server *server)
{
	struct chain *pos, *following;

	chain_for_each(pos, &server->domains)
		container_of(pos, struct domain, link)->reported = false;
	if (server->platform->survey(server))
		return;
	chain_for_each_safe(pos, following, &server->domains) {
		struct domain *domain = container_of(pos, struct domain, link);

		if (!domain->reported)
			domain_release(server, domain);
	}
	/* Those that were given rights without ever being introduced. */
	perms_forget_if(&server->store.perms, is_gone, server, server->store.orphans);
}
