/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests on nodes: looking, changing, permissions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xenstore-lite/directory.h"
#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/path.h"
#include "xenstore-lite/request.h"

static bool may_hold_more(const struct request *request)
{
	const struct connection *connection = request->connection;
	const struct transaction *transaction = request->transaction;

	return connection->privileged ||
	       (connection_affords(connection, sizeof(struct change) + XENSTORE_PAYLOAD_MAX) &&
		account_allows(&request->server->store.accounts, connection->account,
			       QUOTA_TRANSACTION_NODES,
			       transaction->reliances + transaction->changes, 1));
}

/* Notes what the transaction, if there is one, has looked at. */
static int rely(struct request *request, const char *path, unsigned int kinds)
{
	struct transaction *transaction = request->transaction;
	size_t before;
	int error;

	if (!transaction)
		return 0;
	if (!may_hold_more(request))
		return -ENOSPC;
	/* Permissions decide nothing for those who may do everything. */
	if (!request->connection->privileged)
		kinds |= RELIES_ON_PERMS;
	before = transaction->memory;
	error = transaction_rely(transaction, path, kinds | RELIES_ON_EXISTENCE);
	connection_charge(request->connection, transaction->memory - before);
	return error;
}

/* The same for the first @len bytes of the request's path. */
static int rely_on_part(struct request *request, size_t len, unsigned int kinds)
{
	char cut = request->path[len];
	int error;

	request->path[len] = 0;
	error = rely(request, request->path, kinds);
	request->path[len] = cut;
	return error;
}

/*
 * An error must not tell about nodes that one may know nothing of: it is given as it is only to
 * those with the same right to the nearest node above that exists.
 */
static int disguise(struct request *request, int error, unsigned int access)
{
	size_t parent_len, len;
	struct node *nearest;
	char cut;
	int failed;

	if (request->connection->privileged || !request->path[1])
		return error;
	parent_len = path_parent_len(request->path);
	cut = request->path[parent_len];
	request->path[parent_len] = 0;
	nearest = store_find_nearest(request_root(request), request->path, &len);
	request->path[parent_len] = cut;
	failed = rely_on_part(request, len, 0);
	if (failed)
		return failed;
	return connection_access(request->connection, nearest->perms) & access ? error : -EACCES;
}

/* The node at the request's path, if there is one and the access is allowed. */
static int look_up(struct request *request, unsigned int access, unsigned int kinds,
		   struct node **node)
{
	int error;

	*node = store_find(request_root(request), request->path);
	error = rely(request, request->path, kinds);
	if (error)
		return error;
	if (!*node)
		return disguise(request, -ENOENT, access);
	if ((connection_access(request->connection, (*node)->perms) & access) != access)
		return disguise(request, -EACCES, access);
	return 0;
}

/* --- looking ---------------------------------------------------------------------------------- */

int request_read(struct request *request)
{
	struct node *node;
	int error = look_up(request, PERM_READ, RELIES_ON_VALUE, &node);

	if (error)
		return error;
	request->answer = node_value(node);
	request->answer_len = node->value_len;
	return 0;
}

/*
 * The last listings made. No two lists of children ever have the same generation, in whichever tree,
 * so a generation that is found here stands for the very same names.
 */
#define LISTINGS 4

static struct listing {
	uint64_t generation;
	char names[XENSTORE_PAYLOAD_MAX];
} listings[LISTINGS];

static const char *list_names(const struct page *children)
{
	struct listing *listing = &listings[children->generation % LISTINGS];
	unsigned int index = 0;

	if (listing->generation != children->generation) {
		directory_copy_names(children, &index, listing->names, sizeof(listing->names));
		listing->generation = children->generation;
	}
	return listing->names;
}

