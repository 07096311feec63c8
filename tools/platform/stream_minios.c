/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A two-way stream between two threads of mini-OS.
 *
 * An end is ready when there is something to read, when the other end is closed, and, after a write
 * found no room, when there is room again: so one wait serves both directions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <minios/file.h>

#include "tools/platform/stream.h"

#define STREAM_SIZE 16384u

struct stream;

struct end {
	struct stream *stream;
	struct end *other;
	char data[STREAM_SIZE]; /* what this end has to read */
	size_t at, len;
	bool closed;
	bool refused; /* the last write found no room */
};

struct stream {
	struct end ends[2];
};

static ssize_t end_read(void *ctx, void *buf, size_t size)
{
	struct end *e = ctx;
	char *out = buf;
	size_t done = 0, piece;

	if (!e->len)
		return e->other->closed ? 0 : -EAGAIN;
	while (e->len && done < size) {
		piece = STREAM_SIZE - e->at;
		if (piece > e->len)
			piece = e->len;
		if (piece > size - done)
			piece = size - done;
		memcpy(out + done, e->data + e->at, piece);
		e->at = (e->at + piece) % STREAM_SIZE;
		e->len -= piece;
		done += piece;
	}
	file_wake();
	return done;
}

static ssize_t end_write(void *ctx, const void *buf, size_t size)
{
	struct end *e = ctx, *o = e->other;
	const char *in = buf;
	size_t done = 0, at, piece;

	if (o->closed)
		return -EPIPE;
	while (o->len < STREAM_SIZE && done < size) {
		at = (o->at + o->len) % STREAM_SIZE;
		piece = STREAM_SIZE - o->len;
		if (piece > STREAM_SIZE - at)
			piece = STREAM_SIZE - at;
		if (piece > size - done)
			piece = size - done;
		memcpy(o->data + at, in + done, piece);
		o->len += piece;
		done += piece;
	}
	e->refused = done < size;
	if (!done && size)
		return -EAGAIN;
	file_wake();
	return done;
}

static bool end_ready(void *ctx)
{
	struct end *e = ctx;

	return e->len || e->other->closed || (e->refused && e->other->len < STREAM_SIZE);
}

static void end_close(void *ctx)
{
	struct end *e = ctx;

	e->closed = true;
	if (e->other->closed)
		free(e->stream);
	else
		file_wake();
}

static const struct file_ops end_ops = {
	.read = end_read,
	.write = end_write,
	.ready = end_ready,
	.close = end_close,
};

int stream_pair(int fds[2])
{
	struct stream *s = calloc(1, sizeof(*s));
	int i;

	if (!s)
		return -ENOMEM;
	for (i = 0; i < 2; i++) {
		s->ends[i].stream = s;
		s->ends[i].other = &s->ends[!i];
	}
	fds[0] = file_install(&end_ops, &s->ends[0]);
	if (fds[0] < 0) {
		free(s);
		return fds[0];
	}
	fds[1] = file_install(&end_ops, &s->ends[1]);
	if (fds[1] < 0) {
		s->ends[1].closed = true;
		close(fds[0]);
		return fds[1];
	}
	return 0;
}
