/* SPDX-License-Identifier: GPL-2.0-only */
/* xl dump-core: a domain's memory and registers as a file for gdb and crash. */
#include <errno.h>
#include <string.h>

#include "tools/lib/base64.h"
#include "tools/xl/xl.h"

/* A zero stands for as many as the byte after it says. */
static void unpack(struct buf *out, const char *data, size_t len)
{
	static const char zeros[256];
	size_t at;

	for (at = 0; at < len; at++) {
		if (data[at])
			buf_putc(out, data[at]);
		else if (++at < len)
			buf_add(out, zeros, (unsigned char)data[at]);
	}
}

static int get_data(const struct reply *reply, struct buf *out)
{
	struct buf text = { 0 }, packed = { 0 };
	int rc = json_bytes(&reply->json, json_get(&reply->json, reply->ok, "data"), &text);

	if (!rc)
		rc = base64_decode(&packed, text.data, text.len);
	if (!rc)
		unpack(out, packed.data, packed.len);
	if (!rc && (!out->len || out->len != reply_u64(reply, reply->ok, "length")))
		rc = -EPROTO;
	buf_free(&text);
	buf_free(&packed);
	return rc;
}

/* Writes one piece at its place: whole pages of zeros become a hole. */
static int write_piece(FILE *file, const struct reply *reply, uint64_t *at)
{
	uint64_t zeros = reply_u64(reply, reply->ok, "zeros");
	struct buf data = { 0 };
	int rc;

	*at += zeros;
	if (zeros)
		return fseek(file, zeros, SEEK_CUR) ? -errno : 0;
	rc = get_data(reply, &data);
	if (!rc && fwrite(data.data, 1, data.len, file) != data.len)
		rc = -errno;
	*at += data.len;
	buf_free(&data);
	return rc;
}

static int fetch(struct xl *xl, uint64_t core, uint64_t size, const char *path, FILE *file)
{
	struct reply reply;
	struct call call;
	uint64_t at = 0;
	int rc = 0;

	while (at < size && !rc) {
		xl_begin(xl, &call, "core-data");
		json_put_u64(&call.w, "core", core);
		json_put_u64(&call.w, "offset", at);
		if (xl_call(xl, &call, &reply))
			return XL_FAIL;
		rc = write_piece(file, &reply, &at);
		reply_free(&reply);
		if (xl->io->progress && xl->io->show_progress)
			xl->io->progress(xl->io, path, at, size);
	}
	if (!rc && fflush(file))
		rc = -errno;
	if (!rc)
		return XL_OK;
	xl_error(xl->io, "%s: %s", path, strerror(-rc));
	return XL_FAIL;
}

static int begin(struct xl *xl, const char *domain, bool kept, uint64_t *core, uint64_t *size)
{
	struct reply reply;
	struct call call;

	xl_begin(xl, &call, "dump-core");
	json_put_string(&call.w, "domain", domain);
	json_put_bool(&call.w, "kept", kept);
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	*core = reply_u64(&reply, reply.ok, "core");
	*size = reply_u64(&reply, reply.ok, "size");
	reply_free(&reply);
	return XL_OK;
}

static int end(struct xl *xl, uint64_t core)
{
	struct call call;

	xl_begin(xl, &call, "core-end");
	json_put_u64(&call.w, "core", core);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

int xl_dump_core(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = { { "kept", 'k' }, { NULL, 0 } };
	uint64_t core, size;
	struct opts opts;
	FILE *file;
	int rc = opts_parse(xl, &opts, argc, argv, "k", longs, 2);

	if (rc != XL_OK)
		return rc;
	file = fopen(opts.args[1], "wb");
	if (!file) {
		xl_error(xl->io, "%s: %s%s", opts.args[1], strerror(errno),
			xl->io->remote ? "" : "; use xl on the host, it has room for the file");
		return XL_FAIL;
	}
	rc = xl_connect(xl) ? XL_FAIL :
			      begin(xl, opts.args[0], opts_has(&opts, 'k'), &core, &size);
	if (rc == XL_OK) {
		rc = fetch(xl, core, size, opts.args[1], file);
		if (end(xl, core) != XL_OK)
			rc = XL_FAIL;
	}
	fclose(file);
	if (rc != XL_OK)
		remove(opts.args[1]);
	return rc;
}
