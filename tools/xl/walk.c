/* SPDX-License-Identifier: GPL-2.0-only */
/* Going over all domains, a page of the daemon's list at a time. */
#include <string.h>

#include "tools/xl/xl.h"

static int get_page(struct xl_walk *w, const char *domain)
{
	struct call call;
	int list, rc;

	xl_begin(w->xl, &call, "list");
	if (domain)
		json_put_string(&call.w, "domain", domain);
	else
		json_put_u64(&call.w, "first", w->next);
	json_put_bool(&call.w, "config", w->with_config);
	rc = xl_call(w->xl, &call, &w->reply);
	if (rc)
		return rc;
	list = json_get(&w->reply.json, w->reply.ok, "domains");
	w->left = json_size(&w->reply.json, list);
	w->at = JSON_NONE;
	if (w->left)
		w->at = json_at(&w->reply.json, list, 0);
	w->next = reply_u64(&w->reply, w->reply.ok, "next");
	return 0;
}

int xl_walk_begin(struct xl_walk *w, struct xl *xl, const char *domain, bool with_config)
{
	int rc = xl_connect(xl);

	memset(w, 0, sizeof(*w));
	w->xl = xl;
	w->with_config = with_config;
	if (!rc)
		rc = get_page(w, domain);
	return rc;
}

int xl_walk_next(struct xl_walk *w)
{
	int rc;

	if (w->started && w->left) {
		w->left--;
		w->at = json_next(&w->reply.json, w->at);
	}
	w->started = true;
	while (!w->left && w->next) {
		reply_free(&w->reply);
		rc = get_page(w, NULL);
		if (rc)
			return rc;
	}
	return w->left > 0;
}

void xl_walk_end(struct xl_walk *w)
{
	reply_free(&w->reply);
}
