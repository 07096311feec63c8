/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that only ask. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/sched.h"
#include "tools/daemon/requests.h"
#include "tools/hypercall/xc.h"

#define LIST_BATCH 32u
/* An answer that is longer leaves the rest to the next request: with one more domain, its configuration
 * and all, it still is a line of the protocol. */
#define LIST_PAGE (PROTOCOL_MAX_LINE / 2)

/*
 * Also where a serial line changes hands: nobody tells when the one at its other end goes, so who
 * says hello begins anew.
 */
int request_hello(struct request *r)
{
	client_reset(r->d, r->client);
	json_put_string(r->out, "server", "paravane");
	json_put_u64(r->out, "version", PROTOCOL_VERSION);
	return 0;
}

static void put_state(struct json_writer *w, const struct xen_domctl_getdomaininfo *info)
{
	unsigned int reason = info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

	json_put_bool(w, "running", info->flags & XEN_DOMINF_running);
	json_put_bool(w, "blocked", info->flags & XEN_DOMINF_blocked);
	json_put_bool(w, "paused", info->flags & XEN_DOMINF_paused);
	json_put_bool(w, "dying", info->flags & XEN_DOMINF_dying);
	json_put_bool(w, "shutdown", info->flags & XEN_DOMINF_shutdown);
	if (info->flags & XEN_DOMINF_shutdown)
		json_put_u64(w, "reason", reason);
}

static const char *name_of(const struct domain *domain, domid_t domid)
{
	if (!domid)
		return "Domain-0";
	return domain ? domain->config.name : "(null)";
}

/* Of a domain that was not made here: what can be seen. Readers find its name where it always is. */
static void put_seen_config(struct json_writer *w, const struct xen_domctl_getdomaininfo *info)
{
	json_open(w, "config", '{');
	json_open(w, "c_info", '{');
	json_put_string(w, "type", "pv");
	json_put_string(w, "name", name_of(NULL, info->domain));
	json_close(w, '}');
	json_open(w, "b_info", '{');
	json_put_u64(w, "max_memkb", info->max_pages * 4);
	json_put_u64(w, "target_memkb", info->tot_pages * 4);
	json_close(w, '}');
	json_close(w, '}');
}

/* What it would be started again with; the scheduler is asked, since others may have told it something. */
static void put_made_config(struct request *r, const struct domain *domain)
{
	struct domain_config config = domain->config;
	unsigned int weight, cap;

	strcpy(config.kernel, image_name(r->d, domain->config.kernel));
	strcpy(config.ramdisk, image_name(r->d, domain->config.ramdisk));
	if (!xc_domain_get_credit(domain->domid, &weight, &cap)) {
		config.weight = weight;
		config.cap = cap;
	}
	domain_config_to_json(&config, r->out, "config");
}

static void put_domain(struct request *r, const struct xen_domctl_getdomaininfo *info,
		       bool with_config)
{
	const struct domain *domain = domain_by_id(r->d, info->domain);
	struct json_writer *w = r->out;
	char uuid[UUID_TEXT_SIZE];

	uuid_format(info->handle, uuid);
	json_open(w, NULL, '{');
	json_put_u64(w, "domid", info->domain);
	json_put_string(w, "name", name_of(domain, info->domain));
	json_put_string(w, "uuid", uuid);
	json_put_u64(w, "memory_kb", info->tot_pages * 4);
	json_put_u64(w, "max_kb", info->max_pages * 4);
	json_put_u64(w, "vcpus", info->nr_online_vcpus);
	json_put_u64(w, "max_vcpus", info->max_vcpu_id + 1);
	json_put_u64(w, "cpu_time", info->cpu_time);
	put_state(w, info);
	if (!info->domain)
		json_put_u64(w, "uptime", plat_now());
	if (domain) {
		json_put_u64(w, "uptime", plat_now() - domain->started);
		json_put_u64(w, "bits", domain->built.bits);
	}
	if (domain && with_config)
		put_made_config(r, domain);
	else if (with_config)
		put_seen_config(w, info);
	json_close(w, '}');
}

static int list_one(struct request *r, bool with_config)
{
	struct xen_domctl_getdomaininfo info;
	struct domain *domain;
	domid_t domid;
	int rc = request_living(r, &domid, &domain);

	if (!rc)
		rc = xc_domain_info(domid, &info);
	if (rc)
		return rc;
	json_open(r->out, "domains", '[');
	put_domain(r, &info, with_config);
	json_close(r->out, ']');
	return 0;
}

/* Domains from the id @first on, until the page is full: then @first is where the next one begins. */
static int put_page(struct request *r, domid_t *first, bool with_config)
{
	struct xen_domctl_getdomaininfo *list = malloc(LIST_BATCH * sizeof(*list));
	int count, i;

	if (!list)
		return -ENOMEM;
	do {
		count = xc_domain_list(*first, list, LIST_BATCH);
		for (i = 0; i < count && r->out->out->len < LIST_PAGE; i++) {
			put_domain(r, &list[i], with_config);
			*first = list[i].domain + 1;
		}
	} while (count == LIST_BATCH && i == count);
	free(list);
	return count < 0 ? count : i < count;
}

static int list_all(struct request *r, bool with_config)
{
	uint64_t from = 0;
	domid_t first;
	int rc = request_u64(r, "first", &from);

	if (!rc && from > DOMID_FIRST_RESERVED)
		rc = fault_set(&r->fault, -EINVAL, "\"first\" is no domain id");
	if (rc)
		return rc;
	first = from;
	json_open(r->out, "domains", '[');
	rc = put_page(r, &first, with_config);
	json_close(r->out, ']');
	if (rc > 0)
		json_put_u64(r->out, "next", first);
	return rc < 0 ? rc : 0;
}

int request_list(struct request *r)
{
	bool with_config = false;
	int rc = request_bool(r, "config", &with_config);

	if (rc)
		return rc;
	if (request_arg(r, "domain") != JSON_NONE)
		return list_one(r, with_config);
	return list_all(r, with_config);
}

int request_watch_domains(struct request *r)
{
	client_watch(r->client, r->id);
	return 0;
}

static void put_vcpu(struct json_writer *w, domid_t domid, unsigned int i)
{
	struct xen_domctl_getvcpuinfo info;
	uint64_t hard, soft;

	if (xc_vcpu_info(domid, i, &info) || xc_vcpu_get_affinity(domid, i, &hard, &soft))
		return;
	json_open(w, NULL, '{');
	json_put_u64(w, "vcpu", i);
	json_put_bool(w, "online", info.online);
	json_put_bool(w, "blocked", info.blocked);
	json_put_bool(w, "running", info.running);
	json_put_u64(w, "cpu", info.cpu);
	json_put_u64(w, "cpu_time", info.cpu_time);
	json_put_u64(w, "affinity", hard);
	json_put_u64(w, "soft_affinity", soft);
	json_close(w, '}');
}

int request_vcpu_list(struct request *r)
{
	struct xen_domctl_getdomaininfo info;
	struct domain *domain;
	domid_t domid;
	unsigned int i;
	int rc = request_living(r, &domid, &domain);

	if (!rc)
		rc = xc_domain_info(domid, &info);
	if (rc)
		return rc;
	json_put_string(r->out, "name", name_of(domain, domid));
	json_put_u64(r->out, "domid", domid);
	json_open(r->out, "vcpus", '[');
	for (i = 0; i <= info.max_vcpu_id && i < DOMAIN_MAX_VCPUS; i++)
		put_vcpu(r->out, domid, i);
	json_close(r->out, ']');
	return 0;
}
