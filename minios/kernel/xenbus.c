/* SPDX-License-Identifier: MIT */
/*
 * Client of the store.
 *
 * A request is written by the thread that makes it, whole, under a lock; then the thread sleeps
 * until the reader thread has found the answer, by its number. Watch events, which come unasked, go
 * to the watch code (xenbus_watch.c), which has a thread of its own so that handlers may use the
 * store.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/list.h>
#include <minios/mm.h>
#include <minios/printk.h>
#include <minios/start.h>
#include <minios/sync.h>
#include <minios/thread.h>
#include <minios/xenbus.h>
#include <minios/xenbus_ring.h>
#include <minios/xenbus_watch.h>

/* The store's payloads are at most this long. */
#define PAYLOAD_MAX 4096

struct request {
	struct list node;
	uint32_t id, type;
	char *reply;
	size_t len;
	bool done;
	struct wait_queue answered;
};

static struct list requests = LIST_INIT(requests);
static struct mutex write_lock = MUTEX_INIT(write_lock);
static uint32_t last_id;
static bool attached;

bool xenbus_available(void)
{
	return attached;
}

/* --- answers ---------------------------------------------------------------------------------- */
static struct request *find_request(uint32_t id)
{
	struct list *pos;

	list_for_each(pos, &requests)
		if (list_entry(pos, struct request, node)->id == id)
			return list_entry(pos, struct request, node);
	return NULL;
}

static void finish(struct request *req, uint32_t type, char *reply, size_t len)
{
	list_del(&req->node);
	req->type = type;
	req->reply = reply;
	req->len = len;
	req->done = true;
	wake_all(&req->answered);
}

static void answer(const struct xsd_sockmsg *msg, char *body)
{
	struct request *req = find_request(msg->req_id);

	if (!req) {
		free(body);
		return;
	}
	finish(req, msg->type, body, msg->len);
}

/* Out of step with the store: nothing that follows can be understood, nobody will be answered. */
static void hang_up(void)
{
	attached = false;
	while (!list_empty(&requests))
		finish(list_first(&requests, struct request, node), XS_INVALID, NULL, 0);
}

static void reader(void *arg)
{
	struct xsd_sockmsg msg;
	char *body;

	(void)arg;
	for (;;) {
		xenbus_ring_read(&msg, sizeof(msg));
		body = msg.len <= PAYLOAD_MAX ? malloc(msg.len + 1) : NULL;
		if (!body) {
			printk("xenbus: answer of %u bytes, giving up\n", (unsigned int)msg.len);
			hang_up();
			return;
		}
		xenbus_ring_read(body, msg.len);
		body[msg.len] = '\0';
		if (msg.type == XS_WATCH_EVENT)
			xenbus_watch_event(body, msg.len);
		else
			answer(&msg, body);
	}
}

/* --- requests --------------------------------------------------------------------------------- */
static int store_error(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (!strcmp(name, xsd_errors[i].errstring))
			return -xsd_errors[i].errnum;
	return -EINVAL;
}

static int check_answer(struct request *req, uint32_t type)
{
	int ret = 0;

	if (req->type == XS_ERROR)
		ret = store_error(req->reply);
	else if (req->type != type)
		ret = -EIO;
	if (ret)
		free(req->reply);
	return ret;
}

int xenbus_request(uint32_t type, xenbus_tx_t tx, const struct xenbus_piece *pieces,
		   unsigned int count, char **reply, size_t *reply_len)
{
	struct request req = { .done = false };
	struct xsd_sockmsg msg = { .type = type, .tx_id = tx };
	unsigned int i;
	int ret;

	if (!attached)
		return -ENODEV;
	for (i = 0; i < count; i++)
		msg.len += pieces[i].len;
	if (msg.len > PAYLOAD_MAX)
		return -E2BIG;
	wait_queue_init(&req.answered);
	mutex_lock(&write_lock);
	req.id = msg.req_id = ++last_id;
	list_add_tail(&requests, &req.node);
	xenbus_ring_write(&msg, sizeof(msg));
	for (i = 0; i < count; i++)
		xenbus_ring_write(pieces[i].data, pieces[i].len);
	mutex_unlock(&write_lock);
	wait_event(&req.answered, req.done);

	ret = check_answer(&req, type);
	if (ret)
		return ret;
	if (reply_len)
		*reply_len = req.len;
	if (reply)
		*reply = req.reply;
	else
		free(req.reply);
	return 0;
}

