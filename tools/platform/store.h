/* SPDX-License-Identifier: GPL-2.0-only */
/* The store as the control daemon uses it. One connection; failures are negative errno values. */
#ifndef TOOLS_PLATFORM_STORE_H
#define TOOLS_PLATFORM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "pvabi/xen.h"
#include "pvabi/event_channel.h"

/* Who may do what with a node that the control domain owns, or hands over. */
enum store_access {
	STORE_CONTROL, /* only the control domain */
	STORE_READ, /* the domain may read */
	STORE_OWN, /* the domain owns it */
	STORE_INHERIT, /* as the node above */
};

int plat_store_open(void);
void plat_store_close(void);

int plat_store_write(const char *path, const char *value);
/* Makes the node (with an empty value if it is not there) and sets who may use it. */
int plat_store_make(const char *path, domid_t domid, enum store_access access);
/* Nothing to remove is no failure. */
int plat_store_remove(const char *path);
int plat_store_introduce(domid_t domid, uint64_t mfn, evtchn_port_t port);
int plat_store_release(domid_t domid);

/* A descriptor that is readable when domains may have died, or -1 when plat_wait() knows itself. */
int plat_store_event_fd(void);
/*
 * The next introduced domain that has shut down, died or been released, or PLAT_STORE_ANY when the
 * store does not say which. False: there is none.
 */
#define PLAT_STORE_ANY DOMID_INVALID
bool plat_store_domain_event(domid_t *domid);

#endif
