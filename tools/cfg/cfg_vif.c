/* SPDX-License-Identifier: GPL-2.0-only */
/* The vif strings of xl-network-configuration(5): key=value and flags, all optional. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "tools/cfg/cfg_devices.h"

enum vif_slot {
	VIF_MAC,
	VIF_BRIDGE,
	VIF_GATEWAYDEV,
	VIF_TYPE,
	VIF_MODEL,
	VIF_VIFNAME,
	VIF_SCRIPT,
	VIF_IP,
	VIF_BACKEND,
	VIF_RATE,
	VIF_DEVID,
	VIF_ACCEL,
	VIF_MTU,
	VIF_TRUSTED,
};

#define MAX_DEVID 65535

static bool is_mac(const char *value)
{
	int i;

	for (i = 0; i < 17; i++)
		if (i % 3 == 2 ? value[i] != ':' : !isxdigit((unsigned char)value[i]))
			return false;
	/* An odd first byte is a group's address, not a card's. */
	return !value[17] && !strchr("13579bBdDfF", value[1]);
}

/* A network interface as Linux lets it be named. */
static bool is_interface(const char *value)
{
	return strlen(value) < 16 && device_is_domain(value) && strcmp(value, ".") &&
	       strcmp(value, "..");
}

static bool is_model(const char *value)
{
	for (; *value; value++)
		if (!isalnum((unsigned char)*value) && !strchr("-_.", *value))
			return false;
	return true;
}

/* Both end at @end, or where they are no address: NULL. */
static const char *ipv4(const char *at)
{
	char *end;
	int i;

	for (i = 0; i < 4; i++, at = end) {
		if (i && *at++ != '.')
			return NULL;
		if (device_number(at, &end, 255) < 0)
			return NULL;
	}
	return at;
}

static const char *ipv6(const char *at)
{
	bool gap = false;
	int groups = 0;
	size_t len;

	if (*at == ':' && at[1] != ':')
		return NULL;
	for (;;) {
		if (!strncmp(at, "::", 2)) {
			if (gap)
				return NULL;
			gap = true;
			at += 2;
		} else if (groups && *at == ':') {
			at++;
			if (!isxdigit((unsigned char)*at))
				return NULL;
		}
		len = strspn(at, "0123456789abcdefABCDEF");
		if (!len)
			break;
		if (len > 4 || ++groups > 8)
			return NULL;
		at += len;
		if (*at != ':')
			break;
	}
	return (gap ? groups < 8 : groups == 8) ? at : NULL;
}

static const char *address(const char *at)
{
	const char *end = ipv4(at);
	int bits = end ? 32 : 128;
	char *after;

	if (!end)
		end = ipv6(at);
	if (!end || *end != '/')
		return end;
	return device_number(end + 1, &after, bits) < 0 ? NULL : after;
}

static bool is_addresses(const char *value)
{
	do {
		value = address(value + strspn(value, " "));
		if (!value || (*value && *value != ' '))
			return false;
	} while (value[strspn(value, " ")]);
	return true;
}

/* "@20ms": microseconds without a unit. */
static bool is_interval(const char *at)
{
	static const struct {
		const char *unit;
		long long us;
	} units[] = { { "", 1 }, { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	char *end;
	long long n = device_number(at, &end, UINT32_MAX);
	size_t i;

	for (i = 0; n > 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].unit))
			return n * units[i].us <= UINT32_MAX;
	return false;
}

/* "10Mb/s", "1MB/s@20ms" */
static bool is_rate(const char *value)
{
	char *end;

	if (device_number(value, &end, UINT32_MAX) <= 0)
		return false;
	if (*end && strchr("GMK", *end))
		end++;
	if (*end != 'B' && *end != 'b')
		return false;
	if (strncmp(end + 1, "/s", 2))
		return false;
	return !end[3] || (end[3] == '@' && is_interval(end + 4));
}

static bool is_devid(const char *value)
{
	char *end;

	return device_number(value, &end, MAX_DEVID) >= 0 && !*end;
}

static bool is_mtu(const char *value)
{
	char *end;

	return device_number(value, &end, 65535) >= 68 && !*end;
}

static const struct device_key vif_keys[] = {
	{ "mac", KEY_VALUE, VIF_MAC, "the MAC address of a card, as 00:16:3e:01:02:03", is_mac },
	{ "bridge", KEY_VALUE, VIF_BRIDGE, "an interface's name", is_interface },
	{ "gatewaydev", KEY_VALUE, VIF_GATEWAYDEV, "an interface's name", is_interface },
	{ "netdev", KEY_VALUE, VIF_GATEWAYDEV, "an interface's name", is_interface },
	{ "type", KEY_VALUE, VIF_TYPE, "ioemu, vif", NULL },
	{ "model", KEY_VALUE, VIF_MODEL, "a model, as rtl8139 or e1000", is_model },
	{ "vifname", KEY_VALUE, VIF_VIFNAME, "an interface's name", is_interface },
	{ "script", KEY_VALUE, VIF_SCRIPT, "a script's name", device_is_text },
	{ "ip", KEY_VALUE, VIF_IP, "a list of IP addresses, separated by blanks", is_addresses },
	{ "backend", KEY_VALUE, VIF_BACKEND, "a domain's name", device_is_domain },
	{ "rate", KEY_VALUE, VIF_RATE, "a rate, as 10Mb/s or 1MB/s@20ms", is_rate },
	{ "devid", KEY_VALUE, VIF_DEVID, "a number up to 65535", is_devid },
	{ "accel", KEY_VALUE, VIF_ACCEL, "a name", device_is_text },
	{ "mtu", KEY_VALUE, VIF_MTU, "a number between 68 and 65535", is_mtu },
	{ "trusted", KEY_EITHER, VIF_TRUSTED, "0, 1, trusted", NULL },
	{ "untrusted", KEY_FLAG, VIF_TRUSTED, NULL, NULL },
	{ "forwarddev", KEY_REFUSED, 0, "there is no COLO", NULL },
	{ 0 },
};

static long long vif_identity(const struct device_spec *spec)
{
	const char *devid = spec->given[VIF_DEVID];
	char *end;

	return devid && *devid ? device_number(devid, &end, MAX_DEVID) : -1;
}

const struct device_list vif_list = {
	.keys = vif_keys,
	.identity = vif_identity,
	.identity_name = "devid",
};
