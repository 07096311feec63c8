/* SPDX-License-Identifier: GPL-2.0-only */
/* The test harness of the store. */
#include "tests/host/xenstore_harness.h"

#include "tests/host/check_main.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"

struct harness_domain harness_domain[HARNESS_DOMAINS];

static struct memory_use at_start;

/* --- direct clients --------------------------------------------------------------------------- */

static int read_nothing(struct connection *connection, void *buffer, size_t len)
{
	(void)connection;
	(void)buffer;
	(void)len;
	return 0;
}

static int write_nothing(struct connection *connection, const struct span *span, unsigned int spans)
{
	(void)connection;
	(void)span;
	(void)spans;
	return 0;
}

static const struct transport direct_transport = {.read = read_nothing, .write = write_nothing};

struct connection *harness_client(struct server *server, uint16_t domid)
{
	char base[24];
	struct connection_kind kind = {
		.transport = &direct_transport,
		.domid = domid,
		.privileged = !domid,
		.base = base,
	};

	snprintf(base, sizeof(base), "/local/domain/%u", domid);
	return connection_new(server, &kind);
}

/* Events that came before they were asked for, per connection number. */
static char waiting[64][65536];

static char *events_of(const struct connection *client)
{
	return waiting[client->number % 64];
}

static void note_event(struct connection *client, const struct answer *event)
{
	char *events = events_of(client);
	size_t used = strlen(events);

	ck_assert_uint_eq(event->req_id, 0);
	ck_assert_uint_eq(event->tx_id, 0);
	ck_assert(used + event->len + 3 < sizeof(waiting[0]));
	sprintf(events + used, "%s%s=%s", used ? " " : "", event->data,
		event->data + strlen(event->data) + 1);
}

/* The next message that waits for the client; false if there is none. */
static bool take(struct connection *client, struct answer *answer)
{
	struct xsd_sockmsg header;

	if (connection_take(client, &header, sizeof(header)) != sizeof(header))
		return false;
	ck_assert_uint_le(header.len, XENSTORE_PAYLOAD_MAX);
	ck_assert_uint_eq(connection_take(client, answer->data, header.len), header.len);
	answer->type = header.type;
	answer->req_id = header.req_id;
	answer->tx_id = header.tx_id;
	answer->len = header.len;
	answer->data[header.len] = 0;
	return true;
}

const struct answer *harness_ask(struct connection *client, uint32_t type, uint32_t tx_id,
				 const void *payload, size_t len)
{
	static struct answer answer;
	static uint32_t id;
	struct xsd_sockmsg header = {type, ++id, tx_id, len};

	ck_assert_int_eq(connection_submit(client, &header, payload), 0);
	while (take(client, &answer)) {
		if (answer.type == XS_WATCH_EVENT) {
			note_event(client, &answer);
			continue;
		}
		ck_assert_uint_eq(answer.req_id, id);
		ck_assert_uint_eq(answer.tx_id, tx_id);
		ck_assert(answer.type == type || answer.type == XS_ERROR);
		return &answer;
	}
	ck_abort_msg("no answer");
	return NULL;
}

static const struct answer *ask_strings(struct connection *client, uint32_t type, uint32_t tx_id,
					const char *first, va_list args)
{
	static char payload[2 * XENSTORE_PAYLOAD_MAX];
	size_t len = 0;

	for (; first; first = va_arg(args, const char *)) {
		memcpy(payload + len, first, strlen(first) + 1);
		len += strlen(first) + 1;
	}
	return harness_ask(client, type, tx_id, payload, len);
}

const struct answer *harness_say(struct connection *client, uint32_t type, uint32_t tx_id,
				 const char *first, ...)
{
	const struct answer *answer;
	va_list args;

	va_start(args, first);
	answer = ask_strings(client, type, tx_id, first, args);
	va_end(args);
	return answer;
}

int harness_error(const struct answer *answer)
{
	return answer->type == XS_ERROR ? wire_error_number(answer->data) : 0;
}

int harness_write(struct connection *client, uint32_t tx_id, const char *path, const char *value)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t path_size = strlen(path) + 1, len = strlen(value);

	memcpy(payload, path, path_size);
	memcpy(payload + path_size, value, len);
	return harness_error(harness_ask(client, XS_WRITE, tx_id, payload, path_size + len));
}

