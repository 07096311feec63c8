/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's side of the wire.
 *
 * Threads share a handle without a thread of the library's own: whoever waits for something reads
 * whatever comes next, if nobody else is reading, and puts it where it belongs. The others sleep
 * until the reader has put something down.
 *
 * One request is under way at a time: Linux's /dev/xen/xenbus keeps what is written to it in one
 * buffer until it has been sent, so that a second request would overwrite the first.
 */
#include "xenstore-lite/client_talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xenstore-lite/wire.h"

/* A message that came in; @body has a nul behind it. */
struct arrival {
	struct arrival *next;
	struct xsd_sockmsg header;
	char body[];
};

struct xs_handle {
	struct client_link *link;
	unsigned long flags;
	uint32_t last_id;
	int broken; /* errno; nothing can be sent or received any more */
	bool reading; /* some thread is in receive() */
	bool asking; /* a request is under way: that of @last_id */
	struct arrival *answer; /* to it, once it is there */
	struct arrival *events, **events_last;
	/* Belongs to the thread that is reading. */
	struct xsd_sockmsg header;
	size_t have; /* of header and body */
	struct arrival *partial;
};

static void lock(struct xs_handle *h)
{
	h->link->ops->lock(h->link);
}

static void unlock(struct xs_handle *h)
{
	h->link->ops->unlock(h->link);
}

/* --- handles ---------------------------------------------------------------------------------- */

struct xs_handle *xs_open(unsigned long flags)
{
	struct xs_handle *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->flags = flags;
	h->events_last = &h->events;
	h->link = client_link_open();
	if (!h->link) {
		free(h);
		return NULL;
	}
	return h;
}

void xs_close(struct xs_handle *h)
{
	if (!h)
		return;
	h->link->ops->close(h->link);
	while (h->events) {
		struct arrival *event = h->events;

		h->events = event->next;
		free(event);
	}
	free(h->partial);
	free(h);
}

void xs_daemon_destroy_postfork(struct xs_handle *h)
{
	xs_close(h);
}

int xs_fileno(struct xs_handle *h)
{
	int fd;

	lock(h);
	fd = h->link->ops->fileno(h->link);
	if (fd >= 0 && h->events)
		h->link->ops->queued(h->link, true);
	unlock(h);
	return fd;
}

/* --- what comes in ---------------------------------------------------------------------------- */

/* Reads up to @end bytes of the message that is coming in; @at is where the next belong. */
static int read_up_to(struct xs_handle *h, void *at, size_t end, bool wait)
{
	char *out = at;

	while (h->have < end) {
		int got = h->link->ops->receive(h->link, out, end - h->have, wait);

		if (got < 0)
			return got;
		h->have += got;
		out += got;
	}
	return 0;
}

/* Goes on with the message that is coming in; *@arrival is it, once it is whole. */
static int receive(struct xs_handle *h, struct arrival **arrival, bool wait)
{
	size_t header_size = sizeof(h->header);
	int error;

	if (h->have < header_size) {
		error = read_up_to(h, (char *)&h->header + h->have, header_size, wait);
		if (error)
			return error;
	}
	if (h->header.len > XENSTORE_PAYLOAD_MAX)
		return -EIO;
	if (!h->partial) {
		h->partial = malloc(sizeof(*h->partial) + h->header.len + 1);
		if (!h->partial)
			return -ENOMEM;
		h->partial->next = NULL;
		h->partial->header = h->header;
		h->partial->body[h->header.len] = 0;
	}
	error = read_up_to(h, h->partial->body + h->have - header_size,
			   header_size + h->header.len, wait);
	if (error)
		return error;
	*arrival = h->partial;
	h->partial = NULL;
	h->have = 0;
	return 0;
}

static void hand_over(struct xs_handle *h, struct arrival *arrival)
{
	uint32_t id = arrival->header.req_id;

	if (arrival->header.type == XS_WATCH_EVENT) {
		if (!h->events)
			h->link->ops->queued(h->link, true);
		*h->events_last = arrival;
		h->events_last = &arrival->next;
		return;
	}
	/* Older kernels answer for a watch themselves, and leave out the number. */
	if (h->asking && !h->answer && (id == h->last_id || !id))
		h->answer = arrival;
	else
		free(arrival);
}

/*
 * Makes some progress, with the lock held: reads one message, or waits until the thread that is
 * reading has. Errors that leave the stream out of step end the handle's use.
 */
static int progress(struct xs_handle *h, bool wait)
{
	struct arrival *arrival = NULL;
	int error;

	if (h->broken)
		return -h->broken;
	if (h->reading) {
		if (!wait)
			return -EAGAIN;
		h->link->ops->wait(h->link);
		return 0;
	}
	h->reading = true;
	unlock(h);
	error = receive(h, &arrival, wait);
	lock(h);
	h->reading = false;
	if (!error)
		hand_over(h, arrival);
	else if (error != -EAGAIN && error != -ENOMEM)
		h->broken = -error;
	h->link->ops->wake(h->link);
	return error;
}

