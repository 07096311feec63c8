/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: decoding, the rules that hold for all kinds, and what handlers work with. */
#ifndef XENSTORE_LITE_REQUEST_H
#define XENSTORE_LITE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "xenstore-lite/connection.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/transaction.h"
#include "xenstore-lite/wire.h"

#define REQUEST_ARGS 4u

struct request {
	struct server *server;
	struct connection *connection;
	struct transaction *transaction; /* NULL: the live tree */
	const struct xsd_sockmsg *header;
	const char *payload;
	const char *arg[REQUEST_ARGS]; /* the strings of the payload */
	unsigned int args;
	size_t rest;  /* offset of what follows them */
	char *path;   /* the first of them, resolved and valid; where the table says so */
	/* The answer; "OK" unless the handler says otherwise. Must stay valid until it is sent. */
	const void *answer;
	size_t answer_len;
	struct watch *watch; /* just registered: its first event follows the answer */
	char small[64]; /* room for short answers */
};

typedef int request_handler(struct request *request);

/*
 * Handles one request and queues its answer. False if there is no place to put an answer: nothing
 * has happened then, and the request is to be given again when output has been sent.
 */
bool request_handle(struct connection *connection, const struct xsd_sockmsg *header,
		    const char *payload);

/* The first string becomes the request's path; @special: or the name of a special event. */
int request_take_path(struct request *request, bool special);

/* The tree that this request sees. */
struct node *request_root(const struct request *request);
struct creator request_creator(const struct request *request);

/* Answers with a copy of a string, with its nul. */
int request_answer_text(struct request *request, const char *text);
int request_answer_number(struct request *request, uint64_t number);
/* A buffer of XENSTORE_PAYLOAD_MAX bytes for an answer, the same for all. */
char *request_buffer(void);

/* Handlers, by file. request_store.c: */
request_handler request_directory, request_directory_part, request_read, request_write,
	request_mkdir, request_rm, request_get_perms, request_set_perms;
/* session.c: */
request_handler request_watch, request_unwatch, request_reset_watches, request_transaction_start,
	request_transaction_end;
/* request_domain.c: */
request_handler request_introduce, request_release, request_get_domain_path,
	request_is_domain_introduced, request_resume, request_set_target, request_get_feature,
	request_set_feature;
/* control.c: */
request_handler request_control, request_get_quota, request_set_quota;

#endif
