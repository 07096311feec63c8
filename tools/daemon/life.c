/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's life: made whole or not at all, found by id or name, destroyed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/daemon/daemon.h"
#include "tools/daemon/life.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/store.h"

static void link_domain(struct daemon *d, struct domain *domain)
{
	domain->next = NULL;
	domain->at = d->end;
	*d->end = domain;
	d->end = &domain->next;
	index_add_name(d, domain);
}

static void unlink_domain(struct daemon *d, struct domain *domain)
{
	index_remove(d, domain, BY_NAME);
	*domain->at = domain->next;
	if (domain->next)
		domain->next->at = domain->at;
	else
		d->end = domain->at;
}

static int load_images(struct daemon *d, const struct domain_config *config, struct image *kernel,
		       struct image *ramdisk, struct fault *fault)
{
	int rc = image_load(d, config->kernel, kernel);

	if (rc)
		return fault_set(fault, rc, "kernel %s: %s", image_name(d, config->kernel), strerror(-rc));
	rc = image_load(d, config->ramdisk, ramdisk);
	if (rc) {
		image_release(kernel);
		return fault_set(fault, rc, "ramdisk %s: %s", image_name(d, config->ramdisk), strerror(-rc));
	}
	return 0;
}

static int build(struct daemon *d, struct domain *domain, struct fault *fault)
{
	struct image kernel, ramdisk;
	int rc = load_images(d, &domain->config, &kernel, &ramdisk, fault);

	if (rc)
		return rc;
	rc = build_domain(&domain->config, &kernel.bytes, &ramdisk.bytes, &domain->built, fault);
	domain->domid = domain->built.domid;
	image_release(&ramdisk);
	image_release(&kernel);
	return rc;
}

static int open_console(struct daemon *d, struct domain *domain)
{
	const struct build_result *b = &domain->built;
	int rc = console_open(&domain->console, domain->domid, b->console_mfn, b->console_port);

	if (!rc)
		index_add(d, domain, BY_PORT, domain->console.port);
	return rc;
}

static void close_console(struct daemon *d, struct domain *domain)
{
	index_remove(d, domain, BY_PORT);
	console_close(&domain->console);
}

/* From a built domain to one that the store and the console know. */
static int introduce(struct daemon *d, struct domain *domain, struct fault *fault)
{
	const struct build_result *b = &domain->built;
	int rc = records_write(d, domain);

	if (rc) {
		fault_set(fault, rc, "writing its records into the store: %s", strerror(-rc));
		goto remove;
	}
	rc = plat_store_introduce(domain->domid, b->store_mfn, b->store_port);
	if (rc) {
		fault_set(fault, rc, "introducing it to the store: %s", strerror(-rc));
		goto remove;
	}
	rc = open_console(d, domain);
	if (rc) {
		fault_set(fault, rc, "opening its console: %s", strerror(-rc));
		goto release;
	}
	return 0;

release:
	plat_store_release(domain->domid);
remove:
	records_remove(domain->domid, domain->config.uuid, false);
	return rc;
}

/* What introduce() did is undone, then the domain itself. Its records go last: it reads them. */
static int take_down(struct daemon *d, struct domain *domain, bool keep_vm)
{
	int rc;

	dumps_drop_domain(d, domain->domid);
	console_work(&domain->console);
	clients_console_closed(d, domain);
	close_console(d, domain);
	index_remove(d, domain, BY_ID);
	rc = xc_domain_destroy(domain->domid);
	plat_store_release(domain->domid);
	records_remove(domain->domid, domain->config.uuid, keep_vm);
	return rc;
}

/* Builds and starts what domain->config says. */
static int start(struct daemon *d, struct domain *domain, bool paused, struct fault *fault)
{
	int rc;

	domain->started = plat_now();
	rc = build(d, domain, fault);
	if (rc)
		return rc;
	rc = introduce(d, domain, fault);
	if (rc) {
		xc_domain_destroy(domain->domid);
		return rc;
	}
	domain->life = LIFE_RUNNING;
	index_add(d, domain, BY_ID, domain->domid);
	rc = paused ? 0 : xc_domain_unpause(domain->domid);
	if (rc) {
		fault_set(fault, rc, "starting it: %s", strerror(-rc));
		take_down(d, domain, false);
	}
	return rc;
}

static bool uuid_in_use(struct daemon *d, const uint8_t uuid[16])
{
	struct domain *domain;

	for (domain = d->domains; domain; domain = domain->next)
		if (!memcmp(domain->config.uuid, uuid, 16))
			return true;
	return false;
}

int domain_check_unique(struct daemon *d, const struct domain_config *config, struct fault *fault)
{
	char uuid[UUID_TEXT_SIZE];

	if (domain_by_name(d, config->name) || !strcmp(config->name, "Domain-0"))
		return fault_set(fault, -EEXIST, "Domain with name \"%s\" already exists.",
				 config->name);
	if (config->has_uuid && uuid_in_use(d, config->uuid)) {
		uuid_format(config->uuid, uuid);
		return fault_set(fault, -EEXIST, "Domain with uuid %s already exists.", uuid);
	}
	return 0;
}

