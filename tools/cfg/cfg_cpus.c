/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs as text: "0-3,^1". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/domain_config.h"

/* One range of "0-3,^1,5": numbers, "all", or of the one node that there is. */
static int cpu_range(uint64_t *mask, const char *text)
{
	bool remove = *text == '^';
	unsigned long low, high;
	uint64_t bits = 0;
	char *end;

	if (remove)
		text++;
	if (!strcmp(text, "all") || !strcmp(text, "node:0") || !strcmp(text, "nodes:0")) {
		low = 0;
		high = DOMAIN_MAX_CPUS - 1;
	} else {
		low = high = strtoul(text, &end, 10);
		if (end == text)
			return -EINVAL;
		if (*end == '-') {
			text = end + 1;
			high = strtoul(text, &end, 10);
			if (end == text)
				return -EINVAL;
		}
		if (*end || high < low || high >= DOMAIN_MAX_CPUS)
			return -EINVAL;
	}
	for (; low <= high; low++)
		bits |= 1ULL << low;
	*mask = remove ? *mask & ~bits : *mask | bits;
	return 0;
}

int domain_parse_cpus(const char *text, uint64_t *mask)
{
	char part[32];
	size_t len;
	int rc;

	for (;; text += len + 1) {
		text += strspn(text, " ");
		len = strcspn(text, ",");
		if (len >= sizeof(part))
			return -EINVAL;
		memcpy(part, text, len);
		while (len && part[len - 1] == ' ')
			part[--len] = '\0';
		part[len] = '\0';
		rc = cpu_range(mask, part);
		len = strcspn(text, ",");
		if (rc || !text[len])
			return rc;
	}
}
