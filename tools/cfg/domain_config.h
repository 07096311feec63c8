/* SPDX-License-Identifier: GPL-2.0-only */
/* What a domain shall be: read from an xl.cfg(5) file or from JSON, checked, written as JSON. */
#ifndef TOOLS_CFG_DOMAIN_CONFIG_H
#define TOOLS_CFG_DOMAIN_CONFIG_H

#include <stdint.h>

#include "tools/cfg/cfg.h"
#include "tools/lib/json.h"

#define DOMAIN_NAME_MAX	   256
#define DOMAIN_PATH_MAX	   512
#define DOMAIN_CMDLINE_MAX 1024 /* start_info holds no more */
#define DOMAIN_MAX_VCPUS   32
#define DOMAIN_MAX_CPUS	   64
#define DOMAIN_MAX_KB	   (1ull << 40)
#define DOMAIN_MAX_CPUID   32 /* leaves with rules */
#define CPUID_NO_SUBLEAF   0xffffffffu

enum death {
	DEATH_POWEROFF,
	DEATH_REBOOT,
	DEATH_WATCHDOG,
	DEATH_CRASH,
	DEATH_SOFT_RESET,
	DEATH_COUNT,
};

enum death_action {
	ACTION_DESTROY,
	ACTION_RESTART,
	ACTION_RENAME_RESTART,
	ACTION_PRESERVE,
	ACTION_COREDUMP_DESTROY,
	ACTION_COREDUMP_RESTART,
	ACTION_COUNT,
};

/* As domctl's settscinfo numbers them. */
enum tsc_mode {
	TSC_DEFAULT,
	TSC_ALWAYS_EMULATE,
	TSC_NATIVE,
	TSC_COUNT,
};

/* A leaf of CPUID of which some bits are given; in the order EAX, EBX, ECX, EDX. */
struct cpuid_rule {
	uint32_t leaf, subleaf;
	uint32_t mask[4], value[4]; /* which bits, and what they shall be */
};

struct domain_config {
	char name[DOMAIN_NAME_MAX];
	uint8_t uuid[16];
	bool has_uuid; /* otherwise the daemon makes one up */
	char kernel[DOMAIN_PATH_MAX];
	char ramdisk[DOMAIN_PATH_MAX]; /* empty: none */
	char cmdline[DOMAIN_CMDLINE_MAX];
	uint64_t target_kb, max_kb;
	unsigned int vcpus, max_vcpus; /* online at the start, at most */
	/* Affinity of each vCPU, bit n is CPU n; 0: any. Where it may run, where it shall rather. */
	uint64_t cpus[DOMAIN_MAX_VCPUS], cpus_soft[DOMAIN_MAX_VCPUS];
	enum tsc_mode tsc_mode;
	unsigned int nr_cpuid;
	struct cpuid_rule cpuid[DOMAIN_MAX_CPUID];
	unsigned int weight, cap; /* 0: the scheduler's default weight; no cap */
	unsigned int max_event_channels, max_grant_frames, max_maptrack_frames;
	unsigned int max_grant_version;
	enum death_action on[DEATH_COUNT];
};

extern const char *const death_names[DEATH_COUNT]; /* "poweroff", ... */
extern const char *const death_action_names[ACTION_COUNT];

extern const char *const tsc_mode_names[TSC_COUNT]; /* "default", ... */

void domain_config_init(struct domain_config *config);

/* The first thing wrong with @config in words, or NULL. */
const char *domain_config_fault(const struct domain_config *config);

/* Unknown keys are warnings, wrong values errors: 0 or -EINVAL, everything reported. */
int domain_config_from_cfg(struct domain_config *config, const struct cfg *cfg,
			   struct cfg_report *report);

void domain_config_to_json(const struct domain_config *config, struct json_writer *w,
			   const char *key);
/* 0, or -EINVAL and the name of the offending member in *@what. */
int domain_config_from_json(struct domain_config *config, const struct json *json, int value,
			    const char **what);

/* Adds CPUs in the form of cpus=, "0-3,^1", "all" or "node:0", to *@mask. */
int domain_parse_cpus(const char *text, uint64_t *mask);

#define UUID_TEXT_SIZE 37
void uuid_format(const uint8_t uuid[16], char out[UUID_TEXT_SIZE]);
int uuid_parse(uint8_t uuid[16], const char *text);

#endif
