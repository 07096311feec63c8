/* SPDX-License-Identifier: GPL-2.0-only */
/* What the client library asks of the way its bytes go. */
#ifndef XENSTORE_LITE_CLIENT_LINK_H
#define XENSTORE_LITE_CLIENT_LINK_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes to be sent, one of several pieces. */
struct client_piece {
	const void *data;
	size_t len;
};

#define CLIENT_PIECES 8

/* One per kind of way; @link is the first member of what each kind keeps. */
struct client_link {
	const struct client_link_ops *ops;
};

struct client_link_ops {
	/* Sends one whole message. 0 or a negative errno. */
	int (*send)(struct client_link *link, const struct client_piece *piece, unsigned int count);
	/*
	 * Receives up to @len bytes: their number, or a negative errno; -EAGAIN if there are none
	 * and it is not to @wait. Only one thread at a time is in here.
	 */
	int (*receive)(struct client_link *link, void *out, size_t len, bool wait);
	int (*fileno)(struct client_link *link);
	/* There are, or are no longer, events that have been received but not returned. */
	void (*queued)(struct client_link *link, bool any);
	void (*close)(struct client_link *link);
	/* What is shared among threads, and waiting for another thread to change it. */
	void (*lock)(struct client_link *link);
	void (*unlock)(struct client_link *link);
	void (*wait)(struct client_link *link); /* lets go of the lock meanwhile */
	void (*wake)(struct client_link *link);
};

/* The link of this system; NULL and errno. One file is linked that has it. */
struct client_link *client_link_open(void);

#endif
