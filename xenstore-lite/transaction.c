/* SPDX-License-Identifier: GPL-2.0-only */
/* Optimistic transactions over copy-on-write roots. */
#include "xenstore-lite/transaction.h"

#include <errno.h>
#include <string.h>

#include "xenstore-lite/memory.h"

struct transaction *transaction_new(struct store *store, uint32_t id)
{
	struct transaction *transaction = memory_zalloc(sizeof(*transaction));

	if (!transaction)
		return NULL;
	chain_init(&transaction->link);
	transaction->id = id;
	transaction->store = store;
	transaction->base = node_ref(store->root);
	transaction->root = node_ref(store->root);
	transaction->last = &transaction->first;
	tally_init(&transaction->tally);
	return transaction;
}

static void free_reliances(struct transaction *transaction)
{
	uint32_t i;

	for (i = 0; i < transaction->buckets; i++) {
		while (transaction->bucket[i]) {
			struct reliance *reliance = transaction->bucket[i];

			transaction->bucket[i] = reliance->next;
			memory_free(reliance, reliance->size);
		}
	}
	memory_free(transaction->bucket, transaction->buckets * sizeof(*transaction->bucket));
}

void transaction_free(struct transaction *transaction)
{
	chain_remove(&transaction->link);
	free_reliances(transaction);
	while (transaction->first) {
		struct change *change = transaction->first;

		transaction->first = change->next;
		change_free(change);
	}
	tally_release(&transaction->tally, transaction->store);
	node_put(transaction->base);
	node_put(transaction->root);
	memory_free(transaction, sizeof(*transaction));
}

struct view transaction_view(struct transaction *transaction)
{
	return (struct view){transaction->store, &transaction->root, &transaction->tally};
}

static uint32_t hash_path(const char *path)
{
	uint32_t hash = 2166136261u;

	while (*path)
		hash = (hash ^ (unsigned char)*path++) * 16777619u;
	return hash ^ hash >> 15;
}

static bool grow_buckets(struct transaction *transaction)
{
	uint32_t buckets = transaction->buckets ? transaction->buckets * 2 : 8;
	struct reliance **bucket = memory_zalloc(buckets * sizeof(*bucket));
	uint32_t i;

	if (!bucket)
		return false;
	for (i = 0; i < transaction->buckets; i++) {
		while (transaction->bucket[i]) {
			struct reliance *moved = transaction->bucket[i];

			transaction->bucket[i] = moved->next;
			moved->next = bucket[moved->hash % buckets];
			bucket[moved->hash % buckets] = moved;
		}
	}
	memory_free(transaction->bucket, transaction->buckets * sizeof(*bucket));
	transaction->bucket = bucket;
	transaction->buckets = buckets;
	return true;
}

static struct reliance *find(const struct transaction *transaction, const char *path,
			     uint32_t hash)
{
	struct reliance *reliance;

	if (!transaction->buckets)
		return NULL;
	reliance = transaction->bucket[hash % transaction->buckets];
	for (; reliance; reliance = reliance->next)
		if (reliance->hash == hash && !strcmp(reliance->path, path))
			return reliance;
	return NULL;
}

int transaction_rely(struct transaction *transaction, const char *path, unsigned int kinds)
{
	size_t path_size = strlen(path) + 1;
	uint32_t hash = hash_path(path);
	struct reliance *reliance = find(transaction, path, hash);

	if (reliance) {
		reliance->kinds |= kinds;
		return 0;
	}
	if (transaction->reliances == transaction->buckets && !grow_buckets(transaction))
		return -ENOMEM;
	reliance = memory_alloc(sizeof(*reliance) + path_size);
	if (!reliance)
		return -ENOMEM;
	reliance->hash = hash;
	reliance->kinds = kinds;
	reliance->size = sizeof(*reliance) + path_size;
	memcpy(reliance->path, path, path_size);
	reliance->next = transaction->bucket[hash % transaction->buckets];
	transaction->bucket[hash % transaction->buckets] = reliance;
	transaction->reliances++;
	transaction->memory += reliance->size;
	return 0;
}

bool transaction_report_once(struct transaction *transaction, const char *path)
{
	struct reliance *reliance = find(transaction, path, hash_path(path));

	if (!reliance || (reliance->kinds & RELIANCE_REPORTED))
		return false;
	reliance->kinds |= RELIANCE_REPORTED;
	return true;
}

