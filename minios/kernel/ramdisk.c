/* SPDX-License-Identifier: MIT */
/*
 * A cpio archive in the "newc" format as read-only files.
 *
 * A member is a header of 110 characters ("070701", then 13 numbers of 8 hexadecimal digits), the
 * name with its zero byte, padding to 4, the data, padding to 4. "TRAILER!!!" ends the archive.
 * Nothing in it is trusted: every length is checked against what is left.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <minios/ramdisk.h>

#define HEADER_SIZE 110
#define FIELD_MODE  1
#define FIELD_MTIME 5
#define FIELD_SIZE  6
#define FIELD_NAME  11
#define TYPE_MASK   0170000
#define TYPE_DIR    0040000
#define TYPE_FILE   0100000

static struct ramdisk_entry *entries;
static size_t count, room;
static const struct ramdisk_entry root = { .path = "", .is_dir = true };

static bool parse_field(const char *header, int field, uint32_t *value)
{
	const char *p = header + 6 + 8 * field;
	int i, digit;

	for (*value = 0, i = 0; i < 8; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			digit = p[i] - '0';
		else if ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')
			digit = (p[i] | 0x20) - 'a' + 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static int add(const struct ramdisk_entry *e)
{
	struct ramdisk_entry *more;

	if (count == room) {
		more = realloc(entries, (room ? 2 * room : 32) * sizeof(*entries));
		if (!more)
			return -ENOMEM;
		entries = more;
		room = room ? 2 * room : 32;
	}
	entries[count++] = *e;
	return 0;
}

/* The next step of a path: skips "/" and ".", gives the length of the name. */
static const char *component(const char *path, size_t *len)
{
	for (;;) {
		while (*path == '/')
			path++;
		*len = strcspn(path, "/");
		if (*len != 1 || *path != '.')
			return path;
		path++;
	}
}

static bool same_path(const char *a, const char *b)
{
	size_t la, lb;

	do {
		a = component(a, &la);
		b = component(b, &lb);
		if (la != lb || memcmp(a, b, la))
			return false;
		a += la;
		b += lb;
	} while (la);
	return true;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* One member at p with left bytes behind it: its length, 0 at the end, or a negative errno. */
static long parse_member(const char *p, size_t left)
{
	uint32_t mode, size, name_len, mtime;
	struct ramdisk_entry e;
	size_t len, data_at;
	int ret = 0;

	if (left < HEADER_SIZE || memcmp(p, "070701", 6) || !parse_field(p, FIELD_MODE, &mode) ||
	    !parse_field(p, FIELD_SIZE, &size) || !parse_field(p, FIELD_NAME, &name_len) ||
	    !parse_field(p, FIELD_MTIME, &mtime))
		return -EINVAL;
	if (!name_len || name_len > left - HEADER_SIZE || p[HEADER_SIZE + name_len - 1])
		return -EINVAL;
	if (!strcmp(p + HEADER_SIZE, "TRAILER!!!"))
		return 0;
	data_at = align4(HEADER_SIZE + name_len);
	if (data_at > left || size > left - data_at)
		return -EINVAL;
	e = (struct ramdisk_entry){
		.path = component(p + HEADER_SIZE, &len),
		.data = p + data_at,
		.size = size,
		.is_dir = (mode & TYPE_MASK) == TYPE_DIR,
		.mtime = mtime,
	};
	if (len && (e.is_dir || (mode & TYPE_MASK) == TYPE_FILE))
		ret = add(&e);
	/* The padding of the last member may be cut off. */
	len = align4(data_at + size);
	return ret ? ret : (long)(len < left ? len : left);
}

int ramdisk_init(const void *archive, size_t size)
{
	const char *p = archive;
	long len;

	while (size) {
		len = parse_member(p, size);
		if (len <= 0)
			return len;
		p += len;
		size -= len;
	}
	/* No trailer. */
	return -EINVAL;
}

const struct ramdisk_entry *ramdisk_find(const char *path)
{
	size_t i;

	if (same_path(path, ""))
		return &root;
	for (i = 0; i < count; i++)
		if (same_path(path, entries[i].path))
			return &entries[i];
	return NULL;
}

const char *ramdisk_name(const struct ramdisk_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');

	return slash ? slash + 1 : entry->path;
}

static bool is_child(const struct ramdisk_entry *dir, const struct ramdisk_entry *e)
{
	size_t len = strlen(dir->path);
	const char *rest = e->path;

	if (len) {
		if (strncmp(e->path, dir->path, len) || e->path[len] != '/')
			return false;
		rest += len + 1;
	}
	return *rest && !strchr(rest, '/');
}

const struct ramdisk_entry *ramdisk_next(const struct ramdisk_entry *dir, size_t *cursor)
{
	while (*cursor < count)
		if (is_child(dir, &entries[(*cursor)++]))
			return &entries[*cursor - 1];
	return NULL;
}
