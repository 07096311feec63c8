/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's configuration as JSON, in the shape `xl list -l` prints it. */
#include <errno.h>
#include <string.h>

#include "tools/cfg/cfg_cpuid.h"
#include "tools/cfg/domain_config.h"

/* A list of CPUs for each vCPU, empty for any; nothing at all when every vCPU may use any. */
static void put_cpus(struct json_writer *w, const char *key, const uint64_t *cpus, unsigned int vcpus)
{
	unsigned int i, cpu, used = 0;

	for (i = 0; i < vcpus; i++)
		if (cpus[i])
			used = i + 1;
	if (!used)
		return;
	json_open(w, key, '[');
	for (i = 0; i < used; i++) {
		json_open(w, NULL, '[');
		for (cpu = 0; cpu < DOMAIN_MAX_CPUS; cpu++)
			if (cpus[i] >> cpu & 1)
				json_put_u64(w, NULL, cpu);
		json_close(w, ']');
	}
	json_close(w, ']');
}

/* Registers of which no bit is given are left out. */
static void put_cpuid_rule(struct json_writer *w, const struct cpuid_rule *rule)
{
	char bits[CPUID_BITS + 1];
	int reg;

	json_open(w, NULL, '{');
	json_put_u64(w, "leaf", rule->leaf);
	if (rule->subleaf != CPUID_NO_SUBLEAF)
		json_put_u64(w, "subleaf", rule->subleaf);
	for (reg = 0; reg < CPUID_REGS; reg++) {
		if (!rule->mask[reg])
			continue;
		cpuid_rule_format_bits(rule, (enum cpuid_reg)reg, bits);
		json_put_string(w, cpuid_reg_names[reg], bits);
	}
	json_close(w, '}');
}

static void put_cpuid(struct json_writer *w, const struct domain_config *config)
{
	unsigned int i;

	if (!config->nr_cpuid)
		return;
	json_open(w, "cpuid", '[');
	for (i = 0; i < config->nr_cpuid; i++)
		put_cpuid_rule(w, &config->cpuid[i]);
	json_close(w, ']');
}

static void put_b_info(const struct domain_config *config, struct json_writer *w)
{
	json_open(w, "b_info", '{');
	json_put_u64(w, "max_vcpus", config->max_vcpus);
	json_put_u64(w, "vcpus", config->vcpus);
	put_cpus(w, "vcpu_hard_affinity", config->cpus, config->max_vcpus);
	put_cpus(w, "vcpu_soft_affinity", config->cpus_soft, config->max_vcpus);
	json_put_u64(w, "max_memkb", config->max_kb);
	json_put_u64(w, "target_memkb", config->target_kb);
	json_open(w, "sched_params", '{');
	if (config->weight) /* else the hypervisor's default */
		json_put_u64(w, "weight", config->weight);
	json_put_u64(w, "cap", config->cap);
	json_close(w, '}');
	json_put_string(w, "tsc_mode", tsc_mode_names[config->tsc_mode]);
	put_cpuid(w, config);
	json_put_string(w, "kernel", config->kernel);
	json_put_string(w, "cmdline", config->cmdline);
	if (config->ramdisk[0])
		json_put_string(w, "ramdisk", config->ramdisk);
	json_put_u64(w, "event_channels", config->max_event_channels);
	json_put_u64(w, "max_grant_frames", config->max_grant_frames);
	json_put_u64(w, "max_maptrack_frames", config->max_maptrack_frames);
	json_put_u64(w, "max_grant_version", config->max_grant_version);
	json_open(w, "type.pv", '{');
	json_close(w, '}');
	json_close(w, '}');
}

void domain_config_to_json(const struct domain_config *config, struct json_writer *w,
			   const char *key)
{
	static const char *const on_keys[DEATH_COUNT] = {
		"on_poweroff", "on_reboot", "on_watchdog", "on_crash", "on_soft_reset",
	};
	char uuid[UUID_TEXT_SIZE];
	int i;

	json_open(w, key, '{');
	json_open(w, "c_info", '{');
	json_put_string(w, "type", "pv");
	json_put_string(w, "name", config->name);
	if (config->has_uuid) {
		uuid_format(config->uuid, uuid);
		json_put_string(w, "uuid", uuid);
	}
	json_close(w, '}');
	put_b_info(config, w);
	for (i = 0; i < DEATH_COUNT; i++)
		json_put_string(w, on_keys[i], death_action_names[config->on[i]]);
	json_close(w, '}');
}

/* Members that are not there keep their defaults; the first wrong one is named in @what. */
struct reader {
	const struct json *json;
	const char *what;
};

static void note(struct reader *r, const char *key, int rc)
{
	if (rc && rc != -ENOENT && !r->what)
		r->what = key;
}

static void get_text(struct reader *r, int object, const char *key, char *out, size_t size)
{
	note(r, key, json_string(r->json, json_get(r->json, object, key), out, size));
}

static void get_u64(struct reader *r, int object, const char *key, uint64_t *out)
{
	note(r, key, json_u64(r->json, json_get(r->json, object, key), out));
}

static void get_uint(struct reader *r, int object, const char *key, unsigned int *out)
{
	uint64_t n = *out;

	get_u64(r, object, key, &n);
	if (n > 0x7fffffff)
		note(r, key, -EINVAL);
	*out = n;
}

static void get_uuid(struct reader *r, int object, struct domain_config *config)
{
	int value = json_get(r->json, object, "uuid");
	char text[64];

	if (value == JSON_NONE)
		return;
	if (json_string(r->json, value, text, sizeof(text)) || uuid_parse(config->uuid, text))
		note(r, "uuid", -EINVAL);
	config->has_uuid = true;
}

