/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clients of the daemon: lines in, lines out, and consoles they have attached.
 *
 * A client may send anything, stop reading or vanish at any point; what it costs is bounded by one
 * line of input, CLIENT_MAX_OUTPUT of output and a few attachments, and all of it goes with it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/daemon/daemon.h"

#define MAX_ATTACHED 8
#define READ_SIZE    4096

struct attachment {
	struct domain *domain; /* NULL: free */
	uint64_t id; /* of the request */
	uint64_t seen; /* of the console's output, this much was sent */
};

struct client {
	struct client *next;
	int fd;
	bool dead;
	struct buf in, out;
	struct attachment attached[MAX_ATTACHED];
	bool watches; /* what happens to domains, for the request @watch_id */
	uint64_t watch_id;
};

int daemon_add_client(struct daemon *d, int fd)
{
	struct client **at = &d->clients, *c;
	unsigned int count = 0;

	for (; *at; at = &(*at)->next)
		count++;
	if (count >= DAEMON_MAX_CLIENTS) {
		close(fd);
		return -ENOSPC;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	c->fd = fd;
	*at = c;
	return 0;
}

static void free_client(struct daemon *d, struct client *c)
{
	uploads_drop(d, c);
	dumps_drop_client(d, c);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}

static void flush(struct client *c)
{
	ssize_t n;

	while (c->out.len && !c->dead) {
		n = write(c->fd, c->out.data, c->out.len);
		if (n > 0)
			buf_consume(&c->out, n);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		else
			c->dead = true;
	}
}

void client_send(struct client *c, const struct buf *line)
{
	if (c->dead)
		return;
	buf_add(&c->out, line->data, line->len);
	buf_putc(&c->out, '\n');
	if (line->failed || c->out.failed || c->out.len > CLIENT_MAX_OUTPUT)
		c->dead = true;
}

/* Whole lines are requests; blank ones are passed over, as a terminal's noise may be. */
static void handle_lines(struct daemon *d, struct client *c)
{
	size_t len;
	char *end;

	while (!c->dead && c->in.len && (end = memchr(c->in.data, '\n', c->in.len))) {
		len = end - c->in.data;
		if (len && c->in.data[len - 1] == '\r')
			end[-1] = ' ';
		if (len > 1)
			requests_handle(d, c, c->in.data, len);
		buf_consume(&c->in, len + 1);
		flush(c);
	}
	if (c->in.len > PROTOCOL_MAX_LINE || c->in.failed)
		c->dead = true;
}

static void send_outputs(struct client *c);

/* One piece of each client a round, so that none keeps the others waiting. */
static void client_work(struct daemon *d, struct client *c)
{
	char piece[READ_SIZE];
	ssize_t n;

	flush(c);
	send_outputs(c);
	if (c->dead)
		return;
	n = read(c->fd, piece, sizeof(piece));
	if (n > 0) {
		buf_add(&c->in, piece, n);
		handle_lines(d, c);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		c->dead = true;
	}
}

void clients_work(struct daemon *d)
{
	struct client **at = &d->clients, *c;

	for (c = d->clients; c; c = c->next)
		client_work(d, c);
	while ((c = *at)) {
		if (c->dead) {
			*at = c->next;
			free_client(d, c);
		} else {
			at = &c->next;
		}
	}
}

void clients_close(struct daemon *d)
{
	struct client *c;

	while ((c = d->clients)) {
		d->clients = c->next;
		free_client(d, c);
	}
}

size_t clients_wait_items(struct daemon *d, struct plat_wait *items, size_t max)
{
	struct client *c;
	size_t count = 0;

	for (c = d->clients; c && count < max; c = c->next)
		items[count++] = (struct plat_wait){ c->fd, c->out.len > 0 };
	return count;
}

/* --- consoles --------------------------------------------------------------------------------- */

/* Escaped, a byte takes up to six: pieces of this size stay within a line. */
#define OUTPUT_PIECE 4096

static void send_output_piece(struct client *c, uint64_t id, const char *data, size_t len)
{
	struct buf line = { 0 };
	struct json_writer w;

	json_writer_init(&w, &line);
	json_open(&w, NULL, '{');
	json_put_u64(&w, "id", id);
	json_put_string(&w, "event", "output");
	json_put_bytes(&w, "data", data, len);
	json_close(&w, '}');
	client_send(c, &line);
	buf_free(&line);
}

/* A client that lags this far behind gets the rest once it has read. */
static bool lags(const struct client *c)
{
	return c->out.len > CLIENT_MAX_OUTPUT / 2;
}

/* What the history still holds of what @a has not seen; all of it, if this is the @last time. */
static void send_output(struct client *c, struct attachment *a, bool last)
{
	const char *data;
	size_t len;

	while ((last || !lags(c)) &&
	       (len = console_since(&a->domain->console, &a->seen, &data)) > 0) {
		if (len > OUTPUT_PIECE)
			len = OUTPUT_PIECE;
		send_output_piece(c, a->id, data, len);
		a->seen += len;
	}
}

static void send_outputs(struct client *c)
{
	int i;

	for (i = 0; i < MAX_ATTACHED; i++)
		if (c->attached[i].domain)
			send_output(c, &c->attached[i], false);
}

static void send_closed(struct client *c, uint64_t id)
{
	struct buf line = { 0 };
	struct json_writer w;

	json_writer_init(&w, &line);
	json_open(&w, NULL, '{');
	json_put_u64(&w, "id", id);
	json_put_string(&w, "event", "closed");
	json_close(&w, '}');
	client_send(c, &line);
	buf_free(&line);
}

void clients_console_output(struct daemon *d, struct domain *domain)
{
	struct client *c;
	int i;

	for (c = d->clients; c; c = c->next) {
		for (i = 0; i < MAX_ATTACHED; i++)
			if (c->attached[i].domain == domain)
				send_output(c, &c->attached[i], false);
		flush(c);
	}
}

void clients_console_closed(struct daemon *d, struct domain *domain)
{
	struct client *c;
	int i;

	for (c = d->clients; c; c = c->next) {
		for (i = 0; i < MAX_ATTACHED; i++) {
			if (c->attached[i].domain != domain)
				continue;
			send_output(c, &c->attached[i], true);
			c->attached[i].domain = NULL;
			send_closed(c, c->attached[i].id);
		}
	}
}

int client_attach(struct client *c, uint64_t id, struct domain *domain)
{
	int i;

	for (i = 0; i < MAX_ATTACHED && c->attached[i].domain; i++)
		;
	if (i == MAX_ATTACHED)
		return -ENOSPC;
	c->attached[i] = (struct attachment){ domain, id, 0 };
	send_output(c, &c->attached[i], false);
	return 0;
}

static struct attachment *find_attachment(struct client *c, uint64_t id)
{
	int i;

	for (i = 0; i < MAX_ATTACHED; i++)
		if (c->attached[i].domain && c->attached[i].id == id)
			return &c->attached[i];
	return NULL;
}

void client_detach(struct client *c, uint64_t id)
{
	struct attachment *a = find_attachment(c, id);

	if (a)
		a->domain = NULL;
}

void client_reset(struct daemon *d, struct client *c)
{
	memset(c->attached, 0, sizeof(c->attached));
	c->watches = false;
	uploads_drop(d, c);
	dumps_drop_client(d, c);
}

struct domain *client_attached(struct client *c, uint64_t id)
{
	struct attachment *a = find_attachment(c, id);

	return a ? a->domain : NULL;
}

/* --- what happens to domains ------------------------------------------------------------------- */
void client_watch(struct client *c, uint64_t id)
{
	c->watches = true;
	c->watch_id = id;
}

static void send_life_event(struct client *c, const struct life_event *event)
{
	struct buf line = { 0 };
	struct json_writer w;

	json_writer_init(&w, &line);
	json_open(&w, NULL, '{');
	json_put_u64(&w, "id", c->watch_id);
	json_put_string(&w, "event", event->name);
	json_put_u64(&w, "domid", event->domid);
	if (event->was >= 0)
		json_put_u64(&w, "was", event->was);
	if (event->reason >= 0)
		json_put_u64(&w, "reason", event->reason);
	if (event->action)
		json_put_string(&w, "action", event->action);
	json_close(&w, '}');
	client_send(c, &line);
	buf_free(&line);
}

void clients_tell(struct daemon *d, const struct life_event *event)
{
	struct client *c;

	for (c = d->clients; c; c = c->next)
		if (c->watches)
			send_life_event(c, event);
}
