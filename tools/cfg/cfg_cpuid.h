/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules for what a domain's CPUID shall say: the key cpuid= of xl.cfg(5), and names in it. */
#ifndef TOOLS_CFG_CFG_CPUID_H
#define TOOLS_CFG_CFG_CPUID_H

#include "tools/cfg/domain_config.h"

#define CPUID_BITS 32 /* characters that stand for a register, from bit 31 on */

enum cpuid_reg {
	CPUID_EAX,
	CPUID_EBX,
	CPUID_ECX,
	CPUID_EDX,
	CPUID_REGS,
};

extern const char *const cpuid_reg_names[CPUID_REGS]; /* "eax", ... */

/* Bits of a leaf that have a name. */
struct cpuid_place {
	uint32_t leaf, subleaf;
	enum cpuid_reg reg;
	uint32_t mask; /* one bit of a flag, more of a number */
};

/* Where the @len characters at @name stand. False: nothing has this name. */
bool cpuid_find_name(const char *name, size_t len, struct cpuid_place *place);
/* The bits of @mask for the number @n. False: it has no room there. */
bool cpuid_number_bits(const struct cpuid_place *place, uint64_t n, uint32_t *bits);

/* The rule for a leaf, made where there is none. NULL: there are too many. */
struct cpuid_rule *cpuid_rule(struct domain_config *config, uint32_t leaf, uint32_t subleaf);
void cpuid_rule_set(struct cpuid_rule *rule, enum cpuid_reg reg, uint32_t mask, uint32_t value);
void cpuid_rule_unset(struct cpuid_rule *rule, enum cpuid_reg reg, uint32_t mask);

/* One register as CPUID_BITS characters: 0, 1, or x, k, s for "as it is anyway". */
bool cpuid_rule_parse_bits(struct cpuid_rule *rule, enum cpuid_reg reg, const char *text, size_t len);
void cpuid_rule_format_bits(const struct cpuid_rule *rule, enum cpuid_reg reg, char out[CPUID_BITS + 1]);

/* Reads the setting @s, a string or a list of them: 0 or -EINVAL, everything wrong reported. */
int cfg_read_cpuid(struct domain_config *config, const char *file, const struct cfg_setting *s,
		   struct cfg_report *report);

#endif
