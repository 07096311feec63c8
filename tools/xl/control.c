/* SPDX-License-Identifier: GPL-2.0-only */
/* xl destroy, pause, unpause, shutdown, reboot, rename: orders to living domains. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/domain_config.h"
#include "tools/xl/xl.h"

#define POLL_MS 200

static int order(struct xl *xl, const char *op, const char *domain)
{
	struct call call;

	xl_begin(xl, &call, op);
	json_put_string(&call.w, "domain", domain);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

static int order_one(struct xl *xl, int argc, char **argv, const char *op, const char *letters)
{
	struct opts opts;
	int rc = opts_parse(xl, &opts, argc, argv, letters, NULL, 1);

	if (rc != XL_OK)
		return rc;
	return xl_connect(xl) ? XL_FAIL : order(xl, op, opts.args[0]);
}

int xl_destroy(struct xl *xl, int argc, char **argv)
{
	return order_one(xl, argc, argv, "destroy", "f");
}

int xl_pause(struct xl *xl, int argc, char **argv)
{
	return order_one(xl, argc, argv, "pause", "");
}

int xl_unpause(struct xl *xl, int argc, char **argv)
{
	return order_one(xl, argc, argv, "unpause", "");
}

static int ask(struct xl *xl, uint64_t domid, const char *reason)
{
	struct call call;
	char text[12];

	snprintf(text, sizeof(text), "%u", (unsigned int)domid);
	fprintf(xl->io->err, "%s domain %s\n",
		!strcmp(reason, "reboot") ? "Rebooting" : "Shutting down", text);
	xl_begin(xl, &call, "shutdown");
	json_put_string(&call.w, "domain", text);
	json_put_string(&call.w, "reason", reason);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

/* Domains that were asked to go. */
struct asked {
	uint64_t *ids;
	size_t count;
};

/* Tells of one that has ended, and takes it from the list. */
static void take_ended(struct xl *xl, struct asked *asked, size_t at, const struct xl_walk *found)
{
	fprintf(xl->io->err, "Domain %u has been ", (unsigned int)asked->ids[at]);
	if (found)
		fprintf(xl->io->err, "shut down, reason code %u\n",
			(unsigned int)reply_u64(&found->reply, found->at, "reason"));
	else
		fputs("destroyed\n", xl->io->err);
	asked->ids[at] = asked->ids[--asked->count];
}

/*
 * Takes those that have ended from the list: 0, or negative when nobody can tell. Those that live are
 * moved to its front; what remains behind them is no more.
 */
static int take_all_ended(struct xl *xl, struct asked *asked)
{
	size_t alive = 0, i;
	struct xl_walk w;
	uint64_t domid;
	int rc = xl_walk_begin(&w, xl, NULL, false);

	if (!rc)
		while ((rc = xl_walk_next(&w)) > 0) {
			domid = reply_u64(&w.reply, w.at, "domid");
			for (i = alive; i < asked->count && asked->ids[i] != domid; i++)
				;
			if (i == asked->count)
				continue;
			if (reply_bool(&w.reply, w.at, "shutdown")) {
				take_ended(xl, asked, i, &w);
				continue;
			}
			asked->ids[i] = asked->ids[alive];
			asked->ids[alive++] = domid;
		}
	xl_walk_end(&w);
	while (!rc && asked->count > alive)
		take_ended(xl, asked, alive, NULL);
	return rc;
}

/*
 * Lets some time pass: -EINTR after Ctrl-C. Other keys are lost, which is why only this long wait
 * looks at them.
 */
static int pause_or_interrupt(struct xl *xl, int timeout_ms)
{
	char keys[16];
	int n;

	xl->io->wait(xl->io, -1, false, xl->io->own_keys, timeout_ms);
	while (xl->io->own_keys && (n = xl->io->read_keys(xl->io, keys, sizeof(keys))) > 0) {
		if (memchr(keys, XL_INTERRUPT, n)) {
			fputs("^C\n", xl->io->err);
			return -EINTR;
		}
	}
	return 0;
}

static int wait_for(struct xl *xl, struct asked *asked)
{
	uint64_t next;
	int rc;

	fprintf(xl->io->err, "Waiting for %zu domains\n", asked->count);
	while (!(rc = take_all_ended(xl, asked)) && asked->count) {
		next = xl->io->now_ms(xl->io) + POLL_MS;
		while (xl->io->now_ms(xl->io) < next)
			if (pause_or_interrupt(xl, POLL_MS))
				return XL_FAIL;
	}
	return rc ? XL_FAIL : XL_OK;
}

/* The id of @domain, or with NULL those of all but the control domain. */
static int find_ids(struct xl *xl, const char *domain, struct asked *asked)
{
	struct buf ids = { 0 };
	struct xl_walk w;
	uint64_t id;
	int rc = xl_walk_begin(&w, xl, domain, false);

	if (!rc)
		while ((rc = xl_walk_next(&w)) > 0) {
			id = reply_u64(&w.reply, w.at, "domid");
			if (id || domain)
				buf_add(&ids, &id, sizeof(id));
		}
	xl_walk_end(&w);
	asked->ids = (uint64_t *)(void *)ids.data;
	asked->count = ids.len / sizeof(id);
	return rc || ids.failed ? XL_FAIL : XL_OK;
}

static int shut_down(struct xl *xl, int argc, char **argv, const char *reason)
{
	static const struct long_opt longs[] = { { "all", 'a' }, { "wait", 'w' }, { NULL, 0 } };
	struct asked asked;
	struct opts opts;
	bool all;
	size_t i;
	int rc = opts_parse(xl, &opts, argc, argv, "awF", longs, 0);

	if (rc != XL_OK)
		return rc;
	all = opts_has(&opts, 'a');
	if (all == (opts.count > 0)) {
		fprintf(xl->io->err, all ? "You may not specify a domain with -a.\n" :
					   "You must specify -a or a domain id.\n\n");
		return XL_FAIL;
	}
	rc = find_ids(xl, all ? NULL : opts.args[0], &asked);
	for (i = 0; i < asked.count; i++)
		if (ask(xl, asked.ids[i], reason) != XL_OK)
			rc = XL_FAIL;
	if (rc == XL_OK && opts_has(&opts, 'w'))
		rc = wait_for(xl, &asked);
	free(asked.ids);
	return rc;
}

int xl_shutdown(struct xl *xl, int argc, char **argv)
{
	return shut_down(xl, argc, argv, "poweroff");
}

int xl_reboot(struct xl *xl, int argc, char **argv)
{
	return shut_down(xl, argc, argv, "reboot");
}

int xl_rename(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	struct call call;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 2);

	if (rc != XL_OK)
		return rc;
	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "rename");
	json_put_string(&call.w, "domain", opts.args[0]);
	json_put_string(&call.w, "name", opts.args[1]);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}
