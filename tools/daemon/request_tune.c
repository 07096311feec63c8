/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that change a living domain's settings. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/daemon/requests.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/store.h"

/* Below this, the control domain could not do its work. */
#define OWN_LEAST_KB (32u << 10)

int request_vcpu_pin(struct request *r)
{
	uint64_t vcpu = DOMAIN_MAX_VCPUS, hard = 0, soft = 0;
	struct domain *domain;
	domid_t domid;
	int rc = request_living(r, &domid, &domain);

	if (!rc)
		rc = request_u64(r, "vcpu", &vcpu);
	if (!rc)
		rc = request_u64(r, "cpus", &hard);
	if (!rc)
		rc = request_u64(r, "soft", &soft);
	if (rc)
		return rc;
	if (vcpu >= DOMAIN_MAX_VCPUS || !(hard | soft))
		return fault_set(&r->fault, -EINVAL,
				 "\"vcpu\", or both \"cpus\" and \"soft\", is missing or wrong");
	rc = xc_vcpu_set_affinity(domid, vcpu, hard, soft);
	if (rc == -EINVAL)
		fault_set(&r->fault, rc, "the machine has none of these CPUs, or the domain no vCPU %llu",
			  (unsigned long long)vcpu);
	return rc;
}

/* The guest watches these nodes and takes its vCPUs up or down. */
int request_vcpu_set(struct request *r)
{
	struct domain *domain;
	uint64_t count = 0;
	char path[64];
	domid_t domid;
	unsigned int i;
	int rc = request_guest(r, &domid, &domain);

	if (!rc)
		rc = request_u64(r, "count", &count);
	if (rc)
		return rc;
	if (!domain)
		return fault_set(&r->fault, -EPERM, "domain %u is not managed here", domid);
	if (!count || count > domain->config.max_vcpus)
		return fault_set(&r->fault, -EINVAL, "the domain has at least 1 and at most %u vCPUs",
				 domain->config.max_vcpus);
	for (i = 0; i < domain->config.max_vcpus && !rc; i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/cpu/%u/availability", domid, i);
		rc = plat_store_write(path, i < count ? "online" : "offline");
	}
	if (!rc)
		domain->config.vcpus = count;
	return rc;
}

static int write_memory(domid_t domid, const char *node, uint64_t kb)
{
	char path[64], value[24];

	snprintf(path, sizeof(path), "/local/domain/%u/memory/%s", domid, node);
	snprintf(value, sizeof(value), "%llu", (unsigned long long)kb);
	return plat_store_write(path, value);
}

/* The hypervisor's limit first, then what the guest reads; both or none. */
static int set_memory(domid_t domid, const char *node, uint64_t kb)
{
	struct xen_domctl_getdomaininfo info;
	int rc = xc_domain_info(domid, &info);

	if (!rc)
		rc = xc_domain_max_mem(domid, kb + BUILD_SLACK_KB);
	if (rc)
		return rc;
	rc = write_memory(domid, node, kb);
	if (!rc && !domid && !strcmp(node, "target"))
		rc = plat_balloon(kb);
	if (rc)
		xc_domain_max_mem(domid, info.max_pages * 4);
	return rc;
}

/* What a request changes: of a domain that was made here, or of the control domain. */
struct memory {
	domid_t domid;
	uint64_t kb; /* that is wanted */
	uint64_t *target_kb, *max_kb;
};

static int request_memory(struct request *r, struct memory *m)
{
	struct domain *domain;
	int rc = request_living(r, &m->domid, &domain);

	m->kb = 0;
	if (!rc)
		rc = request_u64(r, "kb", &m->kb);
	if (rc)
		return rc;
	if (m->domid && !domain)
		return fault_set(&r->fault, -EPERM, "domain %u is not managed here", m->domid);
	m->target_kb = domain ? &domain->config.target_kb : &r->d->own_target_kb;
	m->max_kb = domain ? &domain->config.max_kb : &r->d->own_max_kb;
	return 0;
}

int request_mem_max(struct request *r)
{
	struct memory m;
	int rc = request_memory(r, &m);

	if (rc)
		return rc;
	if (m.kb < *m.target_kb || m.kb > DOMAIN_MAX_KB)
		return fault_set(&r->fault, -EINVAL,
				 "maxmem must be at least memory, %llu MiB, and at most 1 PiB",
				 (unsigned long long)*m.target_kb >> 10);
	rc = set_memory(m.domid, "static-max", m.kb);
	if (!rc)
		*m.max_kb = m.kb;
	return rc;
}

/* As Xen's tools do, the hypervisor is told as well: a guest does not get beyond its target. */
int request_mem_set(struct request *r)
{
	struct memory m;
	uint64_t least;
	int rc = request_memory(r, &m);

	if (rc)
		return rc;
	least = m.domid ? 1024 : OWN_LEAST_KB;
	if (m.kb < least || m.kb > *m.max_kb)
		return fault_set(&r->fault, -EINVAL,
				 "memory must be at least %llu MiB and at most maxmem, %llu MiB",
				 (unsigned long long)least >> 10, (unsigned long long)*m.max_kb >> 10);
	rc = set_memory(m.domid, "target", m.kb);
	if (!rc)
		*m.target_kb = m.kb;
	return rc;
}

