/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives meaning to the settings of an xl.cfg(5) file. Every key that page documents is a row of the
 * table here, which acts on it, or of cfg_absent.c, which tells why it is refused or ignored.
 */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "tools/cfg/cfg_absent.h"
#include "tools/cfg/cfg_cpuid.h"
#include "tools/cfg/cfg_devices.h"
#include "tools/cfg/domain_config.h"

struct reader {
	struct domain_config *config;
	const struct cfg *cfg;
	struct cfg_report *report;
	char root[DOMAIN_CMDLINE_MAX], extra[DOMAIN_CMDLINE_MAX];
	bool has_cmdline;
	const struct cfg_setting *cpu_lists[2]; /* that say it for each vCPU */
};

struct key;
typedef int (*key_fn)(struct reader *r, const struct key *key, const struct cfg_setting *s);

struct key {
	const char *name;
	enum cfg_type type;
	key_fn act;
	size_t offset; /* of the field in struct domain_config */
	unsigned long long low, high; /* a number's range, a string's size */
};

#define complain(r, error, v, ...)                                                                 \
	cfg_complain((r)->report, error, (r)->cfg->name, (v)->line, (v)->column, __VA_ARGS__)

static void *field(struct reader *r, const struct key *key)
{
	return (char *)r->config + key->offset;
}

static int take_text(struct reader *r, char *out, size_t size, const struct cfg_setting *s)
{
	if (strlen(s->value->string) >= size) {
		complain(r, true, s->value, "%s: longer than %zu characters", s->key, size - 1);
		return -EINVAL;
	}
	strcpy(out, s->value->string);
	return 0;
}

static int key_text(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	return take_text(r, field(r, key), key->high, s);
}

static int key_number(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	unsigned int *out = field(r, key);
	long long n = s->value->number;

	if (n < (long long)key->low || n > (long long)key->high) {
		complain(r, true, s->value, "%s: must be between %llu and %llu", s->key, key->low,
			 key->high);
		return -EINVAL;
	}
	*out = n;
	return 0;
}

static int key_mebibytes(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	uint64_t *out = field(r, key);
	long long n = s->value->number;

	if (n < 1 || n > 1LL << 30) {
		complain(r, true, s->value, "%s: must be between 1 and %lld MiB", s->key,
			 1LL << 30);
		return -EINVAL;
	}
	*out = (uint64_t)n << 10;
	return 0;
}

static int key_cmdline(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	r->has_cmdline = true;
	return key_text(r, key, s);
}

static int key_root(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	return take_text(r, r->root, sizeof(r->root), s);
}

static int key_extra(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	return take_text(r, r->extra, sizeof(r->extra), s);
}

static int key_type(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	if (!strcmp(s->value->string, "pv"))
		return 0;
	complain(r, true, s->value, "type: only \"pv\" runs here, not \"%s\"", s->value->string);
	return -EINVAL;
}

static int key_builder(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	if (!strcmp(s->value->string, "generic") || !strcmp(s->value->string, "linux"))
		return 0;
	complain(r, true, s->value, "builder: only \"generic\" (PV) is known here, not \"%s\"",
		 s->value->string);
	return -EINVAL;
}

static int key_pool(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	if (!strcmp(s->value->string, "Pool-0"))
		return 0;
	complain(r, true, s->value, "pool: there is only \"Pool-0\", not \"%s\"", s->value->string);
	return -EINVAL;
}

static int key_uuid(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	if (uuid_parse(r->config->uuid, s->value->string)) {
		complain(r, true, s->value, "uuid: \"%s\" is not a UUID", s->value->string);
		return -EINVAL;
	}
	r->config->has_uuid = true;
	return 0;
}

static int key_action(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	enum death_action *out = field(r, key);
	int i;

	for (i = 0; i < ACTION_COUNT; i++) {
		if (!strcmp(s->value->string, death_action_names[i])) {
			*out = i;
			return 0;
		}
	}
	if (!strcmp(s->value->string, "soft-reset"))
		complain(r, true, s->value, "%s: soft-reset is only for HVM domains", s->key);
	else
		complain(r, true, s->value, "%s: unknown action \"%s\"", s->key, s->value->string);
	return -EINVAL;
}

static int cpu_value(uint64_t *mask, const struct cfg_value *v)
{
	if (v->type == CFG_STRING)
		return domain_parse_cpus(v->string, mask);
	if (v->type != CFG_NUMBER || v->number < 0 || v->number >= DOMAIN_MAX_CPUS)
		return -EINVAL;
	*mask |= 1ULL << v->number;
	return 0;
}

static int take_cpus(struct reader *r, const char *key, const struct cfg_value *v, uint64_t *out)
{
	uint64_t mask = 0;

	if (cpu_value(&mask, v)) {
		complain(r, true, v, "%s: expected CPU numbers below %d, as \"0-3,^1\"", key,
			 DOMAIN_MAX_CPUS);
		return -EINVAL;
	}
	if (!mask) {
		complain(r, true, v, "%s: no CPU is left", key);
		return -EINVAL;
	}
	*out = ~mask ? mask : 0;
	return 0;
}

