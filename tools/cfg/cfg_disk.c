/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The disk strings of xl-disk-configuration(5):
 *
 *	[target, [format, [vdev, [access]]]], key=value and flags anywhere, target=... last
 *
 * and the older [prefix:...]target,vdev[:devtype],access.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/cfg_devices.h"

enum disk_slot {
	DISK_TARGET, /* the first four in the order of the positions */
	DISK_FORMAT,
	DISK_VDEV,
	DISK_ACCESS,
	DISK_POSITIONS,
	DISK_DEVTYPE = DISK_POSITIONS,
	DISK_BACKEND,
	DISK_BACKENDTYPE,
	DISK_SCRIPT,
	DISK_DIRECT_IO,
	DISK_DISCARD,
	DISK_TRUSTED,
	DISK_SPECIFICATION,
};

#define MAX_DISK 0xfffff
#define MAX_PARTITION 255

/* The numbers of xen-vbd-interface(7): the old ones of xvd where they suffice. */
static long long xvd_number(unsigned int disk, unsigned int partition)
{
	if (disk < 16 && partition < 16)
		return 202 << 8 | disk << 4 | partition;
	return 1LL << 28 | disk << 8 | partition;
}

static long long sd_number(unsigned int disk, unsigned int partition)
{
	return 8 << 8 | disk << 4 | partition;
}

static long long hd_number(unsigned int disk, unsigned int partition)
{
	return (disk < 2 ? 3 : 22) << 8 | (disk & 1) << 6 | partition;
}

static const struct family {
	const char *prefix;
	unsigned int max_disk, max_partition;
	long long (*number)(unsigned int disk, unsigned int partition);
} families[] = {
	{ "xvd", MAX_DISK, MAX_PARTITION, xvd_number },
	{ "sd", 15, 15, sd_number },
	{ "hd", 3, 63, hd_number },
};

/* What follows the prefix: letters, of which "a" to "z" come before "aa", then the partition. */
static long long lettered(const struct family *f, const char *at)
{
	long long disk = 0, partition = 0;
	const char *start = at;
	char *end = NULL;

	for (; *at >= 'a' && *at <= 'z'; at++) {
		disk = disk * 26 + (*at - 'a' + 1);
		if (disk > f->max_disk + 1)
			return -1;
	}
	if (at == start)
		return -1;
	if (*at) {
		partition = device_number(at, &end, f->max_partition);
		if (*at == '0' || partition < 0 || *end)
			return -1;
	}
	return f->number(disk - 1, partition);
}

/* dXpY */
static long long numbered(const char *at)
{
	long long disk, partition;
	char *end;

	disk = device_number(at, &end, MAX_DISK);
	if (disk < 0 || *end != 'p')
		return -1;
	partition = device_number(end + 1, &end, MAX_PARTITION);
	return partition < 0 || *end ? -1 : xvd_number(disk, partition);
}

/* A number as the guest sees it, decimal or hexadecimal. */
static long long plain_number(const char *vdev)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(vdev, &end, 0);
	return errno || *end || n > 0x1fffffff ? -1 : (long long)n;
}

static long long vdev_number(const char *vdev)
{
	size_t i, len;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		len = strlen(families[i].prefix);
		if (!strncmp(vdev, families[i].prefix, len))
			return lettered(&families[i], vdev + len);
	}
	if (*vdev == 'd')
		return numbered(vdev + 1);
	return isdigit((unsigned char)*vdev) ? plain_number(vdev) : -1;
}

static bool is_vdev(const char *value)
{
	return vdev_number(value) >= 0;
}

#define COLO(name) { name, KEY_REFUSED, 0, "there is no COLO", NULL }

static const struct device_key disk_keys[] = {
	[DISK_TARGET] = { "target", KEY_VALUE, DISK_TARGET, "a path", device_is_text },
	[DISK_FORMAT] = { "format", KEY_VALUE, DISK_FORMAT, "raw, qcow, qcow2, vhd, qed", NULL },
	[DISK_VDEV] = { "vdev", KEY_VALUE, DISK_VDEV,
			"a virtual device, as xvda, sda1, hda, d0p1 or a number", is_vdev },
	[DISK_ACCESS] = { "access", KEY_VALUE, DISK_ACCESS, "ro, r, rw, w", NULL },
	{ "devtype", KEY_VALUE, DISK_DEVTYPE, "cdrom, disk", NULL },
	{ "cdrom", KEY_FLAG, DISK_DEVTYPE, NULL, NULL },
	{ "backend", KEY_VALUE, DISK_BACKEND, "a domain's name", device_is_domain },
	{ "backendtype", KEY_VALUE, DISK_BACKENDTYPE, "phy, qdisk, standalone", NULL },
	{ "script", KEY_VALUE, DISK_SCRIPT, "a script's name", device_is_text },
	{ "direct-io-safe", KEY_FLAG, DISK_DIRECT_IO, NULL, NULL },
	{ "discard", KEY_FLAG, DISK_DISCARD, NULL, NULL },
	{ "no-discard", KEY_FLAG, DISK_DISCARD, NULL, NULL },
	{ "trusted", KEY_FLAG, DISK_TRUSTED, NULL, NULL },
	{ "untrusted", KEY_FLAG, DISK_TRUSTED, NULL, NULL },
	{ "specification", KEY_VALUE, DISK_SPECIFICATION, "xen, virtio", NULL },
	COLO("colo"),
	COLO("colo-host"),
	COLO("colo-port"),
	COLO("colo-export"),
	COLO("active-disk"),
	COLO("hidden-disk"),
	{ 0 },
};

