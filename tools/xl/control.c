/* SPDX-License-Identifier: GPL-2.0-only */
/* xl destroy, pause, unpause, shutdown, reboot, rename: orders to living domains. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/domain_config.h"
#include "tools/xl/xl.h"

#define LOOK_MS 1000 /* between two looks at all domains */

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

/* A domain that was asked to go. */
struct asked {
	uint64_t domid;
	bool down, gone;
	unsigned int reason; /* why it is down */
};

/* Those that we wait for. */
struct waiting {
	struct asked *list;
	size_t count;
	bool for_death; /* to be down is not enough */
};

static struct asked *find_asked(struct waiting *w, uint64_t domid)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (w->list[i].domid == domid)
			return &w->list[i];
	return NULL;
}

static void take_events(struct xl *xl, struct waiting *w)
{
	struct xl_life life;
	struct asked *asked;

	while (xl_next_life(xl, &life)) {
		asked = find_asked(w, life.domid);
		if (!asked)
			continue;
		if (life.what == XL_SHUTDOWN) {
			asked->down = true;
			asked->reason = life.reason;
		}
		asked->gone |= life.what == XL_DESTROYED || life.what == XL_RESTARTING;
	}
}

/* For what nobody tells of: domains that the daemon has not made, and those that were down before. */
static int look_for_all(struct xl *xl, struct waiting *w)
{
	struct xl_walk walk;
	struct asked *asked;
	size_t i;
	int rc = xl_walk_begin(&walk, xl, NULL, false);

	for (i = 0; i < w->count && !rc; i++)
		w->list[i].gone = true;
	if (!rc)
		while ((rc = xl_walk_next(&walk)) > 0) {
			asked = find_asked(w, reply_u64(&walk.reply, walk.at, "domid"));
			if (!asked)
				continue;
			asked->gone = false;
			if (reply_bool(&walk.reply, walk.at, "shutdown")) {
				asked->down = true;
				asked->reason = reply_u64(&walk.reply, walk.at, "reason");
			}
		}
	xl_walk_end(&walk);
	return rc;
}

static bool tell_if_ended(struct xl *xl, const struct asked *asked, bool for_death)
{
	if (asked->down && !for_death)
		fprintf(xl->io->err, "Domain %u has been shut down, reason code %u\n",
			(unsigned int)asked->domid, asked->reason);
	else if (asked->gone)
		fprintf(xl->io->err, "Domain %u has been destroyed\n", (unsigned int)asked->domid);
	else
		return false;
	return true;
}

static void take_ended(struct xl *xl, struct waiting *w)
{
	size_t i = 0;

	while (i < w->count) {
		if (tell_if_ended(xl, &w->list[i], w->for_death))
			w->list[i] = w->list[--w->count];
		else
			i++;
	}
}

static int wait_for(struct xl *xl, struct waiting *w)
{
	int rc;

	fprintf(xl->io->err, "Waiting for %zu domains\n", w->count);
	while (!(rc = look_for_all(xl, w))) {
		do {
			take_events(xl, w);
			take_ended(xl, w);
			if (!w->count)
				return XL_OK;
		} while (!(rc = xl_wait_life(xl, LOOK_MS)) && xl->life.len);
		if (rc)
			break;
	}
	return XL_FAIL;
}

/* @domain, or with NULL all but the control domain. */
static int find_all(struct xl *xl, const char *domain, struct waiting *waiting)
{
	struct asked asked = { .domid = 0 };
	struct buf list = { 0 };
	struct xl_walk w;
	int rc = xl_walk_begin(&w, xl, domain, false);

	if (!rc)
		while ((rc = xl_walk_next(&w)) > 0) {
			asked.domid = reply_u64(&w.reply, w.at, "domid");
			if (asked.domid || domain)
				buf_add(&list, &asked, sizeof(asked));
		}
	xl_walk_end(&w);
	waiting->list = (struct asked *)(void *)list.data;
	waiting->count = list.len / sizeof(asked);
	return rc || list.failed ? XL_FAIL : XL_OK;
}

static int shut_down(struct xl *xl, int argc, char **argv, const char *reason)
{
	static const struct long_opt longs[] = { { "all", 'a' }, { "wait", 'w' }, { NULL, 0 } };
	struct waiting waiting;
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
	if (xl_connect(xl) || (opts_has(&opts, 'w') && xl_watch_domains(xl)))
		return XL_FAIL;
	rc = find_all(xl, all ? NULL : opts.args[0], &waiting);
	waiting.for_death = opts_twice(&opts, 'w');
	for (i = 0; i < waiting.count; i++)
		if (ask(xl, waiting.list[i].domid, reason) != XL_OK)
			rc = XL_FAIL;
	if (rc == XL_OK && opts_has(&opts, 'w'))
		rc = wait_for(xl, &waiting);
	free(waiting.list);
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
