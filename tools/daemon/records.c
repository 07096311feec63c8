/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's records in the store: what guests expect under /local/domain/N, and /vm/UUID.
 *
 * What the guest may read it may by the permissions of the two topmost nodes, which those below
 * take over; the few nodes that it writes itself are its own. Removing the two undoes everything.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/daemon/daemon.h"
#include "tools/platform/store.h"

#define PATH_SIZE 128

/* A domain may hold a mebibyte of output back in a console daemon; here only its history counts. */
#define CONSOLE_LIMIT "1048576"

struct node {
	const char *path; /* below the domain's */
	enum store_access access;
};

static const struct node nodes[] = {
	{ "", STORE_READ },
	{ "/device", STORE_INHERIT },
	{ "/control/shutdown", STORE_OWN },
	{ "/control/feature-poweroff", STORE_OWN },
	{ "/control/feature-reboot", STORE_OWN },
	{ "/control/feature-suspend", STORE_OWN },
	{ "/control/sysrq", STORE_OWN },
	{ "/data", STORE_OWN },
	{ "/drivers", STORE_OWN },
	{ "/feature", STORE_OWN },
	{ "/attr", STORE_OWN },
	{ "/error", STORE_OWN },
};

struct writer {
	char base[PATH_SIZE]; /* /local/domain/N or /vm/UUID */
	int rc; /* the first failure; nothing is written after it */
};

static void make(struct writer *w, const char *path, domid_t domid, enum store_access access)
{
	char full[2 * PATH_SIZE];

	snprintf(full, sizeof(full), "%s%s", w->base, path);
	if (!w->rc)
		w->rc = plat_store_make(full, domid, access);
}

static void put(struct writer *w, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void put(struct writer *w, const char *path, const char *fmt, ...)
{
	char full[2 * PATH_SIZE], value[DOMAIN_CMDLINE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	snprintf(full, sizeof(full), "%s/%s", w->base, path);
	if (!w->rc)
		w->rc = plat_store_write(full, value);
}

static void domain_path(char out[PATH_SIZE], domid_t domid)
{
	snprintf(out, PATH_SIZE, "/local/domain/%u", domid);
}

static void vm_path(char out[PATH_SIZE], const uint8_t uuid[16])
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	snprintf(out, PATH_SIZE, "/vm/%s", text);
}

static int write_vm(struct daemon *d, const struct domain *domain)
{
	const struct domain_config *config = &domain->config;
	struct writer w = { .rc = 0 };
	char uuid[UUID_TEXT_SIZE];

	vm_path(w.base, config->uuid);
	uuid_format(config->uuid, uuid);
	make(&w, "", domain->domid, STORE_READ);
	put(&w, "uuid", "%s", uuid);
	put(&w, "name", "%s", config->name);
	put(&w, "image/ostype", "linux");
	put(&w, "image/kernel", "%s", image_name(d, config->kernel));
	put(&w, "image/ramdisk", "%s", image_name(d, config->ramdisk));
	put(&w, "image/cmdline", "%s", config->cmdline);
	put(&w, "start_time", "%llu", (unsigned long long)(domain->started / 1000000000));
	return w.rc;
}

static void write_cpus(struct writer *w, const struct domain_config *config)
{
	char path[40];
	unsigned int i;

	for (i = 0; i < config->max_vcpus; i++) {
		snprintf(path, sizeof(path), "cpu/%u/availability", i);
		put(w, path, "%s", i < config->vcpus ? "online" : "offline");
	}
}

static int write_domain(const struct domain *domain)
{
	const struct domain_config *config = &domain->config;
	struct writer w = { .rc = 0 };
	char vm[PATH_SIZE];
	size_t i;

	domain_path(w.base, domain->domid);
	vm_path(vm, config->uuid);
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		make(&w, nodes[i].path, domain->domid, nodes[i].access);
	put(&w, "vm", "%s", vm);
	put(&w, "name", "%s", config->name);
	put(&w, "domid", "%u", domain->domid);
	put(&w, "memory/static-max", "%llu", (unsigned long long)config->max_kb);
	put(&w, "memory/target", "%llu", (unsigned long long)config->target_kb);
	put(&w, "memory/videoram", "0");
	put(&w, "control/platform-feature-multiprocessor-suspend", "1");
	put(&w, "control/platform-feature-xs_reset_watches", "1");
	put(&w, "store/port", "%u", (unsigned int)domain->built.store_port);
	put(&w, "store/ring-ref", "%llu", (unsigned long long)domain->built.store_mfn);
	put(&w, "console/port", "%u", (unsigned int)domain->built.console_port);
	put(&w, "console/ring-ref", "%llu", (unsigned long long)domain->built.console_mfn);
	put(&w, "console/type", "xenconsoled");
	put(&w, "console/output", "pty");
	put(&w, "console/tty", "%s", "");
	put(&w, "console/limit", CONSOLE_LIMIT);
	put(&w, "console/backend-id", "0");
	write_cpus(&w, config);
	return w.rc;
}

int records_write(struct daemon *d, const struct domain *domain)
{
	int rc = write_vm(d, domain);

	if (!rc)
		rc = write_domain(domain);
	return rc;
}

void records_remove(domid_t domid, const uint8_t uuid[16], bool keep_vm)
{
	char path[PATH_SIZE];

	domain_path(path, domid);
	plat_store_remove(path);
	if (keep_vm)
		return;
	vm_path(path, uuid);
	plat_store_remove(path);
}

int records_rename(const struct domain *domain)
{
	struct writer w = { .rc = 0 };

	domain_path(w.base, domain->domid);
	put(&w, "name", "%s", domain->config.name);
	vm_path(w.base, domain->config.uuid);
	put(&w, "name", "%s", domain->config.name);
	return w.rc;
}
