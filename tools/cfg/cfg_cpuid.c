/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The key cpuid= of xl.cfg(5), in libxl's form ("host,avx=0,family=6": changes by name) and in xend's
 * ([ "0x1:ecx=xxx0...", ]: registers bit by bit). Both become rules: bits of a leaf and what they shall
 * be. The letters x, k and s all leave a bit as it is: what a domain is shown is the machine's
 * already, as far as a PV kernel can use it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/cfg_cpuid.h"
#include "tools/cfg/cfg_devices.h"

const char *const cpuid_reg_names[CPUID_REGS] = { "eax", "ebx", "ecx", "edx" };

/* A string while it is read. It fails at a place in its text as the strings of devices do. */
struct reader {
	struct device_spec spec;
	struct domain_config *config;
};

/* --- rules ------------------------------------------------------------------------------------ */

struct cpuid_rule *cpuid_rule(struct domain_config *config, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_rule *rule;
	unsigned int i;

	for (i = 0; i < config->nr_cpuid; i++)
		if (config->cpuid[i].leaf == leaf && config->cpuid[i].subleaf == subleaf)
			return &config->cpuid[i];
	if (i == DOMAIN_MAX_CPUID)
		return NULL;
	rule = &config->cpuid[config->nr_cpuid++];
	*rule = (struct cpuid_rule){ .leaf = leaf, .subleaf = subleaf };
	return rule;
}

void cpuid_rule_set(struct cpuid_rule *rule, enum cpuid_reg reg, uint32_t mask, uint32_t value)
{
	rule->mask[reg] |= mask;
	rule->value[reg] = (rule->value[reg] & ~mask) | (value & mask);
}

void cpuid_rule_unset(struct cpuid_rule *rule, enum cpuid_reg reg, uint32_t mask)
{
	rule->mask[reg] &= ~mask;
	rule->value[reg] &= ~mask;
}

static bool is_letter(char c)
{
	return c == 'x' || c == 'k' || c == 's';
}

bool cpuid_rule_parse_bits(struct cpuid_rule *rule, enum cpuid_reg reg, const char *text, size_t len)
{
	uint32_t mask = 0, value = 0;
	size_t i;

	if (len != CPUID_BITS)
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] != '0' && text[i] != '1' && !is_letter(text[i]))
			return false;
		mask = mask << 1 | !is_letter(text[i]);
		value = value << 1 | (text[i] == '1');
	}
	rule->mask[reg] = mask;
	rule->value[reg] = value;
	return true;
}

void cpuid_rule_format_bits(const struct cpuid_rule *rule, enum cpuid_reg reg, char out[CPUID_BITS + 1])
{
	int bit;

	for (bit = CPUID_BITS - 1; bit >= 0; bit--)
		*out++ = rule->mask[reg] >> bit & 1 ? '0' + (rule->value[reg] >> bit & 1) : 'x';
	*out = '\0';
}

/* --- what both forms need --------------------------------------------------------------------- */

/* Decimal, 0x..., 0...; it ends at *@end, which is @at where there is none or it is too large. */
static uint64_t number(const char *at, const char **end)
{
	char *after = (char *)at;
	uint64_t n = 0;

	errno = 0;
	if (isdigit((unsigned char)*at))
		n = strtoull(at, &after, 0);
	*end = errno ? at : after;
	return n;
}

static struct cpuid_rule *take_rule(struct reader *r, const char *at, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_rule *rule;

	if (leaf >> 16 == 0x4000) {
		device_fail(&r->spec, at, "the hypervisor's own leaves stay as they are");
		return NULL;
	}
	rule = cpuid_rule(r->config, leaf, subleaf);
	if (!rule)
		device_fail(&r->spec, at, "more than %d leaves", DOMAIN_MAX_CPUID);
	return rule;
}

/* --- libxl's form ----------------------------------------------------------------------------- */

static int bad_value(struct reader *r, const char *name, int name_len, const char *value, int len,
		     const struct cpuid_place *place)
{
	if (place->mask & (place->mask - 1))
		return device_fail(&r->spec, value, "%.*s: \"%.*s\" is not a number that fits, x, k or s",
				   name_len, name, len, value);
	return device_fail(&r->spec, value, "%.*s: \"%.*s\" is not one of 0, 1, x, k, s", name_len, name,
			   len, value);
}

