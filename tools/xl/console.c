/* SPDX-License-Identifier: GPL-2.0-only */
/* xl console: what the guest writes is shown, what is typed is sent, Ctrl-] leaves. */
#include <errno.h>
#include <string.h>

#include "tools/xl/xl.h"

static void show(struct xl *xl, const char *data, size_t len)
{
	xl->io->show(xl->io, data, len);
}

static int attach(struct xl *xl, const char *domain)
{
	struct call call;

	xl_begin(xl, &call, "console");
	json_put_string(&call.w, "domain", domain);
	xl->console = call.id;
	return xl_call_simple(xl, &call);
}

static int type(struct xl *xl, const char *keys, size_t len)
{
	struct call call;

	xl_begin(xl, &call, "input");
	json_put_u64(&call.w, "console", xl->console);
	json_put_bytes(&call.w, "data", keys, len);
	return xl_send(xl, &call);
}

/* Sends what was typed; -ECANCELED when Ctrl-] was among it or no more keys will come. */
static int forward_keys(struct xl *xl)
{
	char keys[256], *escape;
	int n, rc = 0;

	while (!rc && (n = xl->io->read_keys(xl->io, keys, sizeof(keys))) > 0) {
		escape = memchr(keys, XL_ESCAPE, n);
		if (escape)
			n = escape - keys;
		if (n)
			rc = type(xl, keys, n);
		if (!rc && escape)
			rc = -ECANCELED;
	}
	return !rc && n < 0 ? -ECANCELED : rc;
}

static int run(struct xl *xl)
{
	int rc;

	while (!xl->console_closed) {
		rc = xl_receive(xl);
		if (!rc && !xl->console_closed)
			rc = forward_keys(xl);
		if (rc)
			return rc == -ECANCELED ? 0 : rc;
		if (!xl->console_closed)
			xl->io->wait(xl->io, xl->fd, false, true, -1);
	}
	return 0;
}

int xl_run_console(struct xl *xl, const char *domain, struct call *start)
{
	int rc;

	fflush(xl->io->out);
	xl->on_output = show;
	xl->console_closed = false;
	xl->io->set_raw(xl->io, true);
	rc = attach(xl, domain);
	if (start && rc)
		buf_free(&start->line);
	else if (start)
		rc = xl_call_simple(xl, start);
	if (!rc) {
		rc = run(xl);
		xl->io->show(xl->io, "\r\n", 2);
	}
	xl->io->set_raw(xl->io, false);
	xl->on_output = NULL;
	return rc ? XL_FAIL : XL_OK;
}

int xl_console(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	const char *kind, *number;
	int rc = opts_parse(xl, &opts, argc, argv, "t:n:", NULL, 1);

	if (rc != XL_OK)
		return rc;
	kind = opts_value(&opts, 't');
	number = opts_value(&opts, 'n');
	if ((kind && strcmp(kind, "pv")) || (number && strcmp(number, "0"))) {
		xl_error(xl->io, "a domain has one console: -t pv -n 0");
		return XL_FAIL;
	}
	if (xl_connect(xl))
		return XL_FAIL;
	return xl_run_console(xl, opts.args[0], NULL);
}
