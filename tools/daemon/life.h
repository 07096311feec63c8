/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of a restart, between life.c and death.c. */
#ifndef TOOLS_DAEMON_LIFE_H
#define TOOLS_DAEMON_LIFE_H

#include "tools/daemon/daemon.h"

/* Destroys the domain but keeps its configuration, to be built again at @until. */
void domain_hold(struct daemon *d, struct domain *domain, uint64_t until);
/*
 * A dead domain stays under the name @name, and another of its configuration, in *@out, is held to be
 * built at @until. On failure only the name may have changed.
 */
int domain_succeed(struct daemon *d, struct domain *dead, const char *name, uint64_t until,
		   struct domain **out, struct fault *fault);
/* Builds a held domain again; when that fails it is logged and forgotten. */
int domain_restart(struct daemon *d, struct domain *domain);

#endif