/* The CPUs of one vCPU. */
static int get_cpu_list(struct reader *r, int list, uint64_t *mask)
{
	int i, at = list + 1;
	uint64_t cpu;

	if (!json_is_array(r->json, list))
		return -EINVAL;
	for (i = 0; i < json_size(r->json, list); i++, at = json_next(r->json, at)) {
		if (json_u64(r->json, at, &cpu) || cpu >= DOMAIN_MAX_CPUS)
			return -EINVAL;
		*mask |= 1ULL << cpu;
	}
	return 0;
}

static void get_cpus(struct reader *r, int object, const char *key, uint64_t *cpus)
{
	int list = json_get(r->json, object, key);
	int i, count = json_size(r->json, list);

	if (list != JSON_NONE && (!json_is_array(r->json, list) || count > DOMAIN_MAX_VCPUS)) {
		note(r, key, -EINVAL);
		return;
	}
	for (i = 0; i < count; i++)
		note(r, key, get_cpu_list(r, json_at(r->json, list, i), &cpus[i]));
}

static void get_action(struct reader *r, int object, enum death death, enum death_action *out)
{
	char key[16] = "on_", text[32];
	int value, i;

	strcat(key, death_names[death]);
	value = json_get(r->json, object, key);
	if (value == JSON_NONE)
		return;
	if (json_string(r->json, value, text, sizeof(text)))
		text[0] = '\0';
	for (i = 0; i < ACTION_COUNT; i++) {
		if (!strcmp(text, death_action_names[i])) {
			*out = i;
			return;
		}
	}
	note(r, "on_*", -EINVAL);
}

static void get_tsc_mode(struct reader *r, int object, struct domain_config *config)
{
	char text[32] = "default";
	int mode = 0;

	get_text(r, object, "tsc_mode", text, sizeof(text));
	while (mode < TSC_COUNT && strcmp(text, tsc_mode_names[mode]))
		mode++;
	if (mode == TSC_COUNT)
		note(r, "tsc_mode", -EINVAL);
	else
		config->tsc_mode = (enum tsc_mode)mode;
}

static int get_cpuid_rule(struct reader *r, int object, struct domain_config *config)
{
	uint64_t leaf, subleaf = CPUID_NO_SUBLEAF;
	struct cpuid_rule *rule;
	char bits[CPUID_BITS + 1];
	int reg, rc, text;

	if (json_u64(r->json, json_get(r->json, object, "leaf"), &leaf) || leaf > UINT32_MAX ||
	    json_u64(r->json, json_get(r->json, object, "subleaf"), &subleaf) == -EINVAL ||
	    subleaf > CPUID_NO_SUBLEAF)
		return -EINVAL;
	rule = cpuid_rule(config, leaf, subleaf);
	if (!rule)
		return -EINVAL;
	for (reg = 0; reg < CPUID_REGS; reg++) {
		text = json_get(r->json, object, cpuid_reg_names[reg]);
		rc = json_string(r->json, text, bits, sizeof(bits));
		if (rc == -ENOENT)
			continue;
		if (rc || !cpuid_rule_parse_bits(rule, (enum cpuid_reg)reg, bits, strlen(bits)))
			return -EINVAL;
	}
	return 0;
}

static void get_cpuid(struct reader *r, int object, struct domain_config *config)
{
	int list = json_get(r->json, object, "cpuid");
	int i, at = list + 1;

	if (list == JSON_NONE)
		return;
	if (!json_is_array(r->json, list)) {
		note(r, "cpuid", -EINVAL);
		return;
	}
	for (i = 0; i < json_size(r->json, list); i++, at = json_next(r->json, at))
		note(r, "cpuid", get_cpuid_rule(r, at, config));
}

int domain_config_from_json(struct domain_config *config, const struct json *json, int value,
			    const char **what)
{
	struct reader r = { .json = json };
	int c_info = json_get(json, value, "c_info");
	int b_info = json_get(json, value, "b_info");
	int sched = json_get(json, b_info, "sched_params");
	int i;

	domain_config_init(config);
	get_text(&r, c_info, "name", config->name, sizeof(config->name));
	get_uuid(&r, c_info, config);
	get_uint(&r, b_info, "max_vcpus", &config->max_vcpus);
	get_uint(&r, b_info, "vcpus", &config->vcpus);
	get_cpus(&r, b_info, "vcpu_hard_affinity", config->cpus);
	get_cpus(&r, b_info, "vcpu_soft_affinity", config->cpus_soft);
	get_u64(&r, b_info, "max_memkb", &config->max_kb);
	get_u64(&r, b_info, "target_memkb", &config->target_kb);
	get_uint(&r, sched, "weight", &config->weight);
	get_uint(&r, sched, "cap", &config->cap);
	get_tsc_mode(&r, b_info, config);
	get_cpuid(&r, b_info, config);
	get_text(&r, b_info, "kernel", config->kernel, sizeof(config->kernel));
	get_text(&r, b_info, "cmdline", config->cmdline, sizeof(config->cmdline));
	get_text(&r, b_info, "ramdisk", config->ramdisk, sizeof(config->ramdisk));
	get_uint(&r, b_info, "event_channels", &config->max_event_channels);
	get_uint(&r, b_info, "max_grant_frames", &config->max_grant_frames);
	get_uint(&r, b_info, "max_maptrack_frames", &config->max_maptrack_frames);
	get_uint(&r, b_info, "max_grant_version", &config->max_grant_version);
	for (i = 0; i < DEATH_COUNT; i++)
		get_action(&r, value, i, &config->on[i]);
	if (!r.what)
		r.what = domain_config_fault(config);
	*what = r.what;
	return r.what ? -EINVAL : 0;
}