/* A request whose payload is one string with its zero byte. */
static int request_path(uint32_t type, xenbus_tx_t tx, const char *path, char **reply, size_t *len)
{
	struct xenbus_piece piece = { path, strlen(path) + 1 };

	return xenbus_request(type, tx, &piece, 1, reply, len);
}

int xenbus_read(xenbus_tx_t tx, const char *path, char **value, size_t *len)
{
	return request_path(XS_READ, tx, path, value, len);
}

int xenbus_write(xenbus_tx_t tx, const char *path, const void *value, size_t len)
{
	struct xenbus_piece pieces[] = { { path, strlen(path) + 1 }, { value, len } };

	return xenbus_request(XS_WRITE, tx, pieces, 2, NULL, NULL);
}

int xenbus_printf(xenbus_tx_t tx, const char *path, const char *fmt, ...)
{
	char *value;
	va_list ap;
	int len, ret;

	va_start(ap, fmt);
	len = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	ret = xenbus_write(tx, path, value, len);
	free(value);
	return ret;
}

int xenbus_mkdir(xenbus_tx_t tx, const char *path)
{
	return request_path(XS_MKDIR, tx, path, NULL, NULL);
}

int xenbus_rm(xenbus_tx_t tx, const char *path)
{
	return request_path(XS_RM, tx, path, NULL, NULL);
}

int xenbus_get_perms(xenbus_tx_t tx, const char *path, char **perms, size_t *len)
{
	return request_path(XS_GET_PERMS, tx, path, perms, len);
}

int xenbus_set_perms(xenbus_tx_t tx, const char *path, const void *perms, size_t len)
{
	struct xenbus_piece pieces[] = { { path, strlen(path) + 1 }, { perms, len } };

	return xenbus_request(XS_SET_PERMS, tx, pieces, 2, NULL, NULL);
}

/* The names stay in the reply; an array of pointers to them is put before it in one block. */
int xenbus_directory(xenbus_tx_t tx, const char *path, char ***names, unsigned int *count)
{
	size_t len, at, n = 0;
	char *reply, **array;
	int ret = request_path(XS_DIRECTORY, tx, path, &reply, &len);

	if (ret)
		return ret;
	for (at = 0; at < len; at += strlen(reply + at) + 1)
		n++;
	array = malloc(n * sizeof(*array) + len + 1);
	if (!array) {
		free(reply);
		return -ENOMEM;
	}
	memcpy(array + n, reply, len + 1);
	free(reply);
	*count = n;
	*names = array;
	for (n = 0, at = 0; at < len; n++, at += strlen((char *)(array + *count) + at) + 1)
		array[n] = (char *)(array + *count) + at;
	return 0;
}

int xenbus_tx_start(xenbus_tx_t *tx)
{
	char *reply;
	int ret = request_path(XS_TRANSACTION_START, XENBUS_NO_TX, "", &reply, NULL);

	if (ret)
		return ret;
	*tx = strtoul(reply, NULL, 10);
	free(reply);
	return 0;
}

int xenbus_tx_end(xenbus_tx_t tx, bool abort)
{
	return request_path(XS_TRANSACTION_END, tx, abort ? "F" : "T", NULL, NULL);
}

/* --- the beginning ---------------------------------------------------------------------------- */
int xenbus_attach(struct xenstore_domain_interface *intf, evtchn_port_t port)
{
	struct thread *t;
	int ret;

	if (attached)
		return -EBUSY;
	ret = xenbus_ring_attach(intf, port);
	if (ret)
		return ret;
	ret = xenbus_watch_init();
	if (ret)
		return ret;
	t = thread_create("xenbus", reader, NULL, 0);
	if (!t)
		return -ENOMEM;
	thread_detach(t);
	attached = true;
	return 0;
}

void xenbus_init(void)
{
	pfn_t pfn = mfn_to_pfn(start_info->store_mfn);
	int ret;

	if (!start_info->store_evtchn || pfn == INVALID_MFN)
		return;
	ret = xenbus_attach(pfn_to_virt(pfn), start_info->store_evtchn);
	if (ret)
		printk("xenbus: no store (%d)\n", ret);
}
