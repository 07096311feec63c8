/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fuzzes a guest's page: the input says which bytes the guest puts into its ring, which it takes
 * out, which it scribbles over, indices and all, and when it goes and comes again. A second, honest
 * domain must be served, and nothing stay of what the guest had in the store.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOSTILE 1
#define HONEST	2

static struct server server;
static struct xenstore_domain_interface page[3];
static struct connection *connection_of[3];

static const uint8_t *input;
static size_t left;

static unsigned int next(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static int map_page(uint16_t domid, uint64_t frame, void **result)
{
	(void)frame;
	*result = &page[domid];
	return 0;
}

static void unmap_page(uint16_t domid, void *address)
{
	(void)domid;
	(void)address;
}

static int bind_port(uint16_t domid, uint32_t port, struct connection *connection, void **channel)
{
	(void)port;
	connection_of[domid] = connection;
	*channel = NULL;
	return 0;
}

static void no_channel(void *channel)
{
	(void)channel;
}

static int survey(struct server *of)
{
	domain_report(of, HOSTILE, DOMAIN_RUNS);
	domain_report(of, HONEST, DOMAIN_RUNS);
	return 0;
}

static bool exists(uint16_t domid)
{
	return domid == HOSTILE || domid == HONEST;
}

static const struct platform platform = {
	.map = map_page,
	.unmap = unmap_page,
	.bind = bind_port,
	.unbind = no_channel,
	.notify = no_channel,
	.exists = exists,
	.survey = survey,
};

static void settle(void)
{
	unsigned int steps = 0;

	while (server_step(&server) != SERVER_IDLE)
		require(steps++ < 10000, "the server comes to rest");
}

/* The honest domain asks for what it may not read, which is an answer too. */
static void check_honest(void)
{
	static const struct xsd_sockmsg header = {XS_READ, 1, 0, 2};
	struct xenstore_domain_interface *own = &page[HONEST];
	uint32_t before = own->rsp_prod;
	unsigned int i;
	char request[sizeof(header) + 2];

	memcpy(request, &header, sizeof(header));
	memcpy(request + sizeof(header), "x", 2);
	for (i = 0; i < sizeof(request); i++)
		own->req[MASK_XENSTORE_IDX(own->req_prod++)] = request[i];
	connection_wake(connection_of[HONEST]);
	settle();
	require(own->rsp_prod - before == sizeof(header) + sizeof("EACCES"),
		"the honest domain is answered");
	own->rsp_cons = own->rsp_prod;
}

static void put_byte(uint8_t byte)
{
	struct xenstore_domain_interface *own = &page[HOSTILE];

	own->req[MASK_XENSTORE_IDX(own->req_prod++)] = byte;
}

/* The guest's own place is there, as a toolstack makes it; then the guest is. */
static void come(void)
{
	struct creator creator = {.privileged = true};
	struct view view = {&server.store, &server.store.root, NULL};
	struct perms *perms = perms_get(&server.store.perms, &(struct perm){HOSTILE, PERM_NONE}, 1);

	require(perms && !store_mkdir(&view, "/local/domain/1", &creator) &&
			!store_set_perms(&view, "/local/domain/1", perms),
		"its place is made");
	perms_put(perms);
	memset(&page[HOSTILE], 0, sizeof(page[HOSTILE]));
	require(!domain_introduce(&server, HOSTILE, 1, 1), "introduced");
}

static void go(void)
{
	domain_has_changed(&server, HOSTILE, DOMAIN_GONE);
	settle();
	require(!store_find(server.store.root, "/local/domain/1"), "what it had is gone");
	require(!account_find(&server.store.accounts, HOSTILE), "nobody counts for it");
}

static void act(void)
{
	struct xenstore_domain_interface *own = &page[HOSTILE];
	struct xsd_sockmsg header = {.req_id = 7};
	unsigned int kind = next(), i, count;

	switch (kind % 8) {
	case 0:
	case 1: /* a header that makes sense, and a payload */
		header.type = next() % WIRE_TYPE_COUNT;
		header.tx_id = next() % 4;
		header.len = count = next();
		for (i = 0; i < sizeof(header); i++)
			put_byte(((uint8_t *)&header)[i]);
		for (i = 0; i < count; i++)
			put_byte(next());
		break;
	case 2: /* bytes as they come */
		for (count = next(); count; count--)
			put_byte(next());
		break;
	case 3:
		own->rsp_cons += next();
		break;
	case 4:
		own->rsp_cons = own->rsp_prod;
		break;
	case 5: /* scribble, anywhere or over the indices */
		i = next() * 16 + next() % 16;
		((uint8_t *)own)[kind & 8 ? i % sizeof(*own) : 2048 + i % 28] = next();
		break;
	case 6:
		own->connection = XENSTORE_RECONNECT;
		break;
	case 7:
		go();
		come();
		break;
	}
	connection_wake(connection_of[HOSTILE]);
	settle();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory_use before = memory_use();
	struct store_survey found;
	struct creator creator = {.privileged = true};
	struct view view = {&server.store, &server.store.root, NULL};

	input = data;
	left = size;
	memset(page, 0, sizeof(page));
	require(!server_init(&server, &platform), "a server can be made");
	store_mkdir(&view, "/local/domain/2/x", &creator);
	come();
	require(!domain_introduce(&server, HONEST, 1, 1), "introduced");
	while (left)
		act();
	check_honest();
	go();
	require(!store_survey(&server.store, &found) && found.sound, "the tree is sound");
	server_destroy(&server);
	require(memory_use().bytes == before.bytes, "all memory came back");
	return 0;
}
