/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of the client library, one request each. */
#include "xenstore-lite/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xenstore-lite/client_talk.h"
#include "xenstore-lite/path.h"
#include "xenstore-lite/wire.h"

/* Room for a decimal number and its nul. */
#define NUMBER 24

struct xs_handle *xs_daemon_open(void)
{
	return xs_open(0);
}

struct xs_handle *xs_domain_open(void)
{
	return xs_open(0);
}

struct xs_handle *xs_daemon_open_readonly(void)
{
	return xs_open(XS_OPEN_READONLY);
}

void xs_daemon_close(struct xs_handle *h)
{
	xs_close(h);
}

static char *talk_string(struct xs_handle *h, uint32_t type, xs_transaction_t t, const char *text,
			 size_t *len)
{
	struct client_request request = {.type = type, .tx_id = t};

	client_add_string(&request, text);
	return client_talk(h, &request, len);
}

static bool do_string(struct xs_handle *h, uint32_t type, xs_transaction_t t, const char *text)
{
	struct client_request request = {.type = type, .tx_id = t};

	client_add_string(&request, text);
	return client_do(h, &request);
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Turns a block of strings into one that begins with the pointers to them; frees the first. */
static char **pointers_to(char *strings, size_t len, unsigned int *num)
{
	unsigned int count = wire_count_strings(strings, len), i;
	char **result = malloc(count * sizeof(*result) + len + 1);
	char *at;

	if (result) {
		at = memcpy(result + count, strings, len + 1);
		for (i = 0; i < count; i++, at += strlen(at) + 1)
			result[i] = at;
		*num = count;
	}
	free(strings);
	return result;
}

/* One part of a long listing; the answer begins with the directory's generation. */
static char *talk_part(struct xs_handle *h, xs_transaction_t t, const char *path, size_t offset,
		       size_t *len)
{
	struct client_request request = {.type = XS_DIRECTORY_PART, .tx_id = t};
	char number[NUMBER];

	snprintf(number, sizeof(number), "%zu", offset);
	client_add_string(&request, path);
	client_add_string(&request, number);
	return client_talk(h, &request, len);
}

/*
 * Collects a listing that is too long for one answer; starts anew if the directory changes on the
 * way. The last part ends with an empty name.
 */
static char *collect_parts(struct xs_handle *h, xs_transaction_t t, const char *path, size_t *total)
{
	char *all = NULL, *part, *more;
	char generation[NUMBER] = "";
	size_t len, skip;

	*total = 0;
	for (;;) {
		part = talk_part(h, t, path, *total, &len);
		skip = part ? strlen(part) + 1 : 0;
		if (part && (skip >= len || skip > sizeof(generation)))
			errno = EIO;
		if (!part || skip >= len || skip > sizeof(generation))
			goto fail;
		if (*total && strcmp(part, generation)) {
			*total = 0;
			free(part);
			continue;
		}
		strcpy(generation, part);
		more = realloc(all, *total + len - skip + 1);
		if (!more)
			goto fail;
		all = more;
		memcpy(all + *total, part + skip, len - skip);
		*total += len - skip;
		free(part);
		if (*total == 1 || !all[*total - 2]) {
			--*total;
			return all;
		}
	}
fail:
	free(part);
	free(all);
	return NULL;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
	size_t len;
	char *strings = talk_string(h, XS_DIRECTORY, t, path, &len);

	if (!strings && errno == E2BIG)
		strings = collect_parts(h, t, path, &len);
	return strings ? pointers_to(strings, len, num) : NULL;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	size_t size;
	char *value = talk_string(h, XS_READ, t, path, &size);

	if (value && len)
		*len = size;
	return value;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int len)
{
	struct client_request request = {.type = XS_WRITE, .tx_id = t};

	client_add_string(&request, path);
	client_add(&request, data, len);
	return client_do(h, &request);
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return do_string(h, XS_MKDIR, t, path);
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return do_string(h, XS_RM, t, path);
}

/* --- permissions ------------------------------------------------------------------------------ */

bool xs_restrict(struct xs_handle *h, unsigned int domid)
{
	(void)h;
	(void)domid;
	errno = ENOSYS;
	return false;
}

bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num, const char *strings)
{
	static const char letters[] = "nrwb";
	uint64_t id;

	for (; num; num--, perms++, strings += strlen(strings) + 1) {
		const char *letter = *strings ? strchr(letters, *strings) : NULL;

		if (!letter || !wire_number(strings + 1, UINT32_MAX, &id)) {
			errno = EINVAL;
			return false;
		}
		perms->id = id;
		perms->perms = letter - letters;
	}
	return true;
}

