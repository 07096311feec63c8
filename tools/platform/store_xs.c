/* SPDX-License-Identifier: GPL-2.0-only */
/* The store through its client library: in the control domain's mini-OS, and on Linux. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/io/xs_wire.h"
#include "tools/platform/store.h"
#include "xenstore-lite/client.h"

static struct xs_handle *xs;
static bool watches_all;

/*
 * A watch of its own for each domain keeps the cost of a death independent of how many domains
 * there are. A store that does not know them is asked for all deaths at once.
 */
static bool watch_death(domid_t domid)
{
	char path[32], token[8];

	snprintf(path, sizeof(path), "@releaseDomain/%u", domid);
	snprintf(token, sizeof(token), "%u", domid);
	if (xs_watch(xs, path, token) || watches_all)
		return true;
	watches_all = xs_watch(xs, "@releaseDomain", "all");
	return watches_all;
}

static void unwatch_death(domid_t domid)
{
	char path[32], token[8];

	snprintf(path, sizeof(path), "@releaseDomain/%u", domid);
	snprintf(token, sizeof(token), "%u", domid);
	xs_unwatch(xs, path, token);
}

static int result(bool ok)
{
	return ok ? 0 : errno ? -errno : -EIO;
}

int plat_store_open(void)
{
	xs = xs_open(XS_UNWATCH_FILTER);
	watches_all = false;
	return result(xs);
}

void plat_store_close(void)
{
	if (xs)
		xs_close(xs);
	xs = NULL;
}

int plat_store_write(const char *path, const char *value)
{
	return result(xs_write(xs, XBT_NULL, path, value, strlen(value)));
}

int plat_store_make(const char *path, domid_t domid, enum store_access access)
{
	struct xs_permissions perms[2] = {
		{ access == STORE_OWN ? domid : 0, XS_PERM_NONE },
		{ domid, XS_PERM_READ },
	};

	if (!xs_mkdir(xs, XBT_NULL, path))
		return result(false);
	if (access == STORE_INHERIT)
		return 0;
	return result(xs_set_permissions(xs, XBT_NULL, path, perms, access == STORE_READ ? 2 : 1));
}

int plat_store_remove(const char *path)
{
	int rc = result(xs_rm(xs, XBT_NULL, path));

	return rc == -ENOENT ? 0 : rc;
}

int plat_store_introduce(domid_t domid, uint64_t mfn, evtchn_port_t port)
{
	if (!watch_death(domid))
		return result(false);
	if (xs_introduce_domain(xs, domid, mfn, port))
		return 0;
	unwatch_death(domid);
	return -EIO;
}

int plat_store_release(domid_t domid)
{
	unwatch_death(domid);
	return result(xs_release_domain(xs, domid));
}

int plat_store_event_fd(void)
{
	return xs_fileno(xs);
}

bool plat_store_domain_event(domid_t *domid)
{
	char **event = xs_check_watch(xs);

	if (!event)
		return false;
	*domid = isdigit((unsigned char)event[XS_WATCH_TOKEN][0]) ?
		 strtoul(event[XS_WATCH_TOKEN], NULL, 10) : PLAT_STORE_ANY;
	free(event);
	return true;
}
