/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: parsed, found in one table, answered. docs/protocol.md describes each. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/daemon/requests.h"
#include "tools/hypercall/xc.h"

static const struct {
	const char *op;
	int (*handle)(struct request *r);
} table[] = {
	{ "hello", request_hello },
	{ "create", request_create },
	{ "destroy", request_destroy },
	{ "list", request_list },
	{ "watch-domains", request_watch_domains },
	{ "pause", request_pause },
	{ "unpause", request_unpause },
	{ "shutdown", request_shutdown },
	{ "rename", request_rename },
	{ "config-update", request_config_update },
	{ "console", request_console },
	{ "input", request_input },
	{ "detach", request_detach },
	{ "info", request_info },
	{ "dmesg", request_dmesg },
	{ "upload", request_upload },
	{ "upload-data", request_upload_data },
	{ "upload-unpack", request_upload_unpack },
	{ "dump-core", request_dump_core },
	{ "core-data", request_core_data },
	{ "core-end", request_core_end },
	{ "vcpu-list", request_vcpu_list },
	{ "vcpu-pin", request_vcpu_pin },
	{ "vcpu-set", request_vcpu_set },
	{ "mem-max", request_mem_max },
	{ "mem-set", request_mem_set },
	{ "sched-credit", request_sched_credit },
	{ "sched-params", request_sched_params },
	{ "trigger", request_trigger },
	{ "sysrq", request_sysrq },
	{ "debug-keys", request_debug_keys },
};

static int wrong(struct request *r, const char *key)
{
	return fault_set(&r->fault, -EINVAL, "\"%s\" is missing or wrong", key);
}

int request_bool(struct request *r, const char *key, bool *out)
{
	int rc = json_bool(r->json, request_arg(r, key), out);

	return rc && rc != -ENOENT ? wrong(r, key) : 0;
}

int request_u64(struct request *r, const char *key, uint64_t *out)
{
	int rc = json_u64(r->json, request_arg(r, key), out);

	return rc && rc != -ENOENT ? wrong(r, key) : 0;
}

static bool all_digits(const char *text)
{
	const char *c = text;

	while (isdigit((unsigned char)*c))
		c++;
	return *text && !*c;
}

/* A number is an id, also of a domain that somebody else has made; anything else is a name. */
int request_domid(struct request *r, domid_t *domid, struct domain **domain)
{
	struct xen_domctl_getdomaininfo info;
	char text[DOMAIN_NAME_MAX];
	unsigned long id;

	*domain = NULL;
	if (json_string(r->json, request_arg(r, "domain"), text, sizeof(text)))
		return wrong(r, "domain");
	if (!strcmp(text, "Domain-0")) {
		*domid = 0;
		return 0;
	}
	if (!all_digits(text)) {
		*domain = domain_by_name(r->d, text);
		if (!*domain)
			return fault_set(&r->fault, -ESRCH, "%s is an invalid domain identifier (rc=-6)",
					 text);
		*domid = (*domain)->domid;
		return 0;
	}
	id = strlen(text) < 6 ? strtoul(text, NULL, 10) : DOMID_FIRST_RESERVED;
	if (id >= DOMID_FIRST_RESERVED || xc_domain_info(id, &info))
		return fault_set(&r->fault, -ESRCH, "Error: Domain '%s' does not exist.", text);
	*domid = id;
	*domain = domain_by_id(r->d, id);
	return 0;
}

/* The id of a domain that is held back is no more its own. */
int request_living(struct request *r, domid_t *domid, struct domain **domain)
{
	int rc = request_domid(r, domid, domain);

	if (!rc && *domain && (*domain)->life == LIFE_HELD)
		rc = fault_set(&r->fault, -ESRCH, "domain %s waits to be restarted", (*domain)->config.name);
	return rc;
}

int request_guest(struct request *r, domid_t *domid, struct domain **domain)
{
	int rc = request_living(r, domid, domain);

	if (rc)
		return rc;
	if (!*domid)
		return fault_set(&r->fault, -EPERM, "not for the control domain");
	return 0;
}

static int dispatch(struct request *r, const char *op)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].op, op))
			return table[i].handle(r);
	return fault_set(&r->fault, -ENOSYS, "unknown request \"%.40s\"", op);
}

static void answer(struct request *r, int rc, const struct buf *members)
{
	struct buf line = { 0 };
	struct json_writer w;

	json_writer_init(&w, &line);
	json_open(&w, NULL, '{');
	json_put_u64(&w, "id", r->id);
	if (!rc) {
		json_put_raw(&w, "ok", members->data);
	} else {
		json_open(&w, "error", '{');
		json_put_u64(&w, "code", -rc);
		json_put_string(&w, "text", r->fault.text);
		json_close(&w, '}');
	}
	json_close(&w, '}');
	client_send(r->client, &line);
	buf_free(&line);
}

static int parse_and_dispatch(struct request *r, const char *line, size_t len)
{
	struct json json;
	char op[32];
	int rc = json_parse(&json, line, len);

	if (rc)
		return fault_set(&r->fault, rc, "not a JSON object");
	r->json = &json;
	if (json_u64(&json, json_get(&json, JSON_ROOT, "id"), &r->id))
		rc = wrong(r, "id");
	else if (json_string(&json, json_get(&json, JSON_ROOT, "op"), op, sizeof(op)))
		rc = wrong(r, "op");
	else
		rc = dispatch(r, op);
	json_free(&json);
	return rc;
}

void requests_handle(struct daemon *d, struct client *client, const char *line, size_t len)
{
	struct buf members = { 0 };
	struct json_writer w;
	struct request r = { .d = d, .client = client, .out = &w };
	int rc;

	json_writer_init(&w, &members);
	json_open(&w, NULL, '{');
	rc = parse_and_dispatch(&r, line, len);
	json_close(&w, '}');
	if (!rc && members.failed)
		rc = fault_set(&r.fault, -ENOMEM, "out of memory in the control domain");
	if (rc && !r.fault.text[0])
		fault_set(&r.fault, rc, "%s", strerror(-rc));
	answer(&r, rc, &members);
	buf_free(&members);
}
