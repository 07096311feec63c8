/* SPDX-License-Identifier: GPL-2.0-only */
/* Defaults and checks of a domain's configuration, whatever it was read from, and UUID text. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/cfg/domain_config.h"

const char *const death_names[DEATH_COUNT] = {
	[DEATH_POWEROFF] = "poweroff",
	[DEATH_REBOOT] = "reboot",
	[DEATH_WATCHDOG] = "watchdog",
	[DEATH_CRASH] = "crash",
	[DEATH_SOFT_RESET] = "soft_reset",
};

const char *const death_action_names[ACTION_COUNT] = {
	[ACTION_DESTROY] = "destroy",
	[ACTION_RESTART] = "restart",
	[ACTION_RENAME_RESTART] = "rename-restart",
	[ACTION_PRESERVE] = "preserve",
	[ACTION_COREDUMP_DESTROY] = "coredump-destroy",
	[ACTION_COREDUMP_RESTART] = "coredump-restart",
};

const char *const tsc_mode_names[TSC_COUNT] = { "default", "always_emulate", "native" };

void domain_config_init(struct domain_config *config)
{
	memset(config, 0, sizeof(*config));
	config->target_kb = 32 << 10;
	config->max_kb = 0;
	config->vcpus = 1;
	config->max_vcpus = 0;
	config->max_event_channels = 1023;
	config->max_grant_frames = 64;
	config->max_maptrack_frames = 1024;
	config->max_grant_version = 2;
	config->on[DEATH_POWEROFF] = ACTION_DESTROY;
	config->on[DEATH_REBOOT] = ACTION_RESTART;
	config->on[DEATH_WATCHDOG] = ACTION_DESTROY;
	config->on[DEATH_CRASH] = ACTION_DESTROY;
	config->on[DEATH_SOFT_RESET] = ACTION_RESTART;
}

static const char *name_fault(const char *name)
{
	const char *c;

	if (!*name)
		return "name: a domain needs a name";
	for (c = name; *c; c++)
		if (!isgraph((unsigned char)*c) || *c == '/')
			return "name: only printable characters without blanks and '/' are allowed";
	for (c = name; isdigit((unsigned char)*c); c++)
		;
	return *c ? NULL : "name: a number is taken for a domain id, choose another name";
}

const char *domain_config_fault(const struct domain_config *config)
{
	const char *fault = name_fault(config->name);

	if (fault)
		return fault;
	if (!config->kernel[0])
		return "kernel: a PV domain needs a kernel";
	if (config->target_kb < 1024 || config->target_kb > (1ULL << 40))
		return "memory: must be between 1 MiB and 1 PiB";
	if (config->max_kb < config->target_kb || config->max_kb > DOMAIN_MAX_KB)
		return "maxmem: must be at least memory and at most 1 PiB";
	if (config->max_vcpus < 1 || config->max_vcpus > DOMAIN_MAX_VCPUS)
		return "maxvcpus: must be between 1 and 32";
	if (config->vcpus < 1 || config->vcpus > config->max_vcpus)
		return "vcpus: must be between 1 and maxvcpus";
	if (config->weight > 65535)
		return "cpu_weight: must be between 1 and 65535";
	if (config->cap > 100 * config->max_vcpus)
		return "cap: must be at most 100 for each vCPU";
	if (config->max_event_channels < 15 || config->max_event_channels > 131071)
		return "max_event_channels: must be between 15 and 131071";
	if (config->max_grant_frames < 1 || config->max_grant_frames > 4096)
		return "max_grant_frames: must be between 1 and 4096";
	if (config->max_maptrack_frames > 65536)
		return "max_maptrack_frames: must be at most 65536";
	if (config->max_grant_version < 1 || config->max_grant_version > 2)
		return "max_grant_version: must be 1 or 2";
	return NULL;
}

void uuid_format(const uint8_t uuid[16], char out[UUID_TEXT_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[uuid[i] >> 4];
		*out++ = hex[uuid[i] & 15];
	}
	*out = '\0';
}

int uuid_parse(uint8_t uuid[16], const char *text)
{
	int nibbles = 0;

	for (; *text; text++) {
		int c = tolower((unsigned char)*text);

		if (c == '-' && nibbles && nibbles % 2 == 0)
			continue;
		if (!isxdigit(c) || nibbles == 32)
			return -EINVAL;
		c = isdigit(c) ? c - '0' : c - 'a' + 10;
		uuid[nibbles / 2] = nibbles % 2 ? uuid[nibbles / 2] | c : c << 4;
		nibbles++;
	}
	return nibbles == 32 ? 0 : -EINVAL;
}
