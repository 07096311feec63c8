/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs that try a store's client library all do; the library's header comes first. */
#ifndef TESTS_STORE_WORDS_H
#define TESTS_STORE_WORDS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool put(struct xs_handle *to, xs_transaction_t t, const char *path,
		       const char *value)
{
	return xs_write(to, t, path, value, strlen(value));
}

/* Does @path hold just @value? */
static inline bool reads(struct xs_handle *from, xs_transaction_t t, const char *path,
			 const char *value)
{
	unsigned int len = 0;
	char *found = xs_read(from, t, path, &len);
	bool same = found && len == strlen(value) && !strcmp(found, value);

	free(found);
	return same;
}

#endif
