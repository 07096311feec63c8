/* SPDX-License-Identifier: MIT */
/* Pipes between threads, one way and two ways. */
#include <errno.h>
#include <stdlib.h>
#include <minios/file.h>
#include <minios/file_table.h>
#include <minios/wait.h>

#define PIPE_SIZE 4096

struct pipe {
	unsigned int head, tail;	/* run freely */
	bool reader, writer;		/* ends still open */
	struct wait_queue changed;
	char data[PIPE_SIZE];
};

/* One end of a connection: reads from one pipe, writes to another; either may be missing. */
struct end {
	struct pipe *in, *out;
};

static void pipe_changed(struct pipe *p)
{
	wake_all(&p->changed);
	file_wake();
}

static ssize_t end_read(void *ctx, void *buf, size_t len)
{
	struct pipe *p = ((struct end *)ctx)->in;
	char *to = buf;
	size_t n = 0;

	if (!p)
		return -EBADF;
	wait_event(&p->changed, p->head != p->tail || !p->writer);
	while (n < len && p->head != p->tail)
		to[n++] = p->data[p->tail++ % PIPE_SIZE];
	pipe_changed(p);
	return n;
}

static ssize_t end_write(void *ctx, const void *buf, size_t len)
{
	struct pipe *p = ((struct end *)ctx)->out;
	const char *from = buf;
	size_t n = 0;

	if (!p)
		return -EBADF;
	while (n < len) {
		wait_event(&p->changed, p->head - p->tail < PIPE_SIZE || !p->reader);
		if (!p->reader)
			return n ? (ssize_t)n : -EPIPE;
		while (n < len && p->head - p->tail < PIPE_SIZE)
			p->data[p->head++ % PIPE_SIZE] = from[n++];
		pipe_changed(p);
	}
	return n;
}

static bool end_ready(void *ctx)
{
	struct pipe *p = ((struct end *)ctx)->in;

	return !p || p->head != p->tail || !p->writer;
}

static void leave(struct pipe *p)
{
	pipe_changed(p);
	if (!p->reader && !p->writer)
		free(p);
}

static void end_close(void *ctx)
{
	struct end *e = ctx;

	if (e->in) {
		e->in->reader = false;
		leave(e->in);
	}
	if (e->out) {
		e->out->writer = false;
		leave(e->out);
	}
	free(e);
}

static int end_stat(void *ctx, struct stat *st)
{
	(void)ctx;
	st->st_mode = S_IFIFO | 0600;
	st->st_blksize = PIPE_SIZE;
	return 0;
}

static const struct file_ops end_ops = {
	.read = end_read,
	.write = end_write,
	.ready = end_ready,
	.stat = end_stat,
	.close = end_close,
};

static struct pipe *pipe_new(void)
{
	struct pipe *p = calloc(1, sizeof(*p));

	if (p) {
		p->reader = p->writer = true;
		wait_queue_init(&p->changed);
	}
	return p;
}

/* A descriptor for an end that reads in and writes out. */
static int end_install(struct pipe *in, struct pipe *out)
{
	struct end *e = malloc(sizeof(*e));
	int fd;

	if (!e)
		return -ENOMEM;
	*e = (struct end){ .in = in, .out = out };
	fd = file_install(&end_ops, e);
	if (fd < 0)
		free(e);
	return fd;
}

/* Both ends; until both exist nobody else knows the pipes, so failing just frees them. */
static int connect(struct pipe *a, struct pipe *b, bool both_ways, int fds[2])
{
	int ret;

	fds[0] = end_install(a, both_ways ? b : NULL);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = end_install(both_ways ? b : NULL, a);
	if (fds[1] >= 0)
		return 0;
	ret = fds[1];
	/* This end alone: its pipes have their other ends open still, and stay for the caller. */
	file_close(fds[0]);
	return ret;
}

int file_pipe(int fds[2])
{
	struct pipe *p = pipe_new();
	int ret = p ? connect(p, NULL, false, fds) : -ENOMEM;

	if (ret)
		free(p);
	return ret;
}

int file_socketpair(int fds[2])
{
	struct pipe *a = pipe_new(), *b = pipe_new();
	int ret = a && b ? connect(a, b, true, fds) : -ENOMEM;

	if (ret) {
		free(a);
		free(b);
	}
	return ret;
}
