/* SPDX-License-Identifier: GPL-2.0-only */
/* The reference store: slow, and plain enough to be believed. */
#include "tests/host/xenstore_model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define EXISTENCE 1u
#define VALUE	  2u
#define PERMS	  4u
#define CHILDREN  8u
#define TREE	  16u

#define READ  1u
#define WRITE 2u
#define OWNER 4u

static unsigned int parent_of(unsigned int path)
{
	return (path - 1) / 3;
}

static bool is_below(unsigned int path, unsigned int above)
{
	while (path > above)
		path = parent_of(path);
	return path == above;
}

const char *model_path(unsigned int path)
{
	static char text[4][16];
	static unsigned int turn;
	char *out = text[turn++ % 4];
	unsigned int part[3], parts = 0;
	size_t len = 0;

	if (!path)
		return "/";
	for (; path; path = parent_of(path))
		part[parts++] = (path - 1) % 3;
	while (parts)
		len += sprintf(out + len, "/%c", 'a' + part[--parts]);
	return out;
}

void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	model->live.node[0].exists = true;
}

static unsigned int access_of(unsigned int client, const struct model_perms *perms)
{
	if (client < 2 || perms->owner == client)
		return READ | WRITE | OWNER;
	if (perms->friend && perms->friend == client)
		return perms->rights;
	return perms->others;
}

static bool has_children(const struct model_tree *tree, unsigned int path)
{
	unsigned int i;

	for (i = 1; i <= 3; i++)
		if (3 * path + i < MODEL_PATHS && tree->node[3 * path + i].exists)
			return true;
	return false;
}

/* --- changing a tree -------------------------------------------------------------------------- */

static void touch(struct model *model, struct model_tree *tree, unsigned int path)
{
	for (;; path = parent_of(path)) {
		tree->node[path].version = ++model->clock;
		if (!path)
			break;
	}
}

static void create(struct model *model, struct model_tree *tree, unsigned int client,
		   unsigned int path)
{
	struct model_node *node = &tree->node[path];

	if (node->exists)
		return;
	create(model, tree, client, parent_of(path));
	memset(node, 0, sizeof(*node));
	node->exists = true;
	node->perms = tree->node[parent_of(path)].perms;
	if (client >= 2)
		node->perms.owner = client;
	tree->node[parent_of(path)].children = ++model->clock;
	touch(model, tree, path);
}

static void change(struct model *model, struct model_tree *tree, unsigned int client,
		   const struct model_op *op)
{
	unsigned int i;

	switch (op->kind) {
	case MODEL_WRITE:
		create(model, tree, client, op->path);
		tree->node[op->path].value = op->value;
		break;
	case MODEL_MKDIR:
		create(model, tree, client, op->path);
		break;
	case MODEL_RM:
		for (i = op->path; i < MODEL_PATHS; i++)
			if (is_below(i, op->path))
				tree->node[i].exists = false;
		tree->node[parent_of(op->path)].children = ++model->clock;
		break;
	default:
		tree->node[op->path].perms = op->perms;
	}
	touch(model, tree, op->kind == MODEL_RM ? parent_of(op->path) : op->path);
}

/* --- telling watchers ------------------------------------------------------------------------- */

static bool may_read(unsigned int client, const struct model_tree *tree, unsigned int path)
{
	return tree->node[path].exists && (access_of(client, &tree->node[path].perms) & READ);
}

static void tell(struct model *model, const struct model_tree *before, unsigned int path)
{
	unsigned int c, w;

	for (c = 0; c < MODEL_CLIENTS; c++) {
		if (c >= 2 && !may_read(c, before, path) && !may_read(c, &model->live, path) &&
		    !(path && may_read(c, &model->live, parent_of(path))))
			continue;
		for (w = 0; w < MODEL_WATCHES; w++)
			if (model->watch[c][w].used && is_below(path, model->watch[c][w].path))
				model->told[c][w][path] = true;
	}
}

static void tell_below(struct model *model, const struct model_tree *before, unsigned int path)
{
	unsigned int c, w;

	for (c = 0; c < MODEL_CLIENTS; c++) {
		for (w = 0; w < MODEL_WATCHES; w++) {
			unsigned int at = model->watch[c][w].path;

			if (model->watch[c][w].used && at != path && is_below(at, path) &&
			    before->node[at].exists && (c < 2 || may_read(c, before, at)))
				model->told[c][w][at] = true;
		}
	}
}

static void report(struct model *model, const struct model_tree *before, const struct model_op *op)
{
	if (!before->node[op->path].exists && !model->live.node[op->path].exists)
		return;
	tell(model, before, op->path);
	if (op->kind == MODEL_RM && before->node[op->path].exists)
		tell_below(model, before, op->path);
}

/* --- requests --------------------------------------------------------------------------------- */

static void rely(struct model *model, unsigned int client, bool in_transaction, unsigned int path,
		 unsigned int kinds)
{
	if (in_transaction)
		model->transaction[client].relies[path] |=
			kinds | EXISTENCE | (client < 2 ? 0 : PERMS);
}

static const struct model_tree *tree_of(const struct model *model, unsigned int client,
					bool in_transaction)
{
	return in_transaction ? &model->transaction[client].tree : &model->live;
}

const struct model_node *model_see(const struct model *model, unsigned int client,
				   bool in_transaction, unsigned int path)
{
	const struct model_node *node = &tree_of(model, client, in_transaction)->node[path];

	return node->exists ? node : NULL;
}

