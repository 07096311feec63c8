/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the client library: one request and its answer; events. */
#ifndef XENSTORE_LITE_CLIENT_TALK_H
#define XENSTORE_LITE_CLIENT_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/client.h"
#include "xenstore-lite/client_link.h"

/* The pieces of a request's payload; a string's nul is part of it. */
struct client_request {
	uint32_t type;
	uint32_t tx_id;
	struct client_piece piece[CLIENT_PIECES - 1];
	unsigned int pieces;
};

void client_add(struct client_request *request, const void *data, size_t len);
void client_add_string(struct client_request *request, const char *text);

/*
 * Sends it and waits for the answer: a block from malloc with a nul behind its @len bytes. NULL and
 * errno if it failed, or if the answer was an error.
 */
char *client_talk(struct xs_handle *h, const struct client_request *request, size_t *len);
/* For requests that are only acknowledged. */
bool client_do(struct xs_handle *h, const struct client_request *request);

#endif
