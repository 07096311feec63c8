/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules and parts of paths. */
#include "xenstore-lite/path.h"

#include <string.h>

static bool valid_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '@';
}

/* What follows the first character of a path or of a special watch's name. */
static bool valid_rest(const char *path)
{
	const char *p;

	for (p = path + 1; *p; p++) {
		if (*p == '/' ? p[-1] == '/' : !valid_char(*p))
			return false;
	}
	return p[-1] != '/' && (size_t)(p - path) <= PATH_MAX_ABSOLUTE;
}

bool path_valid(const char *path)
{
	return path[0] == '/' && (!path[1] || valid_rest(path));
}

bool path_valid_special(const char *path)
{
	return path[0] == '@' && valid_rest(path) && strlen(path) <= PATH_MAX_RELATIVE;
}

bool path_resolve(const char *base, const char *path, char *out)
{
	size_t base_len = 0, len = strlen(path);

	if (path[0] != '/' && path[0] != '@') {
		if (len > PATH_MAX_RELATIVE)
			return false;
		base_len = strlen(base);
		if (base_len + 1 + len > PATH_MAX_ABSOLUTE)
			return false;
		memcpy(out, base, base_len);
		out[base_len++] = '/';
	}
	if (base_len + len > PATH_MAX_ABSOLUTE)
		return false;
	memcpy(out + base_len, path, len + 1);
	return true;
}

size_t path_next(const char **path, const char **part)
{
	const char *p = *path;
	const char *end;

	if (*p == '/')
		p++;
	end = p;
	while (*end && *end != '/')
		end++;
	*part = p;
	*path = end;
	return end - p;
}

size_t path_parent_len(const char *path)
{
	size_t len = strrchr(path, '/') - path;

	return len ? len : 1;
}

bool path_is_below(const char *path, const char *above, size_t len)
{
	if (len == 1 && above[0] == '/')
		return path[0] == '/';
	return !strncmp(path, above, len) && (path[len] == '/' || !path[len]);
}
