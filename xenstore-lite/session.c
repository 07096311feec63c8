/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that begin and end watches and transactions. */
#include "xenstore-lite/session.h"

#include <errno.h>
#include <string.h>

#include "xenstore-lite/request.h"
#include "xenstore-lite/store.h"
#include "xenstore-lite/watch.h"

static bool allows(const struct request *request, enum quota which, uint32_t used)
{
	const struct connection *connection = request->connection;
	const struct accounts *accounts = &request->server->store.accounts;

	return connection->privileged ||
	       account_allows(accounts, connection->account, which, used, 1);
}

/* --- watches ---------------------------------------------------------------------------------- */

/* What was put before a relative path when it was resolved; left out when events are told. */
static size_t base_len(const struct request *request)
{
	return strlen(request->path) - strlen(request->arg[0]);
}

/* The optional third string: how far below the path changes still matter. */
static int take_depth(const struct request *request, uint32_t *depth)
{
	uint64_t number;

	*depth = WATCH_NO_DEPTH;
	if (request->args < 3 || !request->arg[2][0])
		return 0;
	if (!wire_number(request->arg[2], PATH_MAX_ABSOLUTE, &number))
		return -EINVAL;
	*depth = number;
	return 0;
}

int request_watch(struct request *request)
{
	struct connection *connection = request->connection;
	struct watches *watches = &request->server->watches;
	const char *token = request->arg[1];
	struct watch *watch;
	uint32_t depth;

	if (take_depth(request, &depth))
		return -EINVAL;
	if (watch_find(watches, connection, request->path, token))
		return -EEXIST;
	if (!allows(request, QUOTA_WATCHES, connection->account->watches))
		return -E2BIG;
	if (!connection_affords(connection,
				sizeof(*watch) + strlen(request->path) + strlen(token)))
		return -ENOSPC;
	watch = watch_new(watches, connection, request->path, base_len(request), token, depth);
	if (!watch)
		return -ENOMEM;
	chain_add_tail(&watch->at_connection, &connection->watches);
	connection->account->watches++;
	connection_charge(connection, watch_size(watch));
	request->watch = watch;
	return 0;
}

void session_drop_watch(struct watch *watch)
{
	struct connection *connection = watch->connection;

	connection_forget_watch(connection, watch);
	connection->account->watches--;
	connection_charge(connection, -(long)watch_size(watch));
	watch_free(&connection->server->watches, watch);
}

int request_unwatch(struct request *request)
{
	struct watch *watch = watch_find(&request->server->watches, request->connection,
					 request->path, request->arg[1]);

	if (!watch)
		return -ENOENT;
	session_drop_watch(watch);
	return 0;
}

int request_reset_watches(struct request *request)
{
	connection_drop_sessions(request->connection);
	return 0;
}

/* --- transactions ----------------------------------------------------------------------------- */

struct transaction *session_transaction(struct connection *connection, uint32_t id)
{
	struct chain *pos;

	chain_for_each(pos, &connection->transactions) {
		struct transaction *transaction = container_of(pos, struct transaction, link);

		if (transaction->id == id)
			return transaction;
	}
	return NULL;
}

/* Numbers are not used again soon, and never while the transaction that has it is open. */
static uint32_t next_id(struct connection *connection)
{
	do
		connection->last_transaction++;
	while (!connection->last_transaction ||
	       session_transaction(connection, connection->last_transaction));
	return connection->last_transaction;
}

int request_transaction_start(struct request *request)
{
	struct connection *connection = request->connection;
	struct transaction *transaction;

	if (request->transaction)
		return -EBUSY;
	if (!allows(request, QUOTA_TRANSACTIONS, connection->account->transactions))
		return -ENOSPC;
	transaction = transaction_new(&request->server->store, next_id(connection));
	if (!transaction)
		return -ENOMEM;
	chain_add_tail(&transaction->link, &connection->transactions);
	connection->account->transactions++;
	return request_answer_number(request, transaction->id);
}

void session_drop_transaction(struct connection *connection, struct transaction *transaction)
{
	connection->account->transactions--;
	connection_charge(connection, -(long)transaction->memory);
	transaction_free(transaction);
}

static void report_change(struct server *server, struct transaction *transaction,
			  const struct change *change)
{
	struct node *before = store_find(transaction->base, change->path);
	bool exists = store_find(server->store.root, change->path);

	/* What came and went within the transaction never was. */
	if (!before && !exists)
		return;
	if (transaction_report_once(transaction, change->path))
		server_changed(server, change->path, before ? before->perms : NULL);
	if (change->kind == CHANGE_REMOVE && before)
		server_removed_below(server, change->path, before);
}

static int commit(struct request *request, struct transaction *transaction)
{
	struct creator creator = request_creator(request);
	const struct change *change;
	int error = transaction_commit(transaction, &creator);

	if (error)
		return error;
	for (change = transaction->first; change; change = change->next)
		report_change(request->server, transaction, change);
	return 0;
}

int request_transaction_end(struct request *request)
{
	struct transaction *transaction = request->transaction;
	bool keep = !strcmp(request->arg[0], "T");
	int error;

	if (!keep && strcmp(request->arg[0], "F"))
		return -EINVAL;
	if (!transaction)
		return -ENOENT;
	error = keep ? commit(request, transaction) : 0;
	session_drop_transaction(request->connection, transaction);
	return error;
}
