/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests about domains: coming, going, and what they are to each other. */
#include <errno.h>
#include <stdio.h>

#include "xenstore-lite/domain.h"
#include "xenstore-lite/request.h"

/* Any number will do: there are no domains with most of them. */
static int take_domid(const struct request *request, unsigned int arg, uint32_t *domid)
{
	uint64_t number;

	if (!wire_number(request->arg[arg], UINT32_MAX, &number))
		return -EINVAL;
	*domid = number;
	return 0;
}

/* The introduced domain that an argument names. */
static int take_domain(const struct request *request, unsigned int arg, struct domain **domain)
{
	uint32_t domid;

	if (take_domid(request, arg, &domid))
		return -EINVAL;
	*domain = domain_find(request->server, domid);
	return *domain ? 0 : -ENOENT;
}

/* The same, but not the control domain. */
static int take_guest(const struct request *request, struct domain **domain)
{
	uint32_t domid;

	if (take_domid(request, 0, &domid) || !domid)
		return -EINVAL;
	return take_domain(request, 0, domain);
}

int request_introduce(struct request *request)
{
	uint64_t frame, port;
	uint32_t domid;

	if (take_domid(request, 0, &domid) || !domid ||
	    !wire_number(request->arg[1], INT64_MAX, &frame) ||
	    !wire_number(request->arg[2], INT32_MAX, &port) || !port)
		return -EINVAL;
	if (!domain_exists(request->server, domid))
		return -ENOENT;
	return domain_introduce(request->server, domid, frame, port);
}

int request_release(struct request *request)
{
	struct domain *domain;
	int error = take_guest(request, &domain);

	if (!error)
		domain_release(request->server, domain);
	return error;
}

int request_get_domain_path(struct request *request)
{
	char path[32];
	uint32_t domid;

	if (take_domid(request, 0, &domid))
		return -EINVAL;
	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	return request_answer_text(request, path);
}

/* The control domain is where the store is: it needs no introduction. */
int request_is_domain_introduced(struct request *request)
{
	uint32_t domid;

	if (take_domid(request, 0, &domid))
		return -EINVAL;
	return request_answer_text(request,
				   !domid || domain_find(request->server, domid) ? "T" : "F");
}

int request_resume(struct request *request)
{
	struct domain *domain;
	int error = take_guest(request, &domain);

	if (!error)
		domain->shut_down = false;
	return error;
}

int request_set_target(struct request *request)
{
	struct domain *domain, *target;
	int error = take_domain(request, 0, &domain);

	if (!error)
		error = take_domain(request, 1, &target);
	if (!error)
		domain_set_target(domain, target);
	return error;
}

int request_get_feature(struct request *request)
{
	struct domain *domain;
	int error;

	if (!request->args)
		return request_answer_number(request, DOMAIN_FEATURES);
	error = take_domain(request, 0, &domain);
	return error ? error : request_answer_number(request, domain->features);
}

int request_set_feature(struct request *request)
{
	struct domain *domain;
	uint64_t features;
	int error = take_domain(request, 0, &domain);

	if (error)
		return error;
	if (!wire_number(request->arg[1], UINT32_MAX, &features) || (features & ~DOMAIN_FEATURES))
		return -EINVAL;
	domain->features = features;
	ring_announce(&domain->ring, features);
	return 0;
}
