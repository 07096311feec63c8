/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels and ramdisks: files of the control domain, or data that a client sent ("upload:N").
 *
 * An upload belongs to its client until a domain names it, and then to the domains that do: they
 * need it again when they restart.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/inflate.h"
#include "tools/daemon/daemon.h"
#include "tools/lib/base64.h"

#define PREFIX "upload:"

static struct upload *find_upload(struct daemon *d, unsigned int id)
{
	int i;

	for (i = 0; id && i < DAEMON_MAX_UPLOADS; i++)
		if (d->uploads[i].id == id)
			return &d->uploads[i];
	return NULL;
}

static struct upload *named_upload(struct daemon *d, const char *path)
{
	if (strncmp(path, PREFIX, strlen(PREFIX)))
		return NULL;
	return find_upload(d, strtoul(path + strlen(PREFIX), NULL, 10));
}

static void drop_if_unused(struct upload *u)
{
	if (u->owner || u->users)
		return;
	buf_free(&u->data);
	memset(u, 0, sizeof(*u));
}

const char *image_name(struct daemon *d, const char *path)
{
	struct upload *u = named_upload(d, path);

	return u && u->name[0] ? u->name : path;
}

int image_load(struct daemon *d, const char *path, struct image *image)
{
	struct upload *u = named_upload(d, path);
	int rc;

	memset(image, 0, sizeof(*image));
	if (!*path)
		return 0;
	if (u) {
		image->bytes = (struct build_image){ u->data.data, u->data.len, u->name };
		return 0;
	}
	rc = plat_file_load(path, &image->file);
	if (!rc)
		image->bytes = (struct build_image){ image->file.data, image->file.len, path };
	return rc;
}

void image_release(struct image *image)
{
	if (image->file.data)
		plat_file_release(&image->file);
	memset(image, 0, sizeof(*image));
}

void image_use(struct daemon *d, const char *path)
{
	struct upload *u = named_upload(d, path);

	if (u)
		u->users++;
}

void image_unuse(struct daemon *d, const char *path)
{
	struct upload *u = named_upload(d, path);

	if (!u || !u->users)
		return;
	u->users--;
	drop_if_unused(u);
}

/* Room for what will be sent, if there is room for what becomes of it, too. */
static int reserve(struct buf *data, size_t sent, size_t unpacked)
{
	void *probe;

	data->data = malloc(sent + 1);
	probe = data->data ? malloc(unpacked + 1) : NULL;
	free(probe);
	if (!probe) {
		buf_free(data);
		return -ENOMEM;
	}
	data->cap = sent + 1;
	return 0;
}

int upload_begin(struct daemon *d, struct client *owner, const struct upload_plan *plan, unsigned int *id)
{
	bool packed = plan->sent;
	struct upload *u;
	int i, rc;

	for (i = 0; i < DAEMON_MAX_UPLOADS && d->uploads[i].id; i++)
		;
	if (i == DAEMON_MAX_UPLOADS)
		return -ENOSPC;
	if (plan->size > DAEMON_MAX_UPLOAD || plan->sent > DAEMON_MAX_UPLOAD)
		return -EFBIG;
	u = &d->uploads[i];
	rc = reserve(&u->data, packed ? plan->sent : plan->size, packed ? plan->size : 0);
	if (rc)
		return rc;
	strcpy(u->name, plan->name);
	u->owner = owner;
	*id = u->id = ++d->next_upload;
	return 0;
}

int upload_add(struct daemon *d, struct client *owner, unsigned int id, const struct json *json,
	       int value)
{
	struct upload *u = find_upload(d, id);
	struct buf text = { 0 };
	int rc;

	if (!u || u->owner != owner)
		return -ENOENT;
	rc = json_bytes(json, value, &text);
	if (!rc && u->data.len + text.len > DAEMON_MAX_UPLOAD)
		rc = -EFBIG;
	if (!rc)
		rc = base64_decode(&u->data, text.data, text.len);
	buf_free(&text);
	return rc;
}

int upload_unpack(struct daemon *d, struct client *owner, unsigned int id)
{
	struct upload *u = find_upload(d, id);
	void *data;
	size_t len;
	int rc;

	if (!u || u->owner != owner)
		return -ENOENT;
	rc = gzip_unpack(u->data.data, u->data.len, DAEMON_MAX_UPLOAD, &data, &len);
	if (rc)
		return rc;
	buf_free(&u->data);
	u->data = (struct buf){ .data = data, .len = len, .cap = len };
	return 0;
}

void uploads_drop(struct daemon *d, struct client *owner)
{
	int i;

	for (i = 0; i < DAEMON_MAX_UPLOADS; i++) {
		if (!d->uploads[i].id || d->uploads[i].owner != owner)
			continue;
		d->uploads[i].owner = NULL;
		drop_if_unused(&d->uploads[i]);
	}
}
