/* SPDX-License-Identifier: GPL-2.0-only */
/* xl's side of the protocol: requests out, answers and events in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/xl/xl.h"

#define MAX_LINE (1u << 20)
#define HELLO_TIMEOUT_MS 5000

static int complain(struct xl *xl, int rc, const char *what)
{
	xl_error(xl->io, "%s: %s", what, strerror(-rc));
	return rc;
}

void xl_begin(struct xl *xl, struct call *call, const char *op)
{
	memset(call, 0, sizeof(*call));
	call->id = ++xl->last_id;
	json_writer_init(&call->w, &call->line);
	json_open(&call->w, NULL, '{');
	json_put_u64(&call->w, "id", call->id);
	json_put_string(&call->w, "op", op);
	if (xl->verbose)
		fprintf(xl->io->err, "xl: debug: request %s\n", op);
}

int xl_send(struct xl *xl, struct call *call)
{
	size_t at = 0;
	ssize_t n;
	int rc = 0;

	json_close(&call->w, '}');
	buf_putc(&call->line, '\n');
	if (call->line.failed)
		rc = complain(xl, -ENOMEM, "making the request");
	while (!rc && at < call->line.len) {
		n = write(xl->fd, call->line.data + at, call->line.len - at);
		if (n > 0)
			at += n;
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			xl->io->wait(xl->io, xl->fd, true, false, -1);
		else
			rc = complain(xl, n < 0 ? -errno : -EPIPE, "talking to the control daemon");
	}
	buf_free(&call->line);
	return rc;
}

/* What has arrived goes into the buffer; nothing is fine. */
static int read_more(struct xl *xl)
{
	char piece[4096];
	ssize_t n = read(xl->fd, piece, sizeof(piece));

	if (n > 0) {
		buf_add(&xl->in, piece, n);
		if (xl->in.failed || xl->in.len > MAX_LINE)
			return complain(xl, -EPROTO, "the control daemon's answer");
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return complain(xl, n < 0 ? -errno : -ECONNRESET, "the control daemon has gone");
}

static void handle_life(struct xl *xl, const struct json *json, const char *event)
{
	static const char *const names[XL_LIVES] = { "shutdown", "destroyed", "restarting", "restarted", "lost" };
	struct xl_life life;
	unsigned int what;

	memset(&life, 0, sizeof(life));
	for (what = 0; what < XL_LIVES && strcmp(event, names[what]); what++)
		;
	if (what == XL_LIVES)
		return;
	life.what = what;
	json_u64(json, json_get(json, JSON_ROOT, "domid"), &life.domid);
	json_u64(json, json_get(json, JSON_ROOT, "was"), &life.was);
	json_u64(json, json_get(json, JSON_ROOT, "reason"), &life.reason);
	json_string(json, json_get(json, JSON_ROOT, "action"), life.action, sizeof(life.action));
	buf_add(&xl->life, &life, sizeof(life));
}

static void handle_event(struct xl *xl, const struct json *json)
{
	struct buf data = { 0 };
	uint64_t id;
	char event[16];

	if (json_string(json, json_get(json, JSON_ROOT, "event"), event, sizeof(event)))
		return;
	if (json_u64(json, json_get(json, JSON_ROOT, "id"), &id))
		return;
	if (xl->watch && id == xl->watch)
		handle_life(xl, json, event);
	if (id != xl->console)
		return;
	if (!strcmp(event, "closed"))
		xl->console_closed = true;
	if (!strcmp(event, "output") && xl->on_output &&
	    !json_bytes(json, json_get(json, JSON_ROOT, "data"), &data) && data.len)
		xl->on_output(xl, data.data, data.len);
	buf_free(&data);
}

/* The next whole line, freed by the caller; NULL when there is none yet. */
static char *take_line(struct xl *xl)
{
	char *end = xl->in.len ? memchr(xl->in.data, '\n', xl->in.len) : NULL;
	char *line;
	size_t len;

	if (!end)
		return NULL;
	len = end - xl->in.data;
	line = malloc(len + 1);
	if (line) {
		memcpy(line, xl->in.data, len);
		line[len] = '\0';
	}
	buf_consume(&xl->in, len + 1);
	return line;
}

/* Handles a line. True when it answers request @id: then it is in *@reply. */
static bool handle_line(struct xl *xl, char *line, uint64_t id, struct reply *reply)
{
	uint64_t got = 0;

	if (json_parse(&reply->json, line, strlen(line))) {
		free(line);
		return false;
	}
	reply->line = line;
	json_u64(&reply->json, json_get(&reply->json, JSON_ROOT, "id"), &got);
	if (json_get(&reply->json, JSON_ROOT, "event") != JSON_NONE)
		handle_event(xl, &reply->json);
	else if (id && got == id)
		return true;
	reply_free(reply);
	return false;
}

int xl_receive(struct xl *xl)
{
	struct reply reply;
	char *line;
	int rc;

	do {
		rc = read_more(xl);
		while ((line = take_line(xl)))
			handle_line(xl, line, 0, &reply);
	} while (rc > 0);
	return rc;
}

/* @timeout_ms: 0 waits for ever. */
static int wait_reply(struct xl *xl, uint64_t id, struct reply *reply, unsigned int timeout_ms)
{
	uint64_t deadline = xl->io->now_ms(xl->io) + timeout_ms;
	char *line;
	int rc;

	for (;;) {
		while ((line = take_line(xl)))
			if (handle_line(xl, line, id, reply))
				return 0;
		rc = read_more(xl);
		if (rc < 0)
			return rc;
		if (rc)
			continue;
		if (timeout_ms && xl->io->now_ms(xl->io) >= deadline)
			return -ETIMEDOUT;
		xl->io->wait(xl->io, xl->fd, false, false, timeout_ms ? (int)timeout_ms : -1);
	}
}

/* The daemon's refusal, in its own words. */
static int refused(struct xl *xl, struct reply *reply)
{
	int error = json_get(&reply->json, JSON_ROOT, "error");
	uint64_t code = EPROTO;
	char text[512] = "no reason given";

	json_u64(&reply->json, json_get(&reply->json, error, "code"), &code);
	json_string(&reply->json, json_get(&reply->json, error, "text"), text, sizeof(text));
	if (code == ESRCH)
		fprintf(xl->io->err, "%s\n", text);
	else
		xl_error(xl->io, "%s", text);
	reply_free(reply);
	return code ? -(int)code : -EPROTO;
}

int xl_call(struct xl *xl, struct call *call, struct reply *reply)
{
	uint64_t id = call->id;
	int rc = xl_send(xl, call);

	if (!rc)
		rc = wait_reply(xl, id, reply, 0);
	if (rc)
		return rc;
	reply->ok = json_get(&reply->json, JSON_ROOT, "ok");
	return reply->ok == JSON_NONE ? refused(xl, reply) : 0;
}

int xl_call_simple(struct xl *xl, struct call *call)
{
	struct reply reply;
	int rc = xl_call(xl, call, &reply);

	if (!rc)
		reply_free(&reply);
	return rc;
}

int xl_watch_domains(struct xl *xl)
{
	struct call call;

	xl_begin(xl, &call, "watch-domains");
	xl->watch = call.id;
	return xl_call_simple(xl, &call);
}

bool xl_next_life(struct xl *xl, struct xl_life *life)
{
	if (xl->life.len < sizeof(*life))
		return false;
	memcpy(life, xl->life.data, sizeof(*life));
	buf_consume(&xl->life, sizeof(*life));
	return true;
}

static bool interrupted(struct xl *xl)
{
	char keys[16];
	int n;

	while (xl->io->own_keys && (n = xl->io->read_keys(xl->io, keys, sizeof(keys))) > 0) {
		if (memchr(keys, XL_INTERRUPT, n)) {
			fputs("^C\n", xl->io->err);
			return true;
		}
	}
	return false;
}

int xl_wait_life(struct xl *xl, int timeout_ms)
{
	uint64_t now = xl->io->now_ms(xl->io), end = now + timeout_ms;
	int rc = 0;

	while (!rc && !xl->life.len && now < end) {
		xl->io->wait(xl->io, xl->fd, false, xl->io->own_keys, (int)(end - now));
		rc = interrupted(xl) ? -EINTR : xl_receive(xl);
		now = xl->io->now_ms(xl->io);
	}
	return rc;
}

void reply_free(struct reply *reply)
{
	json_free(&reply->json);
	free(reply->line);
	reply->line = NULL;
}

/* On a serial line, half a request of somebody who was cut off may precede us. */
static int end_line(struct xl *xl)
{
	return write(xl->fd, "\n", 1) == 1 ? 0 : -EPIPE;
}

/* A line may be connected and yet nobody listen at its other end. */
static int say_hello(struct xl *xl, struct reply *reply)
{
	struct call call;
	uint64_t id;
	int rc;

	xl_begin(xl, &call, "hello");
	id = call.id;
	json_put_u64(&call.w, "version", 1);
	rc = xl_send(xl, &call);
	if (!rc)
		rc = wait_reply(xl, id, reply, HELLO_TIMEOUT_MS);
	if (rc == -ETIMEDOUT)
		xl_error(xl->io, "no answer from the control daemon; is the machine still starting?");
	if (!rc)
		reply->ok = json_get(&reply->json, JSON_ROOT, "ok");
	return rc;
}

static int check_version(struct xl *xl)
{
	struct reply reply;
	uint64_t version;
	int rc = say_hello(xl, &reply);

	if (rc)
		return rc;
	version = reply_u64(&reply, reply.ok, "version");
	reply_free(&reply);
	if (version == 1)
		return 0;
	xl_error(xl->io, "the control daemon speaks version %llu, this xl speaks 1", (unsigned long long)version);
	return -EPROTO;
}

int xl_connect(struct xl *xl)
{
	int rc;

	if (xl->fd >= 0)
		return 0;
	rc = xl->io->connect(xl->io);
	if (rc < 0) {
		xl_error(xl->io, "no connection to the control daemon: %s%s", strerror(-rc),
			 xl->io->daemon_help);
		return rc;
	}
	xl->fd = rc;
	/* Answers to whoever used this line before shall not be taken for ours. */
	xl->last_id = xl->io->now_ms(xl->io) << 8;
	return end_line(xl) ? -EPIPE : check_version(xl);
}

void xl_disconnect(struct xl *xl)
{
	if (xl->fd >= 0)
		xl->io->disconnect(xl->io, xl->fd);
	xl->fd = -1;
	buf_free(&xl->in);
	buf_free(&xl->life);
}

uint64_t reply_u64(const struct reply *reply, int object, const char *key)
{
	uint64_t value = 0;

	json_u64(&reply->json, json_get(&reply->json, object, key), &value);
	return value;
}

bool reply_bool(const struct reply *reply, int object, const char *key)
{
	bool value = false;

	json_bool(&reply->json, json_get(&reply->json, object, key), &value);
	return value;
}

void reply_text(const struct reply *reply, int object, const char *key, char *out, size_t size)
{
	if (json_string(&reply->json, json_get(&reply->json, object, key), out, size))
		out[0] = '\0';
}
