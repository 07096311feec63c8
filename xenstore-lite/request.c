/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of requests, and what is checked for all of them in one place. */
#include "xenstore-lite/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "xenstore-lite/path.h"
#include "xenstore-lite/session.h"

#define PRIVILEGED     1u /* for those who may do everything */
#define NO_TRANSACTION 2u /* a transaction's id in the header means nothing here */
#define PATH	       4u /* the first string is a path */
#define SPECIAL	       8u /* or the name of a special event */
#define BINARY	       16u /* more may follow the last string */

static const struct kind {
	const char *name;
	request_handler *handler;
	uint8_t flags;
	uint8_t args_min, args_max;
} kinds[WIRE_TYPE_COUNT] = {
	[XS_CONTROL] = {"CONTROL", request_control, PRIVILEGED, 1, REQUEST_ARGS},
	[XS_DIRECTORY] = {"DIRECTORY", request_directory, PATH, 1, 1},
	[XS_READ] = {"READ", request_read, PATH, 1, 1},
	[XS_GET_PERMS] = {"GET_PERMS", request_get_perms, PATH | SPECIAL, 1, 1},
	[XS_WATCH] = {"WATCH", request_watch, PATH | SPECIAL | NO_TRANSACTION, 2, 3},
	[XS_UNWATCH] = {"UNWATCH", request_unwatch, PATH | SPECIAL | NO_TRANSACTION, 2, 2},
	[XS_TRANSACTION_START] = {"TRANSACTION_START", request_transaction_start, BINARY, 0, 1},
	[XS_TRANSACTION_END] = {"TRANSACTION_END", request_transaction_end, 0, 1, 1},
	[XS_INTRODUCE] = {"INTRODUCE", request_introduce, PRIVILEGED, 3, 4},
	[XS_RELEASE] = {"RELEASE", request_release, PRIVILEGED, 1, 1},
	[XS_GET_DOMAIN_PATH] = {"GET_DOMAIN_PATH", request_get_domain_path, 0, 1, 1},
	[XS_WRITE] = {"WRITE", request_write, PATH | BINARY, 1, 1},
	[XS_MKDIR] = {"MKDIR", request_mkdir, PATH, 1, 1},
	[XS_RM] = {"RM", request_rm, PATH, 1, 1},
	[XS_SET_PERMS] = {"SET_PERMS", request_set_perms, BINARY, 1, 1},
	[XS_IS_DOMAIN_INTRODUCED] = {"IS_DOMAIN_INTRODUCED", request_is_domain_introduced,
				     PRIVILEGED, 1, 1},
	[XS_RESUME] = {"RESUME", request_resume, PRIVILEGED, 1, 1},
	[XS_SET_TARGET] = {"SET_TARGET", request_set_target, PRIVILEGED, 2, 2},
	[XS_RESET_WATCHES] = {"RESET_WATCHES", request_reset_watches, BINARY, 0, 1},
	[XS_DIRECTORY_PART] = {"DIRECTORY_PART", request_directory_part, PATH, 2, 2},
	[WIRE_GET_FEATURE] = {"GET_FEATURE", request_get_feature, PRIVILEGED, 0, 1},
	[WIRE_SET_FEATURE] = {"SET_FEATURE", request_set_feature, PRIVILEGED, 2, 2},
	[WIRE_GET_QUOTA] = {"GET_QUOTA", request_get_quota, PRIVILEGED, 0, 2},
	[WIRE_SET_QUOTA] = {"SET_QUOTA", request_set_quota, PRIVILEGED, 2, 3},
};

/* One request is handled at a time, and its answer copied before the next. */
static char buffer[XENSTORE_PAYLOAD_MAX];

char *request_buffer(void)
{
	return buffer;
}

struct node *request_root(const struct request *request)
{
	return request->transaction ? request->transaction->root : request->server->store.root;
}

struct creator request_creator(const struct request *request)
{
	const struct connection *connection = request->connection;

