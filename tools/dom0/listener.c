/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections to the daemon within the control domain. All threads take turns, so the queue needs
 * no lock.
 */
#include <errno.h>
#include <unistd.h>

#include <minios/file.h>

#include "tools/dom0/listener.h"
#include "tools/platform/stream.h"

#define BACKLOG 8

static int queue[BACKLOG];
static unsigned int count;

static bool listener_ready(void *ctx)
{
	(void)ctx;
	return count > 0;
}

static const struct file_ops listener_ops = { .ready = listener_ready };

int listener_open(void)
{
	return file_install(&listener_ops, NULL);
}

int listener_accept(void)
{
	unsigned int i;
	int fd;

	if (!count)
		return -EAGAIN;
	fd = queue[0];
	for (i = 1; i < count; i++)
		queue[i - 1] = queue[i];
	count--;
	return fd;
}

int listener_connect(void)
{
	int fds[2], rc;

	if (count == BACKLOG)
		return -EAGAIN;
	rc = stream_pair(fds);
	if (rc)
		return rc;
	queue[count++] = fds[0];
	file_wake();
	return fds[1];
}