/* One value for all vCPUs, or a list with one for each. */
static int key_cpus(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	const struct cfg_value *v = s->value;
	uint64_t *cpus = field(r, key);
	unsigned int i = 0;
	int rc = 0;

	if (v->type != CFG_LIST) {
		rc = take_cpus(r, s->key, v, cpus);
		for (i = 1; i < DOMAIN_MAX_VCPUS; i++)
			cpus[i] = cpus[0];
		return rc;
	}
	r->cpu_lists[key->low] = s;
	for (v = v->items; v && !rc && i < DOMAIN_MAX_VCPUS; v = v->next)
		rc = take_cpus(r, s->key, v, &cpus[i++]);
	return rc;
}

/* Known now: how many vCPUs the lists are for. */
static int check_cpu_lists(struct reader *r)
{
	const struct cfg_setting *s;
	const struct cfg_value *v;
	unsigned int which, i;

	for (which = 0; which < 2; which++) {
		s = r->cpu_lists[which];
		for (i = 0, v = s ? s->value->items : NULL; v && i < r->config->max_vcpus; i++)
			v = v->next;
		if (v) {
			complain(r, true, v, "%s: there are only %u vCPUs", s->key,
				 r->config->max_vcpus);
			return -EINVAL;
		}
	}
	for (i = r->config->max_vcpus; i < DOMAIN_MAX_VCPUS; i++)
		r->config->cpus[i] = r->config->cpus_soft[i] = 0;
	return 0;
}

/* By name, or by number as before names were. */
static int key_tsc_mode(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	const struct cfg_value *v = s->value;
	int mode;

	(void)key;
	for (mode = 0; mode < TSC_COUNT; mode++)
		if ((v->type == CFG_STRING && !strcmp(v->string, tsc_mode_names[mode])) ||
		    (v->type == CFG_NUMBER && v->number == mode)) {
			r->config->tsc_mode = (enum tsc_mode)mode;
			return 0;
		}
	complain(r, true, v, "%s: must be default, always_emulate or native", s->key);
	return -EINVAL;
}

static int key_cpuid(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	return cfg_read_cpuid(r->config, r->cfg->name, s, r->report);
}

/* Lists of devices: empty ones are fine, others need what is not here. */
static int key_devices(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	(void)key;
	if (!s->value->items)
		return 0;
	complain(r, true, s->value->items, "%s: this system has no such devices yet, use []",
		 s->key);
	return -EINVAL;
}

/* Those whose strings are checked first, so that a file is right once there are such devices. */
static int key_disk(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	int rc = cfg_check_devices(&disk_list, r->cfg->name, s, r->report);

	return rc ? rc : key_devices(r, key, s);
}

static int key_vif(struct reader *r, const struct key *key, const struct cfg_setting *s)
{
	int rc = cfg_check_devices(&vif_list, r->cfg->name, s, r->report);

	return rc ? rc : key_devices(r, key, s);
}

#define FIELD(f) offsetof(struct domain_config, f)
#define TEXT(n, f) { n, CFG_STRING, key_text, FIELD(f), 0, sizeof(((struct domain_config *)0)->f) }
#define NUMBER(n, f, low, high) { n, CFG_NUMBER, key_number, FIELD(f), low, high }
#define ACTION(n, which) { n, CFG_STRING, key_action, FIELD(on[which]), 0, 0 }
#define ANY_TYPE ((enum cfg_type)-1)