/* --- requests --------------------------------------------------------------------------------- */

void client_add(struct client_request *request, const void *data, size_t len)
{
	request->piece[request->pieces].data = data;
	request->piece[request->pieces++].len = len;
}

void client_add_string(struct client_request *request, const char *text)
{
	client_add(request, text, strlen(text) + 1);
}

static int send_request(struct xs_handle *h, const struct client_request *request)
{
	struct xsd_sockmsg header = {request->type, ++h->last_id, request->tx_id, 0};
	struct client_piece piece[CLIENT_PIECES] = {{&header, sizeof(header)}};
	unsigned int i;
	size_t len = 0;
	int error;

	for (i = 0; i < request->pieces; i++) {
		piece[i + 1] = request->piece[i];
		len += request->piece[i].len;
	}
	if (len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	header.len = len;
	error = h->broken ? -h->broken :
			    h->link->ops->send(h->link, piece, request->pieces + 1);
	if (error && error != -ENOMEM)
		h->broken = -error;
	return error;
}

static struct arrival *exchange(struct xs_handle *h, const struct client_request *request)
{
	struct arrival *answer;
	int error;

	while (h->asking)
		h->link->ops->wait(h->link);
	h->asking = true;
	error = send_request(h, request);
	while (!error && !h->answer)
		error = progress(h, true);
	answer = h->answer;
	h->answer = NULL;
	h->asking = false;
	h->link->ops->wake(h->link);
	if (error)
		errno = -error;
	return answer;
}

char *client_talk(struct xs_handle *h, const struct client_request *request, size_t *len)
{
	struct arrival *answer;
	uint32_t type;
	char *body;

	lock(h);
	answer = exchange(h, request);
	unlock(h);
	if (!answer)
		return NULL;
	type = answer->header.type;
	*len = answer->header.len;
	/* The block becomes the caller's, and begins with what the caller wants. */
	body = memmove(answer, answer->body, *len + 1);
	if (type == request->type)
		return body;
	errno = type == XS_ERROR ? wire_error_number(body) : EBADF;
	free(body);
	return NULL;
}

bool client_do(struct xs_handle *h, const struct client_request *request)
{
	size_t len;
	char *answer = client_talk(h, request, &len);
	bool done = answer != NULL;

	free(answer);
	return done;
}

/* --- events ----------------------------------------------------------------------------------- */

static struct arrival *take_event(struct xs_handle *h)
{
	struct arrival *event = h->events;

	if (!event)
		return NULL;
	h->events = event->next;
	if (!h->events) {
		h->events_last = &h->events;
		h->link->ops->queued(h->link, false);
	}
	return event;
}

/* The event's two strings, in one block with the two pointers to them. */
static char **event_strings(struct arrival *event)
{
	size_t len = event->header.len;
	const char *string[2];
	size_t rest;
	char **result;

	if (wire_split(event->body, len, string, 2, &rest) < 2) {
		errno = EIO;
		return NULL;
	}
	result = malloc(2 * sizeof(*result) + len);
	if (!result)
		return NULL;
	memcpy(result + 2, event->body, len);
	result[XS_WATCH_PATH] = (char *)(result + 2);
	result[XS_WATCH_TOKEN] = result[XS_WATCH_PATH] + (string[1] - string[0]);
	return result;
}

static char **next_event(struct xs_handle *h, bool wait)
{
	struct arrival *event;
	char **strings;
	int error = 0;

	lock(h);
	while (!(event = take_event(h)) && !error)
		error = progress(h, wait);
	unlock(h);
	if (!event) {
		errno = -error;
		return NULL;
	}
	strings = event_strings(event);
	free(event);
	return strings;
}

char **xs_check_watch(struct xs_handle *h)
{
	return next_event(h, false);
}

char **xs_read_watch(struct xs_handle *h, unsigned int *num)
{
	char **strings = next_event(h, true);

	if (strings)
		*num = 2;
	return strings;
}

static bool is_of_watch(const struct arrival *event, const char *path, const char *token)
{
	const char *string[2];
	size_t rest;

	return wire_split(event->body, event->header.len, string, 2, &rest) == 2 &&
	       !strcmp(string[1], token) && xs_path_is_subpath(path, string[0]);
}

static void drop_events(struct xs_handle *h, const char *path, const char *token)
{
	struct arrival **at = &h->events;

	while (*at) {
		struct arrival *event = *at;

		if (is_of_watch(event, path, token)) {
			*at = event->next;
			free(event);
		} else {
			at = &event->next;
		}
	}
	h->events_last = at;
	if (!h->events)
		h->link->ops->queued(h->link, false);
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	struct client_request request = {.type = XS_UNWATCH};

	client_add_string(&request, path);
	client_add_string(&request, token);
	if (!client_do(h, &request))
		return false;
	if (h->flags & XS_UNWATCH_FILTER) {
		lock(h);
		drop_events(h, path, token);
		unlock(h);
	}
	return true;
}
