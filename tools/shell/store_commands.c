/* SPDX-License-Identifier: GPL-2.0-only */
/* The shell's view of the store, as the commands of the same names print it. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/shell/shell.h"
#include "xenstore-lite/client.h"

#define MAX_DEPTH 32

static int fail(struct xl_io *io, const char *command, const char *what)
{
	fprintf(io->err, "%s: %s: %s\n", command, what, strerror(errno));
	return XL_FAIL;
}

/* Runs @each for all arguments over one connection. */
static int for_each(struct xl_io *io, int argc, char **argv,
		    int (*each)(struct xl_io *io, struct xs_handle *xs, const char *path))
{
	struct xs_handle *xs;
	int i, rc = XL_OK;

	if (argc < 2) {
		fprintf(io->err, "usage: %s %s\n", argv[0], shell_find(argv[0])->usage);
		return XL_USAGE;
	}
	xs = xs_open(0);
	if (!xs)
		return fail(io, argv[0], "no connection to the store");
	for (i = 1; i < argc && rc == XL_OK; i++) {
		rc = each(io, xs, argv[i]);
		if (rc != XL_OK)
			fail(io, argv[0], argv[i]);
	}
	xs_close(xs);
	return rc;
}

static void print_value(FILE *out, const char *value, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		unsigned char c = value[i];

		if (c == '\\' || c == '"')
			fprintf(out, "\\%c", c);
		else if (isprint(c))
			fputc(c, out);
		else
			fprintf(out, "\\%03o", c);
	}
}

struct tree {
	struct xl_io *io;
	struct xs_handle *xs;
	bool full; /* whole paths instead of indentation */
};

static void print_node(const struct tree *t, const char *path, const char *name,
		       unsigned int depth)
{
	unsigned int len = 0;
	char *value = xs_read(t->xs, XBT_NULL, path, &len);

	if (t->full)
		fputs(path, t->io->out);
	else
		fprintf(t->io->out, "%*s%s", depth, "", name);
	fputs(" = \"", t->io->out);
	print_value(t->io->out, value ? value : "", value ? len : 0);
	fputs("\"\n", t->io->out);
	free(value);
}

static int print_tree(const struct tree *t, const char *path, unsigned int depth)
{
	unsigned int count, i;
	char **names = xs_directory(t->xs, XBT_NULL, path, &count);
	char child[1024];

	if (!names)
		return XL_FAIL;
	for (i = 0; i < count && depth < MAX_DEPTH; i++) {
		snprintf(child, sizeof(child), "%s/%s", strcmp(path, "/") ? path : "", names[i]);
		print_node(t, child, names[i], depth);
		/* A node may go while the tree is printed: then it has no children any more. */
		print_tree(t, child, depth + 1);
	}
	free(names);
	return XL_OK;
}

int shell_xenstore_ls(struct xl_io *io, int argc, char **argv)
{
	struct tree t = { .io = io };
	const char *path = "/";
	int i, rc;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-f"))
			t.full = true;
		else
			path = argv[i];
	}
	t.xs = xs_open(0);
	if (!t.xs)
		return fail(io, argv[0], "no connection to the store");
	rc = print_tree(&t, path, 0);
	if (rc != XL_OK)
		fail(io, argv[0], path);
	xs_close(t.xs);
	return rc;
}

static int read_one(struct xl_io *io, struct xs_handle *xs, const char *path)
{
	unsigned int len;
	char *value = xs_read(xs, XBT_NULL, path, &len);

	if (!value)
		return XL_FAIL;
	print_value(io->out, value, len);
	fputc('\n', io->out);
	free(value);
	return XL_OK;
}

int shell_xenstore_read(struct xl_io *io, int argc, char **argv)
{
	return for_each(io, argc, argv, read_one);
}

static int list_one(struct xl_io *io, struct xs_handle *xs, const char *path)
{
	unsigned int count, i;
	char **names = xs_directory(xs, XBT_NULL, path, &count);

	if (!names)
		return XL_FAIL;
	for (i = 0; i < count; i++)
		fprintf(io->out, "%s\n", names[i]);
	free(names);
	return XL_OK;
}

int shell_xenstore_list(struct xl_io *io, int argc, char **argv)
{
	return for_each(io, argc, argv, list_one);
}

static int remove_one(struct xl_io *io, struct xs_handle *xs, const char *path)
{
	(void)io;
	return xs_rm(xs, XBT_NULL, path) ? XL_OK : XL_FAIL;
}

int shell_xenstore_rm(struct xl_io *io, int argc, char **argv)
{
	return for_each(io, argc, argv, remove_one);
}

int shell_xenstore_write(struct xl_io *io, int argc, char **argv)
{
	struct xs_handle *xs;
	int i, rc = XL_OK;

	if (argc < 3 || argc % 2 == 0) {
		fprintf(io->err, "usage: xenstore-write PATH VALUE ...\n");
		return XL_USAGE;
	}
	xs = xs_open(0);
	if (!xs)
		return fail(io, argv[0], "no connection to the store");
	for (i = 1; i < argc && rc == XL_OK; i += 2)
		if (!xs_write(xs, XBT_NULL, argv[i], argv[i + 1], strlen(argv[i + 1])))
			rc = fail(io, argv[0], argv[i]);
	xs_close(xs);
	return rc;
}
