/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests about one domain's life. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/daemon/requests.h"
#include "tools/hypercall/xc.h"

int request_create(struct request *r)
{
	struct domain_config *config = malloc(sizeof(*config));
	struct domain *domain;
	bool paused = false, check = false;
	const char *what;
	int rc;

	if (!config)
		return -ENOMEM;
	rc = domain_config_from_json(config, r->json, request_arg(r, "config"), &what);
	if (rc)
		fault_set(&r->fault, rc, "configuration: %s", what);
	if (!rc)
		rc = request_bool(r, "paused", &paused);
	if (!rc)
		rc = request_bool(r, "check", &check);
	if (!rc && check)
		rc = domain_check_unique(r->d, config, &r->fault);
	else if (!rc)
		rc = domain_create(r->d, config, paused, &domain, &r->fault);
	if (!rc && !check)
		json_put_u64(r->out, "domid", domain->domid);
	free(config);
	return rc;
}

int request_destroy(struct request *r)
{
	struct domain *domain;
	domid_t domid;
	int rc = request_domid(r, &domid, &domain);

	if (rc)
		return rc;
	if (domain)
		return domain_destroy(r->d, domain);
	if (!domid)
		return fault_set(&r->fault, -EPERM, "Cannot destroy privileged domain 0.");
	return xc_domain_destroy(domid);
}

int request_pause(struct request *r)
{
	struct domain *domain;
	domid_t domid;
	int rc = request_guest(r, &domid, &domain);

	return rc ? rc : xc_domain_pause(domid);
}

int request_unpause(struct request *r)
{
	struct domain *domain;
	domid_t domid;
	int rc = request_guest(r, &domid, &domain);

	if (rc)
		return rc;
	rc = xc_domain_unpause(domid);
	return rc == -EINVAL ? fault_set(&r->fault, rc, "domain %u is not paused", domid) : rc;
}

int request_shutdown(struct request *r)
{
	struct domain *domain;
	char reason[16] = "poweroff";
	domid_t domid;
	int rc = request_guest(r, &domid, &domain);

	if (rc)
		return rc;
	rc = json_string(r->json, request_arg(r, "reason"), reason, sizeof(reason));
	if ((rc && rc != -ENOENT) ||
	    (strcmp(reason, "poweroff") && strcmp(reason, "reboot") && strcmp(reason, "halt")))
		return fault_set(&r->fault, -EINVAL, "\"reason\" must be poweroff, reboot or halt");
	return domain_request_shutdown(domid, reason);
}

int request_rename(struct request *r)
{
	char name[DOMAIN_NAME_MAX];
	struct domain *domain;
	domid_t domid;
	int rc = request_domid(r, &domid, &domain);

	if (rc)
		return rc;
	if (!domain)
		return fault_set(&r->fault, -EPERM, "domain %u is not managed here", domid);
	if (json_string(r->json, request_arg(r, "name"), name, sizeof(name)))
		return fault_set(&r->fault, -EINVAL, "\"name\" is missing or too long");
	return domain_rename(r->d, domain, name, &r->fault);
}

int request_config_update(struct request *r)
{
	struct domain_config *config = malloc(sizeof(*config));
	struct domain *domain;
	const char *what;
	domid_t domid;
	int rc = config ? request_domid(r, &domid, &domain) : -ENOMEM;

	if (!rc && !domain)
		rc = fault_set(&r->fault, -EPERM, "domain %u is not managed here", domid);
	if (!rc) {
		rc = domain_config_from_json(config, r->json, request_arg(r, "config"), &what);
		if (rc)
			fault_set(&r->fault, rc, "configuration: %s", what);
	}
	if (!rc) {
		domain_update(r->d, domain, config);
		json_put_u64(r->out, "domid", domid);
	}
	free(config);
	return rc;
}