/* Without "weight" and "cap" it only tells them. */
int request_sched_credit(struct request *r)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int old_weight, old_cap;
	struct domain *domain;
	uint64_t weight, cap;
	domid_t domid;
	int rc = request_living(r, &domid, &domain);

	if (!rc)
		rc = xc_domain_get_credit(domid, &old_weight, &old_cap);
	if (!rc)
		rc = xc_domain_info(domid, &info);
	if (rc)
		return rc;
	weight = old_weight;
	cap = old_cap;
	if (request_u64(r, "weight", &weight) || request_u64(r, "cap", &cap))
		return r->fault.code;
	/* The hypervisor takes any cap; beyond what the vCPUs can use it is a mistake. */
	if (weight < 1 || weight > 65535 || (cap != old_cap && cap > (info.max_vcpu_id + 1) * 100ull))
		return fault_set(&r->fault, -EINVAL,
				 "weight must be 1 to 65535, cap at most 100 for each vCPU");
	if (weight != old_weight || cap != old_cap) {
		rc = xc_domain_set_credit(domid, weight, cap);
		/* As with vCPUs and memory: it holds after a reboot, too. */
		if (!rc && domain) {
			domain->config.weight = weight;
			domain->config.cap = cap;
		}
	}
	json_put_u64(r->out, "weight", weight);
	json_put_u64(r->out, "cap", cap);
	return rc;
}

/* Without "tslice" and "ratelimit" it only tells them. */
int request_sched_params(struct request *r)
{
	unsigned int old_tslice, old_ratelimit;
	uint64_t tslice, ratelimit;
	int rc = xc_sched_get_params(&old_tslice, &old_ratelimit);

	if (rc)
		return rc;
	tslice = old_tslice;
	ratelimit = old_ratelimit;
	if (request_u64(r, "tslice", &tslice) || request_u64(r, "ratelimit", &ratelimit))
		return r->fault.code;
	if (tslice < 1 || tslice > 1000 ||
	    (ratelimit && (ratelimit < 100 || ratelimit > 500000)) || ratelimit > tslice * 1000)
		return fault_set(&r->fault, -EINVAL,
				 "tslice must be 1 to 1000 ms, ratelimit 0 or 100 to 500000 us and "
				 "not above tslice");
	if (tslice != old_tslice || ratelimit != old_ratelimit)
		rc = xc_sched_set_params(tslice, ratelimit);
	json_put_u64(r->out, "tslice", tslice);
	json_put_u64(r->out, "ratelimit", ratelimit);
	return rc;
}

/* What the hypervisor said of a trigger, for whoever sent it. */
static int trigger_fault(struct request *r, int rc, const char *name, uint64_t vcpu)
{
	if (rc == -ESRCH)
		return fault_set(&r->fault, -EINVAL, "the domain has no vCPU %llu", (unsigned long long)vcpu);
	if (rc == -EINVAL || rc == -ENOSYS)
		return fault_set(&r->fault, rc, "trigger %s: PV domains have no use for it", name);
	return rc;
}

int request_trigger(struct request *r)
{
	static const struct {
		const char *name;
		unsigned int code;
	} triggers[] = {
		{ "nmi", XEN_DOMCTL_SENDTRIGGER_NMI },
		{ "reset", XEN_DOMCTL_SENDTRIGGER_RESET },
		{ "init", XEN_DOMCTL_SENDTRIGGER_INIT },
		{ "power", XEN_DOMCTL_SENDTRIGGER_POWER },
		{ "sleep", XEN_DOMCTL_SENDTRIGGER_SLEEP },
		{ "s3resume", XEN_DOMCTL_SENDTRIGGER_SLEEP }, /* as refused for PV domains as that */
	};
	struct domain *domain;
	uint64_t vcpu = 0;
	char name[16];
	domid_t domid;
	size_t i;
	int rc = request_guest(r, &domid, &domain);

	if (!rc)
		rc = request_u64(r, "vcpu", &vcpu);
	if (rc)
		return rc;
	if (json_string(r->json, request_arg(r, "trigger"), name, sizeof(name)))
		name[0] = '\0';
	if (vcpu >= DOMAIN_MAX_VCPUS)
		return trigger_fault(r, -ESRCH, name, vcpu);
	for (i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++)
		if (!strcmp(triggers[i].name, name))
			return trigger_fault(r, xc_domain_trigger(domid, vcpu, triggers[i].code), name, vcpu);
	return fault_set(&r->fault, -EINVAL, "Invalid trigger \"%s\"", name);
}

int request_sysrq(struct request *r)
{
	struct domain *domain;
	char path[64], key[2];
	domid_t domid;
	int rc = request_guest(r, &domid, &domain);

	if (rc)
		return rc;
	if (json_string(r->json, request_arg(r, "key"), key, sizeof(key)) || !key[0])
		return fault_set(&r->fault, -EINVAL, "\"key\" must be one character");
	snprintf(path, sizeof(path), "/local/domain/%u/control/sysrq", domid);
	return plat_store_write(path, key);
}

int request_debug_keys(struct request *r)
{
	char keys[32];

	if (json_string(r->json, request_arg(r, "keys"), keys, sizeof(keys)))
		return fault_set(&r->fault, -EINVAL, "\"keys\" is missing or too long");
	return xc_debug_keys(keys);
}