struct change *change_new(const struct change_text *text)
{
	size_t path_len = strlen(text->path);
	size_t size = sizeof(struct change) + path_len + 1 + text->value_len;
	struct change *change = memory_alloc(size);

	if (!change)
		return NULL;
	change->next = NULL;
	change->kind = text->kind;
	change->perms = text->perms ? perms_ref(text->perms) : NULL;
	change->size = size;
	change->path_len = path_len;
	change->value_len = text->value_len;
	memcpy(change->path, text->path, path_len + 1);
	if (text->value_len)
		memcpy(change->path + path_len + 1, text->value, text->value_len);
	return change;
}

void change_free(struct change *change)
{
	if (change->perms)
		perms_put(change->perms);
	memory_free(change, change->size);
}

void transaction_keep(struct transaction *transaction, struct change *change)
{
	*transaction->last = change;
	transaction->last = &change->next;
	transaction->changes++;
	transaction->memory += change->size;
}

int change_make(const struct change_text *text, struct view *view, const struct creator *creator)
{
	switch (text->kind) {
	case CHANGE_WRITE:
		return store_write(view, text->path, text->value, text->value_len, creator);
	case CHANGE_MKDIR:
		return store_mkdir(view, text->path, creator);
	case CHANGE_REMOVE:
		return store_remove(view, text->path);
	case CHANGE_PERMS:
		return store_set_perms(view, text->path, text->perms);
	}
	return -EINVAL;
}

static int make_again(const struct change *change, struct view *view,
		      const struct creator *creator)
{
	struct change_text text = {
		.kind = change->kind,
		.path = change->path,
		.value = change->path + change->path_len + 1,
		.value_len = change->value_len,
		.perms = change->perms,
	};

	return change_make(&text, view, creator);
}

static bool same_value(struct node *a, struct node *b)
{
	return a->value_len == b->value_len && !memcmp(node_value(a), node_value(b), a->value_len);
}

static uint64_t children_generation(const struct node *node)
{
	return node->children ? node->children->generation : 0;
}

/* Does what was relied on at @path differ between the two trees? */
static bool differs(struct node *then, struct node *now, const char *path, unsigned int kinds)
{
	struct node *a = store_find(then, path);
	struct node *b = store_find(now, path);

	if (a == b)
		return false;
	if (!a || !b || (kinds & RELIES_ON_TREE))
		return true;
	return ((kinds & RELIES_ON_VALUE) && !same_value(a, b)) ||
	       ((kinds & RELIES_ON_PERMS) && a->perms != b->perms) ||
	       ((kinds & RELIES_ON_CHILDREN) && children_generation(a) != children_generation(b));
}

static bool conflicts(const struct transaction *transaction)
{
	const struct reliance *reliance;
	uint32_t i;

	for (i = 0; i < transaction->buckets; i++)
		for (reliance = transaction->bucket[i]; reliance; reliance = reliance->next)
			if (differs(transaction->base, transaction->store->root, reliance->path,
				    reliance->kinds))
				return true;
	return false;
}

/* The live tree becomes @root; what it was becomes the transaction's base. */
static void publish(struct transaction *transaction, struct node *root)
{
	node_put(transaction->base);
	transaction->base = transaction->store->root;
	transaction->store->root = root;
}

/* Makes the changes again, on a copy of the live tree as it is now. */
static int replay(struct transaction *transaction, const struct creator *creator)
{
	struct store *store = transaction->store;
	struct node *root = node_ref(store->root);
	struct tally tally;
	struct view view = {store, &root, &tally};
	const struct change *change;
	int error = 0;

	tally_init(&tally);
	for (change = transaction->first; change && !error; change = change->next)
		error = make_again(change, &view, creator);
	if (error) {
		tally_release(&tally, store);
		node_put(root);
		return error;
	}
	tally_apply(&tally, store);
	publish(transaction, root);
	return 0;
}

int transaction_commit(struct transaction *transaction, const struct creator *creator)
{
	if (!transaction->first)
		return 0;
	if (transaction->store->root != transaction->base)
		return conflicts(transaction) ? -EAGAIN : replay(transaction, creator);
	tally_apply(&transaction->tally, transaction->store);
	publish(transaction, node_ref(transaction->root));
	return 0;
}
