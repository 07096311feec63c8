/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections: one client each, messages in and out over whatever carries them. */
#ifndef XENSTORE_LITE_CONNECTION_H
#define XENSTORE_LITE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/chain.h"
#include "xenstore-lite/perms.h"
#include "xenstore-lite/transaction.h"
#include "xenstore-lite/wire.h"

struct connection;
struct server;
struct watch;

/* Bytes to be sent, one of several pieces. */
struct span {
	const void *data;
	size_t len;
};

/*
 * What carries the bytes. Nothing here waits: reading and writing do what can be done now and
 * return its length, 0 if that is nothing, or a negative errno if the peer is gone or breaks rules.
 * Whoever got less than he asked for is woken when there is more.
 */
struct transport {
	int (*read)(struct connection *connection, void *buffer, size_t len);
	int (*write)(struct connection *connection, const struct span *span, unsigned int spans);
	/* The peer gave a sign; called before anything is read. May be NULL. */
	void (*attend)(struct connection *connection);
	/*
	 * All that could be done now has been; which of the two the connection waits for. May be
	 * NULL.
	 */
	void (*settled)(struct connection *connection, bool read, bool write);
	/* The connection ends: let go of the peer. */
	void (*close)(struct connection *connection);
};

/* A message on its way out. What is sent is @header and the payload, which follow each other. */
struct message {
	struct message *next;
	struct watch *watch; /* whose event it is, as long as that watch exists */
	uint32_t room;	     /* of the payload */
	uint32_t sent;
	struct xsd_sockmsg header;
	char payload[];
};

/* The payload that most answers have room in: "OK", an error's name, a number. */
#define MESSAGE_SMALL 24u

struct connection {
	struct chain link;  /* in the server's list of all, or of the dying */
	struct chain ready; /* in its list of those that may have input */
	struct chain dirty; /* in its list of those that have output */
	struct server *server;
	const struct transport *transport;
	void *peer; /* the transport's own */
	uint32_t number;

	uint16_t domid;
	uint16_t target; /* PERM_NOBODY: none */
	bool privileged;
	bool dead; /* to be closed when nobody uses it, or a domain's, ignored until it starts anew */
	bool is_domain;
	bool stalled; /* input was left where it is, until output has gone */
	struct account *account;
	char base[24]; /* relative paths are below it */

	struct chain watches;
	struct chain transactions;
	uint32_t last_transaction;
	uint32_t missed; /* watches with an event that could not be queued */

	/*
	 * The message that is coming in. @in is @header until the payload's length is known; a bulk
	 * connection has a larger buffer all the time and reads ahead.
	 */
	char header[sizeof(struct xsd_sockmsg)];
	char *in;
	uint32_t in_have, in_room;
	bool bulk;

	struct message *out, **out_last;
	uint32_t out_messages, out_bytes;
	uint32_t answers;	 /* among them, answers to requests */
	struct message *reserve; /* so that a request can be answered when memory is out */
};

/* What a connection is made as. */
struct connection_kind {
	const struct transport *transport;
	void *peer;
	uint16_t domid;
	bool privileged;
	bool is_domain; /* a domain's ring */
	bool bulk;
	const char *base;
};

struct connection *connection_new(struct server *server, const struct connection_kind *kind);
/* Ends it at once. Only for those who know that nobody is using it: see connection_kill(). */
void connection_free(struct connection *connection);
/* Ends it soon. */
void connection_kill(struct connection *connection);
/* Forgets all that it had going on: watches, transactions, messages both ways. */
void connection_reset(struct connection *connection);
void connection_drop_sessions(struct connection *connection);

unsigned int connection_access(const struct connection *connection, const struct perms *perms);

/* It may have input: look after it at the next step. */
void connection_wake(struct connection *connection);

/*
 * Reads and answers requests, at most @budget. True if it stopped because of that, so that there
 * may be more.
 */
bool connection_serve(struct connection *connection, unsigned int budget);
/* Sends what can be sent now. */
void connection_flush(struct connection *connection);

/*
 * For a client in the same program, which needs no bytes carried: hands in one request, and takes
 * what waits to be sent. Such a connection's transport takes nothing by itself.
 */
int connection_submit(struct connection *connection, const struct xsd_sockmsg *header,
		      const char *payload);
size_t connection_take(struct connection *connection, void *out, size_t len);

/*
 * A place for the answer to a request, from the reserve if need be; NULL if even that is in use.
 * connection_answer() sends it, taking a larger one first if the payload needs that: -ENOMEM if
 * there is none, and @message is then still the caller's.
 */
struct message *connection_message(struct connection *connection);
int connection_answer(struct connection *connection, struct message *message,
		      const struct xsd_sockmsg *header, const void *payload, size_t len);
void connection_return(struct connection *connection, struct message *message);

/* Queues an event, or notes that one was missed. */
void connection_event(struct watch *watch, const char *path);
/* The watch is going: messages must not refer to it any more. */
void connection_forget_watch(struct connection *connection, struct watch *watch);

/* Counts bytes held on behalf of the connection; a negative number gives back. */
void connection_charge(struct connection *connection, long bytes);
/* May it hold as many more? */
bool connection_affords(const struct connection *connection, size_t bytes);

#endif