int request_directory(struct request *request)
{
	struct node *node;
	int error = look_up(request, PERM_READ, RELIES_ON_CHILDREN, &node);

	if (error)
		return error;
	request->answer_len = directory_bytes(node->children);
	if (request->answer_len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	request->answer = node->children ? list_names(node->children) : "";
	return 0;
}

/* The generation, the names from the offset on, and an empty name behind the last of all. */
int request_directory_part(struct request *request)
{
	char *out = request_buffer();
	struct node *node;
	unsigned int index;
	uint64_t offset;
	size_t len;
	int error;

	if (!wire_number(request->arg[1], UINT32_MAX, &offset))
		return -EINVAL;
	error = look_up(request, PERM_READ, RELIES_ON_CHILDREN, &node);
	if (error)
		return error;
	len = 1 + sprintf(out, "%llu",
			  node->children ? (unsigned long long)node->children->generation : 0);
	index = directory_index_of_byte(node->children, offset);
	len += directory_copy_names(node->children, &index, out + len,
				    XENSTORE_PAYLOAD_MAX - len - 1);
	if (index >= directory_count(node->children))
		out[len++] = 0;
	request->answer = out;
	request->answer_len = len;
	return 0;
}

/* --- changing --------------------------------------------------------------------------------- */

/* Makes a change in the request's transaction, which keeps it for the end. */
static int change_later(struct request *request, const struct change_text *text)
{
	struct view view = transaction_view(request->transaction);
	struct creator creator = request_creator(request);
	struct change *change;
	int error;

	if (!may_hold_more(request))
		return -ENOSPC;
	change = change_new(text);
	if (!change)
		return -ENOMEM;
	error = change_make(text, &view, &creator);
	if (error) {
		change_free(change);
		return error;
	}
	transaction_keep(request->transaction, change);
	connection_charge(request->connection, change->size);
	return 0;
}

static int change_now(struct request *request, const struct change_text *text)
{
	struct view view = {&request->server->store, &request->server->store.root, NULL};
	struct creator creator = request_creator(request);

	return change_make(text, &view, &creator);
}

static int change(struct request *request, const struct change_text *text)
{
	return request->transaction ? change_later(request, text) : change_now(request, text);
}

/*
 * Creating relies on the nearest node there is, and on the first part behind it not being there:
 * then none of the others is either.
 */
static int rely_for_creation(struct request *request)
{
	const char *path = request->path;
	size_t len, absent;
	int error;

	if (!request->transaction)
		return 0;
	store_find_nearest(request_root(request), path, &len);
	absent = (len > 1 ? len : 0) + 1;
	absent += strcspn(path + absent, "/");
	error = rely_on_part(request, len, 0);
	return error ? error : rely_on_part(request, absent, 0);
}

/* Checks the right to write, or to create; *@node is what is there already. */
static int look_up_for_write(struct request *request, unsigned int kinds, struct node **node)
{
	int error = look_up(request, PERM_WRITE, kinds, node);

	if (error != -ENOENT)
		return error;
	return rely_for_creation(request);
}

static int write_node(struct request *request, const struct change_text *text)
{
	int error = change(request, text);

	if (!error && !request->transaction)
		server_changed(request->server, request->path, NULL);
	return error;
}

int request_write(struct request *request)
{
	const struct connection *connection = request->connection;
	struct change_text text = {
		.kind = CHANGE_WRITE,
		.path = request->path,
		.value = request->payload + request->rest,
		.value_len = request->header->len - request->rest,
	};
	struct node *node;
	int error = look_up_for_write(request, RELIES_ON_VALUE, &node);

	if (error)
		return error;
	if (!connection->privileged &&
	    !account_allows(&request->server->store.accounts, connection->account,
			    QUOTA_NODE_SIZE, text.value_len, 0))
		return -ENOSPC;
	return write_node(request, &text);
}

int request_mkdir(struct request *request)
{
	struct change_text text = {.kind = CHANGE_MKDIR, .path = request->path};
	struct node *node;
	int error = look_up_for_write(request, 0, &node);

	if (error || node)
		return error;
	return write_node(request, &text);
}

/* Nothing to remove: that is fine if it could have been there. */
static int remove_absent(struct request *request)
{
	size_t len, parent_len = path_parent_len(request->path);

	store_find_nearest(request_root(request), request->path, &len);
	if (len < parent_len)
		return -ENOENT;
	return rely_on_part(request, parent_len, 0);
}

/* The removed tree is kept until all who watched it have been told. */
static int remove_now(struct request *request, const struct change_text *text, struct node *node)
{
	int error;

	node_ref(node);
	error = change_now(request, text);
	if (!error)
		server_removed(request->server, text->path, node);
	node_put(node);
	return error;
}

int request_rm(struct request *request)
{
	struct change_text text = {.kind = CHANGE_REMOVE, .path = request->path};
	struct node *node;
	int error = look_up(request, PERM_WRITE, RELIES_ON_TREE, &node);

	if (error == -ENOENT)
		return remove_absent(request);
	if (error)
		return error;
	if (!request->path[1])
		return -EINVAL;
	return request->transaction ? change_later(request, &text) :
				      remove_now(request, &text, node);
}

/* --- permissions ------------------------------------------------------------------------------ */

#define RELEASE_OF_ONE "@releaseDomain/"

/*
 * Where the set that rules a special event is kept; NULL for a name that is none. @releaseDomain/N
 * has one of its own once that has been set.
 */
static struct perms **special_perms(struct server *server, const char *name)
{
	const size_t prefix = sizeof(RELEASE_OF_ONE) - 1;
	uint64_t domid;

	if (!strcmp(name, "@introduceDomain"))
		return &server->introduce_perms;
	if (!strcmp(name, "@releaseDomain"))
		return &server->release_perms;
	if (!strncmp(name, RELEASE_OF_ONE, prefix) &&
	    wire_number(name + prefix, DOMID_LAST, &domid))
		return domain_release_perms(server, domid);
	return NULL;
}

static int answer_perms(struct request *request, const struct perms *perms)
{
	char *out = request_buffer();
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < perms->count; i++) {
		if (!perm_format(&perms->entry[i].perm, out + len, XENSTORE_PAYLOAD_MAX - len))
			return -E2BIG;
		len += strlen(out + len) + 1;
	}
	request->answer = out;
	request->answer_len = len;
	return 0;
}

