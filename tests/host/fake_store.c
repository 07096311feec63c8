/* SPDX-License-Identifier: GPL-2.0-only */
/* A store behind tools/platform/store.h that remembers values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/fake_hypervisor.h"
#include "tests/host/fake_store.h"
#include "tools/platform/store.h"

struct node {
	struct node *next;
	char *path, *value;
};

static struct node *nodes;
static bool introduced[FAKE_DOMAINS], fired;
static domid_t fired_for;

static struct node **find(const char *path)
{
	struct node **at = &nodes;

	while (*at && strcmp((*at)->path, path))
		at = &(*at)->next;
	return at;
}

static void drop(struct node **at)
{
	struct node *n = *at;

	*at = n->next;
	free(n->path);
	free(n->value);
	free(n);
}

void fake_store_reset(void)
{
	while (nodes)
		drop(&nodes);
	memset(introduced, 0, sizeof(introduced));
	fired = false;
}

const char *fake_store_read(const char *path)
{
	struct node *n = *find(path);

	return n ? n->value : NULL;
}

unsigned int fake_store_nodes(void)
{
	unsigned int count = 0;
	struct node *n;

	for (n = nodes; n; n = n->next)
		count++;
	return count;
}

bool fake_store_introduced(domid_t domid)
{
	return introduced[domid];
}

void fake_store_fire(domid_t domid)
{
	fired = true;
	fired_for = domid;
}

int plat_store_open(void)
{
	return 0;
}

void plat_store_close(void)
{
}

int plat_store_write(const char *path, const char *value)
{
	struct node *n;
	int error;

	if (fake_inject(&error))
		return error;
	n = *find(path);
	if (n) {
		free(n->value);
		n->value = strdup(value);
		return 0;
	}
	n = calloc(1, sizeof(*n));
	n->path = strdup(path);
	n->value = strdup(value);
	n->next = nodes;
	nodes = n;
	return 0;
}

int plat_store_make(const char *path, domid_t domid, enum store_access access)
{
	(void)domid;
	(void)access;
	return fake_store_read(path) ? 0 : plat_store_write(path, "");
}

int plat_store_remove(const char *path)
{
	size_t len = strlen(path);
	struct node **at = &nodes;

	while (*at) {
		if (!strncmp((*at)->path, path, len) &&
		    ((*at)->path[len] == '/' || !(*at)->path[len]))
			drop(at);
		else
			at = &(*at)->next;
	}
	return 0;
}

int plat_store_introduce(domid_t domid, uint64_t mfn, evtchn_port_t port)
{
	int error;

	if (fake_inject(&error))
		return error;
	if (!fake_frame(mfn) || fake_domains[domid].ports[port].state != PORT_UNBOUND)
		return -EINVAL;
	introduced[domid] = true;
	return 0;
}

int plat_store_release(domid_t domid)
{
	introduced[domid] = false;
	fake_store_fire(domid);
	return 0;
}

int plat_store_event_fd(void)
{
	return -1;
}

bool plat_store_domain_event(domid_t *domid)
{
	bool was = fired;

	fired = false;
	*domid = fired_for;
	return was;
}
