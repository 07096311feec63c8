/* SPDX-License-Identifier: GPL-2.0-only */
/* xl destroy, pause, unpause, shutdown, reboot, rename: orders to living domains. */
#include <errno.h>
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

static int ask(struct xl *xl, const char *domain, unsigned int domid, const char *reason)
{
	struct call call;

	fprintf(xl->io->out, "%s domain %u\n",
		!strcmp(reason, "reboot") ? "Rebooting" : "Shutting down", domid);
	xl_begin(xl, &call, "shutdown");
	json_put_string(&call.w, "domain", domain);
	json_put_string(&call.w, "reason", reason);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

/* Whether any of the domains in @waited (by id, in @reply) still lives. */
static int any_lives(struct xl *xl, const struct reply *waited, bool *lives)
{
	struct reply now;
	int i, j, rc = xl_list_domains(xl, NULL, false, &now);

	if (rc)
		return rc;
	*lives = false;
	for (i = 0; i < json_size(&now.json, now.ok); i++) {
		int d = json_at(&now.json, now.ok, i);
		uint64_t domid = reply_u64(&now, d, "domid");

		for (j = 0; j < json_size(&waited->json, waited->ok); j++)
			if (domid && !reply_bool(&now, d, "shutdown") &&
			    reply_u64(waited, json_at(&waited->json, waited->ok, j), "domid") ==
				    domid)
				*lives = true;
	}
	reply_free(&now);
	return 0;
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

static int wait_for(struct xl *xl, const struct reply *domains)
{
	uint64_t next;
	bool lives;
	int rc;

	for (;;) {
		rc = any_lives(xl, domains, &lives);
		if (rc)
			return XL_FAIL;
		if (!lives)
			return XL_OK;
		next = xl->io->now_ms(xl->io) + POLL_MS;
		while (xl->io->now_ms(xl->io) < next)
			if (pause_or_interrupt(xl, POLL_MS))
				return XL_FAIL;
	}
}

static int shut_down(struct xl *xl, int argc, char **argv, const char *reason)
{
	static const struct long_opt longs[] = { { "all", 'a' }, { "wait", 'w' }, { NULL, 0 } };
	struct reply reply;
	struct opts opts;
	char domid[12];
	bool all;
	int i, rc = opts_parse(xl, &opts, argc, argv, "awF", longs, 0);

	if (rc != XL_OK)
		return rc;
	all = opts_has(&opts, 'a');
	if (all == (opts.count > 0)) {
		fprintf(xl->io->err, all ? "You may not specify a domain with -a.\n" :
					   "You must specify -a or a domain id.\n\n");
		return XL_USAGE;
	}
	if (xl_list_domains(xl, all ? NULL : opts.args[0], false, &reply))
		return XL_FAIL;
	for (i = 0; i < json_size(&reply.json, reply.ok); i++) {
		unsigned int id = reply_u64(&reply, json_at(&reply.json, reply.ok, i), "domid");

		if (all && !id)
			continue;
		snprintf(domid, sizeof(domid), "%u", id);
		if (ask(xl, domid, id, reason) != XL_OK)
			rc = XL_FAIL;
	}
	if (rc == XL_OK && opts_has(&opts, 'w'))
		rc = wait_for(xl, &reply);
	reply_free(&reply);
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