int request_get_perms(struct request *request)
{
	struct node *node;
	int error;

	if (request->path[0] == '@') {
		struct perms **perms = special_perms(request->server, request->path);

		if (!perms)
			return -EINVAL;
		if (!*perms)
			perms = &request->server->release_perms;
		if (!(connection_access(request->connection, *perms) & PERM_READ))
			return -EACCES;
		return answer_perms(request, *perms);
	}
	error = look_up(request, PERM_READ, RELIES_ON_PERMS, &node);
	return error ? error : answer_perms(request, node->perms);
}

static int parse_perms(const char *text, struct perm *perm, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!perm_parse(text, &perm[i]))
			return -EINVAL;
		text += strlen(text) + 1;
	}
	return 0;
}

/* A domain that comes later has no rights that were meant for another of its number. */
static int void_absent(struct server *server, struct perm *perm, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!domain_exists(server, perm[i].domid))
			perm[i].access |= PERM_VOID;
	return perm[0].access & PERM_VOID ? -ENOENT : 0;
}

/* The set that the strings behind the path describe, with a reference. */
static int take_perms(struct request *request, struct perms **perms)
{
	struct server *server = request->server;
	const char *text = request->payload + request->rest;
	size_t len = request->header->len - request->rest;
	unsigned int count = wire_count_strings(text, len);
	struct perm *perm;
	int error;

	if (!count || count > PERMS_MAX)
		return -EINVAL;
	if (!request->connection->privileged &&
	    !account_allows(&server->store.accounts, request->connection->account,
			    QUOTA_PERMISSIONS, count, 0))
		return -ENOSPC;
	perm = memory_alloc(count * sizeof(*perm));
	if (!perm)
		return -ENOMEM;
	error = parse_perms(text, perm, count);
	if (!error)
		error = void_absent(server, perm, count);
	if (!error) {
		*perms = perms_get(&server->store.perms, perm, count);
		error = *perms ? 0 : -ENOMEM;
	}
	memory_free(perm, count * sizeof(*perm));
	return error;
}

/* Who was made the owner of an event may say who hears of it. */
static int set_special_perms(struct request *request, struct perms *perms)
{
	const struct connection *connection = request->connection;
	struct perms **special = special_perms(request->server, request->path);
	const struct perms *now = special && *special ? *special : request->server->release_perms;

	if (!special)
		return connection->privileged ? -EINVAL : -EACCES;
	if (!(connection_access(connection, now) & PERM_OWNER))
		return -EACCES;
	if (*special)
		perms_put(*special);
	*special = perms_ref(perms);
	return 0;
}

static int set_node_perms(struct request *request, struct perms *perms)
{
	struct change_text text = {.kind = CHANGE_PERMS, .path = request->path, .perms = perms};
	struct perms *old;
	struct node *node;
	int error = look_up(request, PERM_WRITE | PERM_OWNER, RELIES_ON_PERMS, &node);

	if (error)
		return error;
	if (!request->connection->privileged && perms->owner != node->perms->owner)
		return -EPERM;
	old = perms_ref(node->perms);
	error = change(request, &text);
	if (!error && !request->transaction)
		server_changed(request->server, request->path, old);
	perms_put(old);
	return error;
}

int request_set_perms(struct request *request)
{
	struct perms *perms;
	int error = take_perms(request, &perms);

	if (error)
		return error;
	error = request_take_path(request, true);
	if (!error)
		error = request->path[0] == '@' ? set_special_perms(request, perms) :
						  set_node_perms(request, perms);
	perms_put(perms);
	return error;
}