bool xs_perm_to_string(const struct xs_permissions *perm, char *buffer, unsigned long buf_len)
{
	unsigned int access = perm->perms & ~(unsigned int)XS_PERM_IGNORE;
	int len;

	if (access & ~(unsigned int)(XS_PERM_READ | XS_PERM_WRITE)) {
		errno = EINVAL;
		return false;
	}
	len = snprintf(buffer, buf_len, "%c%u", "nrwb"[access], perm->id);
	if (len < 0 || (unsigned long)len >= buf_len) {
		errno = ENOSPC;
		return false;
	}
	return true;
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t,
					  const char *path, unsigned int *num)
{
	size_t len;
	char *strings = talk_string(h, XS_GET_PERMS, t, path, &len);
	struct xs_permissions *perms;
	unsigned int count;

	if (!strings)
		return NULL;
	count = wire_count_strings(strings, len);
	perms = malloc(count * sizeof(*perms) + 1);
	if (perms && !xs_strings_to_perms(perms, count, strings)) {
		free(perms);
		perms = NULL;
	}
	free(strings);
	if (perms)
		*num = count;
	return perms;
}

static bool perms_text(const struct xs_permissions *perms, unsigned int count, char *text,
		       size_t size, size_t *len)
{
	*len = 0;
	for (; count; count--, perms++) {
		if (!xs_perm_to_string(perms, text + *len, size - *len))
			return false;
		*len += strlen(text + *len) + 1;
	}
	return true;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
			struct xs_permissions *perms, unsigned int num_perms)
{
	struct client_request request = {.type = XS_SET_PERMS, .tx_id = t};
	size_t size = (size_t)num_perms * NUMBER, len;
	char *text = malloc(size + 1);
	bool done = false;

	if (!text)
		return false;
	if (perms_text(perms, num_perms, text, size, &len)) {
		client_add_string(&request, path);
		client_add(&request, text, len);
		done = client_do(h, &request);
	}
	free(text);
	return done;
}

/* --- watches and transactions ----------------------------------------------------------------- */

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	struct client_request request = {.type = XS_WATCH};

	client_add_string(&request, path);
	client_add_string(&request, token);
	return client_do(h, &request);
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	size_t len;
	char *text = talk_string(h, XS_TRANSACTION_START, 0, "", &len);
	uint64_t id = 0;

	if (text && !wire_number(text, UINT32_MAX, &id))
		errno = EIO;
	free(text);
	return id;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	return do_string(h, XS_TRANSACTION_END, t, abort ? "F" : "T");
}

/* --- domains ---------------------------------------------------------------------------------- */

static bool do_domain(struct xs_handle *h, uint32_t type, unsigned int domid)
{
	char number[NUMBER];

	snprintf(number, sizeof(number), "%u", domid);
	return do_string(h, type, 0, number);
}

static char *talk_domain(struct xs_handle *h, uint32_t type, unsigned int domid)
{
	char number[NUMBER];
	size_t len;

	snprintf(number, sizeof(number), "%u", domid);
	return talk_string(h, type, 0, number, &len);
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
			 unsigned int eventchn)
{
	struct client_request request = {.type = XS_INTRODUCE};
	char number[3][NUMBER];

	snprintf(number[0], NUMBER, "%u", domid);
	snprintf(number[1], NUMBER, "%lu", mfn);
	snprintf(number[2], NUMBER, "%u", eventchn);
	client_add_string(&request, number[0]);
	client_add_string(&request, number[1]);
	client_add_string(&request, number[2]);
	return client_do(h, &request);
}

bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target)
{
	struct client_request request = {.type = XS_SET_TARGET};
	char number[2][NUMBER];

	snprintf(number[0], NUMBER, "%u", domid);
	snprintf(number[1], NUMBER, "%u", target);
	client_add_string(&request, number[0]);
	client_add_string(&request, number[1]);
	return client_do(h, &request);
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid)
{
	return do_domain(h, XS_RESUME, domid);
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid)
{
	return do_domain(h, XS_RELEASE, domid);
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
	return talk_domain(h, XS_GET_DOMAIN_PATH, domid);
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
	char *answer = talk_domain(h, XS_IS_DOMAIN_INTRODUCED, domid);
	bool is = answer && !strcmp(answer, "T");

	free(answer);
	return is;
}

bool xs_path_is_subpath(const char *parent, const char *child)
{
	return path_is_below(child, parent, strlen(parent));
}

int xs_suspend_evtchn_port(int domid)
{
	char path[64];
	struct xs_handle *h = xs_open(0);
	uint64_t port;
	char *text;
	int result = -1;

	if (!h)
		return -1;
	snprintf(path, sizeof(path), "/local/domain/%d/device/suspend/event-channel", domid);
	text = xs_read(h, XBT_NULL, path, NULL);
	if (text && wire_number(text, INT32_MAX, &port))
		result = port;
	free(text);
	xs_close(h);
	return result;
}

/* --- the daemon ------------------------------------------------------------------------------- */

char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
	struct client_request request = {.type = XS_CONTROL};
	size_t answer_len;

	client_add_string(&request, cmd);
	client_add(&request, data, len);
	return client_talk(h, &request, &answer_len);
}

char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
	return xs_control_command(h, cmd, data, len);
}

bool xs_write_all(int fd, const void *data, unsigned int len)
{
	const char *at = data;

	while (len) {
		ssize_t done = write(fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		at += done;
		len -= done;
	}
	return true;
}
