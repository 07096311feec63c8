/* SPDX-License-Identifier: MIT */
/*
 * Watches: the token sent to the store is the watch's number, never reused, so that an event which
 * was under way when its watch went cannot reach another.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/list.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/wait.h>
#include <minios/xenbus.h>
#include <minios/xenbus_watch.h>

struct xenbus_watch {
	struct list node;
	xenbus_watch_fn fn;
	void *ctx;
	bool running;		/* its handler is being called */
	char token[12];
	char path[];
};

struct event {
	struct list node;
	const char *path, *token;
	char *body;
};

static struct list watches = LIST_INIT(watches);
static struct list events = LIST_INIT(events);
static struct wait_queue arrived = WAIT_QUEUE_INIT(arrived);
static struct wait_queue finished = WAIT_QUEUE_INIT(finished);

void xenbus_watch_event(char *body, size_t len)
{
	size_t path_len = strlen(body) + 1;
	struct event *e = malloc(sizeof(*e));

	if (!e || path_len >= len) {
		free(e);
		free(body);
		return;
	}
	*e = (struct event){ .path = body, .token = body + path_len, .body = body };
	list_add_tail(&events, &e->node);
	wake_all(&arrived);
}

static struct xenbus_watch *find_watch(const char *token)
{
	struct list *pos;

	list_for_each(pos, &watches)
		if (!strcmp(list_entry(pos, struct xenbus_watch, node)->token, token))
			return list_entry(pos, struct xenbus_watch, node);
	return NULL;
}

static void deliver(const struct event *e)
{
	struct xenbus_watch *w = find_watch(e->token);

	if (!w)
		return;
	w->running = true;
	w->fn(e->path, w->ctx);
	w->running = false;
	wake_all(&finished);
}

static void watch_thread(void *arg)
{
	struct event *e;

	(void)arg;
	for (;;) {
		wait_event(&arrived, !list_empty(&events));
		e = list_first(&events, struct event, node);
		list_del(&e->node);
		deliver(e);
		free(e->body);
		free(e);
	}
}

int xenbus_watch_init(void)
{
	struct thread *t = thread_create("watch", watch_thread, NULL, 0);

	if (!t)
		return -ENOMEM;
	thread_detach(t);
	return 0;
}

static int send(uint32_t type, struct xenbus_watch *w)
{
	struct xenbus_piece pieces[] = {
		{ w->path, strlen(w->path) + 1 },
		{ w->token, strlen(w->token) + 1 },
	};

	return xenbus_request(type, XENBUS_NO_TX, pieces, 2, NULL, NULL);
}

int xenbus_watch(const char *path, xenbus_watch_fn fn, void *ctx, struct xenbus_watch **watch)
{
	static unsigned int number;
	struct xenbus_watch *w = malloc(sizeof(*w) + strlen(path) + 1);
	int ret;

	if (!w)
		return -ENOMEM;
	*w = (struct xenbus_watch){ .fn = fn, .ctx = ctx };
	strcpy(w->path, path);
	snprintf(w->token, sizeof(w->token), "%u", ++number);
	/* The first event may come before the answer. */
	list_add_tail(&watches, &w->node);
	ret = send(XS_WATCH, w);
	if (ret) {
		list_del(&w->node);
		free(w);
		return ret;
	}
	*watch = w;
	return 0;
}

int xenbus_unwatch(struct xenbus_watch *w)
{
	int ret = send(XS_UNWATCH, w);

	list_del(&w->node);
	wait_event(&finished, !w->running);
	free(w);
	return ret;
}

/* --- waiting for a value ---------------------------------------------------------------------- */
struct waiter {
	const char *path, *value;
	bool met;
	struct wait_queue wq;
};

static void check_value(const char *path, void *ctx)
{
	struct waiter *waiter = ctx;
	char *value;

	(void)path;
	if (xenbus_read(XENBUS_NO_TX, waiter->path, &value, NULL))
		return;
	if (!waiter->value || !strcmp(value, waiter->value)) {
		waiter->met = true;
		wake_all(&waiter->wq);
	}
	free(value);
}

int xenbus_wait_for(const char *path, const char *value, uint64_t deadline)
{
	struct waiter waiter = { .path = path, .value = value };
	struct xenbus_watch *watch;
	bool met;
	int ret;

	wait_queue_init(&waiter.wq);
	ret = xenbus_watch(path, check_value, &waiter, &watch);
	if (ret)
		return ret;
	met = wait_event_until(&waiter.wq, waiter.met, deadline);
	xenbus_unwatch(watch);
	return met ? 0 : -ETIMEDOUT;
}