/* A random (version 4) UUID. */
static void make_uuid(struct domain_config *config)
{
	plat_random(config->uuid, sizeof(config->uuid));
	config->uuid[6] = (config->uuid[6] & 0x0f) | 0x40;
	config->uuid[8] = (config->uuid[8] & 0x3f) | 0x80;
	config->has_uuid = true;
}

int domain_create(struct daemon *d, const struct domain_config *config, bool paused,
		  struct domain **out, struct fault *fault)
{
	struct domain *domain;
	int rc = domain_check_unique(d, config, fault);

	if (rc)
		return rc;
	domain = calloc(1, sizeof(*domain));
	if (!domain)
		return fault_set(fault, -ENOMEM, "out of memory in the control domain");
	domain->config = *config;
	if (!config->has_uuid)
		make_uuid(&domain->config);
	image_use(d, config->kernel);
	image_use(d, config->ramdisk);
	rc = start(d, domain, paused, fault);
	if (rc) {
		image_unuse(d, config->kernel);
		image_unuse(d, config->ramdisk);
		free(domain);
		return rc;
	}
	link_domain(d, domain);
	*out = domain;
	return 0;
}

static void tell(struct daemon *d, const char *event, domid_t domid, int was)
{
	clients_tell(d, &(struct life_event){ event, domid, was, -1, NULL });
}

static void forget(struct daemon *d, struct domain *domain)
{
	unlink_domain(d, domain);
	index_remove(d, domain, BY_ID);
	image_unuse(d, domain->config.kernel);
	image_unuse(d, domain->config.ramdisk);
	free(domain);
}

int domain_destroy(struct daemon *d, struct domain *domain)
{
	int rc = 0;

	if (domain->life == LIFE_HELD)
		d->held--;
	else
		rc = take_down(d, domain, false);
	tell(d, "destroyed", domain->domid, -1);
	forget(d, domain);
	return rc;
}

static void hold(struct daemon *d, struct domain *domain, uint64_t until)
{
	domain->life = LIFE_HELD;
	domain->restart_at = until;
	d->held++;
}

/* The domain goes, its configuration stays to be built again. */
void domain_hold(struct daemon *d, struct domain *domain, uint64_t until)
{
	take_down(d, domain, false);
	tell(d, "restarting", domain->domid, -1);
	hold(d, domain, until);
}

/* It stays, dead, under another name; another of its configuration is to be built, under another UUID. */
int domain_succeed(struct daemon *d, struct domain *dead, const char *name, uint64_t until,
		   struct domain **out, struct fault *fault)
{
	struct domain *domain = malloc(sizeof(*domain));
	int rc;

	if (!domain)
		return fault_set(fault, -ENOMEM, "out of memory in the control domain");
	*domain = (struct domain){ .config = dead->config, .domid = dead->domid, .started = dead->started,
				   .quick_deaths = dead->quick_deaths };
	rc = domain_rename(d, dead, name, fault);
	if (rc) {
		free(domain);
		return rc;
	}
	make_uuid(&domain->config);
	image_use(d, domain->config.kernel);
	image_use(d, domain->config.ramdisk);
	link_domain(d, domain);
	hold(d, domain, until);
	*out = domain;
	return 0;
}

int domain_restart(struct daemon *d, struct domain *domain)
{
	domid_t was = domain->domid;
	struct fault fault;
	int rc;

	d->held--;
	rc = start(d, domain, false, &fault);
	if (!rc) {
		tell(d, "restarted", domain->domid, was);
		return 0;
	}
	daemon_log(d, "domain %s cannot be restarted: %s", domain->config.name, fault.text);
	tell(d, "lost", was, -1);
	forget(d, domain);
	return rc;
}

int domain_request_shutdown(domid_t domid, const char *reason)
{
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domid);
	return plat_store_write(path, reason);
}

void domain_update(struct daemon *d, struct domain *domain, const struct domain_config *config)
{
	struct domain_config old = domain->config;

	domain->config = *config;
	strcpy(domain->config.name, old.name);
	memcpy(domain->config.uuid, old.uuid, sizeof(old.uuid));
	domain->config.has_uuid = true;
	image_use(d, config->kernel);
	image_use(d, config->ramdisk);
	image_unuse(d, old.kernel);
	image_unuse(d, old.ramdisk);
}

int domain_rename(struct daemon *d, struct domain *domain, const char *name, struct fault *fault)
{
	struct domain_config renamed = domain->config;
	const char *wrong;
	int rc;

	if (!strcmp(name, renamed.name))
		return 0;
	if (strlen(name) >= sizeof(renamed.name))
		return fault_set(fault, -EINVAL, "the name is too long");
	strcpy(renamed.name, name);
	renamed.has_uuid = false;
	wrong = domain_config_fault(&renamed);
	if (wrong)
		return fault_set(fault, -EINVAL, "%s", wrong);
	rc = domain_check_unique(d, &renamed, fault);
	if (rc)
		return rc;
	index_remove(d, domain, BY_NAME);
	strcpy(domain->config.name, name);
	index_add_name(d, domain);
	if (domain->life == LIFE_HELD)
		return 0;
	rc = records_rename(domain);
	return rc ? fault_set(fault, rc, "writing the name into the store: %s", strerror(-rc)) : 0;
}

void domains_forget(struct daemon *d)
{
	while (d->domains) {
		close_console(d, d->domains);
		forget(d, d->domains);
	}
}
