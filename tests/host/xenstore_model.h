/* SPDX-License-Identifier: GPL-2.0-only */
/* The simplest store one can think of: a table of all paths there can be. For comparison. */
#ifndef TESTS_HOST_XENSTORE_MODEL_H
#define TESTS_HOST_XENSTORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Paths have up to three parts out of three letters. Number 0 is the root; the children of p are
 * 3p + 1 to 3p + 3.
 */
#define MODEL_PATHS   40
#define MODEL_CLIENTS 4 /* 0 and 1 are privileged; 2 and 3 are domains 2 and 3 */
#define MODEL_WATCHES 6
#define MODEL_OPS     64

struct model_perms {
	uint8_t owner, others; /* access letters' numbers: n r w b */
	uint8_t friend, rights; /* one more entry, if friend is not 0 */
};

struct model_node {
	bool exists;
	uint8_t value;
	struct model_perms perms;
	uint32_t children; /* changes with the list of children */
	uint32_t version;  /* changes with anything at or below */
};

struct model_tree {
	struct model_node node[MODEL_PATHS];
};

enum model_kind {
	MODEL_READ,
	MODEL_LIST,
	MODEL_GET_PERMS,
	MODEL_WRITE,
	MODEL_MKDIR,
	MODEL_RM,
	MODEL_SET_PERMS,
	MODEL_KINDS
};

struct model_op {
	enum model_kind kind;
	uint8_t path, value;
	struct model_perms perms;
};

struct model_transaction {
	bool open, too_long;
	struct model_tree base, tree;
	unsigned int relies[MODEL_PATHS];
	struct model_op op[MODEL_OPS];
	unsigned int ops;
};

struct model_watch {
	bool used;
	uint8_t path;
};

struct model {
	struct model_tree live;
	struct model_transaction transaction[MODEL_CLIENTS];
	struct model_watch watch[MODEL_CLIENTS][MODEL_WATCHES];
	/* Told by the last call: path p by watch w of client c. */
	bool told[MODEL_CLIENTS][MODEL_WATCHES][MODEL_PATHS];
	uint32_t clock;
};

void model_init(struct model *model);
/* The path's text. */
const char *model_path(unsigned int path);
/* Does it, in the client's transaction if @in_transaction; 0 or a positive errno. */
int model_do(struct model *model, unsigned int client, bool in_transaction,
	     const struct model_op *op);
/* What the client sees at the path; NULL if there is nothing. */
const struct model_node *model_see(const struct model *model, unsigned int client,
				   bool in_transaction, unsigned int path);
void model_start(struct model *model, unsigned int client);
int model_end(struct model *model, unsigned int client, bool keep);

#endif
