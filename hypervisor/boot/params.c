/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's command line: one table of options, with Xen's names and meaning. */
#include "hypervisor/boot/params.h"

#include "hypervisor/arch/console.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/boot/dom0.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/linear.h"
#include "hypervisor/services/time_source.h"

u32 opt_maxcpus;
u32 opt_watchdog;
u32 opt_dom0_max_vcpus;
struct dom0_mem opt_dom0_mem;

/* What follows "name=" (empty for a bare name), or "no" for "no-name"; false: makes no sense. */
typedef bool (*param_fn)(const char *value, void *target, size_t size);

static bool set_string(const char *value, void *target, size_t size)
{
	return str_copy(target, value, size) < size;
}

static bool set_flag(const char *value, void *target, size_t size)
{
	static const char *const yes[] = { "", "1", "on", "yes", "true", "enable" };
	static const char *const no[] = { "0", "off", "no", "false", "disable" };

	(void)size;
	for (unsigned i = 0; i < ARRAY_SIZE(yes); i++)
		if (!strcmp(value, yes[i]))
			return *(bool *)target = true;
	for (unsigned i = 0; i < ARRAY_SIZE(no); i++)
		if (!strcmp(value, no[i])) {
			*(bool *)target = false;
			return true;
		}
	return false;
}

static bool set_number(const char *value, void *target, size_t size)
{
	const char *end;
	u64 n = str_to_u64(value, &end, 0);

	(void)size;
	if (end == value || *end || n > ~0u)
		return false;
	*(u32 *)target = (u32)n;
	return true;
}

/* As Xen: a size without a suffix counts KiB. */
static bool set_size(const char *value, void *target, size_t size)
{
	const char *end;
	u64 n = str_to_size(value, &end, KiB(1));

	(void)size;
	if (end == value || *end)
		return false;
	*(u64 *)target = n;
	return true;
}

/* "4-8" asks for a range: the upper end counts. */
static bool set_vcpus(const char *value, void *target, size_t size)
{
	const char *dash = strchr(value, '-');

	return set_number(dash ? dash + 1 : value, target, size);
}

static int level_number(const char *name, size_t len)
{
	static const char *const names[] = { "none", "error", "warning", "info", "debug" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && !strncmp(name, names[i], len))
			return i;
	return len == 3 && !strncmp(name, "all", 3) ? 4 : -1;
}

/* LEVEL, or LOWER/UPPER: messages between the two are limited in their rate. */
static bool set_loglevel(const char *value, void *target, size_t size)
{
	const char *slash = strchr(value, '/');
	int always = level_number(value, slash ? (size_t)(slash - value) : strlen(value));
	int limited = slash ? level_number(slash + 1, strlen(slash + 1)) : always;

	(void)size;
	if (always < 0 || limited < 0)
		return false;
	*(struct log_threshold *)target = (struct log_threshold){ always, MAX(always, limited) };
	return true;
}

/* [-]SIZE, up to @end; negative: all memory but that much. */
static bool parse_amount(const char *s, const char **end, s64 *amount)
{
	bool negative = *s == '-';
	u64 n = str_to_size(s + negative, end, KiB(1));

	if (*end == s + negative || n > INT64_MAX)
		return false;
	*amount = negative ? -(s64)n : (s64)n;
	return true;
}

static bool set_dom0_mem(const char *value, void *target, size_t size)
{
	struct dom0_mem mem = { 0 };

	(void)size;
	for (;;) {
		s64 *field = &mem.size;

		if (str_starts(value, "min:"))
			field = &mem.min;
		else if (str_starts(value, "max:"))
			field = &mem.max;
		if (field != &mem.size)
			value += 4;
		if (!parse_amount(value, &value, field))
			return false;
		if (*value != ',')
			break;
		value++;
	}
	if (*value)
		return false;
	*(struct dom0_mem *)target = mem;
	return true;
}

/* A bare "watchdog" means Xen's five seconds. */
static bool set_watchdog(const char *value, void *target, size_t size)
{
	bool on = false;

	if (str_starts(value, "force"))
		value = "";
	if (!set_flag(value, &on, size))
		return false;
	*(u32 *)target = on ? 5 : 0;
	return true;
}

#define PARAM(name, set, target)	{ name, set, &(target), sizeof(target) }

static const struct param {
	const char *name;
	param_fn set;
	void *target;
	size_t size;
} params[] = {
	PARAM("console", set_string, opt_console),
	PARAM("com1", set_string, opt_com[0]),
	PARAM("com2", set_string, opt_com[1]),
	PARAM("sync_console", set_flag, opt_sync_console),
	PARAM("conring_size", set_size, opt_conring_size),
	PARAM("loglvl", set_loglevel, opt_loglvl),
	PARAM("guest_loglvl", set_loglevel, opt_guest_loglvl),
	PARAM("noreboot", set_flag, opt_noreboot),
	PARAM("watchdog", set_watchdog, opt_watchdog),
	PARAM("watchdog_timeout", set_number, opt_watchdog),
	PARAM("clocksource", set_string, opt_clocksource),
	PARAM("maxcpus", set_number, opt_maxcpus),
	PARAM("dom0_max_vcpus", set_vcpus, opt_dom0_max_vcpus),
	PARAM("dom0_mem", set_dom0_mem, opt_dom0_mem),
	PARAM("pv-linear-pt", set_flag, opt_pv_linear_pt),
};

static const struct param *find(const char *name, size_t len)
{
	for (unsigned i = 0; i < ARRAY_SIZE(params); i++)
		if (strlen(params[i].name) == len && !strncmp(params[i].name, name, len))
			return &params[i];
	return NULL;
}

static void parse_word(const char *word)
{
	const char *equals = strchr(word, '='), *value = equals ? equals + 1 : "";
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct param *param = find(word, len);

	/* "no-watchdog" is "watchdog=no", where a plain word of that name does not exist. */
	if (!param && !equals && str_starts(word, "no-")) {
		param = find(word + 3, len - 3);
		value = "no";
	}
	if (!param)
		log_warn("command line: unknown option \"%s\"", word);
	else if (!param->set(value, param->target, param->size))
		log_warn("command line: \"%s\" makes no sense", word);
}

void params_parse(const char *cmdline)
{
	char word[128];

	while (*cmdline) {
		size_t n = 0;

		while (*cmdline == ' ' || *cmdline == '\t')
			cmdline++;
		for (; *cmdline && *cmdline != ' ' && *cmdline != '\t'; cmdline++)
			if (n + 1 < sizeof(word))
				word[n++] = *cmdline;
		word[n] = '\0';
		if (n)
			parse_word(word);
	}
}