	return (struct creator){connection->domid, connection->privileged, connection->account};
}

int request_answer_text(struct request *request, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size > sizeof(request->small))
		return -E2BIG;
	memcpy(request->small, text, size);
	request->answer = request->small;
	request->answer_len = size;
	return 0;
}

int request_answer_number(struct request *request, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return request_answer_text(request, text);
}

/* Splits the payload, and refuses a wrong number of strings or anything behind the last nul. */
static int take_arguments(struct request *request, const struct kind *kind)
{
	size_t len = request->header->len;
	unsigned int wanted = kind->args_max;

	request->args = wire_split(request->payload, len, request->arg, wanted, &request->rest);
	if (request->args < kind->args_min)
		return -EINVAL;
	if (!(kind->flags & BINARY) && (request->args > wanted || request->rest != len))
		return -EINVAL;
	if (request->args > wanted)
		request->args = wanted;
	return 0;
}

static bool is_too_long(const struct request *request)
{
	const struct connection *connection = request->connection;

	return !connection->privileged &&
	       !account_allows(&request->server->store.accounts, connection->account,
			       QUOTA_REQUEST_SIZE, request->header->len, 0);
}

int request_take_path(struct request *request, bool special)
{
	struct connection *connection = request->connection;
	char *path = request->server->path;

	if (!path_resolve(connection->base, request->arg[0], path))
		return -EINVAL;
	if (!path_valid(path) && !(special && path_valid_special(path)))
		return -EINVAL;
	if (!connection->privileged &&
	    !account_allows(&request->server->store.accounts, connection->account, QUOTA_PATH_MAX,
			    strlen(path), 0))
		return -EINVAL;
	request->path = path;
	return 0;
}

static int take_transaction(struct request *request, const struct kind *kind)
{
	uint32_t id = request->header->tx_id;

	if (!id || (kind->flags & NO_TRANSACTION))
		return 0;
	request->transaction = session_transaction(request->connection, id);
	return request->transaction ? 0 : -ENOENT;
}

static void trace(const struct request *request, const struct kind *kind, int error)
{
	if (request->server->trace)
		server_log(request->server, "%u dom%u %s %s %s", request->connection->number,
			   request->connection->domid, kind->name,
			   request->args ? request->arg[0] : "",
			   error ? wire_error_name(-error) : "OK");
}

static int dispatch(struct request *request)
{
	const struct kind *kind = &kinds[request->header->type];
	int error;

	if ((kind->flags & PRIVILEGED) && !request->connection->privileged)
		return -EACCES;
	if (is_too_long(request))
		return -E2BIG;
	error = take_transaction(request, kind);
	if (!error)
		error = take_arguments(request, kind);
	if (!error && (kind->flags & PATH))
		error = request_take_path(request, kind->flags & SPECIAL);
	if (!error)
		error = kind->handler(request);
	trace(request, kind, error);
	return error;
}

static void answer_error(struct request *request, struct message *message, int error)
{
	struct xsd_sockmsg header = *request->header;
	const char *name = wire_error_name(error);

	header.type = XS_ERROR;
	/* Always fits: no error's name is longer than the smallest message. */
	connection_answer(request->connection, message, &header, name, strlen(name) + 1);
}

bool request_handle(struct connection *connection, const struct xsd_sockmsg *header,
		    const char *payload)
{
	struct message *message = connection_message(connection);
	struct request request = {
		.server = connection->server,
		.connection = connection,
		.header = header,
		.payload = payload,
		.answer = "OK",
		.answer_len = sizeof("OK"),
	};
	int error = -ENOSYS;

	if (!message)
		return false;
	if (header->type < WIRE_TYPE_COUNT && kinds[header->type].handler)
		error = dispatch(&request);
	if (!error)
		error = connection_answer(connection, message, header, request.answer,
					  request.answer_len);
	if (error)
		answer_error(&request, message, -error);
	if (request.watch)
		connection_event(request.watch, watch_told_path(request.watch));
	return true;
}