/* One name=value of @len characters. */
static int read_change(struct reader *r, const char *at, size_t len)
{
	const char *equals = memchr(at, '=', len), *value, *end;
	struct cpuid_place place;
	struct cpuid_rule *rule;
	int name_len, value_len;
	uint32_t bits;
	uint64_t n;

	if (!equals)
		return device_fail(&r->spec, at, "\"%.*s\" needs a value, as avx=0", (int)len, at);
	name_len = equals - at;
	value = equals + 1;
	value_len = len - name_len - 1;
	if (!cpuid_find_name(at, name_len, &place))
		return device_fail(&r->spec, at, "unknown name \"%.*s\"", name_len, at);
	rule = take_rule(r, at, place.leaf, place.subleaf);
	if (!rule)
		return -EINVAL;
	if (value_len == 1 && is_letter(*value)) {
		cpuid_rule_unset(rule, place.reg, place.mask);
		return 0;
	}
	n = number(value, &end);
	if (!value_len || end != value + value_len || !cpuid_number_bits(&place, n, &bits))
		return bad_value(r, at, name_len, value, value_len, &place);
	cpuid_rule_set(rule, place.reg, place.mask, bits);
	return 0;
}

static int read_changes(struct reader *r)
{
	const char *at = r->spec.text + strspn(r->spec.text, " ");
	size_t len = strcspn(at, ", ");
	int rc = 0;

	if (len != 4 || memcmp(at, "host", len))
		return device_fail(&r->spec, at, "the first word must be \"host\"");
	for (at += len; *at; at += len) {
		at += strspn(at, ", ");
		len = strcspn(at, ", ");
		if (len && read_change(r, at, len))
			rc = -EINVAL;
	}
	return rc;
}

/* --- xend's form ------------------------------------------------------------------------------ */

/* "eax=" and its bits, up to *@end. */
static int read_register(struct reader *r, struct cpuid_rule *rule, const char *at, const char **end)
{
	size_t len = strcspn(at, "=,");
	int reg = 0;

	while (reg < CPUID_REGS && (len != 3 || memcmp(at, cpuid_reg_names[reg], len)))
		reg++;
	if (reg == CPUID_REGS || at[len] != '=')
		return device_fail(&r->spec, at, "expected eax=, ebx=, ecx= or edx=");
	at += len + 1;
	len = strcspn(at, ", \n");
	*end = at + len;
	if (!cpuid_rule_parse_bits(rule, (enum cpuid_reg)reg, at, len))
		return device_fail(&r->spec, at, "%s: expected %d characters, each 0, 1, x, k or s",
				   cpuid_reg_names[reg], CPUID_BITS);
	return 0;
}

static int read_registers(struct reader *r, struct cpuid_rule *rule, const char *at)
{
	int rc;

	for (;;) {
		rc = read_register(r, rule, at, &at);
		at += rc ? 0 : strspn(at, " \n");
		if (rc || !*at)
			return rc;
		if (*at != ',')
			return device_fail(&r->spec, at, "expected ',' before the next register");
		at++;
		at += strspn(at, " \n");
	}
}

/* Caches, features, topology and extended states: what the hypervisor keeps by subleaf. */
static bool has_subleaves(uint32_t leaf)
{
	return leaf == 0x4 || leaf == 0x7 || leaf == 0xb || leaf == 0xd;
}

static int read_leaf(struct reader *r)
{
	const char *text = r->spec.text, *at = text, *end;
	uint64_t leaf = number(at, &end), subleaf = CPUID_NO_SUBLEAF;
	struct cpuid_rule *rule;

	if (end == at || leaf > UINT32_MAX)
		return device_fail(&r->spec, at, "expected a leaf, as \"0x1:ecx=...\"");
	if (*end != ',' && has_subleaves(leaf))
		return device_fail(&r->spec, end, "expected a subleaf, which this leaf has, as \"0x7,0:ebx=...\"");
	if (*end == ',') {
		if (!has_subleaves(leaf))
			return device_fail(&r->spec, end, "expected ':': this leaf has no subleaves");
		at = end + 1;
		subleaf = number(at, &end);
		if (end == at || subleaf >= CPUID_NO_SUBLEAF)
			return device_fail(&r->spec, at, "expected a subleaf, as \"0x7,0:ebx=...\"");
	}
	if (*end != ':')
		return device_fail(&r->spec, end, "expected ':' before the registers");
	rule = take_rule(r, text, leaf, subleaf);
	return rule ? read_registers(r, rule, end + 1) : -EINVAL;
}

int cfg_read_cpuid(struct domain_config *config, const char *file, const struct cfg_setting *s,
		   struct cfg_report *report)
{
	const struct cfg_value *v = s->value;
	struct reader r = { .spec = { .list = s->key, .file = file, .report = report }, .config = config };
	bool list = v->type == CFG_LIST;
	int rc = 0;

	for (v = list ? v->items : v; v; v = list ? v->next : NULL) {
		r.spec.value = v;
		r.spec.text = v->string;
		if (v->type != CFG_STRING) {
			cfg_complain(report, true, file, v->line, v->column, "%s: expected %s", s->key,
				     list ? "a string for each leaf" : "a string or a list of strings");
			rc = -EINVAL;
		} else if (list ? read_leaf(&r) : read_changes(&r)) {
			rc = -EINVAL;
		}
	}
	return rc;
}