static const struct key keys[] = {
	TEXT("name", name),
	TEXT("kernel", kernel),
	TEXT("ramdisk", ramdisk),
	{ "cmdline", CFG_STRING, key_cmdline, FIELD(cmdline), 0, DOMAIN_CMDLINE_MAX },
	{ "root", CFG_STRING, key_root, 0, 0, 0 },
	{ "extra", CFG_STRING, key_extra, 0, 0, 0 },
	{ "memory", CFG_NUMBER, key_mebibytes, FIELD(target_kb), 0, 0 },
	{ "maxmem", CFG_NUMBER, key_mebibytes, FIELD(max_kb), 0, 0 },
	NUMBER("vcpus", vcpus, 1, DOMAIN_MAX_VCPUS),
	NUMBER("maxvcpus", max_vcpus, 1, DOMAIN_MAX_VCPUS),
	{ "cpus", ANY_TYPE, key_cpus, FIELD(cpus), 0, 0 },
	{ "cpus_soft", ANY_TYPE, key_cpus, FIELD(cpus_soft), 1, 0 },
	{ "tsc_mode", ANY_TYPE, key_tsc_mode, 0, 0, 0 },
	{ "cpuid", ANY_TYPE, key_cpuid, 0, 0, 0 },
	NUMBER("cpu_weight", weight, 1, 65535),
	NUMBER("cap", cap, 0, 100 * DOMAIN_MAX_VCPUS),
	{ "type", CFG_STRING, key_type, 0, 0, 0 },
	{ "pool", CFG_STRING, key_pool, 0, 0, 0 },
	{ "builder", CFG_STRING, key_builder, 0, 0, 0 },
	{ "uuid", CFG_STRING, key_uuid, 0, 0, 0 },
	ACTION("on_poweroff", DEATH_POWEROFF),
	ACTION("on_shutdown", DEATH_POWEROFF),
	ACTION("on_reboot", DEATH_REBOOT),
	ACTION("on_watchdog", DEATH_WATCHDOG),
	ACTION("on_crash", DEATH_CRASH),
	ACTION("on_soft_reset", DEATH_SOFT_RESET),
	NUMBER("max_event_channels", max_event_channels, 15, 131071),
	NUMBER("event_channels", max_event_channels, 15, 131071),
	NUMBER("max_grant_frames", max_grant_frames, 1, 4096),
	NUMBER("max_maptrack_frames", max_maptrack_frames, 0, 65536),
	NUMBER("max_grant_version", max_grant_version, 1, 2),
	{ "disk", CFG_LIST, key_disk, 0, 0, 0 },
	{ "vif", CFG_LIST, key_vif, 0, 0, 0 },
	{ "vfb", CFG_LIST, key_devices, 0, 0, 0 },
	{ "pci", CFG_LIST, key_devices, 0, 0, 0 },
	{ "vtpm", CFG_LIST, key_devices, 0, 0, 0 },
	{ "p9", CFG_LIST, key_devices, 0, 0, 0 },
	{ "usbctrl", CFG_LIST, key_devices, 0, 0, 0 },
	{ "usbdev", CFG_LIST, key_devices, 0, 0, 0 },
	{ "channel", CFG_LIST, key_devices, 0, 0, 0 },
	{ "vdispl", CFG_LIST, key_devices, 0, 0, 0 },
	{ "vsnd", CFG_LIST, key_devices, 0, 0, 0 },
	{ "vkb", CFG_LIST, key_devices, 0, 0, 0 },
	{ "pvcalls", CFG_LIST, key_devices, 0, 0, 0 },
	{ "irqs", CFG_LIST, key_devices, 0, 0, 0 },
	{ "ioports", CFG_LIST, key_devices, 0, 0, 0 },
	{ "iomem", CFG_LIST, key_devices, 0, 0, 0 },
};

static const char *const type_names[] = { "a string", "a number", "a list" };

static const struct key *find_key(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static int refuse(struct reader *r, const struct cfg_setting *s)
{
	bool error = false;
	const char *reason = cfg_absent(s->key, &error);

	if (!reason)
		complain(r, false, s, "unknown setting \"%s\" is ignored", s->key);
	else if (!cfg_is_off(s->value))
		complain(r, error, s, "%s: %s: %s", s->key, error ? "not supported" : "ignored",
			 reason);
	else
		error = false;
	return error ? -EINVAL : 0;
}

static int apply(struct reader *r, const struct cfg_setting *s)
{
	const struct key *key = find_key(s->key);

	if (!key)
		return refuse(r, s);
	if (key->type != ANY_TYPE && key->type != s->value->type) {
		complain(r, true, s->value, "%s: expected %s", s->key, type_names[key->type]);
		return -EINVAL;
	}
	return key->act(r, key, s);
}

/* cmdline= alone, or root= and extra= joined as xl joins them. */
static int join_cmdline(struct reader *r)
{
	char *out = r->config->cmdline;
	size_t size = sizeof(r->config->cmdline);
	int len;

	if (r->has_cmdline) {
		if (r->root[0] || r->extra[0])
			cfg_complain(r->report, false, r->cfg->name, 0, 0,
				     "root= and extra= are ignored because cmdline= is given");
		return 0;
	}
	len = snprintf(out, size, "%s%s%s%s", r->root[0] ? "root=" : "", r->root,
		       r->root[0] && r->extra[0] ? " " : "", r->extra);
	if (len < (int)size)
		return 0;
	cfg_complain(r->report, true, r->cfg->name, 0, 0,
		     "root= and extra= together are longer than %zu characters", size - 1);
	return -EINVAL;
}

int domain_config_from_cfg(struct domain_config *config, const struct cfg *cfg,
			   struct cfg_report *report)
{
	struct reader r = { .config = config, .cfg = cfg, .report = report };
	const struct cfg_setting *s;
	const char *fault;
	int rc = 0;

	domain_config_init(config);
	for (s = cfg->settings; s; s = s->next)
		if (apply(&r, s))
			rc = -EINVAL;
	if (join_cmdline(&r))
		rc = -EINVAL;
	if (rc)
		return rc;
	if (!config->max_kb)
		config->max_kb = config->target_kb;
	if (!config->max_vcpus)
		config->max_vcpus = config->vcpus;
	if (config->max_vcpus <= DOMAIN_MAX_VCPUS && check_cpu_lists(&r))
		return -EINVAL;
	fault = domain_config_fault(config);
	if (!fault)
		return 0;
	cfg_complain(report, true, cfg->name, 0, 0, "%s", fault);
	return -EINVAL;
}
