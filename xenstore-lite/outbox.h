/* SPDX-License-Identifier: GPL-2.0-only */
/* The sending half of a connection, as its other half sees it. */
#ifndef XENSTORE_LITE_OUTBOX_H
#define XENSTORE_LITE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

struct connection;
struct message;

/* A message with room for so much payload; NULL if memory is short. */
struct message *message_new(size_t room);
void message_free(struct message *message);

/* A client that does not read its answers gets no further questions answered. */
bool outbox_is_stalled(const struct connection *connection);
/* Gives up all that waits. */
void outbox_clear(struct connection *connection);

#endif