int harness_rm(struct connection *client, uint32_t tx_id, const char *path)
{
	return harness_error(harness_say(client, XS_RM, tx_id, path, NULL));
}

int harness_mkdir(struct connection *client, uint32_t tx_id, const char *path)
{
	return harness_error(harness_say(client, XS_MKDIR, tx_id, path, NULL));
}

const char *harness_read(struct connection *client, uint32_t tx_id, const char *path)
{
	return harness_say(client, XS_READ, tx_id, path, NULL)->data;
}

int harness_set_perms(struct connection *client, uint32_t tx_id, const char *path, const char *perm,
		      ...)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t len = strlen(path) + 1;
	va_list args;

	memcpy(payload, path, len);
	va_start(args, perm);
	for (; perm; perm = va_arg(args, const char *))
		len += sprintf(payload + len, "%s", perm) + 1;
	va_end(args);
	return harness_error(harness_ask(client, XS_SET_PERMS, tx_id, payload, len));
}

int harness_watch(struct connection *client, const char *path, const char *token)
{
	return harness_error(harness_say(client, XS_WATCH, 0, path, token, NULL));
}

uint32_t harness_start(struct connection *client)
{
	const struct answer *answer = harness_say(client, XS_TRANSACTION_START, 0, "", NULL);

	ck_assert_uint_eq(answer->type, XS_TRANSACTION_START);
	return strtoul(answer->data, NULL, 10);
}

int harness_end(struct connection *client, uint32_t tx_id, bool keep)
{
	return harness_error(
		harness_say(client, XS_TRANSACTION_END, tx_id, keep ? "T" : "F", NULL));
}

const char *harness_events(struct connection *client)
{
	static char result[sizeof(waiting[0])];
	struct answer answer;

	while (take(client, &answer)) {
		ck_assert_uint_eq(answer.type, XS_WATCH_EVENT);
		note_event(client, &answer);
	}
	strcpy(result, events_of(client));
	events_of(client)[0] = 0;
	return result;
}

/* --- domains made of memory ------------------------------------------------------------------- */

/* Frame numbers are 1000 + domid, or 2000 + domid; remote ports are 100 + domid. */
static int map_page(uint16_t domid, uint64_t frame, void **page)
{
	struct harness_domain *domain = &harness_domain[domid];

	if (domid >= HARNESS_DOMAINS || (frame != 1000u + domid && frame != 2000u + domid))
		return -EINVAL;
	ck_assert(!domain->mapped);
	domain->page = calloc(1, sizeof(*domain->page));
	domain->mapped = true;
	*page = domain->page;
	return 0;
}

static void unmap_page(uint16_t domid, void *page)
{
	ck_assert_ptr_eq(page, harness_domain[domid].page);
	free(page);
	harness_domain[domid].page = NULL;
	harness_domain[domid].mapped = false;
}

static int bind_port(uint16_t domid, uint32_t remote_port, struct connection *connection,
		     void **channel)
{
	if (remote_port != 100u + domid)
		return -EINVAL;
	harness_domain[domid].connection = connection;
	harness_domain[domid].bound++;
	*channel = &harness_domain[domid];
	return 0;
}

static void unbind_port(void *channel)
{
	struct harness_domain *domain = channel;

	domain->bound--;
}

static void notify_port(void *channel)
{
	struct harness_domain *domain = channel;

	domain->notified++;
}

static bool exists(uint16_t domid)
{
	return domid >= HARNESS_DOMAINS || harness_domain[domid].state != DOMAIN_GONE;
}

static int survey(struct server *server)
{
	uint16_t domid;

	for (domid = 0; domid < HARNESS_DOMAINS; domid++)
		if (harness_domain[domid].state != DOMAIN_GONE)
			domain_report(server, domid, harness_domain[domid].state);
	return 0;
}

const struct platform harness_platform = {
	.map = map_page,
	.unmap = unmap_page,
	.bind = bind_port,
	.unbind = unbind_port,
	.notify = notify_port,
	.exists = exists,
	.survey = survey,
};

