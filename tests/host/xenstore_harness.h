/* SPDX-License-Identifier: GPL-2.0-only */
/* A whole store in one program, clients that talk to it directly, and domains made of memory. */
#ifndef TESTS_HOST_XENSTORE_HARNESS_H
#define TESTS_HOST_XENSTORE_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/server.h"

/* The answer to the last request, and the events that came with it. */
struct answer {
	uint32_t type;
	uint32_t req_id, tx_id;
	size_t len;
	char data[XENSTORE_PAYLOAD_MAX + 1]; /* a nul behind it */
};

/* A privileged client has domid 0. */
struct connection *harness_client(struct server *server, uint16_t domid);

/* Sends a request and takes everything up to its answer; events go to harness_events. */
const struct answer *harness_ask(struct connection *client, uint32_t type, uint32_t tx_id,
				 const void *payload, size_t len);
/* The same for strings; NULL ends the list. Each is sent with its nul. */
const struct answer *harness_say(struct connection *client, uint32_t type, uint32_t tx_id,
				 const char *first, ...) __attribute__((sentinel));

/* 0, or the errno that the answer's error means. */
int harness_error(const struct answer *answer);

/* Shorthands: errno, or 0. */
int harness_write(struct connection *client, uint32_t tx_id, const char *path, const char *value);
int harness_rm(struct connection *client, uint32_t tx_id, const char *path);
int harness_mkdir(struct connection *client, uint32_t tx_id, const char *path);
/* The value, or an error's name. */
const char *harness_read(struct connection *client, uint32_t tx_id, const char *path);
int harness_set_perms(struct connection *client, uint32_t tx_id, const char *path, const char *perm,
		      ...) __attribute__((sentinel));
int harness_watch(struct connection *client, const char *path, const char *token);
uint32_t harness_start(struct connection *client);
int harness_end(struct connection *client, uint32_t tx_id, bool keep);

/*
 * Takes the events that wait for the client; returns them as "path=token path=token", in order,
 * with those that came along with answers.
 */
const char *harness_events(struct connection *client);

/* Domains made of memory: the page the store sees, and the guest's end of it. */
#define HARNESS_DOMAINS 256

struct harness_domain {
	struct xenstore_domain_interface *page;
	struct connection *connection;
	unsigned int notified;
	enum domain_state state;
	bool mapped;
	unsigned int bound;
};

extern struct harness_domain harness_domain[HARNESS_DOMAINS];
extern const struct platform harness_platform;

/* Introduces it through a privileged client; the errno. */
int harness_introduce(struct connection *dom0, uint16_t domid);
/* Steps the server until it is idle. */
void harness_settle(struct server *server);

/* The guest's end of the ring: puts and takes bytes, as many as there is room for. */
size_t harness_guest_send(uint16_t domid, const void *data, size_t len);
size_t harness_guest_receive(uint16_t domid, void *data, size_t len);
/* A whole message; steps the server. */
void harness_guest_request(struct server *server, uint16_t domid, uint32_t type, uint32_t id,
			   const char *payload, size_t len);

void harness_start_server(struct server *server);
/* Ends it, and checks that all memory came back. */
void harness_stop_server(struct server *server);

#endif