int request_console(struct request *r)
{
	struct domain *domain;
	domid_t domid;
	int rc = request_guest(r, &domid, &domain);

	if (rc)
		return rc;
	if (!domain)
		return fault_set(&r->fault, -ENODEV, "domain %u has no console here", domid);
	rc = client_attach(r->client, r->id, domain);
	return rc ? fault_set(&r->fault, rc, "too many consoles on one connection") : 0;
}

/* The console that the request "console" with this id has attached. */
static int attached(struct request *r, uint64_t *id, struct domain **domain)
{
	*id = 0;
	if (request_u64(r, "console", id))
		return r->fault.code;
	*domain = client_attached(r->client, *id);
	return *domain ? 0 : fault_set(&r->fault, -ENOENT, "no such console is attached");
}

int request_input(struct request *r)
{
	struct domain *domain;
	struct buf data = { 0 };
	uint64_t id;
	int rc = attached(r, &id, &domain);

	if (rc)
		return rc;
	rc = json_bytes(r->json, request_arg(r, "data"), &data);
	if (rc)
		fault_set(&r->fault, rc, "\"data\" is missing or wrong");
	else
		json_put_u64(r->out, "taken", console_type(&domain->console, data.data, data.len));
	buf_free(&data);
	return rc;
}

int request_detach(struct request *r)
{
	struct domain *domain;
	uint64_t id;
	int rc = attached(r, &id, &domain);

	if (!rc)
		client_detach(r->client, id);
	return rc;
}

/* What is wrong with an image that is sent, for its sender. */
static int upload_fault(struct request *r, int rc, const char *name)
{
	switch (rc) {
	case -ENOSPC:
		return fault_set(&r->fault, rc, "too many images are being sent");
	case -ENOENT:
		return fault_set(&r->fault, rc, "no such upload");
	case -EFBIG:
		return fault_set(&r->fault, rc, "%.200s: an image has at most %u MiB", name,
				 DAEMON_MAX_UPLOAD >> 20);
	case -ENOMEM:
		return fault_set(&r->fault, rc, "%.200s: no room for it in the control domain, boot with a "
						"larger dom0_mem", name);
	}
	return rc;
}

int request_upload(struct request *r)
{
	struct upload_plan plan = { .size = 0 };
	unsigned int id;
	int rc = json_string(r->json, request_arg(r, "name"), plan.name, sizeof(plan.name));

	if (rc && rc != -ENOENT)
		return fault_set(&r->fault, -EINVAL, "\"name\" is wrong or too long");
	rc = request_u64(r, "size", &plan.size);
	if (!rc)
		rc = request_u64(r, "sent", &plan.sent);
	if (rc)
		return rc;
	rc = upload_begin(r->d, r->client, &plan, &id);
	if (rc)
		return upload_fault(r, rc, plan.name);
	json_put_u64(r->out, "upload", id);
	return 0;
}

/* The path by which a configuration names the request's upload. */
static int uploaded(struct request *r, uint64_t *id, char path[32])
{
	*id = 0;
	if (request_u64(r, "upload", id))
		return r->fault.code;
	snprintf(path, 32, "upload:%llu", (unsigned long long)*id);
	return 0;
}

int request_upload_data(struct request *r)
{
	char path[32];
	uint64_t id;
	int rc = uploaded(r, &id, path);

	if (rc)
		return rc;
	rc = upload_add(r->d, r->client, id, r->json, request_arg(r, "data"));
	return rc ? upload_fault(r, rc, image_name(r->d, path)) : 0;
}

int request_upload_unpack(struct request *r)
{
	char path[32];
	uint64_t id;
	int rc = uploaded(r, &id, path);

	if (rc)
		return rc;
	rc = upload_unpack(r->d, r->client, id);
	if (rc == -EINVAL)
		return fault_set(&r->fault, rc, "%.200s: damaged gzip data", image_name(r->d, path));
	return rc ? upload_fault(r, rc, image_name(r->d, path)) : 0;
}