/* Deprecated prefixes of the target: some say what a key says, the others nothing any more. */
static const struct {
	const char *prefix;
	int slot; /* that gets @value, or -1 */
	const char *value;
} prefixes[] = {
	{ "raw:", DISK_FORMAT, "raw" },	    { "qcow:", DISK_FORMAT, "qcow" },
	{ "qcow2:", DISK_FORMAT, "qcow2" }, { "vhd:", DISK_FORMAT, "vhd" },
	{ "iscsi:", DISK_SCRIPT, "iscsi" }, { "nbd:", DISK_SCRIPT, "nbd" },
	{ "enbd:", DISK_SCRIPT, "enbd" },   { "drbd:", DISK_SCRIPT, "drbd" },
	{ "tapdisk:", -1, NULL },	    { "tap2:", -1, NULL },
	{ "tap:", -1, NULL },		    { "aio:", -1, NULL },
	{ "ioemu:", -1, NULL },		    { "file:", -1, NULL },
	{ "phy:", -1, NULL },
};

/* Takes one prefix off *@at: 1 when there was one, 0, or -EINVAL. */
static int take_prefix(struct device_spec *spec, char **at)
{
	size_t i, len;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const char **given;
		const char *what = prefixes[i].slot == DISK_FORMAT ? "format" : "script";

		len = strlen(prefixes[i].prefix);
		if (strncmp(*at, prefixes[i].prefix, len))
			continue;
		spec->old_syntax = true;
		if (prefixes[i].slot >= 0) {
			given = &spec->given[prefixes[i].slot];
			if (*given && **given)
				return device_fail(spec, *at, "%s given twice, as prefix %s", what,
						   prefixes[i].prefix);
			*given = prefixes[i].value;
		}
		*at += len;
		return 1;
	}
	return 0;
}

static int give_target(struct device_spec *spec, char *at)
{
	int rc;

	do
		rc = take_prefix(spec, &at);
	while (rc > 0);
	return rc ? rc : device_give(spec, &disk_keys[DISK_TARGET], at, at);
}

/* "hdc:cdrom" of the older form. */
static int give_vdev(struct device_spec *spec, char *at)
{
	char *colon = strchr(at, ':');
	int rc;

	if (colon) {
		spec->old_syntax = true;
		*colon = '\0';
		rc = device_give(spec, device_find_key(&disk_list, "devtype"), colon + 1, colon + 1);
		if (rc)
			return rc;
	}
	return device_give(spec, &disk_keys[DISK_VDEV], at, at);
}

/* The older form may leave the format out altogether. */
static bool skips_format(const struct device_spec *spec, const char *at)
{
	if (strchr(at, ':'))
		return true;
	return spec->old_syntax && *at &&
	       !device_is_choice(disk_keys[DISK_FORMAT].expected, at);
}

/* The next position that nothing was said about. */
static int disk_positional(struct device_spec *spec, char *at)
{
	unsigned int slot = DISK_TARGET;

	while (slot < DISK_POSITIONS && spec->given[slot])
		slot++;
	if (slot == DISK_FORMAT && skips_format(spec, at))
		slot = spec->given[DISK_VDEV] ? DISK_ACCESS : DISK_VDEV;
	if (slot == DISK_TARGET)
		return give_target(spec, at);
	if (slot == DISK_VDEV)
		return give_vdev(spec, at);
	if (slot < DISK_POSITIONS)
		return device_give(spec, &disk_keys[slot], at, at);
	return *at ? device_fail(spec, at, "\"%s\" is one parameter too many", at) : 0;
}

static bool is(const struct device_spec *spec, enum disk_slot slot, const char *value)
{
	return spec->given[slot] && !strcmp(spec->given[slot], value);
}

static bool has(const struct device_spec *spec, enum disk_slot slot)
{
	return spec->given[slot] && *spec->given[slot];
}

static int disk_whole(struct device_spec *spec)
{
	bool native = is(spec, DISK_BACKENDTYPE, "phy") || is(spec, DISK_BACKENDTYPE, "standalone");

	if (!has(spec, DISK_VDEV))
		return device_fail(spec, spec->text, "vdev: missing");
	if (!has(spec, DISK_TARGET) && !is(spec, DISK_DEVTYPE, "cdrom"))
		return device_fail(spec, spec->text, "target: missing, only a cdrom may be empty");
	if (native && has(spec, DISK_FORMAT) && !is(spec, DISK_FORMAT, "raw"))
		return device_fail(spec, spec->given[DISK_BACKENDTYPE],
				   "backendtype: %s supports only format=raw",
				   spec->given[DISK_BACKENDTYPE]);
	if (is(spec, DISK_BACKENDTYPE, "standalone") && !is(spec, DISK_SPECIFICATION, "virtio"))
		return device_fail(spec, spec->given[DISK_BACKENDTYPE],
				   "backendtype: standalone needs specification=virtio");
	return 0;
}

static long long disk_identity(const struct device_spec *spec)
{
	return vdev_number(spec->given[DISK_VDEV]);
}

const struct device_list disk_list = {
	.keys = disk_keys,
	.positional = disk_positional,
	.whole = disk_whole,
	.last = "target",
	.identity = disk_identity,
	.identity_name = "vdev",
};
