/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains that have been introduced: their ring, their event channel, their end. */
#ifndef XENSTORE_LITE_DOMAIN_H
#define XENSTORE_LITE_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "xenstore-lite/connection.h"
#include "xenstore-lite/chain.h"
#include "xenstore-lite/ring.h"
#include "xenstore-lite/server.h"

/* The highest id of a real domain; those behind have special meanings. */
#define DOMID_LAST 0x7fefu

#define DOMAIN_FEATURES (XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR)

struct domain {
	struct chain link; /* in the server's */
	uint16_t domid;
	bool shut_down; /* and @releaseDomain has been fired for it */
	bool must_notify;
	bool complained; /* that it broke the rules: once is enough for the log */
	bool reported; /* by the survey that is going on */
	uint32_t features;
	uint64_t frame;
	void *page;
	void *channel;
	struct ring ring;
	struct connection *connection;
	struct perms *release_perms; /* of @releaseDomain for it alone; NULL: those for all */
	struct chain servants;	/* those whose target it is */
	struct chain fellow;	/* in its own target's list of these */
};

/* It is introduced; any number may be asked for. */
struct domain *domain_find(struct server *server, uint32_t domid);
/* There is such a domain, introduced or not. Without a hypervisor, all that are named are there. */
bool domain_exists(struct server *server, uint32_t domid);
/* Connects a domain; one that is connected begins anew, with that event channel. */
int domain_introduce(struct server *server, uint16_t domid, uint64_t frame, uint32_t port);
/* @domain may do what @target may, until that is gone or it is given another. */
void domain_set_target(struct domain *domain, struct domain *target);
/* Where the rules of @releaseDomain/@domid are kept; NULL if there is no such domain. */
struct perms **domain_release_perms(struct server *server, uint16_t domid);
/* Ends the connection and forgets the rights the domain had. */
void domain_release(struct server *server, struct domain *domain);
/* The same for all, without telling anybody. */
void domain_release_all(struct server *server);
/* Some domain has died or shut down: finds out which. */
void domain_check_all(struct server *server);
void domain_report(struct server *server, uint16_t domid, enum domain_state state);
/* The same for one that is known to have changed: a dead one is released. */
void domain_has_changed(struct server *server, uint16_t domid, enum domain_state state);
/* The domain broke the rules of its ring: silence until it asks for a new start. */
void domain_ignore(struct connection *connection);

#endif