static int look_up(struct model *model, unsigned int client, bool in_transaction,
		   unsigned int path, unsigned int access, unsigned int kinds)
{
	const struct model_tree *tree = tree_of(model, client, in_transaction);
	const struct model_node *node = &tree->node[path];
	unsigned int above = path;

	rely(model, client, in_transaction, path, kinds);
	if (node->exists && (access_of(client, &node->perms) & access) == access)
		return 0;
	if (client < 2)
		return ENOENT;
	if (!path)
		return EACCES;
	do
		above = parent_of(above);
	while (!tree->node[above].exists);
	rely(model, client, in_transaction, above, 0);
	if (!(access_of(client, &tree->node[above].perms) & access))
		return EACCES;
	return node->exists ? EACCES : ENOENT;
}

static const struct {
	unsigned int access, kinds;
} needs[MODEL_KINDS] = {
	[MODEL_READ] = {READ, VALUE},	       [MODEL_LIST] = {READ, CHILDREN},
	[MODEL_GET_PERMS] = {READ, PERMS},     [MODEL_WRITE] = {WRITE, VALUE},
	[MODEL_MKDIR] = {WRITE, 0},	       [MODEL_RM] = {WRITE, TREE},
	[MODEL_SET_PERMS] = {WRITE | OWNER, PERMS},
};

/* Relies on what creating relies on: the nearest node there is, and the first that is not. */
static void rely_for_creation(struct model *model, unsigned int client, unsigned int path)
{
	const struct model_tree *tree = &model->transaction[client].tree;

	while (!tree->node[parent_of(path)].exists)
		path = parent_of(path);
	rely(model, client, true, path, 0);
	rely(model, client, true, parent_of(path), 0);
}

static int do_rm(struct model *model, unsigned int client, bool in_transaction, unsigned int path,
		 int error)
{
	if (error == ENOENT) {
		if (!tree_of(model, client, in_transaction)->node[parent_of(path)].exists)
			return ENOENT;
		rely(model, client, in_transaction, parent_of(path), 0);
		return -1; /* fine, and nothing to do */
	}
	if (error)
		return error;
	return path ? 0 : EINVAL;
}

static int check(struct model *model, unsigned int client, bool in_transaction,
		 const struct model_op *op)
{
	const struct model_node *node;
	int error = look_up(model, client, in_transaction, op->path, needs[op->kind].access,
			    needs[op->kind].kinds);

	node = model_see(model, client, in_transaction, op->path);
	switch (op->kind) {
	case MODEL_WRITE:
	case MODEL_MKDIR:
		if (error == ENOENT && in_transaction)
			rely_for_creation(model, client, op->path);
		if (error == ENOENT)
			return 0;
		return error || op->kind == MODEL_WRITE ? error : -1;
	case MODEL_RM:
		return do_rm(model, client, in_transaction, op->path, error);
	case MODEL_SET_PERMS:
		if (!error && client >= 2 && node->perms.owner != op->perms.owner)
			return EPERM;
		return error;
	default:
		return error ? error : -1;
	}
}

int model_do(struct model *model, unsigned int client, bool in_transaction,
	     const struct model_op *op)
{
	struct model_transaction *transaction = &model->transaction[client];
	struct model_tree before = model->live;
	int error;

	memset(model->told, 0, sizeof(model->told));
	error = check(model, client, in_transaction, op);
	if (error)
		return error < 0 ? 0 : error;
	if (!in_transaction) {
		change(model, &model->live, client, op);
		report(model, &before, op);
		return 0;
	}
	change(model, &transaction->tree, client, op);
	if (transaction->ops < MODEL_OPS)
		transaction->op[transaction->ops++] = *op;
	else
		transaction->too_long = true;
	return 0;
}

/* --- transactions ----------------------------------------------------------------------------- */

void model_start(struct model *model, unsigned int client)
{
	struct model_transaction *transaction = &model->transaction[client];

	memset(model->told, 0, sizeof(model->told));
	memset(transaction, 0, sizeof(*transaction));
	transaction->open = true;
	transaction->base = model->live;
	transaction->tree = model->live;
}

static bool same_perms(const struct model_perms *a, const struct model_perms *b)
{
	return a->owner == b->owner && a->others == b->others && a->friend == b->friend &&
	       (!a->friend || a->rights == b->rights);
}

static bool differs(const struct model_tree *then, const struct model_tree *now, unsigned int path,
		    unsigned int kinds)
{
	const struct model_node *a = &then->node[path], *b = &now->node[path];

	if (!kinds || (!a->exists && !b->exists))
		return false;
	if (a->exists != b->exists || ((kinds & TREE) && a->version != b->version))
		return true;
	return ((kinds & VALUE) && a->value != b->value) ||
	       ((kinds & PERMS) && !same_perms(&a->perms, &b->perms)) ||
	       ((kinds & CHILDREN) && a->children != b->children &&
		(has_children(then, path) || has_children(now, path)));
}

int model_end(struct model *model, unsigned int client, bool keep)
{
	struct model_transaction *transaction = &model->transaction[client];
	struct model_tree before = model->live;
	unsigned int i;

	memset(model->told, 0, sizeof(model->told));
	transaction->open = false;
	if (!keep || !transaction->ops)
		return 0;
	for (i = 0; i < MODEL_PATHS; i++)
		if (differs(&transaction->base, &model->live, i, transaction->relies[i]))
			return EAGAIN;
	for (i = 0; i < transaction->ops; i++)
		change(model, &model->live, client, &transaction->op[i]);
	for (i = 0; i < transaction->ops; i++)
		report(model, &before, &transaction->op[i]);
	return 0;
}
