/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths: their rules, their parts, and relative ones made absolute. */
#ifndef XENSTORE_LITE_PATH_H
#define XENSTORE_LITE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define PATH_MAX_ABSOLUTE 3072u
#define PATH_MAX_RELATIVE 2048u

/* An absolute path by the protocol's rules: characters, slashes, length. */
bool path_valid(const char *path);

/* The name of a special event, which begins with @ and otherwise looks like a path. */
bool path_valid_special(const char *path);

/*
 * Makes @path absolute below @base, into @out of PATH_MAX_ABSOLUTE + 1 bytes. Paths that begin with
 * a slash or an @ stay as they are. False if the result is too long.
 */
bool path_resolve(const char *base, const char *path, char *out);

/*
 * Goes through the parts of an absolute path: *@path at the start, or what the last call left.
 * Returns the length of the next part and sets *@part to it; 0 at the end.
 */
size_t path_next(const char **path, const char **part);

/* Length of the parent of a valid path that is not "/": at least 1, for "/" itself. */
size_t path_parent_len(const char *path);

/* Is @path the same as, or below, the first @len bytes of @above? */
bool path_is_below(const char *path, const char *above, size_t len);

#endif
