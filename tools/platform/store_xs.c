/* SPDX-License-Identifier: GPL-2.0-only */
/* The store through its client library: in the control domain's mini-OS, and on Linux. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/platform/store.h"
#include "xenstore-lite/client.h"

static struct xs_handle *xs;

static int result(bool ok)
{
	return ok ? 0 : errno ? -errno : -EIO;
}

int plat_store_open(void)
{
	xs = xs_open(0);
	if (!xs)
		return result(false);
	if (xs_watch(xs, "@releaseDomain", "death"))
		return 0;
	plat_store_close();
	return -EIO;
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
	return result(xs_set_permissions(xs, XBT_NULL, path, perms, access == STORE_READ ? 2 : 1));
}

int plat_store_remove(const char *path)
{
	int rc = result(xs_rm(xs, XBT_NULL, path));

	return rc == -ENOENT ? 0 : rc;
}

int plat_store_introduce(domid_t domid, uint64_t mfn, evtchn_port_t port)
{
	return result(xs_introduce_domain(xs, domid, mfn, port));
}

int plat_store_release(domid_t domid)
{
	return result(xs_release_domain(xs, domid));
}

int plat_store_event_fd(void)
{
	return xs_fileno(xs);
}

bool plat_store_domain_event(void)
{
	bool any = false;
	char **event;

	/* The events say no more than that something died: who, the hypervisor knows. */
	while ((event = xs_check_watch(xs))) {
		any = true;
		free(event);
	}
	return any;
}
