/* SPDX-License-Identifier: GPL-2.0-only */
/* Our store, with domains made of files (domain_files.h): the control domain comes by a ring as well. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/store/domain_files.h"
#include "xenstore-lite/domain.h"
#include "xenstore-lite/server.h"

/* Domains the tests have, at most. */
#define DOMAINS 64

static struct server server;

static int map_page(uint16_t domid, uint64_t frame, void **page)
{
	(void)frame;
	*page = domain_files_map(domid);
	return *page ? 0 : -EINVAL;
}

static void unmap_page(uint16_t domid, void *page)
{
	(void)domid;
	munmap(page, 4096);
}

static int bind_port(uint16_t domid, uint32_t port, struct connection *connection, void **channel)
{
	(void)domid;
	(void)port;
	(void)connection;
	*channel = NULL;
	return 0;
}

static void unbind_port(void *channel)
{
	(void)channel;
}

static void notify_port(void *channel)
{
	(void)channel;
	domain_files_sign();
}

static bool exists(uint16_t domid)
{
	return domain_files_state(domid) != FILE_GONE;
}

static int survey(struct server *of)
{
	static const enum domain_state state[] = {
		[FILE_RUNS] = DOMAIN_RUNS,
		[FILE_SHUT_DOWN] = DOMAIN_SHUT_DOWN,
		[FILE_GONE] = DOMAIN_GONE,
	};
	unsigned int domid;

	for (domid = 0; domid < DOMAINS; domid++)
		domain_report(of, domid, state[domain_files_state(domid)]);
	return 0;
}

static const struct platform platform = {
	.map = map_page,
	.unmap = unmap_page,
	.bind = bind_port,
	.unbind = unbind_port,
	.notify = notify_port,
	.exists = exists,
	.survey = survey,
};

static void take_event(int port)
{
	struct domain *domain = port >= FILE_PORT(0) ? domain_find(&server, port - FILE_PORT(0)) : NULL;

	if (port == FILE_PORT_VIRQ)
		domain_check_all(&server);
	else if (domain)
		connection_wake(domain->connection);
}

int main(void)
{
	struct pollfd events = {.fd = domain_files_events(), .events = POLLIN};
	int port;

	if (events.fd < 0 || server_init(&server, &platform) || domain_introduce(&server, 0, 0, 1)) {
		fprintf(stderr, "ring_daemon: no domains\n");
		return EXIT_FAILURE;
	}
	for (;;) {
		enum server_need need = server_step(&server);

		poll(&events, 1, need == SERVER_IDLE ? -1 : 0);
		while ((port = domain_files_next_event(events.fd)) >= 0)
			take_event(port);
	}
}