int harness_introduce(struct connection *dom0, uint16_t domid)
{
	char text[3][16];

	sprintf(text[0], "%u", domid);
	sprintf(text[1], "%u", 1000 + domid);
	sprintf(text[2], "%u", 100 + domid);
	harness_domain[domid].state = DOMAIN_RUNS;
	return harness_error(
		harness_say(dom0, XS_INTRODUCE, 0, text[0], text[1], text[2], NULL));
}

void harness_settle(struct server *server)
{
	unsigned int steps = 0;

	while (server_step(server) != SERVER_IDLE)
		ck_assert_uint_lt(steps++, 100000);
}

size_t harness_guest_send(uint16_t domid, const void *data, size_t len)
{
	struct xenstore_domain_interface *page = harness_domain[domid].page;
	size_t i;

	for (i = 0; i < len && page->req_prod - page->req_cons < XENSTORE_RING_SIZE; i++)
		page->req[MASK_XENSTORE_IDX(page->req_prod++)] = ((const char *)data)[i];
	connection_wake(harness_domain[domid].connection);
	return i;
}

size_t harness_guest_receive(uint16_t domid, void *data, size_t len)
{
	struct xenstore_domain_interface *page = harness_domain[domid].page;
	size_t i;

	for (i = 0; i < len && page->rsp_cons != page->rsp_prod; i++)
		((char *)data)[i] = page->rsp[MASK_XENSTORE_IDX(page->rsp_cons++)];
	connection_wake(harness_domain[domid].connection);
	return i;
}

void harness_guest_request(struct server *server, uint16_t domid, uint32_t type, uint32_t id,
			   const char *payload, size_t len)
{
	struct xsd_sockmsg header = {type, id, 0, len};
	size_t done = 0;

	ck_assert_uint_eq(harness_guest_send(domid, &header, sizeof(header)), sizeof(header));
	while (done < len) {
		done += harness_guest_send(domid, payload + done, len - done);
		harness_settle(server);
	}
	harness_settle(server);
}

/* --- beginning and end ------------------------------------------------------------------------ */

void harness_start_server(struct server *server)
{
	memset(waiting, 0, sizeof(waiting));
	memset(harness_domain, 0, sizeof(harness_domain));
	at_start = memory_use();
	ck_assert_int_eq(server_init(server, &harness_platform), 0);
}

/* What the accounts say must be what a walk over the tree finds. */
static void check_accounts(struct server *server)
{
	static struct {
		uint32_t nodes, bytes;
	} found[65536];
	uint32_t orphans = 0;
	struct node *node;
	struct walk walk;
	unsigned int i;

	memset(found, 0, sizeof(found));
	walk_start(&walk, server->store.root);
	while ((node = walk_next(&walk))) {
		ck_assert_ptr_ne(node, WALK_NO_MEMORY);
		if (node->perms->owner == server->store.orphans) {
			orphans++;
			continue;
		}
		found[node->perms->owner->domid].nodes++;
		found[node->perms->owner->domid].bytes +=
			node_cost(node->name_len, node->value_len);
	}
	walk_end(&walk);
	ck_assert_uint_eq(orphans, server->store.orphans->nodes);
	for (i = 0; i < 65536; i++) {
		struct account *account = account_find(&server->store.accounts, i);

		ck_assert_uint_eq(found[i].nodes, account ? account->nodes : 0);
		ck_assert_uint_eq(found[i].bytes, account ? account->node_bytes : 0);
	}
}

void harness_stop_server(struct server *server)
{
	struct memory_use at_end;
	struct store_survey found;
	unsigned int domid;

	ck_assert_int_eq(store_survey(&server->store, &found), 0);
	ck_assert(found.sound);
	check_accounts(server);
	server_destroy(server);
	for (domid = 0; domid < HARNESS_DOMAINS; domid++)
		ck_assert(!harness_domain[domid].mapped && !harness_domain[domid].bound);
	at_end = memory_use();
	ck_assert_uint_eq(at_end.bytes, at_start.bytes);
	ck_assert_uint_eq(at_end.blocks, at_start.blocks);
}
