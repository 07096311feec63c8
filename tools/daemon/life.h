/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of a restart, between life.c and death.c. */
#ifndef TOOLS_DAEMON_LIFE_H
#define TOOLS_DAEMON_LIFE_H

#include "tools/daemon/daemon.h"

/* Destroys the domain but keeps its configuration, to be built again at @until. */
void domain_hold(struct daemon *d, struct domain *domain, uint64_t until);
/* Builds a held domain again; when that fails it is logged and forgotten. */
int domain_restart(struct daemon *d, struct domain *domain);

#endif
